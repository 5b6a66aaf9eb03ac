"""Series and the frames in them: what a scan gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from viewer.core.geometry import Spacing
from viewer.core.text.privacy import description_shown

# Kinds of values (`split_by`) that somebody wrote.
FREE_TEXTS = frozenset(
    ("comment", "coil", "sequence", "kernel", "image type", "stack", "attribute", "contrast", "description")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRef:
    """Where one image lies. frame_index: 0-based in the file. along_normal_mm: None without a position."""

    path: Path
    frame_index: int = 0
    sop_instance_uid: str = ""
    instance_number: str = ""
    along_normal_mm: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesWarning:
    """One thing a reader of the series must know.

    code: for programs; text: one sentence for people; short: a few words that stand on the image, "" for none.
    """

    code: str
    text: str
    short: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Images that belong together, in order.

    series_id: 16 hex digits, stable over scans. frames: sorted along the normal, else by Instance Number.
    slice_spacing_mm: median distance along the normal, None without two positions.
    part, split_by: of a series UID that was split, what sets this part apart ("echo 2") and of which kind that is
    ("echo"); part_number: its place among the parts.
    is_volume: one orientation, size and spacing, gaps equal within 1 %, no duplicate position, all on one line.
    """

    series_id: str
    series_uid: str
    study_uid: str
    source: str
    patient_id: str
    patient_name: str
    modality: str
    description: str
    number: str
    frames: tuple[FrameRef, ...]
    files: int
    rows: int
    cols: int
    spacing: Spacing | None
    slice_spacing_mm: float | None
    is_volume: bool
    warnings: tuple[SeriesWarning, ...]
    frame_of_reference: str
    folder: Path
    part: str = ""
    split_by: str = ""
    part_number: int = 0

    def part_shown(self, *, names_hidden: bool) -> str:
        """What sets this part apart; only its kind where names are hidden and a free text says who the patient is."""
        if not names_hidden or FREE_TEXTS.isdisjoint(self.split_by.split(", ")):
            return self.part
        who = {"patient_id": self.patient_id, "patient_name": self.patient_name}
        return description_shown(self.part, **who, names_hidden=True) or self.split_by

    def described(self, *, names_hidden: bool) -> str:
        """Its description; "" where names are hidden and it says who the patient is, or is the name of a file."""
        if names_hidden and self.frames and self.description.startswith(self.frames[0].path.name):
            return ""
        return description_shown(
            self.description, patient_id=self.patient_id, patient_name=self.patient_name, names_hidden=names_hidden
        )


OBJECTS = ("SEG", "PR", "KO", "RTDOSE")  # made from images, not taken of a person


def largest(every: Sequence[Series]) -> Series:
    """The series that a person most likely wants to see first: pictures before objects, volumes before single images,
    then the most images, then the lowest number."""
    return max(every, key=lambda s: (s.modality not in OBJECTS, s.is_volume, len(s.frames), -series_number(s)))


def series_number(series: Series) -> int:
    """The Series Number as a number; 0 where it is none."""
    return int(series.number) if series.number.strip().lstrip("-").isdigit() else 0


def set_apart(series: Series, every: Sequence[Series], *, names_hidden: bool = False) -> str:
    """What tells a series from those of its study that are described alike: its number, else its place among them; ""
    where none is. A part of a split series says itself which it is (`Series.part_shown`)."""

    def told(one: Series) -> tuple[str, str, str]:
        """Hidden, the descriptions tell nothing apart."""
        described = one.described(names_hidden=True) if names_hidden else one.description
        return one.study_uid, described, one.part

    own = told(series)
    alike = [one for one in every if told(one) == own]
    if len(alike) < 2:
        return ""
    number = series.number.strip()
    if number and sum(one.number.strip() == number for one in alike) == 1:
        return f"Series {number}"
    place = next((place for place, one in enumerate(alike, 1) if one.series_id == series.series_id), 0)
    return f"{place} of {len(alike)} alike" if place else ""
