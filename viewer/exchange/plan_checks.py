"""What an import says, held against itself, the images and the project: what is taken, and what stays out and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from viewer.core.errors import AppError
from viewer.core.labels import Verdict
from viewer.core.masks import MaskRuns
from viewer.core.rasterize import polygon_mask
from viewer.core.shapes import Box, Polygon, Shape
from viewer.exchange.importer import Outcome, Pieces, Remark
from viewer.exchange.plan_store import PlanStore, shape_hash, shape_in, shape_out
from viewer.exchange.turning import stored_size, turned
from viewer.project.project import Project

_EDGE_PX = 1.0  # tools round a box by up to a pixel; that is no doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a person chose for what a file cannot say. on_conflict, exif: as in `plan.OPTIONS`, or ""."""

    on_conflict: str = ""
    exif: str = ""
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """One image as the shapes meet it."""

    image_id: str
    name_id: int
    path: str
    rows: int
    cols: int
    turn: int


class Checks:
    """Fills `taken_shapes`, `taken_verdicts`, `held_back` and `open` of a store."""

    def __init__(self, project: Project, store: PlanStore, settled: Settled) -> None:
        self._project = project
        self._store = store
        self._settled = settled
        self._in_project = {record.image_id: record for record in project.images.all()}
        self._groups: dict[str, list[str]] = {}
        query = "SELECT DISTINCT grp FROM declared WHERE exclusive = 1 AND scope = 'image'"
        self._exclusive = [row[0] for row in store.sql.execute(query)]
        self.twice = 0
        self.there_already = 0
        self.kept = 0

    def run(self) -> None:
        """Every check, in the order in which one rests on the other."""
        self._patients()
        self._empty_patients()
        self._open_by_remarks()
        doubted = self._extents_in_doubt()
        for rows in self._by_image(_SHAPES):
            self._shapes_of(rows, doubted=doubted)
        self._verdicts()
        self._tags_that_differ()

    def _say(
        self,
        outcome: Outcome,
        sentence: str,
        *,
        rule: str,
        settle: str = "",
        name_id: int | None = None,
        count: int = 1,
    ) -> None:
        self._store.remark(Remark(outcome=outcome, sentence=sentence, rule=rule, settle=settle, count=count), name_id)
        if outcome.is_left_out and name_id is not None:
            self._open(name_id)

    def _open(self, name_id: int) -> None:
        self._store.sql.execute("INSERT OR IGNORE INTO open SELECT image_id FROM images WHERE name = ?", (name_id,))

    def _by_image(self, query: str) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of a query that is ordered by its first column, those of one image together."""
        cursor = self._store.sql.cursor()
        cursor.execute(query)
        for _, rows in groupby(cursor, key=lambda row: row[0]):
            yield list(rows)

    def _one_of(self, values: list[str]) -> str | None:
        """Of values that contradict each other, the one that a person's choice takes."""
        if self._settled.on_conflict == "first":
            return values[0]
        return values[-1] if self._settled.on_conflict == "last" else None

    # -- patients

    def _patients(self) -> None:
        """One image of two patients is left out whole: whose label it is, nobody can tell."""
        for rows in self._by_image(_PATIENTS):
            said = list(dict.fromkeys(row[3] for row in rows if row[3]))
            image_id, path, name_id = rows[0][0], rows[0][1], rows[0][2]
            patient = said[0] if said else None
            if len(said) > 1:
                patient = self._one_of(said)
                places = [f"{row[3]} ({row[4] or row[1]})" for row in rows if row[3]]
                sentence = f"{path}: the import says patient {' and patient '.join(dict.fromkeys(places))}."
                if patient is None:
                    self._say(
                        Outcome.CONTRADICTORY, f"{sentence} The image was left out.", rule="two patients for one image",
                        settle="--on-conflict first", name_id=name_id,
                    )  # fmt: skip
                    self._store.sql.execute("INSERT OR IGNORE INTO held_back VALUES (?)", (image_id,))
                    continue
                word = self._settled.on_conflict
                self._say(Outcome.GUESSED, f"{sentence} The {word} was taken.", rule=f"of two patients, the {word}")
            self._patient_in_the_project(image_id, path, patient, name_id)

    def _patient_in_the_project(self, image_id: str, path: str, patient: str | None, name_id: int) -> None:
        there = self._in_project.get(image_id)
        if there is not None and patient is not None and there.patient_id != patient:
            sentence = (
                f"{path} is in the project as a picture of patient {there.patient_id or '(none)'}, the import says "
                f"{patient}; the first was kept."
            )
            self._say(Outcome.CONTRADICTORY, sentence, rule="another patient in the project", name_id=name_id)

    def _empty_patients(self) -> None:
        """Where some images have a patient and others none: the others' may stand above (merged cells)."""
        if not self._store.number("SELECT EXISTS (SELECT 1 FROM patients WHERE patient <> '')"):
            return
        for image_id, path, name_id in self._store.sql.execute(_EMPTY_PATIENTS).fetchall():
            if image_id in self._in_project:
                continue
            self._say(
                Outcome.AMBIGUOUS,
                f"{path} has an empty patient cell while others have a patient: it may be the one above, or none. "
                "The image was left out.",
                rule="a patient that is not said", settle="--patients above", name_id=name_id,
            )  # fmt: skip
            self._store.sql.execute("INSERT OR IGNORE INTO held_back VALUES (?)", (image_id,))

    def _open_by_remarks(self) -> None:
        outs = ", ".join(f"'{outcome.value}'" for outcome in Outcome if outcome.is_left_out)
        self._store.sql.execute(
            "INSERT OR IGNORE INTO open SELECT image_id FROM remarks JOIN images ON images.name = remarks.name "
            f"WHERE outcome IN ({outs})"
        )

    # -- shapes

    def _extents_in_doubt(self) -> bool:
        """Whether every box that was read as corner and extent would fit as two corners, and some do not as extent."""
        beyond = every = 0
        for row in self._store.sql.execute(_SHAPES.replace("ORDER BY", "AND extent = 1 ORDER BY")):
            box = shape_in(row[4], row[5])
            if isinstance(box, Box):
                if not _fits_as_corners(box, row[8], row[9]):
                    return False
                every += 1
                beyond += _leaves(box, row[8], row[9])
        return bool(beyond) and bool(every)

    def _shapes_of(self, rows: list[tuple[Any, ...]], *, doubted: bool) -> None:
        image_id = rows[0][0]
        there: set[tuple[str, bytes]] = set()
        if image_id in self._in_project:
            there = {
                (annotation.label, shape_hash(annotation.shape))
                for annotation in self._project.work.annotations(image_id)
            }
        said_turn = False
        for _, path, name_id, label, facts, block, place, extent, height, width, turn, rows_said, cols_said in rows:
            at = _Place(image_id=image_id, name_id=name_id, path=path, rows=height, cols=width, turn=turn)
            what = f"{path}{', ' + place if place else ''}: a {label}"
            size = None if rows_said is None else (rows_said, cols_said)
            shape = shape_in(facts, block)
            if extent and self._box_in_doubt(at, what, shape, doubted=doubted):
                continue
            placed = self._placed(at, what, shape, size)
            if placed is None:
                continue
            if turn != 1 and not self._settled.exif and not said_turn:
                said_turn = True
                self._say(
                    Outcome.GUESSED,
                    f"{path} carries an EXIF turn ({turn}); its shapes were placed on the picture as it is shown.",
                    rule="a turned picture: shapes as it is shown", settle="--exif stored",
                )  # fmt: skip
            self._keep(at, label, placed, there)

    def _box_in_doubt(self, at: _Place, what: str, shape: Shape | Pieces, *, doubted: bool) -> bool:
        if not isinstance(shape, Box):
            return False
        leaves = _leaves(shape, at.rows, at.cols)
        if not (doubted or (leaves and _fits_as_corners(shape, at.rows, at.cols))):
            return False
        numbers = (shape.x0_px, shape.y0_px, shape.width_px, shape.height_px)
        written = ", ".join(f"{number:g}" for number in numbers)
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
            if self._settled.exif == "stored" and at.turn != 1 and size in (None, stored):
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
        reason = _no_place(shape, at.rows, at.cols)
        if reason:
            settle = "--exif stored" if at.turn >= 5 and isinstance(shape, MaskRuns) else ""
            self._say(
                Outcome.OUT_OF_RANGE, f"{what} was left out, {reason}.",
                rule="not on the image", settle=settle, name_id=at.name_id,
            )  # fmt: skip
            return None
        if not isinstance(shape, MaskRuns) and _leaves(shape, at.rows, at.cols):
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
            mask = polygon_mask(polygon, at.rows, at.cols)
            if not mask.any():
                sentence = f"{what} has a piece that covers no pixel of the image; it adds nothing."
                self._say(Outcome.NOTE, sentence, rule="a piece without a pixel")
            union |= mask
        return MaskRuns.from_array(union)

    def _keep(self, at: _Place, label: str, shape: Shape, there: set[tuple[str, bytes]]) -> None:
        mark = shape_hash(shape)
        if (label, mark) in there:
            self.there_already += 1
            return
        facts, block = shape_out(shape)
        cursor = self._store.sql.execute(
            "INSERT OR IGNORE INTO taken_shapes (image_id, label, facts, block, hash) VALUES (?, ?, ?, ?, ?)",
            (at.image_id, label, facts, block, mark),
        )
        self.twice += cursor.rowcount == 0

    # -- whole-image labels

    def _verdicts(self) -> None:
        for rows in self._by_image(_VERDICTS):
            self._verdicts_of(rows)

    def _verdicts_of(self, rows: list[tuple[Any, ...]]) -> None:
        """rows: (image id, path, name id, group, label, verdict, place); group "" where it is said outright."""
        image_id = rows[0][0]
        now = self._project.work.image_labels(image_id) if image_id in self._in_project else {}
        said: dict[str, list[tuple[Any, ...]]] = {}
        for row in rows:
            if row[4]:
                said.setdefault(row[4], []).append(row)
        several = self._of_exclusive_groups(rows)
        for label, lines in said.items():
            verdict = None if label in several else self._agreed(label, lines)
            if verdict is not None:
                self._keep_verdict(image_id, label, Verdict(verdict), now)
        is_open = self._store.number("SELECT EXISTS (SELECT 1 FROM open WHERE image_id = ?)", image_id)
        groups = dict.fromkeys(row[3] for row in rows if row[3])
        if self._settled.complete and not is_open:
            for group in groups:
                for label in self._labels_of(group):
                    if label not in said:
                        self._keep_verdict(image_id, label, Verdict.NO, now)
                        said[label] = []

    def _of_exclusive_groups(self, rows: list[tuple[Any, ...]]) -> set[str]:
        """The labels of a group of which an image can have one only, and has several."""
        found: set[str] = set()
        for group in self._exclusive:
            names = list(dict.fromkeys(row[4] for row in rows if row[3] == group and row[4]))
            if len(names) > 1:
                chosen = self._one_of(names)
                path, name_id = rows[0][1], rows[0][2]
                sentence = f"{path}: the import says {' and '.join(names)} of one picture"
                if chosen is None:
                    self._say(
                        Outcome.CONTRADICTORY, f"{sentence}; they were left out.",
                        rule="two classes for one picture", settle="--on-conflict first", name_id=name_id,
                    )  # fmt: skip
                else:
                    sentence = f"{sentence}; {chosen} was taken."
                    self._say(Outcome.GUESSED, sentence, rule="two classes, settled by --on-conflict")
                found |= {name for name in names if name != chosen}
        return found

    def _labels_of(self, group: str) -> list[str]:
        if group not in self._groups:
            self._groups[group] = [row[0] for row in self._store.sql.execute(_GROUP, (group, group))]
        return self._groups[group]

    def _agreed(self, label: str, lines: list[tuple[Any, ...]]) -> str | None:
        verdicts = list(dict.fromkeys(line[5] for line in lines))
        if len(verdicts) == 1:
            return str(verdicts[0])
        path, name_id = lines[0][1], lines[0][2]
        places = ", ".join(f"{line[5]}{f' ({line[6]})' if line[6] else ''}" for line in lines[:6])
        if self._settled.on_conflict == "not-assessed":
            verdict: str | None = Verdict.NOT_ASSESSED.value
        else:
            verdict = self._one_of([line[5] for line in lines])
        sentence = f"{path}: the import says of {label}: {places}"
        if verdict is None:
            self._say(
                Outcome.CONTRADICTORY, f"{sentence}; it was left unknown.",
                rule="two answers for one label", settle="--on-conflict not-assessed", name_id=name_id,
            )  # fmt: skip
        else:
            sentence = f"{sentence}; {verdict} was taken (--on-conflict {self._settled.on_conflict})."
            self._say(Outcome.GUESSED, sentence, rule="two answers, settled by --on-conflict")
        return verdict

    def _keep_verdict(self, image_id: str, label: str, verdict: Verdict, now: dict[str, Verdict]) -> None:
        before = now.get(label)
        if before is None:
            self._store.sql.execute(
                "INSERT INTO taken_verdicts (image_id, label, verdict) VALUES (?, ?, ?)",
                (image_id, label, verdict.value),
            )
        elif before is verdict:
            self.there_already += 1
        else:
            self.kept += 1

    def _tags_that_differ(self) -> None:
        for key, count in self._store.sql.execute(_TAGS).fetchall():
            sentence = f"The column {key} differs between the rows of {count} images; it is not kept with them."
            self._say(Outcome.NOTE, sentence, rule="a column that differs within an image", count=count)


