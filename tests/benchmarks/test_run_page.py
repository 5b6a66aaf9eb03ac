"""What the window's thread works until the page of a judged run of a thousand epochs is painted.

The figures are printed; no test asserts a time. The processor time of the thread is counted, so that other work on the
cores does not count.
"""

import sys
import time
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from ml.evaluation.collected import CASE_COLUMNS
from ml.report_job import REPORT_FOLDER
from tests.ui.conftest import _project_made_once, project_folder, window  # noqa: F401  # fixtures
from tests.ui.judged_run import case_rows, judge, trained
from tests.waiting import handled, settled
from viewer.core.text.table_text import comma_text
from viewer.project.project import Project
from viewer.ui.run_page.page import RunPage
from viewer.ui.window.main_window import MainWindow

EPOCHS, CASES = 1_000, 10_000


def _painted_ms(qtbot: QtBot, window: MainWindow, run_id: str) -> float:  # noqa: F811
    """From the choice of a run to the paint of all that is read of it."""
    page = window.pages.train.page("Run")
    assert isinstance(page, RunPage)
    began = time.thread_time()
    window.session.jobs.select(run_id)
    qtbot.waitUntil(lambda: page.told is not None and page.told.run.run_id == run_id and page.told.facts is not None)
    window.repaint()
    handled()
    return (time.thread_time() - began) * 1000


@pytest.mark.full
def test_first_paint_of_a_thousand_epochs(
    window: MainWindow,  # noqa: F811
    project_folder: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    project = Project.open(project_folder, writable=True, author="tester")
    window.session.open_project(project)
    folders = [trained(project, epochs=EPOCHS, seed=seed) for seed in range(1, 7)]
    for folder in folders:
        judge(folder, project)
    window.resize(1600, 1000)
    window.session.jobs.look()
    qtbot.waitUntil(lambda: len(window.session.jobs.runs) == len(folders))
    settled(window.session)
    began = time.thread_time()
    window.enter("train")
    settled(window.session)
    handled()
    entered = (time.thread_time() - began) * 1000
    others = sorted(_painted_ms(qtbot, window, folder.name) for folder in folders[:-1])
    with capsys.disabled():
        sys.stdout.write(
            f"\nTrain entered for the first time, libraries and panels and all: {entered:.0f} ms of work; "
            f"another run of {EPOCHS} epochs: median {others[len(others) // 2]:.0f}, longest {others[-1]:.0f} ms\n"
        )


@pytest.mark.full
def test_the_page_of_a_run_that_was_judged_on_ten_thousand_cases(
    window: MainWindow,  # noqa: F811
    project_folder: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    project = Project.open(project_folder, writable=True, author="tester")
    window.session.open_project(project)
    folders = [trained(project, seed=seed) for seed in range(1, 6)]
    rows = case_rows(project)
    for folder in folders:
        judge(folder, project)
        many = [
            {**row, "image": row["image"] if not copy else f"{copy:06}{row['image'][6:]}"}
            for copy in range(CASES // (len(rows) // 2)) for row in rows
        ]  # fmt: skip
        text = comma_text(CASE_COLUMNS, many)
        (folder / REPORT_FOLDER / "cases.csv").write_text(text, encoding="utf-8")
    window.resize(1600, 1000)
    window.session.jobs.look()
    qtbot.waitUntil(lambda: len(window.session.jobs.runs) == len(folders))
    window.enter("train")
    settled(window.session)
    handled()
    painted = sorted(_painted_ms(qtbot, window, folder.name) for folder in folders[:-1])
    page = window.pages.train.page("Run")
    assert isinstance(page, RunPage)
    bar, steps = page.area.verticalScrollBar(), []
    for place in range(0, bar.maximum(), 60):
        began = time.thread_time()
        bar.setValue(place)
        handled()
        steps.append((time.thread_time() - began) * 1000)
    steps.sort()
    middle, last = painted[len(painted) // 2], painted[-1]
    step, slowest = steps[len(steps) // 2], steps[int(0.99 * len(steps))]
    with capsys.disabled():
        sys.stdout.write(
            f"\na run judged on {CASES} cases: median {middle:.0f}, longest {last:.0f} ms of work from its choice to "
            f"its paint; a step of scrolling: median {step:.1f}, 99th percentile {slowest:.1f} ms\n"
        )
