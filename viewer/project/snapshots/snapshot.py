"""Snapshots: what training reads. Immutable, named by their content, split by patient."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from viewer.core.checked import Fields, parse_json
from viewer.core.errors import (
    Ambiguous,
    BadFile,
    BadProject,
    BadRequest,
    NotFound,
    NotWritable,
    PatientInTwoParts,
    UnknownName,
)
from viewer.core.samples import PLAIN, SampleRule
from viewer.core.text.titles import short_id
from viewer.project.combining import NUMBER
from viewer.project.disk.replacing import fill_new_folder, replace_file
from viewer.project.history import now_iso
from viewer.project.image_paths import present_paths
from viewer.project.project import DATABASE_NAME, SNAPSHOTS, Project
from viewer.project.records import ImageRecord, Task
from viewer.project.snapshots import file as snapshot_file
from viewer.project.snapshots.card import (
    CARD_NAME,
    SAMPLE_OF,
    read_card,
    sample_facts,
    sample_rule_of,
    sound_cards,
    task_facts,
    task_of,
)
from viewer.project.snapshots.how_said import HOW_SAID, how_said
from viewer.project.snapshots.imported_split import words_of_imported
from viewer.project.snapshots.items import ItemReader, SnapshotItem
from viewer.project.snapshots.split import PARTS, VAL_SHARE, SplitFile, assign, read_split
from viewer.project.snapshots.staying import Earlier, divide_again, earlier_images
from viewer.project.snapshots.task_checks import assure_shown, without_words
from viewer.project.snapshots.why_empty import why_empty
from viewer.project.task_labels import units_of
from viewer.reading.sources.documents import read_bytes

__all__ = ["Snapshot", "SnapshotItem", "SplitFile", "make_snapshot"]

DEFAULT_SPLIT = (0.7, 0.15, 0.15)
ITEMS_NAME = "items.db"
ORDER_NAME = "order.jsonl"
MOST_NAMED = 200  # files of each reason for which images are left out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Snapshot:
    """One snapshot. id: 64 hex digits. card: settings, counts per part, what was left out. items: by image id."""

    id: str
    folder: Path
    card: dict[str, Any]
    task: Task
    items: tuple[SnapshotItem, ...]

    @property
    def folds(self) -> int:
        """How many folds it has; 0 for a plain split."""
        return int(self.card["split"].get("folds", 0))

    @property
    def seed(self) -> int:
        """What its split, and the validation part of each fold, depend on."""
        return int(self.card["seed"])

    @classmethod
    def load(cls, project_folder: Path, id_prefix: str = "", *, task: str = "") -> "Snapshot":
        """The snapshot whose id begins so; without one, the newest (of the named task).

        Raises NotFound, Ambiguous, or BadProject when its content no longer fits its id.
        """
        found = cls._read(snapshot_folder(project_folder, id_prefix, task=task))
        # Where the project's images lie now; the paths of a snapshot are those of the day it was made.
        now = present_paths(project_folder / DATABASE_NAME)
        return replace(found, items=tuple(item.lying_at(now) for item in found.items))

    @classmethod
    def _read(cls, folder: Path) -> "Snapshot":
        card = read_card(folder)
        task = task_of(card)
        items = snapshot_file.read(folder / ITEMS_NAME)
        _assure(folder, content_id(card, map(snapshot_file.item_line, items)))
        return cls(id=folder.name, folder=folder, card=card, task=task, items=items)

    def parts(self, fold: int | None = None) -> dict[str, list[SnapshotItem]]:
        """{"train", "val", "test"}: the plain split, or one fold's.

        With folds: test is the fold itself, val a share of the other patients (a function of the seed, the fold and
        the patients alone), train the rest; pinned test images are in none. Without a fold: test is the pinned ones.
        """
        if not self.folds:
            if fold is not None:
                raise BadRequest(f"The snapshot {short_id(self.id)} has no folds.")
            return {part: [item for item in self.items if item.part == part] for part in PARTS}
        if fold is not None and not 0 <= fold < self.folds:
            raise BadRequest(f"The snapshot {short_id(self.id)} has the folds 0 to {self.folds - 1}, not {fold}.")
        free = [item for item in self.items if item.part != "test"]
        test = (
            [item for item in self.items if item.part == "test"]
            if fold is None
            else [item for item in free if item.fold == fold]
        )
        rest = [item for item in free if fold is None or item.fold != fold]
        salt = self.seed if fold is None else self.seed * 1000 + fold + 1
        parts = assign(_strata(rest, self.task), (1 - VAL_SHARE, VAL_SHARE), seed=salt)
        return {
            "train": [item for item in rest if parts[item.patient_id] == 0],
            "val": [item for item in rest if parts[item.patient_id] == 1],
            "test": test,
        }


def snapshot_folder(project_folder: Path, id_prefix: str = "", *, task: str = "") -> Path:
    """Where the snapshot lies whose id begins so; without one, the newest (of the named task).

    Raises NotFound, UnknownName, Ambiguous.
    """
    root = project_folder / SNAPSHOTS
    ids = sorted(path.parent.name for path in root.glob(f"*/{CARD_NAME}"))
    found = [one for one in ids if one.startswith(id_prefix)]
    if task:
        cards = sound_cards(root)
        found = [one for one in found if one in cards and cards[one]["task"]["name"] == task]
    if not found:
        which = f" {id_prefix}" if id_prefix else ""
        of_task = f" of the task {task}" if task else ""
        tasks = sorted({str(card["task"]["name"]) for card in sound_cards(root).values()})
        others = f"it has some of {', '.join(tasks)}; " if task and tasks and task not in tasks else ""
        kind = UnknownName if id_prefix or others else NotFound
        raise kind(f"{project_folder} has no snapshot{which}{of_task}; {others}make one with `negatoscope snapshot`.")
    if id_prefix and len(found) > 1:
        raise Ambiguous(f"{id_prefix} may be {' or '.join(one[:12] for one in found)}; give more digits.")
    return root / (found[0] if len(found) == 1 else _newest(root, found))


def read_places(folder: Path) -> tuple[dict[str, Any], tuple[snapshot_file.ItemPlace, ...]]:
    """(card, where each image stands) of a snapshot's folder, without its masks.

    Raises BadProject when its content no longer fits its id.
    """
    card = read_card(folder)
    places = snapshot_file.read_places(folder / ITEMS_NAME)
    _assure(folder, content_id(card, (place.line for place in places)))
    return card, places


def _assure(folder: Path, found_id: str) -> None:
    if found_id != folder.name:
        raise BadProject(f"The snapshot {folder} is not what its id says; make it anew.")


def all_snapshots(project_folder: Path) -> list[dict[str, Any]]:
    """The cards of every snapshot, newest last."""
    root = project_folder / SNAPSHOTS
    made, cards = _made(root), sound_cards(root)
    return [cards[one] for one in sorted(cards, key=lambda one: (made.get(one, -1), one))]


def _made(root: Path) -> dict[str, int]:
    """Each id's last place in the order of making (making the same one again makes it the newest)."""
    path = root / ORDER_NAME
    if not path.is_file():
        return {}
    places: dict[str, int] = {}
    for place, line in enumerate(read_bytes(path, error=BadProject).split(b"\n")):
        try:
            places[Fields(parse_json(line, ORDER_NAME), ORDER_NAME).text("id")] = place
        except BadFile:
            continue  # the last line of a process that was killed while it wrote
    return places


