"""A class that is called "none": what the plan says of it, and what it takes once a person said what it means."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from viewer.core.registry import load
from viewer.exchange import IMPORTERS
from viewer.exchange.importing import carry_out
from viewer.exchange.plan import Plan, make_plan
from viewer.project.edit_builders import add_label
from viewer.project.project import Project

TABLE = "image,label\na.png,disc\nb.png,none\nc.png,disc\nd.png,none\n"


@pytest.fixture
def planned(project: Project, tmp_path: Path, write_picture: Callable[..., Path]) -> Iterator[Callable[..., Plan]]:
    """Plans the table beside its four pictures."""
    made: list[Plan] = []

    def plan(options: dict[str, list[str]] | None = None) -> Plan:
        for seed, name in enumerate("abcd"):
            write_picture(tmp_path / "set" / f"{name}.png", seed)
        path = tmp_path / "set" / "labels.csv"
        path.write_text(TABLE, encoding="utf-8")
        made.append(make_plan(project, load(IMPORTERS, "csv"), path, options or {}))
        return made[-1]

    yield plan
    for one in made:
        one.close()


def test_a_word_for_nothing_is_named_and_its_rows_are_counted(planned: Callable[..., Plan]) -> None:
    plan = planned()

    counts = plan.counts()
    assert (counts.read, counts.nothing, counts.left_out, counts.image_labels) == (4, 2, 0, 2)
    said = [(one.rule, one.count, one.settle) for one in plan.groups()]
    assert said == [('"none" is read as nothing there; --positive makes it a label', 2, "--positive none")]
    (first,) = plan.remarks()
    assert first.sentence == (
        f'{plan.path}: "none" in 2 cells of the column label is taken as an empty cell; where it is the name of a '
        "class, say --positive none."
    )
    assert plan.taken() == [("disc", "yes", 2)]
    document = plan.document()
    assert document["read"] == {"records": 4, "of_nothing": 2}
    assert document["taken"]["labels"] == [{"label": "disc", "what": "yes", "count": 2}]


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ("negative", [("disc", "yes", 2), ("disc", "no", 2)]),
        ("positive", [("disc", "yes", 2), ("none", "yes", 2)]),
    ],
)
def test_a_word_that_was_given_a_meaning_has_it_in_every_row(
    planned: Callable[..., Plan], option: str, expected: list[tuple[str, str, int]]
) -> None:
    plan = planned({option: ["none"]})

    assert plan.taken() == expected
    assert (plan.counts().nothing, plan.groups()) == (0, [])


def test_the_name_of_a_label_of_the_project_is_no_word_for_nothing(
    project: Project, planned: Callable[..., Plan]
) -> None:
    project.history.do(add_label("none", "image", []))

    plan = planned()

    assert plan.taken() == [("disc", "yes", 2), ("none", "yes", 2)]
    assert (plan.counts().nothing, plan.groups()) == (0, [])


def test_a_row_of_which_a_cell_is_left_out_is_no_row_of_nothing(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path]
) -> None:
    for seed, name in enumerate("abc"):
        write_picture(tmp_path / "set" / f"{name}.png", seed)
    path = tmp_path / "set" / "labels.csv"
    path.write_text("image,Edema\na.png,1\nb.png,-1\nc.png,nan\n", encoding="utf-8")

    with make_plan(project, load(IMPORTERS, "csv"), path, {"map": ["image=image,label=Edema"]}) as plan:
        counts = plan.counts()

    assert (counts.read, counts.image_labels, counts.left_out, counts.nothing) == (3, 1, 1, 1)


def test_in_a_column_of_yes_and_no_the_word_is_offered_as_an_answer(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path]
) -> None:
    for seed, name in enumerate("abc"):
        write_picture(tmp_path / "set" / f"{name}.png", seed)
    path = tmp_path / "set" / "labels.csv"
    path.write_text("image,disc\na.png,yes\nb.png,none\nc.png,yes\n", encoding="utf-8")
    options = {"map": ["image=image,label=disc"]}

    with make_plan(project, load(IMPORTERS, "csv"), path, options) as plan:
        said = [(one.rule, one.settle) for one in plan.groups()]
    assert said == [('"none" is read as nothing said; --negative makes it a no', "--negative none")]

    with make_plan(project, load(IMPORTERS, "csv"), path, {**options, "negative": ["none"]}) as plan:
        assert plan.taken() == [("disc", "yes", 2), ("disc", "no", 1)]


def test_the_name_of_a_box_may_be_called_none(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path]
) -> None:
    write_picture(tmp_path / "set" / "a.png", 1)
    path = tmp_path / "set" / "boxes.csv"
    path.write_text("image,label,x0,y0,x1,y1\na.png,none,1,2,5,6\na.png,disc,2,2,6,7\n", encoding="utf-8")

    with make_plan(project, load(IMPORTERS, "csv"), path, {}) as plan:
        assert plan.taken() == [("box", "shapes", 1), ("disc", "shapes", 1)]
        assert [one.settle for one in plan.groups()] == ["--positive none"]

    with make_plan(project, load(IMPORTERS, "csv"), path, {"positive": ["none"]}) as plan:
        assert plan.taken() == [("disc", "shapes", 1), ("none", "shapes", 1)]
        assert plan.groups() == []


def test_a_word_that_means_yes_among_labels_is_still_no_patient(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path]
) -> None:
    """Two films of nobody in particular would be one patient called none, and on one side of the split."""
    for seed, name in enumerate("abc"):
        write_picture(tmp_path / "set" / f"{name}.png", seed)
    path = tmp_path / "set" / "labels.csv"
    path.write_text("image,patient,label\na.png,none,none\nb.png,none,disc\nc.png,P7,disc\n", encoding="utf-8")
    given = {"positive": ["none"], "patients": ["none"]}

    with make_plan(project, load(IMPORTERS, "csv"), path, given) as plan:
        carry_out(project, plan)

    said = {record.path.name: record.patient_id for record in project.images.all()}
    assert said["c.png"] == "P7" and "none" not in said.values()
