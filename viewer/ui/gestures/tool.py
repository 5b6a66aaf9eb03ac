"""What a tool is: it turns one press, drag and release on an image into at most one edit.

A tool knows its host (the view it works on) and nothing of other tools. It never changes annotations itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt

from viewer.core.edits import Edit
from viewer.core.geometry import ViewTransform
from viewer.core.labels import Label
from viewer.core.pixels import LookupTable, PixelFacts, Window
from viewer.core.shapes.annotations import Annotation, Measurement
from viewer.core.shapes.hit import item_id
from viewer.core.shapes.outlines import Outline


class Modifier(Enum):
    """Keys held during a gesture."""

    SHIFT = "Shift"
    CTRL = "Ctrl"
    ALT = "Alt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPoint:
    """Where the mouse is.

    x_px, y_px: image point. view_x, view_y: device pixels of the view. view: the transform of that moment.
    """

    x_px: float
    y_px: float
    view_x: float
    view_y: float
    modifiers: frozenset[Modifier]
    view: ViewTransform


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ToolContext:
    """What a tool may know of the image it works on.

    label: the armed region label, None when none is chosen. stored: (row, col[, 3]) of the shown frame.
    brush_radius_px: in image pixels. device_ratio: device pixels per logical pixel. proposal_seen: whether a proposal
    has been shown on this image. may_draw: False in a read-only project or while a commit has failed.
    selected_id, also_selected: the selected shape that has handles, and those selected beside it. begins_object: the
    next stroke begins a mask of its own, whatever masks of its label there are. object_in_hand: of a series, the object
    of the armed label that was last drawn or selected, "" for none. hidden_ids: of what is on this image,
    yet not drawn now: nothing is done to what nobody sees.
    """

    image_id: str
    rows: int
    cols: int
    facts: PixelFacts
    stored: NDArray[Any]
    transform: ViewTransform
    label: Label | None = None
    labels: Sequence[Label] = ()
    annotations: Sequence[Annotation] = ()
    measurements: Sequence[Measurement] = ()
    hidden_ids: frozenset[str] = frozenset()
    selected_id: str = ""
    also_selected: frozenset[str] = frozenset()
    begins_object: bool = False
    object_in_hand: str = ""
    author: str = ""
    brush_radius_px: float = 10.0
    device_ratio: float = 1.0
    proposal_seen: bool = False
    may_draw: bool = True

    def selected(self) -> Annotation | Measurement | None:
        """The annotation or measurement that has handles, if it is on this image."""
        return next((one for one in self.seen() if item_id(one) == self.selected_id), None)

    @property
    def continued(self) -> str:
        """The object that a new shape on this image continues: that in hand, where it has none here; "" for none."""
        is_here = any(one.object_key == self.object_in_hand for one in self.annotations)
        return "" if is_here or self.begins_object else self.object_in_hand

    def seen(self) -> tuple[Annotation | Measurement, ...]:
        """What is drawn on this image, in the order of drawing."""
        everything: list[Annotation | Measurement] = [*self.annotations, *self.measurements]
        return tuple(one for one in everything if item_id(one) not in self.hidden_ids)

    def selection(self) -> tuple[Annotation | Measurement, ...]:
        """Everything that is selected and drawn on this image, in the order of drawing."""
        chosen = {self.selected_id, *self.also_selected}
        return tuple(one for one in self.seen() if item_id(one) in chosen)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LiveMask:
    """A mask while it is being painted. mask: (row, col) bool over the whole image, changed in place by its tool."""

    annotation_id: str
    color: str
    mask: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a tool shows before it is done.

    outlines: lines. texts: (x_px, y_px, text) beside a point. brush: (x_px, y_px, radius_px) of the brush's ring.
    measurement: drawn with its values. value_box: (x_px, y_px, lines). hidden_ids: what the preview stands for.
    """

    outlines: tuple[Outline, ...] = ()
    texts: tuple[tuple[float, float, str], ...] = ()
    brush: tuple[float, float, float] | None = None
    measurement: Measurement | None = None
    value_box: tuple[float, float, tuple[str, ...]] | None = None
    hidden_ids: frozenset[str] = frozenset()


NO_PREVIEW = Preview()


