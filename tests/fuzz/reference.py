"""A child of the campaign: what pydicom makes of a mutant, compared with what our code showed without a banner.

It is a process of its own since the decoders behind pydicom may crash on such files; that is no fault of ours.
"""

import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np

LOSSY_TOLERANCE = 7  # grey levels between decoders of one lossy stream, see the corpus' README
LOSSY = {f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 52, 53, 54, 55, 56, 81, 91, 93, 112, 203)}


def compare(path: Path, index: int, ours: np.ndarray) -> dict[str, Any]:
    """{"verdict": "equal" | "near" | "differs" | "refused", "why": ..., and the header's facts for a judgement}."""
    import pydicom
    from pydicom.pixels.utils import pixel_array

    ds = pydicom.dcmread(path, force=True)
    facts = _facts(ds)
    answers, problem = [], ""
    for raw in (True, False):
        try:
            theirs = np.asarray(pixel_array(ds, index=index, raw=raw))
        except Exception as error:  # noqa: BLE001  # whatever pydicom raises is its answer
            problem = problem or f"{type(error).__name__}: {str(error)[:300]}"
            continue
        answers.append(theirs)
        if theirs.shape == ours.shape and np.array_equal(theirs, ours, equal_nan=ours.dtype.kind == "f"):
            return {"verdict": "equal", "why": "", **facts}
    if not answers:
        return {"verdict": "refused", "why": problem, **facts}
    same = [theirs for theirs in answers if theirs.shape == ours.shape]
    if not same:
        return {"verdict": "differs", "why": f"shape {ours.shape} here, {answers[0].shape} there", **facts}
    apart = min(float(np.max(np.abs(theirs.astype(np.float64) - ours.astype(np.float64)))) for theirs in same)
    if facts["syntax"] in LOSSY and apart <= LOSSY_TOLERANCE:
        return {"verdict": "near", "why": f"{apart} levels", **facts}
    share = min(float(np.mean(theirs != ours)) for theirs in same)
    why = f"by up to {apart} in {share:.1%}, {ours.dtype} here, {same[0].dtype} there"
    return {"verdict": "differs", "why": why, **facts}


def _facts(ds: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"syntax": str(getattr(ds, "file_meta", {}).get("TransferSyntaxUID", ""))}
    for name in (
        "Rows", "Columns", "SamplesPerPixel", "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
        "PlanarConfiguration", "NumberOfFrames", "PhotometricInterpretation",
    ):  # fmt: skip
        try:
            value = ds.get(name)
        except Exception:  # noqa: BLE001  # a value that cannot be converted is a fact too
            value = "unreadable"
        facts[name] = None if value is None else str(value)
    return facts


def main() -> None:
    """A line {"path", "index", "array"} in, the comparison out."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    import logging

    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = compare(Path(asked["path"]), asked["index"], np.load(asked["array"], allow_pickle=False))
        except Exception as error:  # noqa: BLE001  # whatever pydicom raises is its answer
            answer = {"verdict": "refused", "why": f"{type(error).__name__}: {str(error)[:300]}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
