"""A snapshot's items in an SQLite file of their own."""

import hashlib
import json
import sqlite3
import zlib
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from viewer.core.boundary import at_boundary
from viewer.core.errors import BadProject
from viewer.core.labels import Verdict
from viewer.core.masks import MaskRuns
from viewer.core.shapes import Box
from viewer.project.database_refusals import code_of, while_reading, while_writing
from viewer.project.snapshot_items import SnapshotItem

_SCHEMA = """
CREATE TABLE items (position INTEGER PRIMARY KEY, image_id TEXT NOT NULL UNIQUE, path TEXT NOT NULL,
                    pinned_test INTEGER NOT NULL, facts TEXT NOT NULL);
CREATE TABLE masks (image_id TEXT NOT NULL, position INTEGER NOT NULL, runs BLOB NOT NULL,
                    PRIMARY KEY (image_id, position));
"""


def canonical(facts: Any) -> str:
    """JSON with sorted keys and no spaces: equal values, equal text."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _runs_bytes(mask: MaskRuns) -> bytes:
    return mask.runs.astype("<i4").tobytes()


def item_line(item: SnapshotItem) -> str:
    """Everything of an item that counts for the snapshot's id; masks by the hash of their runs.

    Its path does not count, nor whether it was tested on before: the same split made again is the same snapshot.
    """
    return canonical(
        {
            "image_id": item.image_id,
            "frame_index": item.frame_index,
            "patient_id": item.patient_id,
            "part": item.part,
            "fold": item.fold,
            "labels": {label: verdict.value for label, verdict in item.labels.items()},
            "boxes": [
                [label, float(box.x0_px), float(box.y0_px), float(box.x1_px), float(box.y1_px)]
                for label, box in item.boxes
            ],
            "masks": [
                [label, mask.rows, mask.cols, hashlib.sha256(_runs_bytes(mask)).hexdigest()]
                for label, mask in item.masks
            ],
            "complete": item.complete,
            "tags": item.tags,
            "rows": item.rows,
            "cols": item.cols,
            "source": item.source,
            "modality": item.modality,
            "pixel_sha256": item.pixel_sha256,
        }
    )


def write(path: Path, items: Iterable[SnapshotItem]) -> None:
    """Write a new file. Raises NotWritable."""
    try:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executescript(_SCHEMA)
            for position, item in enumerate(items):
                connection.execute(
                    "INSERT INTO items VALUES (?, ?, ?, ?, ?)",
                    (position, item.image_id, str(item.path), int(item.pinned_test), item_line(item)),
                )
                connection.executemany(
                    "INSERT INTO masks VALUES (?, ?, ?)",
                    [
                        (item.image_id, place, zlib.compress(_runs_bytes(mask)))
                        for place, (_, mask) in enumerate(item.masks)
                    ],
                )
    except sqlite3.Error as error:
        raise while_writing(path, error) from error


def _item(path: str, pinned: int, facts: dict[str, Any], blocks: dict[int, bytes]) -> SnapshotItem:
    masks = []
    for place, (label, rows, cols, expected) in enumerate(facts["masks"]):
        raw = zlib.decompress(blocks[place])
        if hashlib.sha256(raw).hexdigest() != expected:
            raise BadProject(f"A mask of the image {facts['image_id']} has changed inside its snapshot; make it anew.")
        runs = np.frombuffer(raw, "<i4").astype(np.int32).reshape(-1, 3)
        masks.append((label, MaskRuns(rows=rows, cols=cols, runs=runs)))
    return SnapshotItem(
        **{
            **facts,
            "path": Path(path),
            "pinned_test": bool(pinned),
            "labels": {label: Verdict(word) for label, word in facts["labels"].items()},
            "boxes": tuple(
                (label, Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)) for label, x0, y0, x1, y1 in facts["boxes"]
            ),
            "masks": tuple(masks),
        }
    )


def read(path: Path) -> tuple[SnapshotItem, ...]:
    """Read a snapshot's items, by image id. Raises BadProject when they cannot be read or a mask has changed."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            blocks: dict[str, dict[int, bytes]] = {}
            for image_id, place, runs in connection.execute("SELECT image_id, position, runs FROM masks"):
                blocks.setdefault(image_id, {})[place] = runs
            rows = connection.execute(
                "SELECT image_id, path, pinned_test, facts FROM items ORDER BY position"
            ).fetchall()
    except sqlite3.Error as error:
        if code_of(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM):
            raise while_reading(path, error) from error
        raise BadProject(f"The snapshot {path.parent} cannot be read ({error}); make it anew.") from error
    with at_boundary(path, error=BadProject, what="a snapshot", advice="make it anew"):
        return tuple(
            _item(where, pinned, json.loads(facts), blocks.get(image_id, {})) for image_id, where, pinned, facts in rows
        )
