"""Select shapes; move and resize the selected one."""

from PySide6.QtCore import Qt

from viewer.core.annotations import Annotation
from viewer.core.edits import Edit
from viewer.core.hit import Item, handle_at, hit, item_id, moved, with_handle_at
from viewer.core.masks import MaskRuns
from viewer.core.outlines import annotation_lines
from viewer.core.overlays import label_color
from viewer.core.shapes import Box
from viewer.ui.changing import changed_item, item_edit
from viewer.ui.dragging import may_draw
from viewer.ui.tool import NO_PREVIEW, IdleTool, Preview, ToolHost, ToolPoint

# Logical pixels within which a line or handle is taken.
REACH_PX = 7.0
LEAST_PX = 2.0


class SelectTool(IdleTool):
    """A click selects; a drag moves or resizes only a shape that is selected already."""

    title, shortcut, icon = "Select", "V", "select.svg"
    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, host: ToolHost) -> None:
        super().__init__(host)
        self._item: Item | None = None
        self._handle: int | None = None
        self._start: ToolPoint | None = None
        self._now: Item | None = None

    def press(self, point: ToolPoint) -> Edit | None:
        context = self.host.context
        reach = REACH_PX * context.device_ratio / min(context.transform.scale_x, context.transform.scale_y)
        at = (point.x_px, point.y_px)
        selected = context.selected()
        if selected is not None:
            self._handle = handle_at(selected, at, reach)
            if self._handle is not None:
                self._begin(selected, point)
                return None
        found = hit((*context.annotations, *context.measurements), at, reach)
        if found is None:
            self.host.select("")
        elif selected is not None and item_id(found) == item_id(selected):
            self._begin(selected, point)
        else:
            self.host.select(item_id(found))
        return None

    def drag(self, point: ToolPoint) -> Edit | None:
        item, start = self._item, self._start
        if item is None or start is None:
            return None
        context = self.host.context
        far = max(abs(point.view_x - start.view_x), abs(point.view_y - start.view_y))
        if self._now is None and far < LEAST_PX * context.device_ratio:
            return None
        if self._handle is not None:
            x, y = min(max(point.x_px, 0.0), context.cols), min(max(point.y_px, 0.0), context.rows)
            shape = with_handle_at(item, self._handle, (x, y))
        else:
            shape = moved(item, point.x_px - start.x_px, point.y_px - start.y_px, context.rows, context.cols)
        self._now = changed_item(item, shape)
        return None

    def release(self, point: ToolPoint) -> Edit | None:
        item, now, handle = self._item, self._now, self._handle
        self.cancel()
        if item is None or now is None or now == item:
            return None
        return item_edit(item, now, "move" if handle is None else "resize", self.host.context.author)

    def preview(self) -> Preview:
        now = self._now
        if now is None:
            return NO_PREVIEW
        if not isinstance(now, Annotation):
            return Preview(measurement=now, hidden_id=now.measurement_id)
        lines, _ = annotation_lines(now, label_color(now.label, self.host.context.labels), selected=True)
        texts: tuple[tuple[float, float, str], ...] = ()
        if isinstance(now.shape, Box):
            size = f"{now.shape.width_px:.0f} × {now.shape.height_px:.0f} px"
            texts = ((now.shape.x1_px, now.shape.y1_px, size),)
        return Preview(outlines=tuple(lines), texts=texts, hidden_id=now.annotation_id)

    def cancel(self) -> bool:
        begun = self._now is not None
        self._item = self._start = self._now = self._handle = None
        return begun

    @property
    def is_busy(self) -> bool:
        return self._now is not None

    def _begin(self, item: Item, point: ToolPoint) -> None:
        if isinstance(item, Annotation) and isinstance(item.shape, MaskRuns):
            return  # a mask is changed by brush and eraser
        if may_draw(self.host):
            self._item, self._start = item, point
