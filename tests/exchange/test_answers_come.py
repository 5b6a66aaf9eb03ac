"""Answers to what the catalogue asks come from a table, and go out and come back in every format that can hold them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.core.attributes import Attribute, AttributeKind
from viewer.core.errors import BadRequest
from viewer.core.registry import load
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.values import Choice, Quantity, Target, TargetKind, Value, Words
from viewer.exchange import EXPORTERS, IMPORTERS
from viewer.exchange.exporter import dataset_of
from viewer.exchange.importer import Outcome
from viewer.exchange.importing import ImportReport, carry_out
from viewer.exchange.plan import make_plan
from viewer.project import edit_builders as edits
from viewer.project.answers import answers_of, say
from viewer.project.attributes.edits import declare
from viewer.project.project import Project
from viewer.project.verify import verify

AGE = Attribute(scope="image", label="", name="age", position=0, kind=AttributeKind.NUMBER, unit="a")
VIEW = Attribute(scope="image", label="", name="view", position=1, kind=AttributeKind.CHOICE, choices=("PA", "AP"))
MARGIN = Attribute(
    scope="region", label="nodule", name="margin", position=0, kind=AttributeKind.CHOICE, choices=("smooth", "rough")
)


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    folder.mkdir()
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 255, (30, 20), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.create(tmp_path / "project", author="Ada")


def imported(project: Project, path: Path, form: str = "csv", **given: list[str]) -> ImportReport:
    options = {name.replace("_", "-"): values for name, values in given.items()}
    with make_plan(project, load(IMPORTERS, form), path, options, complete=True) as plan:
        return carry_out(project, plan)


def table(films: Path, text: str) -> Path:
    path = films / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def said(project: Project) -> dict[str, dict[str, Value]]:
    """What is said of each image, by its file."""
    of = {Target(kind=TargetKind.IMAGE, target_id=one.image_id): one.path.name for one in project.images.all()}
    return {of[target]: answers for target, answers in answers_of(project, list(of)).items() if answers}


def years(number: float) -> Quantity:
    return Quantity(number=number, unit="a")


def test_a_column_is_the_number_of_an_image_and_is_asked_from_then_on(project: Project, films: Path) -> None:
    path = table(films, "path,AGE,site\n0.png,45,x\n1.png,,y\n2.png,7.5,z\n")
    report = imported(project, path, answer=["age [a]=age"])
    assert said(project) == {"0.png": {"age": years(45)}, "2.png": {"age": years(7.5)}}
    assert project.attributes == [AGE] and report.answers == 2
    assert {one.path.name: one.tags for one in project.images.all()}["0.png"] == {"site": "x"}
    assert [row.status for row in project.cases.all()] == [CaseStatus.COMPLETE] * 3
    assert verify(project.folder).problems == []
    assert imported(project, path, answer=["age=AGE"]).answers == 0
    while project.history.undo():
        pass
    assert project.attributes == [] and said(project) == {}


def test_what_is_asked_already_needs_no_unit_and_keeps_its_own(project: Project, films: Path) -> None:
    for one in (AGE, VIEW):
        project.history.do(declare(one))
    path = table(films, "path,years,projection\n0.png,45,pa\n1.png,46,lateral\n")
    report = imported(project, path, answer=["age=years", "view=projection"])
    assert said(project) == {"0.png": {"age": years(45), "view": Choice(word="PA")}, "1.png": {"age": years(46)}}
    (left,) = report.problems
    assert "line 3" in left[1] and "“lateral” is none of them" in left[1]
    assert [row.status.is_done for row in project.cases.all()] == [True, False]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("age=AGE", "does not ask for age of an image"), ("age [a]=gone", "has none of the name gone"),
        ("AGE", "names a question and its column"), ("age [two years]=AGE", "no unit as UCUM"),
    ],
)  # fmt: skip
def test_a_column_that_cannot_answer_is_refused(project: Project, films: Path, answer: str, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        imported(project, table(films, "path,AGE\n0.png,45\n"), answer=[answer])


def test_another_unit_than_the_projects_is_refused(project: Project, films: Path) -> None:
    project.history.do(declare(AGE))
    with pytest.raises(BadRequest, match=r"age is a number in a in this project, and --answer says \[mo\]"):
        imported(project, table(films, "path,AGE\n0.png,45\n"), answer=["age [mo]=AGE"])


def test_a_comma_that_may_be_two_things_is_left_out_by_name(project: Project, films: Path) -> None:
    path = table(films, 'path,AGE\n0.png,"1,234"\n1.png,45\n2.png,old\n')
    report = imported(project, path, answer=["age [a]=AGE"])
    assert said(project) == {"1.png": {"age": years(45)}}
    assert {remark.outcome for remark in report.remarks if remark.outcome.is_left_out} == {
        Outcome.AMBIGUOUS, Outcome.LEFT_OUT,
    }  # fmt: skip
    report = imported(project, path, answer=["age [a]=AGE"], decimal=["comma"])
    assert said(project)["0.png"] == {"age": years(1.234)}


def test_rows_that_contradict_each_other_settle_nothing_by_their_order(project: Project, films: Path) -> None:
    path = table(films, "path,AGE\n0.png,45\n0.png,46\n1.png,7\n1.png,7\n")
    report = imported(project, path, answer=["age [a]=AGE"])
    assert said(project) == {"1.png": {"age": years(7)}}
    (sentence,) = [one for _, one in report.problems]
    assert sentence.endswith("the import says of age: 45 a (line 2), 46 a (line 3); it was left unknown.")
    imported(project, path, answer=["age=AGE"], on_conflict=["last"])
    assert said(project)["0.png"] == {"age": years(46)}


def test_what_the_project_says_is_kept(project: Project, films: Path) -> None:
    path = table(films, "path,AGE\n0.png,45\n")
    imported(project, path, answer=["age [a]=AGE"])
    (record,) = project.images.all()
    target = Target(kind=TargetKind.IMAGE, target_id=record.image_id)
    project.history.do(say(project, target, "age", years(50)))
    report = imported(project, path, answer=["age=AGE"])
    assert said(project) == {"0.png": {"age": years(50)}} and report.counts.kept == 1


@pytest.fixture
def answered(project: Project, films: Path) -> Project:
    """Two films: a number, a choice and a text of images, a choice of one of two boxes."""
    imported(project, table(films, "path\n0.png\n1.png\n"))
    first, second = (record.image_id for record in project.images.all())
    for image_id, x0 in ((first, 1), (second, 3)):
        box = Box(x0_px=x0, y0_px=2, x1_px=x0 + 9, y1_px=12)
        project.history.do(edits.add_annotation(image_id, "nodule", box, author="Ada"))
    note = replace(VIEW, name="note", position=2, kind=AttributeKind.TEXT, choices=())
    for one in (AGE, VIEW, MARGIN, note):
        project.history.do(declare(one))
    drawn = project.work.annotations(first)[0]
    for kind, target_id, name, value in (
        (TargetKind.IMAGE, first, "age", years(45.25)), (TargetKind.IMAGE, first, "note", Words(text='=1, "x"\nü')),
        (TargetKind.IMAGE, second, "view", Choice(word="AP")),
        (TargetKind.OBJECT, drawn.object_key, "margin", Choice(word="rough")),
    ):  # fmt: skip
        project.history.do(say(project, Target(kind=kind, target_id=target_id), name, value))
    return project


def of_objects(project: Project) -> dict[str, list[dict[str, Value]]]:
    """What is said of the objects of each image, by its file."""
    found: dict[str, list[dict[str, Value]]] = {}
    for record in project.images.all():
        keys = [one.object_key for one in project.work.annotations(record.image_id)]
        targets = [Target(kind=TargetKind.OBJECT, target_id=key) for key in keys]
        found[record.path.name] = [answers_of(project, [target])[target] for target in targets]
    return found


@pytest.mark.parametrize("form", ["csv", "coco"])
def test_what_is_exported_comes_back(answered: Project, tmp_path: Path, films: Path, form: str) -> None:
    exporter = load(EXPORTERS, form)
    path = films / f"out{exporter.suffix}"
    dataset = dataset_of(answered, exporter)
    assert not any("answer" in one for one in exporter.losses(dataset))
    exporter.write(path, dataset)
    with Project.create(tmp_path / "again", author="Ben") as again:
        report = imported(again, path, form)
        assert report.problems == ()
        assert said(again) == said(answered) and of_objects(again) == of_objects(answered)
        assert again.attributes == answered.attributes
        assert verify(again.folder).problems == []
        again.history.undo()
        assert again.attributes == []


@pytest.mark.parametrize("form", ["masks"])
def test_a_format_without_a_place_for_them_says_so(answered: Project, form: str) -> None:
    exporter = load(EXPORTERS, form)
    assert "4 answers are left out (the csv and coco formats hold them)." in exporter.losses(
        dataset_of(answered, exporter)
    )


def test_a_project_that_asks_otherwise_keeps_its_question(answered: Project, tmp_path: Path, films: Path) -> None:
    exporter = load(EXPORTERS, "csv")
    exporter.write(films / "out.csv", dataset_of(answered, exporter))
    with Project.create(tmp_path / "again", author="Ben") as again:
        again.history.do(declare(replace(AGE, unit="mo")))
        report = imported(again, films / "out.csv")
        assert "age" not in said(again).get("0.png", {})
        assert any("“45.25 a” is not that" in sentence for _, sentence in report.problems)
        assert any("the project's was kept" in sentence for sentence in report.notes)


def test_a_project_that_asks_nothing_writes_the_table_as_before(project: Project, films: Path) -> None:
    imported(project, table(films, "path\n0.png\n"))
    exporter = load(EXPORTERS, "csv")
    exporter.write(films / "out.csv", dataset_of(project, exporter))
    assert "answers" not in (films / "out.csv").read_text().splitlines()[0].split(",")


@pytest.mark.parametrize(("rule", "number"), [("agreed", None), ("reader:Bob", 47.0)])
def test_an_export_takes_the_answers_of_several_readers_by_its_rule(
    project: Project, films: Path, tmp_path: Path, rule: str, number: float | None
) -> None:
    imported(project, table(films, "path\n0.png\n"))
    project.history.do(declare(AGE))
    (record,) = project.images.all()
    target, folder = Target(kind=TargetKind.IMAGE, target_id=record.image_id), project.folder
    project.close()
    for name, value in (("Ada", 45), ("Bob", 47)):
        with Project.open(folder, writable=True, author=name, reader=name) as own:
            own.history.do(say(own, target, "age", years(value)))
            own.history.do(edits.set_status(own.cases.all()[0], CaseStatus.COMPLETE))
    exporter = load(EXPORTERS, "csv")
    with Project.open(folder, writable=True, reader="shared") as shared:
        row = shared.cases.all()[0]
        shared.history.do(edits.set_status(row, CaseStatus.IN_PROGRESS))  # else it settles what readers differ in
        exporter.write(films / "out.csv", dataset_of(shared, exporter, {"readings": [rule]}))
        exporter.write(films / "each.csv", dataset_of(shared, exporter, {"readings": ["each"]}))
    with Project.create(tmp_path / "again", author="Cyd") as again:
        imported(again, films / "out.csv")
        assert said(again) == ({} if number is None else {"0.png": {"age": years(number)}})
    with Project.create(tmp_path / "both", author="Cyd") as both:
        imported(both, films / "each.csv")
        for name, value in (("Ada", 45), ("Bob", 47)):
            assert said(both.in_reading(name)) == {"0.png": {"age": years(value)}}
