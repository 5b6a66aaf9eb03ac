"""Which object the next shape is of: in a series the one in hand, from slice to slice; after N one of its own."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.core.edits import AnnotationChange, Edit, MaskStroke
from viewer.core.registry import load
from viewer.core.shapes.annotations import Annotation
from viewer.ui.gestures.stroke import stroke_target
from viewer.ui.gestures.tool import Tool
from viewer.ui.tools import TOOLS

if TYPE_CHECKING:
    from viewer.project.at_hand.objects import ObjectAtHand
    from viewer.ui.state.session import Session
    from viewer.ui.state.shown import ShownImage

MOST_OF_A_HAND = 100  # shapes that one gesture changes


class NewObject(QObject):
    """Whether a new object is waiting for its first stroke, and what the next stroke goes to.

    What is drawn on another slice of a series goes on with the object of its label that was last drawn or selected
    there. Of films each shape is an object of its own, unless a stroke goes on with a mask.
    """

    changed = Signal()

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self.waits = False
        self._image_id = self._series_id = ""
        self._last: dict[str, Annotation] = {}  # of each label, the shape that was last drawn or selected
        self._begun: set[str] = set()  # masks that N began: undoing one waits for it again
        session.work_changed.connect(self._on_work_changed)
        session.image_shown.connect(self._on_image_shown)
        session.image_gone.connect(self._drop)
        session.label_changed.connect(self._on_label_changed)
        session.shape_selected.connect(self._on_shape_selected)
        session.tool_changed.connect(lambda _: self.changed.emit())

    def begin(self) -> None:
        """The next stroke begins a new object; asked again, it goes on with the one before."""
        session = self._session
        if not session.label:
            session.said.emit("Choose a label first: press a digit.")
            return
        if self.waits:
            self._drop()
            what = "What is drawn next" if self.in_series else "The next stroke"
            session.said.emit(f"{what} goes on with the {session.label} there is.")
            return
        session.select_shape("")  # what is selected would be painted on
        self._set(waits=True)
        what = "What is drawn next" if self.in_series else "The next stroke of the brush"
        session.said.emit(f"{what} begins a new {session.label}.")

    def in_hand(self, shown: "ShownImage | None") -> "ObjectAtHand | None":
        """The object that is drawn on from slice to slice of what a view shows; None for none, as on films."""
        session = self._session
        last = self._last.get(session.label)
        if last is None or shown is None or not _is_of_series(shown):
            return None
        record = session.at_hand.images.find(last.image_id)
        found = session.objects.of_shape(last)
        if record is None or found is None or found.label != session.label:
            return None
        assert shown.series is not None, "of a series"
        is_there = record.series_id == shown.series.series_id and shown.case_id in (None, record.case_id)
        return found if is_there else None

    @property
    def in_series(self) -> bool:
        """Whether a slice of a series is shown, where objects go on from slice to slice."""
        shown = self._session.shown
        return shown is not None and _is_of_series(shown)

    def target(self) -> Annotation | None:
        """The mask that the next stroke goes to; None where the brush begins one, or an eraser takes what it meets."""
        cell = self._session.active_cell
        if cell is None or not cell.view.has_frame:
            return None
        erases = self._tool.erases
        target = stroke_target(cell.view.context, erases=erases)
        is_selected = target is not None and target.annotation_id == cell.view.overlay_settings.selected_id
        return target if is_selected or not erases else None

    @property
    def _tool(self) -> Tool:
        armed: Tool = load(TOOLS, self._session.tool)
        return armed

    @property
    def words(self) -> str:
        """What the next stroke goes to, while brush or eraser is armed; in a series also what another shape is of."""
        session, shown = self._session, self._session.shown
        if not self._tool.draws or not session.label or shown is None:
            return ""
        if not self._tool.paints:
            return f"Next shape: {self._begins_words(shown)}" if self.in_series else ""
        if self.waits:
            return f"Next stroke: a new {session.label}"
        target = self.target()
        if target is None:
            return f"Next stroke: {'what is under it' if self._tool.erases else self._begins_words(shown)}"
        found = session.objects.of_shape(target) if self.in_series else None
        if found is not None:
            return f"Next stroke: {_with_slices(found)}"
        masks = self._masks(target.label)
        number = f" {masks.index(target.annotation_id) + 1} of {len(masks)}" if len(masks) > 1 else ""
        return f"Next stroke: {target.label}{number}"

    def _begins_words(self, shown: "ShownImage") -> str:
        label = self._session.label
        found = None if self.waits else self.in_hand(shown)
        if found is not None and shown.image_id not in found.image_ids:
            return f"continues {_with_slices(found)}"
        cell = self._session.active_cell
        there = () if cell is None else cell.view.work.annotations
        if self.in_series and (self.waits or (not self._tool.paints and any(one.label == label for one in there))):
            return f"a new {label}"
        return f"the first {label}"

    def _masks(self, label: str) -> list[str]:
        cell = self._session.active_cell
        annotations = () if cell is None else cell.view.work.annotations
        return [a.annotation_id for a in annotations if a.label == label and a.shape.painted() is not None]

    def _was_begun(self, annotation: Annotation) -> bool:
        here = annotation.image_id == self._image_id and annotation.label == self._session.label
        return here and annotation.annotation_id in self._begun

    def _set(self, *, waits: bool) -> None:
        self.waits = waits
        self.changed.emit()

    def _drop(self) -> None:
        if self.waits:
            self._set(waits=False)

    def _on_image_shown(self, shown: "ShownImage") -> None:
        if shown.image_id != self._image_id:
            series_id = shown.series.series_id if shown.series is not None and _is_of_series(shown) else ""
            if not series_id or series_id != self._series_id:  # from slice to slice it waits
                self._drop()
            self._image_id, self._series_id = shown.image_id or "", series_id
        self.changed.emit()

    def _on_label_changed(self, _name: str) -> None:
        self._drop()
        self.changed.emit()

    def _on_shape_selected(self, shape_id: str) -> None:
        if shape_id:  # the next stroke goes to what a person points at
            self._drop()
            self._take_in_hand(shape_id)
        self.changed.emit()

    def _take_in_hand(self, annotation_id: str) -> None:
        cell = self._session.active_cell
        there = () if cell is None else cell.view.work.annotations
        self._last |= {one.label: one for one in there if one.annotation_id == annotation_id}

    def _keep_in_hand(self, before: Annotation | None, after: Annotation | None) -> None:
        """What was drawn is in hand; what was in hand, and has changed, is as it is now."""
        if after is None:
            return
        was = before is not None and self._last.get(before.label)
        is_selected = after.annotation_id == self._session.selected_shape
        if before is None or is_selected or (was and was.annotation_id == after.annotation_id):
            self._last[after.label] = after

    def _on_work_changed(self, edit: Edit) -> None:
        changes = edit.of(AnnotationChange)
        if len(changes) > MOST_OF_A_HAND:  # an import, or its undo
            self._drop()
            changes = ()
        for stroke in edit.of(MaskStroke)[:1]:
            self._take_in_hand(stroke.annotation_id)
        for change in changes:
            before, after = change.before, change.after
            self._keep_in_hand(before, after)
            is_mask = after is not None and after.shape.painted() is not None
            if before is None and after is not None and (is_mask or self.in_series):
                if self.waits and after.image_id == self._image_id:
                    self._begun.add(after.annotation_id)
                    what = "strokes" if is_mask else "slices"
                    self._session.said.emit(f"Further {what} go on with this {after.label}. N begins another.")
                self._drop()
            elif before is not None and after is None and self._was_begun(before):
                # Its first stroke was taken back: the stroke that is drawn instead is no part of the one before.
                self._set(waits=True)
        self.changed.emit()


def _is_of_series(shown: "ShownImage") -> bool:
    """Whether an image is a slice or frame of what is looked at as a whole."""
    from viewer.project.register import is_stack

    return shown.series is not None and is_stack(shown.series)


def _with_slices(found: "ObjectAtHand") -> str:
    """An object by its name, and on how many slices it lies."""
    return f"{found.name} ({found.slices})" if found.slices else f"{found.name} (1 slice)"
