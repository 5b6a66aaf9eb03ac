"""A task that is divided again: what was tested on stays test, what was trained on stays out, the share stays met."""

import random
from collections.abc import Callable, Sequence

import pytest

from viewer.core.edits import CaseStatusChange, Edit, ImageLabelChange
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.project import Project
from viewer.project.records import NewImage, Task
from viewer.project.snapshots.preview import SnapshotPreview
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot
from viewer.project.snapshots.staying import TEST, divide_again

TASK = Task(name="disc or none", kind="classification", labels=("A", "B"))
SHARES = (0.6, 0.2, 0.2)


def labelled(
    project: Project, new_image: Callable[..., NewImage], patients: Sequence[tuple[str, str]], start: int
) -> list[str]:
    """One complete image per (patient, label)."""
    ids = project.images.register([new_image(start + n, patient) for n, (patient, _) in enumerate(patients)])
    changes: list[ImageLabelChange | CaseStatusChange] = []
    for image_id, (_, label) in zip(ids, patients, strict=True):
        case_id = project.images.get(image_id).case_id
        changes.append(ImageLabelChange(image_id=image_id, label=label, before=None, after=Verdict.YES))
        changes.append(CaseStatusChange(case_id=case_id, before=CaseStatus.TO_DO, after=CaseStatus.COMPLETE))
    project.history.do(Edit(text="say", changes=tuple(changes)))
    return ids


def relabel(project: Project, ids: Sequence[str], labels: Sequence[str]) -> None:
    """The other label of the two for each image."""
    for image_id, label in zip(ids, labels, strict=True):
        other = {"A": "B", "B": "A"}[label]
        project.history.do(
            Edit(
                text="say",
                changes=(
                    ImageLabelChange(image_id=image_id, label=label, before=Verdict.YES, after=None),
                    ImageLabelChange(image_id=image_id, label=other, before=None, after=Verdict.YES),
                ),
            )
        )


def people(snapshot: Snapshot) -> dict[str, set[str]]:
    return {part: {item.patient_id for item in items} for part, items in snapshot.parts().items()}


