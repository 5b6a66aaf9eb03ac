"""Rows of `attributes` as values, and which answers are answers to one."""

import json
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from viewer.core.attributes import Attribute, AttributeKind
from viewer.core.codes import Code
from viewer.project.store.database import Database
from viewer.project.store.schema import annotations, answers, attributes
from viewer.project.store.stored_rows import as_stored


def attribute_of(row: Row) -> Attribute:  # type: ignore[type-arg]  # a row of `attributes`
    """A row as a value. Raises BadProject, naming it, for what cannot be asked."""
    with as_stored(f"The attribute {row.name} of {row.label or 'the image'}"):
        choices = json.loads(row.choices)
        if not isinstance(choices, list) or not all(isinstance(one, str) for one in choices):
            raise ValueError("its choices are no list of words")
        code = None
        if row.code:
            scheme, value, meaning = json.loads(row.code)
            code = Code(scheme=scheme, value=value, meaning=meaning)
        return Attribute(
            scope=row.scope, label=row.label, name=row.name, position=row.position, kind=AttributeKind(row.kind),
            choices=tuple(choices), unit=row.unit, code=code,
        )  # fmt: skip


def attribute_values(attribute: Attribute) -> dict[str, Any]:
    """The row of an attribute."""
    code = attribute.code
    return {
        "scope": attribute.scope, "label": attribute.label, "name": attribute.name, "position": attribute.position,
        "kind": attribute.kind.value, "choices": json.dumps(list(attribute.choices), allow_nan=False),
        "unit": attribute.unit,
        "code": "" if code is None else json.dumps([code.scheme, code.value, code.meaning], allow_nan=False),
    }  # fmt: skip


def attributes_in(connection: Connection) -> list[Attribute]:
    """Every attribute: of the image, of whole-image labels, of region labels; of each in the order it is asked in."""
    query = select(attributes).order_by(
        attributes.c.scope, attributes.c.label, attributes.c.position, attributes.c.name
    )
    return [attribute_of(row) for row in connection.execute(query)]


def read_attributes(database: Database) -> list[Attribute]:
    """The same, of a database."""
    with database.reading() as connection:
        return attributes_in(connection)


def answers_to(attribute: Attribute) -> ColumnElement[bool]:
    """Which rows of `answers` are answers to an attribute. An object's label is what its shapes bear."""
    named = (answers.c.target == attribute.target.value) & (answers.c.label == attribute.question)
    if attribute.scope == "image":
        return named & (answers.c.kind != "verdict")  # that is a whole-image label
    return named & answers.c.target_id.in_(
        select(annotations.c.object_id).where(annotations.c.label == attribute.label)
    )
