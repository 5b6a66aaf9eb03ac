"""The temporary database of one import: what the file said, and what of it is taken.

A file of its own in a private temporary folder, so that a million records need no memory; gone when the plan closes.
"""

import json
import sqlite3
import struct
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path, PurePath
from typing import Any

from viewer.core.boundary import cannot_be_written
from viewer.core.errors import NotWritable
from viewer.core.shapes.kinds.polygon import Polygon
from viewer.core.shapes.shape import Shape
from viewer.core.values import Value
from viewer.exchange.importer import (
    Asked,
    Becomes,
    Declared,
    ImageName,
    ImportedShape,
    Item,
    Outcome,
    Pieces,
    ReadBy,
    Record,
    Remark,
    left_out,
)
from viewer.project.readings import RoundKind
from viewer.project.store.stored_edits import decode_shape, encode_shape
from viewer.project.store.stored_values import attribute_out, value_out

_NO_FRAME = -(1 << 40)  # below any frame number that a file may say
OPENED = 0  # of whom a record is that names no reader: of the reading that the import is done in
ON_PLANE = "plane"  # what of `beyond` is no answer about a series, a study or a patient
EVERY_READER = -1  # whose case stays open where something is left out that may be of any
_SCHEMA = f"""
CREATE TABLE names (id INTEGER PRIMARY KEY, path TEXT, sop TEXT, content TEXT, frame INTEGER,
    recorded INTEGER DEFAULT 0, UNIQUE (path, sop, content, frame));
CREATE INDEX names_by_sop ON names (sop);
CREATE INDEX names_by_content ON names (content);
CREATE TABLE patients (seq INTEGER PRIMARY KEY, name INTEGER, patient TEXT, place TEXT, UNIQUE (name, patient));
CREATE TABLE sources (name INTEGER PRIMARY KEY, source TEXT);
CREATE TABLE readers (id INTEGER PRIMARY KEY, name TEXT, kind TEXT, number INTEGER, UNIQUE (name, kind, number));
CREATE TABLE recorded (name INTEGER, reader INTEGER, PRIMARY KEY (name, reader)) WITHOUT ROWID;
CREATE TABLE verdicts (seq INTEGER PRIMARY KEY, name INTEGER, reader INTEGER, label TEXT, verdict TEXT, place TEXT);
CREATE TABLE named (name INTEGER, reader INTEGER, grp TEXT, label TEXT, PRIMARY KEY (name, reader, grp, label))
    WITHOUT ROWID;
CREATE TABLE geometry (seq INTEGER PRIMARY KEY, name INTEGER, facts TEXT, place TEXT, UNIQUE (name, facts));
CREATE TABLE parts (seq INTEGER PRIMARY KEY, name INTEGER, part TEXT, place TEXT, UNIQUE (name, part));
CREATE TABLE tags (name INTEGER, key TEXT, value TEXT, PRIMARY KEY (name, key, value)) WITHOUT ROWID;
CREATE TABLE shapes (seq INTEGER PRIMARY KEY, name INTEGER, reader INTEGER, label TEXT, facts TEXT, block BLOB,
    place TEXT, extent INTEGER, rows INTEGER, cols INTEGER, object TEXT, answers TEXT);
CREATE TABLE declared (seq INTEGER PRIMARY KEY, scope TEXT, name TEXT, grp TEXT, exclusive INTEGER,
    UNIQUE (scope, name, grp));
CREATE TABLE remarks (seq INTEGER PRIMARY KEY, outcome TEXT, sentence TEXT, rule TEXT, settle TEXT, name INTEGER,
    count INTEGER);
CREATE TABLE also (name INTEGER PRIMARY KEY);
CREATE TABLE of_series (name INTEGER PRIMARY KEY);
CREATE TABLE unfinished (name INTEGER, reader INTEGER, why TEXT, PRIMARY KEY (name, reader, why)) WITHOUT ROWID;
CREATE TABLE images (name INTEGER PRIMARY KEY, image_id TEXT, rows INTEGER, cols INTEGER, turn INTEGER,
    patient TEXT);
CREATE INDEX images_by_id ON images (image_id);
CREATE TABLE meant (name INTEGER, image_id TEXT, PRIMARY KEY (name, image_id)) WITHOUT ROWID;
CREATE TABLE ranks (image_id TEXT PRIMARY KEY, rank INTEGER) WITHOUT ROWID;
CREATE TABLE fresh (seq INTEGER PRIMARY KEY, name INTEGER, image_id TEXT, facts TEXT);
CREATE TABLE taken_shapes (seq INTEGER PRIMARY KEY, image_id TEXT, reader INTEGER, label TEXT, facts TEXT, block BLOB,
    hash BLOB, object TEXT, answers TEXT, UNIQUE (image_id, reader, label, hash));
CREATE TABLE taken_verdicts (seq INTEGER PRIMARY KEY, image_id TEXT, reader INTEGER, label TEXT, verdict TEXT);
CREATE TABLE asked (seq INTEGER PRIMARY KEY, scope TEXT, label TEXT, name TEXT, facts TEXT,
    UNIQUE (scope, label, name));
CREATE TABLE answers (seq INTEGER PRIMARY KEY, name INTEGER, reader INTEGER, question TEXT, value TEXT, place TEXT);
CREATE TABLE taken_answers (seq INTEGER PRIMARY KEY, image_id TEXT, reader INTEGER, question TEXT, value TEXT);
CREATE TABLE beyond (seq INTEGER PRIMARY KEY, name INTEGER, reader INTEGER, what TEXT, question TEXT, value TEXT,
    place TEXT);
CREATE TABLE taken_beyond (seq INTEGER PRIMARY KEY, what TEXT, reader INTEGER, facts TEXT,
    UNIQUE (what, reader, facts));
CREATE INDEX answers_by_name ON answers (name);
CREATE INDEX verdicts_by_name ON verdicts (name);
CREATE INDEX shapes_by_name ON shapes (name);
CREATE TABLE known (image_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE held_back (image_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE open (image_id TEXT, reader INTEGER DEFAULT {EVERY_READER}, PRIMARY KEY (image_id, reader)) WITHOUT ROWID;
"""