def _leaves(shape: Shape, rows: int, cols: int) -> bool:
    """Whether a box or outline reaches over the edge by more than tools round."""
    if isinstance(shape, MaskRuns):
        return False
    if isinstance(shape, Box):
        xs, ys = [shape.x0_px, shape.x1_px], [shape.y0_px, shape.y1_px]
    else:
        xs, ys = [x for x, _ in shape.points_px], [y for _, y in shape.points_px]
    return min(xs) < -_EDGE_PX or min(ys) < -_EDGE_PX or max(xs) > cols + _EDGE_PX or max(ys) > rows + _EDGE_PX


def _fits_as_corners(box: Box, rows: int, cols: int) -> bool:
    """Whether the numbers of a box that was read as corner and extent are two corners inside the image."""
    x1, y1 = box.width_px, box.height_px
    return (
        x1 > box.x0_px
        and y1 > box.y0_px
        and not _leaves(Box(x0_px=box.x0_px, y0_px=box.y0_px, x1_px=x1, y1_px=y1), rows, cols)
    )


def _no_place(shape: Shape, rows: int, cols: int) -> str:
    """Why a shape cannot lie on an image, "" when it can."""
    if isinstance(shape, MaskRuns):
        if (shape.rows, shape.cols) != (rows, cols):
            return f"the mask has {shape.rows} x {shape.cols} pixels, the image {rows} x {cols} (rows x columns)"
        return ""
    if isinstance(shape, Box):
        numbers = [shape.x0_px, shape.y0_px, shape.x1_px, shape.y1_px]
        where = f"from ({shape.x0_px:g}, {shape.y0_px:g}) to ({shape.x1_px:g}, {shape.y1_px:g})"
        touches = shape.x1_px > 0 and shape.y1_px > 0 and shape.x0_px < cols and shape.y0_px < rows
    else:
        assert isinstance(shape, Polygon)
        numbers = [value for point in shape.points_px for value in point]
        where = f"at {shape.points_px[0]}"
        xs, ys = [x for x, _ in shape.points_px], [y for _, y in shape.points_px]
        touches = max(xs) > 0 and max(ys) > 0 and min(xs) < cols and min(ys) < rows
    if not np.isfinite(numbers).all():
        return "one of its numbers is not finite"
    return "" if touches else f"it lies outside the image ({rows} x {cols}), {where}"


