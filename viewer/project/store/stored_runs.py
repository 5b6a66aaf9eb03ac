"""The runs of masks and strokes in an edit, in one compressed block, and a stroke as JSON beside it."""

import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from viewer.core.edits import MaskStroke
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.strokes import stroke_runs
from viewer.project.store.compressed_runs import inflated

Facts = dict[str, Any]


class RunsOfEdit:
    """Collects the runs of all masks of one edit."""

    def __init__(self) -> None:
        self._parts: list[NDArray[np.int32]] = []
        self._count = 0

    def add(self, rows: int, cols: int, runs: NDArray[np.int32]) -> Facts:
        return {"rows": rows, "cols": cols, **self.add_runs(runs)}

    def add_runs(self, runs: NDArray[np.int32]) -> Facts:
        facts = {"at": self._count, "count": len(runs)}
        self._parts.append(runs)
        self._count += len(runs)
        return facts

    def block(self) -> bytes:
        """The compressed block; empty when there was no mask."""
        if not self._parts:
            return b""
        return zlib.compress(np.concatenate(self._parts).astype("<i4").tobytes(), 6)


class RunsOfBlock:
    """Gives the masks back."""

    def __init__(self, block: bytes) -> None:
        raw = inflated(block) if block else b""
        self._runs = np.frombuffer(raw, "<i4").reshape(-1, 3)

    def get(self, facts: Mapping[str, Any]) -> tuple[int, int, NDArray[np.int32]]:
        rows, cols = facts["rows"], facts["cols"]
        if type(rows) is not int or type(cols) is not int:
            raise ValueError("a mask without a size")
        return rows, cols, self.get_runs(facts)

    def get_runs(self, facts: Mapping[str, Any]) -> NDArray[np.int32]:
        at, count = facts["at"], facts["count"]
        if type(at) is not int or type(count) is not int or not 0 <= at <= at + count <= len(self._runs):
            raise ValueError("a mask that its runs do not fit")
        return self._runs[at : at + count].astype(np.int32)


def word_in(values: Facts, name: str) -> str:
    """A word of what JSON keeps, "" where there is none. Raises ValueError for what is no word."""
    word = values.get(name, "")
    if not isinstance(word, str):
        raise ValueError(f"a {name} that is no word")
    return word


def _pixels_in(facts: Facts, runs: RunsOfBlock) -> NDArray[np.bool_]:
    return MaskRuns.from_stored(facts, runs).to_array()


def stroke_out(stroke: MaskStroke, out: RunsOfEdit) -> Facts:
    """A stroke as JSON keeps it; its runs go into the block."""
    return {
        "annotation_id": stroke.annotation_id,
        "image_id": stroke.image_id,
        "added": out.add_runs(stroke.added),
        "removed": out.add_runs(stroke.removed),
    }


def stroke_in(values: Facts, added: NDArray[np.int32], removed: NDArray[np.int32]) -> MaskStroke:
    """The stroke of `stroke_out`, with its runs."""
    return MaskStroke(
        annotation_id=word_in(values, "annotation_id"), image_id=word_in(values, "image_id"), added=added,
        removed=removed,
    )  # fmt: skip


def patch_in(values: Facts, runs: RunsOfBlock) -> MaskStroke:
    """A stroke as journals had it before: the rectangle as it was and as it became."""
    row0, col0 = values["row0"], values["col0"]
    if type(row0) is not int or type(col0) is not int:
        raise ValueError("a stroke without a place")
    before, after = (_pixels_in(values[name], runs) for name in ("before", "after"))
    return stroke_in(values, *stroke_runs(before, after, row0=row0, col0=col0))
