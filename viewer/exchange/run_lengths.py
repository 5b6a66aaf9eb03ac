"""COCO's run lengths: a mask counted down its columns, the pixels outside first (0 of them when the first is inside).

Source: maskApi.c (cocodataset/cocoapi).
"""

import numpy as np

from viewer.core.errors import BadRequest
from viewer.core.shapes.kinds.mask import MaskRuns


def runs_of_counts(counts: list[int], rows: int, cols: int) -> MaskRuns:
    """An uncompressed run-length list as a mask. Raises BadRequest when it does not fill the image exactly."""
    lengths = np.asarray(counts, np.int64)
    if lengths.ndim != 1 or (lengths < 0).any() or int(lengths.sum()) != rows * cols:
        raise BadRequest(f"A run-length mask does not fill its {rows} x {cols} image.")
    values = np.arange(len(lengths)) % 2 == 1
    flat = np.repeat(values, lengths)
    return MaskRuns.from_array(flat.reshape(cols, rows).T)


def counts_of_runs(mask: MaskRuns) -> list[int]:
    """The mask as an uncompressed run-length list."""
    flat = mask.to_array().T.ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    bounds = np.concatenate([[0], edges, [len(flat)]])
    lengths: list[int] = np.diff(bounds).tolist()
    return [0, *lengths] if len(flat) and flat[0] else lengths


def counts_of_text(text: str) -> list[int]:
    """The compressed form: 5 bits a character from "0" on, least first, sign-extended; deltas to two counts back.

    Source: maskApi.c, rleFrString (cocodataset/cocoapi).
    """
    counts: list[int] = []
    place = 0
    while place < len(text):
        value, shift, more = 0, 0, True
        while more:
            if place >= len(text):
                raise BadRequest("A compressed mask ends half-way.")
            if shift > 60:
                raise BadRequest("A compressed mask holds a count that no image has.")
            code = ord(text[place]) - 48
            value |= (code & 0x1F) << shift
            more = bool(code & 0x20)
            place += 1
            shift += 5
            if not more and code & 0x10:
                value |= -1 << shift
        if len(counts) > 2:
            value += counts[-2]
        counts.append(value)
    return counts
