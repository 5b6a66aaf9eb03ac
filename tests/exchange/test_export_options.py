"""What may be asked of an export: the parts of a snapshot, complete cases only, the geometry; every value by hand."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset as Header
from pydicom.dataset import FileMetaDataset

from viewer.core.errors import BadRequest, NotFound, NotWritable, UnknownName
from viewer.core.labels import Verdict
from viewer.core.registry import load
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.exchange import EXPORTERS, IMPORTERS
from viewer.exchange.exporter import Exporter, dataset_of
from viewer.exchange.importing import carry_out
from viewer.exchange.plan import make_plan
from viewer.exchange.settling.parts import KEPT_PARTS
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.register import FrameToAdd, add_frames, add_to_project
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.project.snapshots.split import SplitFile
from viewer.reading.scan import scan
from viewer.reading.series import FrameRef

BOX = Box(x0_px=1, y0_px=2, x1_px=9, y1_px=8)
SICK = Task(name="sick?", kind="classification", labels=("sick",), exclusive=False)
SPLIT = ("train", "validation", "test", "train", "")  # of the five films; the last one is to do
IN_FILE = {"train": "train", "validation": "val", "test": "test"}


@pytest.fixture
def films(project: Project, tmp_path: Path, write_picture: Callable[..., Path]) -> list[str]:
    """Five films of five patients: four complete with an answer and a shape each, in a snapshot; one to do."""
    ids = []
    for number in range(5):
        path = write_picture(tmp_path / "set" / f"{number}.png", seed=number)
        ids += add_frames(project, [FrameToAdd(ref=FrameRef(path=path), source="s", patient_id=f"P{number}")])[0]
    mask = MaskRuns.from_array(np.eye(37, 23, dtype=np.bool_))
    for number, image_id in enumerate(ids[:4]):
        project.history.do(edits.add_annotation(image_id, "spot", mask if number % 2 else BOX, author="Ada"))
        answer = Verdict.YES if number % 2 else Verdict.NO
        project.history.do(edits.say_image_label(image_id, "sick", before=None, after=answer))
        case = project.cases.get(project.images.get(image_id).case_id)
        project.history.do(edits.set_status(case, CaseStatus.COMPLETE))
    rows = [f"{one},{IN_FILE[part]}" for one, part in zip(ids, SPLIT, strict=True) if part]
    (tmp_path / "parts.csv").write_text("\n".join(["image_id,part", *rows]) + "\n")
    make_snapshot(project, SICK, split_file=SplitFile(path=tmp_path / "parts.csv", column="part"))
    return ids


def write(project: Project, name: str, path: Path, **given: str) -> tuple[Path, ...]:
    exporter: Exporter = load(EXPORTERS, name)
    said = {option.replace("_", "-"): [value] for option, value in given.items()}
    return exporter.write(path, dataset_of(project, exporter, said))


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def images_of(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["images"]
    return found


def test_each_row_and_image_says_its_part_of_the_snapshot(project: Project, films: list[str], tmp_path: Path) -> None:
    for name, out in (("csv", "out.csv"), ("coco", "out.json"), ("masks", "out")):
        write(project, name, tmp_path / out, split="newest")

    part = dict(zip(films, SPLIT, strict=True))
    rows = [row for row in table(tmp_path / "out.csv") if row["kind"] != "label"]
    assert len(rows) == 5 + 4 + 4
    for row in (*rows, *table(tmp_path / "out" / "index.csv")):
        assert row["split"] == part[row["image_id"]]
    assert [one.get("split", "") for one in images_of(tmp_path / "out.json")] == list(SPLIT)


def test_a_coco_file_for_each_part_has_its_images_and_what_is_in_none_is_kept(
    project: Project, films: list[str], tmp_path: Path
) -> None:
    written = write(project, "coco", tmp_path / "out.json", split="newest", files="per-part")

    assert [path.name for path in written] == [
        "out_train.json", "out_validation.json", "out_test.json", "out_no-part.json",
    ]  # fmt: skip
    for path, part in zip(written, ("train", "validation", "test", ""), strict=True):
        document = json.loads(path.read_text(encoding="utf-8"))
        wanted = [one for one, of in zip(films, SPLIT, strict=True) if of == part]
        assert [one["image_id"] for one in document["images"]] == wanted
        assert len(document["annotations"]) == (len(wanted) if part else 0)
        assert [one["name"] for one in document["categories"]] == ["spot"]


def test_parts_need_a_snapshot_and_the_files_come_all_or_not_at_all(
    project: Project, films: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadRequest, match="--files per-part needs --split"):
        write(project, "coco", tmp_path / "out.json", files="per-part")
    real, tries = json.dumps, []

    def fails_late(value: Any, **how: Any) -> str:
        tries.append(value)
        if len(tries) == 20:  # in the third file
            raise OSError(28, "No space left on device")
        return real(value, **how)

    monkeypatch.setattr(json, "dumps", fails_late)
    with pytest.raises(NotWritable, match="No space left"):
        write(project, "coco", tmp_path / "out.json", split="newest", files="per-part")

    assert len(tries) == 20
    assert not list(tmp_path.glob("*out*"))


@pytest.mark.parametrize(("snapshot", "error"), [("0" * 64, UnknownName), ("newest", NotFound)])
def test_a_snapshot_that_is_not_there_is_named(project: Project, snapshot: str, error: type[Exception]) -> None:
    with pytest.raises(error, match="has no snapshot"):
        dataset_of(project, load(EXPORTERS, "csv"), {"split": [snapshot]})


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_only_complete_leaves_the_others_out(project: Project, films: list[str], name: str) -> None:
    exporter: Exporter = load(EXPORTERS, name)

    dataset = dataset_of(project, exporter, {"only-complete": ["yes"]})

    assert [one.record.image_id for one in dataset.images] == films[:4]
    assert [one.image_id for one in dataset.images.records()] == films[:4]


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_an_option_that_a_format_does_not_have_is_refused(project: Project, name: str) -> None:
    with pytest.raises(BadRequest, match=r"has no option --colour; it has .*--split"):
        dataset_of(project, load(EXPORTERS, name), {"colour": ["red"]})


def a_slice(path: Path, number: int) -> None:
    """A CT slice of 2 x 3 pixels, tilted about x by the angle of 3-4-5, without anything that is not asked for."""
    header = Header()
    header.SOPClassUID, header.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", f"1.2.3.{number}"
    header.StudyInstanceUID, header.SeriesInstanceUID, header.FrameOfReferenceUID = "1.2.1", "1.2.2", "1.2.9"
    header.PatientID, header.Modality = "7", "CT"
    header.ImagePositionPatient = [-10.5, 20 - 4 * number, 3 * number]
    header.ImageOrientationPatient, header.PixelSpacing = [1, 0, 0, 0, 0.6, 0.8], [0.75, 0.5]
    header.Rows, header.Columns, header.SamplesPerPixel, header.PhotometricInterpretation = 2, 3, 1, "MONOCHROME2"
    header.BitsAllocated = header.BitsStored = 16
    header.HighBit, header.PixelRepresentation = 15, 0
    header.PixelData = (np.arange(6, dtype=np.uint16) + number).tobytes()
    header["PixelData"].VR = "OW"
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    path.parent.mkdir(exist_ok=True)
    header.save_as(path, enforce_file_format=True)


def test_the_geometry_is_what_the_file_gives(project: Project, tmp_path: Path, write_picture: Any) -> None:
    for number in (2, 0, 1):
        a_slice(tmp_path / "ct" / f"{9 - number}.dcm", number)
    add_to_project(project, scan([tmp_path / "ct"]))
    add_frames(project, [FrameToAdd(ref=FrameRef(path=write_picture(tmp_path / "a.png")), source="s")])

    for name, out in (("csv", "out.csv"), ("coco", "out.json"), ("masks", "out")):
        write(project, name, tmp_path / out, geometry="yes")

    *slices, picture = images_of(tmp_path / "out.json")
    assert "negatoscope" not in picture
    series_id = project.images.all()[0].series_id
    for number, one in enumerate(slices):
        # The normal is (0, -0.8, 0.6), so 0, 1, 2 lie at -16, -11, -6 mm along it: 4 * 0.8 + 3 * 0.6 = 5 apart.
        assert one["negatoscope"] == {
            "frame_of_reference_uid": "1.2.9", "position_mm": [-10.5, 20.0 - 4 * number, 3.0 * number],
            "row_cosines": [1.0, 0.0, 0.0], "col_cosines": [0.0, 0.6, 0.8],
            "row_spacing_mm": 0.75, "col_spacing_mm": 0.5, "spacing_source": "PixelSpacing", "spacing_meaning": "mm",
            "series_uid": "1.2.2", "series_id": series_id, "series_index": number,
        }  # fmt: skip
    for rows in (table(tmp_path / "out.csv"), table(tmp_path / "out" / "index.csv")):
        assert [row["position_mm"] for row in rows] == [
            "[-10.5, 20.0, 0.0]", "[-10.5, 16.0, 3.0]", "[-10.5, 12.0, 6.0]", "",
        ]  # fmt: skip
        assert [row["series_index"] for row in rows] == ["0", "1", "2", ""]
        assert (rows[0]["col_spacing_mm"], rows[0]["spacing_source"]) == ("0.5", "PixelSpacing")


def test_nothing_more_is_written_than_was_asked_for(project: Project, films: list[str], tmp_path: Path) -> None:
    a_slice(tmp_path / "ct" / "0.dcm", 0)
    add_to_project(project, scan([tmp_path / "ct"]))

    for name, out in (("csv", "out.csv"), ("coco", "out.json"), ("masks", "out")):
        write(project, name, tmp_path / out)

    for one in images_of(tmp_path / "out.json"):
        assert not {"split", "negatoscope"} & set(one)
    for rows in (table(tmp_path / "out.csv"), table(tmp_path / "out" / "index.csv")):
        assert not {"split", "position_mm"} & set(rows[0])


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_an_export_with_every_option_comes_back_as_one_without(
    project: Project, films: list[str], tmp_path: Path, name: str
) -> None:
    write(project, name, tmp_path / "plain" / "out")
    write(project, name, tmp_path / "full" / "out", split="newest", geometry="yes")

    def came_back(folder: Path) -> tuple[Any, ...]:
        with Project.create(folder / "project") as other:
            with make_plan(other, load(IMPORTERS, name), folder / "out", {}) as plan:
                carry_out(other, plan)
                told = [remark.rule for remark in plan.remarks() if remark.rule != KEPT_PARTS]
            work = [
                ([(a.label, str(a.shape)) for a in other.work.annotations(one)], other.work.image_labels(one))
                for one in films
            ]
            return told, work, [one.tags for one in other.images.all()]

    plain = came_back(tmp_path / "plain")
    assert came_back(tmp_path / "full") == plain
    assert any(shapes for shapes, _ in plain[1])
