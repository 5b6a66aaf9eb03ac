"""What a person asks the list of cases for: words, and parts of a snapshot such as `part:test`."""

import re
from collections.abc import Collection
from dataclasses import dataclass

PART = "part:"
NO_PART = "none"
_NAMES = {"train": "train", "training": "train", "val": "val", "validation": "val", "test": "test", NO_PART: NO_PART}
_FOLD = re.compile(r"fold-?([0-9]{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseQuery:
    """text: words to find. parts: one entry for each `part:`, the names that it allows; a case must fit them all.

    Names are those of a snapshot's card ("train", "val", "test", "fold 3") and NO_PART; what is no name stays as typed.
    """

    text: str = ""
    parts: tuple[frozenset[str], ...] = ()

    def fits(self, parts: Collection[str]) -> bool:
        """Whether a case that is in these parts is asked for. In none it fits NO_PART alone."""
        names = set(parts) or {NO_PART}
        return all(names & wanted for wanted in self.parts)


def read_query(text: str) -> CaseQuery:
    """`part:test pneumonia`: every `part:` names parts, a comma between two means either; the rest is text to find."""
    words, parts = [], []
    for word in text.split():
        if word.casefold().startswith(PART):
            parts.append(frozenset(map(part_name, word[len(PART) :].split(","))))
        else:
            words.append(word)
    # Without a part it is the text as it was typed, blanks within it and all.
    return CaseQuery(text=" ".join(words) if parts else text.strip(), parts=tuple(parts))


def part_name(typed: str) -> str:
    """A part as a snapshot's card calls it: "val" for "Validation", "fold 3" for "fold3"; else as it was typed."""
    low = typed.casefold()
    fold = _FOLD.fullmatch(low)
    return f"fold {int(fold[1])}" if fold else _NAMES.get(low, typed)


def typed_part(name: str) -> str:
    """A part as it is typed behind `part:`."""
    return {"val": "validation"}.get(name, name.replace(" ", ""))
