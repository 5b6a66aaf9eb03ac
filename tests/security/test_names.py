"""Names that lead elsewhere, in archives, lists of media, headers, labels, runs and models, and links that do."""

import json
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset

from ml.events import append_event
from ml.inference.resolve import resolve_model
from ml.recipe import default_recipe
from viewer.cli.main import main
from viewer.core.errors import AppError, BadFile
from viewer.core.registry import load
from viewer.exchange import EXPORTERS, IMPORTERS
from viewer.exchange.exporter import dataset_of
from viewer.exchange.importer import Remark
from viewer.exchange.importing import carry_out
from viewer.exchange.plan import make_plan
from viewer.jobs.queue import cancel, enqueue, resume, start_next
from viewer.jobs.runs import list_runs, read_run
from viewer.jobs.start import start_child
from viewer.project.project import Project
from viewer.project.snapshots.snapshot import Snapshot
from viewer.reading.scan import scan
from viewer.reading.sources.archive import on_disk
from viewer.reading.sources.unpacking import MEMBERS_FILE
from viewer.reading.volume_files.file import open_volume

RECIPE = default_recipe(task="Mass", kind="classification", labels=("no", "yes"), model="simple_cnn", epochs=1)
CLIMBING = [
    "../ran",
    "..\\ran",
    "a/../../ran",
    "/ran",
    "\\ran",
    "C:\\ran",
    "C:ran",
    "./../ran",
    "a//../../ran",
    "..",
    "a/..",
]
posix_links = pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")


