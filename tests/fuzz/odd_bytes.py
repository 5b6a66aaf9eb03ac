"""Mutants of any file, each made from a seed and a base file alone: bytes, numbers, words, and a database's values."""

import copy
import gzip
import json
import random
import re
import sqlite3
import struct
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

EDGE_NUMBERS = (
    "0", "-1", "1", "1.5", "-0.0", "NaN", "inf", "-Infinity", "1e308", "1e400", "-1e308", "1e-400", "9" * 30,
    "-" + "9" * 30, "2147483648", "4294967296", "65536", "0x10", "1,5", "1.0.0", "٣", "", " ", "null", "true",
)  # fmt: skip
EDGE_WORDS = (
    "", " ", "..", "../../../etc/passwd", "/dev/zero", "C:\\films\\1.png", "a" * 5000, "\x00", "\udcff", "<b>x</b>",
    "=1+1", "film0.png\n", "nan", "\u202e", "[[", '{"a":', "None",
)  # fmt: skip
EDGE_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 2**31, 2**63, 10**30, 1e308, float("inf"), float("nan"), "", "x", "1", [], {}, [[]],
    [None], {"a": None}, [[1, 2], [3]], "\udcff",
)  # fmt: skip
SQL_VALUES: tuple[Any, ...] = (
    None,
    0,
    -1,
    2**62,
    1.5,
    float("inf"),
    "",
    "x",
    "[",
    "{}",
    "null",
    b"",
    b"\xff" * 9,
    b"x",
)


def mutant(kind: str, base: Path, chance: random.Random) -> tuple[bytes, list[str]]:
    """(the bytes of a mutant of `base`, what was done in words)."""
    data = base.read_bytes()
    steps: list[str] = []
    if base.name.endswith(".gz") and chance.random() < 0.7:
        data = gzip.decompress(data)
        data = _several(data, chance, steps, BYTES)
        return gzip.compress(data, 6, mtime=0), ["inflated", *steps]
    if kind == "project" and chance.random() < 0.6:
        return _changed_database(base, chance, steps), steps
    if kind == "coco" and chance.random() < 0.7:
        return _changed_json(data, chance, steps), steps
    if kind == "safetensors" and chance.random() < 0.5:
        return _changed_tensors(data, chance, steps), steps
    if kind == "png" and chance.random() < 0.6:
        return _sound_sums(_several(data, chance, steps, BYTES)), ["sums mended", *steps]
    return _several(data, chance, steps, BYTES + (WORDS if kind in WORDY else ())), steps


WORDY = ("nrrd", "metaimage", "coco", "csv")


def _several(data: bytes, chance: random.Random, steps: list[str], ways: tuple[Callable[..., Any], ...]) -> bytes:
    work = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        steps.append(str(chance.choice(ways)(work, chance)))
    return bytes(work)


def _place(work: bytearray, chance: random.Random) -> int:
    """Headers more often than pixels."""
    return min(int(len(work) * chance.random() ** chance.choice((1, 3))), max(0, len(work) - 1))


def _flip(work: bytearray, chance: random.Random) -> str:
    at = _place(work, chance)
    if work:
        work[at] ^= 1 << chance.randrange(8)
    return f"bit at {at}"


def _set(work: bytearray, chance: random.Random) -> str:
    at = _place(work, chance)
    if work:
        work[at] = chance.choice((0, 1, 127, 128, 254, 255, chance.randrange(256)))
    return f"byte at {at}"


def _number(work: bytearray, chance: random.Random) -> str:
    at, order = _place(work, chance), chance.choice("<>")
    value = chance.choice((0, 1, 255, 65535, 2**31 - 1, 2**31, 2**32 - 1, len(work)))
    form = chance.choice(("H", "I", "Q", "f", "d"))
    new = struct.pack(order + form, value & 0xFFFF if form == "H" else value)
    if form in "fd" and chance.random() < 0.6:
        new = struct.pack(order + form, chance.choice((float("nan"), float("inf"), -1.0, 1e30, 1e-30)))
    work[at : at + len(new)] = new
    return f"{form} at {at}"


def _cut(work: bytearray, chance: random.Random) -> str:
    at = chance.randrange(len(work) + 1)
    del work[at:]
    return f"cut at {at}"


def _drop(work: bytearray, chance: random.Random) -> str:
    at, length = _place(work, chance), chance.choice((1, 2, 4, 100))
    del work[at : at + length]
    return f"{length} dropped at {at}"


def _zeros(work: bytearray, chance: random.Random) -> str:
    at, length = _place(work, chance), chance.choice((1, 4, 16, 500))
    work[at : at + length] = bytes(len(work[at : at + length]))
    return f"{length} zeros at {at}"


def _twice(work: bytearray, chance: random.Random) -> str:
    at, length = _place(work, chance), chance.choice((1, 8, 64, 1000))
    work[at:at] = work[at : at + length]
    return f"{length} twice at {at}"


def _moved(work: bytearray, chance: random.Random) -> str:
    at, to, length = _place(work, chance), _place(work, chance), chance.choice((4, 12, 60))
    work[to : to + length] = work[at : at + length]
    return f"{length} from {at} to {to}"


