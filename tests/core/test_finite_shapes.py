"""No shape holds infinity or NaN, through whichever entrance its numbers come."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from ml.inference.wire import shape_of
from viewer.core.errors import AppError
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.exchange.own_rows import _shape as own_table_shape
from viewer.exchange.plan_store import shape_in
from viewer.project.snapshots.file import _box as snapshot_box
from viewer.project.store.stored_edits import decode_shape

ENDLESS = [float("inf"), float("-inf"), float("nan"), 10**400]


def _box(number: Any) -> list[Any]:
    """Four corners of which one is endless, in order where a comparison can tell."""
    return [number, 1.0, 9.0, 9.0] if number == float("-inf") else [1.0, 1.0, number, 9.0]


def _points(number: Any) -> list[list[Any]]:
    return [[1.0, 1.0], [number, 1.0], [9.0, 9.0]]


def _cells(number: Any) -> dict[str, str]:
    return dict(zip(("x0_px", "y0_px", "x1_px", "y1_px"), map(str, _box(number)), strict=True))


def _stored(read: Callable[[str, bytes], Any], facts: Any) -> Any:
    return read(json.dumps(facts), b"")


ENTRANCES: dict[str, Callable[[Any], Any]] = {
    "a box": lambda n: Box(**dict(zip(("x0_px", "y0_px", "x1_px", "y1_px"), _box(n), strict=True))),
    "a polygon": lambda n: Polygon(points_px=tuple((x, y) for x, y in _points(n))),
    "a box from the model's process": lambda n: shape_of({"kind": "box", "box": _box(n)}),
    "a box of our table": lambda n: own_table_shape("box", _cells(n)),
    "a polygon of our table": lambda n: own_table_shape("polygon", {"points_px": json.dumps(_points(n))}),
    "pieces of an import": lambda n: _stored(shape_in, {"pieces": [_points(n)]}),
    "a box of a project": lambda n: _stored(decode_shape, {"box": _box(n)}),
    "a box of a snapshot": lambda n: snapshot_box(["lung", *_box(n)]),
}


@pytest.mark.parametrize("number", ENDLESS, ids=["inf", "-inf", "nan", "beyond"])
@pytest.mark.parametrize("entrance", ENTRANCES)
def test_an_endless_number_makes_no_shape(entrance: str, number: Any) -> None:
    with pytest.raises((AppError, ValueError, OverflowError)):
        ENTRANCES[entrance](number)


def test_finite_ones_do() -> None:
    for entrance in ENTRANCES.values():
        entrance(8.5)