def everything(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def film(path: Path, **tags: object) -> Path:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3.4"
    meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset = FileDataset(str(path), tags, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3.4"
    dataset.PatientID, dataset.Rows, dataset.Columns, dataset.Modality = "P1", 2, 2, "OT"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation, dataset.SamplesPerPixel = 7, 0, 1
    dataset.PhotometricInterpretation, dataset.PixelData = "MONOCHROME2", bytes(4)
    dataset.save_as(path)
    return path


@pytest.mark.parametrize("name", CLIMBING)
def test_a_member_of_an_archive_is_unpacked_nowhere_else(name: str, tmp_path: Path, home: Path) -> None:
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.write(film(tmp_path / "film.dcm"), "CT/film.dcm")
        opened.writestr(zipfile.ZipInfo(name), b"planted")
    before = everything(tmp_path)

    result = scan([archive])

    assert everything(tmp_path) == before
    assert b"planted" not in everything(home).values()
    assert sum(len(patient.studies) for patient in result.patients) == 1
    assert any("leads out of the archive" in problem.reason for problem in result.problems)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_a_member_of_an_archive_that_is_a_link_or_a_device_is_not_made(kind: int, tmp_path: Path, home: Path) -> None:
    secret = tmp_path / "secret.dcm"
    secret.write_bytes(b"secret")
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        member = zipfile.ZipInfo("CT/link.dcm")
        member.create_system, member.external_attr = 3, (kind | 0o777) << 16
        opened.writestr(member, str(secret))
        member = zipfile.ZipInfo("CT/link.dcm/film.dcm")
        opened.writestr(member, b"through it")

    result = scan([archive])

    assert secret.read_bytes() == b"secret"
    assert not [path for path in home.rglob("*") if path.is_symlink()]
    assert any("link.dcm is" in problem.reason for problem in result.problems)


@pytest.mark.parametrize(
    "member", [f"../{MEMBERS_FILE}", "../ran.dcm", "../../ran.dcm", "CT/../../../ran.dcm", "CT/../film.dcm"]
)
def test_a_path_into_an_archive_stays_in_it(member: str, tmp_path: Path) -> None:
    archive = tmp_path / "study.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.write(film(tmp_path / "film.dcm"), "CT/film.dcm")

    on_disk(archive / "CT" / "film.dcm")

    with pytest.raises(BadFile):
        on_disk(archive / member)


@pytest.mark.parametrize(
    "parts", [["..", "SECRET"], ["DIR", "..", "..", "SECRET"], [".."], ["C:", "SECRET"], ["/etc", "passwd"]]
)
def test_a_list_of_a_medium_leads_to_nothing_outside_of_it(parts: list[str], tmp_path: Path) -> None:
    medium = tmp_path / "medium"
    medium.mkdir()
    film(tmp_path / "SECRET")
    film(medium / "IM1")
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = "1.2.840.10008.1.3.10", "1.2.3.9"
    meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    listing = FileDataset("DICOMDIR", {}, file_meta=meta, preamble=b"\0" * 128)
    records = [Dataset(), Dataset()]
    with pydicom.config.disable_value_validation():
        for record, names in zip(records, (["IM1"], parts), strict=True):
            record.DirectoryRecordType, record.ReferencedFileID = "IMAGE", names
        listing.DirectoryRecordSequence = records
        listing.save_as(medium / "DICOMDIR", enforce_file_format=True)

    result = scan([medium])

    assert [len(study.series) for patient in result.patients for study in patient.studies] == [1]
    shown = " ".join(problem.reason for problem in result.problems)
    assert "leads out of its folder" in shown
    assert str(tmp_path / "SECRET") not in shown


@pytest.mark.parametrize("name", ["../secret.raw", "a/../../secret.raw", "{outside}", "..\\secret.raw"])
def test_a_volumes_data_file_lies_beside_its_header(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "volume"
    folder.mkdir()
    (tmp_path / "secret.raw").write_bytes(b"secret--")
    name = name.format(outside=tmp_path / "secret.raw")
    header = f"NDims = 3\nDimSize = 2 2 2\nElementType = MET_UCHAR\nElementDataFile = {name}\n"
    (folder / "head.mhd").write_text(header)
    (folder / "head.nhdr").write_text(
        f"NRRD0004\ntype: uchar\ndimension: 3\nsizes: 2 2 2\nencoding: raw\ndata file: {name}\n"
    )

    for file in ("head.mhd", "head.nhdr"):
        with pytest.raises(AppError):
            open_volume(folder / file)


@posix_links
def test_nor_is_a_volumes_data_file_a_link_to_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "volume"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(b"secret--")
    (folder / "data.raw").symlink_to(tmp_path / "secret")
    header = "NDims = 3\nDimSize = 2 2 2\nElementType = MET_UCHAR\nElementDataFile = data.raw\n"
    (folder / "head.mhd").write_text(header)

    with pytest.raises(AppError):
        open_volume(folder / "head.mhd")


def picture(path: Path, grey: int = 90) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((8, 8), grey, np.uint8)).save(path)
    return path


@pytest.mark.parametrize("label", ["../ran", "..", "/ran", "a/b", "C:\\ran", "..\\ran", "con", "a\n../b", "."])
def test_a_label_or_task_names_no_place(label: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Run folders and the folders of an export are named after them."""
    films, out, project = tmp_path / "films", tmp_path / "deep" / "out", tmp_path / "project"
    picture(films / "1.png")
    document = {
        "images": [{"id": 1, "file_name": "1.png", "width": 8, "height": 8}],
        "categories": [{"id": 1, "name": label}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 4], "area": 16, "iscrowd": 0,
                         "segmentation": [[1, 1, 5, 1, 5, 5, 1, 5]]}],
    }  # fmt: skip
    (films / "boxes.json").write_text(json.dumps(document))
    assert main(["project", "create", str(project)]) == 0
    main(["annotate", "import", str(project), str(films / "boxes.json"), "--format", "coco"])
    before = set(everything(tmp_path))

    main(["annotate", "export", str(project), str(out), "--format", "masks"])
    run = enqueue(project, default_recipe(task=label, kind="detection", labels=(label,), model="center_point"))

    capsys.readouterr()
    assert run.parent == project / "runs"
    written = set(everything(tmp_path)) - before
    assert all(name.startswith(("deep/out/", "project/")) for name in written), written


@pytest.mark.parametrize(
    "name", ["../{there}", "..", "../../etc", "runs/../../x", "", " ", "\0", "*", "[", "~", "//server/x"]
)
def test_a_models_name_leads_only_to_models(name: str, tmp_path: Path) -> None:
    (tmp_path / "project" / "models" / "m1").mkdir(parents=True)
    (tmp_path / "there").mkdir()

    with pytest.raises(AppError):
        resolve_model(tmp_path / "project", name.format(there="there"))


@pytest.mark.parametrize("name", ["../x", "..", "/", "*", "[a-z]*", "\0", "ab/../.."])
def test_a_snapshots_id_leads_only_to_snapshots(name: str, tmp_path: Path) -> None:
    (tmp_path / "snapshots").mkdir()
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "card.json").write_text("{}")

    with pytest.raises(AppError, match="has no snapshot"):
        Snapshot.load(tmp_path, name)


@posix_links
def test_a_run_that_is_a_link_is_not_started_nor_written_through(tmp_path: Path, home: Path) -> None:
    elsewhere = enqueue(tmp_path / "theirs", RECIPE)
    append_event(elsewhere, "failed", error="why")
    (tmp_path / "mine" / "runs").mkdir(parents=True)
    link = tmp_path / "mine" / "runs" / "20260101-0000-mass-aaaa"
    link.symlink_to(elsewhere)

    with pytest.raises(AppError, match="is a link"):
        resume(link)

    assert [run.state for run in list_runs(tmp_path / "mine")] == ["failed"]
    assert start_next(tmp_path / "mine") is None


FILES: dict[str, Callable[[Path], object]] = {
    "events.jsonl": lambda run: cancel(run),
    "log.txt": lambda run: start_child(run, resume=False),
    "checkpoints": lambda run: start_child(run, resume=False),
}


@posix_links
@pytest.mark.parametrize("name", [*FILES])
def test_a_link_in_a_run_folder_leads_no_write_elsewhere(name: str, tmp_path: Path) -> None:
    target = tmp_path / "theirs"
    if name == "checkpoints":
        target.mkdir()
    else:
        target.write_text("precious\n")
    run = enqueue(tmp_path / "project", RECIPE)
    if name == "checkpoints":
        (run / name).rmdir()
    else:
        (run / name).unlink(missing_ok=True)
    (run / name).symlink_to(target)

    with pytest.raises(AppError):
        FILES[name](run)

    assert (list(target.iterdir()) if target.is_dir() else target.read_text()) in ([], "precious\n")
    assert read_run(run).run_id == run.name


def names_of(tmp_path: Path, table: str, names: list[str]) -> Path:
    """A table or COCO file in a set of its own, `deep/set`, with pictures inside and beside of it."""
    for seed, place in enumerate(("deep/set/in.png", "deep/set/sub/in2.png", "deep/images/beside.png", "secret.png")):
        picture(tmp_path / place, 90 + seed)
    names = [name.format(outside=tmp_path / "secret.png", inside=tmp_path / "deep/set/in.png") for name in names]
    folder = tmp_path / "deep" / table.partition("/")[0] if "/" in table else tmp_path / "deep" / "set"
    folder.mkdir(exist_ok=True)
    path = folder / table.rpartition("/")[2]
    if path.suffix == ".csv":
        path.write_text("path,label\n" + "".join(f"{name},sick\n" for name in names))
    else:
        images = [{"id": number, "file_name": name, "width": 8, "height": 8} for number, name in enumerate(names)]
        path.write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
    return path


def remarks_of(tmp_path: Path, path: Path, options: dict[str, list[str]] | None = None) -> list[Remark]:
    importer = load(IMPORTERS, "csv" if path.suffix == ".csv" else "coco")
    with Project.create(tmp_path / "project") as project, make_plan(project, importer, path, options or {}) as plan:
        return [remark for remark in plan.remarks() if remark.rule == "a name leads out of the folder"]


@pytest.mark.parametrize("table", ["set.csv", "set.json"])
@pytest.mark.parametrize("name", ["../../secret.png", "sub/../../../secret.png", "..\\..\\secret.png", "{outside}"])
def test_a_name_in_a_table_that_leads_out_of_its_folder_is_said_before_the_import(
    name: str, table: str, tmp_path: Path
) -> None:
    path = names_of(tmp_path, table, ["in.png", name, "../images/beside.png"])

    (said,) = remarks_of(tmp_path, path)

    assert said.count == 2
    assert str(tmp_path / "secret.png") in said.sentence and str(path.parent) in said.sentence


def test_a_mask_that_a_table_names_outside_of_its_folder_is_said_too(tmp_path: Path) -> None:
    path = names_of(tmp_path, "set.csv", [])
    path.write_text("path,mask\nin.png,../../secret.png\nsub/in2.png,../../secret.png\n")

    (said,) = remarks_of(tmp_path, path)

    assert said.count == 1
    assert str(tmp_path / "secret.png") in said.sentence


@pytest.mark.parametrize("table", ["set.csv", "set.json", "annotations/set.json", "labels/set.csv"])
def test_a_name_that_stays_in_the_set_is_not_spoken_of(table: str, tmp_path: Path) -> None:
    """Tools put their files in `annotations` beside `images`: the set is the folder of both."""
    beside = ["../images/beside.png", "beside.png"] if "/" in table else ["sub/../in.png", "./sub/in2.png"]
    path = names_of(tmp_path, table, ["../set/in.png", *beside, "{inside}", "../gone.png"])

    assert remarks_of(tmp_path, path) == []


def test_a_folder_that_the_person_gave_is_the_set(tmp_path: Path) -> None:
    path = names_of(tmp_path, "set.csv", ["../images/beside.png", "{outside}"])

    assert remarks_of(tmp_path, path, {"images": [str(tmp_path / "deep" / "set"), str(tmp_path)]}) == []


@pytest.mark.parametrize("kind", ["csv", "coco"])
def test_an_export_of_ours_beside_its_pictures_climbs_on_purpose(kind: str, tmp_path: Path) -> None:
    path = names_of(tmp_path, "set.csv", ["in.png"])
    out = tmp_path / "out" / ("set.csv" if kind == "csv" else "set.json")
    out.parent.mkdir()
    with Project.create(tmp_path / "first") as project:
        with make_plan(project, load(IMPORTERS, "csv"), path, {}) as plan:
            carry_out(project, plan)
        load(EXPORTERS, kind).write(out, dataset_of(project))

    assert "../deep/set/in.png" in out.read_text()
    assert remarks_of(tmp_path, out) == []
