"""project cases, take-out, patients, label, undo and redo, as a person types them."""

from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Run
from tests.ui.conftest import write_slice
from viewer.cli.main import main
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.project import edit_builders as edits
from viewer.project.project import Project


@pytest.fixture
def films(tmp_path: Path, run: Run) -> Path:
    """A project of four pictures of two patients, as their names tell."""
    from PIL import Image

    (tmp_path / "set").mkdir()
    for number, name in enumerate(("A1_PA", "A1_LAT", "B2_PA", "B2_LAT")):
        array = np.random.default_rng(number).integers(0, 255, (30, 20), np.uint8)
        Image.fromarray(array).save(tmp_path / "set" / f"{name}.png")
    run("project", "create", tmp_path / "project", "--author", "Ada")
    run("project", "add", tmp_path / "project", tmp_path / "set")
    return tmp_path / "project"


def titles(run: Run, folder: Path, *words: str) -> list[str]:
    return [case["title"].rpartition(" · ")[2] for case in run("project", "cases", folder, *words)["cases"]]


def test_cases_are_taken_out_by_name_and_come_back(run: Run, films: Path) -> None:
    before = run("project", "cases", films)
    with Project.open(films, writable=True) as project:
        image_id = project.images.all()[0].image_id
        project.history.do(edits.say_image_label(image_id, "ill", before=None, after=Verdict.YES))
    first = Path(str(before["cases"][0]["title"].rpartition(" · ")[2])).name
    assert titles(run, films, "--find", "ill") == [first]

    refused = run("project", "take-out", films, first, code=2)
    assert "1 answer about a whole image goes with it" in refused["error"]["message"]
    run("project", "take-out", films, first, before["cases"][1]["case_id"][:8], "--with-work")
    assert len(titles(run, films)) == 2
    run("project", "take-out", films, "nobody.png", code=2)

    assert run("project", "undo", films)["undone"] == "take out 2 cases"
    assert run("project", "cases", films) == before
    assert run("project", "redo", films)["redone"] == "take out 2 cases"
    assert run("project", "verify", films)["ok"]


def test_patients_are_given_by_a_rule_and_a_dry_run_gives_none(run: Run, films: Path) -> None:
    plan = run("project", "patients", films, "--pattern", "{patient}_{view}", "--dry-run")
    assert {film["patient_id"] for film in plan["films"]} == {"A1", "B2"} and plan["changed"] == 4
    assert run("project", "info", films)["images_without_patient"] == 4

    run("project", "patients", films, "--regex", "^([A-Z]\\d)_")
    assert run("project", "info", films)["patients"] == 2
    run("project", "patients", films, "--pattern", "nonsense", code=2)


def test_a_label_is_renamed_coloured_moved_and_removed(run: Run, films: Path) -> None:
    with Project.open(films, writable=True) as project:
        image_id = project.images.all()[0].image_id
        for name in ("well", "ill"):
            project.history.do(edits.say_image_label(image_id, name, before=None, after=Verdict.NO))

    run("project", "label", films, "rename", "ill", "sick")
    run("project", "label", films, "colour", "sick", 7)
    moved = run("project", "label", films, "move", "sick", 1)
    assert [(one["name"], one["color"]) for one in moved["labels"]] == [("sick", "#F65566"), ("well", "#80C4FF")]
    refused = run("project", "label", films, "remove", "sick", code=2)
    assert "1 answer on 1 image" in refused["error"]["message"]
    assert len(run("project", "label", films, "remove", "sick", "--with-uses")["labels"]) == 1
    run("project", "label", films, "rename", "sick", "other", code=2)


def test_a_series_is_one_case_where_a_case_is_a_film_unless_it_is_cut(run: Run, tmp_path: Path) -> None:
    for place in range(5):
        write_slice(tmp_path / "ct" / f"{place}.dcm", patient="CT", study=1, series=1, place=place, frame="1.2.9")
    for words, cases in (((), 1), (("--cut-series",), 5)):
        folder = tmp_path / f"of {cases}"
        run("project", "create", folder)
        run("project", "add", folder, tmp_path / "ct", *words)
        assert [case["images"] for case in run("project", "cases", folder)["cases"]] == [5 // cases] * cases


def test_cases_are_listed_by_their_part_of_a_snapshot(run: Run, films: Path, tmp_path: Path, capsys) -> None:
    from viewer.cli.main import main

    parts = {"A1_PA": "train", "A1_LAT": "train", "B2_PA": "test"}
    with Project.open(films, writable=True) as project:
        for name in ("well", "ill"):  # known before the first case is complete, else it says nothing of the later one
            project.history.do(edits.add_label(name, "image", project.labels))
        for image in project.images.all():
            label = "well" if image.path.name.startswith("A") else "ill"
            project.history.do(edits.say_image_label(image.image_id, label, before=None, after=Verdict.YES))
            project.history.do(edits.set_status(project.cases.get(image.case_id), CaseStatus.COMPLETE))
    rows = [f"{name}.png,{part}" for name, part in parts.items()]
    (tmp_path / "set" / "parts.csv").write_text("\n".join(["image,part", *rows]) + "\n")
    task = ("--task", "ill", "--kind", "classification", "--labels", "well,ill")
    split = ("--split-file", tmp_path / "set" / "parts.csv", "--fold-column", "part")
    made = run("snapshot", films, *task, *split)

    assert titles(run, films, "--part", "test") == ["B2_PA.png"]
    assert titles(run, films, "--part", "test,train", "--find", "LAT") == ["A1_LAT.png"]
    assert titles(run, films, "--find", "part:none") == ["B2_LAT.png"]
    whole = run("project", "cases", films, "--snapshot", made["id"][:8])
    assert whole["snapshot"] == made["id"]
    by_name = {case["title"].rpartition(" · ")[2].removesuffix(".png"): case["parts"] for case in whole["cases"]}
    assert by_name == {name: [parts[name]] if name in parts else [] for name in ("A1_PA", "A1_LAT", "B2_PA", "B2_LAT")}
    assert "parts" not in run("project", "cases", films)["cases"][0]
    refused = run("project", "cases", films, "--part", "dev", code=2)["error"]["message"]
    assert "no part called “dev”" in refused and "part:validation" in refused
    run("project", "cases", films, "--snapshot", "000", code=2)

    assert main(["project", "cases", str(films), "--part", "test"]) == 0
    line, last = capsys.readouterr().out.splitlines()
    assert "  test  " in line and line.endswith("B2_PA.png")
    assert last == (
        f"1 case; the snapshot ill {made['id'][:8]} has 2 cases in train, 0 cases in validation, 1 case in test"
    )


def test_a_dry_run_of_an_import_says_which_word_was_taken_for_nothing_and_what_makes_it_a_label(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "set" / "t.csv"
    path.write_text("image,label\nA1_PA.png,disc\nB2_PA.png,none\n", encoding="utf-8")
    capsys.readouterr()

    assert main(["annotate", "import", str(films), "--format", "csv", str(path), "--dry-run"]) == 0

    said = capsys.readouterr()
    words = '"none" is read as nothing there; --positive makes it a label, 1 (settled by --positive none)'
    assert words in said.out + said.err
    assert "in 1 cell of the column label" in said.out + said.err