class ToolHost(Protocol):
    """The view, as far as a tool may touch it."""

    @property
    def context(self) -> ToolContext: ...
    @property
    def window(self) -> Window | LookupTable: ...
    @window.setter
    def window(self, window: Window | LookupTable) -> None: ...
    def drag_window(self, right: float, up: float) -> None: ...
    def pan_by(self, right: float, down: float) -> None: ...
    def zoom_by(self, factor: float, at: tuple[float, float] | None = None) -> None: ...
    def scroll_down(self, steps: int) -> None: ...
    def point(self, x_px: float, y_px: float) -> None: ...
    def select(self, shape_id: str) -> None: ...
    def turn_selected(self, shape_id: str) -> None: ...
    def preview_changed(self) -> None: ...
    def area_changed(self, x0_px: float, y0_px: float, x1_px: float, y1_px: float) -> None: ...
    def mask_touched(self, row0: int, col0: int, row1: int, col1: int) -> None: ...
    def say(self, sentence: str) -> None: ...


class Tool(Protocol):
    """One tool on one view. Points come in order press, drag..., release; `hover` between gestures."""

    title: str
    shortcut: str
    icon: str
    workspaces: tuple[str, ...]
    hand: str
    hand_after: str
    help: str
    words: str
    lent_by: Qt.Key | None
    kind: str
    draws: bool
    paints: bool
    erases: bool
    cursor: Qt.CursorShape
    takes_double_click: bool
    repaints_itself: bool
    outlives_frame: bool

    def __init__(self, host: ToolHost) -> None: ...
    def press(self, point: ToolPoint) -> Edit | None: ...
    def drag(self, point: ToolPoint) -> Edit | None: ...
    def release(self, point: ToolPoint) -> Edit | None: ...
    def hover(self, point: ToolPoint) -> None: ...
    def leave(self) -> None: ...
    def before_menu(self, point: ToolPoint) -> None: ...
    def wants_double_click(self, point: ToolPoint) -> bool: ...
    def double_click(self, point: ToolPoint) -> Edit | None: ...
    def wants_key(self, key: Qt.Key) -> bool: ...
    def key(self, key: Qt.Key, modifiers: frozenset[Modifier]) -> Edit | None: ...
    def preview(self) -> Preview: ...
    def live_mask(self) -> LiveMask | None: ...
    def cancel(self) -> bool: ...
    @property
    def is_busy(self) -> bool: ...


class IdleTool:
    """What a tool does where it has nothing to say; tools inherit it and write down the rest."""

    title = ""
    shortcut = ""
    icon = ""
    hand = ""  # what the left button does with it, in the status bar: "Drag: box"
    hand_after = ""  # what ends what the left button has begun: "Enter: close it"
    workspaces: tuple[str, ...] = ()  # whose tool bars have it; they have their tools in the order of TOOLS
    help = ""
    words = ""  # what people call it too
    lent_by: Qt.Key | None = None  # the key that lends it while it is held
    kind = ""  # of the shape that it makes, a row of `viewer.core.shapes.kinds.KINDS`
    draws = False  # what it makes has a label
    paints = False  # it has the brush's size
    erases = False
    cursor = Qt.CursorShape.ArrowCursor
    takes_double_click = False
    # A tool that tells the touched area itself (`area_changed`, `mask_touched`) is not painted whole at each step.
    repaints_itself = False
    # A drag that goes on while frames change under it, such as scrolling; any other is dropped with its frame.
    outlives_frame = False

    def __init__(self, host: ToolHost) -> None:
        self.host = host

    def press(self, point: ToolPoint) -> Edit | None:
        """The left button goes down."""
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        """The mouse moves with the left button down."""
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        """The left button goes up: the gesture is done."""
        return None

    def hover(self, point: ToolPoint) -> None:
        """The mouse moves with no button down."""

    def before_menu(self, point: ToolPoint) -> None:
        """A menu is about to come up here."""

    def wants_double_click(self, point: ToolPoint) -> bool:
        """Whether a double click at this place is the tool's."""
        return self.takes_double_click

    def double_click(self, point: ToolPoint) -> Edit | None:
        """Only asked when `wants_double_click`; else the view is maximised."""
        return None

    def wants_key(self, key: Qt.Key) -> bool:
        """Whether `key` should be asked before shortcuts are."""
        return False

    def key(self, key: Qt.Key, modifiers: frozenset[Modifier]) -> Edit | None:
        """A key that `wants_key` asked for."""
        return None

    def preview(self) -> Preview:
        """What is drawn before the gesture is done."""
        return NO_PREVIEW

    def live_mask(self) -> LiveMask | None:
        """The mask being painted, while it is."""
        return None

    def cancel(self) -> bool:
        """Drop the gesture in progress. Returns whether there was one."""
        return False

    @property
    def is_busy(self) -> bool:
        """Whether a gesture is in progress; Esc then cancels it and nothing else."""
        return False

    def leave(self) -> None:
        """The mouse left the view."""
