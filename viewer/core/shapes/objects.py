"""What is said of a whole object beside its shapes: how far it is, a comment, and that it is one with another."""

from dataclasses import dataclass
from enum import StrEnum

from viewer.core.errors import BadRequest

MOST_LETTERS = 2000  # of a comment


class ObjectState(StrEnum):
    """How far the talk about an object is."""

    UNSAID = ""
    IN_QUESTION = "in question"  # somebody shall look at it again
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectNote:
    """Its state and a comment. Raises BadRequest for a comment that is too long."""

    state: ObjectState = ObjectState.UNSAID
    comment: str = ""

    def __post_init__(self) -> None:
        if len(self.comment) > MOST_LETTERS:
            raise BadRequest(f"A comment on an object has at most {MOST_LETTERS} characters.")

    @property
    def words(self) -> str:
        """The state with the comment: "in question: calcified?"; "" where nothing is said."""
        return ": ".join(part for part in (self.state.value, self.comment) if part)


UNSAID = ObjectNote()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLink:
    """Two objects of two cases of a patient that are one thing. author: who said so. time: when, ISO 8601 in UTC.

    first_id, second_id: the objects', the lesser first, so that a pair has one form. Raises BadRequest for one alone.
    """

    first_id: str
    second_id: str
    author: str = ""
    time: str = ""

    def __post_init__(self) -> None:
        if self.first_id == self.second_id:
            raise BadRequest("An object is one with itself already: name another one.")
        if self.first_id > self.second_id:
            first, second = self.second_id, self.first_id
            object.__setattr__(self, "first_id", first)
            object.__setattr__(self, "second_id", second)

    def other(self, object_key: str) -> str:
        """The object that one of the two is linked with."""
        return self.second_id if object_key == self.first_id else self.first_id
