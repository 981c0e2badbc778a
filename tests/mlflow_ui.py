"""The MLflow UI in a real Chromium: the server, the browser, and what is looked at in it.

``python tests/mlflow_ui.py PROJECT FOLDER`` takes the screenshots of a project's own store.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from statestance.tracking.store import connect

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

T = TypeVar("T")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
WAIT = 45
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
    "--disable-dev-shm-usage", "--window-size=1900,1000",
)  # fmt: skip


@contextmanager
def mlflow_ui(project: Path) -> Iterator[str]:
    """Serve a project's store on a free port of this machine; yield the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", "sqlite:///mlflow.db"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    env = os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(command, cwd=project, env=env, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait_for(f"http://127.0.0.1:{port}/health", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(30)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            assert server.poll() is None and time.monotonic() < deadline, "mlflow ui did not start"
            time.sleep(0.2)


@contextmanager
def chromium(profile: Path) -> Iterator[Chrome]:
    """A headless Chromium with a profile of its own."""
    from selenium.webdriver import Chrome, ChromeOptions, ChromeService

    options = ChromeOptions()
    options.binary_location = CHROMIUM or ""
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    driver = Chrome(options=options, service=ChromeService(executable_path=DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


@dataclass(frozen=True)
class Ui:
    """What a person does in the UI, as far as the checks need it; every page leaves a screenshot."""

    driver: Chrome
    url: str
    experiment: str
    screenshots: Path

    def open(self, page: str) -> None:
        """Load a page afresh, and close the panels that lie over it."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.url}/#{page}")
        self.wait(lambda: self.find("button"))
        self.wait(self.nothing_lies_over_the_page)

    def nothing_lies_over_the_page(self) -> bool:
        for button in self.find("button[aria-label='Close']"):
            button.click()
        return True

    def runs(self, metrics: Sequence[str]) -> dict[str, dict[str, str]]:
        """The list of runs, with these metrics chosen as columns: name → metric → what its cell shows."""
        from selenium.webdriver import Keys

        self.open(f"/experiments/{self.experiment}/runs?workflowType=machine_learning")
        self.wait(lambda: self.find(".ag-row"))
        self.find("[data-testid='column-selection-dropdown']")[0].click()
        search = self.wait(lambda: self.find("input[placeholder='Search columns']"))[0]
        for metric in metrics:
            search.send_keys(Keys.CONTROL, "a")
            search.send_keys(metric)
            self.wait(partial(self.column, metric))[0].click()
        search.send_keys(Keys.ESCAPE)
        self.wait(lambda: all(self.find(_cell(metric)) for metric in metrics))
        self.shoot("runs")
        pinned = self.find(".ag-pinned-left-cols-container .ag-row")
        names = {row.get_attribute("row-id"): row.find_elements("css selector", "a")[0].text for row in pinned}
        return {
            name: {m: self.find(f".ag-row[row-id='{run_id}'] {_cell(m)}")[0].text for m in metrics}
            for run_id, name in names.items()
        }

    def column(self, metric: str) -> list[WebElement]:
        return [node for node in self.find("[class*='tree-node-content-wrapper']") if node.text == metric]

    def charts(self, *texts: str) -> str:
        """The charts of all runs; waits for these texts."""
        self.open(f"/experiments/{self.experiment}/runs?workflowType=machine_learning&compareRunsMode=CHART")
        text = self.wait_for_texts(*texts)
        self.wait(lambda: self.find(".js-plotly-plot .plot-container"))
        self.shoot("charts")
        return text

    def compare(self, run_ids: Sequence[str], *texts: str) -> str:
        """Runs side by side; waits for these texts."""
        chosen = ",".join(f"%22{run_id}%22" for run_id in run_ids)
        self.open(f"/compare-runs?runs=[{chosen}]&experiments=[%22{self.experiment}%22]")
        text = self.wait_for_texts(*texts)
        self.shoot("compare")
        for title in self.driver.find_elements("xpath", "//*[normalize-space(text())='Metrics']"):
            self.driver.execute_script("arguments[0].scrollIntoView()", title)
        self.shoot("compare-metrics")
        return text

    def registry(self, model: str, *texts: str) -> str:
        """The page of a registered model; waits for these texts."""
        self.open(f"/models/{model}")
        text = self.wait_for_texts(*texts)
        self.shoot("registry")
        return text

    def wait_for_texts(self, *texts: str) -> str:
        def seen() -> str:
            page = self.text()
            return page if all(text in page for text in texts) else ""

        return self.wait(seen)

    def text(self) -> str:
        return self.find("body")[0].text

    def find(self, css: str) -> list[WebElement]:
        return self.driver.find_elements("css selector", css)

    def wait(self, condition: Callable[[], T]) -> T:
        """Wait until a condition holds; elements that React replaces meanwhile count as not yet there."""
        from selenium.common.exceptions import (
            ElementNotInteractableException,
            StaleElementReferenceException,
            TimeoutException,
        )
        from selenium.webdriver.support.ui import WebDriverWait

        # Elements that are not there yet, are replaced meanwhile, or are still moving.
        passing = [StaleElementReferenceException, ElementNotInteractableException, IndexError]
        try:
            return WebDriverWait(self.driver, WAIT, ignored_exceptions=passing).until(lambda _: condition())
        except TimeoutException as error:
            page = self.find("body")
            raise AssertionError(f"{self.driver.current_url}\n{page[0].text[:2000] if page else ''}") from error

    def shoot(self, name: str) -> None:
        self.screenshots.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(self.screenshots / f"{name}.png"))


def _cell(metric: str) -> str:
    return f".ag-cell[col-id='metrics.`{metric}`']"


@contextmanager
def opened(project: Path, screenshots: Path) -> Iterator[Ui]:
    """Server and browser on a project's own store."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        experiment = connect(project).experiment
        with mlflow_ui(project) as url, chromium(Path(profile)) as driver:
            yield Ui(driver, url, experiment, screenshots)


def main(project: Path, screenshots: Path) -> None:
    runs = [
        run for run in connect(project).search("attributes.status = 'FINISHED'") if "test.macro_f1" in run.data.metrics
    ]
    runs.sort(key=lambda run: run.data.metrics["test.macro_f1"], reverse=True)
    with opened(project, screenshots) as ui:
        for name, cells in ui.runs(["dev.macro_f1", "test.macro_f1"]).items():
            print(name, cells)
        ui.charts("Model metrics")
        ui.compare([run.info.run_id for run in runs[:2]], *(run.info.run_name for run in runs[:2]))
        ui.registry("statestance", "champion")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
