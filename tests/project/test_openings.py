"""The seal of a test part: each opening is counted, and no deleted run, killed process or new label hides one."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project.test_snapshots import AB, labelled
from viewer.core.errors import NotWritable
from viewer.core.labels import Verdict
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.records import NewImage
from viewer.project.snapshots.openings import (
    COMPARISON,
    EVALUATION,
    OPENINGS_NAME,
    Opened,
    opened,
    opened_most,
    part_digest,
    record_opening,
    record_predictions,
    seal_words,
    snapshot_digest,
)
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot

ON_FILES = "openings are a file beside the snapshots, whatever database the project lies in"


@pytest.fixture
def ids(project: Project, new_image: Callable[..., NewImage]) -> list[str]:
    return labelled(project, new_image, [(f"X{number:02}", "AB"[number % 2]) for number in range(24)])


def images_tested(snapshot: Snapshot, fold: int | None = None) -> list[str]:
    return [item.image_id for item in snapshot.parts(fold)["test"]]


def test_each_opening_is_counted_and_told_by_what_opened_it(tmp_path: Path) -> None:
    assert opened(tmp_path, "a") == Opened() and Opened().words == "sealed, not opened yet"

    first = record_opening(tmp_path, EVALUATION, ["a"])
    record_opening(tmp_path, EVALUATION, ["a"])
    record_opening(tmp_path, EVALUATION, ["b"])
    last = record_opening(tmp_path, COMPARISON, ["a"])

    assert first.sentence == "The test part: opened 1 time (1 evaluation)."
    assert (last.times, last.by) == (3, {EVALUATION: 2, COMPARISON: 1})
    assert last.words == "opened 3 times (2 evaluations, 1 comparison)"
    assert (
        last.sentence
        == f"The test part: {last.words}; what is chosen by looking at it again and again is too good there."
    )
    assert opened(tmp_path, "b").times == 1 and opened(tmp_path, "c").times == 0 and opened(tmp_path, "").times == 0
    assert opened_most(tmp_path, ["b", "a", "c"]).times == 3 and opened_most(tmp_path, []).times == 0


def test_a_snapshot_with_other_labels_and_the_same_test_images_was_opened_as_often(
    project: Project, ids: list[str]
) -> None:
    first = make_snapshot(project, AB)
    record_opening(project.folder, EVALUATION, [part_digest(images_tested(first))])
    project.history.do(edits.say_image_label(images_tested(first)[0], "C", before=None, after=Verdict.YES))
    project.history.do(edits.say_image_label(ids[0], "AB"[0], before=Verdict.YES, after=None))
    project.history.do(edits.say_image_label(ids[0], "B", before=None, after=Verdict.YES))

    later = make_snapshot(project, AB)

    assert later.id != first.id and set(images_tested(later)) == set(images_tested(first))
    assert seal_words(project.folder, later.id) == "opened 1 time (1 evaluation)"


def test_the_folds_of_a_snapshot_have_a_seal_each(project: Project, ids: list[str]) -> None:
    snapshot = make_snapshot(project, AB, folds=3)
    digests = [snapshot_digest(project.folder, snapshot.id, fold) for fold in range(3)]

    assert digests == [part_digest(images_tested(snapshot, fold)) for fold in range(3)] and len(set(digests)) == 3
    record_opening(project.folder, EVALUATION, digests[:1])
    assert record_opening(project.folder, EVALUATION, digests).times == 2

    assert [opened(project.folder, digest).times for digest in digests] == [2, 1, 1]
    # No image is kept apart from all folds.
    assert snapshot_digest(project.folder, snapshot.id) == "" == seal_words(project.folder, snapshot.id)
    assert snapshot_digest(project.folder, "f" * 64) == ""


def test_predictions_over_cases_of_the_test_part_open_it_and_others_do_not(project: Project, ids: list[str]) -> None:
    snapshot = make_snapshot(project, AB)
    test = images_tested(snapshot)
    others = [image_id for image_id in ids if image_id not in test]

    assert record_predictions(project.folder, others).times == 0
    assert record_predictions(project.folder, [*others, test[0]]).times == 0
    assert not (project.folder / "snapshots" / OPENINGS_NAME).exists()

    assert record_predictions(project.folder, [*others, *test[:2]], run="r").times == 1
    assert record_predictions(project.folder, ids).words == "opened 2 times (2 predictions)"


def test_what_was_torn_by_a_kill_costs_no_later_opening(tmp_path: Path) -> None:
    record_opening(tmp_path, EVALUATION, ["a"])
    path = tmp_path / "snapshots" / OPENINGS_NAME
    with path.open("ab") as file:
        file.write(b'{"time": "2026')

    assert record_opening(tmp_path, EVALUATION, ["a"]).times == 2
    assert opened(tmp_path, "a").times == 2


def test_what_cannot_be_counted_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "snapshots").write_text("no folder")

    with pytest.raises(NotWritable, match=r"openings\.jsonl"):
        record_opening(tmp_path, EVALUATION, ["a"])


def test_openings_at_the_same_time_are_all_counted(tmp_path: Path) -> None:
    def look() -> None:
        for _ in range(20):
            record_opening(tmp_path, EVALUATION, ["a" * 32])

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert opened(tmp_path, "a" * 32).times == 160
