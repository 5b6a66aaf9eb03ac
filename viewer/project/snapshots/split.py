"""Dividing patients into parts: deterministic by seed, balanced by class where the numbers allow it."""

import csv
import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from viewer.core.errors import BadFile, BadRequest, NotFound, PatientInTwoParts
from viewer.core.text.table_text import columns_of, rows_of

PARTS = ("train", "val", "test")
VAL_SHARE = 0.15  # of the patients outside the test fold
_PART_WORDS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}


def part_of_word(word: str) -> str:
    """The part that a file means: "val" for "Validation"; "" where it is none."""
    return _PART_WORDS.get(word.strip().casefold(), "")


def in_line(seed: int, key: str) -> str:
    """A patient's place in line: depends on nothing but the seed and the patient."""
    return hashlib.sha256(f"{seed}\n{key}".encode()).hexdigest()


def assign(
    patients: Mapping[str, Sequence[Sequence[str]]],
    shares: Sequence[float],
    *,
    seed: int,
    fixed: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Give each patient to one of len(shares) parts.

    patients: for each patient the labels of each image (several where the task has several).
    shares: wanted share of the images, and of every label, per part. fixed: patients whose part is settled.
    Patients who weigh most in images or in any label come first (by powers of two; the seed orders the rest), each
    goes where the squared distance from the wanted shares, relative to them, grows least. With at least as many
    patients as wanted parts none stays empty.
    """
    total = sum(shares)
    wanted = [share / total for share in shares]
    amounts = {key: _amounts(images) for key, images in patients.items()}
    overall: Counter[str] = Counter()
    for amount in amounts.values():
        overall.update(amount)
    weights = {key: {label: n / overall[label] for label, n in amount.items()} for key, amount in amounts.items()}
    filled: list[Counter[str]] = [Counter() for _ in shares]
    given: dict[str, int] = {}

    def place(key: str, part: int) -> None:
        given[key] = part
        for label, weight in weights[key].items():
            filled[part][label] += weight  # type: ignore[assignment]  # a Counter of fractions

    def growth(key: str, part: int) -> tuple[float, float]:
        share = wanted[part]
        if share <= 0:
            return (math.inf, 0.0)
        grown = sum(w * (2 * (filled[part][label] - share) + w) / share for label, w in weights[key].items())
        return (round(grown, 12), -share)

    for key, part in (fixed or {}).items():
        place(key, part)
    free = [key for key in patients if key not in given]
    for key in sorted(free, key=lambda one: (-math.floor(math.log2(max(weights[one].values()))), in_line(seed, one))):
        place(key, min(range(len(shares)), key=lambda part: growth(key, part)))  # called at once
    return _without_empty_parts(given, wanted, seed=seed, fixed=fixed or {})


def _amounts(images: Sequence[Sequence[str]]) -> Counter[str]:
    """How many images a patient brings, under "", and how many of each label."""
    amounts = Counter(label for labels in images for label in set(labels))
    amounts[""] = len(images)
    return amounts


def _without_empty_parts(
    given: dict[str, int], shares: Sequence[float], *, seed: int, fixed: Mapping[str, int]
) -> dict[str, int]:
    """Move single patients out of the fullest part into wanted parts that got nobody."""
    for part, share in enumerate(shares):
        if share <= 0 or part in given.values():
            continue
        sizes = Counter(given.values())
        movable = [key for key, where in given.items() if sizes[where] > 1 and key not in fixed]
        if not movable:
            continue
        fullest = max(sizes[given[key]] for key in movable)
        candidates = [key for key in movable if sizes[given[key]] == fullest]
        given[min(candidates, key=lambda one: in_line(seed, one))] = part
    return given


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitFile:
    """A table that names each image's part or fold. column: "" takes a column called part, split or fold."""

    path: Path
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSplit:
    """What a split file says. by_path, by_image, by_patient: to the cell's text; one of them is filled.

    folds: the fold names in order when the cells are folds, None when they are parts.
    """

    by_path: dict[Path, str]
    by_image: dict[str, str]
    by_patient: dict[str, str]
    folds: tuple[str, ...] | None

    def cell(self, *, image_id: str, paths: Sequence[Path], patient_id: str) -> str:
        """The part or fold of an image, "" when it is not part of the split.

        Raises PatientInTwoParts when the same picture lies under two paths that the table puts apart.
        """
        if self.by_image:
            return self.by_image.get(image_id, "")
        if self.by_path:
            cells = {self.by_path[path] for path in paths if path in self.by_path}
            if len(cells) > 1:
                raise PatientInTwoParts(
                    f"The picture {paths[0].name} of patient {patient_id or '(none)'} lies under {len(paths)} names, "
                    f"which the split puts into {' and '.join(sorted(cells))}; put them together."
                )
            return next(iter(cells), "")
        return self.by_patient.get(patient_id, "")


def _fold_order(name: str) -> tuple[int, float, str]:
    try:
        return (0, float(name), name)
    except ValueError:
        return (1, 0.0, name)


def read_split(split: SplitFile) -> NamedSplit:
    """Read a split file. Raises NotFound, BadFile, or BadRequest when the column is missing or mixes folds and parts.

    Images are named by image_id, path (relative to the table's folder) or, when there is neither, by patient_id.
    An empty cell means: not part of it.
    """
    if not split.path.is_file():
        raise NotFound(f"The split file {split.path} is not there.")
    try:
        text = split.path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"The split file {split.path} cannot be read ({error}).") from error
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    try:
        columns, rows = columns_of(text, delimiter), list(rows_of(text, delimiter))
    except csv.Error as error:
        raise BadFile(f"The split file {split.path} cannot be read ({error}).") from error
    column = split.column or next((name for name in ("part", "split", "fold") if name in columns), "")
    if column not in columns:
        raise BadRequest(
            f"{split.path} has no column {column or 'part, split or fold'}; it has {', '.join(columns)}. "
            "Name one with --fold-column."
        )
    name_column = next(
        (name for name in ("image_id", "path", "file_name", "image", "patient_id") if name in columns), ""
    )
    if not name_column:
        raise BadRequest(f"{split.path} names neither images (path, image_id) nor patients (patient_id).")
    cells: dict[str, str] = {}
    for row in rows:
        cell, name = (row[column] or "").strip(), (row[name_column] or "").strip()
        if not name:
            continue
        if cells.get(name, cell) != cell:
            raise PatientInTwoParts(f"{split.path} puts {name} into {cells[name] or 'none'} and {cell or 'none'}.")
        cells[name] = cell
    used = set(cells.values()) - {""}
    words = {cell for cell in used if cell.casefold() in _PART_WORDS}
    if not used or (words and words != used):
        raise BadRequest(f"The column {column} of {split.path} names neither parts (train, val, test) nor folds.")
    folds = None if words else tuple(sorted(used, key=_fold_order))
    if words:
        cells = {name: _PART_WORDS.get(cell.casefold(), "") for name, cell in cells.items()}
    is_path = name_column not in ("image_id", "patient_id")
    return NamedSplit(
        by_path={(split.path.parent / name).resolve(): cell for name, cell in cells.items()} if is_path else {},
        by_image=cells if name_column == "image_id" else {},
        by_patient=cells if name_column == "patient_id" else {},
        folds=folds,
    )
