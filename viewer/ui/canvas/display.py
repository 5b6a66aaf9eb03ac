"""What a view shows: one frame with its window, zoom and overlays, painted 1:1 in device pixels."""

import time
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.core.compose import HeatLayer, Layer
from viewer.core.labels import Label
from viewer.core.overlays import OverlayMode, OverlaySettings
from viewer.core.pixels import LookupTable, PixelFacts, Window
from viewer.core.presentation import Presented
from viewer.core.readout import Readout, read_out
from viewer.core.resample import Pyramid
from viewer.core.shapes.annotations import Annotation, Measurement, Proposal
from viewer.core.windowing import no_image_mask
from viewer.ui.canvas.frame import CAUSES, SeriesPlace, ShownFrame
from viewer.ui.canvas.painting import paint_scene
from viewer.ui.canvas.presented_view import PresentedView
from viewer.ui.canvas.ready_levels import ReadyLevels
from viewer.ui.canvas.scene import Scene
from viewer.ui.canvas.texts import altered_words
from viewer.ui.canvas.words import shown_scale
from viewer.ui.canvas.work import Work
from viewer.ui.gestures.tool import NO_PREVIEW, LiveMask, Preview


class Display(PresentedView):
    """Shows one frame at a time; `ImageView` adds what a person can do on it."""

    overlay_mode_changed = Signal(object)  # OverlayMode
    bare_changed = Signal(bool)
    painted = Signal(str, float)  # cause, milliseconds

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(64, 64)
        self.work = Work()
        self._heat: HeatLayer | None = None
        self._heat_words = ""
        self._place = SeriesPlace()
        self._names_hidden = False
        self._bare = False
        self._told: tuple[str, ...] = ()
        self._text_scale = 1.0
        self._cause = "show"

    # The frame

    @property
    def frame(self) -> ShownFrame | None:
        """What is shown."""
        return self._frame

    def show_frame(
        self,
        frame: ShownFrame | None,
        *,
        image_id: str = "",
        pyramid: Pyramid | None = None,
        ready: ReadyLevels | None = None,
        states: Sequence[Presented] = (),
    ) -> None:
        """Show another frame, or nothing. pyramid: one prepared beforehand, else it is made here; ready: what it would
        look like, taken where it does. states: the presentation states about this frame; one that is applied stays so.

        A window the user touched stays; an untouched one follows the file. Zoom and middle stay where the size does.
        """
        self._frame = frame
        self.work.clear(image_id)
        self._heat, self._heat_words = None, ""
        self._surface.set_heat(None)
        self._surface.set_layers(())
        if frame is None:
            self._surface.set_pyramid(None)
            self._repaint("frame")
            return
        facts = frame.facts
        before = self.contrast.window
        self._follow_states(frame, states, ready)
        if pyramid is None:
            padding = no_image_mask(frame.stored, facts)
            pyramid = Pyramid(frame.stored, padding, indexed=facts.palette is not None)
        self._surface.set_pyramid(pyramid, ready)
        if self.contrast.window != before:
            self.window_changed.emit(self.contrast.window)
        self._repaint("frame")

    def leave_image(self) -> None:
        """Show nothing, as at the start: its study was closed, and neither pixels nor their window stay behind."""
        self.show_frame(None)
        self._forget_image()
        self._place = SeriesPlace()
        self.window_changed.emit(self.contrast.window)
        self._moved()
        self.presentation_changed.emit()

    def set_text_scale(self, scale: float) -> None:
        """How large the words on the image are; 1 is the size they are drawn for."""
        self._text_scale = scale
        self._repaint("text")

    def set_told(self, told: tuple[str, ...]) -> None:
        """What must be said on the image of how its findings are shown, such as a threshold that was moved."""
        if told != self._told:
            self._told = told
            self._repaint("text")

    def set_series_place(self, place: SeriesPlace) -> None:
        """Where in its series the frame stands, for the corner texts."""
        self._place = place
        self._repaint("text")

    # Window

    @property  # type: ignore[override]  # the radiologist's window, not QWidget's
    def window(self) -> Window | LookupTable:
        """The window (or VOI LUT) in use, in modality units. Qt's own is `QWidget.window(view)`."""
        return self.contrast.window

    @window.setter
    def window(self, window: Window | LookupTable) -> None:
        self.contrast.choose(window)
        self._apply_contrast()

    def follow_window(self, other: "Display") -> None:
        """The window of another view of the same image, chosen by the person or not."""
        mine, theirs = self.contrast, other.contrast
        if (mine.window, mine.touched) != (theirs.window, theirs.touched):
            mine.window, mine.touched = theirs.window, theirs.touched
            self._apply_contrast()

    def reset_window(self) -> None:
        """Back to what the file says; it follows each file again."""
        self.contrast.reset()
        self._apply_contrast()

    def set_inverted(self, inverted: bool) -> None:  # noqa: FBT001  # a slot for a checkable action
        """Swap black and white on the screen; values stay."""
        self.contrast.inverted = inverted
        self._apply_contrast()

    @property
    def inverted(self) -> bool:
        """Whether the person inverted the picture."""
        return self.contrast.inverted

    def drag_window(self, right: float, up: float) -> None:
        """Change the window by a drag in logical pixels: right is wider, up is a higher level."""
        self.contrast.drag(right, up)
        self._apply_contrast()

    def _apply_contrast(self) -> None:
        if self._frame is not None:
            self._surface.set_table(self.contrast.table())
        self.window_changed.emit(self.contrast.window)
        self._repaint("window")

    def restore(self) -> None:
        """Window, zoom, turn, flip and inversion as at the start; no presentation state, shutters drawn."""
        self._leave_every_state()
        self.camera.quarter_turns, self.camera.flipped = 0, False
        self.camera.fit()
        self.contrast.inverted = False
        self.reset_window()
        self._moved()

    def _moved(self) -> None:
        self._repaint("view")
        super()._moved()

    # Overlays

    def set_overlays(
        self,
        annotations: Sequence[Annotation],
        proposals: Sequence[Proposal],
        labels: Sequence[Label],
        measurements: Sequence[Measurement],
        settings: OverlaySettings,
    ) -> None:
        """What is known of this image. Call it again after every change; the view keeps no copy of its own."""
        self.work.set(annotations, proposals, labels, measurements, settings)
        self._surface.set_layers(self.work.layers)
        self._sync_live()
        self._repaint("overlays")

    @property
    def overlay_settings(self) -> OverlaySettings:
        """What of the overlays is drawn."""
        return self.work.settings

    def change_overlay_settings(self, settings: OverlaySettings) -> None:
        """Draw more or less of the same work."""
        self.work.change_settings(settings)
        self._surface.set_layers(self.work.layers)
        self._sync_live()
        self._repaint("overlays")

    def set_heat(self, heat: HeatLayer | None, why_not: str = "") -> None:
        """A heatmap over the pixels, or none. why_not: stands in its place, in a view that is there for one."""
        self._heat, self._heat_words = heat, why_not
        self._surface.set_heat(heat)
        self._repaint("heat")

    def step_overlays(self) -> OverlayMode:
        """All, outlines, none, and round again."""
        mode = self.work.settings.mode.next()
        self.change_overlay_settings(self.work.with_mode(mode))
        self.overlay_mode_changed.emit(mode)
        return mode

    @property
    def bare(self) -> bool:
        """Whether nothing is drawn over the pixels but the corner texts."""
        return self._bare

    def set_bare(self, bare: bool) -> None:  # noqa: FBT001  # a slot
        """Hide every overlay; nothing is deleted."""
        if bare != self._bare:
            self._bare = bare
            self._repaint("overlays")
            self.bare_changed.emit(bare)

    @property
    def names_hidden(self) -> bool:
        """Whether the corner texts leave out who the patient is."""
        return self._names_hidden

    @names_hidden.setter
    def names_hidden(self, hidden: bool) -> None:
        self._names_hidden = hidden
        self._repaint("text")

    # What a tool shows

    @property
    def has_frame(self) -> bool:
        """Whether there is anything to work on."""
        return self._frame is not None

    @property
    def facts(self) -> PixelFacts:
        """Of the shown frame; only asked for while one is shown."""
        assert self._frame is not None
        return self._frame.facts

    def preview_changed(self) -> None:
        """A tool's preview or live mask appeared, changed or went."""
        self._sync_live()
        self._repaint("tool")

    def area_changed(self, x0_px: float, y0_px: float, x1_px: float, y1_px: float) -> None:
        """What is drawn over a rectangle of the image changed; only that is painted again."""
        rect = self._device_rect(x0_px, y0_px, x1_px, y1_px)
        if not rect.isEmpty():
            self.update_device_rect(rect)

    def mask_touched(self, row0: int, col0: int, row1: int, col1: int) -> None:
        """The live mask changed in a rectangle of pixels (half-open); only that is painted again."""
        rect = self._device_rect(col0, row0, col1, row1)
        if not rect.isEmpty():
            self._surface.touch(rect)
            self.update_device_rect(rect)

    def _device_rect(self, x0_px: float, y0_px: float, x1_px: float, y1_px: float) -> QRect:
        """Image points to the view's device pixels, with a margin for the width of lines."""
        transform = self.transform()
        ax, ay = transform.to_view(x0_px, y0_px)
        bx, by = transform.to_view(x1_px, y1_px)
        margin = 3 * self.device_ratio
        return QRect(
            QPoint(int(min(ax, bx) - margin), int(min(ay, by) - margin)),
            QPoint(int(max(ax, bx) + margin), int(max(ay, by) + margin)),
        ).intersected(QRect(0, 0, transform.view_width, transform.view_height))

    def update_device_rect(self, rect: QRect) -> None:
        """Paint a rectangle of device pixels again."""
        self._cause = "stroke"
        ratio = self.device_ratio
        self.update(
            QRect(
                QPoint(int(rect.left() / ratio) - 1, int(rect.top() / ratio) - 1),
                QPoint(int(rect.right() / ratio) + 1, int(rect.bottom() / ratio) + 1),
            )
        )

    def _sync_live(self) -> None:
        live = self._live_mask() if self.has_frame else None
        if self.work.set_live(live):
            self._surface.set_layers(self.work.layers)
            fill = self.work.settings.fill
            layer = Layer(codes=live.mask.view("uint8"), colors=(live.color,), fill=fill) if live is not None else None
            self._surface.set_live(layer)

    def _preview(self) -> Preview:
        """What a tool shows before it is done."""
        return NO_PREVIEW

    def _live_mask(self) -> LiveMask | None:
        """The mask being painted."""
        return None

    # Readout and pictures

    def readout_at(self, position: QPointF) -> Readout | None:
        """What lies under a point of the widget (logical pixels)."""
        if self._frame is None:
            return None
        ratio = self.device_ratio
        x_px, y_px = self.transform().to_image(position.x() * ratio, position.y() * ratio)
        found = read_out(self._frame.stored, self._frame.facts, x_px, y_px)
        cover = self.presenting.cover
        if found is not None and cover is not None and cover.mask[found.row, found.col]:
            return replace(found, is_covered=True)
        return found

    def grab_view(self, *, without_patient_text: bool = True) -> QImage:
        """The view as a picture, for the clipboard. Without patient text nothing says who it is."""
        width, height = self.device_size()
        image = QImage(QSize(width, height), QImage.Format.Format_RGB32)
        painter = QPainter(image)
        try:
            self._paint(painter, QRect(0, 0, width, height), anonymous=without_patient_text)
        finally:
            painter.end()
        return image

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(512, 512)

    def paintEvent(self, event: QPaintEvent) -> None:
        started = time.perf_counter()
        ratio = self.device_ratio
        asked = event.rect()
        corner = QPoint(int(asked.left() * ratio), int(asked.top() * ratio))
        end = QPoint(int((asked.right() + 1) * ratio), int((asked.bottom() + 1) * ratio))
        rect = QRect(corner, end).intersected(QRect(QPoint(0, 0), QSize(*self.device_size())))
        painter = QPainter(self)
        painter.scale(1 / ratio, 1 / ratio)
        try:
            self._paint(painter, rect, anonymous=False)
        finally:
            painter.end()  # a painter left open takes the whole program down
        self.painted.emit(self._cause, (time.perf_counter() - started) * 1000)
        self._cause = "expose"

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._moved()

    def _repaint(self, cause: str) -> None:
        self._cause = min(self._cause, cause, key=CAUSES.index)
        self.update()

    def _paint(self, painter: QPainter, rect: QRect, *, anonymous: bool) -> None:
        frame = self._frame
        if frame is None:
            painter.fillRect(rect, Qt.GlobalColor.black)
            return
        transform = self.transform()
        self._surface.set_transform(transform)
        scene = Scene(
            facts=frame.facts,
            identity=frame.identity,
            window=self.contrast.window,
            inverted=self.contrast.inverted,
            transform=transform,
            zoom=self.camera.zoom,
            place=self._place,
            names_hidden=self._names_hidden,
            anonymous=anonymous,
            bare=self._bare,
            ratio=self.device_ratio,
            text_ratio=self.device_ratio * shown_scale(self._text_scale, self.width()),
            work=self.work,
            preview=self._preview(),
            heat=self._heat,
            heat_words=self._heat_words,
            stored=frame.stored,
            state=self.presenting.applied,
            notes=self.presenting.words(),
            altered=(*self._told, *altered_words(self.camera, self.work.settings.mode, bare=self._bare)),
        )
        paint_scene(painter, rect, scene, self._surface)
