"""Put an import batch into a project: register the images, then one edit that can be undone."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from viewer.core.annotations import Annotation, CaseStatus, Origin
from viewer.core.edits import AnnotationChange, CaseStatusChange, Change, Edit, ImageLabelChange, LabelChange
from viewer.core.errors import AppError
from viewer.core.labels import Label, Verdict
from viewer.core.masks import MaskRuns
from viewer.core.shapes import Box, Shape
from viewer.exchange.batch import ImportBatch, ImportedImage
from viewer.exchange.importer import ImportedShape, Pieces
from viewer.project.cases import next_position
from viewer.project.project import Project
from viewer.project.records import ImageRecord
from viewer.project.register import FrameToAdd, add_frames
from viewer.reading.series import FrameRef

# A table's own words for what DICOM has a keyword for, so that one control reads both.
TAG_KEYWORDS = {"age": "PatientAge", "sex": "PatientSex", "view": "ViewPosition", "modality": "Modality"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did. pictures_twice: rows whose picture was there already under another path."""

    images: int
    new_images: int
    pictures_twice: int
    annotations: int
    image_labels: int
    completed_cases: int
    problems: tuple[tuple[Path, str], ...]
    notes: tuple[str, ...]


def _silent(done: int, total: int) -> None:
    """Nobody watches."""


def _refs(images: Sequence[ImportedImage]) -> tuple[dict[tuple[Path, int], FrameRef], list[tuple[Path, str]]]:
    """Each image's frame: DICOM files by their scan, pictures as they are."""
    from viewer.reading.archive import is_there
    from viewer.reading.raster import is_raster

    found: dict[tuple[Path, int], FrameRef] = {}
    problems: list[tuple[Path, str]] = []
    dicom: list[Path] = []
    for image in images:
        if not is_there(image.path):
            problems.append((image.path, f"{image.path} is not there."))
        elif is_raster(image.path):
            found[image.path, image.frame_index] = FrameRef(path=image.path, frame_index=image.frame_index)
        else:
            dicom.append(image.path)
    if dicom:
        from viewer.reading.scan import all_series, scan

        result = scan(list(dict.fromkeys(dicom)))
        problems += [(problem.path, problem.reason) for problem in result.problems]
        for series in all_series(result):
            for ref in series.frames:
                found[ref.path.resolve(), ref.frame_index] = ref
    return found, problems


def _register(
    project: Project, batch: ImportBatch, source: str, progress: Callable[[int, int], None]
) -> tuple[dict[tuple[Path, int], str], list[tuple[Path, str]]]:
    """Image ids by (path, frame) of every image of the batch that can be read."""
    known = project.images.files()
    fresh = [image for image in batch.images if (image.path, image.frame_index) not in known]
    refs, problems = _refs(fresh)
    wanted = [
        FrameToAdd(
            ref=refs[image.path, image.frame_index],
            source=source,
            patient_id=image.patient_id or "",
            tags={TAG_KEYWORDS.get(key, key): value for key, value in image.tags.items()},
        )
        for image in fresh
        if (image.path, image.frame_index) in refs
    ]
    _, unread = add_frames(project, wanted, progress=progress)
    problems += [(problem.path, problem.reason) for problem in unread]
    ids = project.images.files()
    return (
        {
            (image.path, image.frame_index): ids[image.path, image.frame_index]
            for image in batch.images
            if (image.path, image.frame_index) in ids
        },
        problems,
    )


def _fits(shape: Shape | Pieces, record: ImageRecord) -> str:
    """Why a shape cannot lie on an image, "" when it can."""
    if isinstance(shape, MaskRuns):
        if (shape.rows, shape.cols) != (record.rows, record.cols):
            return (
                f"the mask has {shape.rows} x {shape.cols} pixels, the image {record.rows} x {record.cols} "
                "(rows x columns)"
            )
        return ""
    if isinstance(shape, Pieces):
        return ""
    if isinstance(shape, Box):
        where = f"from ({shape.x0_px:g}, {shape.y0_px:g}) to ({shape.x1_px:g}, {shape.y1_px:g})"
        touches = shape.x1_px > 0 and shape.y1_px > 0 and shape.x0_px < record.cols and shape.y0_px < record.rows
    else:
        where = f"at {shape.points_px[0]}"
        touches = any(0 <= x <= record.cols and 0 <= y <= record.rows for x, y in shape.points_px)
    return "" if touches else f"it lies outside the image ({record.rows} x {record.cols}), {where}"


