"""A child of `test_failing_io`: does one thing again and again, each time with another operation of the disk refused.

argv: the scenario, a folder, the numbers "all" or "1,2,5". One JSON document out: how many operations the thing has,
and what went wrong. Whatever the n-th refused operation was: either the thing was done whole, or one sentence said
that it was not; nothing acknowledged is lost, nothing half lies about, and the next try works.
"""

import json
import logging
import os
import shutil
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from failing_files import Disk, failing_files
from failing_sqlite import SqliteDisk

from tests.compiled_once import compiled_once
from viewer.core.errors import AppError
from viewer.core.labels import Verdict
from viewer.core.registry import load
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.exchange import EXPORTERS, IMPORTERS
from viewer.exchange.exporter import dataset_of
from viewer.exchange.importing import carry_out
from viewer.exchange.plan import make_plan
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.records import NewImage, Task
from viewer.project.snapshots.snapshot import Snapshot, all_snapshots, make_snapshot
from viewer.project.verify import verify

SQLITE = SqliteDisk()
BOX = Box(x0_px=1, y0_px=2, x1_px=9, y1_px=8)
SICK = Task(name="sick?", kind="classification", labels=("sick",), exclusive=False)


class Trial:
    """One n: `attempt` does something on the refusing disk; what is wrong is collected."""

    def __init__(self, n: int) -> None:
        self.disk = Disk(n)
        self.wrong: list[str] = []

    def attempt(self, what: str, call: Callable[[], Any]) -> tuple[bool, Any]:
        """(whether it was done, what it gave). A refusal must be a sentence of ours that says why."""
        try:
            with failing_files(self.disk):
                SQLITE.disk = self.disk
                return True, call()
        except AppError as error:
            if not self.disk.refused:
                self.wrong.append(f"{what} was refused without a reason: {error}")
            if not any(word in str(error) for word in ("full", "No space", "could not be", "cannot be", "disk")):
                self.wrong.append(f"{what}: a sentence without its cause: {error}")
            return False, None
        except Exception as error:  # noqa: BLE001  # each is a fault that is told
            place = traceback.extract_tb(error.__traceback__)[-1]
            self.wrong.append(f"{what}: {type(error).__name__} {error} at {Path(place.filename).name}:{place.lineno}")
            return False, None
        finally:
            SQLITE.disk = Disk(0)

    def until_done(self, what: str, call: Callable[[], Any]) -> Any:
        """The same, and again without a fault when it was refused: the next try must work."""
        done, answer = self.attempt(what, call)
        if done:
            return answer
        done, answer = self.attempt(f"{what}, the second time", call)
        if not done:
            self.wrong.append(f"{what}: the second try was refused too")
        return answer

    def check(self, sound: object, what: str) -> None:
        if not sound:
            self.wrong.append(what)


def no_leftovers(trial: Trial, folder: Path) -> None:
    left = [str(path.relative_to(folder)) for path in folder.rglob(".*") if path.name not in (".starting",)]
    left += [
        str(path.relative_to(folder)) for pattern in ("*.part", "*.tmp", "*.new") for path in folder.rglob(pattern)
    ]
    trial.check(not left, f"left behind: {left}")


def a_project(folder: Path) -> None:
    """Three pictures, two with work on them. Made once and copied: each trial has the same folder, emptied."""
    kept = folder.with_name(f"{folder.name} as made")
    if kept.exists():
        shutil.copytree(kept, folder, dirs_exist_ok=True)
    else:
        _make_a_project(folder)
        shutil.copytree(folder, kept)


def _make_a_project(folder: Path) -> None:
    from PIL import Image

    with Project.create(folder / "project", author="Ada") as project:
        images = []
        for number in range(3):
            path = folder / f"{number}.png"
            Image.fromarray(np.full((24, 32), number * 40, np.uint8)).save(path)
            facts = {"pixel_sha256": f"{number:064x}", "patient_id": f"P{number}", "source": "made up"}
            images.append(NewImage(path=path, rows=24, cols=32, **facts))
        ids = project.images.register(images)
        mask = MaskRuns.from_array(np.arange(24 * 32).reshape(24, 32) % 7 == 0)
        for image_id in ids:
            project.history.do(edits.add_annotation(image_id, "lung", mask, author="Ada"))
            project.history.do(edits.say_image_label(image_id, "sick", before=None, after=Verdict.YES))
        for case in project.cases.all():
            project.history.do(edits.set_status(case, CaseStatus.COMPLETE))