def _as_text(text: str) -> str:
    """The text, with what no UTF-8 can hold (half of a surrogate pair) written out."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def value_text(value: Value) -> str:
    """What is said, as text that is the same for the same value."""
    return json.dumps(value_out(value), allow_nan=False, sort_keys=True)


def values_out(answers: Mapping[str, Value]) -> str:
    """Answers by the question's name as JSON; "" for none."""
    return json.dumps({name: value_out(one) for name, one in answers.items()}, allow_nan=False) if answers else ""


def shape_out(shape: Shape | Pieces) -> tuple[str, bytes]:
    """A shape as (JSON, block)."""
    if isinstance(shape, Pieces):
        return json.dumps(
            {"pieces": [[list(point) for point in one.points_px] for one in shape.polygons]}, allow_nan=False
        ), b""
    return encode_shape(shape)


def shape_in(facts: str, block: bytes) -> Shape | Pieces:
    """The shape of `shape_out`."""
    if facts.startswith('{"pieces"'):
        outlines = json.loads(facts)["pieces"]
        return Pieces(polygons=tuple(Polygon(points_px=tuple((x, y) for x, y in one)) for one in outlines))
    return decode_shape(facts, block)


def shape_hash(shape: Shape) -> bytes:
    """Equal for equal shapes, whether their numbers were written 1 or 1.0."""
    from hashlib import blake2b

    mask = shape.painted()
    if mask is not None:
        data = struct.pack("<2q", mask.rows, mask.cols) + mask.runs.astype("<i4").tobytes()
    else:
        data = b"".join(struct.pack("<2d", x, y) for x, y in shape.points())
    return blake2b(shape.kind.encode() + data, digest_size=16).digest()


def not_kept(error: sqlite3.Error) -> NotWritable:
    """The sentence for a temporary database that cannot be written: the disk of the temporary folder is full."""
    place = tempfile.gettempdir()
    return NotWritable(f"The plan of the import cannot be kept in {place} ({error}); make room there and try again.")


def _with_its_image(remark: Remark) -> str:
    """The sentence; one that says a line or a mask alone says whose they are too: that image stays open."""
    if remark.image is None or not (remark.outcome.is_left_out or remark.also):
        return remark.sentence
    name = remark.image.path or remark.image.sop_instance_uid or remark.image.image_id
    is_named = PurePath(name).name in remark.sentence
    return remark.sentence if is_named else f"{remark.sentence} It is of {remark.image}."


