"""What the values of a mask picture mean: inside and outside, classes, instances, a soft edge; or that nobody can know.

A picture of 0 and one other value is a mask. With more values it may be classes, instances, or one region with a soft
edge (anti-aliased, or blurred by JPEG): only the last is settled by itself, at half of the full value, and said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.errors import BadRequest
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.exchange.importer import Outcome
from viewer.exchange.mask_file import MaskValues

Bools = NDArray[np.bool_]
# More values than this are no list of classes that a person made, unless they stand in even areas.
_MOST_CLASSES = 64
_MOST_INSTANCES = 20_000
_SETTLE = "--mask classes, --mask instances or --mask one"
# An edge that was smoothed has several values; a border of one value is rather a class of its own (a trimap).
_FEWEST_OF_AN_EDGE = 3
# Up to here thin classes may lie between two others when somebody says that the values are classes.
_MOST_THIN_CLASSES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskChoice:
    """What a person said masks mean. kind: "", "one", "classes" or "instances". wanted: value to its label ("" = the
    mask's own); colours as (r, g, b). threshold: values from it on are inside."""

    kind: str = ""
    wanted: Mapping[int | tuple[int, int, int], str] | None = None
    threshold: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something to be said of a mask. text: a clause after the file's name. opens: a part of it was not looked at."""

    outcome: Outcome
    text: str
    rule: str
    settle: str = ""
    opens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a mask picture holds. regions: (suffix of the label, a whole label or "", the region) as stored."""

    regions: tuple[tuple[str, str, MaskRuns], ...] = ()
    said: tuple[Said, ...] = ()


def meaning_of(page: MaskValues, choice: MaskChoice) -> Meaning:
    """Decide, or say why not."""
    notes = tuple(Said(outcome=Outcome.NOTE, text=text, rule="alpha of a mask") for text in page.notes)
    if not page.doubt:
        page, nowhere = _without_gaps(page)
    if page.doubt:
        return Meaning(said=(*notes, *_left(page.doubt, "masks of an unclear kind", "").said))
    found = _decide(page, choice)
    return Meaning(regions=found.regions, said=(*notes, *nowhere, *found.said))


def _without_gaps(page: MaskValues) -> tuple[MaskValues, tuple[Said, ...]]:
    """Not-a-number is outside, said; whole numbers stored as floats become integers."""
    values = page.values
    if values.dtype.kind != "f":
        return page, ()
    gaps = np.isnan(values)
    if np.isinf(values).any():
        return replace(page, doubt="it holds infinite values"), ()
    filled = np.where(gaps, 0, values)
    whole = bool((filled == np.rint(filled)).all()) and float(np.abs(filled).max(initial=0)) < 2**53
    page = replace(page, values=filled.astype(np.int64) if whole else filled)
    count = int(gaps.sum())
    if not count:
        return page, ()
    text = f"{count} pixels that are no number (NaN) are outside; nobody looked there, so the image stays open"
    return page, (Said(outcome=Outcome.GUESSED, text=text, rule="NaN in a mask is outside", opens=True),)


def _decide(page: MaskValues, choice: MaskChoice) -> Meaning:
    values = page.values
    if choice.threshold is not None:
        if page.is_colour:
            return _left("it is coloured, and --mask-threshold needs grey values", "masks of an unclear kind", "")
        return _regions((values >= choice.threshold).astype(np.uint8), one="")
    present = _present(values)
    soft = _soft_edge(page, present)
    if choice.kind in ("classes", "instances") and not page.lossy:
        if soft is not None and len(present) > _MOST_THIN_CLASSES:
            text = f"its edge is soft, and its {len(present)} values would become as many {choice.kind}"
            return _left(text, "masks with a soft edge", "--mask one")
        soft = None
    if page.lossy and soft is None and len(present) > 1:
        text = "its compression changes values, and they are not just inside and outside"
        return _left(text, "lossy masks", "" if page.is_colour else f"--mask-threshold {float(values.max()) / 2:g}")
    if soft is not None:
        return _of_soft(page, choice, soft)
    if choice.wanted:
        return _of_wanted(page, choice)
    if values.dtype.kind == "f":
        text = f"its values from {values.min():g} to {values.max():g} are neither inside and outside nor whole numbers"
        return _left(text, "masks of an unclear kind", f"--mask-threshold {float(values.max()) / 2:g}")
    if choice.kind == "one":
        return _regions((values != 0).astype(np.uint8), one="")
    if choice.kind:
        return _of_labels(page, choice.kind, present)
    return _unasked(page, present)


def _present(values: NDArray[Any]) -> NDArray[Any]:
    """The values of a picture in their order; some rows at a time, since sorting takes a copy."""
    step = max(1, (1 << 22) // max(1, values.shape[1]))
    parts = [np.unique(values[row : row + step]) for row in range(0, values.shape[0], step)]
    return np.unique(np.concatenate(parts))


def _unasked(page: MaskValues, present: NDArray[Any]) -> Meaning:
    """What holds when nobody said anything."""
    values = page.values
    others = present[present != 0]
    if not len(others):
        return Meaning()
    if len(present) == 1:
        text = f"every pixel has the value {_name(page, others[0])}, so the whole picture is inside"
        said = Said(outcome=Outcome.GUESSED, text=text, rule="masks of one value", settle="--mask-value 0")
        return replace(_regions((values != 0).astype(np.uint8), one=""), said=(said,))
    if len(present) == 2 and len(others) == 2:
        names = [_name(page, value) for value in others]
        text = f"it holds the values {' and '.join(names)} and no 0, so nobody can tell which is outside"
        return _left(text, "masks without a 0", " or ".join(f"--mask-value {name}" for name in names))
    if len(others) == 1:
        if others[0] < 0:
            text = f"it holds 0 and {others[0]}, and a mask has no negative values"
            return _left(text, "masks of an unclear kind", f"--mask-value {others[0]}")
        if _is_frame(values != 0):
            name = _name(page, others[0])
            text = f"all of its border is {name} and 0 lies within, so it may be turned inside out"
            return _left(text, "masks that may be inverted", f"--mask-value {name} or --mask-value 0")
        return _regions((values != 0).astype(np.uint8), one="")
    if len(others) <= _MOST_CLASSES or _is_even(values):
        names = [_name(page, value) for value in others[:5]] + (["..."] if len(others) > 5 else [])
        text = f"it holds {len(others)} values besides 0 ({', '.join(names)}): classes, instances, or one region"
        threshold = "" if page.is_colour or present[-1] < 32 else f", or --mask-threshold {float(present[-1]) / 2:g}"
        return _left(text, "masks of several values", _SETTLE + threshold)
    text = f"it holds {len(present)} values, as a picture does that is no mask"
    return _left(text, "masks of an unclear kind", f"--mask-threshold {page.full / 2:g}" if page.full else "")


def _of_labels(page: MaskValues, kind: str, present: NDArray[Any]) -> Meaning:
    if present[0] < 0:
        return _left("it holds negative values", "masks of an unclear kind", "--mask-value N")
    most = _MOST_INSTANCES if kind == "instances" else max(_MOST_CLASSES, 256)
    if len(present) > most:
        return _left(f"it holds {len(present)} values; that many {kind} are no mask", "masks of an unclear kind", "")
    return Meaning(
        regions=tuple(
            (_name(page, value) if kind == "classes" else "", "", runs) for value, runs in _runs_by_value(page.values)
        )
    )


def _of_wanted(page: MaskValues, choice: MaskChoice) -> Meaning:
    """The values that a person named, each exactly; under one label they are one region, unless they are instances."""
    wanted = _in_page(page, choice)
    chosen = np.where(np.isin(page.values, list(wanted)), page.values, 0)
    marked = np.isin(page.values, list(wanted))
    if not marked.any():
        present = [_name(page, value) for value in _present(page.values)[:5]]
        text = f"it has no pixel of the values asked for (it has {', '.join(present)})"
        return Meaning(said=(Said(outcome=Outcome.NOTE, text=text, rule="masks without the value asked for"),))
    if choice.kind in ("classes", "instances"):
        # 0 may be one of the values: shift, so that 0 is what was not asked for.
        shifted = np.where(marked, chosen.astype(np.int64) + 1, 0)
        return Meaning(
            regions=tuple(
                (_name(page, value - 1) if choice.kind == "classes" else "", wanted[int(value) - 1], runs)
                for value, runs in _runs_by_value(shifted)
            )
        )
    regions = []
    for label in dict.fromkeys(wanted.values()):
        inside = np.isin(page.values, [value for value, name in wanted.items() if name == label])
        if inside.any():
            regions.append(("", label, MaskRuns.from_array(inside)))
    return Meaning(regions=tuple(regions))


def _in_page(page: MaskValues, choice: MaskChoice) -> dict[int, str]:
    """The values asked for as this page writes them: in a coloured one 255 is white, in a grey one white is 255."""
    found: dict[int, str] = {}
    for value, label in (choice.wanted or {}).items():
        if isinstance(value, tuple):
            red, green, blue = value
            if page.is_colour:
                found[(red << 16) | (green << 8) | blue] = label
            elif red == green == blue:
                found[red] = label
        elif page.is_colour:
            found[value * 0x010101 if 0 <= value < 256 else -1] = label
        else:
            found[value] = label
    return found


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Soft:
    """A region whose edge has values in between. strength: (row, col). full: the value wholly inside."""

    strength: NDArray[Any]
    full: float
    between: int


def _of_soft(page: MaskValues, choice: MaskChoice, soft: _Soft) -> Meaning:
    if choice.kind in ("classes", "instances"):
        text = "its compression changes values, so that classes or instances cannot be told apart"
        return _left(text, "lossy masks", "")
    inside, label, half = soft.strength >= soft.full / 2, "", f"{soft.full / 2:g}"
    if choice.wanted:
        ends = {value: name for value, name in choice.wanted.items() if not isinstance(value, tuple)}
        near = {value: name for value, name in ends.items() if value == 0 or value >= 0.9 * soft.full}
        if len(near) != 1 or len(ends) != len(choice.wanted):
            text = f"its edges are soft, with values between 0 and {soft.full:g}, and only these two can be asked for"
            return _left(text, "masks with a soft edge", f"--mask-value {soft.full:g}")
        ((value, label),) = near.items()
        inside = inside if value else ~inside
    elif not choice.kind and _is_frame(inside):
        text = f"all of its border is {soft.full:g} and 0 lies within, so it may be turned inside out"
        return _left(text, "masks that may be inverted", f"--mask-value {soft.full:g} or --mask-value 0")
    why = "its compression (lossy) changed values" if page.lossy else "its edge is soft"
    text = f"{why}: {soft.between} pixels lie between 0 and {soft.full:g}; from {half} on a pixel is inside"
    rule = "lossy masks: inside from half of the full value" if page.lossy else "soft edges: inside from half"
    said = Said(outcome=Outcome.GUESSED, text=text, rule=rule, settle="--mask-threshold T")
    return Meaning(regions=(("", label, MaskRuns.from_array(inside)),), said=(said,))


def _soft_edge(page: MaskValues, present: NDArray[Any]) -> _Soft | None:
    """One region whose values fall from full to 0 at its edge; None when it has hard edges or is something else."""
    values = page.strength if page.is_colour else page.values
    fewest = 1 if page.lossy else _FEWEST_OF_AN_EDGE
    if values is None or len(present) < 2 + fewest or present[0] < 0:
        return None
    top = float(values.max())
    full = page.full if page.lossy and 0.8 * page.full <= top <= page.full else top
    if values.dtype.kind != "f" and full < 32:
        return None  # the numbers of classes
    margin = full / (4 if page.lossy else 16)
    none, whole = values <= margin, values >= full - margin
    between = (values > 0) & (values < full)
    if not page.lossy and _even_areas(values, between):
        return None
    middle = ~none & ~whole
    if not (none.any() and whole.any()):
        return None
    at_edge = middle & _near(none, 3) & _near(whole, 3)
    thin = at_edge.sum() >= 0.95 * middle.sum()
    # A soft brush: most of what is not outside is wholly inside, and the way down has many values.
    wide = len(present) > 16 and whole.sum() >= (middle | whole).sum() / 3 and none.sum() >= values.size / 10
    if not (thin or (wide and not page.lossy)):
        return None
    return _Soft(strength=values, full=full, between=int(between.sum()))


def _even_areas(values: NDArray[Any], among: Bools) -> bool:
    """Whether more than a few of the pixels have a value that all eight around them have too."""
    if min(values.shape) < 3:
        return False
    centre = values[1:-1, 1:-1]
    even = among[1:-1, 1:-1].copy()
    rows, cols = values.shape
    for down in (0, 1, 2):
        for right in (0, 1, 2):
            even &= centre == values[down : rows - 2 + down, right : cols - 2 + right]
    return bool(even.sum() > 0.005 * max(1, int(among.sum())))


def _near(mask: Bools, reach: int) -> Bools:
    """(row, col) whether one of the pixels of `mask` lies within `reach` rows and columns."""
    for axis in (0, 1):
        grown = mask.copy()
        for step in range(1, reach + 1):
            ahead, behind = [slice(None)] * 2, [slice(None)] * 2
            ahead[axis], behind[axis] = slice(step, None), slice(None, -step)
            grown[tuple(ahead)] |= mask[tuple(behind)]
            grown[tuple(behind)] |= mask[tuple(ahead)]
        mask = grown
    return mask


def _is_frame(inside: Bools) -> bool:
    """Whether all of the border is inside and something within is not."""
    border = inside[0].all() and inside[-1].all() and inside[:, 0].all() and inside[:, -1].all()
    return bool(border) and not bool(inside.all())


def _is_even(values: NDArray[Any]) -> bool:
    """Whether numbers stand in areas, as those of instances do, and not beside each other, as in a photograph."""
    inside = values[:, 1:] != 0
    return bool(inside.any()) and bool((values[:, 1:] == values[:, :-1])[inside].mean() >= 0.5)


def _runs_by_value(values: NDArray[Any]) -> list[tuple[Any, MaskRuns]]:
    """The region of each value but 0, in the order of the values. values: (row, col) integers."""
    rows, cols = values.shape
    edge = np.ones((rows, cols), np.bool_)
    edge[:, 1:] = values[:, 1:] != values[:, :-1]
    starts = np.flatnonzero(edge)
    row, start = np.divmod(starts, cols)
    following = np.append(starts[1:], rows * cols)
    end = start + (following - starts)
    value = values.reshape(-1)[starts]
    order = np.lexsort((start, row, value))
    runs = np.stack([row, start, end], axis=1).astype(np.int32)[order]
    value = value[order]
    firsts = np.flatnonzero(np.append(True, value[1:] != value[:-1]))
    lasts = np.append(firsts[1:], len(value))
    return [
        (value[first], MaskRuns(rows=rows, cols=cols, runs=runs[first:last]))
        for first, last in zip(firsts, lasts, strict=True)
        if value[first] != 0
    ]


def _name(page: MaskValues, value: Any) -> str:
    """A value as a person types it: grey levels as numbers, colours as #rrggbb."""
    number = int(value)
    if not page.is_colour:
        return str(number)
    red, green, blue = number >> 16 & 255, number >> 8 & 255, number & 255
    return str(red) if red == green == blue else f"#{number:06x}"


def _regions(inside: NDArray[Any], *, one: str) -> Meaning:
    runs = MaskRuns.from_array(inside)
    return Meaning(regions=(("", one, runs),) if len(runs.runs) else ())


def _left(text: str, rule: str, settle: str) -> Meaning:
    return Meaning(said=(Said(outcome=Outcome.AMBIGUOUS, text=text, rule=rule, settle=settle),))


def choice_of(kind: str, values: tuple[str, ...], threshold: str) -> MaskChoice:
    """The choice behind the texts of the options. Raises BadRequest naming the one that cannot be."""
    wanted: dict[int | tuple[int, int, int], str] = {}
    for text in values:
        value, _, label = (part.strip() for part in text.partition("="))
        wanted[_value_of(value)] = label
    if threshold and (kind in ("classes", "instances") or wanted):
        raise BadRequest("--mask-threshold makes one region; it does not go with --mask-value, classes or instances.")
    if wanted and kind == "one":
        raise BadRequest("--mask one takes every value but 0; it does not go with --mask-value.")
    try:
        return MaskChoice(kind=kind, wanted=wanted or None, threshold=float(threshold) if threshold else None)
    except ValueError as error:
        raise BadRequest(f"--mask-threshold takes a number, not {threshold!r}.") from error


def _value_of(text: str) -> int | tuple[int, int, int]:
    try:
        if text.startswith("#") and len(text) == 7:
            number = int(text[1:], 16)
            return (number >> 16, number >> 8 & 255, number & 255)
        return int(text)
    except ValueError as error:
        raise BadRequest(f"--mask-value takes a whole number or a colour such as #ff0000, not {text!r}.") from error