class _Changes:
    """Collects what the import changes on images that may carry work already."""

    def __init__(self, project: Project, batch: ImportBatch, *, complete: bool) -> None:
        self._project = project
        self._batch = batch
        self._complete = complete
        self.annotations: list[AnnotationChange] = []
        self.verdicts: dict[tuple[str, str], ImageLabelChange] = {}
        self.problems: list[tuple[Path, str]] = []
        self.kept = 0

    def add(self, image: ImportedImage, record: ImageRecord) -> None:
        """Everything one row says; what is there already is left alone."""
        if image.patient_id is not None and record.patient_id != image.patient_id:
            sentence = (
                f"{image.path} is in the project as a picture of patient {record.patient_id or '(none)'}, the import "
                f"says {image.patient_id or '(none)'}; the first was kept."
            )
            self.problems.append((image.path, sentence))
        self._add_shapes(image, record)
        now = self._project.work.image_labels(record.image_id)
        for label, verdict in self._said(image).items():
            key = (record.image_id, label)
            before = self.verdicts[key].after if key in self.verdicts else now.get(label)
            if before is None:
                self.verdicts[key] = ImageLabelChange(image_id=record.image_id, label=label, before=None, after=verdict)
            elif before is not verdict:
                self.kept += 1

    def _said(self, image: ImportedImage) -> dict[str, Verdict]:
        said = dict(image.verdicts)
        for group, names in image.named.items():
            for label in self._batch.groups[group]:
                if label in names:
                    said[label] = Verdict.YES
                elif self._complete:
                    said.setdefault(label, Verdict.NO)
        return said

    def _add_shapes(self, image: ImportedImage, record: ImageRecord) -> None:
        there: list[tuple[str, Shape]] = [
            (annotation.label, annotation.shape) for annotation in self._project.work.annotations(record.image_id)
        ]
        there += [
            (change.after.label, change.after.shape)
            for change in self.annotations
            if change.after is not None and change.after.image_id == record.image_id
        ]
        if image.shapes and image.size not in (None, (record.rows, record.cols)):
            drawn_for = " x ".join(map(str, image.size or ()))
            self.problems.append(
                (
                    image.path,
                    f"{image.path}: {len(image.shapes)} shapes were left out; they were drawn for {drawn_for} pixels, "
                    f"the image has {record.rows} x {record.cols} (rows x columns).",
                )
            )
            return
        for imported in image.shapes:
            reason = _fits(imported.shape, record)
            if reason:
                self.problems.append((image.path, f"{image.path}: a {imported.label} was left out, {reason}."))
            elif not isinstance(imported.shape, Pieces) and (imported.label, imported.shape) not in there:
                self.annotations.append(AnnotationChange(before=None, after=self._annotation(imported, record)))

    def _annotation(self, imported: ImportedShape, record: ImageRecord) -> Annotation:
        return Annotation(
            annotation_id=secrets.token_hex(16),
            image_id=record.image_id,
            label=imported.label,
            shape=cast(Shape, imported.shape),
            author=self._project.author,
            origin=Origin.IMPORTED,
        )


def _new_labels(project: Project, batch: ImportBatch, changes: _Changes) -> list[LabelChange]:
    """Rows for the catalogue, in the order the file has them, not the order in which images happen to use them."""
    catalogue = project.labels
    used = {("region", change.after.label) for change in changes.annotations if change.after is not None}
    used |= {("image", label) for _, label in changes.verdicts}
    ordered = [("region", name) for name in batch.region_labels]
    ordered += [("image", name) for group in batch.groups.values() for name in group]
    found: list[LabelChange] = []
    for scope, name in ordered:
        exists = any(label.scope == scope and label.name == name for label in catalogue)
        if (scope, name) in used and not exists:
            label = Label(name=name, scope=scope, position=next_position(catalogue, scope))
            catalogue.append(label)
            found.append(LabelChange(before=None, after=label))
    return found


def import_batch(
    project: Project,
    batch: ImportBatch,
    *,
    text: str,
    source: str,
    complete: bool,
    progress: Callable[[int, int], None] = _silent,
) -> ImportReport:
    """Register the batch's images and put its labels and shapes on them, as one edit.

    text: what the menu says after "Undo". source: where the batch's patient ids are valid. complete: every imported
    case was looked at: its cases become complete, and a label that its column did not name is "no".
    Work that is there already is never overwritten; importing the same file twice adds nothing.
    """
    before = project.images.count()
    ids, problems = _register(project, batch, source, progress)
    records = {record.image_id: record for record in project.images.all()}
    changes = _Changes(project, batch, complete=complete)
    case_ids: dict[str, None] = {}
    for image in batch.images:
        image_id = ids.get((image.path, image.frame_index))
        if image_id is not None:
            try:
                changes.add(image, records[image_id])
            except AppError as error:
                problems.append((image.path, str(error)))
            case_ids[records[image_id].case_id] = None
    statuses = {case.case_id: case.status for case in project.cases.all()} if complete else {}
    completed = [
        CaseStatusChange(case_id=case_id, before=statuses[case_id], after=CaseStatus.COMPLETE)
        for case_id in case_ids
        if complete and statuses[case_id] is not CaseStatus.COMPLETE
    ]
    everything: list[Change] = [*_new_labels(project, batch, changes), *changes.annotations]
    everything += [*changes.verdicts.values(), *completed]
    if everything:
        project.history.do(Edit(text=text, changes=tuple(everything)))
    notes = list(batch.notes)
    if changes.kept:
        notes.append(f"{changes.kept} labels that the project says otherwise were kept as they are there.")
    return ImportReport(
        images=len(set(ids.values())),
        new_images=project.images.count() - before,
        pictures_twice=len(ids) - len(set(ids.values())),
        annotations=len(changes.annotations),
        image_labels=len(changes.verdicts),
        completed_cases=len(completed),
        problems=(*batch.problems, *problems, *changes.problems),
        notes=tuple(notes),
    )
