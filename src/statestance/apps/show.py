"""What the terminal shows: predictions, tallies, metrics, and the account of what was read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from statestance.domain import Prediction
from statestance.stance import NO_STANCE, Stance

if TYPE_CHECKING:
    from statestance.apps.predicting import Account
    from statestance.correction import Corrected
    from statestance.tally import Claim, Joint, Tally


@dataclass(frozen=True, slots=True)
class _Look:
    sign: str
    colour: str


# The sign says what the colour says, for those who do not see it and for files.
_LOOKS = {
    Stance.SUPPORTIVE: _Look("+", "green"),
    Stance.MIXED: _Look("±", "yellow"),
    Stance.CRITICAL: _Look("−", "red"),
    None: _Look("?", "dim"),
}
_OUTCOMES = {str(stance or NO_STANCE): look.sign for stance, look in _LOOKS.items()}


class Terminal(Console):
    """A console that leaves a reader who stops early to the command line, which ends in silence."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def plain(text: str) -> Text:
    """Text from a file: no markup is read in it and no control character reaches the terminal."""
    return Text("".join(c if c.isprintable() else " " for c in text))


def _table(*columns: str) -> Table:
    return Table(*columns, box=box.SIMPLE_HEAD, collapse_padding=True, pad_edge=False)


def listed(console: Console, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a plain table."""
    table = _table(*columns)
    for row in rows:
        table.add_row(*map(plain, row))
    console.print(table)


def _heading(console: Console, title: str) -> None:
    console.print(plain(title), style="bold", soft_wrap=True)


def _stance(stance: Stance | None, otherwise: str = "") -> Text:
    look = _LOOKS[stance]
    return Text(f"{look.sign} {stance or otherwise}", style=look.colour)


def _cut(text: str, room: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= room else text[: room - 1] + "…"


def _evidence(prediction: Prediction, room: int) -> Text:
    """The first sentence of praise and of concern; without marks the start of the text; cut to ``room``."""
    one, marks = prediction.intervention, prediction.marks
    lines = []
    for look, numbers in (
        (_LOOKS[Stance.SUPPORTIVE], marks.praise if marks else ()),
        (_LOOKS[Stance.CRITICAL], marks.concern if marks else ()),
    ):
        if numbers:
            sentence = _cut(one.sentence_texts[numbers[0]], room - 2)
            lines.append(Text(f"{look.sign} ", style=look.colour).append_text(plain(sentence)))
    return Text("\n").join(lines) if lines else plain(_cut(one.text, room))


_SPEAKER = 24


def predictions(console: Console, rows: Sequence[Prediction], *, sets: bool = False) -> None:
    """Print a line or two of a table for every prediction; with ``sets`` what cannot be ruled out too."""
    several = len({p.intervention.debate for p in rows}) > 1
    table = _table()
    table.add_column("Speaker", max_width=_SPEAKER)
    for name in ("Stance", "Conf.", *(("Possible",) if sets else ())):
        table.add_column(name, no_wrap=True)
    table.add_column("Evidence", ratio=1)
    speakers = [_speaker(p, several) for p in rows]
    stances = [_stance(p.stance, p.abstain_reason) for p in rows]
    # What the other columns, and the space beside each, leave.
    possible = [Text(" ".join(_OUTCOMES[o] for o in p.prediction_set) or "–") for p in rows] if sets else []
    used = min(_SPEAKER, max((len(s) for s in speakers), default=0)) + max((len(s) for s in stances), default=0)
    used += max(10, max(len(s) for s in possible) + 2) if possible else 0
    room = 2 * max(20, console.width - used - 13)  # two lines a sentence
    for number, (p, speaker, stance) in enumerate(zip(rows, speakers, stances, strict=True)):
        confidence = "" if p.intervention.left_out else f"{p.confidence:.2f}"
        table.add_row(speaker, stance, confidence, *possible[number : number + 1], _evidence(p, room))
    console.print(table)
    if sets:
        signs = ", ".join(f"{sign} {outcome}" for outcome, sign in _OUTCOMES.items())
        note = f"possible: what cannot be ruled out, likeliest first ({signs}); – no outcome is as likely as is usual"
        console.print(note, highlight=False, markup=False, soft_wrap=True)


def _widest(cells: Sequence[Text]) -> int:
    return max((cell.cell_len for cell in cells), default=0)


def _speaker(prediction: Prediction, several: bool) -> Text:
    one = prediction.intervention
    name = one.speaker or "(unnamed)"
    if one.on_behalf_of:
        name += f" for {one.on_behalf_of}"
    return plain(f"{one.debate}: {name}" if several else name)


def tallies(console: Console, rows: Sequence[Prediction], title: str = "", joint: Joint = "one") -> Tally:
    """Print the tally of predictions, after one line for each debate if there are several; return it."""
    from statestance.tally import tally

    debates: dict[str, list[Prediction]] = {}
    for p in rows:
        debates.setdefault(p.intervention.debate, []).append(p)
    if len(debates) > 1:
        lines = _table("Debate", "States", *(str(s) for s in Stance), "no stance")
        for name, several in debates.items():
            one = tally(several, joint)
            counts = [one.states, *(one.by_state[s].counted for s in Stance), one.undecided]
            lines.add_row(plain(name), *map(str, counts))
        console.print(lines)
    whole = tally(rows, joint)
    _tally(console, whole, title)
    return whole


def _tally(console: Console, one: Tally, title: str) -> None:
    debates = f"{one.debates} debates, " if one.debates > 1 else ""
    heading = f"{title + ': ' if title else ''}{debates}{one.states} States, {one.interventions} interventions"
    _heading(console, heading)
    table = _table("Stance", "States", "90 %", "Interventions", "90 %")
    for stance in Stance:
        states, turns = one.by_state[stance], one.by_intervention[stance]
        table.add_row(
            _stance(stance),
            str(states.counted),
            f"{states.low} to {states.high}",
            str(turns.counted),
            f"{turns.low} to {turns.high}",
        )
    table.add_row(_stance(None, "no stance given"), str(one.undecided), "", str(sum(one.abstained.values())), "")
    console.print(table)
    note = "90 %: from the probabilities of all texts, those without a stance among them"
    console.print(note, highlight=False, soft_wrap=True)
    if one.abstained:
        console.print("abstained: " + _listed(one.abstained), highlight=False, markup=False)
    if one.by_group:
        groups = _table("States by regional group", *(str(s) for s in Stance), "no stance")
        for name, counts in one.by_group.items():
            groups.add_row(name, *map(str, counts.values()))
        console.print(groups)


def corrected(console: Console, as_it_is: Tally, found: Corrected) -> None:
    """Print the counts as they were counted, as the probabilities expect them, and corrected."""
    name = found.method.upper()
    for what, before, after in (
        ("States", as_it_is.by_state, found.by_state),
        ("Interventions", as_it_is.by_intervention, found.by_intervention),
    ):
        table = _table(what, "counted", "expected", "90 %", f"corrected ({name})", "90 %")
        for stance in Stance:
            cells = [str(before[stance].counted)]
            for count in (before[stance], after[stance]):
                cells += [f"{count.expected:.1f}", f"{count.low} to {count.high}"]
            table.add_row(_stance(stance), *cells)
        console.print(table)
    note = f"corrected: by {name}, for the mix of stances of the debate; 90 %: from resampled interventions"
    small = f"; {found.as_it_is} debates too small to be corrected" if found.as_it_is else ""
    console.print(note + small, highlight=False, soft_wrap=True)


def themes(console: Console, rows: Sequence[Prediction]) -> None:
    """Print what was praised and what raised concern, by theme; nothing for a model that marks no sentences."""
    from statestance.themes import tally_themes

    found = tally_themes(rows)
    if not found.sentences:
        return
    table = _table("States by theme", "− concern", "+ praise")
    for one in found.counts:
        table.add_row(one.theme.name, str(one.concern), str(one.praise))
    console.print(table)
    note = f"themes: by a lexicon; {found.unassigned} of {found.sentences} evidence sentences have none"
    console.print(note, highlight=False, soft_wrap=True)


def claims(console: Console, found: Iterable[Claim]) -> None:
    """Print a claimed count beside ours."""
    table = _table("Claimed", "", "Counted States", "90 %", "Claim")
    for c in found:
        verdict = Text("inside", style="green") if c.inside else Text("outside", style="red")
        interval = f"{c.count.low} to {c.count.high}"
        table.add_row(str(c.claimed), _stance(c.stance), str(c.count.counted), interval, verdict)
    console.print(table)


def account(console: Console, read: Account, model: str) -> None:
    """Print what was read, kept and left out and why, and the model."""
    for name, file in read.files.items():
        debates = f"{len(file.debates)} debates, " if len(file.debates) > 1 else ""
        targets = ", ".join(sorted(file.targets)[:3]) + (", …" if len(file.targets) > 3 else "")
        gone = f"; left out {file.left_out.total()}: {_listed(file.left_out)}" if file.left_out else ""
        layouts = "/".join(sorted(file.layouts))
        head = f"{name}: layout {layouts}, State under review {targets}"
        line = f"{head}; {debates}kept {file.kept} interventions{gone}"
        console.print(plain(line), soft_wrap=True)
    if read.abstained:
        console.print(plain(f"abstained from {read.abstained.total()}: {_listed(read.abstained)}"), soft_wrap=True)
    console.print(plain(f"model: {model}"), soft_wrap=True)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} × {what}" for what, count in sorted(counts.items(), key=lambda x: (-x[1], x[0])))


_LONG = ("slices", "confusion")
"""Parts of the metrics that are for the file, not for the terminal."""


def metrics(console: Console, values: Mapping[str, Any], title: str) -> None:
    """Print nested metrics, a table for each part (all rows, each split) and a line for each figure."""
    _heading(console, title)
    for part, figures in values.items():
        table = _table(part, "value", "95 % interval")
        for name, value in _flat(figures, ""):
            if isinstance(value, Mapping):
                interval = f"{_figure(value['low'])} to {_figure(value['high'])}"
                table.add_row(plain(name), _figure(value["value"]), interval)
            else:
                table.add_row(plain(name), _figure(value), "")
        console.print(table)


def _flat(values: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and not {"value", "low", "high"} <= value.keys():
            if key not in _LONG:
                yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def _figure(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)
