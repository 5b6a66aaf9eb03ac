"""Snapshots: content ids, splits by patient, pinned test images, folds."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from viewer.core.edits import CaseStatusChange, Edit, ImageLabelChange
from viewer.core.errors import Ambiguous, BadProject, BadRequest, NotFound, NotWritable, PatientInTwoParts
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.records import NewImage, Task
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot
from viewer.project.snapshots.split import SplitFile

AB = Task(name="ab", kind="classification", labels=("A", "B"))


def labelled(
    project: Project, new_image: Callable[..., NewImage], patients: Sequence[tuple[str, str]], start: int = 1000
) -> list[str]:
    """Add one complete image per (patient, label)."""
    ids = project.images.register([new_image(start + number, patient) for number, (patient, _) in enumerate(patients)])
    changes = [
        change
        for image_id, (_, label) in zip(ids, patients, strict=True)
        for change in (
            ImageLabelChange(image_id=image_id, label=label, before=None, after=Verdict.YES),
            CaseStatusChange(
                case_id=project.images.get(image_id).case_id, before=CaseStatus.TO_DO, after=CaseStatus.COMPLETE
            ),
        )
    ]
    project.history.do(Edit(text="say", changes=tuple(changes)))
    return ids


@pytest.fixture
def fifty(project: Project, new_image: Callable[..., NewImage]) -> list[str]:
    """50 images of 30 patients, 20 A and 30 B; the eight images of the empty project stay incomplete."""
    return labelled(
        project, new_image, [(f"X{number % 30:02}", "A" if number % 30 < 12 else "B") for number in range(50)]
    )


def patients_of(snapshot: Snapshot) -> dict[str, set[str]]:
    return {part: {item.patient_id for item in items} for part, items in snapshot.parts().items()}


def test_no_patient_is_in_two_parts_and_every_part_has_both_classes(project: Project, fifty: list[str]) -> None:
    snapshot = make_snapshot(project, AB)

    parts = patients_of(snapshot)
    assert not parts["train"] & parts["test"] and not parts["train"] & parts["val"] and not parts["val"] & parts["test"]
    assert len(snapshot.items) == 50
    for part, share in (("train", 0.7), ("val", 0.15), ("test", 0.15)):
        counts = snapshot.card["parts"][part]
        assert abs(counts["images"] - 50 * share) <= 3
        assert counts["labels"]["A"]["yes"] > 0 and counts["labels"]["B"]["yes"] > 0


def test_only_complete_cases_with_a_label_of_the_task_enter(project: Project, fifty: list[str]) -> None:
    snapshot = make_snapshot(project, AB)

    assert {item.image_id for item in snapshot.items} == set(fifty)
    assert snapshot.card["left_out"] == {"case not complete": 8}


def test_in_an_exclusive_task_one_label_says_no_to_the_others(project: Project, fifty: list[str]) -> None:
    snapshot = make_snapshot(project, AB)

    assert {tuple(sorted((k, v.value) for k, v in item.labels.items())) for item in snapshot.items} == {
        (("A", "yes"), ("B", "no")),
        (("A", "no"), ("B", "yes")),
    }


def test_images_with_none_or_several_of_an_exclusive_tasks_labels_are_left_out_and_counted(
    project: Project, fifty: list[str]
) -> None:
    for image_id, label in ((fifty[0], "A"), (fifty[1], "A")):
        project.history.do(edits.say_image_label(image_id, label, before=Verdict.YES, after=None))
    project.history.do(edits.say_image_label(fifty[2], "B", before=None, after=Verdict.YES))

    snapshot = make_snapshot(project, AB)

    assert len(snapshot.items) == 47
    assert snapshot.card["left_out"]["none of the task's labels"] == 2
    assert snapshot.card["left_out"]["several of the task's labels"] == 1


def test_in_a_multi_label_task_unknown_and_not_assessed_are_no_negatives(project: Project, fifty: list[str]) -> None:
    project.history.do(edits.say_image_label(fifty[0], "B", before=None, after=Verdict.NOT_ASSESSED))
    task = Task(name="multi", kind="classification", labels=("A", "B"), exclusive=False)

    items = {item.image_id: item for item in make_snapshot(project, task).items}

    assert items[fifty[0]].labels == {"A": Verdict.YES, "B": Verdict.NOT_ASSESSED}
    assert items[fifty[1]].labels == {"A": Verdict.YES}


def test_the_id_is_its_content_whatever_the_paths_and_times(tmp_path: Path, new_image: Callable[..., NewImage]) -> None:
    ids = []
    for folder in ("one", "two"):
        with Project.create(tmp_path / folder, name=folder) as project:
            images = [new_image(number, f"X{number:02}", path=Path(f"/{folder}/{number}.png")) for number in range(9)]
            project.images.register(images if folder == "one" else images[::-1])
            patients = [(f"X{number:02}", "AB"[number % 2]) for number in range(9)]
            labelled(project, lambda number, patient: new_image(number, patient), patients, start=0)
            ids.append(make_snapshot(project, AB).id)
            assert make_snapshot(project, AB).id == ids[-1]
            changed = make_snapshot(project, AB, seed=2)
            assert changed.id != ids[-1]

    assert ids[0] == ids[1]
    assert len(ids[0]) == 64


def test_a_snapshot_stays_as_it_was_when_work_goes_on(project: Project, fifty: list[str]) -> None:
    before = make_snapshot(project, AB)
    project.history.do(edits.say_image_label(fifty[0], "A", before=Verdict.YES, after=Verdict.NO))

    after = make_snapshot(project, AB)

    assert after.id != before.id
    again = Snapshot.load(project.folder, before.id[:10])
    assert {item.image_id: item.labels for item in again.items} == {item.image_id: item.labels for item in before.items}


def test_a_snapshot_that_was_tampered_with_is_refused(project: Project, fifty: list[str]) -> None:
    import sqlite3
    from contextlib import closing

    snapshot = make_snapshot(project, AB)
    with closing(sqlite3.connect(snapshot.folder / "items.db")) as connection, connection:
        facts = json.loads(connection.execute("SELECT facts FROM items WHERE position = 0").fetchone()[0])
        facts["labels"] = {"A": "no", "B": "no"}
        connection.execute("UPDATE items SET facts = ? WHERE position = 0", (json.dumps(facts),))

    with pytest.raises(BadProject, match="not what its id says"):
        Snapshot.load(project.folder)


def test_the_newest_is_the_one_asked_for_last(project: Project, fifty: list[str]) -> None:
    first = make_snapshot(project, AB)
    second = make_snapshot(project, Task(name="other", kind="classification", labels=("A", "B")), seed=5)

    assert Snapshot.load(project.folder).id == second.id
    assert Snapshot.load(project.folder, task="ab").id == first.id
    assert make_snapshot(project, AB).id == first.id
    assert Snapshot.load(project.folder).id == first.id
    with pytest.raises(NotFound, match="negatoscope snapshot"):
        Snapshot.load(project.folder, "zzz")
    with pytest.raises(NotFound, match="has no snapshot of the task abc; it has some of ab, other; make one"):
        Snapshot.load(project.folder, task="abc")


def test_an_id_that_fits_two_snapshots_is_ambiguous(project: Project, fifty: list[str]) -> None:
    ids = {
        make_snapshot(project, Task(name=f"t{number}", kind="classification", labels=("A", "B"))).id[0]
        for number in range(17)
    }
    assert len(ids) < 17  # 17 ids, 16 digits

    crowded = [digit for digit in "0123456789abcdef" if len(list((project.folder / "snapshots").glob(f"{digit}*"))) > 1]
    with pytest.raises(Ambiguous, match="more digits"):
        Snapshot.load(project.folder, crowded[0])


def test_test_images_stay_test_images_with_their_patients(
    project: Project, new_image: Callable[..., NewImage], fifty: list[str]
) -> None:
    first = make_snapshot(project, AB, seed=1)
    tested = {item.image_id for item in first.parts()["test"]}
    tested_patients = sorted({item.patient_id for item in first.parts()["test"]})
    # more films of everybody, also of a patient who was tested on
    labelled(project, new_image, [(tested_patients[0], "A"), *((f"Y{n:02}", "AB"[n % 2]) for n in range(40))], 5000)

    for seed in range(2, 6):
        later = make_snapshot(project, AB, seed=seed)
        parts = patients_of(later)
        assert tested <= {item.image_id for item in later.parts()["test"]}
        assert tested_patients[0] in parts["test"] and tested_patients[0] not in parts["train"] | parts["val"]
        assert {item.image_id for item in later.items if item.pinned_test} >= tested
    folds = make_snapshot(project, AB, folds=3)
    assert tested <= {item.image_id for item in folds.parts(None)["test"]}
    for fold in range(3):
        used = {item.image_id for part in folds.parts(fold).values() for item in part}
        assert not used & tested


def test_folds_test_everybody_once_and_keep_patients_together(project: Project, fifty: list[str]) -> None:
    snapshot = make_snapshot(project, AB, folds=5)

    tested: list[str] = []
    for fold in range(5):
        parts = snapshot.parts(fold)
        groups = [{item.patient_id for item in parts[name]} for name in ("train", "val", "test")]
        assert all(groups) and len(set.union(*groups)) == sum(map(len, groups)) == 30
        assert sum(map(len, parts.values())) == 50
        tested += [item.image_id for item in parts["test"]]
        again = Snapshot.load(project.folder, snapshot.id).parts(fold)
        assert {k: [i.image_id for i in v] for k, v in again.items()} == {
            k: [i.image_id for i in v] for k, v in parts.items()
        }
    assert sorted(tested) == sorted(fifty)
    with pytest.raises(BadRequest, match="folds 0 to 4"):
        snapshot.parts(5)


def split_file(folder: Path, project: Project, part: Callable[[int, NewImage], str], column: str = "part") -> SplitFile:
    rows = [f"path,patient_id,{column}"]
    rows += [
        f"{record.path},{record.patient_id},{part(number, record)}"  # type: ignore[arg-type]
        for number, record in enumerate(project.images.all())
    ]
    path = folder / "split.csv"
    path.write_text("\n".join(rows))
    return SplitFile(path=path, column=column)


def test_a_split_file_is_followed_and_its_empty_cells_are_left_out(
    tmp_path: Path, project: Project, fifty: list[str]
) -> None:
    def part(number: int, record: NewImage) -> str:
        return "" if record.patient_id == "X00" else ("train", "val", "test")[int(record.patient_id[1:]) % 3]

    snapshot = make_snapshot(project, AB, split_file=split_file(tmp_path, project, part))

    assert all(item.part == ("train", "val", "test")[int(item.patient_id[1:]) % 3] for item in snapshot.items)
    assert snapshot.card["left_out"]["not in the split file"] == 2


def test_a_patient_in_two_parts_of_a_split_file_is_refused_by_name(
    tmp_path: Path, project: Project, fifty: list[str]
) -> None:
    def part(number: int, record: NewImage) -> str:
        return "test" if number == 8 + 37 else "train"  # X07's second film

    with pytest.raises(PatientInTwoParts, match=r"Patient X07 is in test and train"):
        make_snapshot(project, AB, split_file=split_file(tmp_path, project, part))
    assert list((project.folder / "snapshots").iterdir()) == []


def test_folds_of_a_file_are_kept_and_a_patient_in_two_of_them_is_refused(
    tmp_path: Path, project: Project, fifty: list[str]
) -> None:
    by_patient = split_file(tmp_path, project, lambda _, record: str(int(record.patient_id[1:]) % 3), "fold_x")
    snapshot = make_snapshot(project, AB, split_file=by_patient)
    assert snapshot.folds == 3
    assert all(item.fold == int(item.patient_id[1:]) % 3 for item in snapshot.items)

    with pytest.raises(PatientInTwoParts, match="fold"):
        make_snapshot(project, AB, split_file=split_file(tmp_path, project, lambda number, _: str(number % 4), "f"))


def test_a_file_cannot_turn_a_test_image_into_a_training_image(
    tmp_path: Path, project: Project, fifty: list[str]
) -> None:
    make_snapshot(project, AB)

    with pytest.raises(BadRequest, match="stays a test image"):
        make_snapshot(project, AB, split_file=split_file(tmp_path, project, lambda *_: "train"))


def test_a_split_file_says_which_columns_it_has_when_none_fits(
    tmp_path: Path, project: Project, fifty: list[str]
) -> None:
    file = split_file(tmp_path, project, lambda *_: "train", "group")

    with pytest.raises(BadRequest, match="path, patient_id, group"):
        make_snapshot(project, AB, split_file=SplitFile(path=file.path))
    with pytest.raises(NotFound):
        make_snapshot(project, AB, split_file=SplitFile(path=tmp_path / "none.csv"))


def test_images_without_a_patient_are_patients_of_their_own_and_the_card_says_so(
    project: Project, new_image: Callable[..., NewImage]
) -> None:
    labelled(project, new_image, [("", "AB"[number % 2]) for number in range(10)])

    snapshot = make_snapshot(project, AB)

    assert snapshot.card["patients"] == 10
    note = "10 images without a patient, each study, series or single image taken as a patient"
    assert snapshot.card["notes"] == [note]


def test_slices_of_one_series_without_a_patient_are_one_person_and_never_in_two_parts(
    project: Project, new_image: Callable[..., NewImage]
) -> None:
    def of_series(number: int, patient: str) -> NewImage:
        return replace(new_image(number, patient), series_id=f"volume-{number % 5}", study_uid="")

    labelled(project, of_series, [("", "AB"[number % 2]) for number in range(40)])

    snapshot = make_snapshot(project, AB)

    assert snapshot.card["patients"] == 5
    parts: dict[str, set[str]] = {}
    series = {record.image_id: record.series_id for record in project.images.all()}
    for item in snapshot.items:
        parts.setdefault(series[item.image_id], set()).add(item.part)
    assert len(parts) == 5 and all(len(found) == 1 for found in parts.values())


def test_the_same_patient_id_from_two_sources_is_two_patients(
    project: Project, new_image: Callable[..., NewImage]
) -> None:
    labelled(project, lambda n, p: new_image(n, p, source="east"), [("1", "A"), ("2", "B")], 2000)
    labelled(project, lambda n, p: new_image(n, p, source="west"), [("1", "A"), ("3", "B")], 3000)

    patients = {item.patient_id for item in make_snapshot(project, AB).items}

    assert patients == {"east/1", "east/2", "west/1", "west/3"}


def complete(project: Project) -> None:
    for case in project.cases.all():
        project.history.do(edits.set_status(case, CaseStatus.COMPLETE))


def test_a_detection_snapshot_holds_boxes_and_images_seen_empty(project: Project) -> None:
    first, second = (image.image_id for image in project.images.all()[:2])
    box = Box(x0_px=1, y0_px=2.5, x1_px=5, y1_px=9)
    project.history.do(edits.add_annotation(first, "nodule", box, author="Ada"))
    triangle = Polygon(points_px=((1, 1), (7, 2), (3, 8)))
    project.history.do(edits.add_annotation(second, "nodule", triangle, author="Ada"))
    project.history.do(edits.add_annotation(second, "other", box, author="Ada"))
    complete(project)

    snapshot = make_snapshot(project, Task(name="n", kind="detection", labels=("nodule",)))

    items = {item.image_id: item for item in snapshot.items}
    assert items[first].boxes == (("nodule", box),)
    assert items[second].boxes == (("nodule", Box(x0_px=1, y0_px=1, x1_px=7, y1_px=8)),)
    assert sum(not item.boxes for item in snapshot.items) == 6
    assert all(item.complete for item in snapshot.items)


def test_a_segmentation_snapshot_holds_masks_pixel_for_pixel(project: Project, image_id: str) -> None:
    mask = MaskRuns.from_array(np.random.default_rng(3).random((60, 40)) > 0.5)
    project.history.do(edits.add_annotation(image_id, "lung", mask, author="Ada"))
    complete(project)

    snapshot = make_snapshot(project, Task(name="s", kind="segmentation", labels=("lung",)))

    assert next(item for item in snapshot.items if item.image_id == image_id).masks == (("lung", mask),)


def test_an_empty_snapshot_and_contradictory_options_are_refused(
    folder: Path, project: Project, fifty: list[str]
) -> None:
    with pytest.raises(BadRequest, match="No image is ready"):
        make_snapshot(project, Task(name="x", kind="classification", labels=("C", "D")))
    with pytest.raises(BadRequest, match="Give one"):
        make_snapshot(project, AB, split=(0.5, 0.2, 0.3), folds=3)
    with pytest.raises(BadRequest, match="folds"):
        make_snapshot(project, AB, folds=31)
    with Project.open(folder, writable=False) as reader, pytest.raises(NotWritable):
        make_snapshot(reader, AB)