def gesture(trial: Trial, folder: Path) -> None:
    """Draw, paint, undo, redo, say, complete: each is acknowledged and there, or refused and done again."""
    a_project(folder)
    place = folder / "project"
    heard: list[object] = []
    with Project.open(place, writable=True, author="Ada") as project:
        project.history.on_change.connect(heard.append)
        image_id = project.images.all()[0].image_id
        (mask,) = project.work.annotations(image_id)
        assert isinstance(mask.shape, MaskRuns)
        full = mask.shape.to_array()
        drawing = edits.add_annotation(image_id, "nodule", BOX, author="Ada")
        stroke = edits.paint(mask, row0=3, col0=4, before=full[3:9, 4:12].copy(), after=np.ones((6, 8), np.bool_))
        word = edits.say_image_label(image_id, "sick", before=Verdict.YES, after=Verdict.NO)
        steps: list[tuple[str, Callable[[], object]]] = [
            ("drawing", lambda: project.history.do(drawing)),
            ("painting", lambda: project.history.do(stroke)),
            ("undoing", project.history.undo),
            ("redoing", project.history.redo),
            ("saying", lambda: project.history.do(word)),
        ]
        for number, (what, step) in enumerate(steps):
            trial.until_done(what, step)
            trial.check(len(heard) == number + 1, f"{what} was announced {len(heard) - number} times")
        kept = project.work.annotations(image_id)
    with Project.open(place, writable=False) as again:
        there = again.work.annotations(image_id)
        trial.check(there == kept, "what is in memory is not what is on the disk")
        trial.check([one.label for one in there] == ["lung", "nodule"], f"the annotations are {there}")
        full[3:9, 4:12] = True
        trial.check(np.array_equal(there[0].shape.to_array(), full), "the stroke is not on the mask")
        trial.check(again.work.image_labels(image_id) == {"sick": Verdict.NO}, "what was said is lost")
        trial.check(len(again.history.entries()) == 12, f"{len(again.history.entries())} entries for 12 gestures")


def closing(trial: Trial, folder: Path) -> None:
    """Open, draw and close: the WAL is folded back when a project is closed."""
    a_project(folder)
    place = folder / "project"
    done = []

    def draw() -> None:
        with Project.open(place, writable=True, author="Ada") as project:
            image_id = project.images.all()[0].image_id
            project.history.do(edits.add_annotation(image_id, f"n{len(done)}", BOX, author="Ada"))
            done.append(image_id)

    trial.until_done("opening and drawing", draw)
    with Project.open(place, writable=True) as project:
        labels = [one.label for one in project.work.annotations(project.images.all()[0].image_id)]
    trial.check(len(labels) == 1 + len(done), f"{len(done)} gestures were acknowledged and {labels} are there")


def crash(trial: Trial, folder: Path) -> None:
    """A gesture, and then the process is gone: what was refused does not come back, what was acknowledged stays."""
    a_project(folder)
    place = folder / "project"
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        project = Project.open(place, writable=True, author="Ada")
        image_id = project.images.all()[0].image_id
        edit = edits.add_annotation(image_id, "nodule", BOX, author="Ada")
        done, _ = trial.attempt("drawing", lambda: project.history.do(edit))
        said = {"done": done, "wrong": trial.wrong, "operations": trial.disk.done, "refused": trial.disk.refused}
        os.write(write_end, json.dumps(said).encode())
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as said_by_it:
        said = json.loads(said_by_it.read())
    os.waitpid(child, 0)
    trial.wrong += said["wrong"]
    trial.disk.done, trial.disk.refused = said["operations"], said["refused"]
    with Project.open(place, writable=False) as project:
        labels = [one.label for one in project.work.annotations(project.images.all()[0].image_id)]
    trial.check(labels == ["lung", "nodule"][: 1 + said["done"]], f"done: {said['done']}, and {labels} are there")


