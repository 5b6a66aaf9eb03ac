"""Modules planted where a person keeps images run in no child and in no launcher; each is started for real."""

import importlib.util
import io
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pydicom
import pytest
import torch
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate

from ml.recipe import default_recipe
from ml.training.foreign import convert_foreign
from tests.waiting import until
from viewer.core.errors import AppError, BadFile
from viewer.jobs.inference import InferenceClient
from viewer.jobs.queue import enqueue, start_next
from viewer.jobs.runs import OVER, read_run
from viewer.reading.decoding.pool import POOL
from viewer.reading.dicom import tag_rows
from viewer.reading.frames import read_frame
from viewer.reading.pixels import fallback
from viewer.reading.pixels.coding import Coding
from viewer.reading.series import FrameRef
from viewer.reading.volume_files.file import open_volume

ROOT = Path(__file__).resolve().parents[2]
NAMES = (
    *(
        "json",
        "numpy",
        "argparse",
        "logging",
        "re",
        "tempfile",
        "typing",
        "pathlib",
        "hashlib",
        "secrets",
        "contextlib",
    ),
    *("sitecustomize", "usercustomize", "torch", "pydicom", "SimpleITK", "psutil", "platformdirs", "sqlalchemy", "PIL"),
    *("imagecodecs", "safetensors", "PySide6", "tomllib", "secrets"),
)


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The person's folder: here everything is done, and a module of each name says when it is run."""
    folder = tmp_path / "films"
    folder.mkdir()
    for name in NAMES:
        text = f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r} + ' ')\nraise SystemExit(99)\n"
        (folder / f"{name}.py").write_text(text)
    monkeypatch.chdir(folder)
    for name in ("PYTHONPATH", "PYTHONUSERBASE"):
        monkeypatch.setenv(name, str(folder))
    yield folder
    ran = tmp_path / "ran"
    assert not ran.exists(), f"planted modules ran: {ran.read_text()}"


def film(path: Path) -> Path:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3.4"
    meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3.4"
    dataset.PatientID, dataset.Rows, dataset.Columns, dataset.Modality = "P1", 2, 2, "OT"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation, dataset.SamplesPerPixel = 7, 0, 1
    dataset.PhotometricInterpretation, dataset.PixelData = "MONOCHROME2", bytes(4)
    dataset.save_as(path)
    return path


