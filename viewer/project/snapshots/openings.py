"""The seal of a test part: every time that somebody looked at what a model says of it is counted, and told.

`snapshots/openings.jsonl` holds one line for each opening: it lies with the snapshots, so that no deleted run or report
takes an opening along. A test part is known by its images: a snapshot that is made anew with other labels, and has the
same test images, has been opened as often. A figure that was chosen after many looks at the test part is too good
(Dwork et al., "The reusable holdout", Science 349:636, 2015).
"""

import hashlib
import json
import logging
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from viewer.core.boundary import cannot_be_written
from viewer.core.checked import Fields, parse_json
from viewer.core.errors import AppError, BadProject
from viewer.core.text.counting import counted
from viewer.project.history import now_iso
from viewer.project.project import SNAPSHOTS
from viewer.project.snapshots import file as snapshot_file
from viewer.project.snapshots.snapshot import ITEMS_NAME, snapshot_folder
from viewer.reading.sources.documents import read_bytes

log = logging.getLogger(__name__)

OPENINGS_NAME = "openings.jsonl"
EVALUATION, PREDICTION, COMPARISON = "evaluation", "prediction", "comparison"
HOW = (EVALUATION, PREDICTION, COMPARISON)
SEALED = "sealed, not opened yet"
FEWEST_CASES = 2  # of a test part, for a look at them to count
_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Opened:
    """How often a test part was opened. by: how often in which way, of `HOW`."""

    times: int = 0
    by: Mapping[str, int] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """ "opened 3 times (2 evaluations, 1 comparison)", within a sentence."""
        if not self.times:
            return SEALED
        how = ", ".join(counted(self.by[way], way) for way in HOW if self.by.get(way))
        return f"opened {counted(self.times, 'time')} ({how})"

    @property
    def sentence(self) -> str:
        """The same as a sentence of a report."""
        more = "; what is chosen by looking at it again and again is too good there" if self.times > 1 else ""
        return f"The test part: {self.words}{more}."

    def to_json(self) -> dict[str, Any]:
        """For figures.json."""
        return {"times": self.times, "by": dict(self.by), "sentence": self.sentence}


def part_digest(image_ids: Iterable[str]) -> str:
    """What a test part is known by: its images in any order; "" of none."""
    ids = sorted(set(image_ids))
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:_DIGITS] if ids else ""


@lru_cache(maxsize=64)
def _test_images(folder: Path, fold: int | None) -> frozenset[str]:
    # A snapshot is immutable, so what was read once stays true.
    places = snapshot_file.read_places(folder / ITEMS_NAME)
    return frozenset(
        place.image_id
        for place in places
        if (place.part == "test" if fold is None else place.part != "test" and place.fold == fold)
    )


def snapshot_digest(project_folder: Path, snapshot_id: str, fold: int | None = None) -> str:
    """The digest of a snapshot's test part, or of what a fold holds out; "" where the snapshot cannot be read."""
    try:
        return part_digest(_test_images(snapshot_folder(project_folder, snapshot_id), fold))
    except AppError:
        log.info("the test part of a snapshot cannot be read", exc_info=True)
        return ""


def record_predictions(project_folder: Path, image_ids: Iterable[str], *, run: str = "") -> Opened:
    """Count that a model was asked about cases, where several of them, or all there are, are of one test part.

    One case of it that is looked at alone tells nothing of how good a model is. Of folds every image is held out once,
    so only a part that is kept apart from all of them is sealed here. Returns how often the one that was opened most is
    open by now; never opened, where nothing was counted. Raises NotWritable.
    """
    asked, digests = frozenset(image_ids), []
    for path in sorted((project_folder / SNAPSHOTS).glob(f"*/{ITEMS_NAME}")):
        try:
            tested = _test_images(path.parent, None)
        except AppError:
            log.info("the test part of a snapshot cannot be read", exc_info=True)
            continue
        if len(tested & asked) >= min(FEWEST_CASES, len(tested)) > 0:
            digests.append(part_digest(tested))
    if not digests:
        return Opened()
    return record_opening(project_folder, PREDICTION, sorted(set(digests)), runs=[run] if run else [])


def record_opening(
    project_folder: Path, how: str, digests: Sequence[str], *, snapshot_id: str = "", runs: Sequence[str] = ()
) -> Opened:
    """Count one opening, and say how often the test part is open now: of several (folds), the one opened most.

    how: one of `HOW`. digests: `part_digest` of each test part that was looked at. It is on the disk when this returns.
    Raises NotWritable: what cannot be counted must not be shown.
    """
    line = {"time": now_iso(), "how": how, "tests": list(digests), "snapshot": snapshot_id, "runs": list(runs)}
    path = project_folder / SNAPSHOTS / OPENINGS_NAME
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            torn = file.tell() and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n"
            # One write to the end of the file: two processes never write into each other's lines.
            file.write(b"\n" * bool(torn) + json.dumps(line, allow_nan=False).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise cannot_be_written(path, error) from error
    return opened_most(project_folder, digests)


def opened(project_folder: Path, digest: str) -> Opened:
    """How often the test part of this digest was opened. Raises BadProject where the count cannot be read."""
    by = Counter(how for how, tests in _lines(project_folder) if digest and digest in tests)
    return Opened(times=by.total(), by=dict(by))


def seal_words(project_folder: Path, snapshot_id: str, fold: int | None = None) -> str:
    """How it is with the test part of a snapshot, in words; "" where it has none, or that cannot be read."""
    digest = snapshot_digest(project_folder, snapshot_id, fold) if snapshot_id else ""
    try:
        return opened(project_folder, digest).words if digest else ""
    except AppError:
        return ""


def opened_most(project_folder: Path, digests: Sequence[str]) -> Opened:
    """Of several test parts that are judged together, the one that was opened most."""
    return max((opened(project_folder, digest) for digest in digests), key=lambda one: one.times, default=Opened())


def _lines(project_folder: Path) -> tuple[tuple[str, frozenset[str]], ...]:
    path = project_folder / SNAPSHOTS / OPENINGS_NAME
    try:
        facts = path.stat()
    except OSError:
        return ()
    return _read_lines(path, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=4)
def _read_lines(path: Path, _size_bytes: int, _mtime_ns: int) -> tuple[tuple[str, frozenset[str]], ...]:
    """(how, tests) of each opening. The window asks again with every look at the runs."""
    found = []
    for line in read_bytes(path, error=BadProject).split(b"\n"):
        if not line.strip():
            continue
        try:
            values = Fields(parse_json(line, OPENINGS_NAME), OPENINGS_NAME)
            found.append((values.word("how", HOW), frozenset(values.texts("tests", most=_DIGITS))))
        except AppError:
            log.warning("a line of %s cannot be read", path)  # the end of a process that was killed while it wrote
    return tuple(found)
