"""An import completes only cases whose exclusive tasks it answers; the others stay open, and it says so."""

from collections.abc import Callable
from pathlib import Path

from viewer.core.shapes.annotations import CaseStatus
from viewer.project.project import Project
from viewer.project.records import Task


def test_a_film_that_no_exclusive_label_names_stays_open(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path], bring_in: Callable[..., object]
) -> None:
    for seed, name in enumerate("abc"):
        write_picture(tmp_path / "set" / f"{name}.png", seed)
    table = tmp_path / "set" / "labels.csv"
    table.write_text("path,kind,place\na.png,bacteria,left\nb.png,virus,left\nc.png,,right\n", encoding="utf-8")
    project.tasks.put(Task(name="germ", kind="classification", labels=("bacteria", "virus"), exclusive=True))

    report = bring_in(project, "csv", table, {"map": ["image=path,label=kind,label=place"]}, complete=True)

    assert (report.completed_cases, report.open_cases) == (2, 1)
    assert [note for note in report.notes if "stays open" in note] == [
        "1 case stays open, since an exclusive task is not answered; of the first, none of bacteria, virus is said."
    ]
    statuses = {image.path.name: project.cases.get(image.case_id).status for image in project.images.all()}
    assert statuses["a.png"] is statuses["b.png"] is CaseStatus.COMPLETE
    assert statuses["c.png"] is not CaseStatus.COMPLETE
