"""The plain image beside its heatmap: two cells that always show the same image, place and window."""

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject

from viewer.core.edits import LabelChange
from viewer.ui.flows.heat_state import NOT_ASKED, HeatState
from viewer.ui.state.present_names import explained_name
from viewer.ui.views.cell import ViewCell
from viewer.ui.views.spoken import spoken

if TYPE_CHECKING:
    from viewer.core.compose import HeatLayer
    from viewer.core.edits import Edit
    from viewer.ui.flows.desk import Desk


class Grid(Protocol):
    """What the pair needs of the grid of views."""

    layout_name: str
    cells: list[ViewCell]

    def set_layout(self, name: str) -> None:
        """Show this many cells, in this order."""

    def activate(self, cell: ViewCell) -> None:
        """Make it the one that keys act on."""


class HeatPair(QObject):
    """Stands while the fact "heatmap" holds in Review. The plain view never has heat on it."""

    def __init__(self, session: "Desk", grid: Grid, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._grid = session, grid
        self._plain: ViewCell | None = None
        self._warm: ViewCell | None = None
        self._following = False
        self._layout_before = "1x1"
        session.situation_changed.connect(self._on_situation)
        session.heat_changed.connect(self._on_heat_changed)
        session.work_changed.connect(self._on_work_changed)
        session.names_hidden_changed.connect(self._on_names_hidden_changed)
        self._state = HeatState(session, session.review)
        self._state.changed.connect(lambda: self._on_heat_changed(session.heat))

    @property
    def stands(self) -> bool:
        """Whether the pair is on the screen."""
        return self._warm is not None

    def _on_situation(self, _situation: object) -> None:
        situation = self._session.situation()
        wanted = situation.has("heatmap") and situation.workspace == "review" and situation.has_image
        if wanted and not self.stands:
            self._build()
        elif self.stands and not wanted:
            self.take_down()

    def _build(self) -> None:
        grid, session = self._grid, self._session
        source = session.active_cell
        if source is None or source.series is None:
            return
        series, index = source.series, source.index
        self._layout_before = grid.layout_name
        grid.set_layout("1x2")
        self._plain, self._warm = grid.cells[0], grid.cells[1]
        self._warm.with_heat = True
        for cell in (self._plain, self._warm):
            cell.role = "Heatmap" if cell is self._warm else "Image"
            cell.image_changed.connect(self._on_image_changed)
            cell.view.transform_changed.connect(self._on_moved)
            cell.view.window_changed.connect(self._on_window_changed)
            cell.show_series(series, index)
        grid.activate(self._plain)
        self._share_view()
        self._on_heat_changed(session.heat)

    def take_down(self) -> None:
        """Go back to the views there were before."""
        plain, warm = self._plain, self._warm
        self._plain = self._warm = None
        if plain is None or warm is None:
            return
        for cell in (plain, warm):
            cell.image_changed.disconnect(self._on_image_changed)
            cell.view.transform_changed.disconnect(self._on_moved)
            cell.view.window_changed.disconnect(self._on_window_changed)
            cell.role = ""
        warm.with_heat = False
        warm.view.set_heat(None)
        self._grid.activate(plain)
        if self._grid.layout_name == "1x2":
            self._grid.set_layout(self._layout_before)
        plain.tell_title()

    def _other(self, cell: ViewCell) -> ViewCell | None:
        return self._warm if cell is self._plain else self._plain if cell is self._warm else None

    def _on_heat_changed(self, layer: "HeatLayer | None") -> None:
        warm = self._warm
        if warm is None:
            return
        fits = layer is not None and warm.shown is not None and warm.shown.image_id == layer.heat.image_id
        why = "" if fits else spoken(self._session, self._state.words or NOT_ASKED)
        warm.view.set_heat(layer if fits else None, why)
        review = self._session.review
        name = explained_name(review.asking.model, review.heat_label, review.called)
        warm.role = f"Heatmap · {name}" if layer is not None and fits else "Heatmap"
        warm.tell_title()

    def _on_names_hidden_changed(self, _hidden: object) -> None:
        self._on_heat_changed(self._session.heat)

    def _on_work_changed(self, edit: "Edit") -> None:
        if edit.has(LabelChange):  # its class may be called otherwise now
            self._on_heat_changed(self._session.heat)

    def _on_image_changed(self, cell: ViewCell) -> None:
        other = self._other(cell)
        if other is not None and cell.series is not None:
            if other.series is not cell.series or other.index != cell.index:
                other.show_series(cell.series, cell.index)
            self._share_view()
            self._on_heat_changed(self._session.heat)

    def _share_view(self) -> None:
        """One image has one place and one window: the plain view may have kept one that was made for another slice."""
        plain, warm = self._plain, self._warm
        if plain is None or warm is None or plain.shown is None or warm.shown is None:
            return
        if plain.shown.ref == warm.shown.ref:
            self._following = True
            try:
                warm.view.follow_window(plain.view)
            finally:
                self._following = False
            self._share_place(plain, warm)

    def _on_moved(self) -> None:
        source = next(
            (cell for cell in (self._plain, self._warm) if cell is not None and cell.view is self.sender()), None
        )
        other = self._other(source) if source is not None else None
        if source is not None and other is not None and not self._following:
            self._share_place(source, other)

    def _share_place(self, source: ViewCell, other: ViewCell) -> None:
        """Let the other view look where the first one looks. Until it shows the same image it keeps its own frame's
        size, without which neither of them would fit."""
        if not other.view.camera.sees_as(source.view.camera):
            return
        self._following = True
        try:
            other.view.camera = replace(source.view.camera)
            other.view.transform_changed.emit()
            other.view.update()
        finally:
            self._following = False

    def _on_window_changed(self, _window: object) -> None:
        source = next(
            (cell for cell in (self._plain, self._warm) if cell is not None and cell.view is self.sender()), None
        )
        other = self._other(source) if source is not None else None
        # Without an image its window is none: the pair's study is being closed.
        if source is None or other is None or self._following or source.shown is None:
            return
        self._following = True
        try:
            other.view.follow_window(source.view)
        finally:
            self._following = False
