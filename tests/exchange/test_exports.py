"""What we export comes back: shapes, labels, answers, patients and where these are valid, for every format.

What a format cannot hold is what it said before it wrote, and nothing else is lost.
"""

import csv
import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from viewer.core.errors import NotWritable
from viewer.core.labels import Verdict
from viewer.core.registry import load
from viewer.core.shapes.annotations import Measurement
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.shape import Shape
from viewer.core.text.table_text import comma_text
from viewer.exchange import EXPORTERS, IMPORTERS
from viewer.exchange.exporter import Exporter, dataset_of
from viewer.exchange.importing import ImportReport, carry_out
from viewer.exchange.plan import make_plan
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.register import FrameToAdd, add_frames
from viewer.project.snapshots.split import SplitFile, read_split
from viewer.reading.series import FrameRef

ROWS, COLS = 14, 11
FORMULA = "=cmd|' /C calc'!A0"
NAMES = ("=1+1.png", "a, b; 'c' \u00e4.png", "-2+3.png")


@dataclass
class Content:
    """What is on one image."""

    patient: str = ""
    source: str = "hospital"
    shapes: list[tuple[str, Shape]] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)


def a_project(folder: Path, content: list[Content]) -> Project:
    """A project of one picture for each content."""
    from PIL import Image

    pictures = folder / "set" / "pictures"
    pictures.mkdir(parents=True)
    project = Project.create(folder / "set" / "project", author="=Ada")
    for number, one in enumerate(content):
        path = pictures / NAMES[number]
        Image.fromarray(np.random.default_rng(number).integers(0, 255, (ROWS, COLS), np.uint8)).save(path)
        frame = FrameToAdd(ref=FrameRef(path=path), source=one.source, patient_id=one.patient)
        (image_id,), problems = add_frames(project, [frame])
        assert not problems
        for label, shape in one.shapes:
            project.history.do(edits.add_annotation(image_id, label, shape, author="Ada"))
        for label, verdict in one.verdicts.items():
            project.history.do(edits.say_image_label(image_id, label, before=None, after=verdict))
    return project


def exported(project: Project, name: str, path: Path) -> list[str]:
    """What the format says that it cannot hold, and the file."""
    exporter: Exporter = load(EXPORTERS, name)
    said = exporter.losses(dataset_of(project))
    exporter.write(path, dataset_of(project))
    return said


def imported(folder: Path, name: str, path: Path) -> tuple[Project, ImportReport]:
    project = Project.create(folder, author="Ben")
    with make_plan(project, load(IMPORTERS, name), path, {}) as plan:
        return project, carry_out(project, plan)


def key(shape: Shape) -> Any:
    """Comparable and hashable: a mask as its runs."""
    return (shape.rows, shape.cols, str(shape.runs.tolist())) if isinstance(shape, MaskRuns) else shape


def content_of(project: Project) -> dict[str, dict[str, Any]]:
    return {
        image.image_id: {
            "patient": image.patient_id,
            "source": image.source,
            "shapes": {(one.label, key(one.shape)) for one in project.work.annotations(image.image_id)},
            "verdicts": project.work.image_labels(image.image_id),
        }
        for image in project.images.all()
    }


def as_held(name: str, project: Project) -> dict[str, dict[str, Any]]:
    """What a format holds of a project, by its own words in `losses`."""
    held = content_of(project)
    for image in project.images.all():
        one = held[image.image_id]
        annotations = project.work.annotations(image.image_id)
        if name != "csv":
            one["verdicts"] = {}
        if name == "coco":
            one["shapes"] = {
                (each.label, key(each.shape)) for each in annotations if painted(each.shape).any() or drawn(each.shape)
            }
        if name == "masks":
            unions: dict[str, NDArray[np.bool_]] = {}
            for each in annotations:
                if not isinstance(each.shape, Box):
                    unions[each.label] = unions.get(each.label, False) | painted(each.shape)
            one["shapes"] = {(label, key(MaskRuns.from_array(union))) for label, union in unions.items()}
    return held


