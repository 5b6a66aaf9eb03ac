"""Several views in the window: a series dropped into one, linked scrolling, two patients, an image beside a heatmap."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.conftest import series_named
from tests.ui.hand import CTRL, LEFT, NONE, press, wheel
from tests.ui.painted import words_on
from viewer.ui.views.cell import series_mime
from viewer.ui.window.main_window import MainWindow


def test_a_series_dropped_into_a_cell_is_shown_there(reading: MainWindow, qtbot: QtBot) -> None:
    reading.book.run("view.layout_1x2")
    second, wanted = reading.grid.cells[1], series_named(reading, "Series 2")
    data = series_mime(wanted.series_id)

    second.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, NONE))

    qtbot.waitUntil(lambda: second.shown is not None)
    assert second.series is wanted
    assert reading.session.active_cell is second


def two_series(window: MainWindow, qtbot: QtBot, first: str, second: str) -> None:
    window.book.run("view.layout_1x2")
    for cell, name in zip(window.grid.cells, (first, second)):
        window.grid.activate(cell)
        cell.show_series(series_named(window, name), 0)
    window.grid.activate(window.grid.cells[0])
    qtbot.waitUntil(lambda: all(cell.shown is not None for cell in window.grid.cells))


def test_linked_views_of_one_frame_of_reference_scroll_by_millimetres(reading: MainWindow, qtbot: QtBot) -> None:
    two_series(reading, qtbot, "Series 1", "Series 2")
    reading.book.run("view.link")

    reading.grid.cells[0].scroll_to(4)  # at 16 mm

    assert reading.grid.cells[1].index == 2  # 8 mm apart, so the third one


def test_two_patients_on_the_screen_are_said_over_the_views(reading: MainWindow, qtbot: QtBot) -> None:
    two_series(reading, qtbot, "Series 1", "Series 2")
    assert reading.grid.warning == ""

    reading.grid.cells[1].show_series(series_named(reading, "Series 5"), 0)

    qtbot.waitUntil(lambda: "2 different patients" in reading.grid.warning)


def test_a_double_click_maximises_a_view_and_back(reading: MainWindow, qtbot: QtBot) -> None:
    two_series(reading, qtbot, "Series 1", "Series 2")

    QTest.mouseDClick(reading.grid.cells[1].view, LEFT, pos=QPoint(30, 30))
    assert [cell.isVisible() for cell in reading.grid.cells] == [False, True]

    QTest.mouseDClick(reading.grid.cells[1].view, LEFT, pos=QPoint(30, 30))
    assert all(cell.isVisible() for cell in reading.grid.cells)


def test_one_key_hides_names_everywhere(reading: MainWindow) -> None:
    press(reading, Qt.Key.Key_F9)

    assert all(cell.view.names_hidden for cell in reading.grid.cells)
    reading.show_welcome()
    assert reading.session.names_hidden


def test_the_view_is_copied_without_patient_text(reading: MainWindow) -> None:
    press(reading, Qt.Key.Key_C, CTRL)

    image = QGuiApplication.clipboard().image()
    assert image.size() == reading.session.active_view.grab_view().size()
    assert image == reading.session.active_view.grab_view(without_patient_text=True)
    assert "ONE" in " ".join(words_on(reading.session.active_view, without_patient_text=False))
    assert "ONE" not in " ".join(words_on(reading.session.active_view))


def test_the_heatmap_stands_beside_a_plain_image_that_follows_it(reading: MainWindow, qtbot: QtBot) -> None:
    reading.enter("review")
    reading.session.set_fact("heatmap", holds=True)
    qtbot.waitUntil(lambda: reading.grid.pair.stands)
    plain, warm = reading.grid.cells

    warm.scroll_to(1)
    assert plain.index == 1
    warm.view.zoom_by(2.0)
    assert plain.view.camera.zoom == warm.view.camera.zoom

    reading.session.set_fact("heatmap", holds=False)
    qtbot.waitUntil(lambda: len(reading.grid.cells) == 1)


def told(window: MainWindow) -> list[object]:
    """What the status bar is told to read out, as a list that grows."""
    seen: list[object] = []
    window.session.readout_changed.connect(seen.append)
    return seen


def point_at(window: MainWindow, cell: int) -> None:
    """The mouse goes to the middle of a view and rests there; the others are left."""
    for other in window.grid.cells:
        QApplication.sendEvent(other.view, QEvent(QEvent.Type.Leave))
    view = window.grid.cells[cell].view
    QTest.mouseMove(view, view.rect().center() - QPoint(2, 2))
    QTest.mouseMove(view, view.rect().center())


def test_linked_views_read_out_only_what_lies_under_the_pointer(reading: MainWindow, qtbot: QtBot) -> None:
    two_series(reading, qtbot, "Series 1", "Series 2")
    reading.grid.cells[0].go(4)
    reading.grid.cells[1].go(2)
    reading.book.run("view.link")
    point_at(reading, 1)  # the other view was pointed at before
    point_at(reading, 0)
    middle = reading.grid.cells[0].view.rect().center()
    at = (middle.x(), middle.y())
    seen = told(reading)

    wheel(reading.grid.cells[0].view, -1, at)  # from 16 mm
    wheel(reading.grid.cells[0].view, -1, at)
    press(reading, Qt.Key.Key_Home)

    assert reading.grid.cells[1].index == 0  # it went along, from 16 mm
    # Series 1 holds 100 + place and 700 in its square (write_slice), series 2 one hundred more.
    assert [one.stored[0] for one in seen] in ([103, 102, 100], [700, 700, 700])  # type: ignore[attr-defined]
    assert [one.position_mm[2] for one in seen] == [12, 8, 0]  # type: ignore[attr-defined]


def test_a_view_that_the_pointer_left_reads_nothing_out_when_it_is_sent_elsewhere(
    reading: MainWindow, qtbot: QtBot
) -> None:
    two_series(reading, qtbot, "Series 1", "Series 2")
    point_at(reading, 1)
    point_at(reading, 0)
    seen = told(reading)

    reading.grid.cells[1].scroll_to(3)  # as the crosshair does

    assert reading.grid.cells[1].index == 3
    assert seen == []


def test_the_readout_follows_an_image_that_turns_under_the_resting_pointer(reading: MainWindow) -> None:
    view = reading.grid.cells[0].view
    QTest.mouseMove(view, view.rect().center() + QPoint(38, 60))
    QTest.mouseMove(view, view.rect().center() + QPoint(40, 60))
    seen = told(reading)

    press(reading, Qt.Key.Key_F)

    at = view.readout_at(QPointF(view.rect().center() + QPoint(40, 60)))
    assert at is not None and seen and seen[-1] == at
