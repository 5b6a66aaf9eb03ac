"""What the window's thread works until the page of a judged run of a thousand epochs is painted.

The figures are printed; no test asserts a time. The processor time of the thread is counted, so that other work on the
cores does not count.
"""

import sys
import time
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import _project_made_once, project_folder, window  # noqa: F401  # fixtures
from tests.ui.judged_run import judge, trained
from tests.waiting import handled, settled
from viewer.project.project import Project
from viewer.ui.run_page.page import RunPage
from viewer.ui.window.main_window import MainWindow

EPOCHS = 1_000


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
