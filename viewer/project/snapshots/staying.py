"""Who stays where when a task is divided again: what was tested on stays test, what was trained on stays out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from viewer.project.disk.imported_parts import settle_parts
from viewer.project.project import SNAPSHOTS, Project
from viewer.project.records import Task
from viewer.project.snapshots import file as snapshot_file
from viewer.project.snapshots.card import CARD_NAME, read_card
from viewer.project.snapshots.imported_split import imported_images
from viewer.project.snapshots.split import PARTS, assign, in_line

TRAIN, VAL, TEST = (PARTS.index(part) for part in PARTS)


@dataclass(frozen=True, slots=True)
class Earlier:
    """Images of earlier snapshots of a task, those beside others in a sample among them, and of imports. tested: those
    in a test part. trained: in any other."""

    tested: frozenset[str] = frozenset()
    trained: frozenset[str] = frozenset()


def earlier_images(project: Project, task: Task) -> Earlier:
    """What the snapshots of a project say of this task's images, and imports of any. Folds train on all that they do
    not keep apart."""
    if not project.read_only:
        settle_parts(project.folder, project.history.states)
    tested, trained = map(set, imported_images(project.folder))
    for path in (project.folder / SNAPSHOTS).glob(f"*/{CARD_NAME}"):
        if read_card(path.parent)["task"]["name"] == task.name:
            for item in snapshot_file.read(path.parent / "items.db"):
                (tested if item.part == "test" else trained).update(item.image_ids)
    return Earlier(frozenset(tested), frozenset(trained))


def divide_again(
    patients: Mapping[str, Sequence[Sequence[str]]],
    ratio: Sequence[float],
    *,
    seed: int,
    tested: set[str],
    trained: set[str],
) -> dict[str, int]:
    """Each patient's part (an index into PARTS), as `assign` gives it where nobody was tested or trained on before.

    tested: patients who stay in test. The rest of the asked share of images is filled with patients who are new, and
    only then with `trained`: a run of the earlier snapshot has seen those. Asked again, it answers the same.
    """
    fresh = assign(patients, ratio, seed=seed)
    if not tested and not trained:
        return fresh
    if tested == {key for key, part in fresh.items() if part == TEST}:
        return fresh  # the request that was made before, or one that divides as it did
    test = _test_patients(patients, ratio, seed=seed, tested=tested, trained=trained - tested)
    if test == {key for key, part in fresh.items() if part == TEST}:
        return fresh
    rest = {key: images for key, images in patients.items() if key not in test}
    return {**dict.fromkeys(test, TEST), **assign(rest, ratio[:TEST], seed=seed)}


def _test_patients(
    patients: Mapping[str, Sequence[Sequence[str]]],
    ratio: Sequence[float],
    *,
    seed: int,
    tested: set[str],
    trained: set[str],
) -> set[str]:
    wanted = ratio[TEST] / sum(ratio) * sum(map(len, patients.values()))
    settled = {**dict.fromkeys(tested, TEST), **dict.fromkeys(trained, TRAIN)}
    # In two rounds, each balanced by label: the new ones, then those a run may have trained on.
    rounds = (assign(patients, ratio, seed=seed, fixed=settled), assign(patients, ratio, seed=seed))
    test, held = set(tested), sum(len(patients[key]) for key in tested)
    for number, parts in enumerate(rounds):
        free = [key for key in patients if key not in test and (key in trained) == bool(number)]
        for key in sorted(free, key=lambda one, of=parts: (of[one] != TEST, in_line(seed, one))):  # type: ignore[misc]
            grown = held + len(patients[key])
            if abs(grown - wanted) < abs(held - wanted) or (not test and wanted > 0):
                test.add(key)
                held = grown
    return test
