"""What the file of an image says now of where it lies. Reads its header, not its pixels."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from viewer.core.geometry import ImagePlane, Spacing

if TYPE_CHECKING:
    from viewer.reading.dicom.functional_groups import FrameHeader

SOP_UID, SERIES_UID = 0x00080018, 0x0020000E


@contextmanager
def frame_now(path: Path, frame_index: int, sop_instance_uid: str) -> "Iterator[FrameHeader | None]":
    """The header of one frame as its file has it now; None where the file holds another image by now.

    Raises AppError or OSError where the file cannot be read, NotDicom where it is no DICOM file.
    """
    from viewer.core.boundary import at_boundary
    from viewer.reading.dicom.functional_groups import FrameHeader
    from viewer.reading.frames import open_cached
    from viewer.reading.sources.archive import under_its_name

    with at_boundary(path), under_its_name(path) as place:
        header = open_cached(place).header
        another = sop_instance_uid and header.text(SOP_UID) not in ("", sop_instance_uid)
        yield None if another else FrameHeader(header=header, index=frame_index)


def said_by_file(path: Path, frame_index: int, sop_instance_uid: str) -> tuple[ImagePlane | None, Spacing | None, str]:
    """(plane, spacing, Series Instance UID) of one frame; nothing of a file that holds another image by now.

    Raises AppError or OSError where the file cannot be read.
    """
    from viewer.core.boundary import at_boundary
    from viewer.reading.dicom.parsed_file import NotDicom
    from viewer.reading.facts.geometry import frame_plane, frame_spacing
    from viewer.reading.sources.archive import under_its_name
    from viewer.reading.volume_files.file import is_volume_file, open_volume

    try:
        with frame_now(path, frame_index, sop_instance_uid) as frame:
            if frame is None:
                return None, None, ""
            return frame_plane(frame), frame_spacing(frame), frame.header.text(SERIES_UID)
    except NotDicom:
        with at_boundary(path), under_its_name(path) as place:
            if not is_volume_file(place):
                return None, None, ""
            volume = open_volume(place)
            return volume.plane(frame_index % volume.slices), volume.spacing, ""
