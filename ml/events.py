"""The lines of a run's events.jsonl: what a training child says while it works.

Every line is {"event", "t", ...}; t is local time with its offset. The events:
    queued       resume: go on where the last checkpoint is
    starting     pid: a child was started
    loading      what: what is being read or built before the first step, as a few words; done, total: of images
    started      device, device_reason, precision, precision_reason, threads, steps_per_epoch, epochs, epoch (how many
                 are done), first_epoch, images {part: count}, patients {part: count}, metric, notes []
    initialised  source, loaded, skipped, skipped_names: tensors taken from a run, model or weights file
    step         epoch, step, loss, images_per_s, left_s, memory_bytes (at most about one a second)
    epoch        epoch, train_loss, val_loss, metrics {}, best, seconds, note, threshold (chosen on these same cases)
    checkpoint   epoch, path
    paused, unpaused
    judging      what: what a report's job does, as a few words; done, total: of cases or images
    finished     best_epoch, metrics {}, model_hash; of a report: said (the figure that decides, in words), model_hash
    failed       error (one sentence), kind
    cancelled    epoch, step
Epochs are counted from 1 everywhere; `started` says so (first_epoch), since earlier versions counted from 0 here.
"""

import errno
import json
import math
import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from viewer.core.checked import is_text, parse_json
from viewer.core.errors import BadFile
from viewer.reading.sources.documents import read_bytes, read_json

EVENTS_FILE = "events.jsonl"
CONFIG_FILE = "config.json"
CONTROL_FILE = "control.json"
LOCK_FILE = "lock.json"
CARD_FILE = "card.json"
LOG_FILE = "log.txt"
CHECKPOINTS = "checkpoints"
BEST_WEIGHTS = "checkpoints/best.safetensors"
MODEL_WEIGHTS = "weights.safetensors"

FIRST_EPOCH = 1

# A week of one line a second is 100 MB; the names of tensors in one line are at most 20.
MOST_EVENT_BYTES = 512 << 20
MOST_LINE_BYTES = 1 << 20
MOST_WISH_BYTES = 1 << 16

TERMINAL = ("finished", "failed", "cancelled")
LIFECYCLE = ("queued", "starting", "started", "paused", "unpaused", *TERMINAL)


class Cancelled(Exception):
    """Someone asked the job to stop; what it had to save is saved."""


def now() -> str:
    """Local time with its offset, to the millisecond."""
    return datetime.now().astimezone().isoformat(timespec="milliseconds")


def finite(value: Any) -> Any:
    """The value with NaN and infinity as None: JSON has no such numbers."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value


def append_event(run_folder: Path, event: str, **facts: Any) -> None:
    """Add one line. A line is written in one call, so a killed child leaves at most one broken last line."""
    line = json.dumps({"event": event, "t": now(), **finite(facts)}, allow_nan=False) + "\n"
    with appending(run_folder / EVENTS_FILE) as file:
        if file.tell() and not _ends_with_newline(run_folder / EVENTS_FILE):
            file.write(b"\n")  # close what a killed child left half written
        file.write(line.encode())


def appending(path: Path) -> BinaryIO:
    """A file of a run folder, to be added to. Raises OSError for a link, which would lead into another file."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    file = os.fdopen(os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666), "ab")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    file.seek(0, os.SEEK_END)
    return file


def wish(job_folder: Path) -> str:
    """What control.json asks of the job: "cancel", "pause" or ""."""
    try:
        document = read_json(job_folder / CONTROL_FILE, most=MOST_WISH_BYTES)
    except (OSError, BadFile):
        return ""
    wished = document.get("wish", "") if isinstance(document, dict) else ""
    return wished if isinstance(wished, str) else ""


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"


def read_events(run_folder: Path) -> Iterator[dict[str, Any]]:
    """All sound lines, in order; broken ones (a child killed while writing) are passed over.

    "event" and "t" are texts; the other values are as they stand there. Raises BadFile where it is no such file.
    """
    try:
        content = read_bytes(run_folder / EVENTS_FILE, most=MOST_EVENT_BYTES)
    except FileNotFoundError:
        return
    for line in content.split(b"\n"):
        if not line.strip() or len(line) > MOST_LINE_BYTES:
            continue
        try:
            record = parse_json(line, EVENTS_FILE)
        except BadFile:
            continue
        if isinstance(record, dict) and is_text(record.get("event"), most=40) and is_text(record.get("t"), most=40):
            yield record
