"""The table of parts that imports have named, in a project's folder; an import that is undone takes its parts along.

Each row says which imports named a part of its image, by their number in the journal, and beside it the one that
counts: of the first import that stands. An image whose imports are all undone has its row, and an empty part. Where no
part counts any more the table lies aside, under another name, until an import is done again.
"""

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from viewer.core.errors import BadProject
from viewer.core.text.table_text import comma_lines, rows_of
from viewer.project.disk.replacing import replace_file

IMPORTED_SPLIT = "imported_split.csv"
_ASIDE = "imported_split.undone.csv"
_COLUMNS = ("image_id", "part", "fold", "path", "imports")
_ALWAYS, _PENDING = 0, -1  # no import of the journal: it cannot be undone; one that is not in the journal yet
_NEW, _UNDONE = "new", "undone "  # how a table has those that are not in the journal yet, and those that are undone

States = Callable[[Iterable[int]], Mapping[int, str]]  # of steps of the journal, by their numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """That an import named a part. number: of its step in the journal. stands: it has not been undone."""

    number: int
    part: str
    stands: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPart:
    """One row. part: "train", "val", "test", "fold 3", "" where none counts. name: of its file. imports: which named
    one, the first one first."""

    part: str
    name: str
    imports: tuple[Naming, ...]

    def with_imports(self, imports: Iterable[Naming]) -> "ImportedPart":
        """It, named by these. Where others stand than before the first of them counts; else what is there stays, which
        a person may have mended."""
        now = tuple(imports)
        standing = [[one.part for one in several if one.stands] for several in (self.imports, now)]
        if standing[0][:1] == standing[1][:1]:
            return replace(self, imports=now)
        return replace(self, imports=now, part=standing[1][0] if standing[1] else "")


def read_parts(folder: Path) -> dict[str, ImportedPart]:
    """Every row by image id. Raises BadProject."""
    path = folder / IMPORTED_SPLIT if (folder / IMPORTED_SPLIT).is_file() else folder / _ASIDE
    if not path.is_file():
        return {}
    try:
        return {row["image_id"]: _row_in(row) for row in rows_of(path.read_text(encoding="utf-8-sig"))}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, ValueError) as error:
        raise BadProject(
            f"{path} cannot be read ({error}), which says what imports call test images; mend it, or take it away."
        ) from error


def name_parts(folder: Path, part_of: Mapping[str, str], path_of: Mapping[str, Path]) -> dict[str, ImportedPart]:
    """Add what an import names that is not in the journal yet; returns all. Raises NotWritable, BadProject."""
    rows = _numbered(read_parts(folder), _ALWAYS)  # of an import that ended in between
    for image_id, part in part_of.items():
        there = rows.get(image_id, ImportedPart(part="", name=path_of[image_id].name, imports=()))
        rows[image_id] = there.with_imports([*there.imports, Naming(number=_PENDING, part=part)])
    _write(folder, rows)
    return rows


def number_parts(folder: Path, number: int | None) -> None:
    """Say which step of the journal the import is that `name_parts` was called for; None where it is none."""
    _write(folder, _numbered(read_parts(folder), _ALWAYS if number is None else number))


def unname_parts(folder: Path) -> None:
    """Take back what `name_parts` added, since the import failed."""
    found = {
        image_id: row.with_imports(one for one in row.imports if one.number != _PENDING)
        for image_id, row in read_parts(folder).items()
    }
    _write(folder, {image_id: row for image_id, row in found.items() if row.imports})


def settle_parts(folder: Path, states: States, *, step: int | None = None) -> None:
    """Let those parts count whose import stands. step: which one was undone or done again; None asks for all.

    Raises NotWritable, BadProject.
    """
    if not any((folder / name).is_file() for name in (IMPORTED_SPLIT, _ASIDE)):
        return
    rows = read_parts(folder)
    numbers = {one.number for row in rows.values() for one in row.imports if one.number > _ALWAYS}
    if not numbers or (step is not None and step not in numbers):
        return
    gone = {number for number, state in states(numbers).items() if state != "done"}
    settled = {
        image_id: row.with_imports(replace(one, stands=one.number not in gone) for one in row.imports)
        for image_id, row in rows.items()
    }
    if settled != rows:
        _write(folder, settled)


def _numbered(rows: Mapping[str, ImportedPart], number: int) -> dict[str, ImportedPart]:
    return {
        image_id: row.with_imports(
            replace(one, number=number) if one.number == _PENDING else one for one in row.imports
        )
        for image_id, row in rows.items()
    }  # fmt: skip


def _row_in(row: Mapping[str, str]) -> ImportedPart:
    part = row["part"] or (f"fold {int(row['fold'])}" if row["fold"] else "")
    # A table of before, or of a person, names no imports.
    said = (row.get("imports") or f"{_ALWAYS} {part}").split("|")
    return ImportedPart(part=part, name=row.get("path") or "", imports=tuple(map(_naming, said)))


def _naming(text: str) -> Naming:
    number, _, part = text.removeprefix(_UNDONE).partition(" ")
    return Naming(
        number=_PENDING if number == _NEW else int(number), part=part, stands=not text.startswith(_UNDONE)
    )  # fmt: skip


def _words(one: Naming) -> str:
    number = _NEW if one.number == _PENDING else str(one.number)
    return f"{'' if one.stands else _UNDONE}{number} {one.part}"


def _write(folder: Path, rows: Mapping[str, ImportedPart]) -> None:
    lines = (
        {
            "image_id": image_id, "path": row.name,
            "part": "" if row.part.startswith("fold ") else row.part,
            "fold": row.part.removeprefix("fold ") if row.part.startswith("fold ") else "",
            "imports": "|".join(map(_words, row.imports)),
        }
        for image_id, row in rows.items()
    )  # fmt: skip
    names = (IMPORTED_SPLIT, _ASIDE) if any(row.part for row in rows.values()) else (_ASIDE, IMPORTED_SPLIT)
    if rows:
        replace_file(folder / names[0], "".join(comma_lines(_COLUMNS, lines)).encode("utf-8"))
    for name in names[1:] if rows else names:
        (folder / name).unlink(missing_ok=True)
