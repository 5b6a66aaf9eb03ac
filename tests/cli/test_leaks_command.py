"""`negatoscope snapshot` tells its leak audit, `negatoscope leaks` lists the pairs, the report of a run repeats it."""

from pathlib import Path

import pytest

from tests.cli.test_predict_explain import run
from tests.project.alike_films import DONE, film, write_dicom, write_png
from viewer.cli.main import main
from viewer.project.leaks.document import LEAKS_NAME
from viewer.project.snapshots.snapshot import snapshot_folder

SNAPSHOT = ("--task", "t", "--kind", "classification", "--labels", "well,sick")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Eight films of eight patients; one of the test part is another of the training part, half its size."""
    films = tmp_path / "films"
    rows = ["path,patient_id,label,part"]
    for number in range(8):
        grey = DONE["half the size"](film(0)) if number == 7 else film(number)
        write_png(films / f"{number}.png", grey)
        part = "test" if number > 5 else "val" if number > 3 else "train"
        rows.append(f"{number}.png,P{number},{'sick' if number % 2 else 'well'},{part}")
    (films / "labels.csv").write_text("\n".join(rows) + "\n")
    folder = tmp_path / "project"
    assert main(["project", "create", str(folder)]) == 0
    table = str(films / "labels.csv")
    words = ["--format", "csv", "--complete", "--map", "image=path,patient=patient_id,label=label"]
    assert main(["annotate", "import", str(folder), table, *words]) == 0
    return folder


def test_a_snapshot_tells_its_audit_and_leaks_lists_the_pairs(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    split = ("--split-file", str(tmp_path / "films" / "labels.csv"))
    capsys.readouterr()

    assert main(["snapshot", str(project), *SNAPSHOT, *split]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "  Leak audit: 1 near duplicate in more than one part, so figures may be too good." in lines
    assert lines[-1].startswith(f"  See the pairs: negatoscope leaks {project} ")

    code, document, _ = run(capsys, *lines[-1].split(": ")[1].split()[1:])
    assert code == 0 and document["counts"]["near"] == {"found": 1, "crossing": 1}
    (leak,) = document["found"]
    assert {(side["file"], side["part"], side["patient"]) for side in leak["sides"]} == {
        ("0.png", "train", "P0"),
        ("7.png", "test", "P7"),
    }
    assert leak["score"] > 0.9 and leak["crosses"]

    assert main(["leaks", str(project)]) == 0
    said = capsys.readouterr().out
    assert "nearly the same picture: " in said and "0.png in train" in said and "7.png in test" in said
    assert f"`negatoscope leaks {project} --join` makes 1 patient of several (1 image with another id)." in said

    assert main(["leaks", str(project), "--join"]) == 0
    assert "Made 1 patient of several (1 image with another id). Make a new" in capsys.readouterr().out
    assert main(["snapshot", str(project), *SNAPSHOT]) == 0
    said = capsys.readouterr().out
    assert "Leak audit of 8 images: nothing found in more than one part." in said
    assert "Within one part: 1 near duplicate." in said and "See the pairs" not in said


def test_a_snapshot_without_an_audit_says_so_and_the_command_makes_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["snapshot", str(project), *SNAPSHOT, "--no-audit"]) == 0
    lines = capsys.readouterr().out.splitlines()
    folder = snapshot_folder(project)
    name = folder.name[:8]
    assert lines[-1] == f"  The snapshot {name} was not audited for leaks; `negatoscope leaks DIR {name}` does it."
    assert not (folder / LEAKS_NAME).exists()

    code, document, _ = run(capsys, "leaks", project, folder.name[:8])

    assert code == 0 and document["snapshot"] == folder.name and (folder / LEAKS_NAME).exists()
    code, document, _ = run(capsys, "leaks", project, "ffff")
    assert code == 2 and "has no snapshot ffff" in document["error"]["message"]


def test_films_of_one_person_under_two_ids_are_listed_by_their_ids(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["path,label,part"]
    for number, patient in enumerate(("AA", "BB", "CC")):
        name = "Svensson^Karin" if number < 2 else "Svensson^Per"
        facts = {"PatientName": name, "PatientBirthDate": "19650417"}
        write_dicom(tmp_path / "more" / f"{patient}.dcm", film(20 + number), patient=patient, **facts)
        rows.append(f"{patient}.dcm,{'sick' if number else 'well'},{'test' if number else 'train'}")
    table = tmp_path / "more" / "labels.csv"
    table.write_text("\n".join(rows) + "\n")
    words = ["--format", "csv", "--complete", "--map", "image=path,label=label"]
    assert main(["annotate", "import", str(project), str(table), *words]) == 0
    capsys.readouterr()

    assert main(["snapshot", str(project), *SNAPSHOT, "--split-file", str(table)]) == 0
    assert main(["leaks", str(project)]) == 0
    said = capsys.readouterr().out

    assert "the same name and birth date: " in said and "AA in train" in said and "BB in test" in said
    assert "CC in" not in said and "Svensson" not in said
