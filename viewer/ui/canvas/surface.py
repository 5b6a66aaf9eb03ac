"""The view's cached pictures: pixels, heat and filled masks, each of the view's size."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from viewer.core.compose import FrameView, HeatLayer, Layer, displayed, fill_rgba, heat_rgba, over_rgba
from viewer.core.covering import Cover
from viewer.core.geometry import ViewTransform
from viewer.core.pixels import OverlayPlane
from viewer.core.planes import planes_rgba
from viewer.core.resample import Pyramid
from viewer.core.windowing import DisplayTable
from viewer.ui.canvas.ready_levels import ReadyLevels


class Surface:
    """Keeps what `viewer.core.compose` made for the last transform, so that a change redoes only its own part.

    A change of window is one table look-up over the view; a change of view one resampling; a stroke one rectangle.
    """

    def __init__(self) -> None:
        self._pyramid: Pyramid | None = None
        self._ready: ReadyLevels | None = None
        self._transform: ViewTransform | None = None
        self._frame_view: FrameView | None = None
        self._table: DisplayTable | None = None
        self._pixels: NDArray[np.uint8] | None = None
        self._pixels_image: QImage | None = None
        self._layers: tuple[Layer, ...] = ()
        self._fills: QImage | None = None
        self._heat: HeatLayer | None = None
        self._heat_image: QImage | None = None
        self._cover: Cover | None = None
        self._planes: tuple[OverlayPlane, ...] = ()
        self._plane_colors: dict[str, str] = {}
        self._plane_fills: tuple[Layer, ...] = ()
        self._planes_image: QImage | None = None
        self._live: Layer | None = None
        self._live_rgba: NDArray[np.uint8] | None = None
        self._live_image: QImage | None = None
        self.smooth = True

    def set_pyramid(self, pyramid: Pyramid | None, ready: ReadyLevels | None = None) -> None:
        """Another frame. ready: its first picture, if it is the one that is asked for."""
        self._pyramid, self._ready = pyramid, ready
        self._forget_view()

    def set_transform(self, transform: ViewTransform) -> None:
        """Another zoom, pan, turn or size."""
        if transform != self._transform:
            self._transform = transform
            self._forget_view()

    def set_table(self, table: DisplayTable) -> None:
        """Another window."""
        self._table = table
        self._pixels = None

    def set_cover(self, cover: Cover | None) -> None:
        """Another shutter, or none."""
        self._cover = cover
        self._frame_view = self._pixels = None

    def set_planes(self, planes: Sequence[OverlayPlane], colors: dict[str, str], fills: Sequence[Layer]) -> None:
        """Other overlay planes of the file; colors: of their graphic layers; fills: a state's filled graphics."""
        self._planes, self._plane_colors, self._plane_fills = tuple(planes), colors, tuple(fills)
        self._planes_image = None

    def set_layers(self, layers: Sequence[Layer]) -> None:
        """Other label maps."""
        self._layers = tuple(layer for layer in layers if layer.codes is not None)
        self._fills = None

    def set_heat(self, heat: HeatLayer | None) -> None:
        """Another heatmap, or none."""
        self._heat = heat if heat is not None and heat.has_evidence else None
        self._heat_image = None

    def set_live(self, layer: Layer | None) -> None:
        """The mask being painted; its codes are changed in place, see `touch`."""
        self._live = layer
        self._live_rgba = self._live_image = None

    def touch(self, rect: QRect) -> None:
        """The live mask changed within `rect` (device pixels)."""
        if self._live is None or self._live_rgba is None or self._transform is None or self._pyramid is None:
            return
        x0, y0, width, height = rect.x(), rect.y(), rect.width(), rect.height()
        part = part_of(self._transform, x0, y0, width, height)
        self._live_rgba[y0 : y0 + height, x0 : x0 + width] = fill_rgba(
            self._live, self._pyramid.rows, self._pyramid.cols, part
        )

    def paint(self, painter: QPainter, rect: QRect, *, bare: bool) -> None:
        """Draw `rect` (device pixels) 1:1. bare: the pixels alone."""
        if self._pyramid is None or self._transform is None or self._table is None:
            return
        images = [self._pixel_image()]
        if not bare:
            images += [self._image_of_planes(), self._image_of_heat(), self._image_of_fills(), self._image_of_live()]
        for image in images:
            if image is not None:
                painter.drawImage(rect, image, rect)

    def _forget_view(self) -> None:
        self._frame_view = self._pixels = None
        self._fills = self._heat_image = self._planes_image = None
        self._live_rgba = self._live_image = None

    def _pixel_image(self) -> QImage | None:
        if self._pixels is not None or self._pyramid is None or self._transform is None or self._table is None:
            return self._pixels_image
        ready, self._ready = self._ready, None
        if ready is not None and self._cover is None:
            self._pixels = ready.levels_of(self._pyramid, self._transform, self._table, smooth=self.smooth)
            if self._pixels is not None:
                self._pixels_image = image_of(self._pixels)
                return self._pixels_image
        if self._frame_view is None:
            stored, inside = self._pyramid.view(self._transform, smooth=self.smooth)
            cover = self._cover
            self._frame_view = FrameView(
                stored=stored,
                inside=inside,
                rows=self._pyramid.rows,
                cols=self._pyramid.cols,
                covered=None if cover is None else cover.in_view(self._transform),
                cover_level=0 if cover is None else cover.level,
            )
        self._pixels = displayed(self._frame_view, self._table)
        self._pixels_image = image_of(self._pixels)
        return self._pixels_image

    def _image_of_fills(self) -> QImage | None:
        if self._fills is None and self._layers and self._pyramid is not None and self._transform is not None:
            rows, cols = self._pyramid.rows, self._pyramid.cols
            self._fills = image_of(fill_rgba(self._layers[0], rows, cols, self._transform)).copy()
            if len(self._layers) > 1:
                painter = QPainter(self._fills)
                for layer in self._layers[1:]:
                    painter.drawImage(0, 0, image_of(fill_rgba(layer, rows, cols, self._transform)))
                painter.end()
        return self._fills

    def _image_of_planes(self) -> QImage | None:
        there = self._planes or self._plane_fills
        if self._planes_image is None and there and self._pyramid is not None and self._transform is not None:
            rows, cols = self._pyramid.rows, self._pyramid.cols
            rgba = planes_rgba(self._planes, rows, cols, self._transform, colors=self._plane_colors)
            for layer in self._plane_fills:
                rgba = over_rgba(rgba, fill_rgba(layer, rows, cols, self._transform))
            self._planes_image = image_of(rgba).copy()
        return self._planes_image

    def _image_of_heat(self) -> QImage | None:
        ready = self._pyramid is not None and self._transform is not None
        if self._heat_image is None and self._heat is not None and ready:
            assert self._pyramid is not None and self._transform is not None
            rgba = heat_rgba(self._heat, self._pyramid.rows, self._pyramid.cols, self._transform)
            self._heat_image = image_of(rgba).copy()
        return self._heat_image

    def _image_of_live(self) -> QImage | None:
        ready = self._pyramid is not None and self._transform is not None
        if self._live_image is None and self._live is not None and ready:
            assert self._pyramid is not None and self._transform is not None
            self._live_rgba = fill_rgba(self._live, self._pyramid.rows, self._pyramid.cols, self._transform)
            self._live_image = image_of(self._live_rgba)
        return self._live_image


def part_of(transform: ViewTransform, x0: int, y0: int, width: int, height: int) -> ViewTransform:
    """The transform of a rectangle of the view, as a view of its own."""
    center_x_px, center_y_px = transform.to_image(x0 + width / 2, y0 + height / 2)
    return replace(transform, view_width=width, view_height=height, center_x_px=center_x_px, center_y_px=center_y_px)


def image_of(pixels: NDArray[Any]) -> QImage:
    """(row, col) grey, (row, col, 3) RGB or (row, col, 4) premultiplied RGBA uint8, shared, not copied."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    kinds = {
        1: QImage.Format.Format_Grayscale8,
        3: QImage.Format.Format_RGB888,
        4: QImage.Format.Format_RGBA8888_Premultiplied,
    }
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    image = QImage(pixels.data, width, height, width * channels, kinds[channels])
    image.shared_pixels = pixels  # type: ignore[attr-defined]  # QImage does not keep the buffer alive
    return image
