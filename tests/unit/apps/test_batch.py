"""The steps of a batch: from wherever they go on, the same rows, rejects and account come out."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from model_parts import manifest
from statestance.apps import batch, spool
from statestance.apps.batch import Options
from statestance.apps.predicting import BLOCK, Account
from statestance.apps.spool import Piece, Place
from statestance.domain import Intervention, Prediction, StatestanceError
from statestance.predict import table
from statestance.transcripts import Source, sources
from statestance.transcripts.table import BLOCK as ROWS


class Together:
    """Its confidence tells how many texts were predicted together, so that a block of other bounds shows."""

    manifest = manifest()
    coverage, runtime, fast = None, "onnxruntime", False

    def __init__(self) -> None:
        self.texts = 0
        self.stop_at = -1

    def predict(self, rows: list[Intervention]) -> list[Prediction]:
        if 0 <= self.stop_at <= self.texts:
            raise KeyboardInterrupt
        self.texts += len(rows)
        share = len(rows) / (2 * BLOCK)
        return [Prediction(r, None, share, (0.0, 0.0, 0.0, 1.0), abstain_reason="no_stance") for r in rows]


def predictor() -> Any:
    return Together()


def rows(count: int) -> list[dict[str, Any]]:
    """Rows of two debates; every 40th is of the State under review."""
    return [
        {
            "text": f"We noted {n}.",
            "speaker": "Mondara" if n % 40 == 0 else "Norway",
            "target": "Mondara",
            "debate": f"d{n % 2}",
        }
        for n in range(count)
    ]


def jsonl(path: Path, count: int, bad: Sequence[int] = ()) -> Path:
    """Lines, of which those at ``bad`` are broken in turns: no JSON, no text in "text", half a character."""
    broken = ['{"text": ', '{"text": 3}', '{"text": "We noted \\ud800."}']
    lines = [json.dumps(row) for row in rows(count)]
    for n in bad:
        lines[n] = broken[n % 3]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def inputs(folder: Path) -> list[Source]:
    """A table of three blocks with bad rows at the edges of blocks and of the file, Parquet, two texts, a bad file."""
    edges = [0, 5, BLOCK - 1, BLOCK, ROWS - 1, ROWS, 2 * ROWS + 3, 2 * ROWS + 30 - 1]
    first = jsonl(folder / "a.jsonl", 2 * ROWS + 30, edges)
    second = folder / "b.parquet"
    pq.write_table(pa.Table.from_pylist(rows(ROWS + 500)), second, row_group_size=700)
    for name in ("c.txt", "e.txt"):
        (folder / name).write_text("Norway: We welcome it.\n\nThe Chair: Thank you.\n\nPeru: We too.\n")
    (folder / "d.txt").write_text("")
    return list(sources([first, second, *(folder / f"{n}.txt" for n in "cde")]))


def summed(made: Sequence[Piece]) -> tuple[str, str, Account]:
    account = Account()
    for piece in made:
        account.merge(piece.account)
    return "".join(p.lines for p in made), "".join(p.rejects for p in made), account


OPTIONS = Options(skip_bad_rows=True, many=True)


@pytest.mark.parametrize("keep_all", [False, True])
def test_from_every_step_the_rest_is_the_same(keep_all: bool, tmp_path: Path) -> None:
    found, options = inputs(tmp_path), Options(keep_all=keep_all, skip_bad_rows=True, many=True)
    whole = list(batch.pieces(found, predictor(), options, Place()))
    expected = summed(whole)
    assert expected[2].rejected == 8 == len(expected[1].splitlines())
    assert list(expected[2].failed) == [str(tmp_path / "d.txt")]
    assert {f.kept for f in expected[2].files.values()} == {2 * ROWS + 30 - 101 - 6, ROWS + 500 - 63, 2}
    assert sum(p.rows for p in whole) == len(expected[0].splitlines())
    for number in range(len(whole)):
        rest = list(batch.pieces(found, predictor(), options, whole[number].after))
        assert summed([*whole[: number + 1], *rest]) == expected, whole[number].after
    assert [p.after for p in whole] == sorted((p.after for p in whole), key=lambda p: (p.source, p.debate, p.turn))


def test_a_rejected_row_tells_its_file_line_reason_and_content(tmp_path: Path) -> None:
    source = Source(jsonl(tmp_path / "t.jsonl", 6, [1, 2, 3]), "t")
    _, rejects, _ = summed(list(batch.pieces([source], predictor(), OPTIONS, Place())))
    one, half, broken = (json.loads(line) for line in rejects.splitlines())
    assert {one["file"], half["file"], broken["file"]} == {str(source.path)}
    assert (one["place"], one["raw"]) == ("line 2", {"text": 3})
    assert "field text" in one["reason"] and "line 2" in one["reason"]
    assert half["place"] == "line 3" and "UTF-8" in half["reason"]
    assert (broken["place"], broken["raw"]) == ("line 4", '{"text": ')


def test_a_bad_row_is_an_error_that_names_the_way_on(tmp_path: Path) -> None:
    source = Source(jsonl(tmp_path / "t.jsonl", 6, [3]), "t")
    with pytest.raises(StatestanceError, match=r"t\.jsonl; found on line 4.*--on-error skip"):
        list(batch.pieces([source], predictor(), Options(), Place()))


@pytest.fixture(autouse=True)
def at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint after every piece, so that how fast a machine is decides nothing here."""
    monkeypatch.setattr(spool, "_SECONDS", 0)
    monkeypatch.setattr(spool, "_COST", 0)


