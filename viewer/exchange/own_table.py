"""What the formats that read and write tables and lists share: our own columns and names, and the option for boxes."""

import re
from typing import Any

from viewer.core.shapes.annotations import CaseStatus
from viewer.exchange.options import Option

# A table that `csv` writes and reads back: one row per image, whole-image label and instance.
EXPORT_COLUMNS = (
    "path", "frame_index", "image_id", "source", "patient_id", "case_status", "kind", "label", "verdict",
    "x0_px", "y0_px", "x1_px", "y1_px", "points_px", "mask_runs", "author", "origin",
)  # fmt: skip

# What an object is called whose shapes lie on several images; empty for any other. Older exports have no such column.
OBJECT_COLUMN = "object_id"
# Where an image of our exports says what the format could not hold of it: an import leaves its case open then, since
# it would say of a complete case that nothing is there.
LEFT_OUT = "left_out"
# What a COCO file of ours says in its `info`.
EXPORTER_NAME = "negatoscope"

STATUS_COLUMN = "case_status"
_COUNTED = frozenset(status.value for status in CaseStatus if status.counts)
# The part of a snapshot that an image is in (train, validation, test), in a table and on a COCO image.
SPLIT_COLUMN = "split"


def unfinished(status: Any) -> str:
    """Why an image of our export stays open, by its case's status there; "" where that counts, or is not said."""
    if not isinstance(status, str) or not status.strip() or status in _COUNTED:
        return ""
    return f"the project that it was exported from has it as {status:.40}, and not as complete"


BOXES = Option(
    name="boxes",
    title="Boxes",
    help="whether the four numbers of a box are two corners, or a corner with width and height; without it the "
    "format's or the columns' own way, and a file whose boxes fit their images only the other way is left out by name",
    choices=("corners", "extent"),
)


def content_name(value: Any) -> str:
    """The image's name by its content, as our exports write it (32 hex digits); "" for anything else."""
    return value if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{32}", value) else ""
