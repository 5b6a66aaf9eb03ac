"""An import is a plan: told in quantities before anything is written, written as one edit, linear in its records."""

import gc
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from viewer.cli.main import main
from viewer.core.errors import AppError, BadRequest, NotWritable
from viewer.core.registry import load
from viewer.core.shapes.annotations import CaseStatus
from viewer.exchange import IMPORTERS
from viewer.exchange.importer import Outcome
from viewer.exchange.importing import ImportReport, carry_out
from viewer.exchange.plan import OPTIONS, Plan, make_plan
from viewer.project.project import Project

TABLE = (
    "path,patient_id,label,x0,y0,x1,y1\na.png,1,n,1,1,5,5\na.png,1,n,1,1,5,5\nb.png,2,n,9,1,5,5\nb.png,2,n,1,1,9,9\n"
)


@pytest.fixture
def table(tmp_path: Path, write_picture: Callable[..., Path]) -> Path:
    """A table of two pictures: one row stands twice, one box has no width."""
    for seed, name in enumerate("ab"):
        write_picture(tmp_path / "set" / f"{name}.png", seed)
    path = tmp_path / "set" / "t.csv"
    path.write_text(TABLE)
    return path


def planned(project: Project, path: Path, name: str = "csv", *, complete: bool = False, **options: str) -> Plan:
    given = {option.replace("_", "-"): [value] for option, value in options.items()}
    return make_plan(project, load(IMPORTERS, name), path, given, complete=complete)


def everything(project: Project) -> tuple[Any, ...]:
    """What an import may change."""
    return (
        [record.image_id for record in project.images.all()],
        [project.work.annotations(record.image_id) for record in project.images.all()],
        [(label.scope, label.name) for label in project.labels],
        [(case.case_id, case.status) for case in project.cases.all()],
        [(entry.edit_id, entry.state) for entry in project.history.entries()],
    )


def test_a_plan_tells_its_quantities_and_writes_nothing(project: Project, table: Path) -> None:
    before = everything(project)

    with planned(project, table) as plan:
        counts = plan.counts()
        groups = plan.groups()

    assert everything(project) == before
    assert (counts.read, counts.images, counts.new_images, counts.annotations) == (4, 2, 2, 2)
    assert (counts.twice, counts.left_out, counts.open_images) == (1, 1, 1)
    assert [(group.outcome, group.rule, group.count) for group in groups] == [
        (Outcome.LEFT_OUT, "a box without width or height", 1)
    ]


def test_a_plan_is_written_as_one_edit_and_undone_as_one(project: Project, table: Path) -> None:
    with planned(project, table, complete=True) as plan:
        report = carry_out(project, plan)

    assert (report.annotations, report.completed_cases, report.open_cases) == (2, 1, 1)
    assert len(project.history.entries()) == 1 and project.history.undo_text == "import t.csv"
    project.history.undo()
    images, annotations, labels, cases, _ = everything(project)
    assert images == [] and annotations == [] and labels == [] and cases == [], "what it brought goes with its undo"
    project.history.redo()
    assert [len(there) for there in everything(project)[1]] == [1, 1]


def test_a_film_of_which_a_box_was_refused_is_not_completed(
    project: Project, tmp_path: Path, write_picture: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    """Width and height stand where corners belong in every third row: those films are not films without a box."""
    rows = ["path,patient_id,label,x0,y0,x1,y1"]
    for number in range(9):
        write_picture(tmp_path / f"i{number}.png", number, rows=64, cols=80)
        corner = (30 + number, 26)
        far = (28, 24) if number % 3 == 0 else (corner[0] + 28, corner[1] + 24)
        rows.append(f"i{number}.png,p{number},X,{corner[0]},{corner[1]},{far[0]},{far[1]}")
    (tmp_path / "l.csv").write_text("\n".join(rows))

    report = bring_in(project, "csv", tmp_path / "l.csv", complete=True)

    for record in project.images.all():
        case = next(case for case in project.cases.all() if case.case_id == record.case_id)
        has_box = bool(project.work.annotations(record.image_id))
        assert (case.status is CaseStatus.COMPLETE) == has_box == (int(record.path.stem[1:]) % 3 != 0)
    assert (report.completed_cases, report.open_cases, len(report.problems)) == (6, 3, 3)


def test_a_picture_that_changes_between_plan_and_import_is_left_out(
    project: Project, table: Path, write_picture: Callable[..., Path]
) -> None:
    with planned(project, table, complete=True) as plan:
        write_picture(table.parent / "a.png", 99, rows=50)
        report = carry_out(project, plan)

    assert [record.path.name for record in project.images.all()] == ["b.png"]
    assert "a.png has changed since" in report.problems[-1][1]


def test_the_temporary_database_goes_with_the_plan_and_with_a_failure(
    project: Project, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with planned(project, table) as plan:
        (folder,) = (tmp_path / "temporary").iterdir()
        assert folder.stat().st_mode & 0o077 == 0
        assert plan.counts().read == 4
    with pytest.raises(BadRequest):
        planned(project, table, map="image=nowhere")
    with pytest.raises(AppError, match="cancelled"):
        make_plan(project, load(IMPORTERS, "csv"), table, {}, cancelled=lambda: True)

    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"on_conflict": "both"}, "--on-conflict is one of first, last, not-assessed"),
        ({"frame": "two"}, "--frame takes a whole number"),
        ({"crowd": "objects"}, "no option --crowd; it has --map"),
        ({"images": "/nowhere/at/all"}, "is no folder; --images takes the folder"),
    ],
)
def test_an_option_that_does_not_fit_is_named(
    project: Project, table: Path, options: dict[str, str], sentence: str
) -> None:
    with pytest.raises(BadRequest, match=sentence):
        planned(project, table, **options)