def written(found: list[Source], out: Path, made: Any = None, **more: Any) -> batch.Written:
    return batch.write(found, made or predictor(), OPTIONS, out, **more)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_run_stopped_again_and_again_writes_the_same_bytes(ending: str, tmp_path: Path) -> None:
    found = inputs(tmp_path)
    straight, stopped = tmp_path / f"straight.{ending}", tmp_path / f"stopped.{ending}"
    whole = written(found, straight)
    assert whole.resumed == 0
    work, made = batch.folder_of(stopped), 0
    for stop_at in (BLOCK, 2 * BLOCK, 5 * BLOCK):
        model = predictor()
        model.stop_at = stop_at
        with pytest.raises(KeyboardInterrupt):
            written(found, stopped, model)
        made += model.texts
        assert not stopped.exists()
        for name in ("rows.jsonl", "rejects.jsonl"):
            with (work / name).open("ab") as torn:
                torn.write(b'{"id": "torn')
        (work / f".state.{os.getpid()}.part.json").write_text("torn")
    model = predictor()
    done = written(found, stopped, model)
    assert stopped.read_bytes() == straight.read_bytes()
    assert done.rejects.read_text() == whole.rejects.read_text()
    assert (done.rows, done.resumed, done.account) == (whole.rows, made, whole.account)
    assert made + model.texts == whole.rows, "nothing was predicted twice"
    assert not work.exists()


def started(tmp_path: Path, found: list[Source]) -> Path:
    """An output whose run was stopped in the middle."""
    out, model = tmp_path / "out.jsonl", predictor()
    model.stop_at = BLOCK
    with pytest.raises(KeyboardInterrupt):
        written(found, out, model)
    return out


def touched(found: list[Source]) -> tuple[list[Source], Any]:
    later = time.time() + 60
    os.utime(found[0].path, (later, later))
    return found, predictor()


def another_model(found: list[Source]) -> tuple[list[Source], Any]:
    model = predictor()
    model.manifest = manifest(seed=7)
    return found, model


def sets_too(found: list[Source]) -> tuple[list[Source], Any]:
    model = predictor()
    model.coverage = 0.9
    return found, model


def another_runtime(found: list[Source]) -> tuple[list[Source], Any]:
    model = predictor()
    model.runtime = "openvino"
    return found, model


def quickly(found: list[Source]) -> tuple[list[Source], Any]:
    model = predictor()
    model.fast = True
    return found, model


