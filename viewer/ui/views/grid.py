"""The view grid: layouts, the active cell, linked scrolling, two patients at once."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from viewer.core.heat import NOT_A_DIAGNOSIS
from viewer.ui.flows.closing import SERIES_FACT
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.presentation_states import PresentationStates
from viewer.ui.look.chips import ElidedLabel, IconLabel, Paragraph, text_label
from viewer.ui.look.plain_text import set_text, set_tip
from viewer.ui.views.cell import ViewCell
from viewer.ui.views.crosshair import Crosshair
from viewer.ui.views.heat_pair import HeatPair
from viewer.ui.views.patients import is_on_screen, may_compare, patients_on_screen
from viewer.ui.views.tool_strip import ToolStrip

if TYPE_CHECKING:
    from viewer.reading.series import Series

LAYOUTS = {"1x1": (1, 1), "1x2": (1, 2), "2x2": (2, 2)}  # rows, columns


class PatientBand(QWidget):
    """Stands over the views while two patients are on the screen."""

    def __init__(self, session: Desk) -> None:
        super().__init__()
        self._session = session
        self._names: list[str] = []
        self.setMinimumHeight(26)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        session.theme_changed.connect(lambda _: self.show_patients(self._names))
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 2, 10, 2)
        row.setSpacing(8)
        self._icon = IconLabel(session.icons)
        self._label = ElidedLabel("strong")
        row.addWidget(self._icon)
        row.addWidget(self._label, 1)
        self.hide()

    @property
    def sentence(self) -> str:
        """What stands there, "" when it is hidden."""
        return "" if self.isHidden() else self._label.text()

    def show_patients(self, names: list[str]) -> None:
        """Say who is on the screen; hidden for one patient."""
        self._names = names
        self.setVisible(len(names) > 1)
        if len(names) < 2:
            return  # a style sheet for every image of a series would cost a millisecond
        theme = self._session.theme
        # Named by its class: else each word paints a ground of its own, and between them stays the window's.
        self.setStyleSheet(
            f"PatientBand {{ background: {theme.hex('warnbg')}; }} PatientBand QLabel {{ color: {theme.hex('warn')}; }}"
        )
        self._icon.show_icon("patient", "warn")
        who = " and ".join(names) if not self._session.names_hidden else "names hidden"
        set_text(self._label, f"{len(names)} different patients on the screen: {who}")
        set_tip(self._label, self._label.text())


class NoticeBand(QWidget):
    """In Review, over the views: the fixed words about heatmaps."""

    def __init__(self, session: Desk) -> None:
        super().__init__()
        self._session = session
        self.setMinimumHeight(28)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setProperty("surface", "raise")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(self)  # what it has no need of is above and below all of it: its parts stand on one line
        column.setContentsMargins(12, 3, 12, 3)
        row = QHBoxLayout()
        row.setSpacing(8)
        column.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        first, _, rest = NOT_A_DIAGNOSIS.partition(". ")
        row.addWidget(IconLabel(session.icons, "info", grows=False), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(text_label(first + ".", "strong"), 0, Qt.AlignmentFlag.AlignTop)
        words = Paragraph("second")
        set_text(words, rest)
        row.addWidget(words, 1)
        session.workspace_changed.connect(lambda _: self.follow())
        self.follow()

    def follow(self) -> None:
        """Stand in Review only."""
        self.setVisible(self._session.workspace == "review")


class ViewGrid(QWidget):
    """Up to four cells; one is active."""

    menu_asked = Signal(QPoint)
    layout_changed = Signal(str)

    def __init__(self, session: Desk) -> None:
        super().__init__()
        self._session = session
        self.cells: list[ViewCell] = []  # on the screen, row by row
        self.active_cell: ViewCell | None = None
        self.layout_name = "1x1"
        self.linked = False
        self._first_image_due = True  # until the trace has it
        self._offsets: dict[ViewCell, float] = {}
        self._maximised: ViewCell | None = None
        self._arranged = False
        self._following = False
        self.setProperty("surface", "win")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._band = PatientBand(session)
        self._grid = QGridLayout()
        self._grid.setSpacing(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._notice = NoticeBand(session)
        self.pair = HeatPair(session, self, self)
        self._crosshair = Crosshair(session, self)
        column.addWidget(self._notice)
        column.addWidget(ToolStrip(session))
        column.addWidget(self._band)
        column.addLayout(self._grid, 1)
        self.states = PresentationStates(session, session.opening, session.closing)
        session.screen = self
        session.names_hidden_changed.connect(self._on_names_hidden)
        self._fill(1)

    # Cells and layouts

    @property
    def warning(self) -> str:
        """What the band over the views says, "" when it is not there."""
        return self._band.sentence

    def set_layout(self, name: str) -> None:
        """One of LAYOUTS."""
        self._arranged = False
        self._maximised = None
        rows, columns = LAYOUTS[name]
        self.layout_name = name
        self._fill(rows * columns)
        self._place()
        self.layout_changed.emit(name)
        self._session.tell_situation()

    def arrange(self, count: int) -> list[ViewCell]:
        """Cells for `count` single images side by side; 1 goes back to one view if this made it more."""
        if self.pair.stands:
            return self.cells[:1]
        if count > 1:
            self.set_layout("1x2" if count == 2 else "2x2")
            self._arranged = True
        elif self._arranged:
            self.set_layout("1x1")
        return self.cells[:count]

    def _fill(self, count: int) -> None:
        cells = self.cells
        while len(cells) > count:
            leaving = next(c for c in reversed(cells) if c is not self.active_cell)
            cells.remove(leaving)
            self._grid.removeWidget(leaving)
            leaving.hide()
            leaving.leave()
            leaving.deleteLater()
        while len(cells) < count:
            cells.append(self._new_cell())
        if self.active_cell not in cells:
            self.activate(cells[0])
        self._place()
        self._tell_screen()

    def _new_cell(self) -> ViewCell:
        cell = ViewCell(self._session, self.states.of)
        cell.view.names_hidden = self._session.names_hidden
        cell.view.set_bare(any(other.view.bare for other in self.cells))
        cell.view.bare_changed.connect(self._on_bare_changed)
        cell.activated.connect(self.activate)
        cell.image_changed.connect(self._on_image_changed)
        cell.scrolled.connect(self._on_scrolled)
        cell.maximise_asked.connect(self.maximise)
        cell.series_dropped.connect(self._on_series_dropped)
        cell.menu_asked.connect(self._on_menu_asked)
        cell.gesture_finished.connect(self._session.do)
        cell.view.pointed.connect(partial(self._crosshair.point, cell))
        self._session.drawing.arm(cell)
        return cell

    def _place(self) -> None:
        columns = LAYOUTS[self.layout_name][1]
        for cell in self.cells:
            self._grid.removeWidget(cell)
        shown = [self._maximised] if self._maximised in self.cells else self.cells
        for place, cell in enumerate(shown):
            if cell is not None:
                self._grid.addWidget(cell, place // columns, place % columns)
        for cell in self.cells:
            cell.setVisible(cell in shown)
        for number in range(2):
            self._grid.setColumnStretch(number, 1 if len(shown) > number and number < columns else 0)
            self._grid.setRowStretch(number, 1 if len(shown) > number * columns else 0)

    def activate(self, cell: ViewCell) -> None:
        """Make a cell the one that keys and tools act on."""
        if cell is self.active_cell:
            return
        self.active_cell = cell
        for other in self.cells:
            other.set_active(active=other is cell)
        cell.set_active(active=True)
        self._session.active_view_changed.emit(cell.view)
        self._tell_active(cell)

    def _tell_active(self, cell: ViewCell) -> None:
        self._session.set_fact(SERIES_FACT, holds=cell.series is not None)
        if cell.shown is not None:
            self._session.tell_image(cell.shown)
        else:
            self._session.tell_empty()

    def activate_next(self, step: int) -> None:
        """The cell after (+1) or before (-1) the active one."""
        cell = self.active_cell
        if cell is not None:
            there = self.cells[(self.cells.index(cell) + step) % len(self.cells)]
            if self._maximised in self.cells and there is not cell:
                self._maximised = None  # the next one takes its place: keys never act on a view that is hidden
                self.maximise(there)
            self.activate(there)

    def maximise(self, cell: ViewCell) -> None:
        """One cell over the whole grid, and back."""
        if len(self.cells) > 1:
            self._maximised = None if self._maximised is cell else cell
            self.activate(cell)
            self._place()
            self._tell_screen()
            self._on_scrolled(cell)  # those that come back stand where the one that was scrolled does
            self._session.refresh_overlays()

    def maximise_active(self) -> None:
        """The active cell over the whole grid, and back."""
        if self.active_cell is not None:
            self.maximise(self.active_cell)

    # What happens in cells

    def _on_image_changed(self, cell: ViewCell) -> None:
        self._crosshair.mark(cell)
        if self._first_image_due and cell.shown is not None:
            self._first_image_due = False
            self._session.trace("first_image")
        if cell is self.active_cell:
            self._tell_active(cell)
        self._tell_screen()

    def _tell_screen(self) -> None:
        """Memory, warnings and what counts as shown go by what is on the screen."""
        shown = [other.shown for other in self.cells if is_on_screen(other)]
        if self._session.frames.store_if_made is not None:  # else nothing was read, and its decoders wait
            self._session.frames.keep([one.ref for one in shown if one is not None])
        self._tell_patients()

    def _tell_patients(self) -> None:
        self._band.show_patients(patients_on_screen(self.cells))

    def _on_names_hidden(self, hidden: bool) -> None:  # noqa: FBT001  # a Qt slot
        for cell in self.cells:
            cell.view.names_hidden = hidden
            cell.view.update()
            cell.tell_title()
        self._tell_patients()

    def _on_bare_changed(self, bare: bool) -> None:  # noqa: FBT001  # a Qt slot
        """H hides what is drawn in every view: one of a pair with overlays would be taken for the bare image."""
        for cell in self.cells:
            cell.view.set_bare(bare)

    def _on_series_dropped(self, cell: ViewCell, series_id: str) -> None:
        self.activate(cell)
        known = (*self._session.series_list(), *self._session.closing.project_series())
        found: Series | None = next((s for s in known if s.series_id == series_id), None)
        if found is not None:
            self._session.open_series(found)

    def _on_menu_asked(self, cell: ViewCell, point: QPoint) -> None:
        self.activate(cell)
        self.menu_asked.emit(point)

    # Linked scrolling

    def set_linked(self, *, linked: bool) -> None:
        """Scroll views together: by millimetres along the normal where two share a frame of reference and a direction,
        else by the offset they have now."""
        self.linked = linked
        cell = self.active_cell
        base = cell.index if cell is not None else 0
        self._offsets = {other: float(other.index - base) for other in self.cells} if linked else {}
        self._session.set_fact("linked", holds=linked)
        others = [one for one in self.cells if one is not cell and is_on_screen(one) and one.shown is not None]
        if linked and cell is not None and others and not any(may_compare(cell, other) for other in others):
            self._session.said.emit("No other view shows this patient, so none scrolls along.")

    def _on_scrolled(self, cell: ViewCell) -> None:
        if not self.linked or self._following:
            return
        self._following = True
        try:
            for other in self.cells:
                if other is not cell and is_on_screen(other) and may_compare(cell, other):
                    other.go(self._linked_index(cell, other))
        finally:
            self._following = False

    def _linked_index(self, cell: ViewCell, other: ViewCell) -> int:
        assert cell.series is not None and other.series is not None
        sign = _same_direction(cell, other)
        here = cell.series.frames[cell.index].along_normal_mm
        if sign and here is not None:
            places = [ref.along_normal_mm for ref in other.series.frames]
            if all(place is not None for place in places):
                return int(np.argmin([abs(float(place or 0.0) - sign * here) for place in places]))
        apart = self._offsets.get(other, 0.0) - self._offsets.get(cell, 0.0)
        return round(cell.index + apart)


def _same_direction(cell: ViewCell, other: ViewCell) -> int:
    """1 or -1 when two views share a frame of reference and lie parallel (or opposite), else 0."""
    a, b = cell.shown, other.shown
    if a is None or b is None or cell.series is None or other.series is None:
        return 0
    reference = cell.series.frame_of_reference
    if not reference or reference != other.series.frame_of_reference:
        return 0
    first, second = a.frame.facts.plane, b.frame.facts.plane
    if first is None or second is None:
        return 0
    along = float(np.dot(first.normal, second.normal))
    return (1 if along > 0 else -1) if abs(along) > 0.99 else 0
