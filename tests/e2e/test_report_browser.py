"""The report in a real Chromium, from disk and with the network cut off: filter, sort, keyboard, print, no fault.

The screenshots go to the test's own folder, or to STATESTANCE_SCREENSHOTS.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from made_up import one, unsure
from mlflow_ui import CHROMIUM, DRIVER, chromium
from statestance.report import Facts, build
from statestance.report import files as report_files
from statestance.report.comparison import compare

pytest.importorskip("axe_core_python")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver"),
]
FACTS = Facts(model="evidence", date="2026-11-25")
HOSTILE = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"> It welcomed it."
ROWS = [
    one("Norway", "supportive"),
    one("Chile", "mixed"),
    one("Ghana", "critical", sure=0.7),
    one("Égypte", "supportive", texts=[HOSTILE, "It asked."]),
    one("Japan", "none"),
    unsure("Peru", "mixed"),
]
SIZES = {"desktop": (1200, 1500, False), "phone": (360, 1500, False), "dark": (1200, 1500, True)}


class Page:
    """A report opened from disk, and what a person does with it."""

    def __init__(self, driver: Any, path: Path, screenshots: Path) -> None:
        self.driver, self.path, self.screenshots = driver, path, screenshots

    def open(self, size: str = "desktop") -> None:
        width, height, dark = SIZES[size]
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        self.driver.get(self.path.as_uri())

    def js(self, script: str) -> Any:
        return self.driver.execute_script(script)

    def shown(self) -> list[str]:
        return list(self.js("return [...document.querySelectorAll('.item:not([hidden])')].map((i) => i.dataset.name)"))

    def choose(self, control: str, value: str) -> None:
        from selenium.webdriver.support.ui import Select

        Select(self.driver.find_element("id", control)).select_by_value(value)

    def violations(self) -> list[str]:
        """What axe-core finds that is serious or worse."""
        self.js(files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
        found = self.driver.execute_async_script("axe.run().then(arguments[0])")["violations"]
        bad = [v for v in found if v["impact"] in ("serious", "critical")]
        return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in bad]

    def errors(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def shoot(self, name: str) -> None:
        self.screenshots.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(self.screenshots / f"{name}.png"))


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium(tmp_path_factory.mktemp("profile")) as found:
        found.execute_cdp_cmd("Network.enable", {})
        cut = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        found.execute_cdp_cmd("Network.emulateNetworkConditions", cut)
        yield found


def _screenshots(folder: Path) -> Path:
    return Path(os.environ.get("STATESTANCE_SCREENSHOTS") or folder)


@pytest.fixture
def report(driver: Any, tmp_path: Path) -> Page:
    path = tmp_path / "report.html"
    report_files.write(build(ROWS, facts=FACTS), path)
    return Page(driver, path, _screenshots(tmp_path))


@pytest.fixture
def moves(driver: Any, tmp_path: Path) -> Page:
    path = tmp_path / "moves.html"
    later = [one("Norway", "mixed", debate="d2"), one("Chile", "supportive", debate="d2")]
    report_files.write(compare([("a", ROWS), ("b", later)], facts=FACTS), path)
    return Page(driver, path, _screenshots(tmp_path))


CUT_OFF = """
const sort = document.getElementById("sort"), pen = document.createElement("canvas").getContext("2d");
pen.font = getComputedStyle(sort).font;
const longest = Math.max(...[...sort.options].map((one) => pen.measureText(one.text).width));
return longest + 36 > sort.clientWidth;
"""


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("which", ["report", "moves"])
def test_the_page_has_no_fault_at_any_size(which: str, size: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(which)
    page.open(size)
    page.shoot(f"{which}-{size}")
    assert page.js("return document.documentElement.scrollWidth <= innerWidth")
    assert page.js("return Math.min(...[...document.querySelectorAll('.named')].map((n) => n.offsetWidth))") > 120
    assert not page.js(CUT_OFF), "a way of sorting can be read to its end"
    assert page.violations() == []
    assert page.errors() == []


def test_filters_hold_together_and_say_how_many_are_left(report: Page) -> None:
    report.open()
    said = report.driver.find_element("id", "shown")
    assert said.text == "Showing 6 of 6 interventions"
    report.choose("filter-stance", "supportive")
    assert report.shown() == ["Norway", "Egypt"] and said.text == "Showing 2 of 6 interventions"
    report.choose("filter-group", "African Group")
    assert report.shown() == ["Egypt"]
    report.choose("filter-state", "NOR")
    assert report.shown() == [] and said.text == "Showing 0 of 6 interventions"
    report.driver.find_element("css selector", "button[type=reset]").click()
    report.driver.find_element("id", "filter-text").send_keys("arrest of JOURNALISTS")
    assert report.shown() == ["Chile", "Ghana", "Peru"]


def test_a_theme_leads_to_its_interventions(report: Page) -> None:
    report.open()
    report.driver.find_element("css selector", "[data-show-theme=expression] button").click()
    report.driver.execute_async_script("setTimeout(arguments[0], 50)")
    assert report.shown() == ["Chile", "Ghana", "Peru"]
    assert report.js("return document.activeElement.id") == "interventions"


def test_sorting(report: Page) -> None:
    report.open()
    decided = "return [...document.querySelectorAll('.debate .item')].map((i) => i.dataset.name)"
    report.choose("sort", "name")
    assert report.js(decided) == ["Chile", "Egypt", "Ghana", "Norway"]
    report.choose("sort", "stance")
    assert report.js(decided) == ["Ghana", "Chile", "Norway", "Egypt"]
    report.choose("sort", "confidence")
    assert report.js(decided)[0] == "Ghana"
    report.choose("sort", "row")
    assert report.js(decided) == ["Norway", "Chile", "Ghana", "Egypt"]


def test_all_of_it_by_keyboard(report: Page) -> None:
    from selenium.webdriver import ActionChains, Keys

    report.open()
    keys = ActionChains(report.driver)
    keys.send_keys(Keys.TAB, Keys.ENTER).perform()
    assert report.js("return location.hash") == "#interventions"
    for _ in range(12):
        ActionChains(report.driver).send_keys(Keys.TAB).perform()
        if report.js("return document.activeElement.id") == "filter-stance":
            break
    ActionChains(report.driver).send_keys("− cr").perform()
    assert report.shown() == ["Ghana"]


def test_markup_in_a_transcript_is_text(report: Page) -> None:
    report.open()
    assert report.driver.title == "What States said about Vellmora"
    assert "<script>document.title='taken'</script>" in report.driver.find_element("id", "i-3").text


def printed(page: Page, pdf: Path) -> tuple[str, int]:
    """The text of the page's print, and how light the paper is, from 0 to 255."""
    pdf.write_bytes(base64.b64decode(page.driver.execute_cdp_cmd("Page.printToPDF", {})["data"]))
    document = pypdfium2.PdfDocument(pdf)
    try:
        text = " ".join(" ".join(one.get_textpage().get_text_bounded() for one in document).split())
        return text, document[0].render(scale=0.2).to_pil().convert("L").getpixel((3, 3))
    finally:
        document.close()


