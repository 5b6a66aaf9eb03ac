"""What a project of 5,000 cases and 100,000 shapes costs its store, in processor time: printed as JSON, for the code on
the path.

Run as a program, so that an earlier state of the code can be measured by the same lines (test_store_costs.py). Each
figure is the least of several, in milliseconds of this process; ONCE names those that are done once.
"""

import argparse
import json
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

BOXES_EACH = 20
PICKED = 200  # cases or images that are asked for one by one
ONCE = ("register", "import")


def _ms(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return (time.process_time() - began) * 1000


def _box(x0_px: float, y0_px: float, x1_px: float, y1_px: float) -> Any:
    """A box, from where the code that is measured has it."""
    try:
        from viewer.core.shapes.kinds.box import Box
    except ImportError:  # before shapes were kinds
        from viewer.core.shapes.shape import Box  # type: ignore[import-not-found,no-redef]
    return Box(x0_px=x0_px, y0_px=y0_px, x1_px=x1_px, y1_px=y1_px)


def _ids(count: int) -> list[str]:
    """Ids as an import of whatever code is measured draws them."""
    try:
        from viewer.project.edit_builders import new_ids
    except ImportError:  # before an import drew its ids in order
        return [secrets.token_hex(16) for _ in range(count)]
    return new_ids(count)


def _boxes(image_ids: list[str], each: int):  # type: ignore[no-untyped-def]  # an Edit of whatever code is measured
    from viewer.core.edits import Edit
    from viewer.project.edit_builders import add_annotation

    changes = []
    ids = iter(_ids(each * len(image_ids)))
    for place in range(each):
        box = _box(4 + place, 6, 40 + 2 * place, 90)
        for image_id in image_ids:
            changes += add_annotation(image_id, "ab"[place % 2], box, author="reader", annotation_id=next(ids)).changes
    return Edit(text=f"import {len(changes)} boxes", changes=tuple(changes))


def _answers(image_ids: list[str]):  # type: ignore[no-untyped-def]
    from viewer.core.edits import Edit
    from viewer.core.labels import Verdict
    from viewer.project.edit_builders import say_image_label

    verdicts = (Verdict.YES, Verdict.NO)
    changes = [
        change
        for number, image_id in enumerate(image_ids)
        for place, name in enumerate(("ill", "well"))
        for change in say_image_label(image_id, name, before=None, after=verdicts[(number + place) % 2]).changes
    ]
    return Edit(text="import answers", changes=tuple(changes))


def _completed(project):  # type: ignore[no-untyped-def]
    from viewer.core.edits import CaseStatusChange, Edit
    from viewer.core.shapes.annotations import CaseStatus

    changes = [
        CaseStatusChange(case_id=case.case_id, before=case.status, after=CaseStatus.COMPLETE)
        for case in project.cases.all()
    ]
    return Edit(text="complete", changes=tuple(changes))


def _predictions(project, image_ids: list[str]) -> None:  # type: ignore[no-untyped-def]
    from viewer.core.shapes.annotations import Prediction, Proposal

    for number, image_id in enumerate(image_ids):
        found = tuple(
            Proposal(
                proposal_id=f"{number}-{place}", prediction_id=f"p{number}", image_id=image_id, label="a",
                score=0.5, shape=_box(place, 0, place + 9, 9),
            )
            for place in range(10)
        )  # fmt: skip
        project.predictions.add(
            Prediction(
                prediction_id=f"p{number}", image_id=image_id, model_hash="h", model_name="m", kind="detection",
                created="2026-01-01T00:00:00+00:00", threshold=0.5, scores={"a": 0.5}, proposals=found, labels=("a",),
            )
        )  # fmt: skip


def _fill(project, count: int) -> dict[str, float]:  # type: ignore[no-untyped-def]
    """A film a case, with boxes, answers, some predictions; every case complete."""
    from viewer.project.edit_builders import add_label
    from viewer.project.records import NewImage, Task

    new = [
        NewImage(
            path=Path(f"/pictures/{number:06}.png"), rows=128, cols=160, pixel_sha256=f"{number:064x}",
            patient_id=f"P{number:05}", source="films", modality="DX", tags={"StudyDate": "20261101"},
        )
        for number in range(count)
    ]  # fmt: skip
    figures = {"register": _ms(lambda: project.images.register(new))}
    image_ids = [image.image_id for image in project.images.all()]
    for name in "ab":
        project.history.do(add_label(name, "region", project.labels))
    boxes = _boxes(image_ids, BOXES_EACH)
    figures["import"] = _ms(lambda: project.history.do(boxes))
    project.history.do(_answers(image_ids))
    project.history.do(_completed(project))
    _predictions(project, image_ids[:PICKED])
    project.tasks.put(Task(name="find", kind="detection", labels=("a", "b")))
    project.tasks.put(Task(name="say", kind="classification", labels=("ill", "well"), exclusive=False))
    return figures


def _to_read(project) -> dict[str, Callable[[], object]]:  # type: ignore[no-untyped-def]
    """What is read again and again, or waited for."""
    from viewer.core.shapes.annotations import Decision
    from viewer.project.at_hand.reading import drawn_labels, read_whole
    from viewer.project.counts import complete_images, label_counts
    from viewer.project.in_batches import images_inside, in_batches
    from viewer.project.snapshots.items import ItemReader
    from viewer.project.taking_out import taking_out

    cases = project.cases.all()
    picked = cases[:: max(1, len(cases) // PICKED)]
    films = [case.first_image_id for case in picked]

    def anew(read: Callable[[], object]) -> Callable[[], object]:
        def act() -> None:
            project.cases.forget()
            project.work.forget_all()
            read()

        return act

    return {
        "list of cases": anew(project.cases.all),
        "some cases": lambda: [project.cases.some([case.case_id]) for case in picked],
        "find cases": lambda: (project.cases.all(text="ill"), project.cases.all(text="000123")),
        "images": project.images.all,
        "images of a case": lambda: [project.images.by_case(case.case_id) for case in picked],
        "an image": lambda: [project.images.get(image_id) for image_id in films],
        "work on an image": anew(
            lambda: [
                (work.annotations(one), work.image_labels(one), work.measurements(one), work.proposals(one))
                for work in [project.work]
                for one in films
            ]
        ),
        "drawn labels": lambda: drawn_labels(project),
        "drawn labels of a case": lambda: [drawn_labels(project, [case.case_id]) for case in picked],
        "open": lambda: read_whole(project, films[:1], [picked[0].case_id]),
        "counts": lambda: (label_counts(project, "region"), label_counts(project, "image"), complete_images(project)),
        "all work": lambda: sum(1 for _ in in_batches(project, list(images_inside(project)))),
        "snapshot of shapes": anew(lambda: list(ItemReader(project, project.tasks.get("find")).items())),
        "snapshot of answers": anew(lambda: list(ItemReader(project, project.tasks.get("say")).items())),
        "proposals": lambda: project.predictions.all(Decision.UNDECIDED),
        "plan to take out": lambda: taking_out(project, picked),
        "steps": lambda: (project.history.entries(), project.history.undo_step),
    }


def _gestures(project) -> dict[str, Callable[[], object]]:  # type: ignore[no-untyped-def]
    """What a person does, `PICKED` times, each followed by what the window reads then."""
    from viewer.core.edits import CaseStatusChange, Edit
    from viewer.core.labels import Verdict
    from viewer.core.shapes.annotations import CaseStatus
    from viewer.project import edit_builders as edits
    from viewer.project.at_hand.reading import read_changes, read_whole
    from viewer.project.at_hand.values import AtHand

    cases = project.cases.all()
    picked = cases[:: max(1, len(cases) // PICKED)]
    held = {"seen": AtHand().taking(read_whole(project))}

    def done(edit: Edit) -> None:
        carried_out = project.history.do(edit)
        fresh = read_changes(project, held["seen"], carried_out)
        if fresh is not None:
            held["seen"] = held["seen"].taking(fresh)

    def toggle(case: Any) -> None:
        before = project.cases.get(case.case_id).status
        after = CaseStatus.IN_PROGRESS if before is CaseStatus.COMPLETE else CaseStatus.COMPLETE
        done(Edit(text="case", changes=(CaseStatusChange(case_id=case.case_id, before=before, after=after),)))

    def say(case: Any) -> None:
        before = project.work.image_labels(case.first_image_id)["ill"]
        after = Verdict.NO if before is Verdict.YES else Verdict.YES
        done(edits.say_image_label(case.first_image_id, "ill", before=before, after=after))

    def draw(case: Any) -> None:
        done(edits.add_annotation(case.first_image_id, "a", _box(1, 1, 9, 9), author="reader"))

    def undo(case: Any) -> None:
        project.history.undo()
        project.history.redo()

    gestures = {"complete": toggle, "answer": say, "draw": draw, "undo and redo": undo}
    return {name: (lambda gesture=gesture: [gesture(case) for case in picked]) for name, gesture in gestures.items()}


def measured(folder: Path, cases: int, times: int) -> dict[str, float]:
    """Every figure, in milliseconds of processor time."""
    from viewer.project.project import Project

    with Project.create(folder, name="Films", author="reader") as project:
        figures = _fill(project, cases)
        for acts in (_to_read, _gestures):
            for name, act in acts(project).items():
                figures[name] = min(_ms(act) for _ in range(times))
    return figures


def filled(cases: int) -> dict[str, float]:
    """What is done once, of a project of its own."""
    from viewer.project.project import Project

    with tempfile.TemporaryDirectory() as folder, Project.create(Path(folder) / "project", author="reader") as project:
        return _fill(project, cases)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=5_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--filled", action="store_true", help="only what is done once, the least of --times projects")
    given = parser.parse_args()
    if given.filled:
        several = [filled(given.cases) for _ in range(given.times)]
        figures = {name: min(one[name] for one in several) for name in ONCE}
        sys.stdout.write(json.dumps(figures) + "\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        figures = measured(Path(folder) / "project", given.cases, given.times)
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
