"""What a model proposes slice by slice, said to be one thing where it is: a nodule on twelve slices is one finding."""

import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sqlalchemy import select

from viewer.core.shapes.annotations import Decision, Prediction, Proposal
from viewer.core.shapes.joining import Piece, joined
from viewer.core.text.counting import counted
from viewer.project.membership import chunks
from viewer.project.project import Project
from viewer.project.records import ImageRecord
from viewer.project.samples.finding import SAME_PLACE_MM
from viewer.project.samples.stacks import Stack, along_mm, stacks_of_records
from viewer.project.store.schema import decisions

WIDE = 1.5  # of the usual distance of two slices: from here on one lacks between them


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """How many shapes on neighbouring slices are how many findings now."""

    shapes: int
    findings: int

    @property
    def words(self) -> str:
        """In a sentence."""
        shapes = counted(self.shapes, "shape")
        return f"{shapes} on neighbouring slices lie over each other: {counted(self.findings, 'finding')}."


def in_order(stack: Stack, id_of: Mapping[tuple[Path, int], str]) -> list[str]:
    """The images of a stack along its normal, "" where a slice lacks between two or two lie at one place.

    id_of: an image by its file and frame. Empty for what has no place in the patient, such as films and cine loops.
    """
    gaps_mm = [along_mm(after) - along_mm(before) for before, after in pairwise(stack.slices)]
    usual_mm = statistics.median(gaps_mm) if gaps_mm else 0.0
    ids = [id_of.get((one.ref.path, one.ref.frame_index), "") for one in stack.slices]
    found = ids[:1]
    for gap_mm, image_id in zip(gaps_mm, ids[1:], strict=True):
        if not SAME_PLACE_MM <= gap_mm < WIDE * usual_mm:
            found.append("")
        found.append(image_id)
    return found


def join_slices(
    project: Project, image_ids: Sequence[str], model_hash: str, *, rows: int, cols: int
) -> Joined:  # fmt: skip
    """Join what a model proposes on a stack of slices.

    image_ids: the slices in the order of space, "" for one that parts what lies beside it. rows, cols: of each. Only
    what the model proposes at its operating point is joined, and only what nobody has decided on yet, in any reading;
    what was joined before is joined anew. A slice of which the model was not asked ends what passes through it.
    Raises NotWritable.
    """
    of_images = project.predictions.of_images([one for one in image_ids if one])
    answers = [_newest(of_images.get(image_id, ()), model_hash) for image_id in image_ids]
    fixed = _fixed(project, [one for answer in answers if answer is not None for one in answer.proposals])
    free = [[] if answer is None else _free(answer, fixed) for answer in answers]
    slices = [
        [
            Piece(key=one.proposal_id, label=one.label, shape=one.shape)
            for one in several
            if one.shape is not None and answer is not None and answer.proposes(one)
        ]
        for answer, several in zip(answers, free, strict=True)
    ]
    chains = joined(slices, rows, cols)
    object_of = {key: chain[0] for chain in chains for key in chain}
    of_proposal = {one.proposal_id: object_of.get(one.proposal_id, "") for several in free for one in several}
    project.predictions.say_objects(of_proposal, image_ids)
    return Joined(shapes=len(object_of), findings=len(chains))


def join_stacks(
    project: Project, records: Sequence[ImageRecord], image_ids: Collection[str], model_hash: str
) -> Joined:
    """Join what a model proposes on each series of which it has answered an image. image_ids: those that it has
    answered, of `records`. Reads the headers that `stacks_of_records` reads. Raises NotWritable."""
    asked = set(image_ids)
    by_id = {one.image_id: one for one in records}
    about = {by_id[image_id].series_id for image_id in asked if image_id in by_id}
    every = []
    for stack in stacks_of_records(one for one in records if one.series_id and one.series_id in about):
        slices = {(one.ref.path, one.ref.frame_index): one.image_id for one in stack.slices if one.image_id in asked}
        for image_id in list(slices.values())[:1]:
            one, order = by_id[image_id], in_order(stack, slices)
            every.append(join_slices(project, order, model_hash, rows=one.rows, cols=one.cols))
    return Joined(shapes=sum(one.shapes for one in every), findings=sum(one.findings for one in every))


def _newest(answers: Sequence[Prediction], model_hash: str) -> Prediction | None:
    return next((one for one in reversed(answers) if one.model_hash == model_hash), None)


def _free(answer: Prediction, fixed: set[str]) -> list[Proposal]:
    """What may be joined, or stands alone again."""
    return [one for one in answer.proposals if one.shape is not None and one.proposal_id not in fixed]


def _fixed(project: Project, several: Sequence[Proposal]) -> set[str]:
    """Those that somebody has decided on, in any reading, those that are one thing with such a one, and those of which
    the model itself has said what is one thing."""
    ids = {one.proposal_id: None for one in several}  # what was joined here is called by its first part
    by_models = {one.proposal_id for one in several if one.object_id and one.object_id not in ids}
    decided: set[str] = set()
    with project.database.reading() as connection:
        for some in chunks(list(ids)):
            query = select(decisions.c.proposal_id).where(
                decisions.c.proposal_id.in_(some), decisions.c.decision != Decision.UNDECIDED.value
            )
            decided.update(connection.scalars(query))
    objects = {one.object_id for one in several if one.object_id and one.proposal_id in decided}
    return by_models | decided | {one.proposal_id for one in several if one.object_id in objects}
