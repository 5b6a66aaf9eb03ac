"""The lines of a run's events.jsonl: what a training child says while it works.

Every line is {"event", "t", ...}; t is local time with its offset. The events:
    queued       resume: go on where the last checkpoint is
    starting     pid: a child was started
    started      device, device_reason, precision, precision_reason, threads, steps_per_epoch, epochs, epoch (where it
                 goes on), images {part: count}, patients {part: count}, metric
    initialised  source, loaded, skipped, skipped_names: tensors taken from a run, model or weights file
    step         epoch, step, loss, images_per_s, left_s, memory_bytes (at most about one a second)
    epoch        epoch, train_loss, val_loss, metrics {}, best, seconds, note
    checkpoint   epoch, path
    paused, unpaused
    finished     best_epoch, metrics {}, model_hash
    failed       error (one sentence), kind
    cancelled    epoch, step
Epochs count from 0 in files; people see them from 1.
"""

import json
import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

EVENTS_FILE = "events.jsonl"
CONFIG_FILE = "config.json"
CONTROL_FILE = "control.json"
LOCK_FILE = "lock.json"
CARD_FILE = "card.json"
LOG_FILE = "log.txt"
CHECKPOINTS = "checkpoints"
BEST_WEIGHTS = "checkpoints/best.safetensors"
MODEL_WEIGHTS = "weights.safetensors"

TERMINAL = ("finished", "failed", "cancelled")
LIFECYCLE = ("queued", "starting", "started", "paused", "unpaused", *TERMINAL)


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
    line = json.dumps({"event": event, "t": now(), **finite(facts)}) + "\n"
    path = run_folder / EVENTS_FILE
    with path.open("ab") as file:
        if file.tell() and not _ends_with_newline(path):
            file.write(b"\n")  # close what a killed child left half written
        file.write(line.encode())


def _ends_with_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"


def read_events(run_folder: Path) -> Iterator[dict[str, Any]]:
    """All sound lines, in order; broken ones (a child killed while writing) are passed over."""
    path = run_folder / EVENTS_FILE
    if not path.is_file():
        return
    for line in path.read_bytes().split(b"\n"):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and "event" in record:
            yield record
