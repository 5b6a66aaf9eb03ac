"""What a scan brings onto the screen: at first one image, while the rest is read; in the end every series in order."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.reading.series import largest

if TYPE_CHECKING:
    from collections.abc import Callable

    from viewer.reading.scan import ScanResult
    from viewer.reading.series import FrameRef
    from viewer.ui.flows.recent import RecentPlaces
    from viewer.ui.state.screen import Cell
    from viewer.ui.state.session import Session

GLANCE_S = 1.0  # an image that stood there for longer is being looked at


class Arrivals:
    """Shows what is found, and never takes away what a person looks at."""

    def __init__(self, session: "Session", places: "RecentPlaces") -> None:
        self._session, self._places = session, places
        self._early: FrameRef | None = None
        self._shown_s = 0.0

    def begin(self) -> None:
        """A scan begins."""
        self._early = None

    def show_part(self, result: "ScanResult", painted: "Callable[[], None]") -> None:
        """The first image of a scan that goes on; later the same image among the more that is known.

        painted: called when the first image is on the screen.
        """
        cell = self._session.active_cell
        if cell is None or self._early is not None:
            painted()
            self._settle(result)
            return
        series = result.patients[0].studies[0].series[0]
        self._early, self._shown_s = series.frames[0], time.monotonic()
        cell = self._session.arrange_views(1)[0]
        _tell_once(cell, self._early, painted)
        cell.show_series(series, 0)
        self._session.series_opened.emit(series)

    def show(self, paths: list[Path], result: "ScanResult") -> None:
        """Everything is known: the image that was looked at meanwhile stays, else the one a person wants first."""
        if self._early is None or not self._is_looked_at() or not self._settle(result):
            self._show_first(paths, result)
        self._early = None

    def _is_looked_at(self) -> bool:
        """Whether a person stayed with the early image, or went on from it."""
        cell = self._session.active_cell
        if cell is None or cell.shown is None:
            return False
        moved = cell.shown.ref != self._early or cell.view.contrast.touched
        return moved or time.monotonic() - self._shown_s > GLANCE_S

    def _settle(self, result: "ScanResult") -> bool:
        """Give every cell its series as it is known now; True when the active cell's image is among them."""
        every = [s for p in result.patients for study in p.studies for s in study.series]
        done = False
        for cell in self._session.cells:
            ref = cell.shown.ref if cell.shown is not None else cell.wanted
            if ref is None or cell.series is None:
                continue
            own = cell.series.series_id
            likely = sorted(every, key=lambda series: series.series_id != own)
            series = next((series for series in likely if ref in series.frames), None)
            if series is not None:
                cell.settle(series, ref)
                done = done or cell is self._session.active_cell
        return done

    def _show_first(self, paths: list[Path], result: "ScanResult") -> None:
        session = self._session
        place = self._places.of(paths[0])
        every = [s for p in result.patients for study in p.studies for s in study.series]
        again = next((s for s in every if s.series_id == place.get("series")), None)
        if again is not None and session.active_cell is not None:
            session.active_cell.show_series(again, min(int(place.get("index", 0)), len(again.frames) - 1))
            session.series_opened.emit(again)
            return
        first = result.patients[0].studies[0]
        films = [s for s in first.series if len(s.frames) == 1]
        if 2 <= len(first.series) <= 4 and len(films) == len(first.series):
            for cell, series in zip(session.arrange_views(len(films)), films):
                cell.show_series(series)
            session.series_opened.emit(films[0])
            return
        session.arrange_views(1)
        session.open_series(largest(first.series))


def _tell_once(cell: "Cell", ref: "FrameRef", painted: "Callable[[], None]") -> None:
    """Call `painted` after the first paint of a cell that shows this frame."""

    def heard(_cause: str, _ms: float) -> None:
        if cell.shown is not None and cell.shown.ref == ref:
            cell.view.painted.disconnect(heard)
            painted()

    cell.view.painted.connect(heard)
