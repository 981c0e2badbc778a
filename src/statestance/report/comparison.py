"""Several debates on one State: how the stance of each State moved from one to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from statestance.domain import Prediction, StatestanceError
from statestance.report import html, wording
from statestance.report.content import Facts, Report, build, region
from statestance.report.figures import Choices, Line, of_states
from statestance.stance import NO_STANCE, Stance
from statestance.tally import Joint, Position, Tally

_HEIGHT = {Stance.CRITICAL: 0, Stance.MIXED: 1, Stance.SUPPORTIVE: 2}
PRAISE, CONCERN, SAME, ONCE = "towards praise", "towards concern", "unchanged", "one stance only"
RETURNED = "moved and returned"
_ARROWS = {CONCERN: "↓", RETURNED: "↔", SAME: "=", PRAISE: "↑", ONCE: "·"}
"""Every move, in the order in which they are sorted; of one stance there is no move to sort by."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A speaker's stance in one debate, with the probability of what was decided."""

    stance: Stance | None
    probabilities: tuple[float, float, float]

    @property
    def outcome(self) -> str:
        return str(self.stance or NO_STANCE)

    @property
    def confidence(self) -> float:
        return self.probabilities[list(Stance).index(self.stance)] if self.stance else 0.0


@dataclass(frozen=True, slots=True)
class Track:
    """One speaker through the debates; None where it did not speak.

    ``move`` is that from its first stance to its last, or a way there and back; ``sure`` the probability of it,
    both debates taken as independent, None where first and last are the same.
    """

    name: str
    group: str
    cells: tuple[Cell | None, ...]
    move: str
    sure: float | None

    @property
    def way(self) -> tuple[str, ...]:
        """Its stances one after the other, each once where it stayed."""
        stances = [str(c.stance) for c in self.cells if c and c.stance]
        return tuple(stance for stance, _ in groupby(stances))

    @property
    def moved(self) -> bool:
        return self.move in (PRAISE, CONCERN, RETURNED)

    @property
    def arrow(self) -> str:
        return _ARROWS[self.move]

    @property
    def rank(self) -> int | None:
        """The place of its move among moves, from concern to praise; None where there is none."""
        return None if self.move == ONCE else list(_ARROWS).index(self.move)


@dataclass(frozen=True, slots=True)
class Shift:
    """From one debate to a later one: of the speakers with a stance in ``both``, how many moved where."""

    before: str
    after: str
    both: int
    praise: int
    concern: int

    @property
    def sentence(self) -> str:
        if not self.both:
            return f"Nobody took a stance both in {self.before} and in {self.after}."
        same = self.both - self.praise - self.concern
        parts = [
            f"{self.praise or 'none'} moved towards praise",
            f"{self.concern or 'none'} towards concern",
            f"{same or 'none'} kept the same stance",
        ]
        who = wording.plural(self.both, "speaker")
        return f"Of {who} with a stance in {self.before} and in {self.after}, {wording.listed(parts)}."


@dataclass(frozen=True, slots=True)
class Column:
    """One debate: its ``name`` among the others, and its count."""

    name: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Comparison:
    """Debates on ``target``, in the given order; ``tracks`` are the speakers by name.

    ``shifts`` are those between neighbours.
    """

    title: str
    target: str
    columns: tuple[Column, ...]
    tracks: tuple[Track, ...]
    shifts: tuple[Shift, ...]
    facts: Facts

    @property
    def sentence(self) -> str:
        """The moves of all speakers, each from its first stance to its last, as ``movers`` and the tracks say."""
        if len(self.columns) == 2:
            return self.shifts[0].sentence
        there = Counter(t.move for t in self.tracks)
        several = len(self.tracks) - there[ONCE]
        if not several:
            return f"Nobody took a stance in more than one of the {len(self.columns)} debates."
        parts = [
            f"{there[PRAISE] or 'none'} moved towards praise",
            f"{there[CONCERN] or 'none'} towards concern",
            f"{there[RETURNED] or 'none'} moved and returned",
            f"{there[SAME] or 'none'} kept the same stance",
        ]
        who = f"{wording.plural(several, 'speaker')} with a stance in more than one of the {len(self.columns)} debates"
        return f"Of {who}, from the first stance of each to its last, {wording.listed(parts)}."

    @property
    def steps(self) -> tuple[str, ...]:
        """What happened from one debate to the next, where there are more than two."""
        return tuple(shift.sentence for shift in self.shifts) if len(self.columns) > 2 else ()

    @property
    def moves(self) -> Choices:
        there = Counter(t.move for t in self.tracks)
        return [(m, f"{_ARROWS[m]} {m} ({there[m]})") for m in _ARROWS if there[m]]

    @property
    def movers(self) -> list[tuple[str, list[Track]]]:
        """Who moved, by where to."""
        found = [(move, [t for t in self.tracks if t.move == move]) for move in (PRAISE, CONCERN, RETURNED)]
        return [(move, tracks) for move, tracks in found if tracks]

    @property
    def lines(self) -> list[Line]:
        return [Line(column.name, "", of_states(column.tally)) for column in self.columns]

    @property
    def groups(self) -> Choices:
        return [(name, name) for name in sorted({t.group for t in self.tracks})]