def _newest(root: Path, ids: Sequence[str]) -> str:
    made = _made(root)
    cards = sound_cards(root)
    sound = [one for one in ids if one in cards]
    if not sound:
        read_card(root / ids[0])  # says what is wrong with it
    return max(sound, key=lambda one: (made.get(one, -1), str(cards[one]["created"]), one))


def content_id(card: Mapping[str, Any], lines: Iterable[str]) -> str:
    """SHA-256 of the canonical JSON lines: settings, then one line per image, without paths and times."""
    digest = hashlib.sha256()
    settings = {
        "format": 1, "task": task_facts(task_of(card)), "split": dict(card["split"]), "seed": card["seed"],
        **sample_facts(sample_rule_of(card)),
    }  # fmt: skip
    digest.update(snapshot_file.canonical(settings).encode() + b"\n")
    for line in lines:
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _strata(items: Iterable[SnapshotItem], task: Task) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for item in items:
        found[item.patient_id].append(task.of_kind.strata(item, task.labels))
    return found


def _refuse_two_parts(places: Mapping[str, set[str]]) -> None:
    for patient, parts in sorted(places.items()):
        if len(parts) > 1:
            raise PatientInTwoParts(
                f"Patient {patient} is in {' and '.join(sorted(parts))}; a patient must be in one part only. "
                "Move the patient to one of them."
            )


