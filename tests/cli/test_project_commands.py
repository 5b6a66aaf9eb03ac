"""project, annotate, snapshot and review, one after the other as a person types them."""

from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Run
from viewer.cli.main import main
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Measurement, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.project import edit_builders as edits
from viewer.project.project import Project


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """12 pictures of six patients, with a table of labels, boxes and folds."""
    from PIL import Image

    folder = tmp_path / "set"
    (folder / "images").mkdir(parents=True)
    rows = ["path,patient_id,label,fold"]
    for number in range(12):
        array = np.random.default_rng(number).integers(0, 255, (30, 20), np.uint8)
        Image.fromarray(array).save(folder / "images" / f"{number:02}.png")
        rows.append(f"images/{number:02}.png,00{number // 2},{'ill' if number // 2 % 2 else 'well'},{number // 2 % 3}")
    (folder / "labels.csv").write_text("\n".join(rows))
    return folder


def test_from_an_empty_folder_to_a_snapshot(run: Run, tmp_path: Path, pictures: Path) -> None:
    folder = tmp_path / "project"

    made = run("project", "create", folder, "--name", "Films", "--author", "Ada")
    imported = run(
        "annotate", "import", folder, "--format", "csv", pictures / "labels.csv", "--map", "label=label", "--complete"
    )
    info = run("project", "info", folder)
    snapshot = run("snapshot", folder, "--task", "ill", "--kind", "classification", "--labels", "well,ill", "--seed", 3)

    assert (made["name"], made["case_unit"]) == ("Films", "film")
    assert (imported["images"], imported["image_labels"], imported["problems"]) == (12, 24, [])
    assert info["progress"] == {"to do": 0, "in progress": 0, "complete": 12}
    assert {label["name"]: label["verdicts"] for label in info["labels"]} == {
        "ill": {"yes": 6, "no": 6},
        "well": {"yes": 6, "no": 6},
    }
    assert (snapshot["images"], snapshot["patients"], snapshot["seed"]) == (12, 6, 3)
    assert Path(snapshot["folder"]).name == snapshot["id"]
    assert run("snapshot", folder, "--task", "ill", "--seed", 3)["id"] == snapshot["id"]
    assert run("project", "info", folder)["tasks"][0]["labels"] == ["well", "ill"]
    assert run("project", "verify", folder)["ok"] is True