def test_formats_share_an_option_only_as_one_thing() -> None:
    """A name means one thing on the command line, whichever format it is given with (columns differ by nature)."""
    by_name: dict[str, Any] = {option.name: option for option in OPTIONS}
    for name in IMPORTERS:
        for option in load(IMPORTERS, name).options:  # where a form shows it, its format says
            shown = replace(option, leads=by_name.setdefault(option.name, option).leads)
            assert option.roles or by_name[option.name] == shown


# -- the command


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    def do(*words: object, code: int = 0) -> Any:
        capsys.readouterr()
        assert main([*map(str, words), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return do


def test_a_dry_run_says_what_would_come_and_writes_nothing(
    tmp_path: Path, table: Path, run: Callable[..., Any]
) -> None:
    run("project", "create", tmp_path / "p")
    words = ("annotate", "import", tmp_path / "p", "--format", "csv", table)

    dry = run(*words, "--dry-run")
    assert run("project", "info", tmp_path / "p")["images"] == 0
    done = run(*words)

    assert dry["dry_run"] and not done["dry_run"]
    for key in ("read", "taken", "left_out", "ambiguous", "contradictory", "out_of_range", "guessed"):
        assert dry[key] == done[key]
    assert dry["read"] == {"records": 4, "of_nothing": 0}
    labels = [{"label": "n", "what": "shapes", "count": 2}]
    assert dry["taken"] == {
        "images": 2, "new_images": 2, "annotations": 2, "image_labels": 0, "answers": 0, "measurements": 0,
        "labels": labels,
    }  # fmt: skip
    (left,) = dry["left_out"]
    assert "line 4" in left["sentence"] and left["settle"] == "--boxes extent" and left["image"] == "b.png"


def test_what_is_left_out_is_said_in_lines_with_what_settles_it(
    tmp_path: Path, table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["project", "create", str(tmp_path / "p")])
    main(["annotate", "import", str(tmp_path / "p"), "--format", "csv", str(table), "--complete"])

    out, err = capsys.readouterr()
    assert "left out: a box without width or height, 1 (settled by --boxes extent)" in err
    assert "line 4" in err
    assert "Read 4 records; took 2 images (2 new), 2 annotations" in out and "1 left out" in out
    assert "1 case completed, 1 left open." in out


def test_the_help_shows_every_option_of_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    main(["annotate", "import", "--help"])

    said = " ".join(capsys.readouterr().out.split())
    for name in IMPORTERS:
        for option in load(IMPORTERS, name).options:
            assert f"--{option.name} " in said
    assert "--on-conflict {first,last,not-assessed}" in said and "--dry-run" in said


@pytest.mark.parametrize(
    ("given", "labels"),
    [
        (["opacity, left", "opacity, right"], ["opacity, left", "opacity, right"]),
        (["opacity, left"], None),
        (["mass,opacity, right"], None),
    ],
)
def test_a_label_with_a_comma_can_be_named(
    tmp_path: Path,
    write_picture: Callable[..., Path],
    run: Callable[..., Any],
    given: list[str],
    labels: list[str] | None,
) -> None:
    rows = ["path,patient_id,label"]
    for number in range(8):
        write_picture(tmp_path / "set" / f"{number}.png", number)
        rows.append(f'{number}.png,{number},"opacity, {"left" if number % 2 else "right"}"')
    (tmp_path / "set" / "t.csv").write_text("\n".join(rows))
    run("project", "create", tmp_path / "p")
    run("annotate", "import", tmp_path / "p", "--format", "csv", tmp_path / "set" / "t.csv", "--complete")
    words = [word for label in given for word in ("--labels", label)]

    made = run("snapshot", tmp_path / "p", "--task", "t", "--kind", "classification", *words, code=0 if labels else 2)

    if labels:
        assert sorted(made["task"]["labels"] if isinstance(made["task"], dict) else made["labels"]) == labels
    else:
        assert "error" in made


# -- work


def boxes(folder: Path, images: int, each: int, write_picture: Callable[..., Path]) -> Path:
    """A COCO file of so many boxes on so many pictures, no box like another."""
    for number in range(images):
        write_picture(folder / f"{number}.png", number, rows=40, cols=60)
    listed = [{"id": n, "file_name": f"{n}.png", "width": 60, "height": 40} for n in range(images)]
    annotations = [
        {"id": n, "image_id": n % images, "category_id": 0, "bbox": [n * 0.013 % 20, n * 0.007 % 20, 10, 10 + n % 7]}
        for n in range(images * each)
    ]
    document = {"images": listed, "annotations": annotations, "categories": [{"id": 0, "name": "x"}]}
    (folder / "c.json").write_text(json.dumps(document))
    return folder / "c.json"


def steps_of(work: Callable[[], object]) -> int:
    """How many lines of Python are walked and functions of C called, whatever the machine does beside it."""
    count = 0

    def see_line(_frame: object, event: str, _argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return see_line

    def see_call(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "c_call"

    sys.settrace(see_line)
    sys.setprofile(see_call)
    try:
        work()
    finally:
        sys.settrace(None)
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(("few", "many"), [((4, 50), (4, 200)), ((100, 8), (400, 8))], ids=["boxes", "images"])
def test_four_times_the_records_are_four_times_the_work(
    project: Project,
    other: Project,
    tmp_path: Path,
    write_picture: Callable[..., Path],
    bring_in: Callable[..., Any],
    few: tuple[int, int],
    many: tuple[int, int],
) -> None:
    small = boxes(tmp_path / "few", *few, write_picture)
    large = boxes(tmp_path / "many", *many, write_picture)

    once = steps_of(lambda: bring_in(project, "coco", small))
    four = steps_of(lambda: bring_in(other, "coco", large))

    assert four <= 4.5 * once


@pytest.mark.full
@pytest.mark.parametrize("each", [8, 800])
def test_four_times_the_boxes_take_at_most_4_5_times_the_processor(
    tmp_path: Path, write_picture: Callable[..., Path], bring_in: Callable[..., Any], each: int
) -> None:
    def seconds(count: int, turn: int) -> float:
        folder = tmp_path / f"{count}-{turn}"
        file = boxes(folder, count // each, each, write_picture)
        with Project.create(folder / "project", author="Ada") as opened:
            began = time.process_time()
            assert bring_in(opened, "coco", file).annotations == count
            return time.process_time() - began

    seconds(each, 0)  # imports and caches
    gc.freeze()  # the collector's walks through what the test run holds are no work of the import
    try:
        few, many = zip(*((seconds(4_000, turn), seconds(16_000, turn)) for turn in range(3)), strict=True)
    finally:
        gc.unfreeze()
    assert min(many) <= 4.5 * min(few)


def test_a_full_temporary_disk_is_called_so_and_nothing_is_written(
    project: Project, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every write to the plan's own database fails in turn; each end is a sentence, and the project as it was."""
    from viewer.exchange import plan_store

    before = everything(project)
    real = sqlite3.connect

    class Full(sqlite3.Connection):
        left = 0

        def execute(self, *words: Any) -> sqlite3.Cursor:
            Full.left -= 1
            if Full.left < 0:
                raise sqlite3.OperationalError("database or disk is full")
            return super().execute(*words)

    monkeypatch.setattr(plan_store.sqlite3, "connect", lambda *words, **more: real(*words, factory=Full, **more))
    sentences = []
    while True:
        Full.left = len(sentences)
        try:
            planned(project, table).close()
        except NotWritable as error:
            sentences.append(str(error))
            assert everything(project) == before
        else:
            break

    assert len(sentences) > 20
    assert all("cannot be kept in" in sentence and "disk is full" in sentence for sentence in sentences)
