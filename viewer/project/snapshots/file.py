"""A snapshot's items in an SQLite file of their own."""

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from viewer.core.boundary import at_boundary
from viewer.core.checked import Fields, is_number, is_text, parse_json
from viewer.core.errors import BadProject, BadRequest
from viewer.core.labels import Verdict
from viewer.core.samples import FrameRole
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.project.snapshots.items import SampleFrame, SnapshotItem
from viewer.project.snapshots.split import PARTS
from viewer.project.store.compressed_runs import inflated
from viewer.project.store.sqlite_dialect import new_file, rows_of_file

SIZE = ("rows", "cols")
MOST_SIDE = 1 << 24  # pixels; far above any image
MOST_NUMBER = 1e300
VERDICTS = tuple(verdict.value for verdict in Verdict)

_SCHEMA = """
CREATE TABLE items (position INTEGER PRIMARY KEY, image_id TEXT NOT NULL UNIQUE, path TEXT NOT NULL,
                    pinned_test INTEGER NOT NULL, facts TEXT NOT NULL);
CREATE TABLE masks (image_id TEXT NOT NULL, position INTEGER NOT NULL, runs BLOB NOT NULL,
                    PRIMARY KEY (image_id, position));
"""
# Where the frames of samples lie; a file without such samples is as it always was.
_FRAMES_SCHEMA = "CREATE TABLE frame_paths (image_id TEXT PRIMARY KEY, path TEXT NOT NULL);"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPlace:
    """Where an image stands in a snapshot. shows: the labels drawn on it or answered yes, and its known numbers. line:
    everything of it that counts for the snapshot's id."""

    image_id: str
    patient_id: str
    shows: frozenset[str]
    part: str
    fold: int | None
    line: str


def canonical(facts: Any) -> str:
    """JSON with sorted keys and no spaces: equal values, equal text."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


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
            # A snapshot of what is no number keeps its id.
            **({"numbers": {name: float(number) for name, number in item.numbers.items()}} if item.numbers else {}),
            # As does one of single images.
            **({"frames": [_frame_facts(frame) for frame in item.frames]} if item.frames else {}),
        }
    )


def _frame_facts(frame: SampleFrame) -> list[Any]:
    return [
        frame.role.value, frame.series, frame.offset, frame.image_id, frame.frame_index, frame.pixel_sha256
    ]  # fmt: skip


def write(path: Path, items: Sequence[SnapshotItem]) -> None:
    """Write a new file. Raises NotWritable."""
    places = {frame.image_id: str(frame.path) for item in items for frame in item.frames}
    with new_file(path, _SCHEMA + _FRAMES_SCHEMA if places else _SCHEMA) as connection:
        connection.executemany("INSERT INTO frame_paths VALUES (?, ?)", places.items()) if places else None
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


def _item(
    path: str, pinned: int, document: object, blocks: dict[int, bytes], places: Mapping[str, str], where: str
) -> SnapshotItem:
    values = Fields(document, where, error=BadProject, advice="make the snapshot anew")
    image_id, rows, cols = values.text("image_id", most=200), *(values.integer(n, 0, MOST_SIDE) for n in SIZE)
    labels, tags, numbers = values.inner("labels"), values.inner("tags"), values.inner("numbers", {})
    fold = values.integer_or_none("fold", 0, 10_000)
    return SnapshotItem(
        image_id=image_id,
        path=Path(path),
        frame_index=values.integer("frame_index", 0, 10**9),
        patient_id=values.text("patient_id", most=4096),
        part=values.word("part", PARTS),
        fold=fold,
        pinned_test=bool(pinned),
        labels={label: Verdict(labels.word(label, VERDICTS)) for label in labels.names()},
        boxes=tuple(_box(box) for box in values.plain_value("boxes")),
        masks=tuple(_masks(values.plain_value("masks"), blocks, image_id)),
        complete=values.flag("complete"),
        tags={tag: tags.text(tag) for tag in tags.names()},
        rows=rows,
        cols=cols,
        numbers={name: numbers.number(name, -MOST_NUMBER, MOST_NUMBER) for name in numbers.names()},
        source=values.text("source", "", most=4096),
        modality=values.text("modality", "", most=4096),
        pixel_sha256=values.text("pixel_sha256", "", most=4096),
        frames=tuple(_frame(facts, places) for facts in values.plain_value("frames") or ()),
    )


def _frame(facts: Any, places: Mapping[str, str]) -> SampleFrame:
    role, series, offset, image_id, frame_index, digest = facts
    if not all(map(is_text, (series, image_id, digest))) or type(offset) is not int or type(frame_index) is not int:
        raise ValueError("a frame whose series or image is no text, or whose place is no number")
    if frame_index < 0:
        raise ValueError("a frame before the first of its file")
    return SampleFrame(
        role=FrameRole(role), series=series, offset=offset, image_id=image_id, path=Path(places[image_id]),
        frame_index=frame_index, pixel_sha256=digest,
    )  # fmt: skip


def _box(facts: Any) -> tuple[str, Box]:
    label, x0, y0, x1, y1 = facts
    if not is_text(label) or not all(map(is_number, (x0, y0, x1, y1))):
        raise ValueError("a box whose label is no text, or whose corners are no numbers")
    return label, Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)


def _masks(facts: Any, blocks: dict[int, bytes], image_id: str) -> Iterator[tuple[str, MaskRuns]]:
    for place, (label, rows, cols, expected) in enumerate(facts):
        if not is_text(label) or not all(type(n) is int and 0 <= n <= MOST_SIDE for n in (rows, cols)):
            raise ValueError("a mask without a label or a size")
        raw = inflated(blocks[place])
        if hashlib.sha256(raw).hexdigest() != expected:
            raise BadProject(f"A mask of the image {image_id} has changed inside its snapshot; make it anew.")
        yield label, MaskRuns(rows=rows, cols=cols, runs=np.frombuffer(raw, "<i4").astype(np.int32).reshape(-1, 3))


def read(path: Path) -> tuple[SnapshotItem, ...]:
    """Read a snapshot's items, by image id. Raises BadProject when they cannot be read or a mask has changed."""
    blocks: dict[str, dict[int, bytes]] = {}
    for image_id, place, runs in _selected(path, "SELECT image_id, position, runs FROM masks"):
        blocks.setdefault(image_id, {})[place] = runs
    rows = _selected(path, "SELECT image_id, path, pinned_test, facts FROM items ORDER BY position")
    with at_boundary(path, error=BadProject, what="a snapshot", advice="make it anew"):
        try:
            return tuple(_items(rows, blocks, _frame_paths(path, rows), str(path)))
        except BadRequest as error:  # a box without width, a run outside of its image
            raise BadProject(f"{path} cannot be read ({str(error).rstrip('.')}); make it anew.") from error


