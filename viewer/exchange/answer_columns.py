"""Columns of a table that answer what the catalogue asks of each image: which they are, and what their cells say.

`--answer age=AGE` reads the column AGE as answers to the question age. Where the project does not ask it yet, its unit
is given, `--answer "age [a]=AGE"`, and the import asks it: a number in that unit.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from viewer.core.attributes import Attribute, AttributeKind, next_place
from viewer.core.errors import AppError, BadRequest
from viewer.core.values import Quantity, Value
from viewer.exchange.importer import Asked, ImageName, Item, Outcome, Remark, left_out
from viewer.exchange.options import Option, Options
from viewer.exchange.table import Numbers, Row, Table, plain_column

ANSWER = "answer"
OPTION = Option(
    name=ANSWER,
    title="Columns of answers",
    help="a column that answers what is asked of each image, such as age=AGE; where the project does not ask it yet, "
    "with the unit of the number, as UCUM writes it: 'age [a]=AGE', or 'beds []=BEDS' for a number without one",
    several=True,
    metavar="NAME=COLUMN",
    hint="age [a]=AGE",
)
_WITH_UNIT = re.compile(r"(.+?)\s*\[(.*)\]")
NO_ANSWER = "answers that cannot be read"  # the rule of the remarks


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerColumn:
    """attribute: what the column answers. is_new: whether the project does not ask it yet."""

    attribute: Attribute
    column: str
    is_new: bool


class AnswerColumns:
    """Those of one table. Raises BadRequest for a column that is not there, and for a question that is none."""

    def __init__(self, table: Table, options: Options) -> None:
        self.columns: list[AnswerColumn] = []
        self._path = table.path
        self._numbers: dict[str, Numbers] = {}
        for text in options.all(ANSWER):
            said, equals, wanted = text.rpartition("=")
            if not equals or not said.strip() or not wanted.strip():
                raise BadRequest(f"--{ANSWER} names a question and its column, such as age=AGE, unlike {text!r}.")
            column = _column(table, wanted.strip())
            self.columns.append(self._read(said.strip(), column, options.asked))
            self._numbers[column] = Numbers(options.one("decimal"))
        questions = [one.attribute.question for one in self.columns]
        if twice := [one for one in questions if questions.count(one) > 1]:
            raise BadRequest(f"--{ANSWER} names {twice[0]} twice; one column answers it.")

    @property
    def used(self) -> set[str]:
        """The columns that it reads."""
        return {one.column for one in self.columns}

    @property
    def questions(self) -> dict[str, str]:
        """The question that each of them answers, by the column."""
        return {one.column: one.attribute.question for one in self.columns}

    def asked(self) -> Iterator[Item]:
        """What the import asks from now on."""
        yield from (Asked(attribute=one.attribute) for one in self.columns if one.is_new)

    def look(self, row: Row) -> None:
        """See a row before the table is read: a decimal comma in one cell tells of the others."""
        for one in self.columns:
            self._numbers[one.column].look(row.get(one.column))

    def read(self, row: Row, name: ImageName, what: str, remarks: list[Remark]) -> dict[str, Value]:
        """What a row says of its image, by the question. An empty cell says nothing. remarks: what cannot be read is
        put there."""
        found: dict[str, Value] = {}
        for one in self.columns:
            text = row.get(one.column).strip()
            if not text:
                continue
            try:
                found[one.attribute.question] = self._value(one, text)
            except (AppError, ValueError) as error:
                ambiguous = "decimal comma" in str(error)
                sentence = f"{what}: the column {one.column} says {text!r}, {str(error).rstrip('.')}; it was left out."
                remarks.append(
                    left_out(
                        name, sentence, rule=NO_ANSWER, of_record=False, settle="--decimal comma" if ambiguous else "",
                        outcome=Outcome.AMBIGUOUS if ambiguous else Outcome.LEFT_OUT,
                    )
                )  # fmt: skip
        return found

    @property
    def with_comma(self) -> int:
        """How many numbers were read with a decimal comma."""
        return sum(numbers.with_comma for numbers in self._numbers.values())

    def _value(self, one: AnswerColumn, text: str) -> Value:
        if one.attribute.kind is AttributeKind.NUMBER:
            return Quantity(number=self._numbers[one.column].read(text), unit=one.attribute.unit)
        return one.attribute.read(text)

    def _read(self, said: str, column: str, asked: Sequence[Attribute]) -> AnswerColumn:
        whole = _WITH_UNIT.fullmatch(said)
        name, unit = (whole[1].strip(), whole[2].strip()) if whole else (said, None)
        there = next((one for one in asked if one.question == name), None)
        if there is None and unit is None:
            have = ", ".join(one.question for one in asked) or "nothing"
            raise BadRequest(
                f"This project does not ask for {name} of an image (it asks for {have}): say the unit of the number, "
                f"--{ANSWER} '{name} [UNIT]={column}', [] without one, and the import asks it."
            )
        if there is None:
            new = Attribute(
                scope="image", label="", name=name, position=next_place(asked, "image", "") + len(self.columns),
                kind=AttributeKind.NUMBER, unit=unit or "",
            )  # fmt: skip
            return AnswerColumn(attribute=new, column=column, is_new=True)
        if unit is not None and (there.kind is not AttributeKind.NUMBER or unit != there.unit):
            raise BadRequest(f"{name} is {there.words} in this project, and --{ANSWER} says [{unit}].")
        return AnswerColumn(attribute=there, column=column, is_new=False)


def _column(table: Table, name: str) -> str:
    """A column by its name, as it is written, else in other case and with other blanks. Raises BadRequest."""
    alike = [name] if name in table.columns else []
    alike = alike or [one for one in table.columns if plain_column(one) == plain_column(name)]
    if len(alike) != 1 or table.columns.count(alike[0]) > 1:
        have = "several" if alike else "none"
        raise BadRequest(
            f"{table.path} has {have} of the name {name} that --{ANSWER} gives; it has {', '.join(table.columns)}."
        )
    return alike[0]
