"""The service in a real Chromium: a debate dropped, counted, filtered, corrected, taken home; no fault in between.

The screenshots go to the test's own folder, or to STATESTANCE_SCREENSHOTS.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import pytest

from mlflow_ui import CHROMIUM, DRIVER, chromium
from served import DEBATE, free_port, program, serving
from statestance import corpus
from statestance.predict import table

pytest.importorskip("axe_core_python")
pytestmark = pytest.mark.browser
T = TypeVar("T")
REPORTS = Path(__file__).parents[2] / "../shared/upr/reports"
DROP = """
const [area, input, text, name] = arguments;
const data = new DataTransfer();
const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
data.items.add(new File([bytes], name));
for (const kind of ["dragenter", "dragover", "drop"])
  area.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
"""
HOSTILE = (
    "The debate on Vellmora\n\nNorway: We welcome <script>document.title='taken'</script> the law. "
    "<img src=x onerror=\"document.title='taken'\"> We regret </mark></article><b>this</b>.\n\nChile: We commend it.\n"
)


class Page:
    """A browser on the service, and what a person does with it."""

    def __init__(self, driver: Any, url: str, screenshots: Path, downloads: Path) -> None:
        self.driver, self.url, self.screenshots, self.downloads = driver, url, screenshots, downloads

    def open(self, path: str = "/") -> None:
        self.driver.get(self.url + path)

    def find(self, css: str) -> list[Any]:
        found: list[Any] = self.driver.find_elements("css selector", css)
        return found

    def one(self, css: str) -> Any:
        return self.wait(lambda: self.find(css))[0]

    def wait(self, condition: Callable[[], T]) -> T:
        from selenium.common.exceptions import StaleElementReferenceException
        from selenium.webdriver.support.ui import WebDriverWait

        waiting = WebDriverWait(self.driver, 30, ignored_exceptions=[StaleElementReferenceException])
        return waiting.until(lambda _: condition())

    def drop(self, path: Path) -> None:
        import base64

        content = base64.b64encode(path.read_bytes()).decode()
        self.driver.execute_script(DROP, self.one("#drop"), self.one("#file"), content, path.name)

    def paste(self, text: str) -> None:
        self.open()
        self.driver.execute_script("arguments[0].value = arguments[1]", self.one("#text"), text)
        self.one("button.main").click()
        self.one("#service")

    def shown(self) -> list[str]:
        return [
            a.find_element("css selector", "h4").text for a in self.find("article.intervention") if a.is_displayed()
        ]

    def size(self, width: int, height: int, dark: bool = False) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        feature = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def faults(self) -> list[str]:
        """What axe-core finds, of serious or critical impact."""
        self.driver.execute_script(files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
        found = self.driver.execute_async_script("axe.run().then(arguments[0])")
        return [
            f"{v['id']}: {v['nodes'][0]['html'][:200]} {v['nodes'][0]['failureSummary'][:300]}"
            for v in found["violations"]
            if v["impact"] in ("serious", "critical")
        ]

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.driver.execute_script(script))

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]

    def shoot(self, name: str) -> None:
        self.driver.save_screenshot(str(self.screenshots / f"service-{name}.png"))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if not (CHROMIUM and DRIVER):
        pytest.skip("needs Chromium and its driver (Debian: apt-get install chromium chromium-driver)")
    folder, port = tmp_path_factory.mktemp("service"), free_port()
    screenshots = Path(os.environ.get("STATESTANCE_SCREENSHOTS") or folder / "screenshots").resolve()
    downloads = folder / "downloads"
    for place in (screenshots, downloads):
        place.mkdir(parents=True, exist_ok=True)
    with serving(program(port, folder / "corrections"), port, folder / "log"), chromium(folder / "profile") as driver:
        where = {"behavior": "allow", "downloadPath": str(downloads)}
        driver.execute_cdp_cmd("Browser.setDownloadBehavior", where)
        yield Page(driver, f"http://127.0.0.1:{port}", screenshots, downloads)
    assert "Traceback" not in (folder / "log").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def quiet(page: Page) -> Iterator[None]:
    """No test leaves anything on the console."""
    page.size(1280, 900)
    page.complaints()
    yield
    assert page.complaints() == []


def pdf(path: Path, text: str = DEBATE) -> Path:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    style = ParagraphStyle("body", fontName="Times-Roman", fontSize=11, leading=14, spaceAfter=10)
    SimpleDocTemplate(str(path), pagesize=A4).build([Paragraph(part, style) for part in text.split("\n\n")])
    return path


def test_a_pdf_is_dropped_counted_filtered_corrected_and_taken_home(page: Page, tmp_path: Path) -> None:
    page.open()
    page.drop(pdf(tmp_path / "vellmora.pdf"))
    assert "1 was mixed" in page.one("#sentence").text
    assert len(page.shown()) == 4
    from selenium.webdriver.support.ui import Select

    Select(page.one("#filter-stance")).select_by_value("critical")
    page.wait(lambda: page.shown() == ["Ghana"])
    article = page.one("article[data-state='GHA']")
    assert article.find_elements("css selector", "mark.concern")
    article.find_element("css selector", ".tools > button").click()
    article.find_element("css selector", "button[data-mark='praise']").click()
    page.wait(lambda: article.get_attribute("data-stance") == "mixed")
    page.wait(lambda: "Saved: mixed" in article.text)
    assert article.find_elements("css selector", "mark.praise mark.concern, mark.concern mark.praise")
    page.wait(lambda: "2 were mixed" in page.one("#sentence").text)
    assert "1 of 4 interventions corrected by hand" in page.one("#corrected").text
    page.shoot("corrected")
    links = ("counted as shown (csv)", "the model's own predictions (csv)", "corrections (jsonl)", "report (html)")
    for link in links:
        page.driver.find_element("link text", link).click()
    names = {"vellmora.csv", "vellmora.counted.csv", "vellmora.corrections.jsonl", "vellmora.report.html"}
    page.wait(lambda: names <= {p.name for p in page.downloads.iterdir()})
    own, counted = (table.read(page.downloads / f"vellmora{part}.csv") for part in ("", ".counted"))
    assert [sum(p.stance == "mixed" for p in rows) for rows in (own, counted)] == [1, 2]
    (row,) = corpus.load(page.downloads / "vellmora.corrections.jsonl")
    assert (str(row.stance), row.intervention.speaker) == ("mixed", "Ghana")
    Select(page.one("#filter-stance")).select_by_value("")
    # It is all there after a reload, and can be taken back.
    page.driver.refresh()
    again = page.one("article[data-state='GHA']")
    assert "corrected by hand" in again.text
    again.find_element("css selector", ".tools > button").click()
    again.find_element("css selector", "button[data-act='undo']").click()
    page.wait(lambda: again.get_attribute("data-stance") == "critical")
    assert "corrected by hand" not in again.text


def test_a_stance_is_corrected_by_keyboard_alone(page: Page) -> None:
    from selenium.webdriver import ActionChains, Keys

    page.paste(DEBATE)
    article = page.one("article[data-state='PER']")
    page.driver.execute_script("arguments[0].focus()", article)

    def press(*keys: str) -> None:
        ActionChains(page.driver).send_keys(*keys).perform()

    def reach(css: str) -> None:
        for _ in range(30):
            if page.driver.execute_script("return document.activeElement.matches(arguments[0])", css):
                return
            press(Keys.TAB)
        raise AssertionError(f"no tab leads to {css}")

    reach("article[data-state='PER'] .tools > button")
    press(Keys.ENTER)
    reach("article[data-state='PER'] button[data-stance='supportive']")
    press(Keys.SPACE)
    page.wait(lambda: article.get_attribute("data-stance") == "supportive")
    # Who works by keyboard stays where they were.
    focused = "return document.activeElement.dataset.stance"
    assert page.wait(lambda: page.driver.execute_script(focused)) == "supportive"


def test_a_corrected_abstention_takes_its_place_without_a_reload(page: Page) -> None:
    from selenium.webdriver.support.ui import Select

    page.paste(DEBATE.replace("Vellmora", "Orsinia").replace("its report", "its long report"))
    page.driver.execute_script("window.same = true")
    article = page.one("#abstained article[data-state='PER']")
    assert "1 intervention got no stance" in page.one("#left").text
    article.find_element("css selector", ".tools > button").click()
    top = "return Math.round(arguments[0].getBoundingClientRect().top)"
    choice = article.find_element("css selector", "button[data-stance='critical']")
    choice.location_once_scrolled_into_view  # noqa: B018
    before = page.driver.execute_script(top, article)
    choice.click()
    page.wait(lambda: "none is left for a human" in article.text)
    assert not page.find("#abstained article") and page.find("#interventions article[data-state='PER']")
    assert abs(page.driver.execute_script(top, article) - before) <= 2, "it stays where the eye is"
    assert page.driver.execute_script("return document.activeElement.dataset.stance") == "critical"
    assert page.one("#left").text == "" and "Every intervention got a stance" in page.driver.page_source
    assert "2 were critical" in page.one("#sentence").text
    assert [a.get_attribute("data-row") for a in page.find("#interventions article")] == ["0", "1", "2", "3"]
    Select(page.one("#filter-stance")).select_by_value("critical")
    page.wait(lambda: page.shown() == ["Ghana", "Peru"])
    assert page.one("#shown").text == "Showing 2 of 4 interventions"
    # No stance, said by a human, is not asked for again.
    article.find_element("css selector", "button[data-stance='none']").click()
    page.wait(lambda: "Saved: no stance" in article.text)
    assert "Somebody read it" in article.text and "read it yourself" not in article.text.lower()
    assert page.find("#interventions article[data-state='PER']") and page.one("#left").text == ""
    assert "1 was read by hand and took no stance" in page.one("#sentence").text
    for css in ("#sentence", ".kicker", ".limits"):
        assert "1 of 4 interventions corrected by hand" in page.one(css).text
    assert page.shown() == ["Ghana", "Peru"], "what is worked on stays"
    # Taken back, it is asked for again.
    article.find_element("css selector", "button[data-act='undo']").click()
    page.wait(lambda: "back to every intervention" in article.text)
    assert (
        page.find("#abstained article[data-state='PER']") and "1 intervention got no stance" in page.one("#left").text
    )
    assert "by hand" not in page.one(".kicker").text + page.one("#sentence").text
    assert page.driver.execute_script("return window.same")


def test_a_correction_leaves_who_used_the_same_words_alone(page: Page) -> None:
    words = "We thank the delegation and join the consensus."
    page.paste(f"The debate on Vellmora\n\nChile: {words}\n\nPeru: {words}\n")
    article = page.one("article[data-state='CHL']")
    article.find_element("css selector", ".tools > button").click()
    article.find_element("css selector", "button[data-stance='critical']").click()
    page.wait(lambda: "Saved: critical" in article.text)
    for _ in range(2):
        assert "1 was critical" in page.one("#sentence").text
        assert page.one("article[data-state='PER']").get_attribute("data-stance") == "none"
        assert "corrected by hand" not in page.one("article[data-state='PER']").text
        page.driver.refresh()


def test_who_confirms_a_stance_of_which_the_model_was_unsure_is_not_asked_again(page: Page) -> None:
    page.paste(DEBATE.replace("Vellmora", "Orvania").replace("We are alarmed", "We are perhaps alarmed"))
    page.driver.execute_script("window.same = true")
    assert [line.text.split("\n")[0] for line in page.find("#unsure li .name")] == ["Ghana"]
    assert "1 intervention is counted though the model was unsure" in page.one("#doubts").text
    article = page.one("article[data-state='GHA']")
    article.find_element("css selector", ".tools > button").click()
    article.find_element("css selector", "button[data-act='confirm']").click()
    page.wait(lambda: not page.find("#unsure li") and page.one("#doubts").text == "")
    assert page.driver.execute_script("return window.same")


def test_who_decides_the_last_abstention_is_led_to_what_the_model_was_unsure_of(page: Page) -> None:
    page.paste(DEBATE.replace("Vellmora", "Orlenda").replace("We are alarmed", "We are perhaps alarmed"))
    article = page.one("#abstained article[data-state='PER']")
    article.find_element("css selector", ".tools > button").click()
    article.find_element("css selector", "button[data-stance='none']").click()
    page.wait(lambda: "back to those for a human (1 left)" in article.text)
    assert "none is left" not in article.text.lower() and "None is left" not in page.one("#asked").text
    assert page.find("nav a[href='#abstained']") and [a.text for a in page.find("#unsure li a")] == ["Ghana"]


def test_markup_in_a_transcript_is_text(page: Page) -> None:
    page.paste(HOSTILE)
    assert page.driver.title != "taken"
    article = page.one("article[data-state='NOR']")
    assert "<script>document.title='taken'</script>" in article.text
    assert "</mark></article><b>this</b>" in article.text
    assert len(page.find("article.intervention")) == 2
    article.find_element("css selector", ".tools > button").click()
    article.find_element("css selector", "button[data-mark='praise']").click()
    page.wait(lambda: "Saved" in article.text)
    assert page.driver.title != "taken"


def test_a_file_that_cannot_be_read_is_said_so_on_the_page(page: Page, tmp_path: Path) -> None:
    bad = tmp_path / "broken.docx"
    bad.write_bytes(b"PK\x03\x04no")
    page.open()
    page.drop(bad)
    assert "broken.docx" in page.one("[role=alert]:not([hidden])").text
    page.open()
    page.one("button.main").click()
    assert "Choose a file" in page.one("#problem:not([hidden])").text


@pytest.mark.parametrize(
    ("name", "width", "dark"), [("desktop", 1280, False), ("phone", 360, False), ("dark", 1280, True)]
)
def test_every_page_is_accessible_and_fits(page: Page, name: str, width: int, dark: bool) -> None:
    page.size(width, 900, dark)
    page.open()
    page.one("#drop")
    page.shoot(f"start-{name}")
    assert (page.faults(), page.overflow()) == ([], 0)
    page.paste(DEBATE)
    page.shoot(f"report-{name}")
    page.one("article[data-state='NOR'] .tools > button").click()
    page.driver.execute_script("arguments[0].scrollIntoView()", page.one("article[data-state='NOR']"))
    page.shoot(f"correct-{name}")
    assert (page.faults(), page.overflow()) == ([], 0)


@pytest.mark.shared
@pytest.mark.skipif(not REPORTS.is_dir(), reason="needs the folder of real reports beside the project")
def test_a_real_report_goes_from_file_to_corrections(page: Page) -> None:
    page.open()
    page.drop(REPORTS / "cambodia2010.txt")
    page.one("#service")
    assert "Cambodia" in page.one("h1").text + page.one(".facts").text
    assert len(page.find("article.intervention")) > 40
    page.shoot("real")
    assert page.faults() == []
    article = page.one("article.intervention")
    article.find_element("css selector", ".tools > button").click()
    article.find_element("css selector", "button[data-stance='critical']").click()
    page.wait(lambda: "Saved: critical" in article.text)