def compare(files: Sequence[tuple[str, Sequence[Prediction]]], *, facts: Facts, joint: Joint = "one") -> Comparison:
    """Compare all debates of (name of file, predictions), in order.

    Raises ``StatestanceError`` where there is one debate alone, or where they are on different States.
    """
    reports = [(file, report) for file, rows in files for report in _apart(rows, facts, joint)]
    targets = {report.target: file for file, report in reversed(reports) if report.target}
    if len(reports) < 2:
        raise StatestanceError(f"expected at least two debates to compare; found {len(reports)}; name another file")
    if len(targets) > 1:
        found = ", ".join(f"{target} ({file})" for target, file in sorted(targets.items()))
        raise StatestanceError(f"expected debates on one State; found {found}; compare those on the same State")
    names = _names([(file, r.debates[0].name) for file, r in reports])
    tracks = _tracks([r for _, r in reports])
    target = next(iter(targets), "")
    return Comparison(
        title=f"How States moved on {target}" if target else "How States moved",
        target=target,
        columns=tuple(Column(name, r.tally) for name, (_, r) in zip(names, reports, strict=True)),
        tracks=tracks,
        shifts=tuple(_shift(names, tracks, a, b) for a, b in pairwise(range(len(names)))),
        facts=facts,
    )


def render(comparison: Comparison) -> str:
    """Return the comparison as one document, in the dress of the report."""
    return html.page("compare.html.j2", None, comparison=comparison, facts=comparison.facts)


def _apart(rows: Sequence[Prediction], facts: Facts, joint: Joint) -> list[Report]:
    """A report for each debate that has an intervention."""
    by_debate: dict[str, list[Prediction]] = {}
    for p in rows:
        if not p.intervention.left_out:
            by_debate.setdefault(p.intervention.debate, []).append(p)
    return [build(several, facts=facts, joint=joint) for several in by_debate.values()]


def _names(debates: Sequence[tuple[str, str]]) -> list[str]:
    """A name for each (file, debate) that no other has: the debate's, with the file's where it must be."""
    often = Counter(name for _, name in debates)
    named = [name if name and often[name] == 1 else f"{name} ({file})" if name else file for file, name in debates]
    if twice := [name for name, count in Counter(named).items() if count > 1]:
        raise StatestanceError(f"expected each debate once; found {twice[0]} twice; name each file once")
    return named


def _tracks(reports: Sequence[Report]) -> tuple[Track, ...]:
    cells: dict[str, list[Cell | None]] = {}
    names: dict[str, str] = {}
    for number, report in enumerate(reports):
        for position, name in zip(report.positions, report.names, strict=True):
            # A speaker without a name in one debate is not the one of another.
            key = f"{number} {position.key}" if name == wording.UNNAMED else position.key
            names.setdefault(key, name)
            cells.setdefault(key, [None] * len(reports))[number] = _cell(position)
    found = []
    for key, row in cells.items():
        found.append(Track(names[key], region(key), tuple(row), *_move(row)))
    return tuple(sorted(found, key=lambda t: t.name))


def _cell(position: Position) -> Cell:
    return Cell(position.stance, position.probabilities)


def _move(cells: Sequence[Cell | None]) -> tuple[str, float | None]:
    stances = [c for c in cells if c and c.stance]
    if len(stances) < 2:
        return ONCE, None
    first, last = stances[0], stances[-1]
    assert first.stance and last.stance
    change = _HEIGHT[last.stance] - _HEIGHT[first.stance]
    if not change:
        return (SAME if len({c.stance for c in stances}) == 1 else RETURNED), None
    order = list(Stance)
    sure = sum(
        first.probabilities[a] * last.probabilities[b]
        for a in range(3)
        for b in range(3)
        if (_HEIGHT[order[b]] - _HEIGHT[order[a]]) * change > 0
    )
    return (PRAISE if change > 0 else CONCERN), sure


def _shift(names: Sequence[str], tracks: Sequence[Track], before: int, after: int) -> Shift:
    moves = Counter(
        _move([track.cells[before], track.cells[after]])[0]
        for track in tracks
    )  # fmt: skip
    both = moves[SAME] + moves[PRAISE] + moves[CONCERN]
    return Shift(names[before], names[after], both, moves[PRAISE], moves[CONCERN])
