"""A second read: patients are drawn, read in a round that sees nothing of the first and enters no snapshot."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import cohen_kappa_score

from ml.evaluation.agreeing.second_read import CEILING, ceiling_of
from viewer.cli.main import main
from viewer.core.errors import BadFile, BadRequest, NotWritable
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.project import Project
from viewer.project.readings import RoundKind, asked_round
from viewer.project.snapshots.drawing import drawn_order
from viewer.project.snapshots.second_read import SECOND_READS_FILE, draw_second_read, second_reads
from viewer.project.snapshots.snapshot import Snapshot

PATIENTS = 40
WORDS = ["--task", "square", "--kind", "classification", "--labels", "well,sick", "--split", "0.5", "0.25", "0.25"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 films of as many patients, every fourth sick, frozen; made once."""
    folder = tmp_path_factory.mktemp("second")
    rng = np.random.default_rng(0)
    for number in range(PATIENTS):
        Image.fromarray(rng.integers(0, 255, (16, 16)).astype(np.uint8)).save(folder / f"{number:02}.png")
    table(folder, "labels.csv", [number % 4 == 0 for number in range(PATIENTS)])
    assert main(["project", "create", str(folder / "project")]) == 0
    read(folder / "project", folder / "labels.csv")
    assert main(["snapshot", str(folder / "project"), *WORDS]) == 0
    return folder / "project"


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    import shutil

    shutil.copytree(made, tmp_path / "project")
    return tmp_path / "project"


def table(folder: Path, name: str, sick: list[bool]) -> Path:
    rows = [f"{place:02}.png,P{place:02},{'sick' if one else 'well'}" for place, one in enumerate(sick)]
    (folder / name).write_text("\n".join(["path,patient_id,label", *rows]) + "\n")
    return folder / name


def read(project: Path, answers: Path, *reader: str) -> None:
    assert main(["annotate", "import", str(project), str(answers), "--format", "csv", "--complete", *reader]) == 0


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert main(["second-read", *words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_what_both_read_is_compared_and_is_the_line_beside_figures(
    made: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All 40 once more, of whom the second reader calls three sick ones well and one well one sick."""
    drawn = told(capsys, str(project), "--task", "square", "--draw", "--reader", "Ada", "--share", "100")
    assert (drawn["patients"], drawn["waits"], drawn["done"]) == (40, 40, 0)
    assert drawn["sentence"] == "Nothing was read a second time yet." and ceiling_of(project, drawn["snapshot"]) == ""

    first = [number % 4 == 0 for number in range(PATIENTS)]
    second = [one != (place in (0, 4, 8, 9)) for place, one in enumerate(first)]
    read(project, table(made.parent, "second.csv", second), "--reader", "Ada, second")
    found = told(capsys, str(project), "--task", "square")

    assert (found["done"], found["waits"], found["differ"]) == (40, 0, 4)
    assert found["figures"]["same"]["value"] == 0.9 and found["figures"]["same"]["method"] == "exact binomial"
    assert found["figures"]["kappa"]["value"] == pytest.approx(cohen_kappa_score(first, second))
    assert found["figures"]["kappa"]["low"] < found["figures"]["kappa"]["value"] < found["figures"]["kappa"]["high"]
    assert (
        found["sentence"].startswith("Of 40 cases of 40 patients the first reading and the second agree on 0.900 (")
        and CEILING in found["sentence"]
    )
    assert ceiling_of(project, found["snapshot"]) == found["sentence"]


@pytest.mark.parametrize("first", ["shared", "Ada"])
def test_a_second_read_sees_nothing_of_the_first_and_enters_no_snapshot(made: Path, tmp_path: Path, first: str) -> None:
    """Of a reader the newest round counts, but for this one; nor is it one of several readers'."""
    project = tmp_path / "own"
    assert main(["project", "create", str(project)]) == 0
    read(project, made.parent / "labels.csv", "--reader", first)
    assert main(["snapshot", str(project), *WORDS]) == 0
    before = Snapshot.load(project, task="square")
    with Project.open(project, writable=True, author="ada") as opened:
        draw_second_read(opened, before, "Ada", share=100)
    read(
        project,
        table(made.parent, "other.csv", [number % 4 != 0 for number in range(PATIENTS)]),
        "--reader",
        "Ada, second",
    )
    with Project.open(project, writable=True, author="ada") as opened:
        (one,) = [each for each in opened.rounds.all() if each.kind is RoundKind.SECOND]
        assert one.words == "Ada, second" and asked_round(one.words).kind is RoundKind.SECOND

    assert main(["snapshot", str(project), *WORDS]) == 0
    assert Snapshot.load(project, task="square").id == before.id, "all 40 were called otherwise there"
    with Project.open(project, writable=False, reader="Bob, second") as opened:
        assert {row.status for row in opened.cases.all()} == {CaseStatus.TO_DO}


def test_at_least_thirty_patients_are_drawn_with_what_is_rare_among_them(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of 40 patients 10 are sick: of 30 drawn 7 or 8 are. The same seed draws the same, another others."""
    drawn = told(capsys, str(project), "--draw", "--reader", "Ada")
    assert drawn["patients"] == 30 and len(drawn["image_ids"]) == 30
    snapshot = Snapshot.load(project)
    sick = {item.image_id for item in snapshot.items if item.labels.get("sick") == "yes"}
    assert len(sick) == 10 and 7 <= len(sick & set(drawn["image_ids"])) <= 8
    strata = {item.patient_id: [("x",)] for item in snapshot.items}
    assert drawn_order(strata, (1, 2)) == drawn_order(strata, (1, 2)) != drawn_order(strata, (2, 2))

    capsys.readouterr()
    assert main(["project", "cases", str(project), "--part", "second", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["cases"]) == 30


def test_what_cannot_be_drawn_is_one_sentence(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    snapshot = Snapshot.load(project)
    assert "No second read of the snapshot" in told(capsys, str(project), code=1)["error"]["message"]
    assert main(["project", "cases", str(project), "--part", "second"]) != 0
    assert "No second read" in capsys.readouterr().err
    with Project.open(project, writable=True) as opened:
        for name, options, said in (
            ("", {}, "a name alone"), ("Ada, repeat", {}, "a name alone"), ("Ada", {"share": 0}, "1 to 100 percent"),
            ("Ada", {"seed": -1}, "The seed of a draw"),
        ):  # fmt: skip
            with pytest.raises(BadRequest, match=said):
                draw_second_read(opened, snapshot, name, **options)
        draw_second_read(opened, snapshot, "Ada")
        with pytest.raises(BadRequest, match="already"):
            draw_second_read(opened, snapshot, "Ada", share=50)
        draw_second_read(opened, snapshot, "Bob")
    assert [one.reader for one in second_reads(project)] == ["Ada, second", "Bob, second"]
    with Project.open(project, writable=False) as opened, pytest.raises(NotWritable):
        draw_second_read(opened, snapshot, "Eve")
    for text in ("{", '{"reads": 3}', '{"reads": [{"snapshot": 1}]}'):
        (project / SECOND_READS_FILE).write_text(text)
        with pytest.raises(BadFile, match=SECOND_READS_FILE):
            second_reads(project)
