"""What a person asks the list of cases for: words, parts of a snapshot such as `part:test`, and what a model says of
them, such as `score>0.8` (`said/keys`)."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewer.core.errors import BadRequest
from viewer.core.registry import load
from viewer.project.said.keys import KEYS

if TYPE_CHECKING:
    from viewer.project.said.keys.condition import Condition
    from viewer.project.said.short import Short

PART = "part:"
NO_PART = "none"
SECOND_PART = "second"  # of a snapshot's cases those that are read a second time
_NAMES = {"train": "train", "training": "train", "val": "val", "validation": "val", "test": "test", NO_PART: NO_PART,
          SECOND_PART: SECOND_PART, "second-read": SECOND_PART}  # fmt: skip
# A label within round brackets may hold blanks.
_WORD = re.compile(rf"(?:{'|'.join(KEYS)})\([^)]*\)\S*|\S+", re.IGNORECASE)
_KEY = re.compile(rf"(?P<key>{'|'.join(KEYS)})(?P<rest>.*)", re.IGNORECASE)
_LIKE_A_KEY = re.compile(r"[A-Za-z]+(?:\([^)]*\)?)?[:<>=]\S*")
KEY_FORMS = "part:, score>, score(LABEL)<, disagrees and uncertain"
_FOLD = re.compile(r"fold-?([0-9]{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """text: words to find. parts: one entry for each `part:`, the names that it allows; a case must fit them all.
    said: what is asked of a model's answers; a case must fit each. wrong: why a word cannot be read, in one sentence.

    Names are those of a snapshot's card ("train", "val", "test", "fold 3"), SECOND_PART and NO_PART; what is no
    name stays as typed.
    """

    text: str = ""
    parts: tuple[frozenset[str], ...] = ()
    said: "tuple[Condition, ...]" = ()
    wrong: str = ""

    def fits(self, parts: Collection[str]) -> bool:
        """Whether a case that is in these parts is asked for. In none it fits NO_PART alone."""
        names = set(parts) or {NO_PART}
        return all(names & wanted for wanted in self.parts)

    def fits_said(self, said: "Short | None") -> bool:
        """Whether what a model says of a case is asked for; what it has not answered is not, where any is."""
        return not self.said or (said is not None and all(one.fits(said) for one in self.said))

    @property
    def odd_key(self) -> str:
        """A word to find that looks like a key which there is not, such as `label:lung`; "" without one."""
        return next((word for word in self.text.split() if _LIKE_A_KEY.fullmatch(word)), "")

    def why_none_said(self, labels: Collection[str]) -> str:
        """Why no answer of a model with these labels can fit; "" where one can."""
        return next(filter(None, (one.why_not(labels) for one in self.said)), "")


def read_query(text: str) -> CaseQuery:
    """`part:test pneumonia`: every `part:` names parts, a comma between two means either; `score>0.8` and the like ask
    for what a model says; the rest is text to find."""
    words, parts, said, wrong = [], [], [], ""
    for word in _WORD.findall(text):
        if word.casefold().startswith(PART):
            parts.append(frozenset(map(part_name, word[len(PART) :].split(","))))
            continue
        key = _KEY.fullmatch(word)
        try:
            asked = None if key is None else load(KEYS, key["key"].lower())(key["rest"])
        except BadRequest as error:
            wrong = wrong or str(error)
            continue
        if asked is None:
            words.append(word)
        else:
            said.append(asked)
    # Without a key it is the text as it was typed, blanks within it and all.
    whole = not (parts or said or wrong)
    return CaseQuery(text=text.strip() if whole else " ".join(words), parts=tuple(parts), said=tuple(said), wrong=wrong)


def part_name(typed: str) -> str:
    """A part as a snapshot's card calls it: "val" for "Validation", "fold 3" for "fold3"; else as it was typed."""
    low = typed.casefold()
    fold = _FOLD.fullmatch(low)
    return f"fold {int(fold[1])}" if fold else _NAMES.get(low, typed)


def typed_part(name: str) -> str:
    """A part as it is typed behind `part:`."""
    return {"val": "validation"}.get(name, name.replace(" ", ""))
