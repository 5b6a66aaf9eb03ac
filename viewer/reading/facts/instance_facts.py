"""What a scan keeps of one file: enough to group, sort and warn, small enough for an index."""

from dataclasses import dataclass, fields, replace
from typing import Any

from viewer.core.geometry import ImagePlane, Spacing, SpacingLevel
from viewer.reading.facts.concatenation import Part
from viewer.reading.facts.places import FramePlace
from viewer.reading.facts.special_images import Special

# Grows when a field changes its meaning: index rows of another version are read anew.
FACTS_VERSION = 11
Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFacts:
    """One image file.

    position_mm, orientation, along_normal_mm (one value): of a single-frame file; () when absent. places: of a
    multi-frame file whose frames have places of their own, one per frame. shape of a series depends on: rows, cols,
    orientation, spacing, stack, echo, b_value, time_point.
    part: which part of an image that was cut into several files; None of a whole one. lacking: what a cut file still
    holds, where its header tells.
    time_points, slice_spacing_mm: of a volume file. note: what is doubtful about its geometry; of a TIFF the sizes of
    its pages where they differ.
    special: what its images are beside what is shown of them. odd: what of its header was left as it is odd, in
    sentences.
    acquired: time of day (HHMMSS.fraction). phase: values that may tell apart images at one place, in the order they
    are asked; phase_names: what each is (see `parts`).
    """

    kind: str
    rows: int
    cols: int
    frames: int
    sop_class: str = ""
    sop_instance_uid: str = ""
    transfer_syntax: str = ""
    patient_id: str = ""
    patient_name: str = ""
    study_uid: str = ""
    study_date: str = ""
    study_description: str = ""
    series_uid: str = ""
    series_number: str = ""
    series_description: str = ""
    modality: str = ""
    instance_number: str = ""
    frame_of_reference: str = ""
    spacing: tuple[float, float, str, str] | None = None
    position_mm: Vector = ()
    orientation: Vector = ()
    along_normal_mm: Vector = ()
    stack: str = ""
    echo: str = ""
    b_value: str = ""
    time_point: str = ""
    acquired: str = ""
    phase: tuple[str, ...] = ()
    phase_names: tuple[str, ...] = ()
    places: tuple[FramePlace, ...] = ()
    gantry_tilt_degrees: float = 0.0
    table_spacing_mm: float = 0.0
    time_points: int = 1
    slice_spacing_mm: float | None = None
    note: str = ""
    part: Part | None = None
    lacking: str = ""
    special: tuple[Special, ...] = ()
    odd: str = ""

    @property
    def echo_is_time(self) -> bool:
        """Whether `echo` is the Effective Echo Time of a placed frame, not a number of echoes."""
        return self.phase_names[:1] == ("",)

    def spacing_value(self) -> Spacing | None:
        """The spacing as the value the rest of the program uses."""
        if self.spacing is None:
            return None
        row, col, source, level = self.spacing
        return Spacing(row_mm=row, col_mm=col, source=source, level=SpacingLevel(level))

    @classmethod
    def from_row(cls, row: list[Any]) -> "InstanceFacts":
        """The facts that an index row holds: every field in the order of this class, tuples as lists.

        Raises TypeError for a value of another type: an index is a file, and a flipped bit makes any value of any kind.
        """
        if len(row) != len(_ROW_KINDS) or not all(map(isinstance, row, _ROW_KINDS)):
            raise TypeError("a row of the header index is not of its types")
        values: dict[str, Any] = {
            name: tuple(value) if type(value) is list else value for name, value in zip(cls.__slots__, row)
        }
        if values["places"]:
            values["places"] = tuple(map(_place_of, values["places"]))
        if values["special"]:
            values["special"] = tuple(Special(*one) for one in values["special"])
        if values["part"] is not None:
            values["part"] = Part(*values["part"])
        return cls(**values)

    def of_frame(self, index: int) -> "InstanceFacts":
        """The facts of one placed frame, as if it were a file of its own."""
        place = self.places[index]
        along = _along(place.position_mm, place.orientation)
        return replace(self, frames=1, places=(), along_normal_mm=along, **place._asdict())


_PLAIN_KINDS: dict[Any, Any] = {str: str, int: int, float: (float, int)}
# 2 µs a row beside the 27 it takes to read one.
_ROW_KINDS: list[Any] = [
    _PLAIN_KINDS.get(field.type, (list, type(None), float, int)) for field in fields(InstanceFacts)
]


def _place_of(row: list[Any]) -> FramePlace:
    named = dict(zip(FramePlace._fields, row))
    for name in ("position_mm", "orientation", "phase"):
        named[name] = tuple(named[name])
    if named["spacing"] is not None:
        named["spacing"] = tuple(named["spacing"])
    return FramePlace(**named)


def _along(position: Vector, orientation: Vector) -> Vector:
    """Where a frame lies along its normal, as one value; () without a place."""
    if len(position) != 3 or len(orientation) != 6:
        return ()
    (x, y, z), (a, b, c, d, e, f) = position, orientation
    plane = ImagePlane(position_mm=(x, y, z), row_cosines=(a, b, c), col_cosines=(d, e, f))
    return (round(plane.along_normal_mm, 6),)
