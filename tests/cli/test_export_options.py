"""`negatoscope annotate export`: its options stand in the help, each with the formats that have it, and are obeyed."""

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Run
from viewer.cli.main import main
from viewer.core.registry import load
from viewer.exchange import EXPORTERS
from viewer.exchange.exporter import options_of


@pytest.fixture
def project(run: Run, tmp_path: Path) -> Path:
    """Six pictures of six patients, four of them complete and in a snapshot."""
    from PIL import Image

    rows = ["path,patient_id,label"]
    for number in range(6):
        array = np.random.default_rng(number).integers(0, 255, (30, 20), np.uint8)
        Image.fromarray(array).save(tmp_path / f"{number}.png")
        rows.append(f"{number}.png,00{number},{'ill' if number % 2 else 'well'}")
    (tmp_path / "done.csv").write_text("\n".join(rows[:5]))
    (tmp_path / "open.csv").write_text("\n".join([rows[0], *rows[5:]]))
    folder = tmp_path / "project"
    run("project", "create", folder)
    run("annotate", "import", folder, "--format", "csv", tmp_path / "done.csv", "--complete")
    run("annotate", "import", folder, "--format", "csv", tmp_path / "open.csv")
    run("snapshot", folder, "--task", "state", "--kind", "classification", "--labels", "ill,well", "--folds", "2")
    return folder


def test_the_help_names_the_options_of_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["annotate", "export", "--help"]) == 0

    said = " ".join(capsys.readouterr().out.split())
    for name in EXPORTERS:
        for option in options_of(load(EXPORTERS, name)):
            assert f"--{option.name}" in said
            assert option.help[:60].strip() in said
    assert "(coco) per-part" in said
    assert "--only-complete leave out" in said  # a flag takes no value


def test_the_options_are_obeyed(run: Run, tmp_path: Path, project: Path) -> None:
    wanted = ("--split", "newest", "--only-complete", "--geometry")

    said = run("annotate", "export", project, "--format", "csv", "--out", tmp_path / "out.csv", *wanted)
    every = run("annotate", "export", project, "--format", "csv", "--out", tmp_path / "every.csv")

    assert (said["images"], said["image_labels"], every["images"]) == (4, 8, 6)
    with (tmp_path / "out.csv").open(newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["kind"] == "image"]
    assert sorted(row["split"] for row in rows) == ["fold 0", "fold 0", "fold 1", "fold 1"]
    assert "position_mm" in rows[0]


def test_files_of_parts_are_named_and_a_wish_that_does_not_fit_is_2(run: Run, tmp_path: Path, project: Path) -> None:
    words = ("annotate", "export", project, "--format", "coco", "--out", tmp_path / "out.json", "--files", "per-part")

    said = run(*words, "--split", "newest")

    names = ["out_fold_0.json", "out_fold_1.json", "out_no-part.json"]
    assert [Path(path).name for path in said["written"]] == names
    assert all((tmp_path / name).is_file() for name in names)
    assert "needs --split" in run(*words, code=2)["error"]["message"]
    other = ("annotate", "export", project, "--format", "csv", "--out", tmp_path / "x", "--files", "per-part")
    assert "no option --files" in run(*other, code=2)["error"]["message"]
    assert "no snapshot feed" in run(*words, "--split", "feed", code=2)["error"]["message"]


def test_the_rule_for_several_readings_is_named_and_told(
    run: Run, tmp_path: Path, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = run("annotate", "export", project, "--format", "csv", "--out", tmp_path / "alone.csv")
    assert said["readings"] == {"rule": "", "words": ""}
    (tmp_path / "read.csv").write_text("path,label\n0.png,ill\n")
    run("annotate", "import", project, "--format", "csv", tmp_path / "read.csv", "--complete", "--reader", "Bob")

    said = run("annotate", "export", project, "--format", "csv", "--out", tmp_path / "out.csv", "--readings", "union")
    assert said["readings"] == {"rule": "union", "words": "what any of the readers says"}
    argv = ["annotate", "export", str(project), "--format", "csv", "--out", str(tmp_path / "o.csv")]
    assert main(argv) == 0
    assert "of several readings: what all readers say alike" in capsys.readouterr().out
    assert main([*argv, "--reader", "Bob", "--readings", "union"]) == 2
    assert "give one of them" in capsys.readouterr().err
