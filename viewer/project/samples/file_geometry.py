"""What the file of an image says now of where it lies. Reads its header, not its pixels."""

from pathlib import Path

from viewer.core.geometry import ImagePlane, Spacing

SOP_UID, SERIES_UID = 0x00080018, 0x0020000E


def said_by_file(path: Path, frame_index: int, sop_instance_uid: str) -> tuple[ImagePlane | None, Spacing | None, str]:
    """(plane, spacing, Series Instance UID) of one frame; nothing of a file that holds another image by now.

    Raises AppError or OSError where the file cannot be read.
    """
    from viewer.core.boundary import at_boundary
    from viewer.reading.dicom.functional_groups import FrameHeader
    from viewer.reading.dicom.parsed_file import NotDicom
    from viewer.reading.facts.geometry import frame_plane, frame_spacing
    from viewer.reading.frames import open_cached
    from viewer.reading.sources.archive import under_its_name
    from viewer.reading.volume_files.file import is_volume_file, open_volume

    with at_boundary(path), under_its_name(path) as place:
        try:
            header = open_cached(place).header
        except NotDicom:
            if not is_volume_file(place):
                return None, None, ""
            volume = open_volume(place)
            return volume.plane(frame_index % volume.slices), volume.spacing, ""
        if sop_instance_uid and header.text(SOP_UID) not in ("", sop_instance_uid):
            return None, None, ""  # another image lies there now
        frame = FrameHeader(header=header, index=frame_index)
        return frame_plane(frame), frame_spacing(frame), header.text(SERIES_UID)
