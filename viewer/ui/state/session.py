"""What the window's parts share: the open project, the images shown, and the one way to change work.

Panels, tools and dialogs are handed this object and listen to its signals; none of them knows another.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from viewer.core.compose import HeatLayer
from viewer.core.edits import Edit, LabelChange
from viewer.core.labels import Label
from viewer.ui.look.icons import Icons
from viewer.ui.look.theme import Theme
from viewer.ui.state.beside import Beside
from viewer.ui.state.case_objects import CaseObjects
from viewer.ui.state.choosing import Nobody, Person
from viewer.ui.state.edit_gate import EditGate, Then
from viewer.ui.state.frames import Frames
from viewer.ui.state.keeping import Keeping
from viewer.ui.state.screen import Cell, Proposer, Screen
from viewer.ui.state.settings import Settings
from viewer.ui.state.shown import ShownImage
from viewer.ui.state.situation import WORKSPACES, Situation
from viewer.ui.state.worker import Job, Worker, sentence_of, while_there

if TYPE_CHECKING:
    from viewer.jobs.inference import InferenceClient
    from viewer.project.at_hand.values import AtHand, Fresh
    from viewer.project.project import Project
    from viewer.reading.series import Series
    from viewer.ui.canvas.view import ImageView

Trace = Callable[..., None]


class Entrance(Protocol):
    """Who lets an edit on to the journal: an image may have to enter the project with it."""

    def lets(self, edit: Edit, shown: "ShownImage | None") -> bool:
        """Whether it may go on."""

    def prepare(self, edit: Edit, shown: "ShownImage | None") -> Edit:
        """With what must be there before it; on the writer thread."""


class Session(QObject):
    """One window's state: project, choices, signals. It makes nothing of the floors above and knows no view.

    Every signal is emitted on the window's thread.
    """

    entrance: Entrance

    project_opened = Signal(object)  # Project
    project_entered = Signal()  # a person asked for the project that was opened, so the views come to the front
    scan_progressed = Signal(int, int)  # files done, files found
    scan_finished = Signal(object)  # ScanResult
    series_found = Signal()  # a scan that goes on has found more, or was stopped
    series_opened = Signal(object)  # Series shown in the active view
    image_shown = Signal(object)  # ShownImage of the active view
    image_gone = Signal()  # the active view shows nothing any more
    work_changed = Signal(object)  # Edit that was done, undone or redone
    work_arrived = Signal(object, object)  # ids of images and of cases that are at hand now (frozensets)
    workspace_changed = Signal(str)  # "read" | "annotate" | "train" | "review"
    announced = Signal(str, str)  # ("info" | "busy" | "warn" | "error", sentence)
    tool_changed = Signal(str)
    label_changed = Signal(str)
    situation_changed = Signal(object)  # Situation
    theme_changed = Signal(object)  # Theme
    active_view_changed = Signal(object)  # ImageView
    readout_changed = Signal(object)  # what lies under the cursor, or None
    names_hidden_changed = Signal(bool)
    brush_changed = Signal(float)  # radius_px
    shape_selected = Signal(str)  # annotation or measurement id, "" for none
    heat_changed = Signal(object)  # HeatLayer | None
    overlays_asked = Signal()  # the work on the images, or what may be shown of it, is another
    preset_asked = Signal(object)  # WindowPreset for the active view
    covered_changed = Signal(bool)
    views_asked = Signal()  # what is to be seen is in the views, and the welcome page may lie over them
    said = Signal(str)  # why a gesture did nothing; stands in the status bar

    def __init__(self, settings: Settings, *, author: str = "", trace: Trace | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.theme: Theme = settings.theme
        self.icons = Icons(self.theme)
        self.author = self.named = author or settings.word("author")  # named: in the reading of all, whoever made it
        self.trace: Trace = trace or (lambda _event, **_facts: None)
        self.worker = Worker(self)
        self.frames = Frames(self.worker, self)
        self.keeping = Keeping(self.worker, self, on_screen=self.images_on_screen)
        self.objects = CaseObjects(self.keeping)
        self.beside = Beside(self.keeping, self, lambda: self.project)
        self.frames.beside = self.beside.read
        self.edits = EditGate(self.worker, self.keeping, self)
        self.person: Person = Nobody()
        self.screen: Screen | None = None  # the views, once they are made
        self.proposer: Proposer | None = None  # what a model says, once one was asked
        self.scanning = False  # files are being opened
        self.project: Project | None = None
        self.shown: ShownImage | None = None
        self.covered = False  # the welcome page lies over the views, or what Train shows
        self.by_itself = False  # what is shown at this moment nobody has asked for just now
        self.workspace = settings.workspace if settings.workspace in WORKSPACES else "read"
        self.tool, self.label = "window", ""
        self.brush_radius_px = 20.0
        self.names_hidden = settings.flag("names_hidden")
        self.heat: HeatLayer | None = None
        self.hidden_ids: frozenset[str] = frozenset()  # annotations switched off one by one
        self.labels: list[Label] = []
        self.saved_at: dt.datetime | None = None
        self._saved_in: Project | None = None
        self._facts: set[str] = set()
        self._inference: InferenceClient | None = None
        self.edits.refused.connect(lambda sentence: self.announced.emit("error", sentence))
        for slot in (self.tell_situation, self.refresh_overlays):
            self.edits.blocked_changed.connect(slot)
        self._tell = QTimer(self, singleShot=True)
        self._tell.timeout.connect(lambda: self.situation_changed.emit(self.situation()))
        told = self.image_shown, self.image_gone, self.project_opened, self.workspace_changed, self.tool_changed
        for signal in told:
            signal.connect(self.tell_situation)

    @property
    def at_hand(self) -> "AtHand":
        """What of the open project is in memory: the window reads no database."""
        return self.keeping.at_hand

    def images_on_screen(self) -> list[str]:
        """The ids of the images that the views show."""
        shown = (cell.shown for cell in self.cells)
        return [one.image_id for one in shown if one is not None and one.image_id is not None]

    def is_about_shown(self, image_ids: Collection[str], case_ids: Collection[str]) -> bool:
        """Whether what arrived (`work_arrived`) is of the shown image or of its case: most is of the cases ahead."""
        shown = self.shown
        if shown is None or shown.image_id in image_ids or shown.case_id in case_ids:
            return shown is not None
        records = map(self.at_hand.images.find, image_ids) if shown.case_id is not None else ()
        return any(record is not None and record.case_id == shown.case_id for record in records)

    @property
    def cells(self) -> "Sequence[Cell]":
        """Every place on the screen that shows an image."""
        return () if self.screen is None else self.screen.cells

    @property
    def active_cell(self) -> "Cell | None":
        """The one that keys and tools act on."""
        return None if self.screen is None else self.screen.active_cell

    def arrange_views(self, count: int) -> "Sequence[Cell]":
        """Have room for so many images."""
        return () if self.screen is None else self.screen.arrange(count)

    @property
    def views(self) -> "list[ImageView]":
        """Every view on the screen."""
        return [cell.view for cell in self.cells]

    @property
    def active_view(self) -> "ImageView":
        """The view that keys and tools act on."""
        assert self.active_cell is not None, "the view grid is made before anything can be shown"
        return self.active_cell.view

    @property
    def selected_shape(self) -> str:
        """The annotation or measurement that is selected in the active view, "" for none."""
        return "" if self.active_cell is None else self.active_cell.view.overlay_settings.selected_id

    @property
    def inference(self) -> "InferenceClient":
        """The warm inference child of this project, started with the first question."""
        if self._inference is None:
            from viewer.jobs.inference import InferenceClient

            self._inference = InferenceClient()
        return self._inference

    def situation(self) -> Situation:
        """What there is at this moment."""
        shown, project = self.shown, self.project
        return Situation(
            workspace=self.workspace,
            covered=self.covered and shown is not None,
            has_image=shown is not None,
            has_series=shown is not None and shown.series is not None and len(shown.series.frames) > 1,
            has_case=shown is not None and shown.case_id is not None,
            has_project=project is not None,
            read_only=project is not None and project.read_only,
            blocked=self.edits.blocked,
            scanning=self.scanning,
            views=len(self.cells),
            tool=self.tool,
            facts=frozenset(self._facts),
        )

    def set_fact(self, name: str, *, holds: bool) -> None:
        """Say that a fact of the situation holds or no longer holds; commands follow."""
        if holds != (name in self._facts):
            (self._facts.add if holds else self._facts.discard)(name)
            self.tell_situation()

    def tell_situation(self, *_: object) -> None:
        """Let commands follow what changed, once however many things changed at a time."""
        self._tell.start(0)

    # Work

    def do(self, edit: Edit, *, then: Then | None = None) -> bool:
        """Keep one gesture; False when it was refused at once. It is on the disk when `work_changed` comes."""
        shown = self.shown
        if not self.entrance.lets(edit, shown):
            return False
        return self.edits.do(edit, lambda asked: self.entrance.prepare(asked, shown), then=then)

    def keep(self, edit: Edit) -> bool:
        """The same, and come after it; whether it is kept."""
        kept: list[bool] = []
        if self.do(edit, then=Then(kept=lambda: kept.append(True))):
            self.edits.wait()
        return bool(kept)

    def read_project(self, edit: Edit | None = None) -> None:
        """Keep at hand what every key press asks for. edit: what has just been done, undone or redone."""
        if self.project is not None:
            self.labels = self.at_hand.labels
            regions = [label.name for label in self.labels if label.scope == "region"]
            if self.label not in regions:
                now = None if edit is None else _name_after(edit, self.label)
                self.set_label(now if now in regions else regions[0] if regions else "")

    def use_project(self, project: "Project", fresh: "Fresh") -> None:
        """Work in this project from now on, of which `fresh` was read; the one before is closed."""
        self.let_go_of_project()
        self.project = self.edits.project = project
        self.keeping.use(project, fresh)
        self.edits.blocked = False
        # In a reading of one's own all is by its reader.
        self.author = project.author if project.reader or not self.named else self.named
        self.project_changed()
        self.refresh_overlays()

    def let_go_of_project(self) -> None:
        """Close what belongs to the open project."""
        if self._inference is not None:
            self._inference.close()
            self._inference = None
        if self.project is not None:
            self.project.close()
            # Signals that are still on their way must not read a closed database.
            self.project = self.edits.project = None
            self.keeping.use(None)

    def project_changed(self) -> None:
        """The project holds other images than before, which is saved, or is another one; what is at hand says so."""
        self.saved_at = dt.datetime.now() if self.project is self._saved_in else None
        self._saved_in = self.project
        self.read_project()
        self.project_opened.emit(self.project)

    # Showing

    def open_series(self, series: "Series") -> None:
        """Show a series in the active view."""
        if self.active_cell is not None:
            self.active_cell.show_series(series)
            self.series_opened.emit(series)

    @contextmanager
    def coming_by_itself(self) -> Iterator[None]:
        """What is shown within is the place of last time, or more of a scan: it leads nobody out of Train."""
        before, self.by_itself = self.by_itself, True
        try:
            yield
        finally:
            self.by_itself = before

    def tell_empty(self) -> None:
        """The active view shows nothing (called by the view grid): no number of the image before may stay."""
        if self.shown is None:
            return
        self.shown = None
        self._facts -= {"hounsfield", "cine"}
        self.select_shape("")
        self.image_gone.emit()

    # Choices that stay

    def set_tool(self, name: str) -> None:
        """Arm a tool of TOOLS."""
        self.tool = name
        self.tool_changed.emit(name)

    def set_label(self, name: str) -> None:
        """Arm a region label."""
        self.label = name
        self.label_changed.emit(name)

    def set_brush_radius(self, radius_px: float) -> None:
        """Size of brush and eraser, in image pixels."""
        radius_px = min(500.0, max(0.5, radius_px))
        if radius_px != self.brush_radius_px:
            self.brush_radius_px = radius_px
            self.brush_changed.emit(radius_px)

    def set_workspace(self, name: str) -> None:
        """Change to one of WORKSPACES."""
        if name != self.workspace:
            self.workspace = name
            self.settings.workspace = name
            self.workspace_changed.emit(name)
            self.refresh_overlays()

    def set_names_hidden(self, *, hidden: bool) -> None:
        """Hide or show names everywhere, the welcome page included."""
        self.names_hidden = hidden
        self.settings.set_flag("names_hidden", on=hidden)
        self.names_hidden_changed.emit(hidden)
        self.tell_situation()

    def cover(self, *, covered: bool) -> None:
        """Say that the welcome page, or what Train shows, lies over the views: nothing is done to what is not seen."""
        if covered != self.covered:
            self.covered = covered
            self.covered_changed.emit(covered)
            self.tell_situation()

    def set_theme(self, theme: Theme) -> None:
        """Change the look."""
        self.theme = theme
        self.settings.theme = theme
        self.icons.set_theme(theme)
        self.theme_changed.emit(theme)

    def select_shape(self, shape_id: str) -> None:
        """Select an annotation or measurement on the shown image; "" selects nothing."""
        if self.active_cell is None:
            return
        if shape_id != self.selected_shape:
            self.active_cell.view.select(shape_id)  # the view tells it, which leads here again
        else:
            self.shape_selected.emit(shape_id)

    def set_heat(self, heat: HeatLayer | None) -> None:
        """Show a heatmap beside the plain image, or none."""
        self.heat = heat
        self.heat_changed.emit(heat)

    def refresh_overlays(self) -> None:
        """Give every view the work of its image again."""
        self.overlays_asked.emit()

    # Background

    def run_in_background(
        self, function: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None],
        *, owner: QObject | None = None, at_rest: bool = False,
    ) -> Job:  # fmt: skip
        """Run a function on a worker thread; exactly one of done and failed is called on the window's thread.

        owner: whose widgets they write to, such as a dialog; once it is gone, neither is called. at_rest: begin once
        the window's thread has nothing left to do.
        """
        if owner is not None:
            done, failed = while_there(owner, done), while_there(owner, failed)
        return self.worker.start(function, done, failed, at_rest=at_rest)

    def announce_failure(self, error: Exception) -> None:
        """Say in the banner why something failed."""
        self.announced.emit("error", sentence_of(error))


def _name_after(edit: Edit, name: str) -> str | None:
    """What an edit calls a region label that it renames; None where it renames no such label."""
    for change in edit.of(LabelChange):
        was, now = change.before, change.after
        if was is not None and now is not None and (was.scope, was.name) == ("region", name):
            return now.name
    return None