def nifti(path: Path) -> Path:
    """2 x 3 x 4 voxels of int16, NIfTI-1 by hand."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, 2, 3, 4, 1, 1, 1, 1)
    struct.pack_into("<hh", header, 70, 4, 16)
    struct.pack_into("<8f", header, 76, 1, 1, 1, 1, 1, 1, 1, 1)
    struct.pack_into("<f", header, 108, 352)
    struct.pack_into("<hh", header, 252, 0, 1)
    for place, row in zip((280, 296, 312), ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)), strict=True):
        struct.pack_into("<4f", header, place, *row)
    header[344:348] = b"n+1\0"
    path.write_bytes(bytes(header) + np.arange(24, dtype="<i2").tobytes())
    return path


def test_a_training_and_the_queue_after_it(planted: Path, tmp_path: Path) -> None:
    recipe = default_recipe(task="Mass", kind="classification", labels=("no", "yes"), model="simple_cnn")
    folder = enqueue(Path("../project"), recipe)
    try:
        assert start_next(Path("../project")) == folder
        until(lambda: read_run(folder).state in OVER, "the run's end")
    finally:
        until(lambda: not any(t.name == "reap" for t in threading.enumerate()), "the child's end")

    assert "has no snapshot" in read_run(folder).error


def test_the_inference_child(planted: Path) -> None:
    answers: list[Any] = []
    client = InferenceClient()
    try:
        client.predict(FrameRef(path=Path("film.dcm"), frame_index=0), "i", Path("no-model"), done=answers.append)
        until(lambda: bool(answers), "the answer")
    finally:
        client.close()

    assert isinstance(answers[0], AppError)
    assert str(planted / "film.dcm") in str(answers[0]), "a path is made absolute: the child stands elsewhere"


def test_foreign_weights(planted: Path) -> None:
    torch.save({"weight": torch.ones(2)}, "weights.pt")

    assert convert_foreign(Path("weights.pt"), Path("converted")).is_file()


def test_the_volume_reader(planted: Path) -> None:
    volume = open_volume(nifti(planted / "head.nii"))

    assert volume is not None


def test_the_decoder_of_last_resort(planted: Path) -> None:
    numbers = {"rows": 4, "cols": 4, "frames": 1, "samples": 1, "bits_allocated": 8, "bits_stored": 8, "high_bit": 7}
    coding = Coding(**numbers, signed=False, photometric="MONOCHROME2", planar=False)

    with pytest.raises(BadFile, match="cannot be decoded"):
        fallback.decode_in_child(Path("a.dcm"), "1.2.840.10008.1.2.4.201", coding, b"no stream", first="")


def test_the_children_that_decode(planted: Path) -> None:
    """A film of JPEG baseline, decoded in a child that is started for this."""
    out = io.BytesIO()
    Image.fromarray(np.full((16, 16), 90, np.uint8)).save(out, "JPEG", quality=95)
    dataset = pydicom.dcmread(film(planted / "film.dcm"))
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.JPEGBaseline8Bit
    dataset.Rows = dataset.Columns = 16
    dataset.PixelData = encapsulate([out.getvalue()])
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(planted / "jpeg.dcm")
    POOL.close()  # those that an earlier test has started

    frame = read_frame(FrameRef(path=Path("jpeg.dcm"), frame_index=0))

    assert abs(int(frame.stored[8, 8]) - 90) <= 2


def test_the_list_of_tags_of_a_long_header(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_rows, "IN_PROCESS_BYTES", 0)

    rows = tag_rows.read_tag_rows(film(planted / "film.dcm").relative_to(planted))

    assert any("P1" in str(row) for row in rows)


def test_the_command_line(planted: Path) -> None:
    """As installed; with PYTHONPATH ending in a colon, which stands for the current folder."""
    nifti(planted / "head.nii")
    film(planted / "film.dcm")
    program = Path(sys.executable).with_name("negatoscope.exe" if os.name == "nt" else "negatoscope")
    env = {**os.environ, "PYTHONPATH": ""}

    done = subprocess.run([program, "scan", ".", "--json"], env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert '"P1"' in done.stdout


def test_the_command_line_drops_the_current_folder_from_its_module_path(planted: Path) -> None:
    code = (
        f"import sys; sys.path.insert(1, {str(ROOT)!r}); import viewer.cli; sys.exit(''in sys.path or '.' in sys.path)"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    for name in NAMES:  # -c finds them before the first line of ours
        if name not in ("tomllib", "SimpleITK"):
            (planted / f"{name}.py").unlink(missing_ok=True)

    done = subprocess.run([sys.executable, "-c", code], env=env, check=False)

    assert done.returncode == 0


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """start.py as a module, on this environment."""
    spec = importlib.util.spec_from_file_location("start_under_test", ROOT / "packaging" / "start.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "python", lambda: Path(sys.executable))
    for step in ("ensure_system", "install_reading", "install_ai"):
        monkeypatch.setattr(module, step, lambda *_: None)
    return module


def test_start_py_opens_the_window_isolated_and_elsewhere(
    planted: Path, start: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[list[str], dict[str, Any]]] = []

    class Window:
        def __init__(self, words: list[str], **options: Any) -> None:
            opened.append((words, options))

        def wait(self) -> int:
            return 0

    monkeypatch.setattr(start, "has_display", lambda: True)
    monkeypatch.setattr(start, "installed", lambda extra: True)
    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", Window)
        start.open_window()
    words, options = opened[0]
    folder = Path(options["cwd"])
    folder.mkdir()  # the window's, gone with it
    try:
        done = subprocess.run([*words[:-1], "--version"], **options, capture_output=True, text=True, check=False)
    finally:
        folder.rmdir()

    assert done.stdout.startswith("negatoscope "), done.stderr
    assert folder != planted


@pytest.mark.parametrize("name", ["demo", "study"])
def test_start_py_runs_the_demo_and_the_study_isolated(planted: Path, start: ModuleType, name: str) -> None:
    ran: list[tuple[tuple[str, ...], dict[str, str]]] = []
    start.run = lambda *words, env=None: ran.append((words, env)) or 0

    getattr(start, name)(*([Path("demo")] if name == "demo" else [[]]))
    words, env = ran[0]
    done = subprocess.run([*map(str, words), "--help"], env=env, capture_output=True, text=True, check=False)

    assert f"usage: negatoscope {name}" in done.stdout, done.stderr


@pytest.mark.parametrize("path", ["{planted}", ".", "", "{planted}:"])
def test_start_py_itself_imports_nothing_from_the_persons_folder(planted: Path, path: str) -> None:
    (planted / "sitecustomize.py").unlink()  # the interpreter's own, before any program begins
    (planted / "usercustomize.py").unlink()
    env = {**os.environ, "PYTHONPATH": path.format(planted=planted).replace(":", os.pathsep)}

    words = [sys.executable, "-S", ROOT / "packaging/start.py", "--help"]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "usage: start.py" in done.stdout


def test_the_demo_leaves_its_window_open_isolated_and_elsewhere(planted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from viewer.cli import demo

    opened: list[tuple[list[str], dict[str, Any]]] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(subprocess, "Popen", lambda words, **options: opened.append((words, options)))

    demo._leave_window_open(Path("project"))
    monkeypatch.undo()

    words, options = opened[0]
    assert words[-1] == str(planted / "project")
    done = subprocess.run([*words[:-1], "--version"], **options, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("negatoscope "), done.stderr
    assert Path(options["cwd"]) != planted
