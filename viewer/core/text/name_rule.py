"""Whose a film is, by a rule on its name: "{patient}_{view}" takes what stands before the first "_"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from viewer.core.errors import BadRequest

PATIENT = "patient"
MOST_LETTERS = 64  # of a patient id (PS3.5 6.2, LO)
_PART = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamePattern:
    """Literal pieces with fields between them: literals[0] fields[0] literals[1] ... literals[-1].

    A field ends where the next literal first occurs; the last one takes the rest. folders: of how many folders above
    the file the name begins.
    """

    literals: tuple[str, ...]
    fields: tuple[str, ...]

    @property
    def folders(self) -> int:
        """How many folders the pattern names, one for each "/"."""
        return sum(literal.count("/") for literal in self.literals)

    def patient(self, name: str) -> str:
        """The patient of a name, "" where the pattern does not fit it. Takes a time in proportion to the name."""
        if not name.startswith(self.literals[0]):
            return ""
        at, found = len(self.literals[0]), ""
        for place, field in enumerate(self.fields):
            literal = self.literals[place + 1]
            last = place == len(self.fields) - 1
            if last:
                end = len(name) - len(literal)
                if end < at or not name.endswith(literal):
                    return ""
            else:
                end = name.find(literal, at)
                if end < 0:
                    return ""
            if field == PATIENT:
                found = name[at:end].strip()
            at = end + len(literal)
        return found


def name_pattern(text: str) -> NamePattern:
    """Read a pattern. Raises BadRequest, which says what is missing."""
    fields = tuple(_PART.findall(text))
    literals = tuple(_PART.split(text)[::2])
    if not text.strip():
        raise BadRequest("Write how a film's name tells its patient, such as {patient}_{view}.")
    if any("{" in literal or "}" in literal for literal in literals):
        raise BadRequest(f"A brace in {text} is not closed; a part of the name is written {{patient}} or {{view}}.")
    if fields.count(PATIENT) != 1:
        raise BadRequest(f"{text} must have {{patient}} in it, once: that part of the name is the patient id.")
    if any(not literal for literal in literals[1:-1]):
        raise BadRequest(f"Two parts of {text} touch, so nobody knows where one ends; put a letter between them.")
    return NamePattern(literals=literals, fields=fields)


def name_of(path: PurePath, folders: int) -> str:
    """A file's name without its ending, with the names of as many folders above it as are asked for."""
    stem = path.name.split(".", 1)[0] if path.name.endswith(".gz") else path.stem
    above = path.parts[:-1][-folders:] if folders else ()
    return "/".join((*above, stem))


def checked_patients(names: Sequence[str], patients: Sequence[str]) -> None:
    """Raises BadRequest where what was found cannot be patient ids."""
    for name, patient in zip(names, patients, strict=True):
        if len(patient) > MOST_LETTERS:
            raise BadRequest(f"{name} would be of the patient {patient[:24]}…, longer than {MOST_LETTERS} letters.")
        if any(ord(letter) < 32 or ord(letter) == 127 for letter in patient):
            raise BadRequest(f"The patient id in {name!r} would hold a control character; name another part.")
