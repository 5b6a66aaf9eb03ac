"""Images that were cut into several files: concatenations (PS3.3 C.7.6.16.1.1, C.7.6.16.2.1)."""

from collections.abc import Iterable
from typing import NamedTuple

from viewer.reading.dicom.header import Header

UID, NUMBER, TOTAL, FRAME_OFFSET = 0x00209161, 0x00209162, 0x00209163, 0x00209228


class Part(NamedTuple):
    """One file of a concatenation.

    uid: of the concatenation. number: which file it is, from 1. total: how many there are, 0 when the file does not
    say. offset: frames of the whole image before its first one.
    """

    uid: str
    number: int
    total: int
    offset: int


def read_part(header: Header) -> Part | None:
    """Which part of an image a file is; None when it is a whole one."""
    uid = header.text(UID) if UID in header else ""
    if not uid:
        return None
    number, total, offset = (max(0, header.integer(tag) or 0) for tag in (NUMBER, TOTAL, FRAME_OFFSET))
    return Part(uid=uid, number=number, total=total, offset=offset)


def missing_parts(parts: Iterable[tuple[Part, int]]) -> tuple[str, str]:
    """What is not there of a concatenation, as (a sentence, a few words); both "" when nothing is known to be missing.

    parts: those that are there, each with its number of frames.
    """
    listed = sorted(parts, key=lambda pair: pair[0].offset)
    numbers = {part.number for part, _ in listed}
    total = max(max(part.total, part.number) for part, _ in listed)
    missing = [number for number in range(1, total + 1) if number not in numbers]
    gaps, there = [], 0
    for part, frames in listed:
        if part.offset > there:
            gaps.append(f"{there + 1} to {part.offset}")
        there = max(there, part.offset + frames)
    lost = f"frames {_listed(gaps)} are missing" if gaps else "its last frames are missing"
    if missing:
        names = f"Part {missing[0]} of {total} is" if len(missing) == 1 else f"Parts {_listed(missing)} of {total} are"
        short = f"{len(missing)} part{'s' if len(missing) > 1 else ''} missing"
        return f"The image was cut into several files. {names} not here: {lost}.", short
    return (f"The image was cut into several files: {lost}.", "frames missing") if gaps else ("", "")


def _listed(names: list[int] | list[str], most: int = 6) -> str:
    text = ", ".join(map(str, names[:most]))
    return text if len(names) <= most else f"{text} and {len(names) - most} more"
