"""What the window's parts share: the open project, the images shown, and the one way to change work.

Panels, tools and dialogs are handed this object and listen to its signals; none of them knows another.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from viewer.core.edits import Edit
from viewer.ui.commands import Situation
from viewer.ui.icons import Icons
from viewer.ui.settings import Settings
from viewer.ui.theme import Theme

if TYPE_CHECKING:
    from viewer.jobs.inference import InferenceClient
    from viewer.project.project import Project
    from viewer.reading.frames import Frame
    from viewer.reading.series import FrameRef, Series
    from viewer.reading.store import PixelStore
    from viewer.ui.canvas.view import ImageView


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShownImage:
    """What the active view shows.

    image_id: computed from the pixels, also when the image is not in the project yet (the first edit registers it);
    None while that is being computed. case_id: None when the image is not in the project. series: where it stands.
    """

    ref: "FrameRef"
    frame: "Frame"
    image_id: str | None = None
    case_id: str | None = None
    series: "Series | None" = None


class Session(QObject):
    """One window's state. Every signal is emitted on the window's thread."""

    project_opened = Signal(object)  # Project
    scan_progressed = Signal(int, int)
    scan_finished = Signal(object)  # ScanResult
    series_opened = Signal(object)  # Series shown in the active view
    image_shown = Signal(object)  # ShownImage of the active view
    work_changed = Signal(object)  # Edit that was done, undone or redone
    workspace_changed = Signal(str)  # "read" | "annotate" | "train" | "review"
    announced = Signal(str, str)  # ("info" | "warn" | "error", sentence)
    tool_changed = Signal(str)
    label_changed = Signal(str)
    situation_changed = Signal(object)  # Situation
    theme_changed = Signal(object)  # Theme

    project: "Project | None"
    store: "PixelStore"
    inference: "InferenceClient"
    author: str
    theme: Theme
    icons: Icons
    settings: Settings
    shown: ShownImage | None
    active_view: "ImageView"
    views: "list[ImageView]"
    workspace: str
    tool: str
    label: str

    def do(self, edit: Edit) -> bool:
        """Keep one gesture; False when it was refused. It is on the disk when `work_changed` comes."""
        raise NotImplementedError

    def undo(self) -> None:
        """Take back the last gesture; one on another image is shown first."""
        raise NotImplementedError

    def redo(self) -> None:
        """Do again what was taken back."""
        raise NotImplementedError

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Scan files and folders in the background and show the first series."""
        raise NotImplementedError

    def open_series(self, series: "Series") -> None:
        """Show a series in the active view."""
        raise NotImplementedError

    def show_ref(self, ref: "FrameRef") -> None:
        """Show one frame in the active view."""
        raise NotImplementedError

    def open_case(self, case_id: str) -> None:
        """Show a case of the project."""
        raise NotImplementedError

    def case_step(self, step: int) -> None:
        """The case before (-1) or after (+1) in the list as it is filtered."""
        raise NotImplementedError

    def complete_and_next(self) -> None:
        """Mark the case complete and show the next one that is not."""
        raise NotImplementedError

    def set_tool(self, name: str) -> None:
        """Arm a tool of TOOLS."""
        raise NotImplementedError

    def set_label(self, name: str) -> None:
        """Arm a region label."""
        raise NotImplementedError

    def set_workspace(self, name: str) -> None:
        """Change to one of WORKSPACES."""
        raise NotImplementedError

    def refresh_overlays(self) -> None:
        """Give every view the work of its image again."""
        raise NotImplementedError

    def set_fact(self, name: str, *, holds: bool) -> None:
        """Say that a fact of the situation holds or no longer holds; commands follow."""
        raise NotImplementedError

    def situation(self) -> Situation:
        """What there is at this moment."""
        raise NotImplementedError

    def run_in_background(
        self, function: Callable[[], Any], done: Callable[[Any], None], failed: Callable[[Exception], None]
    ) -> None:
        """Run a function on a worker thread; exactly one of done and failed is called on the window's thread."""
        raise NotImplementedError