def create(trial: Trial, folder: Path) -> None:
    place = folder / "made" / "project"
    made, _ = trial.attempt("making a project", lambda: Project.create(place, author="Ada").close())
    if not made:
        trial.check(not (folder / "made").exists(), f"left: {sorted(map(str, folder.rglob('*')))}")
        Project.create(place, author="Ada").close()
    trial.check(verify(place).ok, "the new project is not sound")


def bring_in(kind: str) -> Callable[[Trial, Path], None]:
    def run(trial: Trial, folder: Path) -> None:
        a_project(folder)
        place, source = folder / "project", folder / f"in.{kind}"
        if kind == "csv":
            rows = ["path,patient_id,label", *(f"{n}.png,P{n},wheeze" for n in range(3))]
            source.write_text("\n".join(rows) + "\n")
        else:
            document = {
                "images": [{"id": n, "file_name": f"{n}.png", "width": 32, "height": 24} for n in range(3)],
                "categories": [{"id": 1, "name": "nodule"}],
                "annotations": [{"id": n, "image_id": n, "category_id": 1, "bbox": [1, 2, 8, 6]} for n in range(3)],
            }
            source.write_text(json.dumps(document))
        given = {"map": ["image=path,patient=patient_id,label=label"]} if kind == "csv" else {}

        def act() -> None:
            with (
                Project.open(place, writable=True, author="Ada") as project,
                make_plan(project, load(IMPORTERS, kind), source, given) as plan,
            ):
                carry_out(project, plan)

        done, _ = trial.attempt("the import", act)
        counts = _counts(place)
        trial.check(counts in ((3, 3), _with_import(kind)), f"half an import: {counts}")
        trial.check(not done or counts == _with_import(kind), "an import that was acknowledged is not there")
        if not done:
            act()
        trial.check(_counts(place) == _with_import(kind), f"after the second try: {_counts(place)}")

    return run


def _with_import(kind: str) -> tuple[int, int]:
    return (3, 6) if kind == "csv" else (6, 3)


def _counts(place: Path) -> tuple[int, int]:
    """(annotations, image labels) of a project."""
    with Project.open(place, writable=False) as project:
        ids = [one.image_id for one in project.images.all()]
        shapes = sum(len(project.work.annotations(one)) for one in ids)
        return shapes, sum(len(project.work.image_labels(one)) for one in ids)


def write_out(kind: str) -> Callable[[Trial, Path], None]:
    def run(trial: Trial, folder: Path) -> None:
        a_project(folder)
        exporter = load(EXPORTERS, kind)
        with Project.open(folder / "project", writable=False) as project:
            dataset = dataset_of(project)
            out = folder / "out"
            out.mkdir()
            right, target = out / f"right{exporter.suffix}", out / f"target{exporter.suffix}"
            exporter.write(right, dataset)
            if exporter.suffix:
                target.write_bytes(b"the old one")
            done, _ = trial.attempt("the export", lambda: exporter.write(target, dataset))
            no_leftovers(trial, out)
            if not done and exporter.suffix:
                trial.check(target.read_bytes() == b"the old one", "the old file is not as it was")
            if not done and not exporter.suffix:
                trial.check(not target.exists(), "half a folder")
            if not done:
                exporter.write(target, dataset)
            trial.check(_content(target) == _content(right), "the export is not whole")

    return run


def _content(place: Path) -> object:
    if place.is_file():
        return place.read_bytes().replace(b"target", b"right")
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*") if path.is_file()}


def snapshot(trial: Trial, folder: Path) -> None:
    a_project(folder)
    with Project.open(folder / "project", writable=True) as project:
        project.tasks.put(SICK)

        def make() -> Snapshot:
            return make_snapshot(project, SICK, split=(0.4, 0.3, 0.3))

        done, made = trial.attempt("the snapshot", make)
        if not done:
            trial.check(
                all(Snapshot.load(project.folder, card["id"]).items for card in all_snapshots(project.folder)),
                "half a snapshot",
            )
            made = make()
        trial.check(len(Snapshot.load(project.folder, made.id).items) == 3, "the snapshot is not whole")
    no_leftovers(trial, folder)


