"""Where the shapes of an import lie: what fits its image is taken once, what does not is left out by name."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from viewer.core.errors import AppError, BadRequest
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.shape import Shape
from viewer.exchange.importer import Outcome, Pieces
from viewer.exchange.plan_findings import HELD, JOINS, Findings
from viewer.exchange.plan_store import PlanStore, shape_hash, shape_in, shape_out
from viewer.exchange.settling.readers import Readers
from viewer.exchange.turning import stored_size, turned

_EDGE_PX = 1.0  # tools round a box by up to a pixel; that is no doubt
_FEW_PX = 8  # in a picture of no more rows and columns a box in the first pixel is nothing odd


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """One image as the shapes meet it."""

    image_id: str
    name_id: int
    path: str
    rows: int
    cols: int
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """What stands beside a shape: the name of its object, what is said of that (JSON), whose it is."""

    named: str
    answers: str
    reader: int


class ShapeChecks:
    """Fills `taken_shapes` of a store. exif: what --exif says. twice, there_already: what was not taken again."""

    def __init__(self, store: PlanStore, readers: Readers, exif: str, in_project: set[str]) -> None:
        self._store = store
        self._readers = readers
        self._exif = exif
        self._in_project = in_project
        self._findings = Findings(store)
        self._say = self._findings.say
        self.twice = 0
        self.there_already = 0

    def run(self) -> None:
        """Every shape, image by image."""
        doubted = self._extents_in_doubt()
        for rows in self._findings.by_image(_SHAPES):
            self._shapes_of(rows, doubted=doubted)

    def _extents_in_doubt(self) -> bool:
        """Whether every box that was read as corner and extent would fit as two corners, and some do not as extent."""
        beyond = every = 0
        for row in self._store.sql.execute(_SHAPES.replace("ORDER BY", "AND extent = 1 ORDER BY")):
            box = _box_in(row[4], row[5])
            if box is not None:
                if not _fits_as_corners(box, row[8], row[9]):
                    return False
                every += 1
                beyond += _leaves(box, row[8], row[9])
        return bool(beyond) and bool(every)

    def _shapes_of(self, rows: list[tuple[Any, ...]], *, doubted: bool) -> None:
        there = self._there(rows[0][0], {row[-1] for row in rows})
        said_turn = False
        for row in rows:
            image_id, path, name_id, label, facts, block, place, extent, height, width, turn, *said = row
            rows_said, cols_said, ours, named, answers, reader = said
            at = _Place(image_id=image_id, name_id=name_id, path=path, rows=height, cols=width, turn=turn)
            what = f"{path}{', ' + place if place else ''}: a {label}"
            size = None if rows_said is None else (rows_said, cols_said)
            shape = shape_in(facts, block)
            if not ours and self._may_be_fractions(at, what, shape):
                continue
            box = _box_in(facts, block) if extent else None
            if box is not None and self._box_in_doubt(at, what, box, doubted=doubted):
                continue
            placed = self._placed(at, what, shape, size)
            if placed is None:
                continue
            if turn != 1 and not self._exif and not said_turn:
                said_turn = True
                self._say(
                    Outcome.GUESSED,
                    f"{path} carries an EXIF turn ({turn}); its shapes were placed on the picture as it is shown.",
                    rule="a turned picture: shapes as it is shown", settle="--exif stored",
                )  # fmt: skip
            self._keep(at, label, placed, there[reader], _Beside(named=named, answers=answers, reader=reader))

    def _there(self, image_id: str, readers: set[int]) -> dict[int, set[tuple[str, bytes]]]:
        """The shapes that the project has on an image, (label, hash), in the reading of each of these readers."""
        works = {reader: self._readers.work(reader) if image_id in self._in_project else None for reader in readers}
        return {
            reader: {(one.label, shape_hash(one.shape)) for one in work.annotations(image_id)} if work else set()
            for reader, work in works.items()
        }

    def _may_be_fractions(self, at: _Place, what: str, shape: Shape | Pieces) -> bool:
        """Leave out what would lie in the first pixel of an image of many, by its numbers as they are written."""
        if max(at.rows, at.cols) <= _FEW_PX or not _in_first_pixel(shape):
            return False
        sentence = (
            f"{what} was left out: its numbers lie between 0 and 1, which may be fractions of the image "
            f"({at.rows} x {at.cols}) or the first pixel of it; give them in pixels."
        )
        self._say(Outcome.AMBIGUOUS, sentence, rule="numbers between 0 and 1", name_id=at.name_id)
        return True

    def _box_in_doubt(self, at: _Place, what: str, box: Box, *, doubted: bool) -> bool:
        leaves = _leaves(box, at.rows, at.cols)
        if not (doubted or (leaves and _fits_as_corners(box, at.rows, at.cols))):
            return False
        written = ", ".join(f"{number:g}" for number in box.written_numbers())
        why = (
            "leaves the image as corner and extent and lies inside as two corners"
            if leaves
            else ("fits both as corner and extent and as two corners, and others of this import only as two corners")
        )
        self._say(
            Outcome.AMBIGUOUS, f"{what} was left out: the box [{written}] {why}.",
            rule="a box that may be two corners", settle="--boxes corners", name_id=at.name_id,
        )  # fmt: skip
        return True

    def _placed(self, at: _Place, what: str, shape: Shape | Pieces, size: tuple[int, int] | None) -> Shape | None:
        """The shape on the image as it is shown, None when it was left out."""
        stored = stored_size(at.turn, at.rows, at.cols)
        try:
            if self._exif == "stored" and at.turn != 1 and size in (None, stored):
                shape = turned(shape, at.turn, *stored)
            elif size not in (None, (at.rows, at.cols)):
                self._drawn_for(at, what, size, stored)
                return None
            if isinstance(shape, Pieces):
                shape = self._joined(shape, at, what)
        except AppError as error:
            self._say(
                Outcome.LEFT_OUT, f"{what} was left out, {error}", rule="a shape that is none", name_id=at.name_id
            )
            return None
        reason = shape.no_place(at.rows, at.cols)
        if reason:
            settle = "--exif stored" if at.turn >= 5 and shape.painted() is not None else ""
            self._say(
                Outcome.OUT_OF_RANGE, f"{what} was left out, {reason}.",
                rule="not on the image", settle=settle, name_id=at.name_id,
            )  # fmt: skip
            return None
        if _leaves(shape, at.rows, at.cols):
            sentence = f"{what} reaches over the edge of the image ({at.rows} x {at.cols}); it was kept as it is."
            self._say(Outcome.NOTE, sentence, rule="over the edge of the image")
        return shape

    def _drawn_for(self, at: _Place, what: str, size: tuple[int, int] | None, stored: tuple[int, int]) -> None:
        drawn_for = " x ".join(map(str, size or ()))
        as_stored = at.turn != 1 and size == stored
        self._say(
            Outcome.AMBIGUOUS if as_stored else Outcome.LEFT_OUT,
            f"{what} was left out; it was drawn for {drawn_for} pixels, the image has {at.rows} x {at.cols} "
            f"(rows x columns){' after its EXIF turn' if as_stored else ''}.",
            rule="drawn for another size", settle="--exif stored" if as_stored else "", name_id=at.name_id,
        )  # fmt: skip

    def _joined(self, pieces: Pieces, at: _Place, what: str) -> Shape:
        """The union; a piece without a pixel is said."""
        union = np.zeros((at.rows, at.cols), np.bool_)
        for polygon in pieces.polygons:
            mask = polygon.inside(at.rows, at.cols)
            if not mask.any():
                sentence = f"{what} has a piece that covers no pixel of the image; it adds nothing."
                self._say(Outcome.NOTE, sentence, rule="a piece without a pixel")
            union |= mask
        if not union.any():
            raise BadRequest("none of its pieces covers a pixel of the image.")
        return MaskRuns.from_array(union)

    def _keep(self, at: _Place, label: str, shape: Shape, there: set[tuple[str, bytes]], beside: _Beside) -> None:
        mark = shape_hash(shape)
        if (label, mark) in there:
            self.there_already += 1
            return
        facts, block = shape_out(shape)
        cursor = self._store.sql.execute(
            "INSERT OR IGNORE INTO taken_shapes (image_id, reader, label, facts, block, hash, object, answers) "
            "VALUES (?,?,?,?,?,?,?,?)",
            (at.image_id, beside.reader, label, facts, block, mark, beside.named, beside.answers),
        )
        self.twice += cursor.rowcount == 0


def _leaves(shape: Shape, rows: int, cols: int) -> bool:
    """Whether a box or outline reaches over the edge by more than tools round."""
    extent = shape.extent()
    if extent is None:
        return False
    x0, y0, x1, y1 = extent
    return x0 < -_EDGE_PX or y0 < -_EDGE_PX or x1 > cols + _EDGE_PX or y1 > rows + _EDGE_PX


def _box_in(facts: str, block: bytes) -> Box | None:
    """A box that was written as corner and extent."""
    shape = shape_in(facts, block)
    return None if isinstance(shape, Pieces) else shape.as_box()


def _in_first_pixel(shape: Shape | Pieces) -> bool:
    """Whether every number of a shape lies within 0 and 1; of a box its corner and its extent. A mask has none."""
    numbers = shape.written_numbers()
    return bool(numbers) and all(0 <= number <= 1 for number in numbers)


def _fits_as_corners(box: Box, rows: int, cols: int) -> bool:
    """Whether the numbers of a box that was read as corner and extent are two corners inside the image."""
    x1, y1 = box.width_px, box.height_px
    return (
        x1 > box.x0_px
        and y1 > box.y0_px
        and not _leaves(Box(x0_px=box.x0_px, y0_px=box.y0_px, x1_px=x1, y1_px=y1), rows, cols)
    )


_SHAPES = (
    "SELECT images.image_id, path, names.id, label, facts, block, place, extent, images.rows, images.cols, turn, "
    # Our exports name an image by its content too.
    "shapes.rows, shapes.cols, names.content <> '', object, answers, reader "
    f"FROM shapes {JOINS.format('shapes')} WHERE {HELD} ORDER BY rank, seq"
)
