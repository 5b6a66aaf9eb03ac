"""What a snapshot takes from each image for its task."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from viewer.core.errors import LacksFrames
from viewer.core.labels import Verdict
from viewer.core.samples import PLAIN, FrameRole, SampleRule
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.task_kinds.kind import COMPLETE_BEFORE, Said, Taken
from viewer.core.text.counting import counted
from viewer.project.combining import Combined
from viewer.project.label_history import later_labels
from viewer.project.project import Project
from viewer.project.records import ImageRecord, Task
from viewer.project.samples.finding import SampleFinder
from viewer.project.samples.stacks import stacks_of_records
from viewer.project.snapshots import drawn_on_planes
from viewer.project.snapshots.drawn_on_planes import DrawnOnPlanes
from viewer.reading.series import FrameRef


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFrame:
    """One frame of a sample. series: the words that name its series or view, "" for the image's own. offset: slices
    from it."""

    role: FrameRole
    series: str
    offset: int
    image_id: str
    path: Path
    frame_index: int
    pixel_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SnapshotItem:
    """One image of a snapshot.

    patient_id: the group that must not be divided: the patient's id, with its source before it when the snapshot has
    several sources, or "(no patient) " and the first image id of its study or series. part: "train", "val" or "test".
    fold: 0-based, None without folds. pinned_test: it was a test image of this task in an earlier snapshot. labels:
    whole-image verdicts of the task's labels; a label that is not there is unknown. boxes, masks: (label, shape).
    numbers: by name, those of the task that are known. frames: all of its sample in the order of `SampleRule.places`,
    the image itself among them; () where the sample is the image alone. complete: it was looked at, so a box or mask
    label that is not there means "none there". tags: header facts by keyword.
    """

    image_id: str
    path: Path
    frame_index: int
    patient_id: str
    part: str
    fold: int | None
    pinned_test: bool
    labels: dict[str, Verdict]
    boxes: tuple[tuple[str, Box], ...]
    masks: tuple[tuple[str, MaskRuns], ...]
    complete: bool
    tags: dict[str, str]
    rows: int
    cols: int
    source: str = ""
    modality: str = ""
    pixel_sha256: str = ""
    numbers: dict[str, float] = field(default_factory=dict)
    frames: tuple[SampleFrame, ...] = ()

    def lying_at(self, now: Mapping[str, Path]) -> "SnapshotItem":
        """The item with the paths that its images have now, by image id."""
        frames = tuple(replace(frame, path=now.get(frame.image_id, frame.path)) for frame in self.frames)
        return replace(self, path=now.get(self.image_id, self.path), frames=frames)

    @property
    def image_ids(self) -> frozenset[str]:
        """The image itself and every image of its sample."""
        return frozenset((self.image_id, *(frame.image_id for frame in self.frames)))


NOT_COMPLETE = "case not complete"
HELD_UP: dict[CaseStatus | None, str] = {
    CaseStatus.NEEDS_REVIEW: "case needs review",
    CaseStatus.RETURNED: "case returned to its reader",
}
NAMELESS_NOTE = ("image", "images", "without a patient, each study, series or single image taken as a patient")
REPEATED_NOTE = ("sample", "samples", "at an end of a series, where its last slice stands for the neighbours beyond it")
_FILMS_NAMED = 3
_BEFORE, _ASKED_NOT = COMPLETE_BEFORE.split("{label}")
_OF_FILMS = frozenset(("ViewPosition", "ImageLaterality"))  # facts that films have, and slices seldom
NAMELESS = "(no patient)"  # how the patient of an image without a patient id begins


def nameless_patients(records: Iterable[ImageRecord]) -> dict[str, str]:
    """Who an image without a patient id shows, by image id: slices of one study or series are of one person.

    Named by the first image id of the group: its content, not where it lies, so that the snapshot's id stays.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if not record.patient_id:
            groups[record.study_uid or record.series_id or record.image_id].append(record.image_id)
    return {image_id: f"{NAMELESS} {min(ids)}" for ids in groups.values() for image_id in ids}


def what_to_do(reason: str) -> str:
    """What takes the images in that were left out for a reason; "" where the reason itself says it."""
    if on_planes := drawn_on_planes.what_to_do(reason):
        return on_planes
    if not (reason.startswith(_BEFORE) and reason.endswith(_ASKED_NOT)):
        return ""
    label = reason.removeprefix(_BEFORE).removesuffix(_ASKED_NOT)
    return (
        f"To take them, say of each whether it is {label}; where one label was all that was said, it is enough to "
        "complete the case again, or to import its table again as complete."
    )


