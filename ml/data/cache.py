"""The memory-mapped cache: every image of a snapshot decoded, windowed and resized once.

`CACHE/KEY/train.npy` (image, channel, row, col) float16 in [0, 1] at 1.15 x the input size, `exact.npy` the same at
the input size (what a prediction sees), `masks.npy` (image, label, row, col) uint8 at 1.15 x, and `cache.json`, which
is written last: without it the folder is not there.
"""

import hashlib
import json
import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.catalogue import PreprocessSpec
from ml.data.preprocess import Inverse, Picture, Preprocess
from ml.data.storage import storage_facts
from ml.data.targets import Item, ItemFrame, TaskFacts, true_mask
from ml.tasks.task import learnt
from viewer.core.boundary import at_boundary
from viewer.core.errors import AppError, BadFile, NotWritable
from viewer.core.picture_values import content_sha256, is_colour
from viewer.core.pixels import PixelFacts
from viewer.core.text.nameless import Word
from viewer.reading.image_id import pixel_sha256
from viewer.reading.sources.documents import read_json
from viewer.reading.sources.private_files import beside as name_beside

log = logging.getLogger(__name__)

MARGIN = 1.15
_VERSION = 2

# What reads a frame: (stored pixels, facts). Tests put their own in.
Reader = Callable[[ItemFrame], Picture]


def read_item(item: ItemFrame) -> tuple[NDArray[Any], PixelFacts]:
    """The stored pixels and facts of an item, or of a frame of its sample, from its file.

    Raises BadFile when it is not what was frozen.
    """
    from viewer.reading.frames import read_frame
    from viewer.reading.series import FrameRef

    frame = read_frame(FrameRef(path=Path(item.path), frame_index=item.frame_index))
    if item.pixel_sha256 and pixel_sha256(frame.stored) != item.pixel_sha256:
        raise BadFile(f"{item.path} has other pixels than when the snapshot was made; make a new snapshot.")
    return frame.stored, frame.facts


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cache:
    """An open cache; rows belong to `image_ids`.

    inverses: the placement in the input, per image. facts: per image, what the domain is made of, by what the picture
    is known again, and how it is stored.
    missing: (image_id, reason) of images that cannot be read.
    """

    folder: Path
    image_ids: tuple[str, ...]
    train: NDArray[np.float16]
    exact: NDArray[np.float16]
    masks: NDArray[np.uint8] | None
    inverses: tuple[Inverse, ...]
    facts: tuple[dict[str, Any], ...]
    missing: tuple[tuple[str, str], ...]

    def rows_of(self, items: Sequence[Item]) -> list[int]:
        """The row of each item, items that cannot be read left out."""
        position = {image_id: row for row, image_id in enumerate(self.image_ids)}
        return [position[item.image_id] for item in items if item.image_id in position]


def enlarged(spec: PreprocessSpec) -> tuple[int, int]:
    """The cached (rows, cols) for those of an input."""
    rows_px, cols_px = spec.shape_px
    return round(rows_px * MARGIN), round(cols_px * MARGIN)