def painted(shape: Shape) -> NDArray[np.bool_]:
    if isinstance(shape, MaskRuns):
        return shape.to_array()
    return shape.inside(ROWS, COLS) if isinstance(shape, Polygon) else np.ones((1, 1), np.bool_)


def drawn(shape: Shape) -> bool:
    """An outline between pixel centres has an area too; by hand: counted on a finer grid."""
    if not isinstance(shape, Polygon):
        return False
    finer = Polygon(points_px=tuple((x * 32, y * 32) for x, y in shape.points_px))
    return bool(finer.inside(ROWS * 32, COLS * 32).any())


TEXT = st.text(
    st.sampled_from("=+-@'\";, \t\r\n|{") | st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8
)
LABELS = TEXT.filter(lambda text: bool(text.strip()))
# On the grid of halves; each shape touches the image, as an import demands.
HALVES = st.integers(-8, 30).map(lambda value: value / 2)
ON_IMAGE_X, ON_IMAGE_Y = st.integers(1, 2 * COLS - 1), st.integers(1, 2 * ROWS - 1)
BOXES = st.builds(
    lambda x, y, left, up, right, down: Box(
        x0_px=x / 2 - left, y0_px=y / 2 - up, x1_px=x / 2 + right, y1_px=y / 2 + down
    ),
    ON_IMAGE_X, ON_IMAGE_Y, *[st.floats(0.01, 20)] * 4,
)  # fmt: skip
POLYGONS = st.builds(
    lambda x, y, rest: Polygon(points_px=((x / 2, y / 2), *rest)),
    ON_IMAGE_X, ON_IMAGE_Y, st.lists(st.tuples(HALVES, HALVES), min_size=2, max_size=6),
)  # fmt: skip
MASKS = st.integers(0, 2**32 - 1).flatmap(
    lambda seed: st.sampled_from([0.1, 0.5, 1.1]).map(
        lambda share: MaskRuns.from_array(np.random.default_rng(seed).random((ROWS, COLS)) < share)
    )
)
CONTENT = st.builds(
    Content,
    patient=TEXT,
    source=TEXT.filter(bool),
    shapes=st.lists(st.tuples(LABELS, st.one_of(BOXES, POLYGONS, MASKS)), max_size=4),
    verdicts=st.dictionaries(LABELS, st.sampled_from(Verdict), max_size=2),
)


@pytest.mark.parametrize("name", list(EXPORTERS))
@given(content=st.lists(CONTENT, min_size=1, max_size=3))
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_project_comes_back_as_far_as_the_format_holds_it(name: str, content: list[Content]) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        with a_project(folder, content) as project:
            target = folder / "set" / ("masks" if name == "masks" else f"out.{name}")
            said = exported(project, name, target)
            before = as_held(name, project)
            lost = before != content_of(project)
        # The folder goes to another place as a whole, and the pictures' old place is gone.
        shutil.move(folder / "set", folder / "moved")
        other, report = imported(folder / "other", name, folder / "moved" / target.name)
        with other:
            assert all("the export left out" in sentence for _, sentence in report.problems)
            assert content_of(other) == before
        assert bool(said) or not lost


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_two_hospitals_patient_1_stays_two_patients(tmp_path: Path, name: str) -> None:
    content = [
        Content(patient="1", source="Leipzig"),
        Content(patient="1", source="Dresden"),
        Content(source="Leipzig"),
    ]
    with a_project(tmp_path, content) as project:
        exported(project, name, tmp_path / "out")
    other, report = imported(tmp_path / "other", name, tmp_path / "out")

    with other:
        assert report.problems == ()
        assert {(image.source, image.patient_id) for image in other.images.all()} == {
            ("Leipzig", "1"), ("Dresden", "1"), ("Leipzig", ""),
        }  # fmt: skip


