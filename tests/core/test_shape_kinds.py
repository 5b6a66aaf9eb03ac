"""A shape answers for itself: nothing outside of the room of kinds asks which kind it is, with planted questions."""

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from viewer.core.errors import BadRequest, UnknownName
from viewer.core.registry import load
from viewer.core.shapes.kinds import KINDS
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.shape import Shape, measured_kind, shape_kind

ROOT = Path(__file__).resolve().parents[2]
ROOM = ROOT / "viewer" / "core" / "shapes" / "kinds"
FILES = [path for part in ("viewer", "ml") for path in sorted((ROOT / part).rglob("*.py"))]
SOURCES = [path for path in FILES if ROOM not in path.parents]
CLASSES = frozenset(row.partition(":")[2] for row in KINDS.values())


def _named(node: ast.AST) -> set[str]:
    """The names in an expression, whatever they are an attribute of."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)} | {
        one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)
    }


def _words(node: ast.AST) -> set[str]:
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def questions(text: str) -> Iterator[int]:
    """The lines that ask which kind a shape is: by its class, in a `match`, or by the word of its kind."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Call(func=ast.Name(id="isinstance" | "issubclass"), args=[_, classes]):
                asks = bool(_named(classes) & CLASSES)
            case ast.MatchClass(cls=ast.Name(id=name)):
                asks = name in CLASSES
            case ast.Compare(left=left, comparators=[*others]):
                asks = any(bool(_words(one) & KINDS.keys()) for one in others) and "kind" in _named(left)
                asks |= any(bool(_named(one) & CLASSES) for one in others) and "type" in _named(left)
            case _:
                asks = False
        if asks:
            yield node.lineno  # type: ignore[attr-defined]  # every node of these has one


def test_nothing_outside_asks_which_kind_a_shape_is() -> None:
    asked = [
        f"{path.relative_to(ROOT)}:{line}" for path in SOURCES for line in questions(path.read_text(encoding="utf-8"))
    ]
    assert asked == []


@pytest.mark.parametrize(
    "planted",
    [
        "isinstance(shape, Box)",
        "isinstance(one.shape, (Polygon, mask.MaskRuns))",
        "not isinstance(shape, Box | Polygon)",
        "match shape:\n    case Polygon():\n        pass",
        "type(shape) is Box",
        "shape.kind == 'polygon'",
        "item.kind in ('rectangle', 'ellipse')",
        "kind != 'mask'",
    ],
)
def test_a_planted_question_is_seen(planted: str) -> None:
    assert list(questions("shape = 1\n" + planted)) != []


def one_of(name: str) -> Shape:
    """A shape of a kind."""
    if name == MaskRuns.kind:
        return MaskRuns.from_array(np.pad(np.ones((3, 4), np.bool_), 2))
    kind = load(KINDS, name)
    points = ((1.0, 2.0), (7.5, 4.5), (6.0, 9.0))
    return kind.of_points(points[: getattr(kind, "most", 2) or 3])


class _Block:
    """Keeps the runs of one mask."""

    def __init__(self) -> None:
        self.kept: tuple[int, int, np.ndarray] | None = None

    def add(self, rows: int, cols: int, runs: np.ndarray) -> dict[str, int]:
        self.kept = (rows, cols, runs)
        return {}

    def get(self, facts: object) -> tuple[int, int, np.ndarray]:
        assert self.kept is not None
        return self.kept


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_comes_back_from_all_that_it_writes(name: str) -> None:
    shape, block = one_of(name), _Block()
    kind = type(shape)

    assert shape.kind == name and shape.plural and shape.icon
    assert kind.from_stored(shape.to_stored(block), block) == shape
    assert kind.from_document(shape.to_document()) == shape
    assert kind.from_cells(shape.to_cells()) == shape
    assert shape.key == one_of(name).key
    assert shape.painted() is not None or kind.of_points(shape.points()) == shape


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_moves_turns_and_is_taken_by_its_handles(name: str) -> None:
    shape = one_of(name)
    x0, y0, x1, y1 = shape.extent()

    moved = shape.moved(2, 3)
    assert moved.extent() == ((x0 + 2, y0 + 3, x1 + 2, y1 + 3) if shape.is_movable else (x0, y0, x1, y1))
    cols = shape.cols if shape.painted() else 30
    mirrored = shape.mapped(lambda x, y: (cols - x, y), lambda array: array[:, ::-1])
    assert mirrored.extent() == (cols - x1, y0, cols - x0, y1)
    for number, (x, y) in enumerate(shape.handles()):
        assert (x + 0.25, y) in shape.with_handle(number, (x + 0.25, y)).handles() or shape.measures or number in (1, 5)
    assert set(shape.drawn_handles()) <= set(shape.handles())


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_has_an_area_or_none_in_every_answer(name: str) -> None:
    shape = one_of(name)
    mask = shape.as_mask(7, 8)

    assert (mask is not None) == shape.tells_pixels
    assert mask is None or np.array_equal(mask.to_array(), shape.inside(7, 8))
    if shape.as_box() is None:
        assert not shape.inside(20, 30).any() and shape.visible_area_px(20, 30) == 0
        assert not shape.holds((3.0, 3.0))


def test_a_measurement_is_no_annotation_and_an_annotation_no_measurement() -> None:
    assert shape_kind("box").kind == "box" and measured_kind("angle").kind == "angle"
    for wrong in (lambda: shape_kind("angle"), lambda: measured_kind("box"), lambda: shape_kind("circle")):
        with pytest.raises(UnknownName):
            wrong()


@pytest.mark.parametrize("name", [name for name in KINDS if name != "mask"])
def test_a_shape_of_too_few_points_or_of_an_endless_one_is_refused(name: str) -> None:
    kind = load(KINDS, name)
    for points in ((), ((float("nan"), 1.0), (2.0, 3.0), (4.0, 5.0))):
        with pytest.raises((BadRequest, ValueError)):
            kind.of_points(points)
