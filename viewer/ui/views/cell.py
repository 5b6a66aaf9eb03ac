"""One cell of the view grid: title bar, pixels, scroll strip."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QPoint, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer.core.edits import Edit
from viewer.core.geometry import plane_name
from viewer.core.pixels import PixelFacts
from viewer.core.presentation import Presented
from viewer.core.text.privacy import description_shown
from viewer.reading.grouping.slice_notes import image_notes, series_note, whole_series
from viewer.reading.series import set_apart
from viewer.ui.canvas.frame import SeriesPlace
from viewer.ui.canvas.view import ImageView
from viewer.ui.canvas.wheel import wheel_direction
from viewer.ui.flows.desk import Desk
from viewer.ui.look.plain_text import set_tip
from viewer.ui.look.theme import Theme
from viewer.ui.state.announcing import announce_until
from viewer.ui.state.shown import ShownImage
from viewer.ui.views.edges import ScrollStrip, TitleBar
from viewer.ui.views.spoken import spoken

if TYPE_CHECKING:
    from viewer.reading.series import FrameRef, Series

StatesOf = Callable[["FrameRef", PixelFacts], Sequence[Presented]]
SERIES_MIME = "application/x-negatoscope-series"
AHEAD_STEP = 12  # frames the person moves before the reading order is made again


def series_mime(series_id: str) -> QMimeData:
    """What a series is while it is dragged."""
    data = QMimeData()
    data.setData(SERIES_MIME, series_id.encode())
    return data


class ViewCell(QWidget):
    """Shows one series, one frame at a time. states_of: the presentation states about a frame."""

    activated = Signal(object)  # ViewCell
    image_changed = Signal(object)  # ViewCell: another frame stands on the screen, or none
    scrolled = Signal(object)  # ViewCell: the person moved it (linked views follow)
    maximise_asked = Signal(object)  # ViewCell
    series_dropped = Signal(object, str)  # ViewCell, series_id
    menu_asked = Signal(object, QPoint)  # ViewCell, global position
    gesture_finished = Signal(object)  # Edit

    def __init__(self, session: Desk, states_of: StatesOf) -> None:
        super().__init__()
        self._session = session
        self.series: Series | None = None
        self.index = 0
        self.down = 1  # which way the wheel turned down and the key Down go through the frames
        self.shown: ShownImage | None = None
        self.states_of = states_of
        self._wanted: FrameRef | None = None
        self._ahead_from = -10_000
        self._unread: set[FrameRef] = set()
        self.with_heat = False
        self.role = ""  # what this cell is for, where two show one image ("Image", "Heatmap")
        self.setAcceptDrops(True)
        self.title = TitleBar(session)
        self.view = ImageView()
        self.view.setAcceptDrops(False)  # else it would take a dragged series and drop it
        self.strip = ScrollStrip(session)
        self.strip.hide()
        self.maximise_button = self.title.add_button("layout", "Maximise this view and back (double click)")
        self.more_button = self.title.add_button("more", "What can be done with this view (right click)")
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(self.view, 1)
        body.addWidget(self.strip)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.title)
        column.addLayout(body, 1)
        self._connect()
        self._on_theme_changed(session.theme)
        self.tell_title()

    def _connect(self) -> None:
        session, view = self._session, self.view
        self.title.pressed.connect(lambda: self.activated.emit(self))
        self.title.double_clicked.connect(lambda: self.maximise_asked.emit(self))
        self.maximise_button.clicked.connect(lambda: self.maximise_asked.emit(self))
        self.more_button.clicked.connect(
            lambda: self.menu_asked.emit(self, self.more_button.mapToGlobal(QPoint(0, self.more_button.height())))
        )
        self.strip.moved.connect(lambda index: self.scroll_to(index))
        view.scrolled.connect(lambda steps: self.scroll_to(self.index + steps))
        view.activated.connect(lambda: self.activated.emit(self))
        view.double_clicked.connect(lambda: self.maximise_asked.emit(self))
        view.context_menu.connect(lambda point: self.menu_asked.emit(self, self.view.mapToGlobal(point)))
        view.gesture_begins.connect(session.edits.wait)
        view.gesture_finished.connect(self._on_gesture)
        session.edits.told.connect(view.let_fall)
        view.cursor_moved.connect(session.readout_changed)
        view.shape_selected.connect(session.select_shape)
        view.tool_requested.connect(session.set_tool)
        view.brush_changed.connect(session.set_brush_radius)
        view.said.connect(session.said)
        view.painted.connect(lambda cause, ms: session.trace("paint", cause=cause, ms=round(ms, 2)))
        session.frames.ready.connect(self._on_ready)
        session.frames.failed.connect(self._on_failed)
        session.project_opened.connect(self._on_project_opened)
        session.theme_changed.connect(self._on_theme_changed)

    def _on_gesture(self, edit: Edit) -> None:
        self.gesture_finished.emit(edit)
        if self._session.edits.is_pending:
            self.view.let_stand()

    def _on_theme_changed(self, theme: Theme) -> None:
        self.view.set_text_scale(theme.font_scale)

    # Series and frames

    def show_series(self, series: "Series", index: int | None = None) -> None:
        """Show a series, at its middle unless told."""
        if self.series is None or self.series.series_id != series.series_id:
            self._unread = set(series.frames)
            self._ahead_from = -10_000
            self.down = 1
        self.series = series
        self.go(len(series.frames) // 2 if index is None else index)

    @property
    def wanted(self) -> "FrameRef | None":
        """The frame that is shown or being read."""
        return self._wanted

    def settle(self, series: "Series", ref: "FrameRef") -> None:
        """The same image `ref`, within a series of which more is known now."""
        if self.series is None or len(self.series.frames) != len(series.frames):
            self._unread = {one for one in series.frames if self._session.frames.image_id(one) is None}
            self._ahead_from = -10_000
        self.series, self._wanted = series, ref
        self.index = series.frames.index(ref)
        self.strip.set_position(self.index, len(series.frames))
        self._tell_place(series)
        self._read_ahead()
        if self.shown is not None:
            self.shown = replace(self.shown, series=series)
            self.image_changed.emit(self)
        self.tell_title()

    def clear(self) -> None:
        """Show nothing: its study was closed."""
        self.series, self.shown, self._wanted, self.index = None, None, None, 0
        self._unread, self._ahead_from = set(), -10_000
        self.strip.set_position(0, 1)
        self.view.leave_image()
        self.tell_title()
        self.image_changed.emit(self)

    def leave(self) -> None:
        """The cell is taken off the grid: nothing more is read for it, and it hears of nothing."""
        if self._session.frames.store_if_made is not None:
            self._session.frames.read_ahead([], owner=id(self))
        self._wanted = None
        self._session.frames.ready.disconnect(self._on_ready)
        self._session.frames.failed.disconnect(self._on_failed)

    def scroll_to(self, index: int) -> None:
        """The person moves to an index; linked views follow."""
        before = self.index
        self.go(index)
        if self.index != before:
            self.scrolled.emit(self)

    def go(self, index: int) -> None:
        """Move to an index of the series, clamped; the picture follows as soon as it is read."""
        if self.series is None:
            return
        frames = self.series.frames
        self.index = min(len(frames) - 1, max(0, index))
        ref = frames[self.index]
        self._wanted = ref
        self.strip.set_position(self.index, len(frames))
        frame = self._session.frames.get(ref)
        if frame is not None:
            self._show(ref)
        else:
            self._session.frames.want(ref)
            self.tell_title()
        self._read_ahead()

    def _read_ahead(self) -> None:
        if self.series is not None and abs(self.index - self._ahead_from) >= AHEAD_STEP:
            self._ahead_from = self.index
            self._session.frames.read_ahead(_outwards(self.series.frames, self.index), owner=id(self))

    def _on_ready(self, ref: "FrameRef") -> None:
        if ref in self._unread:
            self._unread.discard(ref)
            if not self._unread and self.series is not None:
                self._session.trace("series_loaded", frames=len(self.series.frames))
        if ref == self._wanted and (self.shown is None or self.shown.ref != ref):
            self._show(ref)

    def _on_failed(self, ref: "FrameRef", sentence: str) -> None:
        if ref == self._wanted:
            self.shown = None
            self.view.show_frame(None)
            self.tell_title()
            self.image_changed.emit(self)
            announce_until(self._session, "error", sentence, self._session.image_shown)

    def _show(self, ref: "FrameRef") -> None:
        frames = self._session.frames
        frame = frames.get(ref)
        if frame is None or self.series is None:
            frames.want(ref)
            return
        self.shown = ShownImage(ref=ref, frame=frame, image_id=frames.image_id(ref), series=self.series)
        self.down = wheel_direction(frame.facts.plane)  # kept where the next frame cannot be read
        self._tell_place(self.series)
        self.view.show_frame(
            frame,
            image_id=frames.image_id(ref) or "",
            pyramid=frames.pyramid(ref),
            ready=frames.levels_ahead(ref),
            states=self.states_of(ref, frame.facts),
        )
        self._session.drawing.give_overlays(self)
        self._session.drawing.arm(self)
        self.tell_title()
        self.image_changed.emit(self)

    def _tell_place(self, series: "Series") -> None:
        faults = image_notes(*whole_series(series, self.index, self._session.series_list()))
        self.view.set_series_place(
            SeriesPlace(index=self.index, count=len(series.frames), faults=faults, patient=self.project_patient)
        )

    @property
    def project_patient(self) -> str:
        """The patient id that the project gives the shown image, "" where its file has one itself."""
        shown = self.shown
        if shown is None or shown.frame.identity.patient_id:
            return ""
        return self._session.opening.patient_of(shown.image_id)

    def _on_project_opened(self, _project: object) -> None:
        if self.series is not None and self.shown is not None:
            self._tell_place(self.series)

    # The frame around the pixels

    def set_active(self, *, active: bool) -> None:
        """Whether keys and tools act on this cell."""
        self.title.active = active
        self.title.update()
        if self.series is None:
            self.tell_title()  # a double click in the list fills the active view, and no other

    def tell_title(self) -> None:
        """Say over the pixels what is shown, where in its series, and what is wrong with it."""
        title, series = self.title, self.series
        seen = None if self.shown is None else self.shown.series
        tip = title.title = title.position = title.note = title.fault = ""
        if series is None:
            way = "double click one in the list" if title.active else "click here first, then choose one"
            title.note = f"Drop a series here, or {way}"
        elif seen is not None and seen.series_id != series.series_id:
            # The picture stays until the next one is read, and its own name with it.
            title.title = self.role or self._described(seen) or seen.modality or "Image"
            title.note = f"reading {self._described(series) or series.modality or 'an image'}"
            tip = f"{title.title}; {title.note}"
        else:
            plane = self.shown.frame.facts.plane if self.shown is not None else None
            name = plane_name(plane) if plane is not None else ""
            hidden = self._session.names_hidden
            described = self._described(series)
            title.title = self.role or name or described or series.modality or "Image"
            count = len(series.frames)
            title.position = f"{self.index + 1} / {count}" if count > 1 else ""
            notes = (name if self.role else "", described) if self.role or name else ()
            notes = (
                series.part_shown(names_hidden=hidden),
                set_apart(series, self._session.series_list(), names_hidden=hidden),
                *notes,
            )  # first: a long description is cut at its end
            title.note = " ".join(part for part in notes if part)
            whole, _ = whole_series(series, self.index, self._session.series_list())
            own = self.shown.frame.facts.doubts if self.shown is not None else ()
            title.fault = series_note(whole, own)
            if self.shown is None:
                title.note = (
                    "cannot be shown" if self._wanted and self._session.frames.problem(self._wanted) else "reading"
                )
            told = " · ".join(part for part in (title.title, title.position, title.note) if part)
            tip = "\n".join([told, *(spoken(self._session, warning.text) for warning in whole.warnings)])
        set_tip(title, tip)
        title.update()

    def _described(self, series: "Series") -> str:
        """Its description, as far as it may be shown; of a case of the project the file alone knows the name."""
        described, hidden = series.described(names_hidden=self._session.names_hidden), self._session.names_hidden
        if self.shown is None:
            return described
        who = self.shown.frame.identity
        known = {"patient_id": who.patient_id, "patient_name": who.patient_name}
        return description_shown(described, **known, names_hidden=hidden)

    # Dropping a series

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(SERIES_MIME) or event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        data = event.mimeData()
        event.acceptProposedAction()
        if data.hasFormat(SERIES_MIME):
            self.series_dropped.emit(self, bytes(data.data(SERIES_MIME).data()).decode())
        else:
            paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
            # The drop is answered first: whoever dropped waits for it.
            QTimer.singleShot(0, self, lambda: self._session.open_paths(paths))


def _outwards(frames: "tuple[FrameRef, ...]", index: int) -> "list[FrameRef]":
    return [frames[place] for place in sorted(range(len(frames)), key=lambda place: abs(place - index))]