def _by_ratio(
    items: list[SnapshotItem], task: Task, ratio: Sequence[float], earlier: Earlier, seed: int
) -> list[SnapshotItem]:
    if len(ratio) != 3 or min(ratio) < 0 or sum(ratio) <= 0 or ratio[0] <= 0:
        raise BadRequest("A split names three shares, for train, val and test, such as 0.7 0.15 0.15.")
    tested, trained = (
        {item.patient_id for item in items if item.image_ids & images} for images in (earlier.tested, earlier.trained)
    )
    kept = earlier.kept(((item.image_id, item.patient_id) for item in items), ratio, seed)
    parts = divide_again(_strata(items, task), ratio, seed=seed, tested=tested, trained=trained, kept=kept)
    return [
        replace(item, part=PARTS[parts[item.patient_id]], pinned_test=item.image_id in earlier.tested) for item in items
    ]


def _by_folds(items: list[SnapshotItem], task: Task, folds: int, pinned: Set[str], seed: int) -> list[SnapshotItem]:
    kept_apart = {item.patient_id for item in items if item.image_ids & pinned}
    free = [item for item in items if item.patient_id not in kept_apart]
    patients = len({item.patient_id for item in free})
    if not 2 <= folds <= patients:
        raise BadRequest(f"{patients} patients can be divided into 2 to {max(patients, 2)} folds, not {folds}.")
    parts = assign(_strata(free, task), [1.0] * folds, seed=seed)
    return [_in_fold(item, parts.get(item.patient_id), pinned) for item in items]


def _in_fold(item: SnapshotItem, fold: int | None, pinned: Set[str]) -> SnapshotItem:
    """fold: None for a patient that an earlier snapshot of the task has tested on."""
    if fold is None:
        return replace(item, part="test", fold=None, pinned_test=item.image_id in pinned)
    return replace(item, part="train", fold=fold)


def _by_file(
    project: Project, pairs: list[tuple[ImageRecord, SnapshotItem]], split: SplitFile, pinned: Set[str]
) -> tuple[list[SnapshotItem], dict[str, Any], int]:
    """(items, facts of the split, how many images the file leaves out)."""
    named = read_split(split)
    paths: dict[str, list[Path]] = defaultdict(list)
    for (path, _), image_id in project.images.files().items():
        paths[image_id].append(path)
    cells = [
        named.cell(image_id=item.image_id, paths=paths[item.image_id], patient_id=record.patient_id)
        for record, item in pairs
    ]
    if not any(cells):
        raise BadRequest(f"{split.path} names none of the images that are ready for this task.")
    places: dict[str, set[str]] = defaultdict(set)
    kept: list[tuple[SnapshotItem, str]] = []
    for (_, item), cell in zip(pairs, cells, strict=True):
        if cell:
            places[item.patient_id].add(f"fold {cell}" if named.folds else cell)
            kept.append((item, cell))
    _refuse_two_parts(places)
    left_out = len(pairs) - len(kept)
    if named.folds:
        number = {name: place for place, name in enumerate(named.folds)}
        apart = {item.patient_id for item, _ in kept if item.image_ids & pinned}
        folded = [_in_fold(item, None if item.patient_id in apart else number[cell], pinned) for item, cell in kept]
        return folded, {"method": "file", "folds": len(named.folds)}, left_out
    for item, cell in kept:
        if item.image_ids & pinned and cell != "test":
            it = "it is" if item.image_id in pinned else "an image of its sample is"
            raise BadRequest(
                f"{split.path} puts the image {item.path.name} into {cell}, but {it} a test image of an earlier "
                "snapshot of this task, or of an import, so it stays a test image; correct the file."
            )
    parted = [replace(item, part=cell, pinned_test=item.image_id in pinned) for item, cell in kept]
    return parted, {"method": "file"}, left_out


def _count(items: Sequence[SnapshotItem], task: Task) -> dict[str, Any]:
    """Images, patients and what they show, of one part."""
    counts: dict[str, Any] = {"images": len(items), "patients": len({item.patient_id for item in items})}
    return {**counts, **task.of_kind.counts(items, task.labels)}


