"""Another patient is never put into a comparison, and a view that nobody sees counts for nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import series_named
from tests.waiting import handled
from viewer.ui.window.main_window import MainWindow


def open_two(
    window: MainWindow, qtbot: QtBot, write: Callable[..., None], folder: Path, *series: dict[str, object]
) -> None:
    """Two series of six slices in two views. series: what sets each apart."""
    for number, more in enumerate(series, start=1):
        plain = {"patient": "ONE", "study": 1, "frame": f"1.2.{number}"}
        for place in range(6):
            write(folder / f"s{number}" / f"{place}.dcm", series=number, place=place, **{**plain, **more})
    session = window.session
    session.open_paths([folder])
    qtbot.waitUntil(lambda: len(session.series_list()) == len(series) and not session.opening.scanning)
    qtbot.waitUntil(lambda: session.shown is not None)
    window.book.run("view.layout_1x2")
    for cell, number in zip(window.grid.cells, (1, 2)):
        window.grid.activate(cell)
        cell.show_series(series_named(window, f"Series {number}"), 0)
    window.grid.activate(window.grid.cells[0])
    qtbot.waitUntil(lambda: all(cell.shown is not None for cell in window.grid.cells))


def said(window: MainWindow) -> str:
    return str(window.statusBar()._mouse.text())


def test_linked_views_of_one_patient_without_a_common_frame_scroll_by_the_offset_at_linking(
    window: MainWindow, qtbot: QtBot, slice_writer: Callable[..., None], tmp_path: Path
) -> None:
    open_two(window, qtbot, slice_writer, tmp_path / "in", {}, {})
    window.grid.cells[1].go(2)
    window.book.run("view.link")

    window.grid.cells[0].scroll_to(3)

    assert window.grid.cells[1].index == 5


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"patient": "TWO", "study": 2}),
        ({}, {"patient": "TWO", "study": 2, "frame": "1.2.1"}),  # with the same frame of reference
        ({"IssuerOfPatientID": "NORTH"}, {"IssuerOfPatientID": "SOUTH", "study": 2, "frame": "1.2.1"}),
        ({"PatientID": ""}, {"PatientID": "", "study": 2, "frame": "1.2.1"}),  # both unknown
    ],
    ids=["another id", "one frame of reference", "another issuer", "unknown"],
)
def test_another_patient_never_scrolls_along_and_is_no_crosshair_s(
    window: MainWindow, qtbot: QtBot, slice_writer: Callable[..., None], tmp_path: Path,
    one: dict[str, object], other: dict[str, object],
) -> None:  # fmt: skip
    open_two(window, qtbot, slice_writer, tmp_path / "in", {"frame": "1.2.1", **one}, other)
    window.book.run("view.link")
    assert said(window) == "No other view shows this patient, so none scrolls along."
    assert window.grid.warning.startswith("2 different patients on the screen")

    window.grid.cells[0].scroll_to(4)
    assert window.grid.cells[1].index == 0

    window.grid.cells[0].view.pointed.emit(20.0, 20.0)
    assert window.grid.cells[1].index == 0 and window.grid.cells[1].view.work.mark is None
    assert window.grid.cells[0].view.work.mark is not None
    window.grid.cells[1].scroll_to(2)
    qtbot.waitUntil(lambda: window.grid.cells[1].shown.ref == window.grid.cells[1].series.frames[2])
    assert window.grid.cells[1].view.work.mark is None, "nor when it shows another slice"


def test_a_view_behind_a_maximised_one_is_no_second_patient_and_reads_nothing_until_it_is_back(
    window: MainWindow, qtbot: QtBot, slice_writer: Callable[..., None], tmp_path: Path
) -> None:
    open_two(window, qtbot, slice_writer, tmp_path / "in", {}, {"patient": "TWO", "study": 2})
    first, _ = window.grid.cells

    window.grid.maximise(first)
    assert window.grid.warning == ""

    window.grid.maximise(first)
    assert window.grid.warning.startswith("2 different patients")


def test_a_hidden_linked_view_follows_when_it_is_back(
    window: MainWindow, qtbot: QtBot, slice_writer: Callable[..., None], tmp_path: Path
) -> None:
    open_two(window, qtbot, slice_writer, tmp_path / "in", {}, {})
    first, second = window.grid.cells
    window.book.run("view.link")
    window.grid.maximise(first)

    first.scroll_to(3)
    assert second.index == 0

    window.grid.maximise(first)
    assert second.index == 3


def test_keys_never_act_on_a_view_behind_a_maximised_one(
    window: MainWindow, qtbot: QtBot, slice_writer: Callable[..., None], tmp_path: Path
) -> None:
    open_two(window, qtbot, slice_writer, tmp_path / "in", {}, {})
    first, second = window.grid.cells
    window.grid.maximise(first)

    window.book.run("view.next_view")

    assert window.session.active_cell is second and second.isVisible() and not first.isVisible()


def test_a_closed_view_hears_of_no_frame(
    window: MainWindow, qtbot: QtBot, slice_writer: Callable[..., None], tmp_path: Path
) -> None:
    open_two(window, qtbot, slice_writer, tmp_path / "in", {}, {})
    gone = window.grid.cells[1]
    before = gone.shown

    window.book.run("view.layout_1x1")
    assert gone.wanted is None
    window.session.frames.ready.emit(gone.series.frames[3])
    window.session.frames.failed.emit(gone.series.frames[3], "broken")

    assert gone.shown is before


def test_cine_stops_where_nobody_sees_it(
    window: MainWindow, qtbot: QtBot, slice_writer: Callable[..., None], tmp_path: Path
) -> None:
    open_two(window, qtbot, slice_writer, tmp_path / "in", {}, {})
    cell = window.session.active_cell
    assert cell is not None
    window.book.run("image.cine")
    qtbot.waitUntil(lambda: window.cine._timer.isActive())

    window.show_welcome()

    qtbot.waitUntil(lambda: not window.cine._timer.isActive())
    index = cell.index
    handled()
    assert cell.index == index