class ItemReader:
    """Makes the items of a task from a project's complete and approved cases, and counts what it leaves out and why.

    rule: which frames of the project make a sample.
    """

    def __init__(self, project: Project, task: Task, rule: SampleRule = PLAIN) -> None:
        self._project = project
        self._task = task
        self._rule = rule
        self._finder: SampleFinder | None = None
        self.lacking = ""  # what the first image that lacks frames of its sample lacks
        self.has_views = False  # whether some study has several films that may be told apart by their views
        self.left_out: Counter[str] = Counter()
        self.notes: Counter[tuple[str, str, str]] = Counter()  # noun, plural, what became of them
        # Of what was drawn and cannot be taken: which files to look at.
        self.left_out_of: dict[str, list[Path]] = defaultdict(list)
        self._taken = Combined(project, task.readings)
        self._planes = DrawnOnPlanes(project, task, self._taken)
        self._later: dict[str, tuple[str, ...]] = {}
        for round_id in self._taken.round_ids:
            found = later_labels(project.database, task.scope, task.labels, round_id)
            self._later |= {case_id: (*self._later.get(case_id, ()), *later) for case_id, later in found.items()}

    @property
    def round_ids(self) -> list[str]:
        """The rounds of which something is taken."""
        return self._taken.round_ids

    def read_by(self, case_id: str) -> int:
        """How many readings of a case count."""
        return len(self._taken.rounds_of(case_id))

    def items(self) -> Iterator[tuple[ImageRecord, SnapshotItem]]:
        """Every image of a complete case that says something about the task; parts are not set yet."""
        complete = self._taken.complete
        records = self._project.images.all()
        self.left_out[NOT_COMPLETE] = 0
        films = Counter(
            (one.source, one.study_uid) for one in records if one.study_uid and not _OF_FILMS.isdisjoint(one.tags)
        )
        self.has_views = max(films.values(), default=0) > 1
        for record in records:
            if record.case_id not in complete:
                self.left_out[HELD_UP.get(self._taken.held_up(record.case_id), NOT_COMPLETE)] += 1
        kept = sorted((one for one in records if one.case_id in complete), key=lambda one: one.image_id)
        several_sources = len({record.source for record in kept if record.patient_id}) > 1
        nobody = nameless_patients(kept)
        if not self._rule.is_plain:
            self._finder = SampleFinder(lambda: stacks_of_records(records))
        for record in self._taken.ahead(kept, self._task.scope):
            patient = nobody.get(record.image_id, "")
            if patient:
                self.notes[NAMELESS_NOTE] += 1
            elif several_sources:
                patient = f"{record.source}/{record.patient_id}"
            item = self._sampled(record, self._item(record, patient or record.patient_id))
            if item is not None:
                yield record, item

    def said_notes(self) -> list[str]:
        """What was taken otherwise than it stands in the project, or not at all, a sentence each."""
        said = [f"{counted(count, one, many)} {what}" for (one, many, what), count in self.notes.items() if count]
        drawn = [(film, count) for film, count in self._planes.films.items() if count]
        if drawn:
            many = counted(sum(count for _, count in drawn), "shape on a plane", "shapes on planes")
            films = ", ".join(f"{film} ({count})" for film, count in drawn[:_FILMS_NAMED])
            more = f" and {len(drawn) - _FILMS_NAMED} more series" if len(drawn) > _FILMS_NAMED else ""
            said.append(f"{many}, which no data set of images takes: {films}{more}")
        return said

    def _sampled(self, record: ImageRecord, item: SnapshotItem | None) -> SnapshotItem | None:
        """The item with the frames of its sample; one that lacks some is left out and named."""
        if item is None or self._finder is None:
            return item
        try:
            ref = FrameRef(path=record.path, frame_index=record.frame_index)
            found = self._finder.find(self._rule, ref)
        except LacksFrames as error:
            self.lacking = self.lacking or str(error)
            self.left_out[str(error)] += 1
            self.left_out_of[str(error)].append(record.path)
            return None
        self.notes[REPEATED_NOTE] += found.repeated > 0
        frames = tuple(
            SampleFrame(
                role=one.role, series=one.series, offset=one.offset, image_id=one.slice.image_id,
                path=one.slice.ref.path, frame_index=one.slice.ref.frame_index, pixel_sha256=one.slice.pixel_sha256,
            )
            for one in found.frames
        )  # fmt: skip
        return replace(item, frames=frames)

    def _item(self, record: ImageRecord, patient_id: str) -> SnapshotItem | None:
        stands = self._taken.said(record, self._task.scope)
        said = Said(
            verdicts=stands.image_labels,
            annotations=stands.annotations,
            numbers=stands.numbers,
            differ=stands.differ,
            later=self._later.get(record.case_id, ()),
            rows=record.rows,
            cols=record.cols,
        )
        taken = self._task.of_kind.take(self._task.labels, said, exclusive=self._task.exclusive)
        self.notes.update(taken.notes)
        own = frozenset(one.label for one in stands.annotations)
        why = self._planes.why_left_out(record, own)
        if not taken.left_out and why:
            taken = Taken(left_out=why)
        if taken.left_out:
            self.left_out[taken.left_out] += 1
            if taken.named:
                self.left_out_of[taken.left_out].append(record.path)
            return None
        return SnapshotItem(
            image_id=record.image_id,
            path=record.path,
            frame_index=record.frame_index,
            patient_id=patient_id,
            part="train",
            fold=None,
            pinned_test=False,
            labels=taken.labels,
            boxes=taken.boxes,
            masks=taken.masks,
            complete=True,
            tags=record.tags,
            rows=record.rows,
            cols=record.cols,
            source=record.source,
            modality=record.modality,
            pixel_sha256=record.pixel_sha256,
            numbers=taken.numbers,
        )
