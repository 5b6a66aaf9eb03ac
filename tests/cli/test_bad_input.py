"""Every bad input ends with exit code 1 or 2 and one line on stderr that names what is wrong; nothing is lost."""

import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian

from tests.ui.kept_library import keep_library_answers
from tests.waiting import LIMIT_S
from viewer.cli.main import main
from viewer.project.disk.lock import LOCK_NAME, WriterLock
from viewer.project.project import Project
from viewer.project.verify import verify
from viewer.reading.phantom.anatomy import draw_anatomy
from viewer.reading.phantom.dicom import write_film

MPEG2 = "1.2.840.10008.1.2.4.100"
MODEL = "phantom_classifier"


@pytest.fixture(scope="module")
def film_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("film") / "film.dcm"
    stored = np.random.default_rng(1).integers(0, 4096, (40, 48)).astype(np.uint16)
    write_film(path, stored, draw_anatomy(0, seed=1), pixel_mm=(0.5, 0.5), seed=1)
    return path.read_bytes()


@dataclass
class Place:
    """A folder with a sound film, and a project of three complete films (two of them of one patient) beside it."""

    folder: Path
    film: Path
    held: list[WriterLock] = field(default_factory=list)

    def project(self) -> Path:
        folder, films = self.folder / "project", self.folder / "films"
        films.mkdir()
        rows = ["path,patient_id,label,part"]
        for number, (patient, part) in enumerate((("ANNA", "train"), ("ANNA", "test"), ("BERT", "val"))):
            pixels = np.random.default_rng(number).integers(0, 255, (32, 32)).astype(np.uint8)
            Image.fromarray(pixels).save(films / f"{number}.png")
            rows.append(f"{number}.png,{patient},{'sick' if number % 2 else 'well'},{part}")
        table = films / "table.csv"
        table.write_text("\n".join(rows) + "\n")
        assert main(["project", "create", str(folder)]) == 0
        columns = "image=path,patient=patient_id,label=label"
        words = ["annotate", "import", str(folder), "--format", "csv", str(table), "--map", columns, "--complete"]
        assert main(words) == 0
        return folder

    def out(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture
def place(tmp_path: Path, film_bytes: bytes) -> Iterator[Place]:
    film = tmp_path / "film.dcm"
    film.write_bytes(film_bytes)
    there = Place(tmp_path, film)
    yield there
    for lock in there.held:
        lock.release()


def not_dicom(place: Place) -> tuple[list[str], list[str]]:
    (place.folder / "letter.dcm").write_text("Dear colleague, " * 50)
    return ["render", place.out("letter.dcm"), "--out", place.out("x.png")], ["letter.dcm"]


def truncated(place: Place) -> tuple[list[str], list[str]]:
    place.film.write_bytes(place.film.read_bytes()[:700])
    return ["export", str(place.film), "--out", place.out("x.npy")], ["film.dcm", "cut short"]


def no_pixels(place: Place) -> tuple[list[str], list[str]]:
    data = dcmread(place.film)
    del data.PixelData
    data.save_as(place.film)
    return ["render", str(place.film), "--out", place.out("x.png")], ["film.dcm"]


def moving_picture(place: Place) -> tuple[list[str], list[str]]:
    data = dcmread(place.film)
    data.file_meta.TransferSyntaxUID = MPEG2
    data.PixelData = encapsulate([b"\0\0\1\xb3" + bytes(200)])
    data["PixelData"].is_undefined_length = True
    data.save_as(place.film)
    return ["render", str(place.film), "--out", place.out("x.png")], ["film.dcm", "MPEG-2"]


def header_alone(place: Place) -> tuple[list[str], list[str]]:
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = "1.2.840.10008.5.1.4.1.1.88.11", "1.2.3", "SR"
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.save_as(place.folder / "report.dcm", enforce_file_format=True)
    return ["export", place.out("report.dcm"), "--out", place.out("x.npy")], ["report.dcm"]


def not_there(place: Place) -> tuple[list[str], list[str]]:
    return ["scan", place.out("nowhere")], ["nowhere"]


def empty_folder(place: Place) -> tuple[list[str], list[str]]:
    (place.folder / "empty").mkdir()
    return ["render", place.out("empty"), "--out", place.out("x.png")], ["empty"]


def full_disk(place: Place) -> tuple[list[str], list[str]]:
    return ["--version", "--trace", "/dev/full"], ["/dev/full", "No space left"]


def out_is_no_folder(place: Place) -> tuple[list[str], list[str]]:
    return ["export", str(place.film), "--out", str(place.film / "below.npy")], ["film.dcm"]


def no_project(place: Place) -> tuple[list[str], list[str]]:
    return ["project", "info", str(place.folder)], [place.folder.name]


def damaged_project(place: Place) -> tuple[list[str], list[str]]:
    project = place.project()
    (project / "project.db").write_bytes(b"no database " * 400)
    return ["project", "info", str(project)], ["project"]


def second_writer(place: Place) -> tuple[list[str], list[str]]:
    project = place.project()
    place.held.append(WriterLock.take(project))
    return ["project", "add", str(project), str(place.film)], ["being written by this very program", "project"]


def unknown_model(place: Place) -> tuple[list[str], list[str]]:
    return ["predict", str(place.film), "--model", "no_such_net", "--out", place.out("x.json")], ["no_such_net"]


def unknown_architecture(place: Place) -> tuple[list[str], list[str]]:
    project = place.project()
    assert main(["snapshot", str(project), "--task", "t", "--kind", "classification", "--labels", "sick,well"]) == 0
    return ["train", str(project), "--task", "t", "--model", "no_such_net"], ["no_such_net"]


def of_a_library(place: Place, model: str) -> list[str]:
    keep_library_answers()
    words, _ = unknown_architecture(place)
    return [*words[:-1], model]


def unknown_model_of_a_library(place: Place) -> tuple[list[str], list[str]]:
    return of_a_library(place, "timm:test_resnt"), ["test_resnt", "near names are test_resnet"]


def unfit_model_of_a_library(place: Place) -> tuple[list[str], list[str]]:
    return of_a_library(place, "timm:odd_net"), ["timm:odd_net", "it takes 5 channels"]


def unknown_library(place: Place) -> tuple[list[str], list[str]]:
    return of_a_library(place, "timn:test_resnet"), ["timn", "timm"]


class Trap:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.mkdir, (self._path,)


def poisoned_model(place: Place) -> tuple[list[str], list[str]]:
    (place.folder / "model.pt").write_bytes(pickle.dumps({"weights": Trap(place.folder / "TRAPPED")}))
    return ["predict", str(place.film), "--model", place.out("model.pt"), "--out", place.out("x.json")], ["model.pt"]


def outside_the_domain(place: Place) -> tuple[list[str], list[str]]:
    Image.fromarray(np.zeros((50, 50, 3), np.uint8)).save(place.folder / "photo.png")
    return ["predict", place.out("photo.png"), "--model", MODEL, "--out", place.out("x.json")], ["photo.png"]


def patient_in_two_parts(place: Place) -> tuple[list[str], list[str]]:
    project = place.project()
    words = ["--kind", "classification", "--labels", "sick,well", "--split-file", str(place.folder / "films/table.csv")]
    return ["snapshot", str(project), "--task", "t", *words], ["ANNA"]


BAD = [
    not_dicom, truncated, no_pixels, moving_picture, header_alone, not_there, empty_folder, full_disk,
    out_is_no_folder, no_project, damaged_project, second_writer, unknown_model, unknown_architecture,
    unknown_model_of_a_library, unfit_model_of_a_library, unknown_library, poisoned_model,
    outside_the_domain, patient_in_two_parts,
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.__name__)
def test_bad_input_is_one_sentence_that_names_it(
    bad: Callable[[Place], tuple[list[str], list[str]]], place: Place, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words, names = bad(place)
    before = sorted(place.folder.rglob("*"))
    capsys.readouterr()

    code = main(words)

    captured = capsys.readouterr()
    assert code in (1, 2), captured
    assert captured.err.count("\n") == 1, captured.err
    assert captured.err.startswith("negatoscope: "), captured.err
    assert "unexpected" not in captured.err
    for name in names:
        assert name in captured.err
    written = [path for path in sorted(place.folder.rglob("*")) if path not in before and path.name != LOCK_NAME]
    assert not (place.folder / "TRAPPED").exists()
    assert [path for path in written if path.suffix in (".npy", ".png", ".json")] == []


def test_a_film_cut_short_gives_what_is_there_and_says_so_on_stderr(
    place: Place, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place.film.write_bytes(place.film.read_bytes()[:-960])

    for words in (["export", "--out", place.out("x.npy")], ["render", "--out", place.out("x.png")]):
        assert main([words[0], str(place.film), *words[1:]]) == 0
        said = capsys.readouterr().err
        assert said == f"{place.film}: The file is cut short: 30 of 40 rows are there, the rest is blank.\n"


def test_a_poisoned_checkpoint_to_start_from_is_refused_and_nothing_in_it_runs(place: Place, home: Path) -> None:
    import torch

    from ml.training.foreign import convert_foreign
    from viewer.core.errors import BadModel

    poisoned = place.folder / "weights.pt"
    torch.save({"state_dict": Trap(place.folder / "TRAPPED")}, poisoned)

    with pytest.raises(BadModel, match=r"weights\.pt"):
        convert_foreign(poisoned, place.folder)

    assert not (place.folder / "TRAPPED").exists()


def test_a_disk_that_becomes_full_is_said_and_the_project_stays_sound(place: Place, home: Path) -> None:
    project = place.project()
    big = place.folder / "big"
    big.mkdir()
    for number in range(40):
        pixels = np.random.default_rng(100 + number).integers(0, 255, (24, 24)).astype(np.uint8)
        Image.fromarray(pixels).save(big / f"{number}.png")
    limit = 20_000  # bytes a file may grow to; what stands already can be read

    done = subprocess.run(
        [sys.executable, "-m", "viewer.cli.main", "project", "add", str(project), str(big)],
        capture_output=True, text=True, timeout=LIMIT_S,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip

    assert done.returncode == 1, done
    assert done.stderr.count("\n") == 1, done.stderr
    assert str(project) in done.stderr
    report = verify(project)
    assert report.ok, report.problems
    with Project.open(project, writable=False) as opened:
        assert opened.images.count() == 3


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/usr/bin/setpriv").exists(), reason="root reads everything")
def test_a_folder_that_may_not_be_read_is_named(place: Place, home: Path) -> None:
    shut = place.folder / "shut"
    shut.mkdir()
    (shut / "film.dcm").write_bytes(place.film.read_bytes())
    shut.chmod(0)
    # Root without the right to read everything: as another user the interpreter itself may be out of reach.
    caps = "-dac_override,-dac_read_search"
    less = ["setpriv", f"--bounding-set={caps}", f"--inh-caps={caps}"] if os.geteuid() == 0 else []
    try:
        done = subprocess.run(
            [*less, sys.executable, "-m", "viewer.cli.main", "scan", str(shut)],
            capture_output=True, text=True, timeout=LIMIT_S,
        )  # fmt: skip
    finally:
        shut.chmod(0o755)

    assert done.returncode in (0, 1, 2), done
    assert "shut cannot be read: Permission denied" in done.stdout + done.stderr
