"""From stored pixels to a network's input and back again, exactly.

Picture, modality values, inversion, window, [0, 1], antialiased resize, normalisation: all in float32, never through 8
bits. The steps belong to the model's card (`ml.catalogue.PreprocessSpec`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from ml.catalogue import PreprocessSpec
from ml.data.aligning import on_grid_of
from viewer.core.errors import BadFile
from viewer.core.picture_values import not_image, without_storage
from viewer.core.pixels import PixelFacts
from viewer.core.shapes.kinds.box import Box
from viewer.core.windowing import apply_modality, no_image_mask, palette_colors

# Percentiles come from an even sample of at most about this many pixels.
_SAMPLE = 500_000
MOST_CONTENT_PX = 32_768
# Luminance of colour pictures (ITU-R BT.601), for networks that see grey.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverse:
    """Where an image of rows x cols lies in an input of size_px rows and cols_px cols (0: as many), and the way back.

    The image fills input rows top .. top + content_rows and cols left .. left + content_cols (all of it when
    stretched); where that is more than the input, or begins before it (top below 0), the rest is cut.
    Points are (x_px, y_px), corner of the first pixel at (0, 0), on both sides.
    """

    rows: int
    cols: int
    size_px: int
    top: int = 0
    left: int = 0
    content_rows: int
    content_cols: int
    cols_px: int = 0

    @classmethod
    def of(cls, rows: int, cols: int, size_px: int, fit: str, *, cols_px: int = 0) -> "Inverse":
        """The placement that `fit` asks for; letterboxed content is centred, its sides whole input pixels."""
        wide_px = cols_px or size_px
        if fit == "stretch":
            return cls.centred(rows, cols, (size_px, wide_px), size_px=size_px, cols_px=cols_px)
        scale = size_px / max(rows, cols) if wide_px == size_px else min(size_px / rows, wide_px / cols)
        content = max(1, round(rows * scale)), max(1, round(cols * scale))
        return cls.centred(rows, cols, content, size_px=size_px, cols_px=cols_px)

    @classmethod
    def centred(cls, rows: int, cols: int, content: tuple[int, int], *, size_px: int, cols_px: int = 0) -> "Inverse":
        """The image as content (rows, cols) of input pixels, its middle in that of the input."""
        high, wide = content
        top, left = (size_px - high) // 2, ((cols_px or size_px) - wide) // 2
        return cls(
            rows=rows, cols=cols, size_px=size_px, top=top, left=left, content_rows=high, content_cols=wide,
            cols_px=cols_px,
        )  # fmt: skip

    @property
    def shape_px(self) -> tuple[int, int]:
        """(rows, cols) of the input."""
        return self.size_px, self.cols_px or self.size_px

    @property
    def window(self) -> tuple[slice, slice]:
        """(rows, cols) of the input that the image fills."""
        rows_px, cols_px = self.shape_px
        return (
            slice(max(0, self.top), min(rows_px, self.top + self.content_rows)),
            slice(max(0, self.left), min(cols_px, self.left + self.content_cols)),
        )

    @property
    def kept(self) -> tuple[slice, slice]:
        """(rows, cols) of the content that lie in the input."""
        rows, cols = self.window
        return (
            slice(rows.start - self.top, rows.stop - self.top), slice(cols.start - self.left, cols.stop - self.left)
        )  # fmt: skip

    @property
    def scale_x(self) -> float:
        """Image pixels per input pixel along x."""
        return self.cols / self.content_cols

    @property
    def scale_y(self) -> float:
        """Image pixels per input pixel along y."""
        return self.rows / self.content_rows

    def to_input(self, x_px: float, y_px: float) -> tuple[float, float]:
        """Image point to input point."""
        return x_px / self.scale_x + self.left, y_px / self.scale_y + self.top

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """Input point to image point."""
        return (x - self.left) * self.scale_x, (y - self.top) * self.scale_y

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box | None:
        """An input box as an image box, cut at the image's edges; None when nothing is left."""
        ax, ay = self.to_image(x0, y0)
        bx, by = self.to_image(x1, y1)
        ax, bx = min(max(ax, 0.0), self.cols), min(max(bx, 0.0), self.cols)
        ay, by = min(max(ay, 0.0), self.rows), min(max(by, 0.0), self.rows)
        if ax >= bx or ay >= by:
            return None
        return Box(x0_px=ax, y0_px=ay, x1_px=bx, y1_px=by)

    def box_to_input(self, box: Box) -> tuple[float, float, float, float]:
        """An image box as (x0, y0, x1, y1) in input pixels."""
        return (*self.to_input(box.x0_px, box.y0_px), *self.to_input(box.x1_px, box.y1_px))

    def mask(self, values: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """A map over the input, (row, col) at any resolution, as a (rows, cols) map over the image, bilinear.

        Threshold the result, not the input: that keeps the outline smooth.
        """
        grid = torch.from_numpy(np.ascontiguousarray(values, np.float32))[None, None]
        if grid.shape[-2:] != self.shape_px:
            grid = F.interpolate(grid, size=self.shape_px, mode="bilinear", align_corners=False)
        part = grid[:, :, self.window[0], self.window[1]]
        if part.shape[-2:] != (self.content_rows, self.content_cols):  # what was cut off shows nothing
            whole = grid.new_zeros((1, 1, self.content_rows, self.content_cols))
            whole[:, :, self.kept[0], self.kept[1]] = part
            part = whole
        image = F.interpolate(part, size=(self.rows, self.cols), mode="bilinear", align_corners=False, antialias=True)
        result: NDArray[np.float32] = image[0, 0].numpy()
        return result

    def grid(self) -> tuple[float, float, float, float]:
        """(x0_px, y0_px, x1_px, y1_px): the part of the image plane that a map over the whole input covers."""
        rows_px, cols_px = self.shape_px
        return (*self.to_image(0, 0), *self.to_image(cols_px, rows_px))


# One frame: its stored values (row, col) or (row, col, 3), and what they mean.
Picture = tuple[NDArray[Any], PixelFacts]


class Preprocess:
    """The steps of one spec. Its methods change nothing and may run in any thread."""

    def __init__(self, spec: PreprocessSpec) -> None:
        self.spec = spec

    def forward(self, stored: NDArray[Any], facts: PixelFacts) -> tuple[NDArray[np.float32], Inverse]:
        """stored: (row, col) or (row, col, 3). Returns the network's input (channel, row, col) and the way back."""
        return self.forward_sample([(stored, facts)])

    def forward_sample(self, pictures: Sequence[Picture]) -> tuple[NDArray[np.float32], Inverse]:
        """The same of the frames of a sample; see `sample_unit`.

        The very numbers that training and evaluation have from the cache, which keeps half precision.
        """
        unit, inverse = self.sample_unit(pictures, *self.spec.shape_px)
        kept = torch.from_numpy(unit.astype(np.float16).astype(np.float32))
        return self.normalise(kept[None])[0].numpy(), inverse

    def place(self, rows: int, cols: int, facts: PixelFacts, size_px: int, cols_px: int = 0) -> Inverse:
        """Where an image lies in an input of any size. Raises BadFile where a spacing is needed and none is said."""
        wide_px = 0 if cols_px == size_px else cols_px
        if self.spec.spacing_mm is None:
            return Inverse.of(rows, cols, size_px, self.spec.fit, cols_px=wide_px)
        own = facts.spacing
        if own is None:
            by = " x ".join(f"{value:g}" for value in self.spec.spacing_mm)
            raise BadFile(f"The image does not say its pixel spacing, and the model sees images at {by} mm.")
        # An input of another size shows the same part of the image.
        finer = size_px / self.spec.shape_px[0], (cols_px or size_px) / self.spec.shape_px[1]
        high, wide = (
            max(1, round(count * own_mm / mm * more))
            for count, own_mm, mm, more in zip(
                (rows, cols), (own.row_mm, own.col_mm), self.spec.spacing_mm, finer, strict=True
            )
        )
        if max(high, wide) > MOST_CONTENT_PX:
            raise BadFile(f"At the model's pixel spacing the image would have {high} x {wide} px, which is too many.")
        return Inverse.centred(rows, cols, (high, wide), size_px=size_px, cols_px=wide_px)

    def unit(
        self, stored: NDArray[Any], facts: PixelFacts, size_px: int, cols_px: int = 0
    ) -> tuple[NDArray[np.float32], Inverse]:
        """Everything but the last step, at any size: (1 or 3, size_px, cols_px) in [0, 1]; 3 for colour only."""
        inverse = self.place(stored.shape[0], stored.shape[1], facts, size_px, cols_px)
        levels = self._seen_levels(stored, facts)
        return _fitted(levels[None] if levels.ndim == 2 else np.moveaxis(levels, 2, 0), inverse), inverse

    def sample_unit(
        self, pictures: Sequence[Picture], size_px: int, cols_px: int = 0
    ) -> tuple[NDArray[np.float32], Inverse]:
        """`unit` of the frames of a sample, in the order of its rule: (frame, size_px, cols_px).

        Each frame is windowed for itself and laid on the pixels of the image that the sample is about, by where both
        lie in the patient. Raises BadFile where that is not known of a frame of another size. Another view shows the
        patient from elsewhere: it fills the input as it would alone.
        """
        if self.spec.rule.is_plain:
            return self.unit(*pictures[0], size_px, cols_px)
        if self.spec.rule.views:
            alone = [self.unit(*one, size_px, cols_px) for one in pictures]
            return np.concatenate([levels for levels, _ in alone]), alone[self.spec.rule.own][1]
        own, facts = pictures[self.spec.rule.own]
        inverse = self.place(own.shape[0], own.shape[1], facts, size_px, cols_px)
        planes = [on_grid_of(own.shape[:2], facts, self._seen_levels(*one), one[1]) for one in pictures]
        return _fitted(np.stack(planes), inverse), inverse

    def _seen_levels(self, stored: NDArray[Any], facts: PixelFacts) -> NDArray[np.float32]:
        levels = self.levels(stored, facts)
        # Colour only of an older card; the picture's levels are grey by now.
        return levels if levels.ndim == 2 or self.spec.sees_colour else levels @ _LUMA

    def levels(self, stored: NDArray[Any], facts: PixelFacts) -> NDArray[np.float32]:
        """Grey (row, col) or colour (row, col, 3) in [0, 1] at native size, float32; bright is bright.

        Padding is black. Raises BadFile when no pixel is left.
        """
        return self._stored_levels(stored, facts) if self.spec.levels == "stored" else self._levels(stored, facts)

    def _levels(self, stored: NDArray[Any], facts: PixelFacts) -> NDArray[np.float32]:
        """Of the picture: one window for all its channels, made from its own values, whatever way they are stored."""
        picture, inverted = without_storage(stored, facts)
        padding = not_image(picture, stored, facts)
        if picture.ndim == 3 and not self.spec.sees_colour:
            picture = picture.astype(np.float32) @ _LUMA
        clean = np.nan_to_num(picture, posinf=0, neginf=0) if picture.dtype.kind == "f" else picture
        is_grey = picture is stored
        values = apply_modality(clean, facts) if is_grey else clean.astype(np.float32)
        turned = inverted and self.spec.window != "fixed"
        if turned:
            values = -values  # before the window, so that both ends are cut as those of the inverse picture are
        low, high = self._range(values, padding)
        levels = np.clip((values - low) / (high - low), 0, 1).astype(np.float32)
        if inverted and not turned:
            levels = np.float32(1) - levels
        if padding is not None:
            levels[padding] = 0
        return levels

    def _stored_levels(self, stored: NDArray[Any], facts: PixelFacts) -> NDArray[np.float32]:
        """As models before card `levels` were trained: what is colour in its file is divided by its depth."""
        if stored.ndim == 3:
            top = 255.0 if stored.dtype == np.uint8 else float(2**facts.bits_stored - 1)
            return np.asarray(np.clip(stored.astype(np.float32) / np.float32(top), 0, 1))
        if facts.palette is not None:
            return palette_colors(facts.palette, stored).astype(np.float32) / np.float32(255)
        padding = no_image_mask(stored, facts)
        clean = np.nan_to_num(stored, posinf=0, neginf=0) if stored.dtype.kind == "f" else stored
        values = apply_modality(clean, facts)
        low, high = self._range(values, padding)
        levels = np.clip((values - low) / (high - low), 0, 1).astype(np.float32)
        # MONOCHROME1 and Presentation LUT Shape INVERSE say the same thing; together they invert once.
        if facts.inverse or facts.photometric == "MONOCHROME1":
            levels = np.float32(1) - levels
        if padding is not None:
            levels[padding] = 0
        return levels

    def _range(self, values: NDArray[np.floating[Any]], padding: NDArray[np.bool_] | None) -> tuple[float, float]:
        spec = self.spec
        if spec.window == "fixed":
            return spec.window_center - spec.window_width / 2, spec.window_center + spec.window_width / 2
        # (pixel,) or (pixel, channel), so that an even sample of colours has all channels of its pixels
        pixels = values.reshape(-1, *values.shape[2:])
        kept = pixels if padding is None else pixels[~padding.ravel()]
        if not kept.size:
            raise BadFile("An image holds padding only, so there is nothing for the model to see.")
        if spec.window == "full":
            low, high = float(kept.min()), float(kept.max())
        else:
            step = max(1, len(kept) // _SAMPLE)
            low, high = map(float, np.percentile(kept[::step], (spec.lower_percentile, spec.upper_percentile)))
        return (low, high) if high > low else (low, low + 1.0)

    def normalise(self, images: torch.Tensor) -> torch.Tensor:
        """images: (batch, 1 or 3, row, col) in [0, 1]. Returns (batch, channels, row, col); grey is repeated."""
        spec = self.spec
        if images.shape[1] != spec.channels:
            images = images.expand(-1, spec.channels, -1, -1)
        mean = images.new_tensor(spec.mean).view(1, -1, 1, 1)
        std = images.new_tensor(spec.std).view(1, -1, 1, 1)
        return (images - mean) / std


def _fitted(planes: NDArray[np.float32], inverse: Inverse) -> NDArray[np.float32]:
    """planes: (channel, row, col) of an image. Returns them as they lie in the input, black where nothing lies."""
    image = torch.from_numpy(np.ascontiguousarray(planes))[None]
    content = F.interpolate(
        image,
        size=(inverse.content_rows, inverse.content_cols),
        mode="bilinear",
        align_corners=False,
        antialias=True,
    )
    whole = torch.zeros((1, image.shape[1], *inverse.shape_px))
    whole[:, :, inverse.window[0], inverse.window[1]] = content[:, :, inverse.kept[0], inverse.kept[1]]
    result: NDArray[np.float32] = whole[0].clamp(0, 1).numpy()
    return result