def _appended(work: bytearray, chance: random.Random) -> str:
    work += bytes(chance.randrange(256) for _ in range(chance.choice((1, 100))))
    return "appended"


def _edge_number(work: bytearray, chance: random.Random) -> str:
    found = list(re.finditer(rb"-?\d+(\.\d+)?", bytes(work[:4000])))
    if not found:
        return "no number"
    one, new = chance.choice(found), chance.choice(EDGE_NUMBERS)
    work[one.start() : one.end()] = new.encode("utf-8", "surrogateescape")
    return f"{one[0]!r} is {new[:20]!r}"


def _edge_word(work: bytearray, chance: random.Random) -> str:
    found = list(re.finditer(rb"[A-Za-z_.]{2,}", bytes(work[:4000])))
    if not found:
        return "no word"
    one, new = chance.choice(found), chance.choice(EDGE_WORDS)
    work[one.start() : one.end()] = new.encode("utf-8", "surrogateescape")
    return f"{one[0]!r} is {new[:20]!r}"


def _line(work: bytearray, chance: random.Random) -> str:
    lines = bytes(work).split(b"\n")
    at = chance.randrange(len(lines))
    what = chance.choice(("gone", "twice", "swapped", "longer"))
    if what == "gone":
        del lines[at]
    elif what == "twice":
        lines.insert(at, lines[at])
    elif what == "swapped":
        lines[at], lines[0] = lines[0], lines[at]
    else:
        lines[at] += b",1,2;3"
    work[:] = b"\n".join(lines)
    return f"line {at} {what}"


BYTES: tuple[Callable[..., str], ...] = (_flip, _set, _number, _cut, _drop, _zeros, _twice, _moved, _appended)
WORDS: tuple[Callable[..., str], ...] = (_edge_number, _edge_number, _edge_word, _edge_word, _line, _line)


def _changed_json(data: bytes, chance: random.Random, steps: list[str]) -> bytes:
    document = json.loads(data)
    for _ in range(chance.choice((1, 1, 2, 4))):
        node: Any = document
        path = []
        while isinstance(node, (dict, list)) and node:
            key = chance.choice(list(node)) if isinstance(node, dict) else chance.randrange(len(node))
            path.append(key)
            if not isinstance(node[key], (dict, list)) or not node[key] or chance.random() < 0.15:
                break
            node = node[key]
        what = chance.choice(("changed", "changed", "changed", "gone", "twice"))
        steps.append(f"{path} {what}")
        if what == "gone":
            del node[path[-1]]
        elif what == "twice" and isinstance(node, list):
            node.insert(path[-1], json.loads(json.dumps(node[path[-1]])))
        else:
            node[path[-1]] = copy.deepcopy(chance.choice(EDGE_VALUES))
        if not document:
            break
    return json.dumps(document).encode("utf-8", "surrogateescape")


def _changed_tensors(data: bytes, chance: random.Random, steps: list[str]) -> bytes:
    """The header of a safetensors file is JSON after its length as a 64-bit number."""
    length = int.from_bytes(data[:8], "little")
    header = _changed_json(data[8 : 8 + length], chance, steps)
    claimed = len(header) if chance.random() < 0.8 else chance.choice((0, 1, 2**31, 2**63, len(data)))
    return claimed.to_bytes(8, "little") + header + data[8 + length :]


def _sound_sums(data: bytes) -> bytes:
    """The checksum of every PNG chunk as it must be, so that what is inside is looked at."""
    out, at = bytearray(data[:8]), 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if at + 12 + length > len(data):
            break
        body = data[at + 4 : at + 8 + length]
        out += data[at : at + 4] + body + zlib.crc32(body).to_bytes(4, "big")
        at += 12 + length
    return bytes(out + data[at:])


def _changed_database(base: Path, chance: random.Random, steps: list[str]) -> bytes:
    """Values changed by SQLite itself: such a file is sound for it and nonsense for us."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(_without_wal(base.read_bytes()))
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = [name for name in tables if not name.startswith("sqlite_")]
        for _ in range(chance.choice((1, 1, 2, 3))):
            table = chance.choice(tables)
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            rows = [row[0] for row in connection.execute(f'SELECT rowid FROM "{table}"')]
            column, value = chance.choice(columns), chance.choice(SQL_VALUES)
            where = f"WHERE rowid = {chance.choice(rows)}" if rows else ""
            what = chance.choice(
                (f'UPDATE "{table}" SET "{column}" = ? {where}',) * 4 + (f'DELETE FROM "{table}" {where}',)
            )
            steps.append(f"{what} {value!r}")
            try:
                connection.execute(what, (value,) if "?" in what else ())
            except sqlite3.Error:
                connection.rollback()
        if chance.random() < 0.1:
            steps.append("a table is gone")
            connection.execute(f'DROP TABLE "{chance.choice(tables)}"')
        connection.commit()
        return bytes(connection.serialize())


def _without_wal(data: bytes) -> bytes:
    """Bytes 18 and 19 say how a database is journaled; one in memory has no WAL."""
    return data[:18] + b"\1\1" + data[20:]
