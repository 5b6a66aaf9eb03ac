"""Made the three small projects beside this file, each with the released code that wrote its schema.

Not run by the tests: the zip files are kept, since no later program can write what these wrote. What was done here is
written down, by hand, in schema1.txt, schema3.txt and schema5.txt. To make one anew:

    git archive COMMIT viewer ml resources | tar -x -C FOLDER   # 1: e904e29, 3: e1177f7, 5: aadb078
    PYTHONPATH=FOLDER python make.py 1 OUT.zip
"""

import importlib
import sys
import tempfile
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

SCHEMA = int(sys.argv[1])
OUT = Path(sys.argv[2])


def of(name: str, *modules: str) -> Any:
    """A name of the program, which has had several places."""
    for module in modules:
        try:
            return getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            continue
    raise SystemExit(f"{name} is in none of {', '.join(modules)}")


edits = importlib.import_module("viewer.project.edit_builders")
changes = importlib.import_module("viewer.core.edits")
Project = of("Project", "viewer.project.project")
NewImage, Task = (of(name, "viewer.project.records") for name in ("NewImage", "Task"))
Verdict, Label = (of(name, "viewer.core.labels") for name in ("Verdict", "Label"))
VALUES = ("viewer.core.shapes.annotations", "viewer.core.annotations")
CaseStatus, Measurement, Prediction, Proposal = (
    of(name, *VALUES) for name in ("CaseStatus", "Measurement", "Prediction", "Proposal")
)
Box = of("Box", "viewer.core.shapes.kinds.box", "viewer.core.shapes.shape", "viewer.core.shapes")
Polygon = of("Polygon", "viewer.core.shapes.kinds.polygon", "viewer.core.shapes.shape", "viewer.core.shapes")
MaskRuns = of("MaskRuns", "viewer.core.shapes.kinds.mask", "viewer.core.shapes.masks", "viewer.core.masks")
make_snapshot = of("make_snapshot", "viewer.project.snapshots.snapshot", "viewer.project.snapshots")

FOLDER = Path(tempfile.mkdtemp()) / f"schema{SCHEMA}"


def film(number: int) -> Any:
    return NewImage(
        path=Path(f"/pictures/{number:04}.png"),
        rows=60,
        cols=40,
        pixel_sha256=f"{number:064x}",
        patient_id=f"P{number:03}",
        source="made up",
    )


def box(x0: float, y0: float, x1: float, y1: float) -> Any:
    return Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)


def mask(row0: int, row1: int, col0: int, col1: int) -> Any:
    array = np.zeros((60, 40), bool)
    array[row0:row1, col0:col1] = True
    return MaskRuns.from_array(array)


def prediction(name: str, image_id: str, kind: str, labels: tuple[str, ...], proposals: list[Any], **more: Any) -> Any:
    values = {
        "prediction_id": name, "image_id": image_id, "model_hash": "ab" * 32, "model_name": f"model of {kind}",
        "kind": kind, "created": "2026-11-29T00:00:00.000+00:00", "threshold": 0.5, "labels": labels,
        "exclusive": kind == "classification", **more,
    }  # fmt: skip
    known = {field.name for field in fields(Prediction)}
    kept = tuple(
        Proposal(
            proposal_id=f"{name}-{number}", prediction_id=name, image_id=image_id, label=label, score=score, shape=shape
        )
        for number, (label, score, shape) in enumerate(proposals)
    )
    return Prediction(**{key: value for key, value in values.items() if key in known}, proposals=kept)