def test_answers_of_an_image_label_are_told_apart(
    run: Run, tmp_path: Path, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "project"
    run("project", "create", folder)
    run("annotate", "import", folder, "--format", "csv", pictures / "labels.csv", "--complete")
    with Project.open(folder, writable=True) as project:
        first, second = (image.image_id for image in project.images.all()[:2])  # the first patient is well
        for image_id, after in ((first, Verdict.NO), (second, Verdict.NOT_ASSESSED)):
            project.history.do(edits.say_image_label(image_id, "well", before=Verdict.YES, after=after))

    labels = {label["name"]: label for label in run("project", "info", folder)["labels"]}
    assert main(["project", "info", str(folder)]) == 0

    # The table says well of six images and ill of six; every case is complete, so the other is no.
    assert {key: labels["well"][key] for key in ("count", "yes", "no", "not_assessed")} == {
        "count": 12, "yes": 4, "no": 7, "not_assessed": 1,
    }  # fmt: skip
    said = capsys.readouterr().out
    assert "image label ill: 6 yes, 6 no\n" in said
    assert "image label well: 4 yes, 7 no, 1 not assessed\n" in said


def test_a_split_by_file_and_a_patient_in_two_parts(run: Run, tmp_path: Path, pictures: Path) -> None:
    folder = tmp_path / "project"
    run("project", "create", folder)
    run("annotate", "import", folder, "--format", "csv", pictures / "labels.csv", "--complete")
    task = ("--task", "t", "--kind", "classification", "--labels", "well,ill")

    card = run("snapshot", folder, *task, "--split-file", pictures / "labels.csv", "--fold-column", "fold")
    assert card["split"] == {"method": "file", "folds": 3}

    text = (pictures / "labels.csv").read_text().splitlines()
    text[2] = text[2][:-1] + "2"
    (pictures / "labels.csv").write_text("\n".join(text))
    refused = run("snapshot", folder, *task, "--split-file", pictures / "labels.csv", "--fold-column", "fold", code=1)
    assert refused["error"]["kind"] == "PatientInTwoParts"
    assert "Patient 000 is in fold 0 and fold 2" in refused["error"]["message"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--task", "new"), 2, "no task new"),
        (("--task", "new", "--labels", "well,ill"), 2, "--kind"),
        (("--task", "new", "--kind", "classification", "--labels", "well,sick"), 2, "no image label sick"),
        (("--task", "new", "--kind", "detection"), 2, "no region label"),
        (("--task", "new", "--kind", "classification", "--fold-column", "f"), 2, "--split-file"),
        (("--task", "new", "--kind", "classification", "--split", "0", "1", "1"), 2, "shares"),
        (("--task", "new", "--kind", "classification", "--folds", "7"), 2, "6 patients"),
    ],
)
def test_what_cannot_be_a_snapshot_is_said(
    run: Run, tmp_path: Path, pictures: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    folder = tmp_path / "project"
    run("project", "create", folder)
    run("annotate", "import", folder, "--format", "csv", pictures / "labels.csv", "--map", "label=label", "--complete")

    assert said in run("snapshot", folder, *words, code=code)["error"]["message"]
    assert run("project", "info", folder)["tasks"] == []


def test_add_registers_pictures_once_and_names_bad_files(run: Run, tmp_path: Path, pictures: Path) -> None:
    folder = tmp_path / "project"
    run("project", "create", folder)
    (pictures / "images" / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\nno")

    first = run("project", "add", folder, pictures / "images")
    second = run("project", "add", folder, pictures / "images")

    assert (first["added"], second["added"], second["known"]) == (12, 0, 12)
    assert [Path(problem["path"]).name for problem in first["problems"]] == ["bad.png"]
    assert run("project", "add", folder, tmp_path / "nowhere", code=1)["error"]["kind"] == "NotFound"


def test_add_registers_dicom_with_its_header_facts(run: Run, tmp_path: Path, sample: Path) -> None:
    folder = tmp_path / "project"
    run("project", "create", folder, "--case", "series")

    added = run("project", "add", folder, *(path for path in sample.iterdir() if path.name.startswith("PH-")))

    assert added["problems"] == []
    with Project.open(folder, writable=False) as project:
        images = project.images.all()
        assert len(images) == added["added"]
        assert len(project.cases.all()) == len({image.series_id for image in images}) < len(images)
        assert all(image.patient_id and image.sop_instance_uid and image.modality for image in images)
        assert "PixelSpacing" in images[0].tags or "ImagerPixelSpacing" in images[0].tags


def test_add_brings_work_over_from_the_personal_project(run: Run, tmp_path: Path, pictures: Path) -> None:
    from viewer.project.register import add_to_project, personal_project
    from viewer.reading.scan import scan

    box = Box(x0_px=1, y0_px=1, x1_px=5, y1_px=5)
    with personal_project() as personal:
        ids, _ = add_to_project(personal, scan([pictures / "images"]))
        personal.history.do(edits.add_annotation(ids[0], "nodule", box, author="Ada"))
    folder = tmp_path / "project"
    run("project", "create", folder)

    assert run("project", "add", folder, pictures / "images")["copied_from_personal"] == 1
    assert run("project", "add", folder, pictures / "images")["copied_from_personal"] == 0

    with Project.open(folder, writable=False) as project:
        (annotation,) = project.work.annotations(ids[0])
        assert (annotation.label, annotation.shape, annotation.author) == ("nodule", box, "Ada")
    assert run("project", "verify", folder)["ok"] is True


def test_annotations_leave_and_come_back(run: Run, tmp_path: Path, pictures: Path) -> None:
    folder, other = tmp_path / "project", tmp_path / "other"
    run("project", "create", folder)
    run("project", "create", other)
    run("annotate", "import", folder, "--format", "csv", pictures / "labels.csv", "--map", "label=label")

    out = run("annotate", "export", folder, "--format", "csv", "--out", tmp_path / "out.csv")
    back = run("annotate", "import", other, "--format", "csv", tmp_path / "out.csv")

    assert (out["images"], out["image_labels"], out["left_out"]) == (12, 12, [])
    assert (back["images"], back["image_labels"]) == (12, 12)
    lost = run("annotate", "export", folder, "--format", "coco", "--out", tmp_path / "out.json")
    assert "12 whole-image labels" in lost["left_out"][0]


def test_a_project_in_use_is_refused_in_one_sentence_but_can_be_looked_at(
    run: Run, tmp_path: Path, pictures: Path
) -> None:
    folder = tmp_path / "project"
    with Project.create(folder):
        refused = run("annotate", "import", folder, "--format", "csv", pictures / "labels.csv", code=1)
        assert refused["error"]["kind"] == "NotWritable" and "being written by" in refused["error"]["message"]
        assert run("project", "info", folder)["images"] == 0
        assert run("project", "verify", folder)["ok"] is True


def test_verify_ends_with_1_when_something_is_wrong(run: Run, tmp_path: Path, pictures: Path) -> None:
    import sqlite3
    from contextlib import closing

    folder = tmp_path / "project"
    run("project", "create", folder)
    run("annotate", "import", folder, "--format", "csv", pictures / "labels.csv", "--complete")
    with closing(sqlite3.connect(folder / "project.db")) as connection, connection:
        connection.execute("DELETE FROM answers")

    report = run("project", "verify", folder, code=1)

    assert report["ok"] is False and "answers" in report["problems"][0]


@pytest.fixture
def proposed(run: Run, tmp_path: Path, pictures: Path) -> Path:
    """A project with one prediction of a box and a whole-image class."""
    folder = tmp_path / "project"
    run("project", "create", folder)
    run("project", "add", folder, pictures / "images")
    with Project.open(folder, writable=True) as project:
        image_id = project.images.all()[0].image_id
        box = Box(x0_px=1, y0_px=1, x1_px=5, y1_px=5)
        proposals = tuple(
            Proposal(
                proposal_id=digits * 16, prediction_id="p", image_id=image_id, label=label, score=score, shape=shape
            )
            for digits, label, score, shape in (("ab", "nodule", 0.9, box), ("cd", "ill", 0.6, None))
        )
        project.predictions.add(
            Prediction(
                prediction_id="p",
                image_id=image_id,
                model_hash="h",
                model_name="m",
                kind="detection",
                created="2026",
                threshold=0.5,
                proposals=proposals,
                outside_domain="wrong modality",
            )
        )
    return folder


def test_proposals_are_listed_accepted_and_rejected(run: Run, proposed: Path) -> None:
    listed = run("review", proposed, "list")["proposals"]
    assert [(one["label"], one["score"], one["decision"]) for one in listed] == [
        ("nodule", 0.9, "undecided"),
        ("ill", 0.6, "undecided"),
    ]
    assert listed[0]["shape"] == {"box": [1, 1, 5, 5]}
    assert listed[0]["outside_domain"] == "wrong modality"

    (accepted,) = run("review", proposed, "accept", "abab")["done"]
    (rejected,) = run("review", proposed, "reject", "cd")["done"]

    assert accepted["decision"] == "accepted" and accepted["annotation_id"]
    assert rejected["decision"] == "rejected" and rejected["annotation_id"] is None
    assert run("review", proposed, "list")["proposals"] == []
    assert len(run("review", proposed, "list", "--decision", "all")["proposals"]) == 2
    assert run("project", "verify", proposed)["annotations"] == 1


def test_a_wrong_id_changes_nothing_and_a_second_decision_is_a_problem(run: Run, proposed: Path) -> None:
    assert run("review", proposed, "accept", "ab", "zz", code=2)["error"]["kind"] == "UnknownName"
    assert len(run("review", proposed, "list")["proposals"]) == 2
    assert run("review", proposed, "accept", code=2)["error"]["kind"] == "BadRequest"

    run("review", proposed, "reject", "ab")
    again = run("review", proposed, "accept", "ab", code=1)
    assert "already" in again["problems"][0]["reason"]


def test_what_was_only_measured_while_no_project_was_open_comes_over(run: Run, tmp_path: Path, pictures: Path) -> None:
    """To measure makes no case: the image is known to the personal project and not in it."""
    from viewer.project.register import frames_of, note_frames, personal_project
    from viewer.reading.scan import all_series, scan

    with personal_project() as personal:
        ids, _ = note_frames(personal, frames_of(all_series(scan([pictures / "images"]))))
        length = Measurement(measurement_id="m", image_id=ids[0], kind="length", points_px=((1.0, 2.0), (3.0, 4.5)))
        personal.history.do(edits.add_measurement(length))
        assert personal.images.count() == 0
    folder = tmp_path / "project"
    run("project", "create", folder)

    assert run("project", "add", folder, pictures / "images")["copied_from_personal"] == 1

    with Project.open(folder, writable=False) as project:
        assert project.work.measurements(ids[0]) == (length,)
    assert run("project", "verify", folder)["ok"] is True
