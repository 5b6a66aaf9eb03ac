"""One function per gesture on the attributes of the catalogue; each is one edit for `history.do`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, select

from viewer.core.attributes import Attribute
from viewer.core.edits import AnswerChange, AttributeChange, Change, Edit
from viewer.core.errors import BadRequest
from viewer.core.text.counting import counted
from viewer.core.values import Choice, Target, TargetKind, Value
from viewer.project.attributes.rows import answers_to
from viewer.project.project import Project
from viewer.project.store.schema import answers
from viewer.project.store.stored_values import value_of


def declare(attribute: Attribute) -> Edit:
    """Ask something from now on."""
    change = AttributeChange(before=None, after=attribute)
    return Edit(text=f"ask {attribute.name} of {attribute.of_what}", changes=(change,), of_all=True)


def rename(attribute: Attribute, name: str) -> Edit:
    """Call a question otherwise; its answers stay answers to it."""
    change = AttributeChange(before=attribute, after=replace(attribute, name=name))
    return Edit(text=f"rename {attribute.name} to {name}", changes=(change,), of_all=True)


def move(attribute: Attribute, other: Attribute) -> Edit:
    """Two questions about the same change places."""
    changes = (
        AttributeChange(before=attribute, after=replace(attribute, position=other.position)),
        AttributeChange(before=other, after=replace(other, position=attribute.position)),
    )
    return Edit(text=f"move {attribute.name}", changes=changes, of_all=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What changing or removing an attribute would do. lost: answers that are taken back, in any reading."""

    attribute: Attribute
    lost: int
    edit: Edit

    @property
    def sentence(self) -> str:
        """What a person is told before it is done."""
        if not self.lost:
            return f"No answer to {self.attribute.name} is lost."
        verb = "goes" if self.lost == 1 else "go"
        return f"{counted(self.lost, 'answer')} to {self.attribute.name} of {self.attribute.of_what} {verb} with it."


def removing(project: Project, attribute: Attribute) -> Asking:
    """How an attribute leaves the catalogue, with its answers."""
    with project.database.reading() as connection:
        gone = _taken_back(connection, attribute, lambda value: None)
    changes: tuple[Change, ...] = (*gone, AttributeChange(before=attribute, after=None))
    edit = Edit(text=f"ask {attribute.name} of {attribute.of_what} no more", changes=changes, of_all=True)
    return Asking(attribute=attribute, lost=len(gone), edit=edit)


def changing(
    project: Project, attribute: Attribute, after: Attribute, *, renamed: dict[str, str] | None = None
) -> Asking:
    """How an attribute becomes another of the same name. renamed: choices, from what they were called to what they are
    called now: answers follow. Those that the new one cannot have are taken back. Raises BadRequest for another name.
    """
    if after.name != attribute.name:
        raise BadRequest(f"{attribute.name} is renamed in a step of its own.")
    words = renamed or {}

    def then(value: Value) -> Value | None:
        new = Choice(word=words.get(value.word, value.word)) if isinstance(value, Choice) else value
        return None if after.why_not(new) else new

    with project.database.reading() as connection:
        changes = _taken_back(connection, attribute, then)
    lost = sum(change.after is None for change in changes)
    # What is taken back goes first, what is said otherwise comes after: each fits what is asked then.
    every: tuple[Change, ...] = (*changes, AttributeChange(before=attribute, after=after))
    edit = Edit(text=f"change what {attribute.name} of {attribute.of_what} asks", changes=every, of_all=True)
    return Asking(attribute=attribute, lost=lost, edit=edit)


def _taken_back(
    connection: Connection, attribute: Attribute, then: Callable[[Value], Value | None]
) -> Sequence[AnswerChange]:
    """Its answers in every round, those that change: to what `then` makes of each, or to nothing."""
    found = []
    query = select(answers).where(answers_to(attribute)).order_by(answers.c.target_id, answers.c.round_id)
    for row in connection.execute(query):
        before = value_of(row)
        after = then(before)
        if after != before:
            target = Target(kind=TargetKind(row.target), target_id=row.target_id)
            found.append(AnswerChange(target=target, name=row.label, before=before, after=after, round_id=row.round_id))
    return found