def cache_key(snapshot_id: str, spec: PreprocessSpec, task: TaskFacts) -> str:
    """What a cache depends on, as 16 hex digits; the last normalisation is not part of it."""
    facts = spec.to_json()
    facts.pop("mean")
    facts.pop("std")
    labels = list(task.labels) if learnt(task.kind).keeps_masks else []
    text = json.dumps([_VERSION, MARGIN, snapshot_id, facts, labels], sort_keys=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def open_cache(
    parent: Path,
    items: Sequence[Item],
    spec: PreprocessSpec,
    task: TaskFacts,
    *,
    snapshot_id: str,
    reader: Reader = read_item,
    progress: Callable[[int, int], None] | None = None,
) -> Cache:
    """The cache of these items, built when it is not there.

    Raises BadFile when no image can be read, NotWritable when the disk is full or read-only.
    """
    folder = parent / cache_key(snapshot_id, spec, task)
    if _can_be_more_whole(folder, items, reader):
        shutil.rmtree(folder, ignore_errors=True)
    if not (folder / "cache.json").is_file():
        beside = name_beside(folder)
        try:
            beside.mkdir(parents=True, exist_ok=True)
            tell = progress or (lambda done, total: None)
            _build(partial(_fill, beside, items, spec, task, reader, tell), spec.rule.count)
            if not folder.exists():
                beside.rename(folder)
        except OSError as error:
            raise NotWritable(
                f"The training cache {folder} cannot be written: {error.strerror or error}. Free some space."
            ) from error
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    with at_boundary(folder, what="a training cache", advice="delete this folder; it is made anew"):
        return _open(folder)


def _can_be_more_whole(folder: Path, items: Sequence[Item], reader: Reader) -> bool:
    """Whether an image that could not be read when the cache was made can be read now (a drive is there again)."""
    if not (folder / "cache.json").is_file():
        return False
    with at_boundary(folder, what="a training cache", advice="delete this folder; it is made anew"):
        missing = {image_id for image_id, _ in _open(folder).missing}
    for item in items:
        if item.image_id in missing:
            try:
                for frame in item.frames or (item,):
                    reader(frame)
            except AppError:
                continue
            return True
    return False


def _build(fill: Callable[[int], None], frames: int) -> None:
    """The arrays and their description. fill: writes them for a number of channels; see `_fill`."""
    try:
        fill(frames)
    except _Coloured:
        # Found only while reading. Most sets are grey, and would have to be read twice to know it before.
        fill(3)


class _Coloured(Exception):
    """An image has colours, and the arrays were made for grey ones."""


def _fill(
    folder: Path,
    items: Sequence[Item],
    spec: PreprocessSpec,
    task: TaskFacts,
    reader: Reader,
    progress: Callable[[int, int], None],
    channels: int,
) -> None:
    preprocess = Preprocess(spec)
    large = enlarged(spec)
    count = len(items)
    train = _new(folder / "train.npy", np.float16, (count, channels, *large))
    exact = _new(folder / "exact.npy", np.float16, (count, channels, *spec.shape_px))
    masks = None
    if learnt(task.kind).keeps_masks:
        masks = _new(folder / "masks.npy", np.uint8, (count, len(task.labels), *large))
    rows: list[dict[str, Any]] = []
    missing: list[tuple[str, str]] = []
    for number, item in enumerate(items):
        progress(number, count)
        try:
            pictures = [reader(frame) for frame in item.frames or (item,)]
            stored, facts = pictures[spec.rule.own]
            row = len(rows)
            unit, inverse = preprocess.sample_unit(pictures, *spec.shape_px)
            if len(unit) > channels:
                raise _Coloured
            exact[row] = unit
            train[row] = preprocess.sample_unit(pictures, *large)[0]
            if masks is not None:
                masks[row] = _resized_masks(item, task, stored, facts, spec, large)
        except AppError as error:
            log.warning("Left out: image %s (%s)", Word(item.image_id), error)
            missing.append((item.image_id, str(error)))
            continue
        found = _facts(item, stored, facts)
        if item.frames:
            found["frames"] = [_known_by(*picture) for picture in pictures]
        rows.append({"image_id": item.image_id, "inverse": _plain_inverse(inverse), "facts": found})
    progress(count, count)
    if not rows:
        raise BadFile(f"None of the {count} images can be read; the first says: {missing[0][1] if missing else ''}")
    for array in (train, exact, masks):
        if array is not None:
            array.flush()
    document = {"rows": rows, "missing": missing}
    (folder / "cache.json").write_text(json.dumps(document, allow_nan=False), encoding="utf-8")


def _new(path: Path, dtype: Any, shape: tuple[int, ...]) -> Any:
    return np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)


def _resized_masks(
    item: Item, task: TaskFacts, stored: NDArray[Any], of: PixelFacts, spec: PreprocessSpec, shape_px: tuple[int, int]
) -> NDArray[np.uint8]:
    """(label, row, col) 0 to 255: the share of each cached pixel that is inside."""
    plain = Preprocess(
        PreprocessSpec(
            size_px=spec.size_px, cols_px=spec.cols_px, spacing_mm=spec.spacing_mm, fit=spec.fit,
            window="fixed", window_center=0.5, window_width=1,
        )
    )  # fmt: skip
    facts = PixelFacts(rows=stored.shape[0], cols=stored.shape[1], spacing=of.spacing)
    planes = [
        plain.unit(true_mask(item, label, stored.shape[0], stored.shape[1]).astype(np.float32), facts, *shape_px)[0][0]
        for label in task.labels
    ]
    return np.round(np.stack(planes) * 255).astype(np.uint8)


def _plain_inverse(inverse: Inverse) -> dict[str, int]:
    return {name: getattr(inverse, name) for name in Inverse.__slots__}


def _facts(item: Item, stored: NDArray[Any], facts: PixelFacts) -> dict[str, Any]:
    """What is known of an image once it was read: for the domain, and to know the picture and its storage again."""
    spacing = facts.spacing
    return {
        "photometric": facts.photometric,
        "colour": is_colour(stored, facts),
        "spacing_mm": [spacing.row_mm, spacing.col_mm] if spacing is not None else None,
        **_known_by(stored, facts),
        "storage": storage_facts(Path(item.path), stored, facts),
    }


def _known_by(stored: NDArray[Any], facts: PixelFacts) -> dict[str, str]:
    return {"content": content_sha256(stored, facts), "pixels": pixel_sha256(stored)}


def _open(folder: Path) -> Cache:
    document = read_json(folder / "cache.json", most=512 << 20)
    rows = document["rows"]
    masks_path = folder / "masks.npy"
    cache = Cache(
        folder=folder,
        image_ids=tuple(str(row["image_id"]) for row in rows),
        train=np.load(folder / "train.npy", mmap_mode="r", allow_pickle=False),
        exact=np.load(folder / "exact.npy", mmap_mode="r", allow_pickle=False),
        masks=np.load(masks_path, mmap_mode="r", allow_pickle=False) if masks_path.is_file() else None,
        inverses=tuple(Inverse(**row["inverse"]) for row in rows),
        facts=tuple({"photometric": row["facts"]["photometric"], **row["facts"]} for row in rows),
        missing=tuple((str(image_id), str(reason)) for image_id, reason in document["missing"]),
    )
    arrays = [array for array in (cache.train, cache.exact, cache.masks) if array is not None]
    if any(array.ndim != 4 or len(array) < len(rows) for array in arrays):
        raise ValueError(f"its arrays do not hold {len(rows)} images")
    return cache