def _card(task: Task, split: dict[str, Any], seed: int, items: Sequence[SnapshotItem]) -> dict[str, Any]:
    if split.get("folds"):
        groups = {f"fold {fold}": [item for item in items if item.fold == fold] for fold in range(split["folds"])}
        groups["test"] = [item for item in items if item.part == "test"]
    else:
        groups = {part: [item for item in items if item.part == part] for part in PARTS}
    return {
        "format": 1,
        "created": now_iso(),
        "task": task_facts(task),
        "split": split,
        "seed": seed,
        **_count(items, task),
        "parts": {name: _count(group, task) for name, group in groups.items() if group or name in PARTS},
        "pinned_test_images": sum(item.pinned_test for item in items),
    }


def make_snapshot(
    project: Project,
    task: Task,
    *,
    split: tuple[float, float, float] | None = None,
    folds: int | None = None,
    split_file: SplitFile | None = None,
    seed: int = 1,
    rule: SampleRule = PLAIN,
) -> Snapshot:
    """Freeze the complete cases for a task, split by patient: by shares, into folds, or as a file says.

    An image that an earlier snapshot of this task has tested on, or an import called a test image, stays one, with its
    patient; who was trained on becomes none while the test share is met, and by the same shares and seed as before all
    keep their parts (`staying.py`). The same content gives the same snapshot. rule: which frames make a sample. Raises
    PatientInTwoParts with the patient's name, BadRequest when nothing is ready or the options do not fit, Ambiguous
    where the rule names several series, NotWritable.
    """
    if project.read_only:
        raise NotWritable(f"The project {project.folder} is open read-only; no snapshot can be made in it.")
    if sum(option is not None for option in (split, folds, split_file)) > 1:
        raise BadRequest("Give one of a split, folds or a split file.")
    reader = ItemReader(project, task, rule)
    pairs = list(reader.items())
    if not pairs:
        raise BadRequest(why_empty(task, reader, reader.left_out_of))
    items = [item for _, item in pairs]
    earlier = earlier_images(project, task)
    facts: dict[str, Any]
    if split_file is not None:
        items, facts, left_out = _by_file(project, pairs, split_file, earlier.tested)
        reader.left_out["not in the split file"] = left_out
    elif folds is not None:
        items, facts = _by_folds(items, task, folds, earlier.tested, seed), {"method": "folds", "folds": folds}
    else:
        shares = DEFAULT_SPLIT if split is None else split
        items, facts = _by_ratio(items, task, shares, earlier, seed), {"method": "ratio", "shares": list(shares)}
    assure_shown(task, items)
    card = {**_card(task, facts, seed, items), **sample_facts(rule)}
    if not rule.is_plain:
        card[SAMPLE_OF] = sorted({item.modality for item in items})
    card["left_out"] = {reason: count for reason, count in reader.left_out.items() if count}
    card["left_out_of"] = {
        reason: [path.name for path in paths[:MOST_NAMED]] for reason, paths in reader.left_out_of.items()
    }
    if task.scope == NUMBER:
        card["units"] = units_of(project, task.labels)
    imported_words = words_of_imported(project.folder, items)
    card["notes"] = [*reader.said_notes(), *filter(None, [without_words(task, items), imported_words])]
    kept = {item.image_id for item in items}
    records = [record for record, item in pairs if item.image_id in kept]
    card[HOW_SAID] = how_said(project, records, reader.round_ids, reader.read_by)
    if split_file is not None:
        card["split_file"] = {"name": split_file.path.name, "column": split_file.column}
    return _write(project.folder, card, items)


def _write(folder: Path, card: dict[str, Any], items: Sequence[SnapshotItem]) -> Snapshot:
    snapshot_id = content_id(card, map(snapshot_file.item_line, items))
    card = {"id": snapshot_id, **card}
    root = folder / SNAPSHOTS
    target = root / snapshot_id
    if not (target / CARD_NAME).is_file():

        def fill(partial: Path) -> None:
            snapshot_file.write(partial / ITEMS_NAME, items)
            replace_file(
                partial / CARD_NAME, (json.dumps(card, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
            )

        fill_new_folder(target, fill)
    try:
        with (root / ORDER_NAME).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"id": snapshot_id, "made": now_iso()}, allow_nan=False) + "\n")
    except OSError as error:
        raise NotWritable(f"{root / ORDER_NAME} could not be written ({error.strerror}).") from error
    return Snapshot.load(folder, snapshot_id)
