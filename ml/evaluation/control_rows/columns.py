"""What controls look at, as columns: grey values of a small picture, facts of the header, how an image is stored."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from ml.data.batches import ImageData
from ml.data.header_numbers import header_number
from ml.data.storage import WORDS
from ml.data.targets import Item

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIDE = 32
AT_ONCE = 64  # pictures in memory at the input's size
_NUMBERS = ("PatientAge", "orig_width", "orig_height")
_WORDS = ("PatientSex", "ViewPosition")


def small_pictures(data: ImageData, rows: Ints) -> Floats:
    """(case, 1024) grey values of the 32x32 picture; of a sample of frames those of each, one after the other."""
    parts = [_small(data, part) for part in np.array_split(rows, max(1, len(rows) // AT_ONCE))]
    return np.concatenate(parts)


def _small(data: ImageData, rows: Ints) -> Floats:
    images = torch.from_numpy(data.cache.exact[rows].astype(np.float32))
    if data.spec.rule.is_plain:
        images = images.mean(dim=1, keepdim=True)
    small = F.interpolate(images, size=(SIDE, SIDE), mode="bilinear", align_corners=False, antialias=True)
    return small.flatten(1).numpy().astype(np.float64)


def header_facts(data: ImageData, rows: Ints) -> Floats:
    """(case, fact): age, original size where the table has it, stored size and aspect, sex, view."""
    items: list[Item] = [data.items[row] for row in rows.tolist()]
    sizes = np.array([[data.cache.inverses[r].rows, data.cache.inverses[r].cols] for r in rows.tolist()], np.float64)
    columns = [sizes, (sizes[:, 1] / sizes[:, 0])[:, None]]
    for name in _NUMBERS:
        columns.append(np.array([header_number(item.tags.get(name, "")) for item in items])[:, None])
    columns += [one_hot([item.tags.get(name, "") for item in items]) for name in _WORDS]
    return np.concatenate(columns, axis=1)


def storage_columns(data: ImageData, rows: Ints) -> Floats:
    """(case, fact): how each image is stored, without what all have in common; the size stands among `FACTS`."""
    facts = [data.cache.facts[row]["storage"] for row in rows.tolist()]
    columns = [one_hot([str(fact.get(name, "")) for fact in facts]) for name in WORDS if name != "size"]
    return np.concatenate([column for column in columns if column.shape[1] > 1] or [np.zeros((len(rows), 0))], axis=1)


def view_columns(data: ImageData, rows: Ints) -> Floats:
    """(case, view): which view each image says."""
    return one_hot([data.items[row].tags.get("ViewPosition", "") for row in rows.tolist()])


def one_hot(words: Sequence[str]) -> Floats:
    """(case, word): 1 where a case says it."""
    return np.array([[float(word == known) for known in sorted(set(words))] for word in words], np.float64)