def test_the_print_has_the_sentence_and_every_intervention_but_no_controls(report: Page, tmp_path: Path) -> None:
    report.open("dark")
    text, ground = printed(report, tmp_path / "report.pdf")
    assert "2 of 6 States were supportive of Vellmora" in text and "How it was made" in text
    assert all(name in text for name in ("Norway", "Chile", "Ghana", "Egypt", "Japan", "Peru"))
    assert "Regional group" not in text and "Copy the sentence" not in text
    assert ground == 255, "paper is white, also where the screen is dark"


def test_a_print_lifts_the_filters_and_puts_them_back(report: Page, tmp_path: Path) -> None:
    report.open()
    report.choose("filter-stance", "critical")
    text, _ = printed(report, tmp_path / "report.pdf")
    assert all(name in text for name in ("Norway", "Chile", "Egypt", "Japan", "Peru")) and "filter is on" not in text
    assert report.shown() == ["Ghana"]
    # Where a browser does not tell of a print the filters stay, and the print says so.
    report.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    said = report.driver.find_element("id", "filtered").text
    report.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert said == "A filter is on: 1 of 6 interventions are shown."


def test_a_section_that_a_filter_empties_is_hidden_until_a_link_leads_to_it(report: Page) -> None:
    report.open()
    report.choose("filter-stance", "supportive")
    assert not report.driver.find_element("id", "abstained").is_displayed()
    report.driver.find_element("css selector", "nav a[href='#abstained']").click()
    report.driver.execute_async_script("setTimeout(arguments[0], 50)")
    assert report.driver.find_element("id", "abstained").is_displayed() and len(report.shown()) == 6
    report.choose("filter-stance", "none")
    assert report.driver.find_element("id", "abstained").is_displayed() and report.shown() == ["Japan", "Peru"]
    assert not report.driver.find_element("id", "unsure").is_displayed(), "Ghana's doubt goes with Ghana"


@pytest.mark.parametrize(("debates", "fits"), [(3, True), (12, False)])
def test_on_a_phone_a_comparison_fits_or_says_that_it_goes_on(
    debates: int, fits: bool, driver: Any, tmp_path: Path
) -> None:
    several = [(f"f{n}", [one("Norway", "mixed", debate=f"vellmora20{n:02}")]) for n in range(debates)]
    report_files.write(compare(several, facts=FACTS), tmp_path / "moves.html")
    page = Page(driver, tmp_path / "moves.html", _screenshots(tmp_path))
    page.open("phone")
    hidden = page.js("const s = document.querySelector('.scroll'); return s.scrollWidth - s.clientWidth")
    page.driver.execute_async_script("requestAnimationFrame(() => setTimeout(arguments[0], 50))")
    assert (hidden <= 4) is fits
    assert page.driver.find_element("id", "sideways").is_displayed() is not fits
    page.open("desktop")


def test_who_has_no_move_comes_last_whichever_way_moves_are_sorted(moves: Page) -> None:
    moves.open()
    for way, first in (("change", "Norway"), ("-change", "Chile")):
        moves.choose("sort", way)
        shown = moves.shown()
        assert shown[0] == first and set(shown[2:]) == {"Ghana", "Egypt", "Japan", "Peru"}


def test_a_comparison_is_filtered_and_sorted(moves: Page) -> None:
    moves.open()
    moves.choose("sort", "change")
    assert moves.shown()[0] == "Norway"
    moves.choose("filter-move", "towards praise")
    assert moves.shown() == ["Chile"]
    assert moves.driver.find_element("id", "shown").text == "Showing 1 of 6 speakers"
