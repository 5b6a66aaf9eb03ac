"""Closing a study loses nothing that a person drew, in any work space."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.closing import close_study, patients, press
from tests.ui.hand import CTRL, NONE, SHIFT, drag
from viewer.core.heat import HeatMap
from viewer.project.edit_builders import add_label
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.window.main_window import MainWindow


def test_what_was_drawn_stays_and_is_shown_where_it_was_when_the_study_is_opened_again(
    reading: MainWindow, studies_folder: Path, qtbot: QtBot
) -> None:
    session = reading.session
    press(reading, Qt.Key.Key_Down)
    press(reading, Qt.Key.Key_Down)
    place = session.active_cell.index  # type: ignore[union-attr]
    press(reading, Qt.Key.Key_L)
    with qtbot.waitSignal(session.work_changed):
        drag(session.active_view, (200, 200), (300, 260))
    image_id = session.shown.image_id  # type: ignore[union-attr]
    assert image_id is not None and session.project is not None

    close_study(reading, qtbot)
    assert len(session.project.work.measurements(image_id)) == 1

    session.open_paths([studies_folder])
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.image_id == image_id)
    qtbot.waitUntil(lambda: not session.opening.scanning)
    assert session.active_cell.index == place == 1  # type: ignore[union-attr]
    assert session.shown.series.description == "Series 1"  # type: ignore[union-attr]
    assert len(session.active_view.work.measurements) == 1
    assert patients(reading) == ["FILMS", "ONE", "TWO2"]


def test_a_shape_that_is_being_drawn_is_not_thrown_away(reading: MainWindow, qtbot: QtBot) -> None:
    session, view = reading.session, reading.session.active_view
    reading.enter("annotate")
    assert session.project is not None
    with qtbot.waitSignal(session.work_changed):
        session.do(add_label("Nodule", "region", session.project.labels))
    session.set_tool("polygon")
    for at in ((200, 200), (300, 200)):
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, NONE, QPoint(*at))
    assert view.tool.is_busy

    press(reading, Qt.Key.Key_W, CTRL)
    assert session.shown is not None and "Finish what you are drawing" in reading.banner.sentence

    press(reading, Qt.Key.Key_Escape)
    close_study(reading, qtbot)
    assert session.shown is None


def test_nothing_is_closed_while_a_gesture_could_not_be_saved(reading: MainWindow) -> None:
    reading.session.edits.blocked = True

    press(reading, Qt.Key.Key_W, CTRL)

    assert reading.session.shown is not None and "not saved" in reading.banner.sentence


@pytest.mark.parametrize("space", ["annotate", "review"])
def test_in_other_work_spaces_the_views_and_lists_become_empty(
    space: str, reading: MainWindow, studies_folder: Path, qtbot: QtBot
) -> None:
    session = reading.session
    reading.enter(space)

    close_study(reading, qtbot)

    assert session.shown is None and not session.situation().may_edit
    press(reading, Qt.Key.Key_A)
    press(reading, Qt.Key.Key_D)
    press(reading, Qt.Key.Key_Return, CTRL)
    assert session.project is not None and session.project.cases.all() == []
    press(reading, Qt.Key.Key_W, CTRL | SHIFT)
    assert reading.is_waiting, "there is no case to go on with"
    session.open_paths([studies_folder])
    qtbot.waitUntil(lambda: session.shown is not None)


def test_cases_of_the_project_can_be_gone_on_with(reading: MainWindow, qtbot: QtBot) -> None:
    session = reading.session
    reading.enter("annotate")
    session.members.add_to_project(session.series_list())
    qtbot.waitUntil(lambda: session.project is not None and len(session.project.cases.all()) > 0)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id is not None)

    press(reading, Qt.Key.Key_W, CTRL | SHIFT)

    assert session.shown is None and not reading.welcome.isVisible()
    assert not reading.book.may_run("annotate.complete")
    press(reading, Qt.Key.Key_D)
    qtbot.waitUntil(lambda: session.shown is not None)
    assert session.shown.case_id is not None  # type: ignore[union-attr]
    press(reading, Qt.Key.Key_W, CTRL)
    assert session.shown is None, "no scan found this image"


def test_a_heatmap_and_its_second_view_go(reading: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    session = reading.session
    review = session.review
    monkeypatch.setattr(review, "explain", lambda: None)
    reading.enter("review")
    assert session.shown is not None and session.shown.image_id is not None
    review.heat = HeatMap(
        image_id=session.shown.image_id, label="Nodule", method="gradcam", layer="neck", model_hash="f" * 64,
        grid=np.ones((4, 4), np.float32), x0_px=0, y0_px=0, x1_px=64, y1_px=48,
    )  # fmt: skip
    review.set_heat_on(on=True)
    qtbot.waitUntil(lambda: reading.grid.pair.stands)

    close_study(reading, qtbot)

    assert review.heat is None and session.heat is None
    findings = reading.docks.panel("findings")
    assert isinstance(findings, FindingsPanel) and findings.empty._label.text() == "No image is shown."
    qtbot.waitUntil(lambda: not reading.grid.pair.stands)
    assert all(cell.series is None and cell.shown is None for cell in reading.grid.cells)
