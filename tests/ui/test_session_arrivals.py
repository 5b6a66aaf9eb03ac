"""The first image of a long scan stands on the screen while the rest is read, and stays there when it is done."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.waiting import LIMIT_S
from viewer.reading import scan as scanning
from viewer.ui.flows import arrivals as session_arrivals
from viewer.ui.flows import opening as session_opening
from viewer.ui.flows.desk import Desk

SLICES, FEW = 40, 8


@pytest.fixture
def study(tmp_path: Path, slice_writer: Callable[..., None]) -> Path:
    """A stack whose names run against its places: the first file is the last image in order."""
    for number in range(SLICES):
        place = SLICES - 1 - number
        slice_writer(
            tmp_path / "study" / f"{number:03}.dcm", patient="ONE", study=1, series=1, place=place, frame="1.2.9",
            PixelData=bytes(48 * 64 * 2),
        )  # fmt: skip
    return tmp_path / "study"


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Holds the scan after its first file until it is set."""
    event, read, seen = threading.Event(), scanning.open_dicom, []

    def held(path: Path) -> object:
        if path.parent.name == "study":
            seen.append(path)
        if len(seen) > 1:
            event.wait(LIMIT_S)
        return read(path)

    monkeypatch.setattr(scanning, "open_dicom", held)
    monkeypatch.setattr(scanning, "MANY_FILES", FEW)
    yield event
    event.set()


def _shown(session: Desk) -> tuple[str, int, int]:
    """(file, index, images of the series) of the active view."""
    cell = session.active_cell
    assert cell is not None and cell.shown is not None and cell.series is not None
    return cell.shown.ref.path.name, cell.index, len(cell.series.frames)


def test_the_first_image_is_there_while_the_rest_is_read(
    session: Desk, study: Path, gate: threading.Event, qtbot: QtBot
) -> None:
    session.open_paths([study])

    qtbot.waitUntil(lambda: session.shown is not None)

    assert session.opening.scanning
    assert _shown(session) == ("000.dcm", 0, 1)
    assert [len(series.frames) for series in session.series_list()] == [1]
    with qtbot.waitSignal(session.scan_finished):
        gate.set()


def test_the_scan_waits_for_the_paint_of_the_first_image_and_not_longer(
    session: Desk, study: Path, gate: threading.Event, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_opening, "FIRST_PAINT_S", 60.0)
    gate.set()
    listed = scanning.files_below
    told: list[str] = []

    def heard(*args: Any, **more: Any) -> Iterator[tuple[Path, Path]]:
        for number, pair in enumerate(listed(*args, **more)):
            if number == FEW:
                told.append("goes on")
            yield pair

    monkeypatch.setattr(scanning, "files_below", heard)
    cell = session.active_cell
    assert cell is not None
    cell.view.painted.connect(lambda _cause, _ms: told.append("painted") if cell.shown is not None else None)

    with qtbot.waitSignal(session.scan_finished):
        session.open_paths([study])

    assert told[0] == "painted" and "goes on" in told


def test_an_image_that_is_looked_at_stays_and_finds_its_place(
    session: Desk, study: Path, gate: threading.Event, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_arrivals, "GLANCE_S", 0.0)
    session.open_paths([study])
    qtbot.waitUntil(lambda: session.shown is not None)

    with qtbot.waitSignal(session.scan_finished):
        gate.set()

    assert _shown(session) == ("000.dcm", SLICES - 1, SLICES)
    assert session.shown is not None and session.shown.series is session.active_cell.series  # type: ignore[union-attr]


def test_an_image_at_which_nobody_looked_gives_way_to_the_middle(
    session: Desk, study: Path, gate: threading.Event, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_arrivals, "GLANCE_S", 1e9)
    session.open_paths([study])
    qtbot.waitUntil(lambda: session.shown is not None)

    gate.set()
    qtbot.waitUntil(lambda: _shown(session)[1:] == (SLICES // 2, SLICES))


def test_what_is_known_so_far_can_be_scrolled(
    session: Desk, study: Path, gate: threading.Event, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "PARTLY_S", 0.0)
    monkeypatch.setattr(scanning, "PARTLY_SHARE", 1e9)
    monkeypatch.setattr(session_arrivals, "GLANCE_S", 0.0)
    session.open_paths([study])
    qtbot.waitUntil(lambda: session.shown is not None)
    grown: list[int] = []
    session.series_found.connect(lambda: grown.append(_shown(session)[2]))

    with qtbot.waitSignal(session.scan_finished):
        gate.set()

    assert grown and grown == sorted(grown) and grown[-1] > 1
    assert _shown(session) == ("000.dcm", SLICES - 1, SLICES)


def test_a_stopped_scan_keeps_what_was_open_before(
    session: Desk, study: Path, studies_folder: Path, gate: threading.Event, qtbot: QtBot
) -> None:
    gate.set()
    with qtbot.waitSignal(session.scan_finished):
        session.open_paths([studies_folder])
    before = [series.series_id for series in session.series_list()]
    gate.clear()
    with qtbot.waitSignal(session.series_found):
        session.open_paths([study])

    with qtbot.waitSignal(session.announced):
        session.opening.cancel()
        gate.set()

    assert [series.series_id for series in session.series_list()][: len(before)] == before
