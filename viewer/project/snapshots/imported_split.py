"""The parts of a split that imports have named, kept in the project's folder as a table that a snapshot takes.

What an import calls a test image stays one in every snapshot, as if an earlier snapshot had tested on it; the whole
division is taken by `snapshot --split-file`. An image keeps the part that it got first. An import that is undone takes
its parts along (`disk/imported_parts.py`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from viewer.core.text.counting import counted
from viewer.project.disk.imported_parts import IMPORTED_SPLIT, name_parts, read_parts
from viewer.project.snapshots.items import SnapshotItem
from viewer.project.snapshots.split import part_of_word

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

    path_of: where each image lies, for whoever reads the table. Then call `number_parts`, or `unname_parts`.
    """
    there = name_parts(folder, part_of, path_of)
    counts = Counter(there[image_id].part for image_id in part_of)
    otherwise = sum(there[image_id].part != part for image_id, part in part_of.items())
    return KeptParts(path=folder / IMPORTED_SPLIT, counts=counts, otherwise=otherwise)


def imported_images(folder: Path) -> tuple[frozenset[str], frozenset[str]]:
    """(the images that imports called test images, those they called train or validation). Raises BadProject."""
    parts = {image_id: row.part for image_id, row in read_parts(folder).items()}
    return (
        frozenset(one for one, part in parts.items() if part == "test"),
        frozenset(one for one, part in parts.items() if part in ("train", "val")),
    )


def words_of_imported(folder: Path, items: Iterable[SnapshotItem]) -> str:
    """What a snapshot's card says of items that are in test because an import has them there; "" of none."""
    tested, _ = imported_images(folder)
    count = sum(item.image_id in tested for item in items)
    return f"{counted(count, 'image')} in test, as {IMPORTED_SPLIT} of the project has it of imports" if count else ""
