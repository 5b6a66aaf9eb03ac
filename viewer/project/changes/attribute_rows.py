"""Attributes of the label catalogue: how a change of one alters the tables, and its answers with it."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select, tuple_, update

from viewer.core.attributes import NUMBER_SCOPE, Attribute, numbers_of_images
from viewer.core.edits import AttributeChange
from viewer.core.errors import BadRequest
from viewer.core.text.counting import counted
from viewer.project.attributes.rows import answers_to, attribute_of, attribute_values
from viewer.project.changes.task_rows import change_tasks
from viewer.project.changes.work_rows import subject
from viewer.project.store.schema import answers, attributes, labels

Key = tuple[str, ...]


def attribute_keys(change: AttributeChange) -> tuple[Key, ...]:
    """What a change is about. Whoever renames one changes what its answers are called; see `changed_by`."""
    rows = [one for one in (change.before, change.after) if one is not None]
    keys = {("attribute", one.name, one.scope, one.label) for one in rows}
    renamed = {asked_key(one) for one in rows} if len(keys) > 1 else set()
    return tuple(sorted(keys | renamed))


def asked_key(attribute: Attribute) -> Key:
    """What answers to it are about where it is renamed."""
    return ("asked", attribute.question.rpartition(": ")[2], attribute.question, attribute.target.value)


def name_attribute(change: AttributeChange) -> str:
    """Words for the thing."""
    one: Attribute = subject(change)
    return f"The attribute {one.name} of {one.of_what}"


def attributes_there(connection: Connection, changes: Sequence[AttributeChange]) -> list[Attribute | None]:
    """The rows of the catalogue that changes are about."""
    asked = [(one.scope, one.label, one.name) for one in map(subject, changes)]
    here = tuple_(attributes.c.scope, attributes.c.label, attributes.c.name).in_(asked)
    rows = connection.execute(select(attributes).where(here).with_for_update())
    found = {(row.scope, row.label, row.name): attribute_of(row) for row in rows}
    return [found.get(key) for key in asked]


def write_attributes(connection: Connection, changes: Sequence[AttributeChange]) -> None:
    """Declare, change, rename and remove. Raises BadRequest for one that is answered still, and for a taken name."""
    for change in changes:
        _write(connection, change.before, change.after)


def _write(connection: Connection, before: Attribute | None, after: Attribute | None) -> None:
    if before is not None:
        connection.execute(attributes.delete().where(*_here(before)))
        if after is None and (count := _count(connection, before)):
            raise BadRequest(
                f"{before.name} of {before.of_what} has {counted(count, 'answer')}; take those back first."
            )
    _write_tasks(connection, before, after)
    if after is None:
        return
    if connection.execute(select(attributes.c.name).where(*_here(after))).first() is not None:
        raise BadRequest(f"{after.of_what} has an attribute {after.name} already; choose another name.")
    _refuse_a_labels_name(connection, after)
    connection.execute(attributes.insert().values(**attribute_values(after)))
    if before is not None and before.question != after.question:
        if count := _count(connection, after):
            raise BadRequest(f"{counted(count, 'answer')} named {after.name} stand there already; choose another name.")
        connection.execute(update(answers).where(answers_to(before)).values(label=after.question))


def _write_tasks(connection: Connection, before: Attribute | None, after: Attribute | None) -> None:
    """Tasks of numbers follow: a renamed one, one that is asked no more, and one that is asked again."""
    was, now = (next((one.question for one in numbers_of_images([row] if row else [])), "") for row in (before, after))
    if was and now and was != now:
        change_tasks(connection, NUMBER_SCOPE, was, now)
    elif was and not now:
        change_tasks(connection, NUMBER_SCOPE, was, {"removed": was}, least=True)
    elif now and not was:
        change_tasks(connection, NUMBER_SCOPE, {"removed": now}, now)


def _refuse_a_labels_name(connection: Connection, attribute: Attribute) -> None:
    """A whole-image label of the same name would answer in the same place."""
    label = labels.c.name == attribute.question
    if attribute.scope == "image" and connection.scalar(select(labels.c.name).where(labels.c.scope == "image", label)):
        raise BadRequest(f"There is a whole-image label {attribute.question} already; choose another name.")


def _count(connection: Connection, attribute: Attribute) -> int:
    return int(connection.scalar(select(func.count()).select_from(answers).where(answers_to(attribute))) or 0)


def _here(attribute: Attribute):  # type: ignore[no-untyped-def]  # three conditions of SQLAlchemy
    return (
        attributes.c.scope == attribute.scope,
        attributes.c.label == attribute.label,
        attributes.c.name == attribute.name,
    )


def rename_label_of(connection: Connection, scope: str, old: str, new: str) -> None:
    """A label has another name: its attributes are of that one, and answers that name the label follow."""
    of_label = select(attributes).where(attributes.c.scope == scope, attributes.c.label == old)
    for row in connection.execute(of_label).all():
        before = attribute_of(row)
        connection.execute(update(attributes).where(*_here(before)).values(label=new))
        if scope == "image":
            question = f"{new}: {before.name}"
            connection.execute(update(answers).where(answers_to(before)).values(label=question))
            change_tasks(connection, NUMBER_SCOPE, before.question, question)


def refuse_while_asked(connection: Connection, scope: str, label: str) -> None:
    """A label leaves the catalogue after its attributes. Raises BadRequest."""
    asked = select(attributes.c.name).where(attributes.c.scope == scope, attributes.c.label == label)
    names = list(connection.scalars(asked.order_by(attributes.c.position)))
    if names:
        raise BadRequest(
            f"The label {label} has {counted(len(names), 'attribute')}, {', '.join(names)}; remove "
            f"{'it' if len(names) == 1 else 'them'} first."
        )


def refuse_an_attributes_name(connection: Connection, scope: str, name: str) -> None:
    """A whole-image label and a question about the image cannot share a name. Raises BadRequest."""
    if scope != "image":
        return
    asked = select(attributes).where(attributes.c.scope == "image")
    if any(attribute_of(row).question == name for row in connection.execute(asked)):
        raise BadRequest(f"{name} is an attribute already; choose another name for the label.")
