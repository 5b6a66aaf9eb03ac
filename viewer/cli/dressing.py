"""One frame with what its file or a presentation state draws over it, for pictures made without a window."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from viewer.core.compose import FrameView
from viewer.core.covering import cover_of
from viewer.core.errors import BadRequest
from viewer.core.geometry import ViewTransform
from viewer.core.pixels import PixelFacts
from viewer.core.planes import planes_rgba
from viewer.core.presentation import Presented, without_shutter
from viewer.core.resample import Pyramid
from viewer.core.windowing import no_image_mask

if TYPE_CHECKING:
    from viewer.reading.frame import Frame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PresentedFrame:
    """A frame at one view pixel per image pixel. facts: what the display goes by. planes: RGBA of overlay planes."""

    view: FrameView
    transform: ViewTransform
    facts: PixelFacts
    planes: NDArray[np.uint8] | None


def state_for(frame: "Frame", path: Path | None) -> Presented | None:
    """The frame through the presentation state in a file. Raises BadRequest when the state is about other images."""
    if path is None:
        return None
    from viewer.reading.facts.presentation_state import presented, read_presentation_state, refers_to

    state, ref = read_presentation_state(path), frame.ref
    if not refers_to(state, ref.sop_instance_uid, ref.frame_index):
        raise BadRequest(f"{path} is a presentation state of other images; it does not refer to {ref.path}.")
    return presented(state, frame.facts, ref.sop_instance_uid, ref.frame_index)


def dress(frame: "Frame", state: Presented | None, *, shutter: bool, planes: bool) -> PresentedFrame:
    """The frame as the state shows it, else as its file does. shutter, planes: whether these are drawn."""
    facts = frame.facts if state is None else state.facts
    if not shutter:
        facts = without_shutter(facts)
    rows, cols = int(frame.stored.shape[0]), int(frame.stored.shape[1])
    x0, y0, x1, y1 = _part(state, rows, cols)
    turned = state is not None and state.quarter_turns % 2 == 1
    wide, high = x1 - x0, y1 - y0
    transform = ViewTransform(
        view_width=high if turned else wide,
        view_height=wide if turned else high,
        scale_x=1.0,
        scale_y=1.0,
        center_x_px=(x0 + x1) / 2,
        center_y_px=(y0 + y1) / 2,
        quarter_turns=0 if state is None else state.quarter_turns,
        flipped=state is not None and state.flipped,
    )
    pyramid = Pyramid(frame.stored, no_image_mask(frame.stored, frame.facts), indexed=frame.facts.palette is not None)
    stored, inside = pyramid.view(transform, smooth=False)
    cover = cover_of(facts)
    view = FrameView(
        stored=stored,
        inside=inside,
        rows=rows,
        cols=cols,
        covered=None if cover is None else cover.in_view(transform),
        cover_level=0 if cover is None else cover.level,
    )
    rgba = None
    if (planes or state is not None) and facts.overlay_planes:
        colors = dict(state.colors) if state is not None else {}
        rgba = planes_rgba(facts.overlay_planes, rows, cols, transform, colors=colors)
    return PresentedFrame(view=view, transform=transform, facts=facts, planes=rgba)


def _part(state: Presented | None, rows: int, cols: int) -> tuple[int, int, int, int]:
    """The whole pixels of the displayed area that lie on the image; all of it where none do."""
    if state is None or state.area_px is None:
        return 0, 0, cols, rows
    x0, y0, x1, y1 = state.area_px
    part = max(int(x0), 0), max(int(y0), 0), min(int(x1), cols), min(int(y1), rows)
    return part if part[0] < part[2] and part[1] < part[3] else (0, 0, cols, rows)