def ada() -> None:
    with Project.create(FOLDER, name="old", author="Ada") as project:
        do = project.history.do
        work = project.work
        films = project.images.register([film(number) for number in range(6)])

        def first(image_id: str, label: str) -> Any:
            return next(one for one in work.annotations(image_id) if one.label == label)

        def case(number: int) -> Any:
            return next(row for row in project.cases.all() if row.first_image_id == films[number])

        # Shapes: drawn, resized, painted, erased; the first starts its case.
        do(
            edits.with_case_started(
                edits.add_annotation(films[0], "nodule", box(10, 12, 30, 28), author="Ada"), case(0)
            )
        )
        do(edits.change_annotation(first(films[0], "nodule"), author="Ada", shape=box(10, 12, 32, 28), verb="resize"))
        triangle = Polygon(points_px=((5.0, 40.0), (20.0, 40.0), (12.5, 55.0)))
        do(edits.add_annotation(films[0], "nodule", triangle, author="Ada"))
        do(edits.add_annotation(films[1], "effusion", mask(20, 30, 10, 20), author="Ada"))
        before = np.zeros((10, 10), bool)
        before[:5, :5] = True
        painted = edits.paint(
            first(films[1], "effusion"), row0=25, col0=15, before=before, after=np.ones((10, 10), bool)
        )
        do(painted)
        ones = np.ones((2, 2), bool)
        do(edits.paint(first(films[1], "effusion"), row0=20, col0=10, before=ones, after=~ones))
        for number, label in enumerate("ABAB"):
            do(edits.say_image_label(films[number], label, before=None, after=Verdict.YES))
        effusion = next(label for label in project.labels if label.name == "effusion")
        do(edits.rename_label(effusion, "fluid"))

        # Measurements: kept, moved, removed.
        length = Measurement(
            measurement_id="1" * 32, image_id=films[0], kind="length", points_px=((2.0, 2.0), (22.0, 2.0)), author="Ada"
        )
        do(edits.add_measurement(length))
        do(edits.change_measurement(length, ((2.0, 2.0), (32.0, 2.0))))
        angle = Measurement(
            measurement_id="2" * 32, image_id=films[1], kind="angle",
            points_px=((5.0, 5.0), (10.0, 10.0), (15.0, 5.0)), author="Ada",
        )  # fmt: skip
        do(edits.add_measurement(angle))
        do(edits.remove_measurement(angle))

        project.tasks.put(Task(name="ab", kind="classification", labels=("A", "B"), exclusive=True))
        project.tasks.put(Task(name="find", kind="detection", labels=("nodule",), exclusive=False))
        project.tasks.put(Task(name="cut", kind="segmentation", labels=("fluid",), exclusive=False))

        # Proposals: accepted, corrected, rejected, undecided.
        for one in (
            prediction(
                "find-0", films[0], "detection", ("nodule",),
                [("nodule", 0.9, box(11, 12, 31, 28)), ("nodule", 0.6, box(1, 1, 5, 5))], seen="trained on",
            ),
            prediction("find-2", films[2], "detection", ("nodule",), [("nodule", 0.8, box(20, 20, 30, 30))]),
            prediction("cut-1", films[1], "segmentation", ("fluid",), [("fluid", 0.7, mask(22, 32, 12, 22))]),
            prediction(
                "ab-3", films[3], "classification", ("A", "B"), [("A", 0.25, None), ("B", 0.75, None)],
                scores={"A": 0.25, "B": 0.75},
            ),
        ):  # fmt: skip
            project.predictions.add(one)
        get = project.predictions.get_proposal
        do(edits.accept(get("find-2-0"), author="Ada"))
        do(edits.correct(get("find-0-1"), author="Ada", shape=box(1, 1, 6, 6)))
        do(edits.reject(get("find-0-0")))

        # A removal that was taken back, and could not be done again once something else was done.
        do(edits.add_annotation(films[3], "opacity", box(5, 5, 15, 15), author="Ada"))
        do(edits.remove_annotation(first(films[3], "opacity")))
        project.history.undo()
        do(edits.change_annotation(first(films[3], "opacity"), author="Ada", shape=box(6, 5, 16, 15), verb="nudge"))

        if SCHEMA >= 3:
            taking_out = of("taking_out", "viewer.project.taking_out")
            (late,) = project.images.note([film(6)])
            do(edits.add_images([late]))
            do(edits.add_annotation(late, "nodule", box(2, 2, 8, 8), author="Ada"))
            films.append(late)
            do(taking_out(project, [case(6)]).edit)
        if SCHEMA >= 5:
            removing_label = of("removing_label", "viewer.project.removing_labels")
            nodule = next(label for label in project.labels if label.name == "nodule")
            do(edits.colour_label(nodule, 3))
            do(edits.add_annotation(films[1], "artefact", box(1, 30, 4, 34), author="Ada"))
            do(removing_label(project, next(one for one in project.labels if one.name == "artefact")).edit)
            whose = changes.PatientChange(image_id=films[3], before="P003", after="Q003")
            do(changes.Edit(text="give a patient", image_id=films[3], changes=(whose,)))

        for number in range(4):
            do(edits.set_status(case(number), CaseStatus.COMPLETE))
        for name in ("ab", "find", "cut"):
            made = make_snapshot(project, project.tasks.get(name), split=(0.5, 0.25, 0.25))
            sys.stdout.write(f"snapshot {name} {made.id}\n")

        # Left undone: redo offers it.
        do(edits.add_annotation(films[5], "draft", box(1, 1, 2, 2), author="Ada"))
        project.history.undo()


def bob() -> None:
    with Project.open(FOLDER, writable=True, author="Bob") as project:
        do = project.history.do
        film_4 = project.images.all()[4].image_id
        do(edits.add_annotation(film_4, "opacity", box(3, 3, 9, 9), author="Bob"))
        do(edits.add_label("scar", "region", project.labels))
        scar = next(label for label in project.labels if label.name == "scar")
        do(edits.rename_label(scar, "scars"))
        do(edits.say_image_label(film_4, "B", before=None, after=Verdict.NO))
        do(edits.remove_annotation(project.work.annotations(film_4)[0]))
        project.history.undo()


def pack() -> None:
    with zipfile.ZipFile(OUT, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(FOLDER.rglob("*")):
            if path.is_dir() or path.suffix == ".lock" or path.name.startswith("project.db-"):
                continue
            archive.write(path, path.relative_to(FOLDER).as_posix())


ada()
bob()
pack()
sys.stdout.write(f"{OUT} {OUT.stat().st_size} bytes\n")
