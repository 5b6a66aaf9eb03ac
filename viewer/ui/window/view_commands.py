"""What keys do to the active view: windows, turns, moving through images, cine."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from viewer.core.pixels import Window
from viewer.core.presets import WindowPreset, file_choices
from viewer.core.windowing import full_range
from viewer.reading.window_presets import FROM_FILE_KEY, FULL_RANGE_KEY, read_presets
from viewer.ui.state.situation import Situation

if TYPE_CHECKING:
    from viewer.ui.canvas.view import ImageView
    from viewer.ui.flows.desk import Desk
    from viewer.ui.views.grid import ViewGrid

CINE_MS = 1000 // 15


class ImageCommands:
    """How the active view shows its image."""

    def __init__(self, session: "Desk", grid: "ViewGrid") -> None:
        self._session, self._grid = session, grid
        self.states = grid.states
        session.preset_asked.connect(self.use_preset)

    @property
    def _view(self) -> "ImageView":
        return self._session.active_view

    def presets(self) -> tuple[WindowPreset, ...]:
        """Window presets with their digit keys, the file's own and the full range among them."""
        return read_presets()

    def use_preset(self, preset: WindowPreset) -> None:
        """Show the active view through a preset."""
        view, shown = self._view, self._session.shown
        if preset.key == FROM_FILE_KEY:
            view.reset_window()
        elif preset.key == FULL_RANGE_KEY and shown is not None:
            whole = full_range(shown.frame.stored, view.presenting.presented_facts or shown.frame.facts)
            view.window = Window(center=whole.center, width=whole.width, name=preset.name)
        else:
            view.window = Window(center=preset.center, width=preset.width, name=preset.name)

    def invert(self) -> None:
        """Swap black and white on the screen."""
        self._view.set_inverted(not self._view.inverted)

    def is_inverted(self) -> bool:
        """Whether the active view is inverted."""
        return self._session.active_cell is not None and self._view.inverted

    def next_file_window(self) -> None:
        """The next of the windows and VOI LUTs that the file offers; after the last one the first."""
        view = self._view
        choices = [choice for _, choice in file_choices(view.presenting.presented_facts)]
        if not choices:
            return
        here = next((n for n, choice in enumerate(choices) if choice is view.window or choice == view.window), -1)
        view.window = choices[(here + 1) % len(choices)]

    def step_state(self) -> None:
        """Apply the next presentation state of the active view, or take the last one away."""
        self.states.step()

    def is_presented(self) -> bool:
        """Whether a presentation state is applied in the active view."""
        return self._session.active_cell is not None and self._view.presenting.applied is not None

    def toggle_shutter(self) -> None:
        """Show what the shutter of the active view covers, or cover it again."""
        self._view.set_shutter(not self._view.presenting.shutter_on)
        self.states.tell()

    def is_shuttered(self) -> bool:
        """Whether the active view draws a shutter."""
        presenting = self._view.presenting if self._session.active_cell is not None else None
        return presenting is not None and presenting.has_shutter and presenting.shutter_on

    def toggle_bare(self) -> None:
        """Show the bare image, or the overlays again."""
        bare = not self._view.bare
        for cell in self._session.cells:
            cell.view.set_bare(bare)

    def is_bare(self) -> bool:
        """Whether the active view shows the bare image."""
        return self._session.active_cell is not None and self._view.bare

    def restore(self) -> None:
        """Window, zoom, turn and inversion of every view as at the start."""
        for cell in self._session.cells:
            cell.view.restore()
        self.states.tell()

    def fit(self) -> None:
        """The whole image in the view."""
        self._view.fit()

    def one_to_one(self) -> None:
        """One device pixel per image pixel."""
        self._view.one_to_one()

    def turn_left(self) -> None:
        """By 90 degrees counter-clockwise."""
        self._view.rotate_left()

    def turn_right(self) -> None:
        """By 90 degrees clockwise."""
        self._view.rotate_right()

    def flip(self) -> None:
        """Mirror left to right."""
        self._view.flip()


class Navigation:
    """Going from image to image and from row to row."""

    def __init__(self, session: "Desk") -> None:
        self._session = session

    def down(self, steps: int) -> None:
        """Images down (+) or up (-) in the active view, the way the wheel goes: down is caudal in axial stacks."""
        cell = self._session.active_cell
        if cell is not None:
            self._session.set_fact("cine", holds=False)
            cell.scroll_to(cell.index + steps * cell.down)

    def first(self) -> None:
        """The image at the upper end of the scroll strip."""
        self._to(0)

    def last(self) -> None:
        """The image at the lower end of the scroll strip."""
        cell = self._session.active_cell
        if cell is not None and cell.series is not None:
            self._to(len(cell.series.frames) - 1)

    def _to(self, index: int) -> None:
        cell = self._session.active_cell
        if cell is not None:
            self._session.set_fact("cine", holds=False)
            cell.scroll_to(index)

    def row(self, step: int) -> None:
        """The row before or after in the list at the left: series in Read, cases in Annotate and Review."""
        session = self._session
        if session.workspace != "read":
            session.case_step(step)
            return
        every = session.series_list()
        cell = session.active_cell
        ids = [series.series_id for series in every]
        here = (
            ids.index(cell.series.series_id)
            if cell is not None and cell.series and cell.series.series_id in ids
            else -1
        )
        there = here + step
        if 0 <= there < len(every):
            session.open_series(every[there])


class Cine(QObject):
    """Plays the series of the active view; the image that is not read yet is waited for."""

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self._session = session
        self._timer = QTimer(self)
        self._timer.setInterval(CINE_MS)
        self._timer.timeout.connect(self._on_tick)
        session.situation_changed.connect(self._on_situation)

    def toggle(self) -> None:
        """Play or stop."""
        self._session.set_fact("cine", holds=not self._timer.isActive())

    def _on_situation(self, situation: Situation) -> None:
        playing = situation.has("cine")
        if playing != self._timer.isActive():
            (self._timer.start if playing else self._timer.stop)()

    def _on_tick(self) -> None:
        cell = self._session.active_cell
        if cell is not None and not cell.isVisible():
            self._session.set_fact("cine", holds=False)  # nobody sees it play
            return
        if cell is None or cell.series is None or cell.shown is None:
            return
        if cell.shown.ref == cell.series.frames[cell.index]:
            cell.scroll_to((cell.index + 1) % len(cell.series.frames))
