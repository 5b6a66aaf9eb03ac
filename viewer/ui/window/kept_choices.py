"""What is in the hand comes back after a restart: the armed tool of each work space, the label of each project, and a
word about the heatmap that was shown."""

import json
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.core.checked import parse_json
from viewer.core.errors import BadFile
from viewer.core.registry import load
from viewer.ui.tools import TOOLS

if TYPE_CHECKING:
    from viewer.reading.series import FrameRef
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.shown import ShownImage

FIRST_TOOLS = {"read": "window", "annotate": "select", "train": "window", "review": "window"}
LABELS, HEATMAP = "labels_armed", "heatmap_shown"  # words of the settings
MOST_PROJECTS = 50  # of which the label is remembered, the ones used last
HEAT_WORDS = (
    "A heatmap was shown when the window was closed. Choose its model at the right, then M shows it again; nothing is "
    "asked by itself."
)


class KeptChoices(QObject):
    """Kept in memory while the window is open, and written when it closes: a key press waits for no disk."""

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self._session = session
        self._space = session.workspace
        self._tools = {space: _tool(session.settings.word(_name(space)), space) for space in FIRST_TOOLS}
        if session.settings.word(_name(self._space)):
            session.set_tool(self._tools[self._space])
        self._labels = _labels(session.settings.word(LABELS, "{}"))
        self._project_id = ""  # whose labels the armed one is of
        self._had_heatmap = session.settings.word(HEATMAP) == "yes"
        session.project_opened.connect(self._on_project_opened)
        session.label_changed.connect(self._on_label_changed)
        self._first: FrameRef | None = None  # the image that came back
        session.image_shown.connect(self._on_image_shown)
        for past in (session.work_changed, session.said, session.announced):
            past.connect(self._on_past)

    def keep(self) -> None:
        """Write them: the window closes."""
        settings = self._session.settings
        self._tools[self._space] = self._session.tool
        for space, name in self._tools.items():
            settings.set_word(_name(space), name)
        settings.set_word(LABELS, json.dumps(dict(list(self._labels.items())[-MOST_PROJECTS:]), allow_nan=False))
        shown = self._session.situation().has("heatmap") or self._had_heatmap
        settings.set_word(HEATMAP, "yes" if shown else "no")

    def enter(self, workspace: str) -> None:
        """Another work space has its own tool in the hand."""
        self._tools[self._space] = self._session.tool
        self._space = workspace
        self._session.set_tool(self._tools[workspace])
        if self._first is not None:
            self._tell_heatmap()
            self._had_heatmap = False

    def _on_project_opened(self, _project: object) -> None:
        session = self._session
        project_id = "" if session.project is None else session.project.project_id
        if project_id == self._project_id:
            return
        kept = self._labels.get(project_id, "")
        self._project_id = project_id
        if kept in [label.name for label in session.labels if label.scope == "region"]:
            session.set_label(kept)

    def _on_label_changed(self, name: str) -> None:
        project = self._session.project
        if name and project is not None and project.project_id == self._project_id:
            self._labels.pop(self._project_id, None)
            self._labels[self._project_id] = name  # the last used one last

    def _on_image_shown(self, shown: "ShownImage") -> None:
        if self._first is not None and shown.ref != self._first:
            self._had_heatmap = False
        self._first = self._first or shown.ref
        self._tell_heatmap()

    def _on_past(self, *_: object) -> None:
        """Once something was done or said after the window came back, how it was closed is no news any more."""
        if self._first is not None:
            self._had_heatmap = False

    def _tell_heatmap(self) -> None:
        """Once, where it was shown; with the map it is over."""
        if self._session.workspace != "review" or not self._had_heatmap:
            return
        self._had_heatmap = False
        if not self._session.situation().has("heatmap"):
            self._session.said.emit(HEAT_WORDS)


def _name(space: str) -> str:
    return f"tool/{space}"


def _tool(name: str, space: str) -> str:
    """A tool that this work space has, else its first."""
    return name if name in TOOLS and space in load(TOOLS, name).workspaces else FIRST_TOOLS[space]


def _labels(text: str) -> dict[str, str]:
    """The label of each project, by its id; nothing where the settings hold something else."""
    try:
        found = parse_json(text, LABELS)
    except BadFile:
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if isinstance(key, str) and isinstance(value, str)}