def read_places(path: Path) -> tuple[ItemPlace, ...]:
    """Where each image stands, by image id; no mask is read. Raises BadProject when it cannot be read."""
    rows = _selected(path, "SELECT facts FROM items ORDER BY position")
    with at_boundary(path, error=BadProject, what="a snapshot", advice="make it anew"):
        return tuple(_place(line, str(path)) for (line,) in rows)


def _place(line: object, where: str) -> ItemPlace:
    if not isinstance(line, str):
        raise ValueError("an item whose facts are no text")
    values = Fields(parse_json(line, where, error=BadProject), where, error=BadProject, advice="make the snapshot anew")
    said, numbers = values.inner("labels"), values.inner("numbers", {})
    drawn = [one[0] for name in ("boxes", "masks") for one in values.plain_value(name)]
    if not all(map(is_text, drawn)):
        raise ValueError("a shape whose label is no text")
    return ItemPlace(
        image_id=values.text("image_id", most=200), patient_id=values.text("patient_id", most=4096),
        shows=frozenset(
            [*drawn, *numbers.names(), *(label for label in said.names() if said.text(label) == Verdict.YES)]
        ),
        part=values.word("part", PARTS), fold=values.integer_or_none("fold", 0, 10_000), line=line,
    )  # fmt: skip


def _selected(path: Path, query: str) -> list[Any]:
    """The rows of a snapshot's file. Raises BadProject, or what a disk that cannot be read raises."""
    return rows_of_file(path, query, what=f"The snapshot {path.parent}", advice="make it anew")


def _frame_paths(path: Path, rows: Any) -> dict[str, str]:
    """Where the frames of samples lay; {} where the rows have none."""
    if not any('"frames":' in row[3] for row in rows if isinstance(row[3], str)):
        return {}
    places = dict(_selected(path, "SELECT image_id, path FROM frame_paths"))
    if not all(is_text(place, most=4096) for place in places.values()):
        raise ValueError("a frame whose path is no text")
    return places


def _items(
    rows: Any, blocks: dict[str, dict[int, bytes]], places: Mapping[str, str], where: str
) -> Iterator[SnapshotItem]:
    for image_id, file, pinned, facts in rows:
        if not is_text(file, most=4096) or not isinstance(facts, str):
            raise ValueError("an item whose path or facts are no text")
        document = parse_json(facts, where, error=BadProject)
        yield _item(file, pinned, document, blocks.get(image_id, {}), places, where)
