"""The banner over the views: what it says of an opening goes with the next one."""

import re
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import write_films
from tests.ui.fits import faults
from tests.ui.hand import drop
from tests.waiting import handled, settled
from viewer.ui.look.theme import Theme
from viewer.ui.panels.window_level import REFUSED
from viewer.ui.state.announcing import announce_until
from viewer.ui.window.main_window import MainWindow

UI = Path(__file__).resolve().parents[2] / "viewer" / "ui"


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder without anything in it."""
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """A folder of eight pictures that can all be shown."""
    write_films(tmp_path / "films")
    return tmp_path / "films"


def opened(window: MainWindow, qtbot: QtBot, *folders: Path) -> None:
    """Folders let go over the window, one after the other, and read to their end."""
    ends: list[object] = []
    window.session.scan_finished.connect(ends.append)
    for folder in folders:
        drop(window, [folder])
    qtbot.waitUntil(lambda: len(ends) == len(folders))


def report_of(window: MainWindow) -> str:
    """The words of the report's button, "" where there is none."""
    return next((b.text() for b in window.banner.findChildren(QPushButton) if b.text().startswith("Report")
                 and not b.isHidden()), "")  # fmt: skip


def test_that_no_image_was_found_is_not_said_above_images_of_another_folder(
    window: MainWindow, qtbot: QtBot, empty: Path, films: Path
) -> None:
    opened(window, qtbot, empty)
    assert "No image was found" in window.banner.sentence

    opened(window, qtbot, films)

    assert window.banner.sentence == ""


def test_a_problem_of_one_folder_is_not_said_over_another_patient(
    reading: MainWindow, qtbot: QtBot, films: Path
) -> None:
    assert "notes.dcm" in reading.banner.sentence
    assert report_of(reading) == "Report: 1 file"

    opened(reading, qtbot, films)

    assert reading.banner.sentence == ""
    assert [problem.path.name for problem in reading.session.problems] == ["notes.dcm"]  # the report keeps it


def test_the_report_is_not_offered_under_a_sentence_that_is_about_no_file(
    reading: MainWindow, qtbot: QtBot, empty: Path
) -> None:
    opened(reading, qtbot, empty)

    assert "No image was found" in reading.banner.sentence
    assert report_of(reading) == ""


def test_the_report_is_offered_under_its_own_sentence_only(reading: MainWindow) -> None:
    assert report_of(reading) == "Report: 1 file"

    reading.session.announced.emit("error", "The disk is full.")

    assert report_of(reading) == ""


