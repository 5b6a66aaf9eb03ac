"""The window opens where it was left: a project's case, or a study; the sample study only where nothing was opened."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

import viewer.app
from tests.ui.conftest import write_slice
from tests.ui.hand import CTRL, press
from tests.waiting import settled
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two opened folders of a study each."""
    for patient in ("FIRST", "SECOND"):
        for place in range(3):
            write_slice(tmp_path / patient / f"{place}.dcm", patient=patient, study=1, series=1, place=place, frame="1")
    return tmp_path / "FIRST", tmp_path / "SECOND"


class Program:
    """The program as its command line starts it, without its event loop."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, bot: QtBot, folder: Path, sample: Path) -> None:
        self.windows: list[MainWindow] = []
        self._bot = bot
        monkeypatch.setattr(viewer.app, "settings_folder", lambda: folder)
        monkeypatch.setattr(viewer.app, "start_decoder", lambda: None)
        monkeypatch.setattr(viewer.app, "_stay", self._take)
        monkeypatch.setattr("viewer.reading.phantom.sample_folder", lambda: sample)

    def _take(self, _app: object, window: MainWindow) -> int:
        self.windows.append(window)
        return 0

    def start(self) -> MainWindow:
        """What `start.py` opens; the window before is closed first."""
        if self.windows:
            self.windows[-1].close()
        assert viewer.app.open_sample(at_first_only=True) == 0
        window = self.windows[-1]
        self._bot.waitUntil(lambda: window.session.project is not None)
        self._bot.waitUntil(window.isActiveWindow)
        return window

    def shows(self, patient: str, index: int = 1) -> MainWindow:
        """Wait for an image of a patient."""
        window = self.windows[-1]
        self._bot.waitUntil(lambda: _at(window) == (patient, index))
        settled(window.session)
        return window


def _at(window: MainWindow) -> tuple[str, int] | None:
    shown, cell = window.session.shown, window.session.active_cell
    if shown is None or shown.series is None or cell is None:
        return None
    return shown.series.patient_id, cell.index


def _case(window: MainWindow) -> str | None:
    return window.session.shown.case_id if window.session.shown is not None else None


@pytest.fixture
def program(qtbot: QtBot, home: Path, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    """With FIRST as its sample study."""
    made = Program(monkeypatch, qtbot, home / "kept", folders[0])
    yield made
    made.windows[-1].close()
    for window in made.windows:
        window.deleteLater()


def test_the_first_start_shows_the_sample_and_the_next_one_what_was_open_last(
    program: Program, folders: tuple[Path, Path]
) -> None:
    program.start()
    program.shows("FIRST").session.open_paths([folders[1]])
    window = program.shows("SECOND")
    QTest.keyClick(window.session.active_view, Qt.Key.Key_Down)  # caudal: the slice below
    program.shows("SECOND", 0)

    program.start()

    again = program.shows("SECOND", 0)
    assert [one.patient_id for one in again.session.opening.patients] == ["SECOND"], "no sample beside it"


def test_a_project_that_was_left_is_returned_to_and_no_study_beside_it(
    program: Program, folders: tuple[Path, Path], project_folder: Path, qtbot: QtBot
) -> None:
    program.start()
    window = program.shows("FIRST")
    window.session.projects.open_folder(project_folder)
    qtbot.waitUntil(lambda: window.windowTitle() == "Project: Films · Negatoscope")
    window.session.case_step(1)
    qtbot.waitUntil(lambda: _case(window) is not None)
    left = _case(window)

    again = program.start()

    qtbot.waitUntil(lambda: again.session.shown is not None)
    settled(again.session)
    assert _case(again) == left and not again.session.opening.patients


def test_a_study_that_was_closed_or_forgotten_is_not_opened_again(program: Program) -> None:
    program.start()
    window = program.shows("FIRST")
    press(window, Qt.Key.Key_W, CTRL)
    settled(window.session)
    assert window.session.shown is None

    again = program.start()

    settled(again.session)
    assert again.session.shown is None and not again.session.opening.patients
    assert Settings(again.session.settings.file).recent, "it hangs on the rail"