def test_a_mask_of_a_large_image_comes_back_through_the_table(
    tmp_path: Path, project: Project, write_picture: Callable[..., Path]
) -> None:
    trabeculae = np.random.default_rng(2).random((400, 400)) < 0.5
    path = write_picture(tmp_path / "big.png", rows=400, cols=400)
    (image_id,), _ = add_frames(project, [FrameToAdd(ref=FrameRef(path=path), source="s")])
    project.history.do(edits.add_annotation(image_id, "bone", MaskRuns.from_array(trabeculae), author="Ada"))
    exported(project, "csv", tmp_path / "out.csv")
    assert max(map(len, (tmp_path / "out.csv").read_text().splitlines())) > 131_072

    other, report = imported(tmp_path / "other", "csv", tmp_path / "out.csv")

    with other:
        (one,) = other.work.annotations(image_id)
        assert isinstance(one.shape, MaskRuns)
        assert np.array_equal(one.shape.to_array(), trabeculae)
        assert report.problems == ()


def cells(text: str) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]


@pytest.mark.parametrize(("name", "table"), [("csv", "out"), ("masks", "out/index.csv")])
def test_no_cell_of_a_table_begins_a_formula_and_each_comes_back(tmp_path: Path, name: str, table: str) -> None:
    csv.field_size_limit(1 << 30)
    mask = MaskRuns.from_array(np.ones((ROWS, COLS), np.bool_))
    content = [
        Content(patient=FORMULA, source="@SUM(1)", shapes=[(FORMULA, mask), ("\t=1+1", mask)]),
        Content(patient="-5", source="+1", shapes=[("'=quoted", mask)], verdicts={"\r=1": Verdict.YES}),
    ]
    with a_project(tmp_path, content) as project:
        exported(project, name, tmp_path / "out")
        before = as_held(name, project)

    text = (tmp_path / table).read_text(encoding="utf-8")
    found = cells(text.replace("\r\n", "\n"))
    assert not [cell for cell in found if cell[:1] in tuple("=+@\t\r") or (cell[:1] == "-" and cell != "-5")]
    assert any(FORMULA in cell for cell in found)
    other, _ = imported(tmp_path / "other", name, tmp_path / "out")
    with other:
        assert content_of(other) == before


def test_a_mask_that_was_replaced_after_the_export_is_read_as_any_other(tmp_path: Path) -> None:
    from PIL import Image

    mask = MaskRuns.from_array(np.ones((ROWS, COLS), np.bool_))
    with a_project(tmp_path, [Content(shapes=[("lung", mask)])]) as project:
        exported(project, "masks", tmp_path / "out")
    (written,) = (tmp_path / "out" / "lung").iterdir()
    classes = np.zeros((ROWS, COLS), np.uint8)
    classes[2:4], classes[6:8] = 1, 2
    Image.fromarray(classes).save(written)

    other, report = imported(tmp_path / "other", "masks", tmp_path / "out")

    with other:
        assert all(not one["shapes"] for one in content_of(other).values())
        assert "2 values besides 0" in report.problems[0][1]


def test_a_guarded_table_is_a_split_file_too(tmp_path: Path) -> None:
    rows = [{"patient_id": FORMULA, "part": "test", "note": "x" * 200_000}, {"patient_id": "'2", "part": "train"}]
    (tmp_path / "parts.csv").write_text(comma_text(["patient_id", "part", "note"], rows), newline="")

    split = read_split(SplitFile(path=tmp_path / "parts.csv"))

    assert split.by_patient == {FORMULA: "test", "'2": "train"}


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_paths_are_relative_to_the_file_that_names_them(tmp_path: Path, name: str) -> None:
    with a_project(tmp_path, [Content(patient="1")]) as project:
        exported(project, name, tmp_path / "elsewhere" / "out")

    file = tmp_path / "elsewhere" / ("out/index.csv" if name == "masks" else "out")
    up = "../../" if name == "masks" else "../"
    text = file.read_text(encoding="utf-8")
    assert f"{up}set/pictures/=1+1.png" in text
    assert str(tmp_path) not in text


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_a_label_that_nothing_carries_and_a_shape_twice_are_said(tmp_path: Path, name: str) -> None:
    mask = MaskRuns.from_array(np.ones((ROWS, COLS), np.bool_))
    with a_project(tmp_path, [Content(shapes=[("lung", mask), ("lung", mask)])]) as project:
        project.history.do(edits.add_label("idle", "region", project.labels))
        said = " ".join(load(EXPORTERS, name).losses(dataset_of(project)))

    assert "1 label is on no image" in said and "idle" in said
    assert "1 shape is there twice" in said


