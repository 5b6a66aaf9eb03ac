"""`project attribute`: what is asked is declared, listed, changed and removed, and `project answer` is held to it."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_answer_command import folder  # noqa: F401  # a project of two films

AGE = ("age", "--number", "a")


def names(document: dict[str, object]) -> list[str]:
    found = document["attributes"]
    assert isinstance(found, list)
    return [one["name"] for one in found]


def test_a_number_is_asked_listed_and_no_more(run: Run, folder: Path) -> None:  # noqa: F811
    done = run("project", "attribute", folder, "add", *AGE)
    assert done["done"] == "ask age of the image"
    assert done["attributes"] == [
        {"name": "age", "scope": "image", "label": "", "kind": "number", "choices": [], "unit": "a",
         "question": "age", "code": None}
    ]  # fmt: skip
    assert run("project", "attribute", folder) == {"done": "", "attributes": done["attributes"]}
    run("project", "undo", folder)
    assert run("project", "attribute", folder)["attributes"] == []
    run("project", "redo", folder)
    assert names(run("project", "attribute", folder, "remove", "age")) == []


def test_an_answer_is_held_to_what_is_asked(run: Run, folder: Path) -> None:  # noqa: F811
    run("project", "attribute", folder, "add", *AGE)
    run("project", "attribute", folder, "add", "view", "--choice", "PA", "AP")
    film = ("--image", "P0_1.png")
    assert run("project", "answer", folder, *film)["unanswered"] == ["age", "view"]
    said = run("project", "answer", folder, "age", *film, "--number", "45")
    assert said["answers"] == {"age": {"number": 45, "unit": "a"}} and said["unanswered"] == ["view"]
    run("project", "answer", folder, "view", *film, "--choice", "pa")
    for words, sentence in (
        (("age", "--number", "45 kg"), "age is a number in a; “45 kg” is in another unit."),
        (("age", "--number", "4,5"), "“4,5” may be read in two ways"),
        (("age", "--text", "old"), "age is a number in a: say it with --number."),
        (("view", "--choice", "lateral"), "view is PA or AP, and “lateral” is none of them."),
    ):
        refused = run("project", "answer", folder, words[0], *film, *words[1:], code=2)
        assert sentence in refused["error"]["message"]
    assert run("project", "info", folder)["attributes"][0]["count"] == 1
    answers = run("project", "answer", folder, *film)["answers"]
    assert answers == {"age": {"number": 45, "unit": "a"}, "view": {"choice": "PA"}}
    assert run("project", "verify", folder)["ok"] is True


def test_it_is_changed_moved_and_renamed_and_no_answer_is_lost_unasked(run: Run, folder: Path) -> None:  # noqa: F811
    run("project", "attribute", folder, "add", *AGE)
    run("project", "attribute", folder, "add", "view", "--choice", "PA", "AP")
    film = ("--image", "P0_1.png")
    run("project", "answer", folder, "view", *film, "--choice", "AP")
    assert names(run("project", "attribute", folder, "move", "view", "1")) == ["view", "age"]
    assert names(run("project", "attribute", folder, "rename", "view", "projection")) == ["projection", "age"]
    run("project", "attribute", folder, "change", "projection", "--choice", "PA", "a.p.", "--call", "AP", "a.p.")
    assert run("project", "answer", folder, *film)["answers"] == {"projection": {"choice": "a.p."}}
    change = ("project", "attribute", folder, "change", "projection", "--choice", "PA", "lateral")
    refused = run(*change, code=2)["error"]["message"]
    assert refused.startswith("1 answer to projection of the image goes with it. Add --with-answers")
    run(*change, "--with-answers")
    assert run("project", "answer", folder, *film)["answers"] == {}
    run("project", "undo", folder)
    assert run("project", "answer", folder, *film)["answers"] == {"projection": {"choice": "a.p."}}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("add", "age"), "Say what age is: --number with its unit"),
        (("add",), "Say what is to be done with which NAME"),
        (("add", "a:b", "--text"), "no colon"),
        (("add", "ill", "--verdict"), "add a label ill instead"),
        (("add", "edge", "--of", "Nodule", "--text"), "This project has no label Nodule"),
        (("remove", "age"), "asks for no age of the image; it asks for nothing"),
        (("add", "age", "--number", "two years"), "no unit as UCUM"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(
    run: Run,
    folder: Path,  # noqa: F811
    words: tuple[str, ...],
    sentence: str,
) -> None:
    assert sentence in run("project", "attribute", folder, *words, code=2)["error"]["message"]
