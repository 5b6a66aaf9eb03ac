"""What any small project exports comes back in an empty one: readers, objects, answers, geometry and split."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.exchange.test_export_options import a_slice, write
from viewer.core.edits import AnnotationChange, CaseStatusChange, Change, Edit, ImageLabelChange
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.registry import load
from viewer.core.shapes.annotations import Annotation, CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.kinds.point import SinglePoint
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.kinds.polyline import Polyline
from viewer.core.shapes.shape import Shape
from viewer.exchange import IMPORTERS
from viewer.exchange.importing import carry_out
from viewer.exchange.plan import make_plan
from viewer.project.edit_builders import new_id
from viewer.project.in_batches import images_inside, readings_in_batches
from viewer.project.project import Project
from viewer.project.readings import SHARED, RoundKind
from viewer.project.records import Task
from viewer.project.register import add_to_project
from viewer.project.snapshots.imported_split import imported_images
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.project.snapshots.split import SplitFile
from viewer.project.verify import verify
from viewer.reading.scan import scan

ROWS, COLS, SLICES = 2, 3, 3
# Two names that sort otherwise than they come, and one that a spreadsheet might take for a formula.
READERS = (
    ("", RoundKind.CONSENSUS, 1),
    ("Zoë", RoundKind.OWN, 1),
    ("=Bob", RoundKind.OWN, 1),
    ("Zoë", RoundKind.REPEAT, 2),
)
LABELS, QUESTIONS = ("spot", "a, b"), ("sick", "=odd")
STATES = (CaseStatus.COMPLETE, CaseStatus.APPROVED, CaseStatus.IN_PROGRESS, CaseStatus.RETURNED)
ANSWERS = {"coco": False, "csv": True, "masks": False}  # whether the format holds those of whole images
OUT = {"csv": "out.csv", "coco": "out.json", "masks": "out"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One shape in one reading. object_of: shapes of one number in one reading are one object."""

    image: int
    label: str
    shape: Shape
    object_of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One reading of the series."""

    shapes: tuple[Drawn, ...]
    answers: dict[tuple[int, str], Verdict] = field(default_factory=dict)
    state: CaseStatus


def _pixels(number: int) -> MaskRuns:
    """The mask whose pixels are the bits of a number; at least one."""
    bits = [bool(number >> place & 1) for place in range(ROWS * COLS)]
    return MaskRuns.from_array(np.array(bits).reshape(ROWS, COLS))


MASKS = st.integers(1, 2 ** (ROWS * COLS) - 1).map(_pixels)
BOXES = st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from((0.25, 0.5, 1.0))).map(
    lambda at: Box(x0_px=float(at[0]), y0_px=float(at[1]), x1_px=at[0] + at[2], y1_px=at[1] + at[2])
)
POLYGONS = st.sampled_from((0.125, 0.25, 1.0)).map(lambda x: Polygon(points_px=((x, 0.0), (x + 1.5, 0.5), (x, 2.0))))

POINTS = st.sampled_from((0.25, 1.0, 2.5)).map(lambda x: SinglePoint(points_px=((x, 0.5),)))
LINES = st.sampled_from((0.25, 1.0)).map(lambda x: Polyline(points_px=((x, 0.25), (x + 1.5, 0.5), (x, 1.75))))


@st.composite
def readings(draw: st.DrawFn, *, masks_alone: bool) -> Read:
    """shapes: different ones alone, since an import takes what stands there twice once; objects as the law has them."""
    shapes: list[Drawn] = []
    for place in range(draw(st.integers(0, 4))):
        one = Drawn(
            image=draw(st.integers(0, SLICES - 1)), label=draw(st.sampled_from(LABELS)),
            object_of=draw(st.integers(0, 2)),
            shape=draw(MASKS if masks_alone else st.one_of(MASKS, BOXES, POLYGONS, POINTS, LINES)),
        )  # fmt: skip
        fellows = [other for other in shapes if other.object_of == one.object_of]
        unlawful = any(
            other.label != one.label or (other.image == one.image and type(other.shape) is type(one.shape))
            for other in fellows
        )
        if unlawful:
            one = Drawn(image=one.image, label=one.label, shape=one.shape, object_of=100 + place)
        same = [
            other for other in shapes if (other.image, other.label, other.shape) == (one.image, one.label, one.shape)
        ]
        if not same:
            shapes.append(one)
    keys = st.tuples(st.integers(0, SLICES - 1), st.sampled_from(QUESTIONS))
    return Read(
        shapes=tuple(shapes), answers=draw(st.dictionaries(keys, st.sampled_from(Verdict), max_size=3)),
        state=draw(st.sampled_from(STATES)),
    )  # fmt: skip


@st.composite
def projects(draw: st.DrawFn, *, masks_alone: bool) -> dict[int, Read]:
    """By the number of the reader."""
    numbers = draw(st.sets(st.integers(0, len(READERS) - 1), min_size=1))
    return {number: draw(readings(masks_alone=masks_alone)) for number in sorted(numbers)}


@cache
def _slices() -> tuple[TemporaryDirectory[str], Path]:
    """Three CT slices, written once."""
    kept = TemporaryDirectory()
    for number in range(SLICES):
        a_slice(Path(kept.name) / "ct" / f"{number}.dcm", number)
    return kept, Path(kept.name) / "ct"


def filled(project: Project, wanted: dict[int, Read]) -> list[str]:
    """Let each reader say what is wanted, as one edit. Returns the image ids in the order of the series."""
    ids = add_to_project(project, scan([_slices()[1]]))[0]
    case_id = project.images.get(ids[0]).case_id
    changes: list[Change] = []
    for number, read in wanted.items():
        name, kind, nth = READERS[number]
        round_id = project.rounds.of(name, kind=kind, number=nth).round_id if name else SHARED
        keys: dict[int, str] = {}
        for one in read.shapes:
            own = new_id()
            key = keys.setdefault(one.object_of, own)
            shape = Annotation(
                annotation_id=own, image_id=ids[one.image], label=one.label, shape=one.shape, author=name,
                object_id="" if key == own else key, round_id=round_id,
            )  # fmt: skip
            changes.append(AnnotationChange(before=None, after=shape))
        for (image, label), verdict in read.answers.items():
            changes.append(
                ImageLabelChange(image_id=ids[image], label=label, before=None, after=verdict, round_id=round_id)
            )
        changes.append(CaseStatusChange(case_id=case_id, before=CaseStatus.TO_DO, after=read.state, round_id=round_id))
    project.history.do(Edit(text="read", changes=tuple(changes), of_all=True))
    return ids


Whose = tuple[str, str, int]


def _shape(shape: Shape) -> str:
    return str((shape.rows, shape.cols, shape.runs.tolist())) if isinstance(shape, MaskRuns) else repr(shape)


def stands(project: Project, *, answers: bool) -> dict[Whose, Any]:
    """What each reader says: answers, objects as sets of shapes, and whether the case counts."""
    rounds = {one.round_id: (one.reader, one.kind.value, one.number) for one in project.rounds.all()}
    objects: dict[Whose, dict[str, set[tuple[str, str, str]]]] = defaultdict(lambda: defaultdict(set))
    said: dict[Whose, set[tuple[str, str, Verdict]]] = defaultdict(set)
    counts: dict[Whose, bool] = {}
    for record, found in readings_in_batches(project, list(images_inside(project)), list(rounds)):
        for round_id, work in found.items():
            whose = rounds[round_id]
            for one in work.annotations:
                objects[whose][one.object_key].add((record.image_id, one.label, _shape(one.shape)))
            said[whose] |= {(record.image_id, *pair) for pair in work.image_labels.items()}
            counts[whose] = work.status.counts
    return {
        whose: (
            {frozenset(shapes) for shapes in objects[whose].values()}, said[whose] if answers else set(), counts[whose]
        )
        for whose in rounds.values()
        if objects[whose] or (said[whose] and answers) or counts[whose]
    }  # fmt: skip


def with_split(project: Project, folder: Path, ids: list[str]) -> bool:
    """A snapshot whose one patient is a test patient, where anything is ready for one."""
    (folder / "s.csv").write_text("\n".join(["image_id,part", *(f"{one},test" for one in ids)]) + "\n")
    task = Task(name="t", kind="detection", labels=LABELS, readings="union")
    try:
        make_snapshot(project, task, split_file=SplitFile(path=folder / "s.csv"))
    except BadRequest:
        return False
    return True


@pytest.mark.parametrize("name", OUT)
@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(data=st.data())
def test_what_was_exported_with_its_readers_comes_back(name: str, data: st.DataObject) -> None:
    wanted = data.draw(projects(masks_alone=name == "masks"))
    options = {"readings": "each", "geometry": "yes"} | ({"instances": "yes"} if name == "masks" else {})
    with TemporaryDirectory() as made:
        folder = Path(made)
        with Project.create(folder / "first", author="Ada") as first:
            ids = filled(first, wanted)
            has_split = with_split(first, folder, ids)
            write(first, name, folder / OUT[name], **options, **({"split": "newest"} if has_split else {}))
            expected = stands(first, answers=ANSWERS[name])
        with Project.create(folder / "second", author="Eve") as second:
            with make_plan(second, load(IMPORTERS, name), folder / OUT[name], {}, complete=True) as plan:
                report = carry_out(second, plan)
            assert report.problems == ()
            assert stands(second, answers=ANSWERS[name]) == expected
            assert [image.image_id for image in second.images.all()] == ids
            tested, trained = imported_images(second.folder)
            assert tested <= set(ids) and bool(tested) == has_split and not trained
        assert not verify(folder / "second").problems