Change = Callable[[list[Source]], tuple[list[Source], Any]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (touched, r"inputs \(.*a\.jsonl\)"),
        (lambda found: (found[:2], predictor()), r"inputs \(.*c\.txt, .*d\.txt, .*e\.txt\)"),
        (lambda found: (found[::-1], predictor()), r"inputs \(their order\)"),
        (another_model, r"the model \(tiny [0-9a-f]{8}, now tiny [0-9a-f]{8}\)"),
        (sets_too, r"coverage \(None, now 0\.9\)"),
        (another_runtime, r"runtime \('onnxruntime', now 'openvino'\)"),
        (quickly, r"fast \(False, now True\)"),
    ],
)
def test_an_unfinished_run_of_something_else_is_refused_or_begun_anew(
    change: Change, said: str, tmp_path: Path
) -> None:
    found = inputs(tmp_path)
    out = started(tmp_path, found)
    other, model = change(found)
    with pytest.raises(StatestanceError, match=rf"unfinished run.*{said}.*--restart"):
        written(other, out, model)
    assert batch.folder_of(out).is_dir(), "the work that was done is still there"
    assert written(other, out, model, restart=True).resumed == 0


def test_rows_that_stop_a_run_can_be_put_aside_when_it_goes_on(tmp_path: Path) -> None:
    source, out = Source(jsonl(tmp_path / "t.jsonl", ROWS + 50, [ROWS + 10]), "t"), tmp_path / "out.csv"
    with pytest.raises(StatestanceError, match="--on-error skip"):
        batch.write([source], predictor(), Options(), out)
    done = batch.write([source], predictor(), Options(skip_bad_rows=True), out)
    assert done.resumed == ROWS - 50 and done.account.rejected == 1
    assert len(done.rejects.read_text().splitlines()) == 1


def test_a_run_without_bad_rows_removes_the_rejects_of_an_earlier_one(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    written([Source(jsonl(tmp_path / "t.jsonl", 5, [2]), "t")], out)
    assert batch.rejects_of(out).exists()
    written([Source(jsonl(tmp_path / "t.jsonl", 5), "t")], out)
    assert not batch.rejects_of(out).exists()


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    source, out = Source(jsonl(tmp_path / "t.jsonl", 5), "t"), tmp_path / "out.csv"

    class Second(Together):
        def predict(self, rows: list[Intervention]) -> list[Prediction]:
            written([source], out)
            raise AssertionError("the second run was let in")

    with pytest.raises(StatestanceError, match="found another process at work"):
        written([source], out, Second())


def test_a_run_that_made_nothing_leaves_nothing(tmp_path: Path) -> None:
    empty = Source(jsonl(tmp_path / "t.jsonl", 2, [0, 1]), "t")
    with pytest.raises(StatestanceError, match=r"found none \(2 × bad row\)"):
        written([empty], tmp_path / "out.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["t.jsonl"]


def test_a_state_that_was_tampered_with_asks_for_a_new_start(tmp_path: Path) -> None:
    found = inputs(tmp_path)
    out = started(tmp_path, found)
    rows_made = batch.folder_of(out) / "rows.jsonl"
    rows_made.write_bytes(rows_made.read_bytes()[:-5])
    with pytest.raises(StatestanceError, match=r"found fewer.*--restart"):
        written(found, out)
    (batch.folder_of(out) / "state.json").write_text("{")
    with pytest.raises(StatestanceError, match=r"state\.json.*--restart"):
        written(found, out)


def test_an_output_through_a_link_works_beside_the_file_behind_it(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near.csv").symlink_to(tmp_path / "far/real.csv")
    written([Source(jsonl(tmp_path / "t.jsonl", 5), "t")], tmp_path / "near.csv")
    assert len(table.read(tmp_path / "far/real.csv")) == 4
    assert (tmp_path / "near.csv").is_symlink() and [p.name for p in (tmp_path / "far").iterdir()] == ["real.csv"]


def test_skipping_reads_on_without_the_rows_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from statestance.transcripts import table as reading

    seen: list[int] = []
    make = reading._intervention

    def noted(path: Path, number: int, *rest: Any) -> Intervention:
        seen.append(number)
        return make(path, number, *rest)

    monkeypatch.setattr(reading, "_intervention", noted)
    source = Source(jsonl(tmp_path / "t.jsonl", 2 * ROWS + 7), "t")

    def steps() -> Iterator[Piece]:
        return batch.of_source(source, predictor(), OPTIONS, Place(0, 2))

    assert sum(p.rows for p in steps()) == 7 - 1
    assert seen == list(range(2 * ROWS + 1, 2 * ROWS + 8))
    assert SimpleNamespace(**rows(1)[0]).speaker == "Mondara", "the one row that is left out"
