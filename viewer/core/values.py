"""What can be said, and of what: a verdict, a choice, a number with its unit or words, of an image up to a patient.

One form for whole-image labels, attributes of objects, answers about a study, measures to be predicted, and what a
model says of them.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict

MOST_WORDS = 10_000  # characters of a text


class TargetKind(StrEnum):
    """What something is said of."""

    IMAGE = "image"
    SERIES = "series"
    STUDY = "study"
    PATIENT = "patient"
    OBJECT = "object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """target_id: of an image its image id, of a series its series id, of a study its Study Instance UID, of a patient
    `patient_key`, of an object its object id. Raises BadRequest without one."""

    kind: TargetKind
    target_id: str

    def __post_init__(self) -> None:
        if not self.target_id:
            raise BadRequest(f"Nothing can be said of {_article(self.kind)} that has no id.")


def patient_key(source: str, patient_id: str) -> str:
    """A patient id is valid within its source only. Raises BadRequest without one: nobody is not a person."""
    if not patient_id:
        raise BadRequest("Nothing can be said of a patient who has no id; give the films their patient ids first.")
    return f"{source}\n{patient_id}"


def _article(kind: TargetKind) -> str:
    return f"{'an' if kind in (TargetKind.IMAGE, TargetKind.OBJECT) else 'a'} {kind.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One word of several that a question offers."""

    word: str

    def __post_init__(self) -> None:
        if not self.word.strip():
            raise BadRequest("A choice is a word.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number with its unit, as UCUM writes it ("mm", "kg", "[hnsf'U]"); "" for a number of things."""

    number: float
    unit: str = ""

    def __post_init__(self) -> None:
        if not math.isfinite(self.number):
            raise BadRequest(f"{self.number} is no number that anything can have.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text."""

    text: str

    def __post_init__(self) -> None:
        if not self.text.strip() or len(self.text) > MOST_WORDS:
            raise BadRequest(f"A text has 1 to {MOST_WORDS} characters.")


Value = Verdict | Choice | Quantity | Words


def number_words(number: float) -> str:
    """A number as exactly as it was said: "45", "43.2567"."""
    return repr(float(number)).removesuffix(".0")


def value_words(value: Value) -> str:
    """A value as people read it: "yes", "solid", "4.5 mm"."""
    match value:
        case Verdict():
            return value.value
        case Choice():
            return value.word
        case Quantity():
            return f"{number_words(value.number)} {value.unit}".rstrip()
        case Words():
            return value.text
