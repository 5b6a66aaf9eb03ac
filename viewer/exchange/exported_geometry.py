"""Where an exported image lies in the patient, and how far its pixels are apart, where its file says so."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from viewer.core.errors import AppError
from viewer.core.geometry import ImagePlane, Spacing
from viewer.project.records import ImageRecord, NewImage
from viewer.project.samples.file_geometry import said_by_file

# Of `ImageGeometry.facts`, in this order.
GEOMETRY_NAMES = (
    "frame_of_reference_uid", "position_mm", "row_cosines", "col_cosines", "row_spacing_mm", "col_spacing_mm",
    "spacing_source", "spacing_meaning", "series_uid", "series_id", "series_index",
)  # fmt: skip
_TEXTS = ("frame_of_reference_uid", "spacing_source", "spacing_meaning", "series_uid", "series_id")
# Of these an import asks whether they are what the image's file says now: what else there is depends on how a project
# was scanned, or says the same in words.
COMPARED_NAMES = (*GEOMETRY_NAMES[:6], "series_uid")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageGeometry:
    """The place of one image. series_index: 0-based among the images of its series that are in the project.

    plane, spacing: None where the file does not give them, or cannot be read now; series_uid: "" there. series_id: as
    a scan names a series, which also a file without a UID is of.
    """

    plane: ImagePlane | None
    spacing: Spacing | None
    series_uid: str
    series_id: str
    series_index: int

    def facts(self) -> dict[str, Any]:
        """What is known, by name: directions as cosines, points and distances in mm (LPS, PS3.3 C.7.6.2.1.1).

        position_mm: the centre of the first pixel. row_cosines: of increasing column; col_cosines: of increasing row.
        spacing_source: the attribute that says so; spacing_meaning: what its millimetres are.
        """
        found: dict[str, Any] = {}
        if self.plane is not None:
            found = {
                "frame_of_reference_uid": self.plane.frame_of_reference,
                "position_mm": list(self.plane.position_mm),
                "row_cosines": list(self.plane.row_cosines),
                "col_cosines": list(self.plane.col_cosines),
            }
        if self.spacing is not None:
            found |= {
                "row_spacing_mm": self.spacing.row_mm,
                "col_spacing_mm": self.spacing.col_mm,
                "spacing_source": self.spacing.source,
                "spacing_meaning": self.spacing.level.value,
            }
        if self.series_id:
            found |= {"series_uid": self.series_uid, "series_id": self.series_id, "series_index": self.series_index}
        return {name: value for name, value in found.items() if value != ""}


def series_indices(series_of: dict[str, str]) -> dict[str, int]:
    """The place of each image within its series, 0-based. series_of: by image id, in the order of entering."""
    counts: dict[str, int] = {}
    found = {}
    for image_id, series_id in series_of.items():
        found[image_id] = counts.get(series_id, 0)
        counts[series_id] = found[image_id] + 1
    return found


def facts_of_text(cells: Mapping[str, str]) -> dict[str, Any]:
    """`ImageGeometry.facts` as they stand in the cells of a table. Raises ValueError for a cell that is none."""
    found: dict[str, Any] = {}
    for name in GEOMETRY_NAMES:
        if cell := cells.get(name, ""):
            found[name] = cell if name in _TEXTS else finite(json.loads(cell))
    return found


def facts_of_document(facts: Any) -> dict[str, Any]:
    """The same of what a document holds; nothing where it holds none."""
    if not isinstance(facts, Mapping):
        return {}
    return {name: finite(facts[name]) for name in GEOMETRY_NAMES if name in facts}


def finite(value: Any) -> Any:
    """A value of JSON; what is no number in it becomes None, which no image's file says."""
    if isinstance(value, list):
        return [finite(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_geometry(record: ImageRecord | NewImage, series_index: int) -> ImageGeometry:
    """The geometry that an image's file gives. Reads its header, not its pixels."""
    try:
        plane, spacing, series_uid = said_by_file(record.path, record.frame_index, record.sop_instance_uid)
    except (AppError, OSError):  # a file that cannot be read says nothing; `still_there` names one that was replaced
        plane, spacing, series_uid = None, None, ""
    return ImageGeometry(
        plane=plane, spacing=spacing, series_uid=series_uid, series_id=record.series_id, series_index=series_index
    )
