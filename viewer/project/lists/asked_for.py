"""Which cases a person asks for: by words, by parts of a snapshot, and by what a model has said of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from viewer.core.errors import BadRequest
from viewer.project.case_query import CaseQuery
from viewer.project.membership import chunks
from viewer.project.project import Project
from viewer.project.readings import RoundKind
from viewer.project.records import CaseRow
from viewer.project.said.orders import AS_FILED, in_order
from viewer.project.said.reading import present_labels, said_of_cases
from viewer.project.said.short import Short
from viewer.project.snapshots.parts import CaseParts, case_parts
from viewer.project.store.schema import case_images


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedModel:
    """The model whose answers are looked at. labels: as its card has them."""

    model_hash: str
    kind: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """rows: in their order. parts: of the snapshot, None where it was not needed. said: by case, of the model."""

    rows: list[CaseRow]
    parts: CaseParts | None = None
    said: Mapping[str, Short] = field(default_factory=dict)


def cases_asked_for(
    project: Project, query: CaseQuery, *, snapshot: str | None = None, model: AskedModel | None = None,
    order: str = AS_FILED,
) -> AskedFor:  # fmt: skip
    """The cases that a filter takes. snapshot: the beginning of the id of the one whose parts are meant, None for the
    newest where parts are asked for.

    In a reading before AI is shown, what a model says of a case counts once the case is done. Raises BadRequest where
    something is asked for that is not there, and as `case_parts` does.
    """
    if query.wrong:
        raise BadRequest(query.wrong)
    if model is None and (query.said or order != AS_FILED):
        raise BadRequest("Scores, disagreement and uncertainty are a model's: name it with --model.")
    parts = case_parts(project, snapshot or "") if query.parts or snapshot is not None else None
    if parts is not None and (why_not := parts.why_not(query)):
        raise BadRequest(why_not)
    said: dict[str, Short] = {}
    rows = project.cases.all(text=query.text)
    if model is not None:
        labels = present_labels(project, model.kind, model.labels)
        if why_not := query.why_none_said(labels):
            raise BadRequest(why_not)
        first = project.round_kind is RoundKind.FIRST
        told = {row.case_id for row in rows if row.status.is_done or not first}
        found = said_of_cases(project, model.model_hash).cases
        said = {case_id: short for case_id, short in found.items() if case_id in told}
    rows = [
        row
        for row in rows
        if (parts is None or parts.fits(query, row.case_id)) and query.fits_said(said.get(row.case_id))
    ]
    return AskedFor(rows=in_order(rows, order, lambda row: said.get(row.case_id)), parts=parts, said=said)


def images_of(project: Project, rows: list[CaseRow]) -> set[str]:
    """The ids of every image of these cases."""
    found: set[str] = set()
    with project.database.reading() as connection:
        for some in chunks([row.case_id for row in rows]):
            found |= set(connection.scalars(select(case_images.c.image_id).where(case_images.c.case_id.in_(some))))
    return found
