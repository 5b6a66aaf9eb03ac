"""Stored values at the size of the view: a mip pyramid, and one resampling per change of view.

Area when shrinking, linear (or nearest) when enlarging; palettes always nearest; padding takes part in no mean.
"""

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from viewer.core.geometry import ViewTransform

AnyArray = NDArray[Any]
ViewedValues = tuple[AnyArray, NDArray[np.bool_] | None]  # and where there is image


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One axis of the part of the view that shows image.

    first, count: the view pixels whose centres lie on the image. start, end: the image coordinates (px) of the first
    view pixel's near edge and the last one's far edge; they may stick out by up to half a view pixel.
    """

    first: int
    count: int
    start: float
    end: float

    @property
    def step(self) -> float:
        """Image pixels per view pixel."""
        return (self.end - self.start) / self.count


def span(view_px: int, image_px: int, scale: float, center_px: float) -> Span | None:
    """Where an axis of `image_px` pixels lies in a view of `view_px`; None when nothing of it is in the view."""
    origin = view_px / 2 - center_px * scale  # view coordinate of image coordinate 0
    # A view pixel shows image when its centre does; the small slack keeps exact hits on the inside.
    first = max(0, int(np.ceil(origin - 0.5 - 1e-9)))
    last = min(view_px, int(np.ceil(origin + image_px * scale - 0.5 - 1e-9)))
    if last <= first:
        return None
    return Span(first=first, count=last - first, start=(first - origin) / scale, end=(last - origin) / scale)


def spans(transform: ViewTransform, rows: int, cols: int) -> tuple[Span, Span] | None:
    """(vertical, horizontal) spans before flip and turn, in a view whose sides are swapped for odd quarter turns."""
    width, height = transform.view_width, transform.view_height
    if transform.quarter_turns % 2:
        width, height = height, width
    vertical = span(height, rows, transform.scale_y, transform.center_y_px)
    horizontal = span(width, cols, transform.scale_x, transform.center_x_px)
    return None if vertical is None or horizontal is None else (vertical, horizontal)


def turned(array: AnyArray, transform: ViewTransform) -> AnyArray:
    """Flip left to right, then quarter turns clockwise, as `ViewTransform` says. array: (row, col[, channel])."""
    if transform.flipped:
        array = array[:, ::-1]
    return np.ascontiguousarray(np.rot90(array, -transform.quarter_turns % 4))


def nearest_rows(part: Span, image_px: int) -> NDArray[np.intp]:
    """The image row (or column) under the centre of each view pixel of a span."""
    centres = part.start + (np.arange(part.count) + 0.5) * part.step
    return np.asarray(np.clip(np.floor(centres + 1e-9), 0, image_px - 1), np.intp)


class Pyramid:
    """Halved copies of one frame's stored values, made when first needed. Safe to prepare on another thread.

    stored: (row, col) or (row, col, 3). padding: (row, col) bool, True where there is no image; or None.
    indexed: values are palette entries, so none may be averaged.
    """

    def __init__(self, stored: AnyArray, padding: NDArray[np.bool_] | None = None, *, indexed: bool = False) -> None:
        self.stored = stored
        self.rows, self.cols = int(stored.shape[0]), int(stored.shape[1])
        self._indexed = indexed or stored.dtype == np.bool_
        self._lock = threading.Lock()
        self._levels: list[tuple[AnyArray, NDArray[np.float32] | None]] = [
            (stored, None if padding is None else 1 - padding.astype(np.float32))
        ]
        self._ready: tuple[ViewTransform, bool, ViewedValues] | None = None

    def prepare(self, levels: int) -> None:
        """Make the first levels now, so that the first paint does not have to."""
        if not self._indexed:
            self._level(levels)

    def make_ready(self, transform: ViewTransform, *, smooth: bool) -> None:
        """Make one view beforehand, in place of the one that was: `view` then has nothing to do for it."""
        self._ready = transform, smooth, self._view(transform, smooth=smooth)

    def has_ready(self, transform: ViewTransform, *, smooth: bool) -> bool:
        """Whether exactly this view was made beforehand."""
        ready = self._ready
        return ready is not None and ready[:2] == (transform, smooth)

    def view(self, transform: ViewTransform, *, smooth: bool) -> ViewedValues:
        """What the view shows, in stored values; not to be written into.

        smooth: linear when enlarging, else nearest. Returns (view row, view col[, 3]) of the stored dtype and a
        (view row, view col) mask, True where there is image; None when the whole view shows image.
        """
        ready = self._ready
        if ready is not None and ready[:2] == (transform, smooth):
            return ready[2]
        self._ready = None  # the view has moved on, and would keep it for as long as this frame is shown
        return self._view(transform, smooth=smooth)

    def _view(self, transform: ViewTransform, *, smooth: bool) -> ViewedValues:
        height, width = transform.view_height, transform.view_width
        channels = self.stored.shape[2:]
        placed = spans(transform, self.rows, self.cols)
        if placed is None:
            return np.zeros((height, width, *channels), self.stored.dtype), np.zeros((height, width), np.bool_)
        vertical, horizontal = placed
        values, weight = self._resample(vertical, horizontal, smooth=smooth)
        if transform.quarter_turns % 2:
            height, width = width, height
        inside: NDArray[np.bool_] | None = None
        if values.shape[:2] != (height, width):
            here = (
                slice(vertical.first, vertical.first + vertical.count),
                slice(horizontal.first, horizontal.first + horizontal.count),
            )
            whole = np.zeros((height, width, *channels), values.dtype)
            whole[here] = values
            inside = np.zeros((height, width), np.bool_)
            inside[here] = True if weight is None else weight
            values = whole
        elif weight is not None:
            inside = weight
        out = turned(values, transform)
        return out, None if inside is None else np.asarray(turned(inside, transform), np.bool_)

    def _resample(self, vertical: Span, horizontal: Span, *, smooth: bool) -> tuple[AnyArray, NDArray[np.bool_] | None]:
        largest = max(vertical.step, horizontal.step)
        if self._indexed or (largest <= 1 and not smooth):
            stored, weight = self._levels[0]
            rows, cols = nearest_rows(vertical, self.rows), nearest_rows(horizontal, self.cols)
            picked = None if weight is None else weight[rows][:, cols] > 0.5
            return stored[rows][:, cols], picked
        number = max(0, int(np.floor(np.log2(max(min(vertical.step, horizontal.step), 1.0)) + 1e-9)))
        values, weight = self._level(number)
        factor = 2 ** min(number, len(self._levels) - 1)
        if _is_exact(vertical, factor) and _is_exact(horizontal, factor):
            top, left = round(vertical.start / factor), round(horizontal.start / factor)
            here = slice(top, top + vertical.count), slice(left, left + horizontal.count)
            return values[here], None if weight is None else weight[here] > 0
        crop = _Crop.around(vertical, horizontal, factor, values.shape[0], values.shape[1])
        # Pillow's BOX takes whole pixels only and so moves edges by up to half a pixel. HAMMING is as sharp and does
        # not, but for steps of about one, where linear is exact (measured on a ramp: 0.18 pixels against 0).
        shrinks = min(vertical.step, horizontal.step) >= 1.1 * factor
        how = Image.Resampling.HAMMING if shrinks else Image.Resampling.BILINEAR
        size = (horizontal.count, vertical.count)
        part = values[crop.rows, crop.cols]
        if part.ndim == 3:
            planes = [_as_dtype(crop.resize(part[..., c], size, how), part.dtype) for c in range(part.shape[2])]
            return np.stack(planes, axis=2), None
        if weight is None:
            return _as_dtype(crop.resize(part, size, how), part.dtype), None
        share_here = weight[crop.rows, crop.cols]
        share = crop.resize(share_here, size, how)
        total = crop.resize(np.where(share_here > 0, part, 0) * share_here, size, how)
        return _as_dtype(total / np.maximum(share, np.float32(1e-6)), part.dtype), share >= 0.5

    def _level(self, number: int) -> tuple[AnyArray, NDArray[np.float32] | None]:
        with self._lock:
            while len(self._levels) <= number:
                values, weight = self._levels[-1]
                if min(values.shape[:2]) < 2:
                    break
                self._levels.append(_halved(values, weight))
            return self._levels[min(number, len(self._levels) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crop:
    """The rectangle of a pyramid level that a view needs, one pixel larger on each side, and the exact box in it."""

    rows: slice
    cols: slice
    box: tuple[float, float, float, float]

    @classmethod
    def around(cls, vertical: Span, horizontal: Span, factor: int, rows: int, cols: int) -> "_Crop":
        y0, y1 = vertical.start / factor, vertical.end / factor
        x0, x1 = horizontal.start / factor, horizontal.end / factor
        top, left = max(0, int(np.floor(y0)) - 1), max(0, int(np.floor(x0)) - 1)
        bottom, right = min(rows, int(np.ceil(y1)) + 1), min(cols, int(np.ceil(x1)) + 1)
        # `resize` repeats the border twice on each side, so that the box may stick out of the image.
        box = (x0 - left + 2, y0 - top + 2, x1 - left + 2, y1 - top + 2)
        return cls(rows=slice(top, bottom), cols=slice(left, right), box=box)

    def resize(self, part: AnyArray, size: tuple[int, int], how: Image.Resampling) -> NDArray[np.float32]:
        """part: the (row, col) rectangle this crop names. size: (width, height). Returns (height, width) float32."""
        rows, cols = part.shape
        framed = np.empty((rows + 4, cols + 4), np.float32)
        framed[2:-2, 2:-2] = part
        framed[:2, 2:-2], framed[-2:, 2:-2] = framed[2, 2:-2], framed[-3, 2:-2]
        framed[:, :2], framed[:, -2:] = framed[:, 2:3], framed[:, -3:-2]
        x0, y0, x1, y1 = self.box
        box = (max(0.0, x0), max(0.0, y0), min(float(cols + 4), x1), min(float(rows + 4), y1))
        # frombuffer shares the memory that fromarray would copy.
        source = Image.frombuffer("F", (cols + 4, rows + 4), framed, "raw", "F", 0, 1)
        return np.asarray(source.resize(size, how, box=box))


def _near_whole(value: float) -> bool:
    return value > -1e-6 and abs(value - round(value)) < 1e-6


def _is_exact(part: Span, factor: int) -> bool:
    """One view pixel per level pixel, edge on edge."""
    return abs(part.step / factor - 1) < 1e-9 and _near_whole(part.start / factor)


def _as_dtype(values: NDArray[Any], dtype: np.dtype[Any]) -> AnyArray:
    if dtype.kind == "f":
        return values.astype(dtype)
    limits, whole = np.iinfo(dtype), np.rint(values)
    np.clip(whole, limits.min, limits.max, out=whole)
    return np.asarray(whole, dtype)


def _halved(values: AnyArray, weight: NDArray[np.float32] | None) -> tuple[AnyArray, NDArray[np.float32] | None]:
    """Means of 2 x 2 pixels; the last row or column of an odd side stands for itself."""
    wide = np.float64 if values.dtype.itemsize > 2 else np.int32
    if weight is None:
        total = _sum4(values, wide)
        if values.dtype.kind == "f":
            return (total / 4).astype(values.dtype), None
        if values.dtype.itemsize > 2:
            return np.rint(total / 4).astype(values.dtype), None
        return ((total + 2) >> 2).astype(values.dtype), None
    share = _sum4(weight, np.float32)
    total = _sum4(np.where(weight > 0, values, 0) * weight.astype(np.float64), np.float64)
    mean = total / np.maximum(share, 1e-6)
    return _as_dtype(mean, values.dtype), (share / 4).astype(np.float32)


def _sum4(values: AnyArray, dtype: type[np.generic]) -> AnyArray:
    rows, cols = values.shape[:2]
    edge = [(0, rows % 2), (0, cols % 2)] + [(0, 0)] * (values.ndim - 2)
    if rows % 2 or cols % 2:
        values = np.pad(values, edge, mode="edge")
    total = values[0::2, 0::2].astype(dtype)
    for part in (values[1::2, 0::2], values[0::2, 1::2], values[1::2, 1::2]):
        total += part
    return total
