"""What is said must be an answer to what is asked: where an attribute is declared, its answers are of its kind.

Asked once, where edits are applied, and by `verify`. What no attribute asks for may be said freely.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from viewer.core.attributes import Attribute
from viewer.core.edits import AnnotationChange, AnswerChange, AttributeChange, Change, Edit
from viewer.core.errors import BadRequest
from viewer.core.values import Target, TargetKind
from viewer.project.attributes.rows import answers_to, attributes_in
from viewer.project.membership import chunks
from viewer.project.store.schema import answers
from viewer.project.store.stored_values import value_of


def refuse_unfit_answers(connection: Connection, changes: Sequence[Change]) -> None:
    """Look at what changes, just applied, have left. Raises BadRequest for an answer that its attribute cannot have."""
    said: dict[TargetKind, set[str]] = {TargetKind.IMAGE: set(), TargetKind.OBJECT: set()}
    declared = {(one.after.scope, one.after.label, one.after.name) for one in _declarations(changes) if one.after}
    for change in changes:
        if isinstance(change, AnswerChange) and change.after is not None and change.target.kind in said:
            said[change.target.kind].add(change.target.target_id)
    said[TargetKind.OBJECT] |= set(_relabelled(changes))
    if not declared and not any(said.values()):
        return
    for attribute in attributes_in(connection):
        if (attribute.scope, attribute.label, attribute.name) in declared:
            found = next(_unfit(connection, attribute), None)
        else:
            found = next(_unfit_of(connection, attribute, sorted(said[attribute.target])), None)
        if found is not None:
            raise BadRequest(attribute.why_not(value_of(found)))


def unfit_answers(connection: Connection) -> list[str]:
    """Answers that their attributes cannot have, one sentence each."""
    return [
        f"An answer of {row.target} {row.target_id}: {attribute.why_not(value_of(row))}"
        for attribute in attributes_in(connection)
        for row in _unfit(connection, attribute)
    ]


def with_answers_that_fit(connection: Connection, edit: Edit) -> Edit:
    """A shape that gets another label keeps what is said of its object, but for what that label asks otherwise."""
    relabelled = _relabelled(edit.changes)
    if not relabelled:
        return edit
    known = {(change.target, change.name) for change in edit.of(AnswerChange)}
    gone: list[Change] = []
    for attribute in attributes_in(connection):
        keys = [key for key, label in relabelled.items() if (attribute.scope, attribute.label) == ("region", label)]
        for some in chunks(keys):
            here = (answers.c.target == TargetKind.OBJECT.value) & answers.c.target_id.in_(some)
            for row in connection.execute(select(answers).where(here, answers.c.label == attribute.name)):
                target = Target(kind=TargetKind.OBJECT, target_id=row.target_id)
                if (target, row.label) not in known and attribute.why_not(value_of(row)):
                    gone.append(
                        AnswerChange(
                            target=target, name=row.label, before=value_of(row), after=None, round_id=row.round_id
                        )
                    )
    return replace(edit, changes=(*gone, *edit.changes)) if gone else edit


def _declarations(changes: Sequence[Change]) -> Iterator[AttributeChange]:
    return (change for change in changes if isinstance(change, AttributeChange))


def _relabelled(changes: Sequence[Change]) -> dict[str, str]:
    """Objects whose label changes, and to which."""
    return {
        change.after.object_key: change.after.label
        for change in changes
        if isinstance(change, AnnotationChange) and change.before is not None and change.after is not None
        and change.before.label != change.after.label
    }  # fmt: skip


def _unfit(connection: Connection, attribute: Attribute, *more: ColumnElement[bool]) -> Iterator[Any]:
    for row in connection.execute(select(answers).where(answers_to(attribute), *more)):
        if attribute.why_not(value_of(row)):
            yield row


def _unfit_of(connection: Connection, attribute: Attribute, ids: Sequence[str]) -> Iterator[Any]:
    for some in chunks(ids):
        yield from _unfit(connection, attribute, answers.c.target_id.in_(some))
