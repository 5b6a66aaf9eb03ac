"""N: the next stroke begins an object of its own, though its label has a mask on this image already."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.core.edits import AnnotationChange, Edit
from viewer.core.registry import load
from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.masks import MaskRuns
from viewer.ui.gestures.stroke import stroke_target
from viewer.ui.gestures.tool import Tool
from viewer.ui.tools import TOOLS

if TYPE_CHECKING:
    from viewer.ui.state.session import Session
    from viewer.ui.state.shown import ShownImage

MOST_OF_A_HAND = 100  # shapes that one gesture changes


class NewObject(QObject):
    """Whether a new object is waiting for its first stroke, and what the next stroke goes to."""

    changed = Signal()

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self.waits = False
        self._image_id = ""
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
            session.said.emit(f"The next stroke goes on with the {session.label} there is.")
            return
        session.select_shape("")  # what is selected would be painted on
        self._set(waits=True)
        session.said.emit(f"The next stroke of the brush begins a new {session.label}.")

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
        """What the next stroke goes to, while brush or eraser is armed."""
        session = self._session
        if not self._tool.paints or not session.label or session.shown is None:
            return ""
        if self.waits:
            return f"Next stroke: a new {session.label}"
        target = self.target()
        if target is None:
            return f"Next stroke: {'what is under it' if self._tool.erases else f'the first {session.label}'}"
        masks = self._masks(target.label)
        number = f" {masks.index(target.annotation_id) + 1} of {len(masks)}" if len(masks) > 1 else ""
        return f"Next stroke: {target.label}{number}"

    def _masks(self, label: str) -> list[str]:
        cell = self._session.active_cell
        annotations = () if cell is None else cell.view.work.annotations
        return [a.annotation_id for a in annotations if a.label == label and isinstance(a.shape, MaskRuns)]

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
            self._image_id = shown.image_id or ""
            self._drop()
        self.changed.emit()

    def _on_label_changed(self, _name: str) -> None:
        self._drop()
        self.changed.emit()

    def _on_shape_selected(self, shape_id: str) -> None:
        if shape_id:  # the next stroke goes to what a person points at
            self._drop()
        self.changed.emit()

    def _on_work_changed(self, edit: Edit) -> None:
        changes = edit.of(AnnotationChange)
        if len(changes) > MOST_OF_A_HAND:  # an import, or its undo
            self._drop()
            changes = ()
        for change in changes:
            before, after = change.before, change.after
            if before is None and after is not None and isinstance(after.shape, MaskRuns):
                if self.waits and after.image_id == self._image_id:
                    self._begun.add(after.annotation_id)
                    self._session.said.emit(f"Further strokes go on with this {after.label}. N begins another.")
                self._drop()
            elif before is not None and after is None and self._was_begun(before):
                # Its first stroke was taken back: the stroke that is drawn instead is no part of the one before.
                self._set(waits=True)
        self.changed.emit()
