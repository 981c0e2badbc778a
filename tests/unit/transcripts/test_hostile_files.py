"""Broken and hostile files: a clear error or a result, soon, and in bounded memory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transcript_files import column, docx, pdf, zip_bomb

from statestance.domain import StatestanceError
from statestance.transcripts import LAYOUTS, Debate, read
from statestance.transcripts.readers import ENDINGS

FIXTURES = Path(__file__).parents[2] / "fixtures" / "transcripts"
quick = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)

HANG = 120  # seconds: no measure of speed, but a pattern that backtracks without end would take hours


def result_or_error(path: Path, layout: str = "auto") -> Debate | None:
    try:
        debate = read(path, layout=layout)
    except StatestanceError as error:
        assert str(path) in str(error) and "expected" in str(error) and "found" in str(error)
        return None
    assert debate.turns
    return debate


def sound(folder: Path) -> dict[str, Path]:
    """A whole file of every ending that is not text."""
    import openpyxl
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = {
        ".pdf": pdf(folder / "w.pdf", [column(["Norway: We thank.", "Sweden: We too."])]),
        ".docx": docx(folder / "w.docx", ["Norway: We thank.", "Sweden: We too."]),
        ".xlsx": folder / "w.xlsx",
        ".parquet": folder / "w.parquet",
    }
    book = openpyxl.Workbook()
    book.active.append(["text", "speaker"])
    book.active.append(["We thank.", "Norway"])
    book.save(files[".xlsx"])
    pq.write_table(pa.table({"text": ["We thank."], "speaker": ["Norway"]}), files[".parquet"])
    return files


@pytest.mark.parametrize("ending", sorted(ENDINGS))
@given(data=st.binary(max_size=2000))
@quick
def test_arbitrary_bytes(ending: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"d{ending}")
        path.write_bytes(data)
        result_or_error(path)


PIECES = [
    *"Norway:(). \n\t*#<>-–12[]/",
    "Mr. ",
    "(Chad)",
    "The President",
    "Ghana said",
    "on behalf of ",
    "-->",
    "Norway",
]


@pytest.mark.parametrize("layout", LAYOUTS[:-1])
@given(text=st.lists(st.sampled_from(PIECES), max_size=80).map("".join))
@quick
def test_arbitrary_text_in_every_layout(layout: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "d.txt")
        path.write_text(text, encoding="utf-8")
        debate = result_or_error(path, layout)
        assert debate is None or len({t.id for t in debate.turns}) == len(debate.turns)


@pytest.mark.parametrize("ending", [".pdf", ".docx", ".xlsx", ".parquet"])
def test_truncated_files(tmp_path: Path, ending: str) -> None:
    whole = sound(tmp_path)[ending].read_bytes()
    path = tmp_path / f"cut{ending}"
    for part in range(20):
        path.write_bytes(whole[: len(whole) * part // 20])
        result_or_error(path)


@pytest.mark.parametrize("ending", [".pdf", ".docx", ".xlsx", ".parquet"])
@given(where=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=20))
@quick
def test_damaged_files(tmp_path: Path, ending: str, where: list[tuple[float, int]]) -> None:
    data = bytearray(sound(tmp_path)[ending].read_bytes())
    for share, value in where:
        data[int(share * len(data))] = value
    (tmp_path / f"bad{ending}").write_bytes(data)
    result_or_error(tmp_path / f"bad{ending}")


@pytest.mark.parametrize(
    ("name", "inner"),
    [("d.docx", "word/document.xml"), ("d.xlsx", "xl/sharedStrings.xml"), ("d.xlsx", "xl/worksheets/sheet1.xml")],
)
def test_zip_bombs_are_not_unpacked(tmp_path: Path, name: str, inner: str) -> None:
    path = zip_bomb(tmp_path / name, inner, 300)
    assert path.stat().st_size < 1_000_000
    begun = time.monotonic()
    with pytest.raises(StatestanceError, match="bytes unpacked; found 31"):
        read(path)
    assert time.monotonic() - begun < HANG


def test_a_pdf_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 1_048_576) for _ in range(250)) + packer.flush()
    head = b"%PDF-1.4\n1 0 obj <</Length " + str(len(packed)).encode() + b" /Filter /FlateDecode>>\nstream\n"
    (tmp_path / "d.pdf").write_bytes(head + packed + b"\nendstream endobj\n%%EOF")
    with pytest.raises(StatestanceError, match="unpack"):
        read(tmp_path / "d.pdf")


def test_a_page_of_tags_is_refused_and_giant_attributes_are_dropped(tmp_path: Path) -> None:
    (tmp_path / "tags.html").write_text("<b>" * 300_000, encoding="utf-8")
    with pytest.raises(StatestanceError, match="tags"):
        read(tmp_path / "tags.html")
    picture = f'<img src="data:image/png;base64,{"A" * 200_000}">'
    (tmp_path / "d.html").write_text(f"<p>Norway: One.</p>{picture}<p>Sweden: Two.</p>", encoding="utf-8")
    assert [t.text for t in read(tmp_path / "d.html").interventions] == ["One.", "Two."]


LINES: dict[str, Callable[[int], str]] = {
    "one word": lambda n: "a" * n,
    "names": lambda n: "Norway: " * (n // 8),
    "titles": lambda n: "Mr. A (" * (n // 7),
    "brackets": lambda n: "Norway" + "(" * n,
    "blanks": lambda n: "Norway" + " " * n + ": x",
    "clauses": lambda n: "While noting, " * (n // 14),
    "behalf": lambda n: "Norway, " + "on behalf of " * (n // 13),
    "symbols": lambda n: "A/B/" * (n // 4),
    "stars": lambda n: "*" * n,
    "stops": lambda n: "Norway: " + "?!." * (n // 3),
    "tags": lambda n: "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "<v " * (n // 3),
    "numbers": lambda n: "1. 2) " * (n // 6),
}


@pytest.mark.parametrize("layout", LAYOUTS[1:-1])
@pytest.mark.parametrize("name", LINES)
def test_long_lines_take_linear_time(tmp_path: Path, name: str, layout: str) -> None:
    path = tmp_path / "d.txt"
    path.write_text(LINES[name](200_000), encoding="utf-8")
    begun = time.process_time()
    result_or_error(path, layout)
    assert time.process_time() - begun < HANG


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_lines_of_ten_megabytes_stay_below_a_gigabyte(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Norway: " + "We thank all of them. " * 480_000, encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"text": "' + "We thank all of them. " * 480_000 + '"}\n', encoding="utf-8")
    (tmp_path / "c.html").write_text("<p>Norway: " + "We thank all of them. " * 480_000, encoding="utf-8")
    # VmHWM, and not getrusage: that one starts from the memory of the process that forked.
    script = (
        "import re, sys\nfrom pathlib import Path\nfrom statestance.transcripts import stream\n"
        "turns = sum(len(d.turns) for d in stream(sys.argv[1:]))\n"
        "print(turns, re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1])"
    )
    files = [str(tmp_path / n) for n in ("a.txt", "b.jsonl", "c.html")]
    done = subprocess.run([sys.executable, "-c", script, *files], capture_output=True, text=True, check=True)
    turns, kilobytes = map(int, done.stdout.split())
    assert turns == 3
    assert kilobytes < 1_000_000
