"""Train, dev and test, so that no debate is on two sides and every side has a like mix of outcomes."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from statestance.corpus.duplicates import pairs
from statestance.corpus.labelled import Labelled
from statestance.domain import StatestanceError
from statestance.stance import OUTCOMES

SPLITS = ("train", "dev", "test")
_FOLDS = 20


@dataclass(frozen=True, slots=True)
class Deduplicated:
    """The rows that stay, and the ids of the rows left out with the id of the row they repeat."""

    rows: tuple[Labelled, ...]
    repeats: tuple[tuple[str, str], ...]


def deduplicate(rows: Sequence[Labelled], *, near_duplicate: float) -> Deduplicated:
    """Leave out rows whose text repeats an earlier one (likeness at least ``near_duplicate``).

    A row of a given test split is kept rather than one of dev, and dev rather than train.
    """
    rank = {"test": 0, "dev": 1, "train": 2, "": 2}
    order = sorted(range(len(rows)), key=lambda i: (rank[rows[i].split], i))
    repeats: dict[int, int] = {}
    for a, b, _ in pairs([rows[i].intervention.text for i in order], threshold=near_duplicate):
        if a not in repeats:
            repeats.setdefault(b, a)
    gone = {order[b]: order[a] for b, a in repeats.items()}
    kept = tuple(row for i, row in enumerate(rows) if i not in gone)
    named = ((rows[b].intervention.id, rows[a].intervention.id) for b, a in sorted(gone.items()))
    return Deduplicated(kept, tuple(named))


def assign(rows: Sequence[Labelled], *, dev: float, test: float, seed: int) -> list[Labelled]:
    """Give every row a split: the one it or its debate declares, else one drawn by debate, stratified.

    Each source is drawn alone, so that a source more or less moves no row of another; one with too few debates to be
    divided is for training. ``dev`` and ``test`` are shares of the rows, kept to about a twentieth. Deterministic for
    one seed. Raises ``StatestanceError`` if a debate is declared on two sides, or there is too little to split.
    """
    if not (0 <= dev < 1 and 0 <= test < 1 and dev + test < 1):
        raise StatestanceError(f"expected shares that leave a train split; found dev {dev}, test {test}; lower one")
    check_debates([row for row in rows if row.split])
    sides = {row.intervention.debate: row.split for row in rows if row.split}
    for source in dict.fromkeys(row.source for row in rows):
        free = [row for row in rows if row.source == source and row.intervention.debate not in sides]
        sides |= _draw(free, dev=dev, test=test, seed=seed)
    split = [replace(row, split=sides[row.intervention.debate]) for row in rows]
    lacking = [side for side, share in (("dev", dev), ("test", test)) if share and side not in sides.values()]
    if rows and lacking:
        raise StatestanceError(
            f"expected enough debates to split; found {len(sides)} with {len(rows)} rows and none for "
            f"{' or '.join(lacking)}; add a `debate` column, more data, or a `split` column"
        )
    return split


def _draw(rows: Sequence[Labelled], *, dev: float, test: float, seed: int) -> dict[str, str]:
    """A side for every debate, by folds of debates: a twentieth each, or more where debates are few."""
    from sklearn.model_selection import StratifiedGroupKFold

    debates = [row.intervention.debate for row in rows]
    outcomes = [row.outcome for row in rows]
    sides = dict.fromkeys(debates, "train")
    folds = min(_FOLDS, len(sides), max(Counter(outcomes).values(), default=0))
    test_folds, dev_folds = (max(1, round(share * folds)) if share else 0 for share in (test, dev))
    if not test_folds + dev_folds or test_folds + dev_folds >= folds:
        return sides
    with warnings.catch_warnings():
        # It warns of an outcome with fewer rows than folds; the report of the split shows those counts.
        warnings.filterwarnings("ignore", message="The least populated class")
        folder = StratifiedGroupKFold(n_splits=folds, shuffle=True, random_state=seed)
        for number, (_, members) in enumerate(folder.split(rows, outcomes, debates)):
            if number < test_folds + dev_folds:
                sides |= {debates[int(m)]: "test" if number < test_folds else "dev" for m in members}
    return sides


def check_debates(rows: Sequence[Labelled]) -> None:
    """Raise if a debate stands on two sides."""
    sides: dict[str, set[str]] = {}
    for row in rows:
        sides.setdefault(row.intervention.debate, set()).add(row.split)
    torn = sorted(d for d, s in sides.items() if len(s) > 1)
    if torn:
        raise StatestanceError(
            f"expected every debate on one side; found {torn[:10]} on several; mend the `split` column"
        )


def report(
    rows: Sequence[Labelled], repeats: Sequence[tuple[str, str]], not_interventions: int = 0
) -> dict[str, object]:
    """Counts of what was left out, and by split and source: rows, debates, outcomes, registers, stance only."""
    counts: dict[str, object] = {
        "left_out_as_repeats": len(repeats),
        "left_out_as_no_interventions": not_interventions,
    }
    for split in SPLITS:
        by_source = {}
        for source in sorted({r.source for r in rows}):
            side = [r for r in rows if r.split == split and r.source == source]
            outcomes = Counter(OUTCOMES[r.outcome] for r in side)
            by_source[source] = {
                "rows": len(side),
                "debates": len({r.intervention.debate for r in side}),
                "outcomes": {o: outcomes[o] for o in OUTCOMES},
                "registers": dict(sorted(Counter(r.register or "unknown" for r in side).items())),
                "stance_only": sum(r.marks is None for r in side),
            }
        counts[split] = by_source
    return counts
