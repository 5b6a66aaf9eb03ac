"""Which part of a snapshot a case is in, and what a filter says of it. Every part here is written down by hand."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.project.test_snapshot_parts import BOXES, LUNGS, MASK, drawn
from tests.project.test_snapshots import AB, labelled
from viewer.core.errors import BadProject, NotFound, UnknownName
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.shape import Shape
from viewer.project import taking_out
from viewer.project.case_query import CaseQuery, read_query
from viewer.project.project import Project
from viewer.project.records import NewImage, Task
from viewer.project.snapshots import snapshot as snapshots
from viewer.project.snapshots.parts import CaseParts, Tally, case_parts, label_tallies
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot
from viewer.project.snapshots.split import SplitFile

BY_HAND = ("train", "train", "val", "test", "train", "test", "")


@pytest.fixture
def cases(project: Project, new_image: Callable[..., NewImage]) -> list[str]:
    """The cases of seven complete films of seven patients, in order; eight others of the project are to do."""
    ids = labelled(project, new_image, [(f"X{number}", "AB"[number % 2]) for number in range(7)])
    return [project.images.get(one).case_id for one in ids]


def made_by_hand(project: Project, cases: list[str], parts: tuple[str, ...], tmp_path: Path) -> Snapshot:
    """A snapshot whose parts are written into a file, film by film."""
    rows = [f"{project.cases.get(case).first_image_id},{part}" for case, part in zip(cases, parts, strict=True)]
    (tmp_path / "parts.csv").write_text("\n".join(["image_id,part", *rows]) + "\n")
    return make_snapshot(project, AB, split_file=SplitFile(path=tmp_path / "parts.csv", column="part"))


def found(project: Project, parts: CaseParts, text: str) -> list[str]:
    query = read_query(text)
    return [row.case_id for row in project.cases.all(text=query.text) if query.fits(parts.of_case(row.case_id))]


def test_every_case_has_the_part_that_was_written_down_and_the_others_none(
    project: Project, cases: list[str], tmp_path: Path
) -> None:
    made = made_by_hand(project, cases, BY_HAND, tmp_path)

    parts = case_parts(project)

    assert parts.snapshot_id == made.id
    assert dict(parts.of) == {case: (part,) for case, part in zip(cases, BY_HAND, strict=True) if part}
    assert parts.counts() == {"train": 3, "val": 1, "test": 2}
    assert [parts.words(case) for case in cases] == ["train", "train", "validation", "test", "train", "test", ""]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("part:test", [3, 5]), ("PART:Test", [3, 5]), ("part:train", [0, 1, 4]), ("part:validation", [2]),
        ("part:val", [2]), ("part:test,val", [2, 3, 5]), ("part:train X4", [4]), ("X5 part:test", [5]),
        ("part:train part:test", []), ("part:tes", []), ("part:", []),
    ],
)  # fmt: skip
def test_a_filter_finds_the_cases_of_that_part_alone(
    project: Project, cases: list[str], tmp_path: Path, text: str, places: list[int]
) -> None:
    made_by_hand(project, cases, BY_HAND, tmp_path)

    assert found(project, case_parts(project), text) == [cases[place] for place in places]


def test_cases_in_no_part_are_found_by_that_alone(project: Project, cases: list[str], tmp_path: Path) -> None:
    made_by_hand(project, cases, BY_HAND, tmp_path)
    parts = case_parts(project)

    without = found(project, parts, "part:none")

    assert len(without) == 9 and cases[6] in without and not set(without) & set(cases[:6])


def test_the_newest_snapshot_counts_unless_another_is_named(project: Project, cases: list[str], tmp_path: Path) -> None:
    first = made_by_hand(project, cases, BY_HAND, tmp_path)
    other = ("test", "val", "train", "test", "train", "test", "train")
    second = made_by_hand(project, cases, other, tmp_path)

    assert case_parts(project).snapshot_id == second.id
    assert case_parts(project).words(cases[0]) == "test"
    assert case_parts(project, first.id[:10]).words(cases[0]) == "train"
    with pytest.raises(UnknownName, match="has no snapshot 0000"):
        case_parts(project, "0000")


def test_a_case_whose_images_lie_in_two_parts_has_both(project: Project) -> None:
    parts = CaseParts(snapshot_id="f" * 64, task="t", names=("train", "val", "test"), of={"c": ("train", "test")})

    assert parts.words("c") == "train, test"
    assert all(read_query(f"part:{part}").fits(parts.of_case("c")) for part in ("train", "test"))
    assert not read_query("part:val").fits(parts.of_case("c")) and not read_query("part:none").fits(("train",))


def test_folds_are_parts_and_train_is_none_of_them(project: Project, cases: list[str]) -> None:
    made = make_snapshot(project, AB, folds=3)
    of_image = {item.image_id: f"fold {item.fold}" for item in made.items}
    parts = case_parts(project)

    for case in cases:
        assert parts.words(case) == of_image[project.cases.get(case).first_image_id]
    assert sorted(found(project, parts, "part:fold0,fold1,fold-2")) == sorted(cases)
    assert found(project, parts, "part:train") == []
    assert parts.why_not(read_query("part:train")) == (
        f"The snapshot ab {made.id[:8]} has no part called “train”. It has folds. It can be part:fold0 to part:fold2 "
        "or part:none."
    )


def test_what_is_no_part_is_said_with_what_there_is(project: Project, cases: list[str], tmp_path: Path) -> None:
    made = made_by_hand(project, cases, BY_HAND, tmp_path)
    parts = case_parts(project)

    assert parts.why_not(read_query("part:dev")) == (
        f"The snapshot ab {made.id[:8]} has no part called “dev”. It can be part:train, part:validation, part:test or "
        "part:none."
    )
    assert parts.why_not(read_query("part:test,none X1")) == ""
    assert parts.why_not(read_query("dev")) == ""


def test_text_without_a_part_is_what_was_typed() -> None:
    assert read_query("  two  words ") == CaseQuery(text="two  words")
    assert read_query("apart:test") == CaseQuery(text="apart:test")


def test_a_case_that_was_taken_out_is_in_no_part(project: Project, cases: list[str], tmp_path: Path) -> None:
    made_by_hand(project, cases, BY_HAND, tmp_path)
    project.history.do(taking_out.taking_out(project, [project.cases.get(cases[3])]).edit)

    assert case_parts(project).of_case(cases[3]) == ()


def test_parts_that_were_changed_in_the_file_are_refused(project: Project, cases: list[str], tmp_path: Path) -> None:
    made = made_by_hand(project, cases, BY_HAND, tmp_path)
    with closing(sqlite3.connect(made.folder / snapshots.ITEMS_NAME)) as connection, connection:
        ((line,),) = connection.execute("SELECT facts FROM items LIMIT 1").fetchall()
        facts = json.loads(line)
        other = json.dumps({**facts, "part": "train" if facts["part"] == "test" else "test"})
        connection.execute("UPDATE items SET facts = ? WHERE facts = ?", (other, line))

    with pytest.raises(BadProject, match="is not what its id says"):
        case_parts(project)


def test_without_a_snapshot_there_are_no_parts(project: Project) -> None:
    with pytest.raises(NotFound, match="has no snapshot"):
        case_parts(project)
    assert replace(read_query("part:none")).fits(())


def test_each_label_is_counted_part_by_part_in_images_patients_and_cases(
    project: Project, new_image: Callable[..., NewImage], tmp_path: Path
) -> None:
    everyone = [("P1", "A"), ("P1", "A"), ("P2", "A"), ("P3", "B"), ("P4", "A")]
    ids = labelled(project, new_image, everyone)
    cases = [project.images.get(one).case_id for one in ids]
    made = made_by_hand(project, cases, ("train", "train", "train", "val", "test"), tmp_path)

    tallies = label_tallies(project, made.id)

    assert tallies == {
        "A": {"train": Tally(images=3, patients=2, cases=3), "test": Tally(images=1, patients=1, cases=1)},
        "B": {"val": Tally(images=1, patients=1, cases=1)},
    }
    project.history.do(taking_out.taking_out(project, [project.cases.get(cases[2])]).edit)
    assert label_tallies(project, made.id)["A"]["train"] == Tally(images=3, patients=2, cases=2)


@pytest.mark.parametrize(("task", "shape"), [(BOXES, Box(x0_px=1, y0_px=2, x1_px=9, y1_px=9)), (LUNGS, MASK)])
def test_what_is_drawn_counts_for_its_label(project: Project, image_id: str, task: Task, shape: Shape) -> None:
    drawn(project, image_id, shape, shape)

    made = make_snapshot(project, task, split=(1, 0, 0))

    assert label_tallies(project, made.id) == {"lung": {"train": Tally(images=1, patients=1, cases=1)}}
