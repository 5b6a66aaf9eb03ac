"""One person under two patient ids: the same name and birth date in the headers of two patients of a project.

No name leaves this module: what it gives is which ids belong together.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path

from viewer.core.boundary import at_boundary
from viewer.core.errors import AppError
from viewer.reading.dicom.parsed_file import NotDicom
from viewer.reading.frames import open_cached
from viewer.reading.sources.archive import under_its_name

# Words that stand for a name where one was taken out.
PLACEHOLDERS = frozenset([
    "anon", "anonym", "anonymized", "anonymised", "anonymous", "deidentified", "de", "identified", "blinded",
    "hidden", "removed", "redacted", "unknown", "unbekannt", "inconnu", "none", "null", "na", "nil", "no", "name",
    "noname", "nobody", "unnamed", "not", "available", "given", "dummy", "demo", "test", "testing", "patient",
    "pat", "subject", "case", "study", "phantom", "person", "sample", "example", "xx", "xxx", "xxxx", "xxxxx",
])  # fmt: skip
NOBODY = frozenset(("doe john", "doe jane", "max mustermann", "erika mustermann"))
_BEGIN = ("anon", "pseudon", "deident")  # a placeholder with a number or the like behind it
MOST_IDS = 3  # of one name and birth date: what more ids share is a placeholder that this list does not know
LEAST_LETTERS = 3
FIRST_YEAR = 1880
# Dates that stand for "not known".
NO_DATES = frozenset(("19000101", "19010101", "19700101", "20000101"))
_NAME, _BIRTH_DATE, _SEX = 0x00100010, 0x00100030, 0x00100040


@dataclass(frozen=True, slots=True)
class Header:
    """Of a patient's file, as it stands there (PS3.3 C.7.1.1)."""

    name: str
    birth_date: str
    sex: str = ""


@dataclass(frozen=True, slots=True)
class SamePersons:
    """pairs: of patients who are probably one person. placeholders: how many names were taken for none, since more
    than `MOST_IDS` patients share them. compared: how many patients have a name and a birth date."""

    pairs: tuple[tuple[str, str], ...] = ()
    placeholders: int = 0
    compared: int = 0


def read_header(path: Path) -> Header | None:
    """The patient of a DICOM file; None of what is none or cannot be read."""
    try:
        with at_boundary(path), under_its_name(path) as place:
            header = open_cached(place).header
            return Header(header.text(_NAME), header.text(_BIRTH_DATE), header.text(_SEX))
    except (NotDicom, AppError):
        return None


def same_persons(headers: Mapping[str, Iterable[Header]]) -> SamePersons:
    """headers: those of each patient's files, by patient."""
    of_key: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    sexes: dict[str, set[str]] = defaultdict(set)
    for patient, files in headers.items():
        for header in files:
            sexes[patient] |= {header.sex.strip().upper()} & {"M", "F"}
            for key in _keys(header):
                of_key[key].add(patient)
    pairs, placeholders = set(), 0
    for patients in of_key.values():
        if len(patients) > MOST_IDS:
            placeholders += 1
            continue
        for one, other in combinations(sorted(patients), 2):
            if not sexes[one] or not sexes[other] or sexes[one] & sexes[other]:
                pairs.add((one, other))
    compared = len(set().union(*of_key.values())) if of_key else 0
    return SamePersons(pairs=tuple(sorted(pairs)), placeholders=placeholders, compared=compared)


def _keys(header: Header) -> set[tuple[str, str, str]]:
    """(which group of the name, the name, birth date): each alone is enough to know a person by."""
    born = _birth_date(header.birth_date)
    if not born:
        return set()
    groups = header.name.split("=")  # alphabetic, ideographic, phonetic (PS3.5 6.2.1)
    keys = {("alphabetic", name, born) for name in [_alphabetic(groups[0])] if name}
    # A name in one group only, of another script, is compared as it is.
    ideographic = _plain("".join(groups[1:2]))
    return keys | ({("ideographic", ideographic, born)} if len(ideographic) > 1 else set())


def _alphabetic(group: str) -> str:
    """Family, given and middle name as words in order of the alphabet: files differ in which comes first."""
    parts = group.split("^")[:3] if "^" in group else [group]  # prefix and suffix come and go
    words = sorted(word for part in parts for word in re.split(r"[\W_]+", _folded(part)) if word)
    name = " ".join(words)
    if all(word.isdigit() or word in PLACEHOLDERS for word in words) or name in NOBODY:
        return ""
    if any(word.startswith(_BEGIN) for word in words):
        return ""
    return name if len(words) > 1 or len(name) > LEAST_LETTERS else ""  # a short word is some program's id


def _folded(text: str) -> str:
    """Without case and accents: "MÜLLER" and "Mueller" stay two, "Müller" and "Muller" are one."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _birth_date(text: str) -> str:
    """YYYYMMDD, also of the ACR-NEMA form with dots; "" where it is no date of a person's birth."""
    digits = text.strip().replace(".", "").replace("-", "")
    if len(digits) != 8 or not digits.isdigit() or digits in NO_DATES or int(digits[:4]) < FIRST_YEAR:
        return ""
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return ""
    return digits
