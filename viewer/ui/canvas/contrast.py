"""The window of one view: the file's until a person touches it."""

from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.pixels import FrameIdentity, LookupTable, PixelFacts, VoiFunction, Window
from viewer.core.windowing import DisplayTable, computed_window, default_voi, display_table, names_voi
from viewer.ui.canvas.ready_levels import ReadyLevels

START = Window(center=0.5, width=1.0)
# A drag over this many logical pixels covers the data's range.
DRAG_PX = 900.0


class Contrast:
    """Keeps the window, whether it was touched, and the inversion. Made for one view."""

    def __init__(self) -> None:
        self.window: Window | LookupTable = START
        self.touched = False
        self.inverted = False
        self.keeps = False  # a touched window goes on to the next series of the same modality and unit
        self.up_is_higher = True  # a preference inverts it
        self._stored: NDArray[Any] | None = None
        self._facts: PixelFacts | None = None
        self._kind: tuple[str, ...] = ()
        self._range: float | None = None
        self._unit = ("", "")

    def show(self, stored: NDArray[Any], facts: PixelFacts, identity: FrameIdentity) -> None:
        """Another frame: an untouched window follows it.

        Files that name no window keep the one computed for the first of their series, so that scrolling does not
        flicker; another kind of picture (series, unit, bits) drops even a touched one, whose numbers mean nothing
        there.
        """
        kind = (
            identity.patient_id, identity.study_date, identity.series_number, identity.series_description,
            identity.modality, facts.unit, facts.photometric, str(facts.bits_stored),
        )  # fmt: skip
        same = kind == self._kind
        self._stored, self._facts, self._kind = stored, facts, kind
        if not same:
            self._range = None
            self.touched = self.touched and self.keeps and self._unit == (identity.modality, facts.unit)
        self._unit = (identity.modality, facts.unit)
        if not self.touched and (names_voi(facts) or not same):
            self.window = default_voi(stored, facts)

    def forget_kind(self) -> None:
        """The next `show` takes its own window, whatever it was before: another presentation of the image begins."""
        self._kind, self.touched = (), False

    def forget(self) -> None:
        """Nothing is shown any more: no picture is held, and the next one begins with its own window."""
        self._stored = self._facts = self._range = None
        self._kind, self._unit = (), ("", "")
        self.window, self.touched, self.inverted = START, False, False

    def choose(self, window: Window | LookupTable) -> None:
        """A window the person asked for: it stays while scrolling."""
        self.window, self.touched = window, True

    def reset(self) -> None:
        """Follow the file again."""
        self.touched = False
        if self._stored is not None and self._facts is not None:
            self.window = default_voi(self._stored, self._facts)

    def drag(self, right: float, up: float) -> None:
        """right: logical pixels to the right, wider. up: logical pixels upwards, a higher level."""
        if self._facts is None:
            return
        start = self.window
        if isinstance(start, LookupTable):  # a table cannot be dragged: go on from the window nearest to it
            start = window_like(start)
        step = self._data_range() / DRAG_PX
        least = 1.0 if step >= 0.05 else step / 10
        width = max(start.width + right * step, least)
        function = start.function
        if least < 1 and function is VoiFunction.LINEAR:
            function = VoiFunction.LINEAR_EXACT
        center = start.center + (up if self.up_is_higher else -up) * step
        if step >= 0.05:  # whole numbers where the range is wide enough for them to be seen
            width, center = round(width, 1), round(center, 1)
        self.choose(replace(start, center=center, width=width, name="", function=function))

    def without_frame(self) -> "Contrast":
        """A copy that goes on from here and holds no picture, for frames that are not shown yet."""
        copied = copy(self)
        copied._stored = copied._facts = None
        return copied

    def table(self, ready: ReadyLevels | None = None) -> DisplayTable:
        """The table for the shown frame. Raises nothing: only asked for while a frame is shown. ready: may hold it."""
        assert self._facts is not None
        made = None if ready is None else ready.table_of(self._facts, self.window, invert=self.inverted)
        return made or display_table(self._facts, self.window, invert=self.inverted)

    def _data_range(self) -> float:
        if self._range is None:
            assert self._stored is not None and self._facts is not None
            self._range = computed_window(self._stored, self._facts).width
        return self._range


def window_like(table: LookupTable) -> Window:
    """The window that shows nearly what a rising table does: the line through a tenth and nine tenths of its rise.

    A table may be far wider than the data, flat but for a part: the whole of its inputs as a window would make a drag
    begin with a jump. A table that falls or is flat gives the whole of its inputs.
    """
    values = table.values.astype(np.float64) / (2.0**table.bits - 1)
    low, rise = float(values[0]), float(values[-1] - values[0])
    if rise <= 0:
        whole = float(max(len(values), 2))
        return Window(center=table.first_mapped + (whole - 1) / 2, width=whole)
    first, last = (int(np.argmax(values >= low + share * rise)) for share in (0.1, 0.9))
    climbed = float(values[last] - values[first])
    width = max((last - first) / climbed, 1.0) if climbed > 0 else 1.0
    center = table.first_mapped + first - (float(values[first]) - 0.5) * width
    return Window(center=center, width=width, function=VoiFunction.LINEAR_EXACT)