class PlanStore:
    """The tables of one plan. `read`: how many records came; `nothing`: those that say no label, shape or answer;
    `becomes`: what the file's columns become."""

    def __init__(self) -> None:
        try:
            self._folder = tempfile.TemporaryDirectory(prefix="negatoscope-import-", ignore_cleanup_errors=True)
        except OSError as error:
            raise cannot_be_written(tempfile.gettempdir(), error) from error
        # The plan is made on a worker thread and closed on the window's; never used by two at once.
        self.sql = sqlite3.connect(Path(self._folder.name) / "plan.db", check_same_thread=False, isolation_level=None)
        try:
            self.sql.execute("PRAGMA journal_mode = OFF")
            self.sql.execute("PRAGMA synchronous = OFF")
            self.sql.execute("PRAGMA cache_size = -65536")  # KiB; the default spills with 10,000 records
            self.sql.executescript(_SCHEMA)
            self.sql.execute("BEGIN")
        except sqlite3.Error as error:
            self.close()
            raise not_kept(error) from error
        self.read = 0
        self.nothing = 0
        self.becomes = Becomes()
        self._silent: ImageName | None = None  # the image of the last record, where that says nothing
        self._last: tuple[ImageName, int] | None = None
        self._recorded = (0, OPENED)
        self._readers: dict[ReadBy | None, int] = {None: OPENED}

    def close(self) -> None:
        """Take the temporary database away."""
        self.sql.close()
        self._folder.cleanup()

    def gather(self, items: Iterable[Item]) -> None:
        """Keep everything a format yields."""
        for item in items:
            if isinstance(item, Record):
                self.read += 1
                says = bool(item.shapes or item.verdicts or item.answers or any(item.named.values()))
                says = says or bool(item.wider or item.on_planes)
                self.nothing += not says
                self._silent = None if says else item.image
                if _as_text(item.image.path) == item.image.path:
                    self._record(item)
                else:  # a file name of another encoding; the project keeps paths as text
                    sentence = f"{item.image}: the picture's name is no text (UTF-8); rename the file."
                    self.remark(left_out(None, sentence, rule="a name that is no text"))
            elif isinstance(item, Declared):
                self.sql.execute(
                    "INSERT OR IGNORE INTO declared (scope, name, grp, exclusive) VALUES (?, ?, ?, ?)",
                    (item.scope, _as_text(item.name), _as_text(item.group), int(item.exclusive)),
                )
            elif isinstance(item, Asked):
                one = item.attribute
                facts = json.dumps(attribute_out(one), allow_nan=False)
                query = "INSERT OR IGNORE INTO asked (scope, label, name, facts) VALUES (?, ?, ?, ?)"
                self.sql.execute(query, (one.scope, _as_text(one.label), _as_text(one.name), facts))
            elif isinstance(item, Becomes):
                self.becomes = item
            else:
                self.read += item.count if item.of_record else 0
                if item.outcome.is_left_out and not item.of_record and item.image == self._silent is not None:
                    self.nothing -= 1  # it said something, which does not come
                    self._silent = None
                self.remark(item)

    def name_id(self, name: ImageName) -> int:
        """The row of a name, made when it is new."""
        if self._last is not None and self._last[0] == name:
            return self._last[1]
        frame = _NO_FRAME if name.frame_index is None else name.frame_index
        key = (_as_text(name.path), _as_text(name.sop_instance_uid), name.image_id, frame)
        self.sql.execute("INSERT OR IGNORE INTO names (path, sop, content, frame) VALUES (?, ?, ?, ?)", key)
        row = self.sql.execute(
            "SELECT id FROM names WHERE path = ? AND sop = ? AND content = ? AND frame = ?", key
        ).fetchone()
        self._last = (name, int(row[0]))
        return self._last[1]

    def _reader_id(self, reader: ReadBy | None) -> int:
        if reader not in self._readers and reader is not None:
            row = (_as_text(reader.name), reader.kind.value, reader.number)
            cursor = self.sql.execute("INSERT INTO readers (name, kind, number) VALUES (?, ?, ?)", row)
            self._readers[reader] = int(cursor.lastrowid or 0)
        return self._readers[reader]

    def _record(self, record: Record) -> None:
        name, sql = self.name_id(record.image), self.sql
        reader = self._reader_id(record.reader)
        if (name, reader) != self._recorded:
            sql.execute("UPDATE names SET recorded = 1 WHERE id = ?", (name,))
            sql.execute("INSERT OR IGNORE INTO recorded VALUES (?, ?)", (name, reader))
            self._recorded = (name, reader)
        if record.geometry:
            facts = json.dumps(record.geometry, sort_keys=True, allow_nan=False)
            values = (name, _as_text(facts), _as_text(record.where))
            sql.execute("INSERT OR IGNORE INTO geometry (name, facts, place) VALUES (?, ?, ?)", values)
        if record.part:
            values = (name, _as_text(record.part), _as_text(record.where))
            sql.execute("INSERT OR IGNORE INTO parts (name, part, place) VALUES (?, ?, ?)", values)
        if record.patient_id is not None:
            sql.execute(
                "INSERT OR IGNORE INTO patients (name, patient, place) VALUES (?, ?, ?)",
                (name, _as_text(record.patient_id), _as_text(record.where)),
            )
        if record.source is not None:
            sql.execute("INSERT OR IGNORE INTO sources VALUES (?, ?)", (name, _as_text(record.source)))
        if record.unfinished:
            sql.execute(
                "INSERT OR IGNORE INTO unfinished VALUES (?, ?, ?)", (name, reader, _as_text(record.unfinished))
            )
        for label, verdict in record.verdicts.items():
            sql.execute(
                "INSERT INTO verdicts (name, reader, label, verdict, place) VALUES (?, ?, ?, ?, ?)",
                (name, reader, _as_text(label), verdict.value, _as_text(record.where)),
            )
        for group, labels in record.named.items():
            for label in labels or ("",):  # looked at, and none of the group holds
                held = (name, reader, _as_text(group), _as_text(label))
                sql.execute("INSERT OR IGNORE INTO named VALUES (?, ?, ?, ?)", held)
        for key, value in record.tags.items():
            sql.execute("INSERT OR IGNORE INTO tags VALUES (?, ?, ?)", (name, _as_text(key), _as_text(value)))
        for question, answer in record.answers.items():
            sql.execute(
                "INSERT INTO answers (name, reader, question, value, place) VALUES (?, ?, ?, ?, ?)",
                (name, reader, _as_text(question), value_text(answer), _as_text(record.where)),
            )
        for kind, said in record.wider.items():
            for question, answer in said.items():
                self._beyond(name, reader, record, kind.value, _as_text(question), value_text(answer))
        for one in record.on_planes:
            self._beyond(name, reader, record, ON_PLANE, "", _as_text(json.dumps(asdict(one), allow_nan=False)))
        for shape in record.shapes:
            self._shape(name, reader, shape, record)

    def _beyond(self, name: int, reader: int, record: Record, what: str, question: str, value: str) -> None:
        query = "INSERT INTO beyond (name, reader, what, question, value, place) VALUES (?, ?, ?, ?, ?, ?)"
        self.sql.execute(query, (name, reader, what, question, value, _as_text(record.where)))

    def _shape(self, name: int, reader: int, shape: ImportedShape, record: Record) -> None:
        rows, cols = record.size or (None, None)
        values = (
            name,
            reader,
            _as_text(shape.label),
            *shape_out(shape.shape),
            _as_text(record.where),
            int(shape.from_extent),
            rows,
            cols,
            _as_text(shape.object_name),
            values_out(shape.answers),
        )
        columns = "name, reader, label, facts, block, place, extent, rows, cols, object, answers"
        self.sql.execute(f"INSERT INTO shapes ({columns}) VALUES (?,?,?,?,?,?,?,?,?,?,?)", values)

    def remark(self, remark: Remark, name: int | None = None) -> None:
        """Keep a remark. name: the row of the name it is about, when it is not in the remark itself."""
        if name is None and remark.image is not None:
            name = self.name_id(remark.image)
        for image in remark.also:
            self.sql.execute("INSERT OR IGNORE INTO also VALUES (?)", (self.name_id(image),))
        if remark.of_series and name is not None:
            self.sql.execute("INSERT OR IGNORE INTO of_series VALUES (?)", (name,))
        self.sql.execute(
            "INSERT INTO remarks (outcome, sentence, rule, settle, name, count) VALUES (?, ?, ?, ?, ?, ?)",
            (
                remark.outcome.value,
                _as_text(_with_its_image(remark)),
                _as_text(remark.rule),
                _as_text(remark.settle),
                name,
                remark.count,
            ),
        )

    def readers(self) -> dict[int, ReadBy | None]:
        """Whose readings the import brings, by id; OPENED is None."""
        rows = self.sql.execute("SELECT id, name, kind, number FROM readers ORDER BY id")
        named = {row[0]: ReadBy(name=row[1], kind=RoundKind(row[2]), number=row[3]) for row in rows}
        return {OPENED: None, **named}

    def names(self, *, recorded: bool) -> Iterator[tuple[int, ImageName]]:
        """Every name that a record has, or every name that only a remark has, in the order of coming."""
        query = "SELECT id, path, sop, content, frame FROM names WHERE recorded = ? ORDER BY id"
        for row in self.sql.execute(query, (int(recorded),)).fetchall():
            frame = None if row[4] == _NO_FRAME else row[4]
            yield row[0], ImageName(path=row[1], sop_instance_uid=row[2], image_id=row[3], frame_index=frame)

    def remarks(self) -> Iterator[Remark]:
        """Every remark, in the order of coming."""
        query = (
            "SELECT outcome, sentence, rule, settle, count, names.id, path, sop, content, frame FROM remarks "
            "LEFT JOIN names ON names.id = remarks.name ORDER BY seq"
        )
        for row in self.sql.execute(query):
            image = None
            if row[5] is not None:
                frame = None if row[9] == _NO_FRAME else row[9]
                image = ImageName(path=row[6], sop_instance_uid=row[7], image_id=row[8], frame_index=frame)
            yield Remark(
                outcome=Outcome(row[0]), sentence=row[1], rule=row[2], settle=row[3], count=row[4], image=image
            )

    def number(self, query: str, *values: Any) -> int:
        """The one number of a query."""
        return int(self.sql.execute(query, values).fetchone()[0] or 0)