def test_the_report_counts_the_files_of_its_sentence(reading: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("a.dcm", "b.dcm"):
        (tmp_path / "bad").mkdir(exist_ok=True)
        (tmp_path / "bad" / name).write_bytes(b"this is no image at all" * 20)

    opened(reading, qtbot, tmp_path / "bad")

    assert reading.banner.sentence.startswith("2 files are not shown.")
    assert report_of(reading) == "Report: 2 files"


def test_of_two_folders_in_a_row_the_second_has_the_last_word(
    window: MainWindow, qtbot: QtBot, empty: Path, films: Path
) -> None:
    opened(window, qtbot, empty, films)

    assert window.session.shown is not None or window.session.opening.patients
    assert window.banner.sentence == ""


def test_a_banner_of_something_else_stays_when_a_folder_is_opened(
    window: MainWindow, qtbot: QtBot, films: Path
) -> None:
    window.session.announced.emit("error", "The project cannot be written to.")

    opened(window, qtbot, films)

    assert window.banner.sentence == "The project cannot be written to."


def test_entering_a_project_ends_what_was_said_of_a_folder(
    window: MainWindow, qtbot: QtBot, empty: Path, project_folder: Path
) -> None:
    opened(window, qtbot, empty)
    assert window.banner.sentence

    with qtbot.waitSignal(window.session.project_entered):
        drop(window, [project_folder])

    assert window.banner.sentence == ""


def test_a_sentence_longer_than_a_line_is_shown_to_its_end_and_a_longer_one_offers_its_whole(
    window: MainWindow,
) -> None:
    banner, text = window.banner, window.banner._text
    more = next(one for one in banner.findChildren(QPushButton) if one.text() == "More")
    banner.announce("warn", "Short.")
    handled()
    high = banner.height()
    words, wide = "film_0.png cannot be read;", text.width()
    sentence = "1 thing was left out."  # two lines of it
    while text.fontMetrics().horizontalAdvance(f"{sentence} {words}") < 1.5 * wide:
        sentence = f"{sentence} {words}"

    banner.announce("warn", sentence)
    handled()

    assert text.text() == sentence and more.isHidden()
    assert text.heightForWidth(text.width()) > 1.5 * text.fontMetrics().lineSpacing()
    assert faults(banner) == []
    long = "word " * 100 + "Ask for a new copy."
    banner.announce("error", long)
    handled()
    assert text.text().endswith("…") and more.isVisible() and banner.height() == high
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    handled()
    (whole,) = (one for one in window.findChildren(QLabel) if one.text() == long and one.isVisible())
    assert faults(whole) == [] and whole.visibleRegion().boundingRect() == whole.rect()
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    assert whole.isHidden() or not whole.isVisible()
    QTest.mouseClick(more, Qt.MouseButton.LeftButton)
    banner.announce("warn", "Short.")
    handled()
    assert not any(one.text() == long and one.isVisible() for one in window.findChildren(QLabel))
    assert text.text() == "Short." and more.isHidden() and banner.height() == high


def test_it_lies_over_nothing_and_nothing_moves_when_it_comes_grows_and_goes(reading: MainWindow) -> None:
    reading.resize(1280, 720)
    for space, scale in product(("read", "annotate", "train", "review"), (1.0, 1.5)):
        it_lies_over_nothing(reading, space, scale)


def it_lies_over_nothing(reading: MainWindow, space: str, scale: float) -> None:
    reading.session.set_theme(Theme(name="dark", font_scale=scale))
    reading.enter(space)
    settled(reading.session)
    view, banner = reading.session.active_view, reading.banner
    banner.hide()
    handled()

    def places() -> list[object]:
        """Where the image lies in the window, and how large; and every other part that is seen."""
        parts = [one for one in reading.findChildren(QWidget) if one.isVisible() and not within(banner, one)]
        return [view.camera, *((one.mapTo(reading, QPoint(0, 0)), one.size()) for one in parts)]

    before = places()
    for level, sentence in (("info", "Short."), ("warn", "notes.dcm is no image. " * 20), ("error", "Short.")):
        banner.announce(level, sentence)
        handled()
        assert places() == before, (space, scale, sentence)
        # Seen whole, and nothing of what is seen lies under it.
        assert banner.visibleRegion().boundingRect() == banner.rect(), (space, scale, sentence)
        room = QRect(banner.mapTo(reading, QPoint(0, 0)), banner.size())
        under = [one for one in reading.findChildren(QWidget) if not within(banner, one) and seen(one, room)]
        assert under == [], (space, scale, sentence)
    banner.hide()
    handled()
    assert places() == before, (space, scale)


def seen(one: QWidget, room: QRect) -> bool:
    """Whether anything of a part that holds no other is seen there. room: of its window."""
    if not one.isVisible() or one.findChildren(QWidget) or one.objectName().startswith("qt_qmainwindow"):
        return False
    return one.visibleRegion().translated(one.mapTo(QWidget.window(one), QPoint(0, 0))).intersects(room)


def within(parent: QWidget, one: QWidget) -> bool:
    """Whether it is the other or a part of it."""
    return one is parent or parent.isAncestorOf(one)


def test_a_sentence_goes_with_its_cause_and_only_that_sentence(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    announce_until(session, "warn", "Of the import 2 rows were left out.", session.workspace_changed)
    handled()
    assert window.banner.sentence == "Of the import 2 rows were left out."

    session.set_workspace("annotate")
    assert window.banner.sentence == ""

    announce_until(session, "warn", "First.", session.workspace_changed)
    handled()
    session.announced.emit("error", "Second.")
    session.set_workspace("read")
    assert window.banner.sentence == "Second."


def test_a_window_that_was_refused_is_past_once_one_is_taken(reading: MainWindow) -> None:
    panel = reading.docks.panel("window_level")
    panel.width_field.setText("0")
    panel._on_typed()
    handled()
    assert reading.banner.sentence == REFUSED

    panel.width_field.setText("400")
    panel.center_field.setText("40")
    panel._on_typed()

    assert reading.banner.sentence == ""


def test_what_was_said_of_one_project_is_not_said_over_another(
    window: MainWindow, qtbot: QtBot, project_folder: Path
) -> None:
    window.session.announced.emit("warn", "12 things were left out of the import.")

    with qtbot.waitSignal(window.session.project_entered):
        drop(window, [project_folder])

    assert window.banner.sentence == ""


def test_a_gesture_that_was_not_kept_is_past_once_it_is(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    edits = window.session.edits
    monkeypatch.setattr(edits, "blocked", True)
    window.session.announced.emit("error", "The disk is full.")
    edits.blocked_changed.emit()
    assert window.banner.sentence == "The disk is full."

    monkeypatch.setattr(edits, "blocked", False)
    edits.blocked_changed.emit()

    assert window.banner.sentence == ""


def test_every_warning_and_error_names_what_ends_it() -> None:
    """A list of the places that show one without: each has its reason here."""
    ends_otherwise = {
        "model_queries.py": "another project, the study's end: the answer behind it is of the same image",
        "installing.py": "a restart: the AI part is missing until then",
        "membership.py": "another project",
        "session.py": "the gesture is kept; another project",
        "reviews.py": "leaving the case, or going through it again",
        "closing.py": "the gesture is kept",
        "opening.py": "past: the next opening, the study's end, another project",
        "projects.py": "another project",
    }
    found = set()
    for path in sorted(UI.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"announced\.emit\(\s*(\"(warn|error)\"|level)", text) and path.name != "announcing.py":
            found.add(path.name)

    assert found == set(ends_otherwise)


def test_words_that_grow_are_fitted_before_they_are_painted(window: MainWindow, films: Path, qtbot: QtBot) -> None:
    opened(window, qtbot, films)
    window.banner.announce("warn", "A sentence that needs all of the room it has. " * 12)
    handled()
    text = window.banner._text
    for scale in (1.5, 1.0, 1.3):
        window.session.set_theme(Theme(name="dark", font_scale=scale))
        assert text.heightForWidth(text.width()) <= 2.5 * text.fontMetrics().lineSpacing()
        assert window.banner.height() >= 2 * text.fontMetrics().lineSpacing()
        handled()
