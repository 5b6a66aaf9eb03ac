"""Which images and frames an object refers to (Image SOP Instance Reference Macro, PS3.3 table 10-3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from viewer.reading.dicom.header import Header

IMAGES, INSTANCE, FRAMES = 0x00081140, 0x00081155, 0x00081160


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One image. frames: DICOM's own numbers, from 1; () for every frame. series_uid: "" where not said."""

    series_uid: str
    sop_instance_uid: str
    frames: tuple[int, ...] = ()


def references_of(items: Sequence[Header], *, series_uid: str = "") -> tuple[Reference, ...]:
    """The references of a Referenced Image Sequence's items."""
    return tuple(
        Reference(
            series_uid=series_uid,
            sop_instance_uid=item.text(INSTANCE),
            frames=tuple(int(number) for number in item.numbers(FRAMES)),
        )
        for item in items
    )


def applies_to(item: Header, sop_instance_uid: str, frame_index: int) -> bool:
    """Whether an item is about a frame (0-based): it names no image, so all of the object's, or this one."""
    named = references_of(item.items(IMAGES))
    return not named or any(
        reference.sop_instance_uid == sop_instance_uid and (not reference.frames or frame_index + 1 in reference.frames)
        for reference in named
    )
