"""What a shape is, in continuous image points: the contract of a kind.

(0, 0) is the outer corner of the first pixel, (0.5, 0.5) its centre, as in Qt, COCO, DICOM SCOORD
(PS3.3 C.18.6.1.1).
A pixel belongs to a shape when its centre is inside.

A kind is a frozen value in a file of its own under `kinds`; `outlined` has what most of them share. Whoever meets a
shape asks it, and never which kind it is: a task takes `as_box` or `as_mask`, and None means that this kind has none.
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import UnknownName
from viewer.core.pixels import PixelFacts
from viewer.core.registry import load
from viewer.core.shapes.kinds import KINDS
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.outlined import Extent, MovePoint, Point, Points, RunsIn, RunsOut, TurnPixels


class Shape(Protocol):
    """One shape on one image. It refuses bad numbers when it is made (BadRequest), and is equal to its like.

    kind: its row in `kinds.KINDS`, and what people call it; plural, a_word ("a box"): the same word otherwise.
    icon: the picture beside it in a list. measures: it is a measurement, and says `quantities`; nothing is annotated by
    it. closed: the last point of a ring joins the first. ends: cross strokes at both ends, as on a ruler. under: a dark
    line lies under its own. line_width_px: in view pixels. is_movable: it can be dragged as a whole. tells_pixels: it
    says of each pixel whether it is inside (`as_mask`). on_planes: it may lie on a plane instead of an image
    (`viewer.core.shapes.anchors`), as what is of pixels may not. fewest_words: why no further corner can be taken away.
    """

    kind: ClassVar[str]
    plural: ClassVar[str]
    icon: ClassVar[str]
    measures: ClassVar[bool]
    closed: ClassVar[bool]
    ends: ClassVar[bool]
    under: ClassVar[bool]
    line_width_px: ClassVar[float]
    is_movable: ClassVar[bool]
    tells_pixels: ClassVar[bool]
    on_planes: ClassVar[bool]
    fewest_words: ClassVar[str]

    @property
    def a_word(self) -> str:
        """Its kind with its article."""

    @property
    def key(self) -> Hashable:
        """Equal for equal shapes of one kind; a mask itself cannot be looked up."""

    @property
    def is_empty(self) -> bool:
        """Whether it says that nothing is there, as a mask without a pixel."""

    # -- its outline

    def rings(self) -> tuple[Points, ...]:
        """Its lines in image points; several for a mask. One of a single point is drawn as a cross."""

    def points(self) -> Points:
        """What it is drawn by, and made of again by `of_points`; () of what is painted."""

    @classmethod
    def of_points(cls, points_px: Sequence[Point]) -> Self:
        """The shape of `points`. Raises BadRequest where they make none."""

    def extent(self) -> Extent | None:
        """(x0_px, y0_px, x1_px, y1_px) around it, of no width or height where it has none; None where it is empty."""

    # -- what a person can do with it

    def handles(self) -> Points:
        """Where it can be taken."""

    def drawn_handles(self) -> Points:
        """Those of its handles that are drawn."""

    def with_handle(self, handle: int, to: Point) -> Self:
        """It, after a handle was dragged to an image point."""

    def corners(self) -> Points:
        """Those of its handles that can be taken away, and between which others can be added; () for most kinds."""

    def with_corner(self, edge: int, share: float) -> Self:
        """One corner more, at a share of edge n, which goes from corner n to the one after it; its line stays."""

    def without_corner(self, corner: int) -> Self | None:
        """One corner less; None where that is one too few (`fewest_words`)."""

    def moved(self, dx_px: float, dy_px: float) -> Self:
        """It, elsewhere; what is not movable stays."""

    def holds(self, at: Point) -> bool:
        """Whether a point lies inside; a line holds nothing."""

    def side_note(self) -> tuple[float, float, str] | None:
        """(x_px, y_px, words) that stand beside it while its size changes."""

    # -- what a task, an export or a comparison takes of it

    def as_box(self) -> Box | None:
        """The box around its area; None of a kind, or a shape, without one."""

    def as_mask(self, rows: int, cols: int) -> MaskRuns | None:
        """What is told pixel by pixel; None of a kind that tells no pixels, as a box, and of another grid."""

    def painted(self) -> MaskRuns | None:
        """What brush and eraser change; None of what is drawn by points."""

    def inside(self, rows: int, cols: int) -> NDArray[np.bool_]:
        """(row, col) bool: the pixels whose centre is inside, whether or not it tells them; none of a line."""

    def visible_area_px(self, rows: int, cols: int) -> float:
        """The area of the part on an image of rows x cols pixels, in pixels."""

    def visible_extent(self, rows: int, cols: int) -> Extent | None:
        """Around the part on an image of rows x cols pixels; None where nothing of it is on the image."""

    # -- its words

    def words(self) -> str:
        """What it is and how large, in a row of a list."""

    def drawn_as(self, label: str) -> str:
        """What the menu says after "Undo" when it was drawn."""

    def quantities(self, stored: NDArray[Any], facts: PixelFacts) -> tuple[str, ...]:
        """The lines of its value box, the first one the most wanted. stored: (row, col[, 3]). () of what is no
        measurement."""

    def unit_sources(self, facts: PixelFacts) -> tuple[str, ...]:
        """Where the units of its quantities come from: that of its length or area, then that of its values."""

    # -- what a file says

    def written_numbers(self) -> tuple[float, ...]:
        """Its numbers, by which fractions of an image are told from pixels; () of a mask."""

    def no_place(self, rows: int, cols: int) -> str:
        """Why it cannot lie on an image of rows x cols pixels, "" where it can."""

    def mapped(self, move: MovePoint, turn: TurnPixels) -> Self:
        """It on a picture that is turned or mirrored. move: of a point. turn: of a (row, col) array."""

    def to_stored(self, out: RunsOut) -> Any:
        """What a project keeps of it, as JSON, under its kind; runs of a mask go into a block."""

    @classmethod
    def from_stored(cls, value: Any, runs: RunsIn) -> Self:
        """Raises ValueError, TypeError or KeyError for what is none, BadRequest for numbers that make no shape."""

    def to_document(self) -> dict[str, Any]:
        """What the command line and the model's process write of it, as JSON, beside its kind."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Raises as `from_stored`."""

    def to_cells(self) -> dict[str, str]:
        """The cells of our own table, beside its kind."""

    @classmethod
    def from_cells(cls, cells: Mapping[str, str]) -> Self:
        """Raises as `from_stored`."""


def shape_kind(name: str) -> type[Shape]:
    """The kind of what is annotated. Raises UnknownName with those there are."""
    found: type[Shape] = load(KINDS, name)
    if found.measures:
        raise UnknownName(f"A {name} is a measurement, and nothing is annotated by it.")
    return found


def measured_kind(name: str) -> type[Shape]:
    """The kind of a measurement. Raises UnknownName."""
    found: type[Shape] = load(KINDS, name)
    if not found.measures:
        raise UnknownName(f"Nothing is measured by a {name}.")
    return found
