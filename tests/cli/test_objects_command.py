"""`project objects`: a state, a comment and a link are given, listed and taken back."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.project.conftest import made_up_image
from viewer.cli.main import main
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation
from viewer.project.project import Project

BOX = Box(x0_px=1, y0_px=2, x1_px=11, y1_px=12)


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """Two studies of P1 and one of P2, a film each with a nodule."""
    folder = tmp_path / "project"
    days = ("20240301", "20250302", "20260303")
    with Project.create(folder, author="Ada") as project:
        of = [
            made_up_image(n, "P2" if n == 2 else "P1", study_uid=f"1.{n}", tags={"StudyDate": days[n]})
            for n in range(3)
        ]
        project.images.register(of)
        for number, record in enumerate(project.images.all()):
            key = f"{'abc'[number]}{number:031}"
            project.history.do(add_annotation(record.image_id, "nodule", BOX, author="Ada", annotation_id=key))
    return folder


def test_an_object_gets_a_state_a_comment_and_a_link(run: Run, films: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = run("project", "objects", films, "--of", "a", "--state", "in question", "--comment", "calcified?")
    assert [(one["state"], one["comment"]) for one in listed["objects"]] == [("in question", "calcified?")]

    run("project", "objects", films, "--of", "b", "--link", "a")

    found = {one["object_id"][0]: one for one in run("project", "objects", films)["objects"]}
    assert [[one["object_id"][0] for one in found[key]["linked"]] for key in "abc"] == [["b"], ["a"], []]
    assert main(["project", "objects", str(films)]) == 0
    assert "in question: calcified? · one with that of 2025-03-02 (b0000000)" in capsys.readouterr().out
    assert run("project", "verify", films)["ok"] is True
    run("project", "undo", films)
    assert not any(one["linked"] for one in run("project", "objects", films)["objects"])
    run("project", "objects", films, "--of", "b", "--link", "a")
    run("project", "objects", films, "--of", "b", "--unlink", "a")
    assert not any(one["linked"] for one in run("project", "objects", films)["objects"])


@pytest.mark.parametrize(
    ("asked", "code", "words"),
    [
        (("--of", "a", "--link", "c"), 2, "not known to be of one patient"),
        (("--of", "a", "--link", "x"), 2, "begins with x"),
        (("--comment", "words"), 2, "Say with --of ID which object is meant"),
        (("--of", "a", "--unlink", "b"), 2, "is not linked with an object b"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    run: Run, films: Path, asked: tuple[str, ...], code: int, words: str
) -> None:
    assert words in run("project", "objects", films, *asked, code=code)["error"]["message"]
