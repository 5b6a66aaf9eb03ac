"""`negatoscope render`: what the canvas shows, as a picture."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from viewer.cli.main import main
from viewer.core.edits import AnnotationChange, Edit, LabelChange, MeasurementChange
from viewer.core.labels import Label
from viewer.core.shapes.annotations import Annotation, Measurement
from viewer.core.shapes.kinds.box import Box

Said = pytest.CaptureFixture[str]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    pixels = np.tile(np.arange(0, 240, 2, dtype=np.uint8), (90, 1))
    path = tmp_path / "films" / "film.png"
    path.parent.mkdir()
    Image.fromarray(pixels).save(path)
    return path


def render(capsys: Said, *words: object) -> tuple[int, dict[str, object], str]:
    code = main(["render", *map(str, words), "--json"])
    said = capsys.readouterr()
    return code, json.loads(said.out) if said.out else {}, said.err


def test_an_eight_bit_picture_is_rendered_as_it_is(film: Path, tmp_path: Path, capsys: Said) -> None:
    out = tmp_path / "out" / "x.png"

    code, document, _ = render(capsys, film, "--out", out)

    assert code == 0 and (document["rows"], document["cols"]) == (90, 120)
    with Image.open(out) as made, Image.open(film) as source:
        assert made.mode == "L" and np.array_equal(np.asarray(made), np.asarray(source))


def test_center_and_width_follow_the_standards_formula(film: Path, tmp_path: Path, capsys: Said) -> None:
    out = tmp_path / "x.png"

    render(capsys, film, "--out", out, "--center", 100, "--width", 51)

    with Image.open(out) as made:
        row = np.asarray(made)[0]
    # c = 100, w = 51: black up to 74.5, white above 124.5; 100 is ((100 - 99.5) / 50 + 0.5) * 255 = 130.05.
    assert row[37] == 0 and row[50] == 130 and row[63] == 255


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--center", "40"], 2, "--width"),
        (["--preset", "lungs"], 2, "Lung"),
        (["--preset", "lung"], 2, "without a unit"),
        (["--frame", "7"], 2, "frames 0 to 0"),
        (["--overlay", "annotations"], 2, "--project"),
        (["--overlay", "boxes", "--project", "."], 2, "annotations"),
        (["--series", "nothing"], 2, "nothing"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    film: Path, tmp_path: Path, capsys: Said, words: list[str], code: int, says: str
) -> None:
    done, document, error = render(capsys, film, "--out", tmp_path / "x.png", *words)

    assert done == code and set(document) <= {"error"} and says in error
    assert not (tmp_path / "x.png").exists()


@pytest.mark.parametrize(("modality", "units", "code", "says"), [("PT", "BQML", 2, "Bq/ml"), ("CT", "", 0, "")])
def test_a_preset_in_hu_is_for_values_in_hu(
    tmp_path: Path, capsys: Said, modality: str, units: str, code: int, says: str
) -> None:
    """As in the window, which greys it out: an almost empty picture would be taken for the image."""
    path, out = dicom(tmp_path / "one.dcm", modality, units), tmp_path / "x.png"

    done, document, error = render(capsys, path, "--out", out, "--preset", "lung")

    assert done == code and out.exists() == (code == 0) and says in error
    assert (set(document) == {"error"}) == bool(code)
    assert render(capsys, path, "--out", out, "--preset", "full range")[0] == 0


def dicom(path: Path, modality: str, units: str) -> Path:
    from pydicom.dataset import Dataset, FileMetaDataset

    ds = Dataset()
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.128" if modality == "PT" else "1.2.840.10008.5.1.4.1.1.2"
    ds.SOPInstanceUID, ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.PatientID = "1.2.3", "1.2.4", "1.2.5", "7"
    ds.Modality, ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = (
        modality,
        4,
        6,
        1,
        "MONOCHROME2",
    )
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 0
    ds.RescaleSlope, ds.RescaleIntercept = "1", "0"
    if units:
        ds.Units = units
    ds.PixelData = np.arange(24, dtype=np.uint16).tobytes()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    ds.save_as(path, enforce_file_format=True)
    return path


def test_a_missing_path_and_a_foreign_ending_are_refused(film: Path, tmp_path: Path, capsys: Said) -> None:
    assert render(capsys, tmp_path / "none.dcm", "--out", tmp_path / "x.png")[0] == 1
    assert render(capsys, film, "--out", tmp_path / "x.docx")[0] == 2


def test_annotations_of_a_project_are_drawn_as_on_the_canvas(film: Path, tmp_path: Path, capsys: Said) -> None:
    from viewer.project.project import Project
    from viewer.project.register import add_to_project
    from viewer.reading.scan import scan

    folder = tmp_path / "project"
    with Project.create(folder, name="p") as project:
        (image_id,), _ = add_to_project(project, scan([film]))
        project.history.do(
            Edit(
                text="add label",
                changes=(LabelChange(before=None, after=Label(name="Nodule", scope="region", position=6)),),
            )
        )
        box = Annotation(
            annotation_id="a" * 32, image_id=image_id, label="Nodule",
            shape=Box(x0_px=30, y0_px=40, x1_px=70, y1_px=70), author="me",
        )  # fmt: skip
        ruler = Measurement(measurement_id="b" * 32, image_id=image_id, kind="length", points_px=((5, 85), (60, 85)))
        project.history.do(Edit(text="draw", image_id=image_id, changes=(AnnotationChange(before=None, after=box),)))
        project.history.do(
            Edit(text="measure", image_id=image_id, changes=(MeasurementChange(before=None, after=ruler),))
        )
    out = tmp_path / "x.png"

    code, document, error = render(capsys, film, "--out", out, "--project", folder, "--overlay", "annotations")

    assert code == 0, error
    with Image.open(out) as made:
        rgb = np.asarray(made.convert("RGB")).astype(int)
    # The box's right side, label colour #F65566 at its middle; inside nothing is changed.
    assert np.abs(rgb[55, 68:72] - [0xF6, 0x55, 0x66]).sum(axis=1).min() < 60
    assert (rgb[55, 50] == 100).all()
    assert document["image_id"] == image_id


def test_a_proposal_s_score_on_the_picture_is_told_from_its_cut(
    film: Path, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL.ImageDraw import ImageDraw

    from viewer.core.shapes.annotations import Prediction, Proposal
    from viewer.project.project import Project
    from viewer.project.register import add_to_project
    from viewer.reading.scan import scan

    folder, box = tmp_path / "project", Box(x0_px=30, y0_px=40, x1_px=70, y1_px=70)
    with Project.create(folder, name="p", author="me") as project:
        (image_id,), _ = add_to_project(project, scan([film]))
        proposal = Proposal(
            proposal_id="a" * 32, prediction_id="q", image_id=image_id, label="Nodule", score=0.7496, shape=box
        )
        project.predictions.add(
            Prediction(
                prediction_id="q", image_id=image_id, model_hash="h", model_name="m", kind="detection", created="2026",
                threshold=0.749, proposals=(proposal,), labels=("Nodule",),
            )
        )  # fmt: skip
    written: list[str] = []
    write = ImageDraw.text
    monkeypatch.setattr(
        ImageDraw, "text", lambda pen, at, text, **how: (written.append(text), write(pen, at, text, **how))
    )

    out = tmp_path / "x.png"
    code, _, error = render(capsys, film, "--out", out, "--project", folder, "--overlay", "predictions")

    assert code == 0, error
    assert "AI 0.750" in written, "with two digits it is 0.75, as its cut of 0.749 would be"


def test_a_point_is_rendered_as_a_cross_and_a_polyline_open(film: Path, tmp_path: Path, capsys: Said) -> None:
    from viewer.core.shapes.kinds.point import SinglePoint
    from viewer.core.shapes.kinds.polyline import Polyline
    from viewer.project import edit_builders as edits
    from viewer.project.project import Project
    from viewer.project.register import add_to_project
    from viewer.reading.scan import scan

    folder, out = tmp_path / "project", tmp_path / "x.png"
    line = Polyline(points_px=((20.5, 70.5), (60.5, 70.5), (60.5, 30.5)))
    with Project.create(folder, name="p", author="me") as project:
        (image_id,), _ = add_to_project(project, scan([film]))
        project.history.do(edits.add_label("Tip", "region", project.labels))
        project.history.do(edits.add_annotation(image_id, "Tip", SinglePoint(points_px=((95.5, 60.5),)), author="me"))
        project.history.do(edits.add_annotation(image_id, "Tip", line, author="me"))

    code, _, error = render(capsys, film, "--out", out, "--project", folder, "--overlay", "annotations")

    assert code == 0, error
    with Image.open(out) as made:
        rgb = np.asarray(made.convert("RGB")).astype(int)
    colored = rgb.max(axis=2) - rgb.min(axis=2) > 40
    assert colored[70, 30:50].all() and colored[40:60, 60].all(), "its two sides"
    assert not colored[45:55, 35:45].any(), "nothing joins its ends"
    assert colored[60, 91:99].all() and colored[57:64, 95].all(), "the arms of the cross"
    assert rgb[61, 93].min() < 110, "on a darker line"
