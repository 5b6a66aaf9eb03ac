"""What a dialog was last used with in a project: texts of the settings by the project's id, every value checked.

A value that is no longer in its range, or offered no more, is not taken over, and that is said.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from viewer.core.checked import Fields, parse_json, shown
from viewer.core.errors import BadFile

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.ui.state.settings import Settings

WHERE = "what a dialog was last used with"


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What a number may be, both ends allowed. words: what it is called, "batch size". whole: no fraction."""

    words: str
    low: float
    high: float
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """values: what may be taken over, by name. refused: a sentence for each value that may not."""

    values: Mapping[str, Any] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


def keep_last(settings: "Settings", project: "Project", what: str, values: Mapping[str, Any]) -> None:
    """Remember the values for the next time in this project. what: which dialog, and of which kind."""
    settings.set_word(_word(project, what), json.dumps(dict(values), allow_nan=False))


def read_last(
    settings: "Settings", project: "Project", what: str,
    *, numbers: Mapping[str, Range], texts: Mapping[str, str], flags: Mapping[str, str] | None = None,
) -> Last:  # fmt: skip
    """What was kept of these names; nothing before the first time. Another name is not looked at.

    texts, flags: what each is called in a sentence, by name.
    """
    try:
        fields = Fields(parse_json(settings.word(_word(project, what), "{}"), WHERE), WHERE)
    except BadFile:
        return Last()
    choices = {**texts, **(flags or {})}
    values: dict[str, Any] = {}
    refused: list[str] = []
    for name in (one for one in (*numbers, *choices) if fields.has(one)):
        try:
            if name in numbers:
                values[name] = _number(fields, name, numbers[name])
            else:
                values[name] = fields.text(name) if name in texts else fields.flag(name)
        except BadFile:
            value = fields.plain_value(name)
            refused.append(_outside(numbers[name], value) if name in numbers else not_offered(choices[name], value))
    return Last(values=values, refused=tuple(refused))


def not_offered(words: str, value: object) -> str:
    """The sentence of a choice of last time that there is none of now. words: "model"."""
    return f"The {words} of last time, {shown(value)}, is not offered here: the default stands."


def _number(fields: Fields, name: str, within: Range) -> float:
    if within.whole:
        return fields.integer(name, int(within.low), int(within.high))
    return fields.number(name, within.low, within.high)


def _outside(within: Range, value: object) -> str:
    return (
        f"The {within.words} of last time, {shown(value)}, does not lie between {within.low:,.10g} and "
        f"{within.high:,.10g}: the default stands."
    )


def _word(project: "Project", what: str) -> str:
    """Two projects in folders of one name remember apart."""
    return f"last-used/{project.project_id}/{what}"
