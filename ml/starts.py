"""What a run started from, in words: the run, model or file, and what of its validation part the start had seen.

Loads no torch.
"""

import re
from collections.abc import Iterable
from pathlib import Path, PureWindowsPath

SCRATCH = "scratch"
TOO_GOOD = "figures on them will be too good"  # how a sentence of `ml.seen` ends that tells of seen images
SEEN_BY_START = "seen by its start"  # behind a figure; the whole sentence stands where there is room for it
_RUN = re.compile(r".*-([0-9a-f]{4})")
_MODEL = re.compile(r"[0-9a-f]{16}")


def start_name(init: str) -> str:
    """What a run started from as a person knows it: a run or model by its name, weights by their file's; "" of none."""
    if init in ("", SCRATCH):
        return ""
    return PureWindowsPath(init).name or init


def start_mark(init: str) -> str:
    """The same, short: a run by its last four digits, as the window calls it."""
    name = start_name(init)
    found = _RUN.fullmatch(name)
    return found[1] if found is not None else name


def log_mark(source: Path) -> str:
    """For a log, which holds no names: "run c6f8" or "model 0123456789abcdef"; "" where only a name would say it."""
    run, model = _RUN.fullmatch(source.name), _MODEL.fullmatch(source.name)
    if source.parent.name == "runs" and run is not None:
        return f"run {run[1]}"
    return f"model {model[0]}" if source.parent.name == "models" and model is not None else ""


def validation_seen(notes: Iterable[str]) -> str:
    """Of a run's or model's notes the sentence that its start has learnt from validation images; "" without one."""
    return next((note for note in notes if " of the validation part, the start " in note and TOO_GOOD in note), "")
