"""The frames that a question to a model takes, beside the image it is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewer.core.errors import LacksFrames
from viewer.core.samples import SampleRule
from viewer.project.samples.finding import SampleFinder
from viewer.project.samples.stacks import Slice, stacks_of_records, stacks_of_series
from viewer.reading.series import FrameRef, Series

if TYPE_CHECKING:
    from viewer.project.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """What a model reads, as a sentence of it needs it. modalities: of the images that it was trained on."""

    name: str
    rule: SampleRule
    modalities: tuple[str, ...] = ()


def asked_frames(finder: SampleFinder, reader: Reader, ref: FrameRef) -> tuple[Slice, ...]:
    """Every frame of the sample of an image, itself among them; () where a sample is one image.

    Raises LacksFrames with what is not there, Ambiguous.
    """
    if reader.rule.is_plain:
        return ()
    try:
        return tuple(frame.slice for frame in finder.find(reader.rule, ref).frames)
    except LacksFrames as error:
        raise LacksFrames(
            f"{reader.name} reads {reader.rule.words(reader.modalities)}, but {ref.path.name} {error}; open or name "
            "the folder that holds the whole study, or choose another model."
        ) from error


def frames_beside(
    project: "Project | None", opened: Sequence[Series], reader: Reader, ref: FrameRef, image_id: str
) -> tuple[Slice, ...]:
    """The same as a project knows them, else as they were opened. Reads headers and the database.

    The project comes first: a scan that goes on may not have all slices yet. Raises as `asked_frames` does.
    """
    scanned = SampleFinder(lambda: stacks_of_series(opened))
    records = {} if project is None else {one.image_id: one for one in project.images.of_study(image_id)}
    if image_id not in records:
        return asked_frames(scanned, reader, ref)
    mine = records[image_id]
    known = FrameRef(path=mine.path, frame_index=mine.frame_index, sop_instance_uid=mine.sop_instance_uid)
    try:
        return asked_frames(SampleFinder(lambda: stacks_of_records(records.values())), reader, known)
    except LacksFrames as lacking:
        try:
            return asked_frames(scanned, reader, ref)
        except LacksFrames:
            raise lacking from None
