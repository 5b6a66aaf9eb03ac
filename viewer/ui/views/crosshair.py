"""The crosshair: one place of the patient in every view of its frame of reference."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.core.geometry import PointMm, along
from viewer.core.patients import PatientSigns, same_patient
from viewer.ui.canvas.work import Mark
from viewer.ui.views.patients import is_on_screen, may_compare, signs_of

if TYPE_CHECKING:
    from viewer.reading.series import Series
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.screen import Cell

LEAST_MM = 0.5  # how far from its plane a single slice may still mark a point


class Crosshair(QObject):
    """Sends the other cells to the slice through a point, and marks the point wherever a slice goes through it."""

    def __init__(self, session: "Desk", parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self.point_mm: PointMm | None = None
        self._frame_of_reference = ""
        self._signs: PatientSigns | None = None  # of whom the point is
        self._series: Series | None = None
        session.tool_changed.connect(self._on_tool_changed)
        session.closing.closed.connect(self._on_closed)

    def point(self, cell: "Cell", x_px: float, y_px: float) -> None:
        """The person points at (x_px, y_px) of the image in a cell."""
        shown = cell.shown
        if shown is None or shown.frame.facts.plane is None or shown.frame.facts.spacing is None:
            return
        plane = shown.frame.facts.plane
        self.point_mm = plane.image_to_patient(x_px, y_px, shown.frame.facts.spacing)
        self._frame_of_reference, self._signs, self._series = plane.frame_of_reference, signs_of(cell), cell.series
        self.mark(cell)
        seen = [other for other in self._session.cells if other is not cell and is_on_screen(other)]
        others = [other for other in seen if self._shares(other) and may_compare(cell, other)]
        for other in others:
            self._send(other)
        if seen and not others:
            self._session.said.emit("No other view shares this image's patient and frame of reference.")

    def mark(self, cell: "Cell") -> None:
        """Mark the point in a cell that shows another slice now, or no longer."""
        if self.point_mm is not None and self._shares(cell) and cell.series is not None:
            gap = cell.series.slice_spacing_mm or 0.0
            cell.view.set_mark(Mark(point_mm=self.point_mm, within_mm=max(LEAST_MM, gap / 2 * 1.001)))
        elif cell.view.work.mark is not None:
            cell.view.set_mark(None)

    def _shares(self, cell: "Cell") -> bool:
        plane, signs = (cell.shown.frame.facts.plane if cell.shown is not None else None), signs_of(cell)
        if plane is None or not self._frame_of_reference or signs is None or self._signs is None:
            return False
        # Copied headers and scanners that count from 1 give one frame of reference to two patients.
        is_same = cell.series is self._series or same_patient(signs, self._signs)
        return is_same and plane.frame_of_reference == self._frame_of_reference

    def _send(self, cell: "Cell") -> None:
        assert cell.shown is not None and cell.series is not None and self.point_mm is not None
        plane = cell.shown.frame.facts.plane
        assert plane is not None
        there = along(self.point_mm, plane.normal)
        places = [(index, ref.along_normal_mm) for index, ref in enumerate(cell.series.frames)]
        known = [(abs(place - there), index) for index, place in places if place is not None]
        if known:
            cell.go(min(known)[1])
        self.mark(cell)

    def _on_closed(self, _closed: object) -> None:
        if not any(self._shares(cell) for cell in self._session.cells):
            self.point_mm = None  # the next study in this frame of reference begins without a cross

    def _on_tool_changed(self, tool: str) -> None:
        if tool != "crosshair" and self.point_mm is not None:
            self.point_mm = None
            for cell in self._session.cells:
                self.mark(cell)