@pytest.fixture
def forty(project: Project, new_image: Callable[..., NewImage]) -> list[tuple[str, str]]:
    """20 patients of two films each, half A: (image id, label)."""
    named = [(f"P{n // 2:03}", "A" if n // 2 % 2 else "B") for n in range(40)]
    return list(zip(labelled(project, new_image, named, 1000), (label for _, label in named), strict=True))


@pytest.mark.parametrize("coin", [18, 28, 49, 58, 97])  # with which one patient more went into test
def test_after_relabelling_the_test_part_is_as_it_was_and_nobody_who_was_trained_on_enters(
    project: Project, new_image: Callable[..., NewImage], coin: int
) -> None:
    before, after = relabelled_films(coin)
    named = [(patient, label) for patient, labels in before.items() for label in labels]
    ids = labelled(project, new_image, named, 1000)
    first = people(make_snapshot(project, TASK, split=SHARES, seed=1))
    now = [label for labels in after.values() for label in labels]
    changed = [(image_id, was) for image_id, (_, was), label in zip(ids, named, now, strict=True) if was != label]
    relabel(project, [image_id for image_id, _ in changed], [label for _, label in changed])

    later = people(make_snapshot(project, TASK, split=SHARES, seed=1))

    assert len(first["test"]) == 4, "20 % of 20 patients of two films each"
    assert later["test"] == first["test"]
    assert later["train"] and later["val"]


def relabelled_films(coin: int) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The labels of two films of each of 20 patients, before and after about a tenth were changed."""
    chance = random.Random(coin)
    before = {f"P{n:03}": [chance.choice("AB"), chance.choice("AB")] for n in range(20)}
    after = {
        key: [label if chance.random() > 0.1 else {"A": "B", "B": "A"}[label] for label in labels]
        for key, labels in before.items()
    }
    return before, after


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_is_relabelled_the_parts_of_before_hold_and_the_same_request_gives_the_same_parts(seed: int) -> None:
    for coin in range(60):
        before, after = ({k: [(one,) for one in labels] for k, labels in each.items()} for each in
                         relabelled_films(coin))  # fmt: skip
        first = divide_again(before, SHARES, seed=1, tested=set(), trained=set())
        tested = {key for key, part in first.items() if part == TEST}

        later = divide_again(after, SHARES, seed=seed, tested=tested, trained=set(first) - tested)
        test = {key for key, part in later.items() if part == TEST}

        assert test >= tested
        assert len(test) <= max(4, len(tested))
        assert divide_again(after, SHARES, seed=seed, tested=test, trained=set(after)) == later


def test_new_patients_fill_the_test_share_and_those_trained_on_do_not(
    project: Project, new_image: Callable[..., NewImage], forty: list[tuple[str, str]]
) -> None:
    first = people(make_snapshot(project, TASK, split=SHARES, seed=1))
    labelled(project, new_image, [(f"Q{n // 2:03}", "AB"[n // 2 % 2]) for n in range(20)], 3000)

    later = people(make_snapshot(project, TASK, split=SHARES, seed=1))

    assert len(later["test"]) == 6, "20 % of 30"
    assert first["test"] < later["test"]
    assert not later["test"] & (first["train"] | first["val"])
    preview = SnapshotPreview(project, TASK).divide(split=SHARES, seed=1)
    assert {item.patient_id for item in preview.parts["test"]} == later["test"], "the dialog counts what is made"


def test_a_larger_share_than_the_new_ones_can_fill_takes_from_those_trained_on_too(
    project: Project, forty: list[tuple[str, str]]
) -> None:
    first = people(make_snapshot(project, TASK, split=SHARES, seed=1))

    later = people(make_snapshot(project, TASK, split=(0.4, 0.2, 0.4), seed=1))

    assert first["test"] < later["test"]
    assert len(later["test"]) == 8, "40 % of 20"


def test_the_same_request_gives_the_same_snapshot_also_where_an_earlier_one_holds_patients_back(
    project: Project, new_image: Callable[..., NewImage], forty: list[tuple[str, str]]
) -> None:
    make_snapshot(project, TASK, split=SHARES, seed=1)
    labelled(project, new_image, [(f"Q{n:03}", "AB"[n % 2]) for n in range(7)], 3000)

    for shares, seed in ((SHARES, 1), (SHARES, 2), ((0.5, 0.1, 0.4), 3)):
        once = make_snapshot(project, TASK, split=shares, seed=seed)
        assert make_snapshot(project, TASK, split=shares, seed=seed).id == once.id


def test_a_corrected_label_moves_nobody_so_that_a_run_that_goes_on_is_judged_by_what_it_has_not_seen(
    project: Project, new_image: Callable[..., NewImage]
) -> None:
    ids, named = [], []
    for coin in (18, 28, 49):
        before, _ = relabelled_films(coin)
        films = [(f"{coin}-{patient}", label) for patient, labels in before.items() for label in labels]
        ids += labelled(project, new_image, films, 1000 * coin)
        named += films
    first = people(make_snapshot(project, TASK, split=SHARES, seed=1))
    relabel(project, ids[::9], [label for _, label in named[::9]])

    preview = SnapshotPreview(project, TASK).divide(split=SHARES, seed=1)
    later = people(make_snapshot(project, TASK, split=SHARES, seed=1))

    assert later == first
    assert preview.stayed == first["train"] | first["val"] | first["test"]
    other = people(make_snapshot(project, TASK, split=SHARES, seed=2))
    assert other["test"] == first["test"] and other["val"] != first["val"], "another seed divides the rest anew"
    assert not SnapshotPreview(project, TASK).divide(split=(0.5, 0.3, 0.2), seed=1).stayed


def test_new_patients_come_to_those_who_keep_their_parts_and_who_was_trained_on_elsewhere_is_not_tested_on(
    project: Project, new_image: Callable[..., NewImage], forty: list[tuple[str, str]]
) -> None:
    first = people(make_snapshot(project, TASK, split=SHARES, seed=1))
    labelled(project, new_image, [(f"Q{n // 2:03}", "AB"[n // 2 % 2]) for n in range(20)], 3000)
    second = people(make_snapshot(project, TASK, split=SHARES, seed=2))
    labelled(project, new_image, [(f"R{n // 2:03}", "AB"[n // 2 % 2]) for n in range(20)], 5000)

    later = people(make_snapshot(project, TASK, split=SHARES, seed=1))

    for part in ("train", "val", "test"):
        assert first[part] - second["test"] <= later[part]
    assert second["test"] <= later["test"]
    assert not later["test"] & (second["train"] | second["val"] | first["train"] | first["val"]) - second["test"]
    assert len(later["test"]) == 8, "20 % of 40"


def test_a_part_that_nobody_is_left_in_is_filled_again(
    project: Project, new_image: Callable[..., NewImage], forty: list[tuple[str, str]]
) -> None:
    first = make_snapshot(project, TASK, split=SHARES, seed=1)
    gone = [item.image_id for item in first.items if item.part in ("val", "test")]
    for image_id in gone:
        case_id = project.images.get(image_id).case_id
        change = CaseStatusChange(case_id=case_id, before=CaseStatus.COMPLETE, after=CaseStatus.TO_DO)
        project.history.do(Edit(text="reopen", changes=(change,)))

    later = people(make_snapshot(project, TASK, split=SHARES, seed=1))

    assert all(later.values())
