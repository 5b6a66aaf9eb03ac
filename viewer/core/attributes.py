"""Attributes: the questions that the label catalogue declares, of an image or of whatever carries a label.

An answer is kept under `question`, so that what is asked of an image and of each of its labels never meets.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from viewer.core.codes import Code
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.values import Choice, Quantity, TargetKind, Value, Words, value_words

NUMBER_SCOPE = "number"  # of a task whose labels are numbers of images, by their questions
MOST_NAME = 100  # characters of a name and of a choice
MOST_UNIT = 16  # characters of a unit: a code value of UCUM is an SH in DICOM (PS3.5 6.2)
MOST_CHOICES = 50
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


class AttributeKind(StrEnum):
    """What an answer to it is."""

    NUMBER = "number"
    CHOICE = "choice"
    TEXT = "text"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One question. scope, label: of whose carriers it is asked, as `Label` has them; label "" (scope "image"): of each
    image itself. name: unique there. position: 0-based order there. choices: of a choice, two at least. unit: of a
    number, in UCUM; "" for a number of things. code: what is asked for, in a terminology.

    Raises BadRequest for what cannot be asked.
    """

    scope: str
    label: str
    name: str
    position: int
    kind: AttributeKind
    choices: tuple[str, ...] = ()
    unit: str = ""
    code: Code | None = None

    def __post_init__(self) -> None:
        if self.scope not in ("region", "image") or (self.scope == "region" and not self.label):
            raise BadRequest("An attribute is one of a region label, of a whole-image label, or of the image itself.")
        # A colon parts the label from the name where both are written, as in a column of a table.
        if not _is_name(self.name) or ":" in self.name:
            raise BadRequest(
                f"An attribute's name has 1 to {MOST_NAME} characters and no colon; {self.name!r} is none."
            )
        if self.kind is AttributeKind.VERDICT and self.scope == "image":
            raise BadRequest(
                f"What is answered yes or no of a whole image is one of its labels: add a label {self.name} instead."
            )
        if self.kind is AttributeKind.CHOICE:
            _assure_choices(self.name, self.choices)
        elif self.choices:
            raise BadRequest(f"{self.name} is a {self.kind.value}, and that has no choices.")
        if self.unit and self.kind is not AttributeKind.NUMBER:
            raise BadRequest(f"{self.name} is a {self.kind.value}, and only a number has a unit.")
        if not all("!" <= letter <= "~" for letter in self.unit) or len(self.unit) > MOST_UNIT:
            raise BadRequest(
                f"{self.unit!r} is no unit as UCUM writes them, such as mm, kg, % or a (years): it has at most "
                f"{MOST_UNIT} letters and signs, and no blank."
            )

    @property
    def target(self) -> TargetKind:
        """What it is asked of."""
        return TargetKind.OBJECT if self.scope == "region" else TargetKind.IMAGE

    @property
    def question(self) -> str:
        """The name that its answers are kept under: of a whole-image label with the label before it."""
        return f"{self.label}: {self.name}" if self.scope == "image" and self.label else self.name

    @property
    def of_what(self) -> str:
        """Such as "the image" or "Nodule", for a sentence."""
        return self.label or "the image"

    @property
    def words(self) -> str:
        """What may be answered, in a few words: "a number in mm", "smooth, lobulated or spiculated"."""
        return ANSWER_KINDS[self.kind].words(self)

    def why_not(self, value: Value) -> str:
        """Why a value is no answer to it, one sentence; "" where it is one."""
        kind = ANSWER_KINDS[self.kind]
        if isinstance(value, kind.holds) and kind.fits(self, value):
            return ""
        return f"{self.question} is {self.words}, and “{value_words(value)}” is not that."

    def read(self, text: str) -> Value:
        """What a person typed as an answer. Raises BadRequest, in one sentence, where it is none."""
        return ANSWER_KINDS[self.kind].read(self, text.strip())


