"""Which group each case belongs to: by its header, as the snapshot keeps it, and by what the project says of images.

A portable film is not told apart: no attribute of the standard says it, and descriptions are free text.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ml.data.header_numbers import NOT_KNOWN, age_between, header_number
from ml.data.targets import Item
from viewer.core.errors import AppError, BadRequest
from viewer.core.text.privacy import names_patient
from viewer.core.text.shown_text import one_line
from viewer.project.attributes.agreed import agreed_words
from viewer.project.project import DATABASE_NAME

MOST_LETTERS = 60
OLDEST_YEARS = 130
BANDS = ((40.0, "under 40"), (65.0, "40 to 64"), (float("inf"), "65 and over"))
BIRTH_DATE, STUDY_DATE = 0x00100030, 0x00080020
# Headers without a birth date after which no more are opened: an anonymised set has none anywhere.
ENOUGH_WITHOUT = 50
NONE = "none"  # how a person asks for no groups

Values = dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One fact of a header. of: a case's group, "" where the header does not say it."""

    name: str
    of: Callable[[Item], str]


def _tag(keyword: str) -> Callable[[Item], str]:
    return lambda item: _short(item.tags.get(keyword, ""))


def _site(item: Item) -> str:
    """The institution as the file names it, unless that text says who the patient is."""
    text = item.tags.get("InstitutionName", "")
    return "" if names_patient(text, patient_id=item.patient_id, patient_name="") else _short(text)


def _scanner(item: Item) -> str:
    maker, model = (item.tags.get(keyword, "").strip() for keyword in ("Manufacturer", "ManufacturerModelName"))
    return _short(model if model.casefold().startswith(maker.casefold()) else f"{maker} {model}".strip())


def _sex(item: Item) -> str:
    """PS3.3 C.7.1.1: M, F or O; another word is no sex that a file can say."""
    word = item.tags.get("PatientSex", "").strip().upper()
    return {"M": "male", "F": "female", "O": "other", "MALE": "male", "FEMALE": "female"}.get(word, "")


COLUMNS = (
    Column(name="site", of=_site),
    Column(name="scanner", of=_scanner),
    Column(name="view", of=_tag("ViewPosition")),
    Column(name="sex", of=_sex),
    Column(name="age", of=lambda item: age_band(header_number(item.tags.get("PatientAge", "")))),
    Column(name="source", of=lambda item: _short(item.source)),
)
FREE_TEXTS = ("site", "scanner")  # questions of a project whose answers in free words are groups


def age_band(years: float) -> str:
    """The band of an age in years; "" for what is no age of a person."""
    if not 0 <= years <= OLDEST_YEARS:
        return ""
    return next(name for end, name in BANDS if years < end)


def group_values(
    items: Sequence[Item], project_folder: Path, labels: Collection[str], by: Collection[str] | None = None
) -> Values:
    """By column the group of each case, "" where nothing is said; columns of one group only are left out.

    labels: of the task, which are the truth and no groups. by: these columns alone, None for all there are. Raises
    BadRequest for a column that is none.
    """
    found = {column.name: [column.of(item) for item in items] for column in COLUMNS}
    if by is None or "age" in by:
        _complete_ages(found["age"], items)
    for question, said in _asked(items, project_folder, labels).items():
        header = found.get(question, [""] * len(items))
        found[question] = [said.get(item.image_id) or other for item, other in zip(items, header, strict=True)]
    unknown = [name for name in by or () if name not in found and name != NONE]
    if unknown:
        raise BadRequest(f"No case says its {unknown[0]}; there are groups by {', '.join(found)}.")
    wanted = found if by is None else {name: groups for name, groups in found.items() if name in by}
    return {name: groups for name, groups in wanted.items() if len(set(groups) - {""}) > 1}


def _asked(items: Sequence[Item], project_folder: Path, labels: Collection[str]) -> dict[str, Mapping[str, str]]:
    """What a project asks of images beside the task: yes or no, choices, and in free words where an image lies."""
    images = {item.image_id for item in items}
    said = agreed_words(project_folder / DATABASE_NAME, images, texts=FREE_TEXTS)
    return {
        question.casefold() if question.casefold() in FREE_TEXTS else _short(question): {
            image: _short(word) for image, word in of.items()
        }
        for question, of in sorted(said.items())
        if question not in labels and ":" not in question  # what is asked of a label is of its carriers alone
    }


def _complete_ages(bands: list[str], items: Sequence[Item]) -> None:
    """Where a header says no age: from its birth date, which is looked at and not kept."""
    without = 0
    for place, item in enumerate(items):
        if bands[place] or not item.tags.get("StudyDate") or without >= ENOUGH_WITHOUT:
            continue
        years = _age_in_file(Path(item.path))
        bands[place] = age_band(years)
        without = without + 1 if years == NOT_KNOWN else 0


def _age_in_file(path: Path) -> float:
    from viewer.reading.dicom.opening import open_dicom
    from viewer.reading.sources.archive import on_disk

    try:
        header = open_dicom(on_disk(path)).header
    except (AppError, ValueError):
        return NOT_KNOWN
    return age_between(header.text(BIRTH_DATE), header.text(STUDY_DATE))


def _short(text: str) -> str:
    return one_line(text.strip(), MOST_LETTERS)
