"""What three kinds of work cost the window's thread, in processor time: printed as JSON, for the code on the path.

Run as a program, so that an earlier state of the code can be measured by the same lines (test_window_costs.py). Each
figure is all that the window's thread worked from the event until nothing is left to do, paints included:

* answer: one answer of a model for a slice of a series of 300, ten smooth masks each, shown in Review;
* undo: Ctrl+Z and Ctrl+Y of an import of 50,000 boxes on 5,000 films;
* next: the key to the next case of 5,000 that hold 100,000 shapes.
"""

import argparse
import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
QUIET_TURNS = 3
GIVE_UP_S = 120.0
IDLE_S = 4.0


def _shape(kind: str, name: str, before: str) -> Any:
    """A kind of shape, also where the code that is measured is from before each had a file of its own."""
    try:
        module = import_module(f"viewer.core.shapes.kinds.{kind}")
    except ModuleNotFoundError:
        module = import_module(f"viewer.core.shapes.{before}")
    return getattr(module, name)


def _settle(session) -> None:  # type: ignore[no-untyped-def]  # a Desk of whatever code is measured
    from PySide6.QtCore import QCoreApplication, QEventLoop

    quiet, end = 0, time.monotonic() + GIVE_UP_S
    flags = QEventLoop.ProcessEventsFlag
    while quiet < QUIET_TURNS:
        busy = session.worker.is_busy or session.opening.scanning
        # While others work it sleeps until there is something to do, as the window itself does: one of its timers ends
        # each wait. Looking again and again would be work too, and none of the window's.
        QCoreApplication.processEvents(flags.WaitForMoreEvents if busy else flags.AllEvents)
        quiet = 0 if busy else quiet + 1
        assert time.monotonic() < end, "the window did not come to rest"


def _worked_ms(session, act: Callable[[], object]) -> float:  # type: ignore[no-untyped-def]
    """Beyond what its timers cost in that time all the same: a second of nothing costs about a millisecond."""
    idle = _idle_share(session)
    began, since = time.thread_time(), time.monotonic()
    act()
    _settle(session)
    worked, took = time.thread_time() - began, time.monotonic() - since
    return (worked - idle * took) * 1000


def _idle_share(session, *, known: dict[int, float] = {}) -> float:  # type: ignore[no-untyped-def]  # noqa: B006
    """How much of the time the window's thread works where nothing happens; measured once for each window."""
    from PySide6.QtCore import QCoreApplication, QEventLoop

    if id(session) not in known:
        known.clear()
        began, since = time.thread_time(), time.monotonic()
        while time.monotonic() - since < IDLE_S:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        known[id(session)] = (time.thread_time() - began) / (time.monotonic() - since)
    return known[id(session)]


@contextmanager
def _window(folder: Path, space: str) -> Iterator:  # type: ignore[type-arg]
    from viewer.app import make_window
    from viewer.ui.state.settings import Settings

    window = make_window([folder], settings=Settings(folder.parent / f"{space}.json"), author="reader")
    window.resize(1600, 1000)
    window.show()
    session = window.session
    end = time.monotonic() + GIVE_UP_S
    while session.project is None or session.project.folder != folder:
        _settle(session)
        assert time.monotonic() < end, "the project was not opened"
    window.enter(space)
    session.open_case(session.project.cases.all()[0].case_id)
    while session.shown is None or session.shown.case_id is None:
        _settle(session)
    _settle(session)
    try:
        yield window
    finally:
        window.close()


def _films(folder: Path, count: int) -> list:  # type: ignore[type-arg]
    from PIL import Image

    from viewer.project.register import FrameToAdd
    from viewer.reading.series import FrameRef

    folder.mkdir(parents=True)
    base = np.random.default_rng(1).integers(40, 200, (128, 160)).astype(np.uint8)
    frames = []
    for number in range(count):
        pixels = base.copy()
        pixels[0, :2] = divmod(number, 256)
        path = folder / f"film_{number:04}.png"
        Image.fromarray(pixels).save(path, compress_level=1)
        ref = FrameRef(path=path, frame_index=0, sop_instance_uid="", instance_number="", along_normal_mm=None)
        frames.append(FrameToAdd(ref=ref, source="films", patient_id=f"P{number:04}", modality="DX"))
    return frames


def _boxes(image_ids: list[str], each: int):  # type: ignore[no-untyped-def]
    from viewer.core.edits import Edit

    Box = _shape("box", "Box", "shape")
    from viewer.project.edit_builders import add_annotation

    changes = []
    for place in range(each):
        box = Box(x0_px=4 + place, y0_px=6, x1_px=40 + 2 * place, y1_px=90)
        for image_id in image_ids:
            changes += add_annotation(image_id, "Opacity", box, author="reader").changes
    return Edit(text=f"import {len(changes)} boxes", changes=tuple(changes))


