"""What a snapshot takes from each image for its task."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.visible_part import visible_box
from viewer.core.text.counting import counted
from viewer.project.combining import Combined
from viewer.project.label_history import later_labels
from viewer.project.project import Project
from viewer.project.records import ImageRecord, Task, TaskKind


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SnapshotItem:
    """One image of a snapshot.

    patient_id: the group that must not be divided: the patient's id, with its source before it when the snapshot has
    several sources, or "(no patient) " and the first image id of its study or series. part: "train", "val" or "test".
    fold: 0-based, None without folds. pinned_test: it was a test image of this task in an earlier snapshot. labels:
    whole-image verdicts of the task's labels; a label that is not there is unknown. boxes, masks: (label, shape).
    complete: it was looked at, so a box or mask label that is not there means "none there".
    tags: header facts by keyword.
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


def strata(item: SnapshotItem, task: Task) -> tuple[str, ...]:
    """The classes by which splits are balanced: the labels that hold, or that are drawn."""
    if task.kind == TaskKind.CLASSIFICATION:
        return tuple(label for label in task.labels if item.labels.get(label) is Verdict.YES) or ("none",)
    drawn = {label for label, _ in item.boxes} | {label for label, _ in item.masks}
    return tuple(sorted(drawn)) or ("none",)


def _meets(mask: MaskRuns, box: Box) -> bool:
    """Whether a pixel of the mask lies in the box."""
    rows, starts, ends = mask.runs.T
    return bool(((rows + 1 > box.y0_px) & (rows < box.y1_px) & (ends > box.x0_px) & (starts < box.x1_px)).any())


def _exclusive_labels(labels: dict[str, Verdict], task: Task) -> dict[str, Verdict] | None:
    """One label yes, the others no; None when no label holds, or several do."""
    held = [label for label in task.labels if labels.get(label) is Verdict.YES]
    if len(held) != 1:
        return None
    return {label: Verdict.YES if label == held[0] else Verdict.NO for label in task.labels}


# Why an image with something drawn on it stays out: taken without it, it would say that nothing is there.
NO_MASK = "a box is drawn where the task needs a mask"
DIFFER = "its readers differ"
OFF_THE_IMAGE = "a shape of the task covers no pixel"
NOT_COMPLETE = "case not complete"
HELD_UP: dict[CaseStatus | None, str] = {
    CaseStatus.NEEDS_REVIEW: "case needs review",
    CaseStatus.RETURNED: "case returned to its reader",
}
# Taken all the same, an answer of before would say "no" to a label that nobody was asked for.
NAMELESS_NOTE = ("image", "images", "without a patient, each study, series or single image taken as a patient")
COMPLETE_BEFORE = "complete before {label} was one of the labels"
_BEFORE, _ASKED_NOT = COMPLETE_BEFORE.split("{label}")
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
    if not (reason.startswith(_BEFORE) and reason.endswith(_ASKED_NOT)):
        return ""
    label = reason.removeprefix(_BEFORE).removesuffix(_ASKED_NOT)
    return (
        f"To take them, say of each whether it is {label}; where one label was all that was said, it is enough to "
        "complete the case again, or to import its table again as complete."
    )


