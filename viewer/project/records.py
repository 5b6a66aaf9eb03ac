"""The rows a project hands out: images, cases, tasks, journal entries."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.task_kinds import TASK_KINDS
from viewer.core.task_kinds.kind import TaskKind, task_kind

OF_A_CASE = "set case "  # how the text of a case's status begins, which is seen at any of its images


class CaseUnit(StrEnum):
    """What an annotator completes at a time."""

    FILM = "film"
    STUDY = "study"
    SERIES = "series"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewImage:
    """One 2-D frame that enters a project.

    frame_index: 0-based in the file. source: where patient_id is valid. patient_id: "" when there is none.
    pixel_sha256: of the stored pixel bytes. tags: header facts by keyword (PatientAge, ViewPosition, ...). part: what
    sets its series apart from others of the same series UID, such as "echo 2". of_stack: it is a slice or frame of a
    series that is looked at as a whole, so that series is one case also where a case is a film.
    """

    path: Path
    frame_index: int = 0
    sop_instance_uid: str = ""
    source: str = ""
    patient_id: str = ""
    study_uid: str = ""
    series_id: str = ""
    part: str = ""
    of_stack: bool = False
    rows: int
    cols: int
    modality: str = ""
    pixel_sha256: str
    size_bytes: int = 0
    mtime_ns: int = 0
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def image_id(self) -> str:
        """The image's name for ever: from its SOP UID, frame index and pixels, never from its path."""
        from viewer.reading.image_id import image_id

        return image_id(self.sop_instance_uid, self.frame_index, self.pixel_sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRecord:
    """One image of a project; see NewImage."""

    image_id: str
    path: Path
    frame_index: int
    sop_instance_uid: str
    source: str
    patient_id: str
    study_uid: str
    series_id: str
    case_id: str
    rows: int
    cols: int
    modality: str
    pixel_sha256: str
    size_bytes: int
    mtime_ns: int
    tags: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One case in the list. images: how many it has. first_image_id: the one shown first. comment: why it was returned,
    "" with every other status. revealed: when AI was shown of it in this reading, ISO 8601, "" never, or not kept."""

    case_id: str
    title: str
    source: str
    patient_id: str
    status: CaseStatus
    images: int
    first_image_id: str
    comment: str = ""
    revealed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A named question. kind: of `TASK_KINDS`. labels: names of labels of the kind's scope.

    exclusive: exactly one label holds (softmax); else each for itself (sigmoid), as numbers always are. readings: the
    rule for what is taken where several have read a case (`combining`).
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    exclusive: bool = True
    readings: str = "agreed"

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise BadRequest("A task needs a name.")
        if self.kind not in TASK_KINDS:
            raise BadRequest(f"A task is one of {', '.join(TASK_KINDS)}, not {self.kind}.")
        if self.of_kind.each_alone and self.exclusive:
            object.__setattr__(self, "exclusive", False)
        if not self.labels:
            raise BadRequest(f"The task {self.name} needs at least one label.")
        if len(set(self.labels)) != len(self.labels):
            raise BadRequest(f"The task {self.name} names a label twice.")
        least = self.of_kind.least_labels(exclusive=self.exclusive)
        if len(self.labels) == 1 < least:
            raise BadRequest(
                f"The task {self.name} is exclusive and has one label only; name two, or make it multi-label."
            )
        if len(self.labels) < least:
            raise BadRequest(
                f"A task of {self.kind} needs {least} labels at least; {self.name} has {len(self.labels)}."
            )

    @property
    def of_kind(self) -> TaskKind:
        """What its kind is."""
        return task_kind(self.kind)

    @property
    def scope(self) -> str:
        """The scope of its labels in the catalogue."""
        return self.of_kind.scope

    @property
    def tells_apart(self) -> bool:
        """Whether only one of its labels holds in one place: of the whole image, or of a pixel."""
        return self.exclusive and self.of_kind.can_exclude and len(self.labels) > 1

    @property
    def words(self) -> str:
        """What it asks, within a sentence."""
        return self.of_kind.task_words(self.labels, exclusive=self.exclusive)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One gesture as the journal lists it. state: "done", "undone" or "dropped". time: ISO 8601, UTC.

    film, case_id: the file's name and the case of its image, "" where it is about none.
    """

    edit_id: int
    author: str
    time: str
    text: str
    image_id: str | None
    state: str
    film: str = ""
    case_id: str = ""

    @property
    def is_of_case(self) -> bool:
        """Whether it is about a case's status alone, which is seen at any of its images."""
        return self.text.startswith(OF_A_CASE)
