"""What stands of the numbers of an image where one or several readers have said them: agreed, or unknown."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.project.clashes import AGE
from tests.project.test_answers import image_target
from tests.project.test_readings import reading
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.values import Quantity, Words
from viewer.project import edit_builders as edits
from viewer.project.answers import say
from viewer.project.attributes.edits import declare
from viewer.project.combining import NUMBER, Combined, Said
from viewer.project.project import Project

ON_FILES = {
    "test_readers_are_taken_together_by_the_rule": "the rule is arithmetic on what was read, as in test_combining",
}
READERS = ("Ada", "Bob", "Cyd")


def completed(project: Project, image_id: str) -> None:
    case = project.cases.get(project.images.get(image_id).case_id)
    project.history.do(edits.set_status(case, CaseStatus.COMPLETE))


def stands(folder: Path, image_id: str, rule: str) -> Said:
    with Project.open(folder, writable=False, reader="shared") as project:
        combined = Combined(project, rule)
        (record,) = combined.ahead([project.images.get(image_id)], NUMBER)
        assert combined.said(record) == combined.said(record, NUMBER), "held, and read for one alone"
        return combined.said(record, NUMBER)


@pytest.fixture
def asked(project: Project, image_id: str) -> str:
    project.history.do(declare(AGE))
    return image_id


def test_a_number_of_a_complete_case_stands_and_no_number_is_unknown(project: Project, asked: str) -> None:
    other = next(one.image_id for one in project.images.all() if one.image_id != asked)
    project.history.do(say(project, image_target(asked), "age", Quantity(number=45.5, unit="a")))
    for image_id in (asked, other):
        completed(project, image_id)
    assert stands(project.folder, asked, "agreed").numbers == {"age": 45.5}
    assert stands(project.folder, other, "agreed") == Said()


def test_what_nobody_asks_for_is_no_number_of_the_image(project: Project, asked: str) -> None:
    project.history.do(say(project, image_target(asked), "size", Quantity(number=4, unit="mm")))
    project.history.do(declare(replace(AGE, name="note", kind=AGE.kind.TEXT, unit="", position=1)))
    project.history.do(say(project, image_target(asked), "note", Words(text="blurred")))
    completed(project, asked)
    found = stands(project.folder, asked, "agreed")
    assert found.answers == {"note": Words(text="blurred")} and found.numbers == {}


@pytest.mark.parametrize(
    ("said", "rule", "number"),
    [
        ((45, 45, 45), "agreed", 45), ((45, 45, 46), "agreed", None), ((45, 45, None), "agreed", None),
        ((45, 45, 46), "majority", 45), ((45, 46, 47), "majority", None), ((None, None, 45), "majority", None),
        ((45, 45, None), "union", 45), ((45, 46, None), "union", None), ((None, 47, None), "union", 47),
        ((45, 46, 47), "reader:Bob", 46), ((45, None, 47), "reader:Bob", None),
    ],
)  # fmt: skip
def test_readers_are_taken_together_by_the_rule(
    project: Project, asked: str, said: tuple[float | None, ...], rule: str, number: float | None
) -> None:
    folder = project.folder
    project.close()
    for name, value in zip(READERS, said, strict=True):
        with reading(folder, name) as own:
            if value is not None:
                own.history.do(say(own, image_target(asked), "age", Quantity(number=value, unit="a")))
            completed(own, asked)
    found = stands(folder, asked, rule)
    assert found.numbers == ({} if number is None else {"age": number})
    differ = number is None and rule != "reader:Bob"
    assert found.differ == (frozenset({"age"}) if differ else frozenset())