def next_case(place: Path, cases: int, shapes_each: int, keys: int) -> list[float]:
    """Of each key to the next case."""
    from viewer.project.edit_builders import add_label
    from viewer.project.project import Project
    from viewer.project.register import add_frames

    folder = place / "films project"
    with Project.create(folder, name="Films", author="reader") as project:
        image_ids, problems = add_frames(project, _films(place / "films", cases))
        assert not problems
        project.history.do(add_label("Opacity", "region", project.labels))
        project.history.do(_boxes(image_ids, shapes_each))
    with _window(folder, "annotate") as window:
        session = window.session
        return [_worked_ms(session, lambda: session.case_step(1)) for _ in range(keys)]


def undo(place: Path, cases: int, shapes_each: int, times: int) -> list[float]:
    """Of each undo and redo of an import."""
    from viewer.project.edit_builders import add_label
    from viewer.project.project import Project
    from viewer.project.register import add_frames

    folder = place / "import project"
    with Project.create(folder, name="Import", author="reader") as project:
        image_ids, _ = add_frames(project, _films(place / "imported", cases))
        project.history.do(add_label("Opacity", "region", project.labels))
        project.history.do(_boxes(image_ids, shapes_each))
    found = []
    with _window(folder, "annotate") as window:
        session = window.session
        for _ in range(times):
            for step in (session.undo, session.redo):
                found.append(_worked_ms(session, step))
    return found


def answers(place: Path, slices: int) -> list[float]:
    """Of each answer about a slice of a series."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    from viewer.core.shapes.annotations import Prediction, Proposal

    MaskRuns = _shape("mask", "MaskRuns", "masks")
    from viewer.project.project import Project
    from viewer.project.register import add_frames, frames_of
    from viewer.reading.scan import scan

    series = place / "ct"
    series.mkdir(parents=True)
    for number in range(slices):
        ds = Dataset()
        ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"1.2.3.{number + 1}"
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality, ds.PatientID = "1.2.3", "1.2.3.4.5", "CT", "P"
        ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = 256, 256, 1, "MONOCHROME2"
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
        ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, 2 * number], [1, 0, 0, 0, 1, 0]
        ds.PixelSpacing, ds.InstanceNumber, ds.RescaleIntercept, ds.RescaleSlope = [1, 1], number + 1, -1024, 1
        ds.PixelData = np.full((256, 256), 900 + number, np.uint16).tobytes()
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.save_as(series / f"{number:04}.dcm", enforce_file_format=True)
    folder = place / "series project"
    down, right = np.mgrid[:256, :256]
    masks = [MaskRuns.from_array((down - 128) ** 2 + (right - 60 - 12 * k) ** 2 < 50**2) for k in range(10)]
    with Project.create(folder, name="Series", author="reader", case_unit="series") as project:
        found = [one for patient in scan([series]).patients for study in patient.studies for one in study.series]
        image_ids, problems = add_frames(project, frames_of(found))
        assert (len(image_ids), problems) == (slices, [])

    def answer(number: int) -> Prediction:
        prediction_id = f"p{number}"
        proposals = tuple(
            Proposal(proposal_id=f"{prediction_id}-{k}", prediction_id=prediction_id, image_id=image_ids[number],
                     label="Lung", score=0.9, shape=mask)
            for k, mask in enumerate(masks)
        )  # fmt: skip
        return Prediction(
            prediction_id=prediction_id, image_id=image_ids[number], model_hash="m", model_name="model",
            kind="segmentation", created="2026-01-01T00:00:00+00:00", threshold=0.5, scores={"Lung": 0.9},
            proposals=proposals, labels=("Lung",),
        )  # fmt: skip

    with _window(folder, "review") as window:
        session = window.session
        asking = session.review.asking
        return [_worked_ms(session, lambda n=number: asking.predicted.emit(answer(n))) for number in range(slices)]


def _figures(times: list[float]) -> dict[str, float]:
    found = {f"p{q}_ms": float(np.percentile(times, q)) for q in (50, 99)}
    last = float(np.median(times[-max(1, len(times) // 10) :]))
    return {**found, "last_ms": last, "samples": len(times)}


def main() -> None:
    """Measure all three and print them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=5_000)
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--keys", type=int, default=200)
    parser.add_argument("--times", type=int, default=5)
    given = parser.parse_args()
    from PySide6.QtWidgets import QApplication

    gc.disable()  # as a program that is started for its window (`viewer/cli/main.py`); the window takes it up
    app = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
            os.environ[name] = str(place / "home" / name.lower())
        figures = {
            "answer": _figures(answers(place, given.slices)),
            "undo": _figures(undo(place, given.cases, 10, given.times)),
            "next": _figures(next_case(place, given.cases, 20, given.keys)),
        }
    app.processEvents()
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