_JOINS = (
    "JOIN images ON images.name = {0}.name JOIN names ON names.id = images.name "
    "JOIN ranks ON ranks.image_id = images.image_id "
)
_HELD = "images.image_id NOT IN (SELECT image_id FROM held_back)"
_PATIENTS = (
    "SELECT images.image_id, path, names.id, patients.patient, place FROM patients "
    f"{_JOINS.format('patients')} ORDER BY rank, patients.seq"
)
_EMPTY_PATIENTS = (
    "SELECT images.image_id, path, names.id FROM patients "
    f"{_JOINS.format('patients')} GROUP BY images.image_id "
    "HAVING MAX(patients.patient) = '' AND MAX(images.patient) = '' ORDER BY rank"
)
_SHAPES = (
    "SELECT images.image_id, path, names.id, label, facts, block, place, extent, images.rows, images.cols, turn, "
    f"shapes.rows, shapes.cols FROM shapes {_JOINS.format('shapes')} WHERE {_HELD} ORDER BY rank, seq"
)
_VERDICTS = (
    "SELECT images.image_id, path, names.id, '' AS grp, label, verdict, place, rank, seq FROM verdicts "
    f"{_JOINS.format('verdicts')} WHERE {_HELD} "
    "UNION ALL SELECT images.image_id, path, names.id, grp, label, 'yes', '', rank, 0 FROM named "
    f"{_JOINS.format('named')} WHERE {_HELD} ORDER BY rank, seq"
)
_GROUP = "SELECT name FROM declared WHERE grp = ? AND scope = 'image' UNION SELECT label FROM named WHERE grp = ? AND label <> ''"
_TAGS = (
    "SELECT key, COUNT(*) FROM (SELECT image_id, key FROM tags JOIN images ON images.name = tags.name "
    "GROUP BY image_id, key HAVING COUNT(DISTINCT value) > 1) GROUP BY key"
)
