"""Images that are more, or something else, than the picture of them shows: that is said, on them and by a scan."""

from math import ceil, sqrt
from typing import NamedTuple

from viewer.reading.dicom.header import Header
from viewer.reading.dicom.private_tags import private_number

IMAGE_TYPE, FRAMES, SAMPLES, PHOTOMETRIC = 0x00080008, 0x00280008, 0x00280002, 0x00280004
ROWS, COLUMNS, RED_DESCRIPTOR = 0x00280010, 0x00280011, 0x00281101
SIEMENS_MR, MOSAIC_IMAGES = "SIEMENS MR HEADER", 0x0A
ULTRASOUND_VOLUME = "1.2.840.10008.5.1.4.1.1.6.2"


class Special(NamedTuple):
    """code: for programs; text: one sentence; short: a few words for the image."""

    code: str
    text: str
    short: str


def is_mosaic(header: Header) -> bool:
    """Whether one image is a sheet of many slices side by side (Siemens MR, third value of Image Type or later)."""
    if b"MOSAIC" not in header.raw(IMAGE_TYPE):  # as in nearly every image
        return False
    return "MOSAIC" in header.texts(IMAGE_TYPE)[2:] and (header.integer(FRAMES) or 1) <= 1


def special_images(header: Header) -> tuple[Special, ...]:
    """What is special about the images of a file; nothing of most."""
    found = []
    if is_mosaic(header):
        found.append(_mosaic(header))
    if (header.text(0x00080016) or header.media_class) == ULTRASOUND_VOLUME:
        text = (
            "An ultrasound volume: its frames lie along axes of its own (Plane Position (Volume), PS3.3 C.8.24.3), "
            "not the patient's; they are shown in the file's order, without places."
        )
        found.append(Special("ultrasound-volume", text, "ultrasound volume without places"))
    if RED_DESCRIPTOR in header and header.text(PHOTOMETRIC).upper().startswith("MONOCHROME"):
        text = "The file gives some values colours (a supplemental palette, PS3.3 C.7.6.19); they are shown in grey."
        found.append(Special("supplemental-palette", text, "palette colours shown in grey"))
    return tuple(found)


def _mosaic(header: Header) -> Special:
    count = private_number(header, 0x0019, SIEMENS_MR, MOSAIC_IMAGES)
    if count is None or not 1 <= count <= 10_000 or count != int(count):
        text = "The image is a mosaic: a sheet of several slices side by side, which has no place in the patient."
        return Special("mosaic", text, "mosaic of slices")
    tiles = ceil(sqrt(count))
    rows, cols = ((header.integer(tag) or 0) // tiles for tag in (ROWS, COLUMNS))
    text = (
        f"The image is a mosaic: a sheet of {count:.0f} slices of {rows} rows × {cols} cols side by side, which has no "
        "place in the patient."
    )
    return Special("mosaic", text, f"mosaic of {count:.0f} slices")
