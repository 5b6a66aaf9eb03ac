"""The parts of a split that imports have named, kept in the project's folder as a table that a snapshot takes.

What an import calls a test image stays one in every snapshot, as if an earlier snapshot had tested on it; the whole
division is taken by `snapshot --split-file`. An image keeps the part that it got first.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from viewer.core.errors import BadProject
from viewer.core.text.counting import counted
from viewer.core.text.table_text import comma_lines, rows_of
from viewer.project.disk.replacing import replace_file
from viewer.project.snapshots.items import SnapshotItem
from viewer.project.snapshots.split import part_of_word

IMPORTED_SPLIT = "imported_split.csv"
COLUMNS = ("image_id", "part", "fold", "path")
_FOLD = re.compile(r"(?:fold|split)?[ _-]?(\d{1,5})", re.IGNORECASE)


def settled_part(written: str) -> str:
    """A part as a file writes it: "train", "val", "test", "fold 3"; "" where it is none."""
    fold = _FOLD.fullmatch(written.strip())
    return f"fold {int(fold[1])}" if fold else part_of_word(written)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptParts:
    """What became of the parts of an import. path: the table. counts: images by part, as they stand there now.
    otherwise: how many images have another part from before, which was kept."""

    path: Path
    counts: Mapping[str, int]
    otherwise: int


def keep_parts(folder: Path, part_of: Mapping[str, str], path_of: Mapping[str, Path]) -> KeptParts:
    """Add the parts of some images (`settled_part`) to those a project has. Raises NotWritable, BadProject.

    path_of: where each image lies, for whoever reads the table.
    """
    there = _read(folder)
    otherwise = sum(there[one][0] != part for one, part in part_of.items() if one in there)
    for image_id, part in part_of.items():
        there.setdefault(image_id, (part, path_of[image_id].name))
    rows = (
        {
            "image_id": image_id, "path": name,
            "part": "" if part.startswith("fold ") else part,
            "fold": part.removeprefix("fold ") if part.startswith("fold ") else "",
        }
        for image_id, (part, name) in there.items()
    )  # fmt: skip
    path = folder / IMPORTED_SPLIT
    replace_file(path, "".join(comma_lines(COLUMNS, rows)).encode("utf-8"))
    counts: dict[str, int] = {}
    for image_id in part_of:
        counts[there[image_id][0]] = counts.get(there[image_id][0], 0) + 1
    return KeptParts(path=path, counts=counts, otherwise=otherwise)


def imported_images(folder: Path) -> tuple[frozenset[str], frozenset[str]]:
    """(the images that imports called test images, those they called train or validation). Raises BadProject."""
    parts = {image_id: part for image_id, (part, _) in _read(folder).items()}
    return (
        frozenset(one for one, part in parts.items() if part == "test"),
        frozenset(one for one, part in parts.items() if part in ("train", "val")),
    )


def words_of_imported(folder: Path, items: Iterable[SnapshotItem]) -> str:
    """What a snapshot's card says of items that are in test because an import has them there; "" of none."""
    tested, _ = imported_images(folder)
    count = sum(item.image_id in tested for item in items)
    return f"{counted(count, 'image')} in test, as {IMPORTED_SPLIT} of the project has it of imports" if count else ""


def _read(folder: Path) -> dict[str, tuple[str, str]]:
    """(part, file name) by image id."""
    path = folder / IMPORTED_SPLIT
    if not path.is_file():
        return {}
    try:
        rows = list(rows_of(path.read_text(encoding="utf-8-sig")))
        return {
            row["image_id"]: (row["part"] or settled_part(f"fold {row['fold']}"), row.get("path", "")) for row in rows
        }
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise BadProject(
            f"{path} cannot be read ({error}), which says what imports call test images; mend it, or take it away."
        ) from error
