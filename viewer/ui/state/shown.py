"""What the active view shows."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.reading.frame import Frame
    from viewer.reading.series import FrameRef, Series


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShownImage:
    """What the active view shows.

    image_id: computed from the pixels, so it is there also when the image is not in the project yet; the first edit
    registers it. case_id: None while the image is not in the project. series: where the frame stands.
    """

    ref: "FrameRef"
    frame: "Frame"
    image_id: str | None = None
    case_id: str | None = None
    series: "Series | None" = None
