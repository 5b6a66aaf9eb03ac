"""What the window's parts share: the open project, the images shown, and the one way to change work.

Panels, tools and dialogs are handed this object and listen to its signals; none of them knows another.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from viewer.core.compose import HeatLayer
from viewer.core.edits import Edit
from viewer.core.labels import Label
from viewer.core.presets import WindowPreset
from viewer.core.shapes.annotations import Proposal
from viewer.ui.flows.case_walk import CaseWalk
from viewer.ui.flows.closing import Closing
from viewer.ui.flows.drawing import Drawing
from viewer.ui.flows.membership import Members
from viewer.ui.flows.opening import Opening
from viewer.ui.flows.undo_redo import Steps
from viewer.ui.look.icons import Icons
from viewer.ui.look.theme import Theme
from viewer.ui.state.edit_gate import EditGate
from viewer.ui.state.frames import Frames
from viewer.ui.state.settings import Settings
from viewer.ui.state.situation import WORKSPACES, Situation
from viewer.ui.state.worker import Job, Worker, sentence_of

if TYPE_CHECKING:
    from viewer.jobs.inference import InferenceClient
    from viewer.project.project import Project
    from viewer.reading.frame import Frame
    from viewer.reading.scan import Problem
    from viewer.reading.series import FrameRef, Series
    from viewer.ui.canvas.view import ImageView
    from viewer.ui.views.cell import ViewCell

Trace = Callable[..., None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShownImage:
    """What the active view shows.

    image_id: computed from the pixels, so it is there also when the image is not in the project yet; the first edit
    registers it. case_id: None while the image is not in the project. series: where the frame stands.
    """

    ref: "FrameRef"
    frame: "Frame"
    image_id: str | None = None
    case_id: str | None = None
    series: "Series | None" = None


class Session(QObject):
    """One window's state. Every signal is emitted on the window's thread."""

    project_opened = Signal(object)  # Project
    project_entered = Signal()  # a person asked for the project that was opened, so the views come to the front
    scan_progressed = Signal(int, int)  # files done, files found
    scan_finished = Signal(object)  # ScanResult
    series_found = Signal()  # a scan that goes on has found more, or was stopped
    series_opened = Signal(object)  # Series shown in the active view
    image_shown = Signal(object)  # ShownImage of the active view
    image_gone = Signal()  # the active view shows nothing any more
    work_changed = Signal(object)  # Edit that was done, undone or redone
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
    said = Signal(str)  # why a gesture did nothing; stands in the status bar

    def __init__(self, settings: Settings, *, author: str = "", trace: Trace | None = None) -> None:
        super().__init__()
        self.settings = settings
        self.theme: Theme = settings.theme
        self.icons = Icons(self.theme)
        self.author = author or settings.word("author")
        self.trace: Trace = trace or (lambda _event, **_facts: None)
        self.worker = Worker(self)
        self.frames = Frames(self.worker, self)
        self.edits = EditGate(self.worker, self)
        self.opening = Opening(self)
        self.cases = CaseWalk(self)
        self.closing = Closing(self)
        self.drawing = Drawing(self)
        self.members = Members(self)
        self.steps = Steps(self)
        self.project: Project | None = None
        self.shown: ShownImage | None = None
        self.cells: list[ViewCell] = []
        self.arrange_views: Callable[[int], list[ViewCell]] = lambda _count: self.cells
        self.active_cell: ViewCell | None = None
        self.workspace = settings.workspace if settings.workspace in WORKSPACES else "read"
        self.tool, self.label = "window", ""
        self.brush_radius_px = 20.0
        self.names_hidden = settings.flag("names_hidden")
        self.heat: HeatLayer | None = None
        self.use_preset: Callable[[WindowPreset], None] = lambda _preset: None
        self.proposals_of: Callable[[str], tuple[Proposal, ...]] = lambda _image_id: ()
        self.told_of: Callable[[str], tuple[str, ...]] = lambda _image_id: ()
        self.hidden_ids: frozenset[str] = frozenset()  # annotations switched off one by one
        self.labels: list[Label] = []
        self.saved_at: dt.datetime | None = None
        self._facts: set[str] = set()
        self._inference: InferenceClient | None = None
        self.edits.committed.connect(self._on_committed)
        self.edits.refused.connect(lambda sentence: self.announced.emit("error", sentence))
        for slot in (self.tell_situation, self.refresh_overlays):
            self.edits.blocked_changed.connect(slot)
        self._tell = QTimer(self, singleShot=True)
        self._tell.timeout.connect(lambda: self.situation_changed.emit(self.situation()))
        told = self.image_shown, self.image_gone, self.project_opened, self.workspace_changed, self.tool_changed
        for signal in told:
            signal.connect(self.tell_situation)

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

    @property
    def problems(self) -> "list[Problem]":
        """Files that could not be read, over everything opened."""
        return self.opening.problems

    def series_list(self) -> "list[Series]":
        """Every series found, in the order of the tree."""
        return self.opening.series_list()

    def situation(self) -> Situation:
        """What there is at this moment."""
        shown, project = self.shown, self.project
        return Situation(
            workspace=self.workspace,
            has_image=shown is not None,
            has_series=shown is not None and shown.series is not None and len(shown.series.frames) > 1,
            has_case=shown is not None and shown.case_id is not None,
            has_project=project is not None,
            read_only=project is not None and project.read_only,
            blocked=self.edits.blocked,
            scanning=self.opening.scanning,
            views=len(self.cells),
            tool=self.tool,
            undo_text=self.steps.undo_text,
            redo_text=self.steps.redo_text,
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

    def do(self, edit: Edit) -> bool:
        """Keep one gesture; False when it was refused. It is on the disk when `work_changed` comes."""
        shown = self.shown
        if not self.members.may_decide(edit, shown):
            return False
        return self.edits.do(edit, lambda asked: self.members.prepare(asked, shown))

    def undo(self) -> None:
        """Take back the last gesture; one on another image is shown first."""
        self.steps.undo()

    def redo(self) -> None:
        """Do again what was taken back; what is on another image is shown first."""
        self.steps.redo()

    def _on_committed(self, edit: Edit) -> None:
        self.saved_at = dt.datetime.now()
        self.members.take_over(edit)
        shown = self.shown
        if shown is not None and shown.case_id is None and edit.image_id == shown.image_id:
            self.shown = replace(shown, case_id=self.opening.case_of(shown.image_id))
            self.image_shown.emit(self.shown)
        self._read_project()
        self.refresh_overlays()
        self.work_changed.emit(edit)
        self.tell_situation()

    def _read_project(self) -> None:
        """Keep at hand what every key press asks for."""
        if self.project is not None:
            self.steps.read(self.project.history)
            self.labels = self.project.labels
            regions = [label.name for label in self.labels if label.scope == "region"]
            if self.label not in regions:
                self.set_label(regions[0] if regions else "")

    # Opening and showing

    def open_project(self, project: "Project") -> None:
        """Work in this project from now on."""
        self.edits.wait()
        if self.project is not None and self.project.folder != project.folder:
            self.cases.keep_place()
            self.closing.empty_project_views()
        self._let_go()
        self.project = self.edits.project = project
        self.edits.blocked = False
        self.author = self.author or project.author
        self.project_changed()
        self.refresh_overlays()

    def _let_go(self) -> None:
        if self._inference is not None:
            self._inference.close()
            self._inference = None
        if self.project is not None:
            self.project.close()
            # Signals that are still on their way must not read a closed database.
            self.project = self.edits.project = None

    def project_changed(self) -> None:
        """The project holds other images than before: cases are listed anew, views learn their cases."""
        self.cases.forget()
        self._read_project()
        self.project_opened.emit(self.project)
        cell = self.active_cell
        if cell is not None and cell.shown is not None:
            self.tell_shown(cell.shown)

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Scan files and folders in the background and show the first series; a project's folder opens as such."""
        self.opening.open_paths([Path(path) for path in paths])

    def open_series(self, series: "Series") -> None:
        """Show a series in the active view."""
        if self.active_cell is not None:
            self.active_cell.show_series(series)
            self.series_opened.emit(series)

    def show_image(self, image_id: str) -> None:
        """Show an image of the project in the active view."""
        self.cases.show_image(image_id)

    def open_case(self, case_id: str) -> None:
        """Show a case of the project."""
        self.cases.open(case_id)

    def case_step(self, step: int) -> None:
        """The case before (-1) or after (+1) in the list as it is filtered."""
        self.cases.step(step)

    def complete_and_next(self) -> None:
        """Mark the case complete and show the next one that is not."""
        self.cases.complete_and_next()

    def tell_shown(self, shown: ShownImage) -> None:
        """The active view shows another image (called by the view grid)."""
        self.shown = replace(shown, case_id=self.opening.case_of(shown.image_id))
        if self.shown.case_id is not None:
            self.cases.current = self.shown.case_id
        self.set_fact("hounsfield", holds=shown.frame.facts.unit == "HU")
        self.image_shown.emit(self.shown)

    def tell_gone(self) -> None:
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
        for cell in self.cells:
            self.drawing.arm(cell)
        self.tool_changed.emit(name)

    def set_label(self, name: str) -> None:
        """Arm a region label."""
        self.label = name
        for cell in self.cells:
            self.drawing.arm(cell)
        self.label_changed.emit(name)

    def set_brush_radius(self, radius_px: float) -> None:
        """Size of brush and eraser, in image pixels."""
        radius_px = min(500.0, max(0.5, radius_px))
        if radius_px != self.brush_radius_px:
            self.brush_radius_px = radius_px
            for cell in self.cells:
                self.drawing.arm(cell)
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
        for cell in self.cells:
            self.drawing.give_overlays(cell)
            self.drawing.arm(cell)

    # Background

    def run_in_background(
        self, function: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> Job:
        """Run a function on a worker thread; exactly one of done and failed is called on the window's thread."""
        return self.worker.start(function, done, failed)

    def announce_failure(self, error: Exception) -> None:
        """Say in the banner why something failed."""
        self.announced.emit("error", sentence_of(error))

    def close(self) -> None:
        """Finish writing and let go of everything; jobs go on."""
        self.opening.cancel()
        self.cases.keep_place()
        self.edits.wait()
        self.frames.close()  # first: what decodes ends, so that no thread is waited for
        self.worker.close()
        self._let_go()
        self.settings.sync()
        for timer in self.findChildren(QTimer):  # last: what ends above may start one again
            timer.stop()
