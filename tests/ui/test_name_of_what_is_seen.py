"""While another series is being read the picture of before is seen, and the title names that one."""

from pytestqt.qtbot import QtBot

from tests.waiting import settled
from viewer.reading.series import FrameRef
from viewer.ui.window.main_window import MainWindow


def test_the_title_names_the_picture_that_is_seen_until_the_next_one_is(qtbot: QtBot, reading: MainWindow) -> None:
    session = reading.session
    first, other = session.series_list()[:2]
    assert first.description and other.description and first.description != other.description
    cell = session.active_cell
    assert cell is not None
    cell.show_series(first)
    qtbot.waitUntil(lambda: cell.shown is not None and cell.shown.series.series_id == first.series_id)
    settled(session)
    assert cell.shown is not None and cell.shown.series.series_id == first.series_id
    held, asked = session.frames.get, []

    def not_yet(ref: FrameRef) -> object:
        return None if ref in other.frames else held(ref)

    session.frames.get, session.frames.want = not_yet, asked.append  # type: ignore[method-assign, assignment]
    cell.show_series(other)
    assert asked and cell.shown.series.series_id == first.series_id
    title = f"{cell.title.title} {cell.title.note}"
    assert first.description in title and f"reading {other.description}" in title

    session.frames.get = held  # type: ignore[method-assign]
    cell._on_ready(cell.wanted)
    assert cell.shown.series.series_id == other.series_id
    assert first.description not in f"{cell.title.title} {cell.title.note}"
