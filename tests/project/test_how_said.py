"""How what a snapshot takes came to be said: from a file or by people, and what a model had to do with it."""

from pathlib import Path

import numpy as np
from PIL import Image

from viewer.core.edits import AnnotationChange, CaseStatusChange, Edit, ImageLabelChange
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Origin
from viewer.core.shapes.kinds.box import Box
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.register import add_to_project
from viewer.project.snapshots.card import read_card
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.reading.scan import scan

TASK = Task(name="t", kind="classification", labels=("sick",), exclusive=False)


def said(folder: Path, author: str, place: int, *, text: str = "said", origin: Origin | None = None) -> None:
    """One film is called sick and completed in one gesture, with a box where an origin is given."""
    with Project.open(folder, writable=True, author=author) as project:
        image = project.images.all()[place]
        box = Annotation(
            annotation_id=f"a{place}", image_id=image.image_id, label="spot", author=author,
            shape=Box(x0_px=1, y0_px=1, x1_px=5, y1_px=5), origin=origin or Origin.PERSON,
        )  # fmt: skip
        drawn = () if origin is None else (AnnotationChange(before=None, after=box),)
        project.history.do(
            Edit(
                text=text,
                changes=(
                    ImageLabelChange(image_id=image.image_id, label="sick", before=None, after=Verdict.YES),
                    *drawn,
                    CaseStatusChange(case_id=image.case_id, before=CaseStatus.TO_DO, after=CaseStatus.COMPLETE),
                ),
            )
        )


def test_what_people_said_here_is_told_apart_from_what_a_file_said(tmp_path: Path) -> None:
    """By hand: six films; one by Ada, two by Ben, of which one has a box that a model proposed and one that he
    corrected; two of a table that Ada imported; the last is not complete."""
    films, folder = tmp_path / "films", tmp_path / "p"
    films.mkdir()
    for number in range(6):
        Image.fromarray(np.random.default_rng(number).integers(0, 255, (20, 24)).astype(np.uint8)).save(
            films / f"{number}.png"
        )
    with Project.create(folder) as project:
        add_to_project(project, scan([films]))
        project.tasks.put(TASK)
    said(folder, "Ada", 0)
    said(folder, "Ben", 1, origin=Origin.ACCEPTED)
    said(folder, "Ben", 2, origin=Origin.CORRECTED)
    said(folder, "Ada", 3, text="import labels.csv")
    said(folder, "Ada", 4, text="import labels.csv", origin=Origin.IMPORTED)
    with Project.open(folder, writable=True) as project:
        shown = project.images.all()[2]
        project.rounds.reveal(shown.case_id, "", "2026-12-01T10:00:00+00:00")
        snapshot = make_snapshot(project, TASK, split=(1, 0, 0))

    found = read_card(snapshot.folder)["how_said"]

    assert found.pop("project_created").startswith("20")
    assert found == {
        "images_imported": 2, "people": 2, "images_read_again": 0, "shapes": 3, "accepted": 1, "corrected": 1,
        "images_after_ai": 1,
    }  # fmt: skip
