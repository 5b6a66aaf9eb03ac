"""Values that came from a file: each is asked for by name, with its type and range, and a wrong one is one sentence."""

import json
import math
from collections.abc import Collection
from typing import Any

from viewer.core.errors import AppError, BadFile

# Far above what this program writes; what is longer was not written by it.
MOST_TEXT = 100_000
MOST_ITEMS = 100_000
_ABSENT: Any = object()


def parse_json(text: str | bytes, where: str, *, error: type[AppError] = BadFile, advice: str = "") -> Any:
    """A JSON document. where: what it is, for the sentence. Raises `error`, also for one that is nested too deep."""
    try:
        return json.loads(text)
    except RecursionError as cause:
        raise error(f"{where} is nested too deep to be read{_then(advice)}.") from cause
    except ValueError as cause:
        raise error(f"{where} is not JSON ({cause}){_then(advice)}.") from cause


class Fields:
    """One JSON object. Each method gives one value, `default` where it is absent, or raises `error` in a sentence.

    where: the file, and where in it. advice: what to do, as the end of the sentence.
    """

    def __init__(self, document: object, where: str, *, error: type[AppError] = BadFile, advice: str = "") -> None:
        self.where, self._error, self._advice = where, error, advice
        if not isinstance(document, dict):
            raise error(f"{where} should be a JSON object, not {shown(document)}{_then(advice)}.")
        self._document: dict[str, Any] = document

    def names(self) -> tuple[str, ...]:
        """What there is."""
        return tuple(self._document)

    def has(self, name: str) -> bool:
        """Whether there is a value, null included."""
        return name in self._document

    def plain_value(self, name: str) -> Any:
        """What stands there as it is, None where nothing does: only to ask whether there is something."""
        return self._document.get(name)

    def refuse(self, name: str, wanted: str) -> AppError:
        """The error that says what `name` should be."""
        found = shown(self._document.get(name))
        return self._error(f"{self.where}: {name} should be {wanted}, not {found}{_then(self._advice)}.")

    def text(self, name: str, default: Any = _ABSENT, *, most: int = MOST_TEXT) -> str:
        """A text that can be written down (no half of a surrogate pair)."""
        value = self._get(name, default)
        if value is default:
            return str(value)
        if not is_text(value, most=most):
            raise self.refuse(name, f"a text of at most {most} characters")
        return str(value)

    def word(self, name: str, choices: Collection[str], default: Any = _ABSENT) -> str:
        """One of a few words."""
        value = self._get(name, default)
        if value is not default and not (isinstance(value, str) and value in choices):
            raise self.refuse(name, f"one of {', '.join(choices)}")
        return str(value)

    def flag(self, name: str, default: Any = _ABSENT) -> bool:
        """true or false."""
        value = self._get(name, default)
        if not isinstance(value, bool):
            raise self.refuse(name, "true or false")
        return value

    def integer(self, name: str, low: int, high: int, default: Any = _ABSENT) -> int:
        """A whole number within low..high."""
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.refuse(name, f"a whole number from {low} to {high}")
        return value

    def integer_or_none(self, name: str, low: int, high: int) -> int | None:
        """A whole number, or None for null and what is not there."""
        return None if self._document.get(name) is None else self.integer(name, low, high)

    def number(self, name: str, low: float, high: float, default: Any = _ABSENT) -> float:
        """A finite number within low..high."""
        value = self._get(name, default)
        if not is_number(value) or not low <= value <= high:
            raise self.refuse(name, f"a number from {low:g} to {high:g}")
        return float(value)

    def number_or_none(self, name: str, low: float = -math.inf, high: float = math.inf) -> float | None:
        """A finite number, or None for null and what is not there."""
        value = self._document.get(name)
        if value is None:
            return None
        if not is_number(value) or not low <= value <= high:
            raise self.refuse(name, "a number or null")
        return float(value)

    def numbers(self, name: str, low: float, high: float, default: Any = _ABSENT) -> tuple[float, ...]:
        """A list of finite numbers within low..high."""
        value = self._get(name, default)
        if value is default:
            return tuple(value)
        if not _is_list(value) or not all(is_number(item) and low <= item <= high for item in value):
            raise self.refuse(name, f"a list of numbers from {low:g} to {high:g}")
        return tuple(float(item) for item in value)

    def texts(self, name: str, default: Any = _ABSENT, *, most: int = 1000) -> tuple[str, ...]:
        """A list of texts."""
        value = self._get(name, default)
        if value is default:
            return tuple(value)
        if not _is_list(value) or not all(is_text(item, most=most) for item in value):
            raise self.refuse(name, f"a list of texts of at most {most} characters")
        return tuple(value)

    def inner(self, name: str, default: Any = _ABSENT) -> "Fields":
        """An object inside."""
        value = self._get(name, default)
        return Fields(value, f"{self.where}: {name}", error=self._error, advice=self._advice)

    def among(self, value: object, name: str) -> "Fields":
        """One of a list of objects, which stands under `name`."""
        return Fields(value, f"{self.where}: {name}", error=self._error, advice=self._advice)

    def plain(self, name: str, default: Any = _ABSENT) -> dict[str, Any]:
        """An object whose values are shown and never used: text, numbers, lists of them."""
        value = self._get(name, default)
        if not isinstance(value, dict) or len(value) > MOST_ITEMS:
            raise self.refuse(name, "an object")
        return value

    def plain_or_none(self, name: str) -> dict[str, Any] | None:
        """The same, or None for null and what is not there."""
        return None if self._document.get(name) is None else self.plain(name)

    def _get(self, name: str, default: Any) -> Any:
        if name in self._document:
            return self._document[name]
        if default is _ABSENT:
            raise self._error(f"{self.where} lacks {name}{_then(self._advice)}.")
        return default


def is_number(value: object) -> bool:
    """Whether it is a finite number, and no true or false."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False


def is_text(value: object, *, most: int = MOST_TEXT) -> bool:
    """Whether it is a text that can be shown and stored: not too long, no half of a surrogate pair, no NUL."""
    if not isinstance(value, str) or len(value) > most or "\0" in value:
        return False
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def shown(value: object) -> str:
    """A wrong value in a sentence: short, and on one line."""
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**20:
        return "a number beyond all bounds"
    text = ascii(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) <= MOST_ITEMS


def _then(advice: str) -> str:
    return f"; {advice}" if advice else ""
