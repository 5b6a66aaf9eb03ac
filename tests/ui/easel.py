"""What the tests of tools work at: a view, and what the window does round it."""

from dataclasses import dataclass, field, replace

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from tests.ui.hand import LEFT, NONE
from tests.ui.pictures import Shown
from viewer.core.edits import AnnotationChange, Edit, MaskStroke, MeasurementChange
from viewer.core.geometry import Spacing
from viewer.core.labels import Label
from viewer.core.pixels import FrameIdentity, PixelFacts
from viewer.core.shapes.annotations import Annotation, Measurement, Origin
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.ui.canvas.view import ImageView

LABELS = [Label(name=name, scope="region", position=i) for i, name in enumerate(("Lung", "Heart", "Nodule"))]
FACTS = PixelFacts(
    rows=100, cols=100, signed=True, unit="HU", spacing=Spacing(row_mm=0.5, col_mm=0.5, source="PixelSpacing")
)


@dataclass
class Easel:
    """A view with what the window does round it: it keeps edits and gives the work back. One image pixel is 4 x 4."""

    view: ImageView
    edits: list[Edit] = field(default_factory=list)
    annotations: dict[str, Annotation] = field(default_factory=dict)
    measurements: dict[str, Measurement] = field(default_factory=dict)

    def keep(self, edit: Edit) -> None:
        self.edits.append(edit)
        for change in edit.changes:
            if isinstance(change, AnnotationChange):
                if change.before is not None:
                    assert self.annotations.pop(change.before.annotation_id) == change.before
                if change.after is not None:
                    self.annotations[change.after.annotation_id] = change.after
            elif isinstance(change, MaskStroke):
                old = self.annotations[change.annotation_id]
                assert isinstance(old.shape, MaskRuns)
                self.annotations[old.annotation_id] = replace(old, shape=change.apply(old.shape))
            elif isinstance(change, MeasurementChange):
                if change.before is not None:
                    del self.measurements[change.before.measurement_id]
                if change.after is not None:
                    self.measurements[change.after.measurement_id] = change.after
        self.give()

    def give(self) -> None:
        self.view.set_overlays(
            list(self.annotations.values()), [], LABELS, list(self.measurements.values()), self.view.overlay_settings
        )

    def call_accepted(self) -> None:
        """What is drawn came from a proposal that was accepted as it was."""
        accepted = replace(self.only(), origin=Origin.ACCEPTED)
        self.annotations[accepted.annotation_id] = accepted
        self.give()

    def undo(self) -> None:
        edit = self.edits.pop()
        self.keep(edit.inverse())
        self.edits.pop()

    def arm(self, tool: str, label: int | None = 0) -> None:
        self.view.set_tool(tool)
        self.view.set_drawing(label=None if label is None else LABELS[label], author="me", may_draw=True)

    def drag(self, *points: tuple[int, int], modifiers: Qt.KeyboardModifier = NONE) -> None:
        """points: image pixels; the mouse goes to their corners."""
        places = [QPoint(4 * x, 4 * y) for x, y in points]
        QTest.mousePress(self.view, LEFT, modifiers, places[0])
        for place in places[1:]:
            QTest.mouseMove(self.view, place)
        QTest.mouseRelease(self.view, LEFT, modifiers, places[-1])

    def click(self, *points: tuple[int, int]) -> None:
        for x, y in points:
            QTest.mouseClick(self.view, LEFT, NONE, QPoint(4 * x, 4 * y))

    def only(self) -> Annotation:
        (annotation,) = self.annotations.values()
        return annotation

    def mask(self) -> np.ndarray:
        shape = self.only().shape
        assert isinstance(shape, MaskRuns)
        return shape.to_array()


def easel_on(view: ImageView) -> Easel:
    """A easel whose view shows 100 x 100 pixels that count from left to right, with nothing on them."""
    stored = np.tile(np.arange(100, dtype=np.int16), (100, 1))
    view.show_frame(Shown(stored, FACTS, FrameIdentity()), image_id="image-1")
    easel = Easel(view)
    view.gesture_finished.connect(easel.keep)
    easel.give()
    return easel