def checkpoint(trial: Trial, folder: Path) -> None:
    import torch

    from ml.training.checkpoint import read_tensors, write_tensors

    path = folder / "checkpoints" / "last.safetensors"
    write_tensors(path, {"a": torch.zeros(5000)}, {"epoch": 1})
    new = {"a": torch.ones(5000)}
    done, _ = trial.attempt("the checkpoint", lambda: write_tensors(path, new, {"epoch": 2}))
    tensors, document = read_tensors(path)
    whole = (float(tensors["a"].sum()), document["epoch"]) in ((0.0, 1), (5000.0, 2))
    trial.check(whole, "a checkpoint of two halves")
    trial.check(not done or document["epoch"] == 2, "an acknowledged checkpoint is not there")
    no_leftovers(trial, folder)
    if not done:
        write_tensors(path, new, {"epoch": 2})
    trial.check(read_tensors(path)[1] == {"epoch": 2}, "the second try is not there")
    trial.check(json.loads(path.with_suffix(".json").read_text()) == {"epoch": 2}, "its document is not there")


def enqueue(trial: Trial, folder: Path) -> None:
    from ml.recipe import default_recipe
    from viewer.jobs import queue
    from viewer.jobs.runs import list_runs

    recipe = default_recipe(task="x", kind="classification", labels=("no", "yes"), model="simple_cnn", epochs=3)
    (folder / "runs").mkdir()
    done, run = trial.attempt("the queue", lambda: queue.enqueue(folder, recipe))
    waiting = [one for one in list_runs(folder) if one.state == "queued"]
    trial.check(len(waiting) == int(done), f"{len(waiting)} runs wait after {int(done)} were queued")
    if not done:
        run = queue.enqueue(folder, recipe)
    trial.check(run in [one.folder for one in list_runs(folder) if one.state == "queued"], "the run does not wait")
    no_leftovers(trial, folder)


SCENARIOS: dict[str, Callable[[Trial, Path], None]] = {
    "gesture": gesture,
    "closing": closing,
    "crash": crash,
    "create": create,
    "import csv": bring_in("csv"),
    "import coco": bring_in("coco"),
    "export csv": write_out("csv"),
    "export coco": write_out("coco"),
    "export masks": write_out("masks"),
    "snapshot": snapshot,
    "checkpoint": checkpoint,
    "queue": enqueue,
}


def one(scenario: str, folder: Path, n: int) -> tuple[int, list[str]]:
    """(the operations that the thing has, what went wrong) with the n-th refused."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    trial = Trial(n)
    try:
        SCENARIOS[scenario](trial, folder)
        place = folder / "project"
        if place.exists():
            report = verify(place)
            trial.check(report.ok, f"verify: {report.problems}")
    except Exception as error:  # noqa: BLE001  # what comes after the fault must work
        place = traceback.extract_tb(error.__traceback__)[-1]
        trial.wrong.append(f"afterwards: {type(error).__name__} {error} at {Path(place.filename).name}:{place.lineno}")
    return trial.disk.done, [f"{scenario}, {n} ({trial.disk.refused}): {what}" for what in trial.wrong]


def main() -> None:
    """See the module's first lines."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    scenario, folder, asked = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    with_sqlite = SQLITE.register()
    total, wrong = one(scenario, folder, 0)
    numbers = range(1, total + 1)
    if asked != "all":  # spread over the whole, the first and the last among them
        count = min(total, int(asked))
        numbers = sorted({1 + (total - 1) * step // max(1, count - 1) for step in range(count)})
    for n in numbers:
        wrong += one(scenario, folder, n)[1]
    answer = {"operations": total, "tried": len(numbers), "sqlite": with_sqlite, "wrong": wrong}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    with compiled_once():
        main()