def read_number(text: str) -> float:
    """A number as a person types it, with a point. Raises BadRequest for what is none, or may be another one."""
    plain = text.strip().replace("\N{MINUS SIGN}", "-")
    if _NUMBER.fullmatch(plain) and math.isfinite(float(plain)):
        return float(plain)
    if "," in plain and _NUMBER.fullmatch(plain.replace(",", ".", 1)):
        raise BadRequest(f"“{text}” may be read in two ways; write a point before the decimals, and nothing else.")
    raise BadRequest(f"“{text}” is no number.")


def next_place(attributes: Iterable[Attribute], scope: str, label: str) -> int:
    """The position of a new attribute: after all others of the same label."""
    return max((one.position for one in attributes if (one.scope, one.label) == (scope, label)), default=-1) + 1


def numbers_of_images(attributes: Iterable[Attribute]) -> list[Attribute]:
    """Those that are numbers, and are asked of whole images."""
    return [one for one in attributes if one.kind is AttributeKind.NUMBER and one.target is TargetKind.IMAGE]


def _is_name(text: str) -> bool:
    return bool(text.strip()) and text == text.strip() and len(text) <= MOST_NAME and text.isprintable()


def _assure_choices(name: str, choices: Sequence[str]) -> None:
    if not 2 <= len(choices) <= MOST_CHOICES or not all(map(_is_name, choices)):
        raise BadRequest(f"{name} needs 2 to {MOST_CHOICES} choices, each of 1 to {MOST_NAME} characters.")
    if len({choice.casefold() for choice in choices}) < len(choices):
        raise BadRequest(f"{name} names a choice twice.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerKind:
    """A kind of answer. holds: the class of its values. words: what may be answered. fits: whether a value of that
    class may. read: what was typed."""

    holds: type
    words: Callable[[Attribute], str]
    fits: Callable[[Attribute, Value], bool]
    read: Callable[[Attribute, str], Value]


def _number_words(attribute: Attribute) -> str:
    return f"a number in {attribute.unit}" if attribute.unit else "a number without a unit"


def _in_its_unit(attribute: Attribute, value: Value) -> bool:
    return isinstance(value, Quantity) and value.unit == attribute.unit


def _quantity(attribute: Attribute, text: str) -> Value:
    number, _, unit = text.partition(" ")
    if unit.strip() not in ("", attribute.unit):
        raise BadRequest(f"{attribute.question} is {attribute.words}; “{text}” is in another unit.")
    return Quantity(number=read_number(number), unit=attribute.unit)


def _choice_words(attribute: Attribute) -> str:
    return f"{', '.join(attribute.choices[:-1])} or {attribute.choices[-1]}"


def _one_of_them(attribute: Attribute, value: Value) -> bool:
    return isinstance(value, Choice) and value.word in attribute.choices


def _choice(attribute: Attribute, text: str) -> Value:
    found = [choice for choice in attribute.choices if choice.casefold() == text.casefold()]
    if not found:
        raise BadRequest(f"{attribute.question} is {attribute.words}, and “{text}” is none of them.")
    return Choice(word=found[0])


def _verdict(attribute: Attribute, text: str) -> Value:
    if text.casefold() not in set(Verdict):
        raise BadRequest(f"{attribute.question} is {attribute.words}, and “{text}” is none of them.")
    return Verdict(text.casefold())


def _always(attribute: Attribute, value: Value) -> bool:
    return True


ANSWER_KINDS: dict[AttributeKind, AnswerKind] = {
    AttributeKind.NUMBER: AnswerKind(holds=Quantity, words=_number_words, fits=_in_its_unit, read=_quantity),
    AttributeKind.CHOICE: AnswerKind(holds=Choice, words=_choice_words, fits=_one_of_them, read=_choice),
    AttributeKind.TEXT: AnswerKind(
        holds=Words, words=lambda attribute: "a text", fits=_always, read=lambda attribute, text: Words(text=text)
    ),
    AttributeKind.VERDICT: AnswerKind(
        holds=Verdict, words=lambda attribute: "yes, no, uncertain or not assessed", fits=_always, read=_verdict
    ),
}