class ItemReader:
    """Makes the items of a task from a project's complete and approved cases, and counts what it leaves out and why."""

    def __init__(self, project: Project, task: Task) -> None:
        self._project = project
        self._task = task
        self.left_out: Counter[str] = Counter()
        self.notes: Counter[tuple[str, str, str]] = Counter()  # noun, plural, what became of them
        # Of what was drawn and cannot be taken: which files to look at.
        self.left_out_of: dict[str, list[Path]] = defaultdict(list)
        self._taken = Combined(project, task.readings)
        self._later: dict[str, tuple[str, ...]] = {}
        for round_id in self._taken.round_ids:
            found = later_labels(project.database, task.scope, task.labels, round_id)
            self._later |= {case_id: (*self._later.get(case_id, ()), *later) for case_id, later in found.items()}

    @property
    def round_ids(self) -> list[str]:
        """The rounds of which something is taken."""
        return self._taken.round_ids

    def items(self) -> Iterator[tuple[ImageRecord, SnapshotItem]]:
        """Every image of a complete case that says something about the task; parts are not set yet."""
        complete = self._taken.complete
        records = self._project.images.all()
        self.left_out[NOT_COMPLETE] = 0
        for record in records:
            if record.case_id not in complete:
                self.left_out[HELD_UP.get(self._taken.held_up(record.case_id), NOT_COMPLETE)] += 1
        kept = sorted((one for one in records if one.case_id in complete), key=lambda one: one.image_id)
        several_sources = len({record.source for record in kept if record.patient_id}) > 1
        nobody = nameless_patients(kept)
        for record in self._taken.ahead(kept, self._task.scope):
            patient = nobody.get(record.image_id, "")
            if patient:
                self.notes[NAMELESS_NOTE] += 1
            elif several_sources:
                patient = f"{record.source}/{record.patient_id}"
            item = self._item(record, patient or record.patient_id)
            if item is not None:
                yield record, item

    def said_notes(self) -> list[str]:
        """What was taken otherwise than it stands in the project, a sentence each."""
        return [f"{counted(count, one, many)} {what}" for (one, many, what), count in self.notes.items()]

    def _item(self, record: ImageRecord, patient_id: str) -> SnapshotItem | None:
        labels: dict[str, Verdict] = {}
        boxes: list[tuple[str, Box]] = []
        masks: list[tuple[str, MaskRuns]] = []
        if self._task.kind == TaskKind.CLASSIFICATION:
            said = self._labels(record)
            if said is None:
                return None
            labels = said
        else:
            reason = self._take_shapes(record, boxes, masks)
            if reason:
                self._leave_out(record, reason)
                return None
            drawn = {label for label, _ in (*boxes, *masks)}
            self._note_later(record, drawn, "taken as without it")
        return SnapshotItem(
            image_id=record.image_id,
            path=record.path,
            frame_index=record.frame_index,
            patient_id=patient_id,
            part="train",
            fold=None,
            pinned_test=False,
            labels=labels,
            boxes=tuple(boxes),
            masks=tuple(masks),
            complete=True,
            tags=record.tags,
            rows=record.rows,
            cols=record.cols,
            source=record.source,
            modality=record.modality,
            pixel_sha256=record.pixel_sha256,
        )

    def _labels(self, record: ImageRecord) -> dict[str, Verdict] | None:
        stands = self._taken.said(record, "image")
        verdicts = stands.image_labels
        if self._task.exclusive and stands.differ.intersection(self._task.labels):
            self._leave_out(record, DIFFER)
            return None
        said = {label: verdicts[label] for label in self._task.labels if label in verdicts}
        if self._task.exclusive:
            held = sum(verdict is Verdict.YES for verdict in said.values())
            if held != 1:
                self.left_out["none of the task's labels" if held == 0 else "several of the task's labels"] += 1
                return None
            later = self._asked_later(record, said)
            if later:
                self._leave_out(record, COMPLETE_BEFORE.format(label=later))
                return None
            return _exclusive_labels(said, self._task)
        if not any(verdict.tells for verdict in said.values()):
            if stands.differ.intersection(self._task.labels):
                self._leave_out(record, DIFFER)
            else:
                self.left_out["none of the task's labels"] += 1
            return None
        self._note_later(record, set(said), "of which it is unknown")
        return said

    def _leave_out(self, record: ImageRecord, reason: str) -> None:
        self.left_out[reason] += 1
        self.left_out_of[reason].append(record.path)

    def _asked_later(self, record: ImageRecord, said: dict[str, Verdict]) -> str:
        """The first label of an exclusive task that was no question yet when the image was answered, "" for none.

        It came into the catalogue later, or into the task: then the others were answered one by one, and it was not.
        Where the one label that holds is all that is said, the task says no to the others.
        """
        later = self._later.get(record.case_id, ())
        unsaid = [label for label in self._task.labels if label not in said]
        return next((label for label in unsaid if label in later or len(said) > 1), "")

    def _note_later(self, record: ImageRecord, said: set[str], meant: str) -> None:
        for label in self._later.get(record.case_id, ()):
            if label not in said:
                self.notes["image", "images", f"{COMPLETE_BEFORE.format(label=label)}, {meant}"] += 1

    def _take_shapes(self, record: ImageRecord, boxes: list[tuple[str, Box]], masks: list[tuple[str, MaskRuns]]) -> str:
        """Put the task's shapes into the lists. Returns why the image must stay out, "" where it need not.

        What was drawn and cannot be said in the task's kind would train as "nothing there" if the rest were taken.
        """
        left: list[tuple[str, Box]] = []
        stands = self._taken.said(record, "region")
        if stands.differ.intersection(self._task.labels):
            return DIFFER
        for annotation in stands.annotations:
            label, shape = annotation.label, annotation.shape
            if label not in self._task.labels:
                continue
            if self._task.kind == TaskKind.DETECTION:
                if shape.is_empty:
                    continue  # a mask without a pixel, which says that nothing is there
                box = shape.as_box()
                if box is None or visible_box(box, record.rows, record.cols) is None:
                    return OFF_THE_IMAGE
                boxes.append((label, box))
                if shape.tells_pixels:
                    self.notes["polygon or mask", "polygons and masks", "taken as the box around it"] += 1
            elif shape.tells_pixels:
                mask = shape.as_mask(record.rows, record.cols)
                if mask is not None and not mask.is_empty:
                    masks.append((label, mask))
                elif not shape.is_empty:
                    return OFF_THE_IMAGE
            else:
                box = shape.as_box()
                if box is None:
                    return OFF_THE_IMAGE
                left.append((label, box))
        for label, box in left:
            if not any(name == label and _meets(mask, box) for name, mask in masks):
                return NO_MASK
            self.notes["box", "boxes", "left out, each beside a mask of its label"] += 1
        return ""
