"""What a key of the filter makes of the words behind it."""

import re
from collections.abc import Collection
from typing import Protocol

from viewer.core.errors import BadRequest
from viewer.project.said.short import Short


class Condition(Protocol):
    """One thing that is asked of a case's answer."""

    def fits(self, said: Short) -> bool:
        """Whether an answer about a case, in short, is asked for."""

    def why_not(self, labels: Collection[str]) -> str:
        """Why no answer of a model with these labels can fit, in one sentence; "" where one can."""


_LABEL = re.compile(r"\((?P<label>[^)]*)\)(?P<rest>.*)")
_NUMBER = re.compile(r"[0-9]*\.?[0-9]+|[0-9]+\.", re.ASCII)


def label_and_rest(typed: str) -> tuple[str, str]:
    """ "(Lung opacity)>0.8" as ("Lung opacity", ">0.8"); no label is ""."""
    found = _LABEL.fullmatch(typed)
    return (found["label"].strip(), found["rest"]) if found else ("", typed)


def share(typed: str, word: str, form: str) -> float:
    """A number in 0..1. Raises BadRequest, which names the word and how it is written."""
    if not _NUMBER.fullmatch(typed) or not 0 <= float(typed) <= 1:
        raise BadRequest(
            not_read(word, f"“{typed}” is no number from 0 to 1" if typed else "a number is missing", form)
        )
    return float(typed)


def not_read(word: str, why: str, form: str) -> str:
    """That a word of the filter cannot be read, and how it is written."""
    return f"“{word}” cannot be asked for: {why}. It is written {form}."


def in_labels(label: str, labels: Collection[str]) -> str:
    """A label as a model has it that was typed in any case; "" where it has none such."""
    return next((name for name in labels if name.casefold() == label.casefold()), "")


def no_such_label(label: str, labels: Collection[str]) -> str:
    """Why a label that was typed fits nothing; "" where the model has it, or none was typed."""
    if not label or in_labels(label, labels):
        return ""
    return f"The model has no label “{label}”; it has {', '.join(labels)}."
