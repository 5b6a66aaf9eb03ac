"""Groups by what a project asks of images: choices, yes and no, and in free words where an image lies."""

from pathlib import Path

import pytest

from ml.evaluation.subgroups.columns import group_values
from tests.project.conftest import made_up_image
from viewer.core.attributes import Attribute, AttributeKind
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.values import Choice, Target, TargetKind, Value, Words
from viewer.project import edit_builders as edits
from viewer.project.answers import say
from viewer.project.attributes.edits import declare
from viewer.project.project import Project

POSTURE = Attribute(
    scope="image", label="", name="posture", position=0, kind=AttributeKind.CHOICE, choices=("lying", "standing")
)
SITE = Attribute(scope="image", label="", name="Site", position=1, kind=AttributeKind.TEXT)
REMARK = Attribute(scope="image", label="", name="remark", position=2, kind=AttributeKind.TEXT)


@pytest.fixture
def asked(tmp_path: Path, film_of) -> tuple[Path, list]:
    """The folder of a project that asks these of its four images, and the images as films of a snapshot."""
    said: list[dict[str, Value]] = [
        {"posture": Choice(word="lying"), "drain": Verdict.YES, "sick": Verdict.YES, "Site": Words(text=" North ")},
        {"posture": Choice(word="standing"), "drain": Verdict.NO, "sick": Verdict.NO, "remark": Words(text="dark")},
        {"posture": Choice(word="lying"), "drain": Verdict.UNCERTAIN, "remark": Words(text="bright")},
        {"drain": Verdict.NO},
    ]
    with Project.create(tmp_path / "p", author="Ada") as project:
        project.images.register([made_up_image(number, f"P{number}") for number in range(4)])
        for label in ("drain", "sick"):
            project.history.do(edits.add_label(label, "image", project.labels))
        for attribute in (POSTURE, SITE, REMARK):
            project.history.do(declare(attribute))
        ids = [image.image_id for image in sorted(project.images.all(), key=lambda one: str(one.path))]
        for image_id, answers in zip(ids, said, strict=True):
            for question, value in answers.items():
                if isinstance(value, Verdict):
                    edit = edits.say_image_label(image_id, question, before=None, after=value)
                else:
                    edit = say(project, Target(kind=TargetKind.IMAGE, target_id=image_id), question, value)
                project.history.do(edit)
    films = [film_of(number, source="made up") for number in range(4)]
    for film, image_id in zip(films, ids, strict=True):
        film.image_id = image_id
    return tmp_path / "p", films


def test_what_is_said_of_images_makes_groups_and_what_is_uncertain_or_free_makes_none(asked) -> None:
    folder, films = asked

    found = group_values(films, folder, ("sick",))

    # Not the task's own label, nor remarks in free words; the one site alone is no two groups.
    assert found == {"posture": ["lying", "standing", "lying", ""], "drain": ["yes", "no", "", "no"]}
    assert group_values(films, folder, ("sick",), ["drain"]) == {"drain": ["yes", "no", "", "no"]}
    assert group_values(films, folder, ())["sick"] == ["yes", "no", "", ""]
    with pytest.raises(BadRequest, match=r"No case says its remark; there are groups by .*source, drain, posture\."):
        group_values(films, folder, ("sick",), ["remark"])


def test_a_site_that_people_name_goes_before_the_header_s_and_its_column_is_one(asked) -> None:
    folder, films = asked
    for film in films[:2]:
        film.tags["InstitutionName"] = "South"

    assert group_values(films, folder, ("sick",))["site"] == ["North", "South", "", ""]