def test_labels_come_back_in_their_order(tmp_path: Path) -> None:
    mask = MaskRuns.from_array(np.ones((ROWS, COLS), np.bool_))
    content = [Content(), Content(shapes=[(name, mask) for name in ("zebra", "ant", "mole")])]
    with a_project(tmp_path, content) as project:
        first = project.images.all()[0].image_id
        project.history.do(edits.add_annotation(first, "mole", mask, author="Ada"))
        exported(project, "csv", tmp_path / "out.csv")
    other, _ = imported(tmp_path / "other", "csv", tmp_path / "out.csv")

    with other:
        assert [label.name for label in other.labels] == ["zebra", "ant", "mole"]


def test_what_a_table_told_of_a_picture_comes_back(tmp_path: Path, write_picture: Callable[..., Path]) -> None:
    path = write_picture(tmp_path / "a.png")
    tags = {"PatientAge": "57", "site": "=A1", "remark": 'a "b", c'}
    with Project.create(tmp_path / "project") as project:
        add_frames(project, [FrameToAdd(ref=FrameRef(path=path), source="s", tags=tags)])
        exported(project, "csv", tmp_path / "out.csv")
        exported(project, "coco", tmp_path / "out.json")
        said = load(EXPORTERS, "masks").losses(dataset_of(project))

    assert any("1 picture " in sentence for sentence in said)
    for name in ("csv", "coco"):
        other, _ = imported(tmp_path / name, name, tmp_path / f"out.{'csv' if name == 'csv' else 'json'}")
        with other:
            assert other.images.all()[0].tags == tags


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_a_write_that_fails_leaves_what_was_there_and_nothing_beside_it(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter: Exporter = load(EXPORTERS, name)
    target = tmp_path / "out"
    with a_project(tmp_path, [Content(patient="1")]) as project:
        dataset = dataset_of(project)
        if name != "masks":
            target.write_text("mine")

        def full(self: Path, *args: Any, **options: Any) -> Any:
            raise OSError(28, "No space left on device")

        for call in ("replace", "rename"):
            monkeypatch.setattr(Path, call, full)
        with pytest.raises(NotWritable, match="out"):
            exporter.write(target, dataset)

    assert not target.exists() if name == "masks" else target.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == (["set"] if name == "masks" else ["out", "set"])


def test_long_and_odd_names_make_files_that_every_system_takes(
    tmp_path: Path, project: Project, write_picture: Callable[..., Path]
) -> None:
    mask = MaskRuns.from_array(np.ones((37, 23), np.bool_))
    path = write_picture(tmp_path / ("\u00e4" * 120 + ".png"))
    (image_id,), _ = add_frames(project, [FrameToAdd(ref=FrameRef(path=path), source="s")])
    labels = ["x" * 400, "x" * 400 + "y", "con", "index.csv", "../../up", "a/b", "A?b", "..."]
    for label in labels:
        project.history.do(edits.add_annotation(image_id, label, mask, author="Ada"))

    exported(project, "masks", tmp_path / "out")

    folders = [one.name for one in (tmp_path / "out").iterdir() if one.is_dir()]
    assert len(folders) == len(labels) == len({name.casefold() for name in folders})
    assert all(len(name.encode()) < 250 and name.casefold() not in ("con", "..", "index.csv") for name in folders)
    other, _ = imported(tmp_path / "other", "masks", tmp_path / "out")
    with other:
        assert {one.label for one in other.work.annotations(image_id)} == set(labels)


def test_a_measurement_is_said_to_be_lost(tmp_path: Path, project: Project, write_picture: Callable[..., Path]) -> None:
    (image_id,), _ = add_frames(project, [FrameToAdd(ref=FrameRef(path=write_picture(tmp_path / "a.png")), source="s")])
    measurement = Measurement(measurement_id="m", image_id=image_id, kind="length", points_px=((0, 0), (1, 1)))
    project.history.do(edits.add_measurement(measurement))

    for name in EXPORTERS:
        assert any("1 measurement is" in text for text in load(EXPORTERS, name).losses(dataset_of(project)))
