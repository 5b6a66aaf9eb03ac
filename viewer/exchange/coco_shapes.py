"""The shape of one COCO annotation: its mask, its outlines, else its box; and why it has none."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from viewer.core.errors import AppError
from viewer.core.shapes.kinds import KINDS
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.shape import Shape, shape_kind
from viewer.exchange.importer import Outcome, Pieces, Remark, guessed, note
from viewer.exchange.options import Options
from viewer.exchange.own_table import EXPORTER_NAME
from viewer.exchange.run_lengths import counts_of_text, runs_of_counts

_MOST_PIXELS = 1 << 28


class Refused(AppError):
    """An annotation that does not come in. rule: the short clause for alike ones."""

    def __init__(self, reason: str, rule: str, outcome: Outcome = Outcome.LEFT_OUT, settle: str = "") -> None:
        super().__init__(reason)
        self.rule = rule
        self.outcome = outcome
        self.settle = settle


def short(value: Any) -> str:
    """What a file says, short enough for a sentence."""
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def is_own(document: Mapping[str, Any]) -> bool:
    """Whether a file says that this program wrote it."""
    info = document.get("info")
    return isinstance(info, Mapping) and info.get("exporter") == EXPORTER_NAME


def object_of(entry: Mapping[str, Any]) -> str:
    """What a file of ours calls the object that an annotation is of; "" for one on this image alone."""
    facts = entry.get("attributes")
    said = facts.get("object_id") if isinstance(facts, Mapping) else None
    return said if isinstance(said, str) else ""


def whole_number(value: Any) -> tuple[int | None, bool]:
    """(frame, whether it can be one); an absent one is None."""
    if value is None or value == "":
        return None, True
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None, False
    return (int(number), True) if number.is_integer() and abs(number) < 2**31 else (None, False)


def shape_of(
    options: Options, entry: Mapping[str, Any], what: str, remarks: list[Remark], *, is_ours: bool
) -> tuple[Shape | Pieces, bool]:
    """(the richest shape an entry gives: mask, outlines, else its box; whether it is a box by corner and extent).

    is_ours: our export wrote it, and may name a kind of shape that COCO does not know.
    """
    crowd = entry.get("iscrowd")
    if crowd not in (None, 0, "0", "") and options.one("crowd") != "objects":
        raise Refused(
            "it is a crowd region, several objects that nobody told apart", "a crowd region",
            settle="--crowd objects",
        )  # fmt: skip
    named = own_kind(entry) if is_ours else ""
    if named:
        return _of_kind(entry, named), False
    segmentation = entry.get("segmentation")
    if isinstance(segmentation, Mapping):
        mask = _mask(segmentation)
        if not mask.runs.size:
            raise Refused("its mask has no pixel inside", "a mask without a pixel")
        return mask, False
    if segmentation:
        return _outlines(segmentation, what, remarks), False
    whole = entry.get("attributes")
    if isinstance(whole, Mapping) and isinstance(whole.get("box_px"), list) and len(whole["box_px"]) == 4:
        x0, y0, x1, y1 = (_number(one) for one in whole["box_px"])  # our own: bbox is what of it is on the image
        return Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1), False
    turn = whole.get("rotation") if isinstance(whole, Mapping) else None  # CVAT and Datumaro, in degrees
    if turn not in (None, "") and _number(turn) % 360:
        raise Refused(f"its box is turned by {short(turn)} degrees, and only upright boxes are read", "a turned box")
    return _box(options, entry.get("bbox"))


def own_kind(entry: Mapping[str, Any]) -> str:
    """The kind of shape that our export names where COCO has none for it; "" for the others."""
    facts = entry.get("attributes")
    said = facts.get("kind") if isinstance(facts, Mapping) else None
    return said if isinstance(said, str) and said in KINDS else ""


def _of_kind(entry: Mapping[str, Any], kind: str) -> Shape:
    said, seen = entry["attributes"].get("points_px"), entry.get("num_keypoints")
    if said is None:
        numbers = entry.get("keypoints")
        if not isinstance(numbers, list) or len(numbers) % 3 or not isinstance(seen, int):
            raise Refused(
                f"its key points are no list of triples that a {kind} could be made of", "key points that are none"
            )
        said = [numbers[at : at + 2] for at in range(0, 3 * seen, 3)]
    if not isinstance(said, list) or not all(isinstance(point, list) and len(point) == 2 for point in said):
        raise Refused(f"its points are no list of pairs that a {kind} could be made of", "points that are none")
    return shape_kind(kind).of_points(tuple((_number(x), _number(y)) for x, y in said))


def _mask(facts: Mapping[str, Any]) -> MaskRuns:
    size, counts = facts.get("size"), facts.get("counts")
    numbers = [whole_number(one)[0] for one in size] if isinstance(size, list) else []
    if len(numbers) != 2 or None in numbers or min(n or 0 for n in numbers) <= 0:
        raise Refused(f"its mask has the size {short(size)}", "a mask without a size")
    rows, cols = int(numbers[0] or 0), int(numbers[1] or 0)
    if rows * cols > _MOST_PIXELS:
        raise Refused(f"its mask says {rows} x {cols} pixels, more than are read", "a mask without a size")
    if isinstance(counts, str):
        return runs_of_counts(counts_of_text(counts), rows, cols)
    if not isinstance(counts, list):
        raise Refused("its mask has no counts", "a mask that cannot be read")
    lengths = [_number(count) for count in counts]
    broken = [length for length in lengths if not length.is_integer()]
    if broken:
        raise Refused(f"its mask counts {broken[0]:g} pixels, no whole number", "a mask that cannot be read")
    return runs_of_counts([int(length) for length in lengths], rows, cols)


def _number(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
        if isinstance(value, str):
            raise Refused(f"{short(value)!r} is no number", "no number") from None
    if not math.isfinite(number):
        raise Refused(f"one of its numbers is {short(value)}, not a finite number", "not finite", Outcome.OUT_OF_RANGE)
    return number


def _outlines(segmentation: Any, what: str, remarks: list[Remark]) -> Shape | Pieces:
    if not isinstance(segmentation, list):
        raise Refused(f"its outline is {short(segmentation)}, no list of points", "an outline that is none")
    pieces = segmentation
    if not isinstance(segmentation[0], list):
        sentence = f"{what}: its outline is one list of numbers, not a list of outlines; it was read as one outline."
        remarks.append(guessed(sentence, rule="a flat list of points is one outline"))
        pieces = [segmentation]
    polygons = []
    for piece in pieces:
        if not isinstance(piece, list) or len(piece) % 2:
            raise Refused("a piece of its outline is no list of pairs", "an outline that is none")
        points = tuple((_number(x), _number(y)) for x, y in zip(piece[::2], piece[1::2], strict=True))
        if len(points) < 3 or _on_a_line(points):
            sentence = f"{what} has a piece of {len(points)} points, which has no area; the other pieces were taken."
            remarks.append(note(sentence, rule="a piece without an area"))
        else:
            polygons.append(Polygon(points_px=points))
    if not polygons:
        few = max((len(piece) // 2 for piece in pieces), default=0) < 3
        why = "has fewer than three points" if few else "has no area: its points lie on one line"
        raise Refused(f"its outline {why}", "an outline that is none")
    return polygons[0] if len(polygons) == 1 else Pieces(polygons=tuple(polygons))


def _on_a_line(points: Sequence[tuple[float, float]]) -> bool:
    """Whether an outline has no area because every point lies on one line, or on one place."""
    x0, y0 = points[0]
    far_x, far_y = max(((x - x0, y - y0) for x, y in points), key=lambda step: math.hypot(*step))
    reach = math.hypot(far_x, far_y)
    return not reach or all(abs(far_x / reach * (y - y0) - far_y / reach * (x - x0)) <= 1e-9 * reach for x, y in points)


def _box(options: Options, numbers: Any) -> tuple[Shape, bool]:
    if not isinstance(numbers, list) or len(numbers) != 4:
        said = "neither an outline nor a box" if not numbers else f"the box {short(numbers)}"
        raise Refused(f"it has {said}", "neither outline nor box")
    x, y, c, d = (_number(one) for one in numbers)
    boxes = options.one("boxes")
    x1, y1 = (c, d) if boxes == "corners" else (x + c, y + d)
    if not (x1 > x and y1 > y):
        raise Refused(f"its box {short(numbers)} has no width or no height", "a box without width or height")
    return Box(x0_px=x, y0_px=y, x1_px=x1, y1_px=y1), boxes == ""
