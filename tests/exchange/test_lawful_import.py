"""An import completes only cases whose exclusive tasks it answers; the others stay open, and it says so."""

from collections.abc import Callable
from pathlib import Path

from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.exchange.importing import ImportReport
from viewer.project.edit_builders import add_label
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.snapshots.items import what_to_do
from viewer.project.snapshots.snapshot import make_snapshot


def test_a_film_that_no_exclusive_label_names_stays_open(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    for seed, name in enumerate("abc"):
        write_picture(tmp_path / "set" / f"{name}.png", seed)
    table = tmp_path / "set" / "labels.csv"
    table.write_text("path,kind,place\na.png,bacteria,left\nb.png,virus,left\nc.png,,right\n", encoding="utf-8")
    project.tasks.put(Task(name="germ", kind="classification", labels=("bacteria", "virus"), exclusive=True))

    report = bring_in(project, "csv", table, {"map": ["image=path,label=kind,label=place"]}, complete=True)

    assert (report.completed_cases, report.open_cases) == (2, 1)
    assert [note for note in report.notes if "stays open" in note] == [
        "1 case stays open, since an exclusive task is not answered; of the first, none of “bacteria”, “virus” is said."
    ]
    statuses = {image.path.name: project.cases.get(image.case_id).status for image in project.images.all()}
    assert statuses["a.png"] is statuses["b.png"] is CaseStatus.COMPLETE
    assert statuses["c.png"] is not CaseStatus.COMPLETE


def test_two_complete_sets_are_joined_in_one_exclusive_task_by_saying_again_that_the_first_is_complete(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    """The films of the first were not asked for the label of the second; which way takes them in is said."""
    for place, label in enumerate(("bacteria", "virus")):
        for number in range(3):
            write_picture(tmp_path / label / f"{label}{number}.png", 10 * place + number)
        rows = "".join(f"{label}{number}.png,{label}\n" for number in range(3))
        (tmp_path / label / "labels.csv").write_text(f"path,kind\n{rows}", encoding="utf-8")

    def bring(label: str) -> ImportReport:
        options = {"map": ["image=path,label=kind"]}
        return bring_in(project, "csv", tmp_path / label / "labels.csv", options, complete=True)

    project.history.do(add_label("nodule", "region", project.labels))
    bring("bacteria")
    bring("virus")
    assert len({label.color for label in project.labels}) == 3, "labels that an import brings go round those there are"
    germ = Task(name="germ", kind="classification", labels=("bacteria", "virus"), exclusive=True)
    project.tasks.put(germ)
    before = make_snapshot(project, germ, split=(1.0, 0.0, 0.0))
    assert before.card["left_out"] == {"complete before virus was one of the labels": 3}
    (reason,) = before.card["left_out"]
    assert what_to_do(reason).endswith("or to import its table again as complete.")

    report = bring("bacteria")

    assert (report.completed_cases, report.open_cases, report.image_labels) == (0, 0, 0)
    assert "3 cases were complete before virus; this import says that nothing of it is missing there either." in (
        report.notes
    )
    after = make_snapshot(project, germ, split=(1.0, 0.0, 0.0))
    assert after.card["left_out"] == {} and len(after.items) == 6
    said = {item.path.stem: item.labels for item in after.items}
    assert said["bacteria0"] == {"bacteria": Verdict.YES, "virus": Verdict.NO}
    assert not [note for note in bring("bacteria").notes if "complete before" in note], "said once"
    project.history.undo()
    assert len(make_snapshot(project, germ, split=(1.0, 0.0, 0.0)).items) == 3
