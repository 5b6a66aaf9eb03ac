"""Who stays where when a task is divided again: what was tested on stays test, what was trained on stays out of it.

Asked for the same shares by the same seed, all stay in the part that they had: a label that was corrected moves nobody
from training to validation or test, where a run that goes on from an earlier one would be judged by what it has seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from viewer.project.disk.imported_parts import settle_parts
from viewer.project.project import SNAPSHOTS, Project
from viewer.project.records import Task
from viewer.project.snapshots import file as snapshot_file
from viewer.project.snapshots.card import CARD_NAME, read_card
from viewer.project.snapshots.imported_split import imported_images
from viewer.project.snapshots.split import PARTS, assign, in_line

TRAIN, VAL, TEST = (PARTS.index(part) for part in PARTS)
_STRONGEST = (TEST, TRAIN, VAL)


@dataclass(frozen=True, slots=True)
class Earlier:
    """Images of earlier snapshots of a task, those beside others in a sample among them, and of imports. tested: those
    in a test part. trained: in any other. divided: by what was asked, (seed, *shares), the part that the newest
    snapshot of those shares and that seed has each image in."""

    tested: frozenset[str] = frozenset()
    trained: frozenset[str] = frozenset()
    divided: Mapping[tuple[float, ...], Mapping[str, int]] = field(default_factory=dict)

    def kept(self, patients: Iterable[tuple[str, str]], ratio: Sequence[float], seed: int) -> dict[str, int]:
        """Each patient's part of before, for the same shares and seed, by (image id, patient id). One whose images
        were of several patients before is trained on where any of them was, unless one was tested on."""
        of_image = self.divided.get((seed, *map(float, ratio)), {})
        parts: dict[str, int] = {}
        for image_id, patient_id in patients:
            part = of_image.get(image_id)
            if part is not None:
                parts[patient_id] = min(part, parts.get(patient_id, part), key=_STRONGEST.index)
        return parts


def earlier_images(project: Project, task: Task) -> Earlier:
    """What the snapshots of a project say of this task's images, and imports of any. Folds train on all that they do
    not keep apart."""
    if not project.read_only:
        settle_parts(project.folder, project.history.states)
    tested, trained = map(set, imported_images(project.folder))
    divided: dict[tuple[float, ...], dict[str, int]] = {}
    cards = {path.parent: read_card(path.parent) for path in (project.folder / SNAPSHOTS).glob(f"*/{CARD_NAME}")}
    for folder, card in sorted(cards.items(), key=lambda one: (one[1].get("created", ""), one[0].name)):
        if card["task"]["name"] != task.name:
            continue
        parts: dict[str, int] = {}
        for item in snapshot_file.read(folder / "items.db"):
            (tested if item.part == "test" else trained).update(item.image_ids)
            parts[item.image_id] = PARTS.index(item.part)
        if shares := card["split"].get("shares"):
            divided[(card["seed"], *map(float, shares))] = parts
    return Earlier(frozenset(tested), frozenset(trained), divided)


def divide_again(
    patients: Mapping[str, Sequence[Sequence[str]]],
    ratio: Sequence[float],
    *,
    seed: int,
    tested: set[str],
    trained: set[str],
    kept: Mapping[str, int] | None = None,
) -> dict[str, int]:
    """Each patient's part (an index into PARTS), as `assign` gives it where nobody was tested or trained on before.

    tested: patients who stay in test. kept: the parts that patients had when the same was asked before; they keep
    them, and the new ones are divided among all, unless a part that was asked for is left without anybody. Else the
    rest of the asked share of test images is filled with patients who are new, and only then with `trained`: a run of
    the earlier snapshot has seen those. Asked again, it answers the same.
    """
    if kept:
        settled = {key: TEST if key in tested else kept[key] for key in patients if key in tested or key in kept}
        stayed = _around(patients, ratio, seed=seed, settled=settled, trained=trained - settled.keys())
        if all(share <= 0 or part in stayed.values() for part, share in enumerate(ratio)):
            return stayed
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


def _around(
    patients: Mapping[str, Sequence[Sequence[str]]],
    ratio: Sequence[float],
    *,
    seed: int,
    settled: Mapping[str, int],
    trained: set[str],
) -> dict[str, int]:
    """The rest divided among all parts; of them those that another division has trained on among all but the test."""
    given = assign(patients, ratio, seed=seed, fixed={**settled, **dict.fromkeys(trained, TRAIN)})
    test = {key for key, part in given.items() if part == TEST}
    rest = {key: images for key, images in patients.items() if key not in test}
    fixed = {key: part for key, part in settled.items() if part != TEST}
    return {**dict.fromkeys(test, TEST), **assign(rest, ratio[:TEST], seed=seed, fixed=fixed)}


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
