"""What is known of a phantom film or study, because it was made."""

from dataclasses import dataclass
from pathlib import Path

from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns

NODULE, CLEAR, LUNG = "nodule", "clear", "lung"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FilmTruth:
    """One film. nodules: boxes in image points. lungs: both, one mask."""

    path: Path
    patient_id: str
    sex: str
    age_years: int
    nodules: tuple[Box, ...]
    lungs: MaskRuns

    @property
    def label(self) -> str:
        """The whole-image label."""
        return NODULE if self.nodules else CLEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceNodule:
    """A nodule where its centre lies in a CT series; slice_index counts from 0 at the feet."""

    slice_index: int
    box: Box
    radius_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyTruth:
    """One CT series and the nodules in it. folder: its files, one a slice."""

    folder: Path
    patient_id: str
    nodules: tuple[SliceNodule, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SampleStudy:
    """What `write_sample` or `write_radiographs` left in `folder`.

    films_csv, boxes_json: the truth in forms that the importers read; masks lie in folder/masks.
    """

    folder: Path
    films: tuple[FilmTruth, ...]
    studies: tuple[StudyTruth, ...]
    films_csv: Path
    boxes_json: Path
