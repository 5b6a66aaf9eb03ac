"""The frames beside an image that a model reads with it, as the project knows them or as they were opened."""

from typing import TYPE_CHECKING

from viewer.core.errors import LacksFrames
from viewer.project.samples.asking import asked_frames
from viewer.project.samples.finding import SampleFinder
from viewer.project.samples.stacks import Slice, stacks_of_records, stacks_of_series
from viewer.reading.series import FrameRef

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.ui.flows.model_choices import ModelChoice
    from viewer.ui.flows.opening import Opening


def frames_beside(
    opening: "Opening", project: "Project | None", model: "ModelChoice", ref: "FrameRef", image_id: str
) -> tuple[Slice, ...]:
    """Every frame of the sample of an image, itself among them. Reads headers and the database: on a worker thread.

    The project comes first: a scan that goes on may not have all slices yet. Raises LacksFrames, Ambiguous.
    """
    opened = SampleFinder(lambda: stacks_of_series(opening.series_list()))
    records = {} if project is None else {one.image_id: one for one in project.images.of_study(image_id)}
    if image_id not in records:
        if _is_arriving(opening, ref):
            raise LacksFrames(f"{ref.path.name} is of a study that is still being read; ask again when it is there.")
        return _asked(opened, model, ref)
    mine = records[image_id]
    known = FrameRef(path=mine.path, frame_index=mine.frame_index, sop_instance_uid=mine.sop_instance_uid)
    try:
        return _asked(SampleFinder(lambda: stacks_of_records(records.values())), model, known)
    except LacksFrames as lacking:
        try:
            return _asked(opened, model, ref)
        except LacksFrames:
            raise lacking from None


def _asked(finder: SampleFinder, model: "ModelChoice", ref: "FrameRef") -> tuple[Slice, ...]:
    return asked_frames(finder, model.reads, ref, model=model.title, modalities=model.modalities)


def _is_arriving(opening: "Opening", ref: "FrameRef") -> bool:
    return any(
        opening.is_arriving(study)
        for patient in opening.patients
        for study in patient.studies
        if any(ref in series.frames for series in study.series)
    )
