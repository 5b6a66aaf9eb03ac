"""A second read: some patients of a snapshot read once more, to see how far two readings of the same images agree.

What is drawn stands in PROJECT/second_reads.json; what is said in it is a round of its own (`RoundKind.SECOND`), which
sees nothing of the first, and of which no rule takes anything unless it names that round.
"""

import json
from collections import defaultdict
from dataclasses import asdict, dataclass, replace
from math import ceil
from pathlib import Path

from viewer.core.checked import Fields
from viewer.core.errors import BadRequest, NotFound, NotWritable
from viewer.core.text.counting import counted
from viewer.core.text.titles import short_id
from viewer.project.combining import READER
from viewer.project.disk.replacing import replace_file
from viewer.project.history import now_iso
from viewer.project.project import Project
from viewer.project.readings import RoundKind, asked_round
from viewer.project.snapshots.drawing import drawn_order
from viewer.project.snapshots.items import ItemReader, SnapshotItem
from viewer.project.snapshots.snapshot import Snapshot
from viewer.reading.sources.documents import read_json

SECOND_READS_FILE = "second_reads.json"
SHARE = 5  # percent of the patients
FEWEST_PATIENTS = 30  # of fewer no interval is told
MOST_SEED = 2**31 - 1
MOST_READS, MOST_IMAGES = 1000, 10_000_000
ADVICE = "draw the second read anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondRead:
    """reader: the round that it is read in, as `Round.words` has it: "Ada, second". share: of the patients, in percent.
    patients: how many were drawn. image_ids: theirs, in the snapshot. drawn: when, in ISO 8601."""

    snapshot: str
    task: str
    reader: str
    share: int
    seed: int
    patients: int
    image_ids: tuple[str, ...]
    drawn: str


def second_words(name: str) -> str:
    """The round of a reader's second read, as it is asked for."""
    return f"{' '.join(name.split())}, {RoundKind.SECOND.value}"


def patients_drawn(patients: int, share: int) -> int:
    """How many of so many patients are drawn. share: in percent."""
    return min(patients, max(FEWEST_PATIENTS, ceil(patients * share / 100)))


def drawn_words(patients: int, share: int) -> str:
    """The same in a sentence, with why it is another number than the share alone would be."""
    asked, count = ceil(patients * share / 100), patients_drawn(patients, share)
    words = f"{count} of {counted(patients, 'patient')} will be read a second time"
    if count == asked:
        return f"{words}."
    if count < FEWEST_PATIENTS:
        return f"{words}: all there are, and still fewer than the {FEWEST_PATIENTS} that an interval needs."
    return f"{words}, not {asked}, since at least {FEWEST_PATIENTS} are needed for an interval."


def second_reads(project_folder: Path) -> tuple[SecondRead, ...]:
    """Every one that was drawn, oldest first. Raises BadFile."""
    path = project_folder / SECOND_READS_FILE
    try:
        fields = Fields(read_json(path), str(path), advice=ADVICE)
    except FileNotFoundError:
        return ()
    reads = fields.plain_value("reads")
    if not isinstance(reads, list) or len(reads) > MOST_READS:
        raise fields.refuse("reads", f"at most {MOST_READS} second reads")
    return tuple(_read(fields.among(one, "reads")) for one in reads)


def _read(one: Fields) -> SecondRead:
    images = one.texts("image_ids", most=MOST_IMAGES)
    return SecondRead(
        snapshot=one.text("snapshot", most=100), task=one.text("task", most=1000), reader=one.text("reader", most=1000),
        share=one.integer("share", 1, 100), seed=one.integer("seed", 0, MOST_SEED),
        patients=one.integer("patients", 1, 2**40), image_ids=tuple(images), drawn=one.text("drawn", "", most=40),
    )  # fmt: skip


def second_read_of(project_folder: Path, snapshot_id: str) -> SecondRead | None:
    """The newest of a snapshot; None where none was drawn. Raises BadFile."""
    return next((one for one in reversed(second_reads(project_folder)) if one.snapshot == snapshot_id), None)


def draw_second_read(
    project: Project, snapshot: Snapshot, name: str, *, share: int = SHARE, seed: int = 1
) -> SecondRead:  # fmt: skip
    """Draw patients of a snapshot for another reading, and make the round that they are read in.

    name: of who reads. At least 30 patients are drawn, where there are as many. Raises BadRequest where the options do
    not fit or a second read of this snapshot by this reader is there, NotWritable.
    """
    if project.read_only:
        raise NotWritable(f"The project {project.folder} is open read-only; no second read can be drawn in it.")
    name = " ".join(name.split())
    if not name or asked_round(name).name != name:
        raise BadRequest("Say who reads a second time: a name alone.")
    if not 1 <= share <= 100:
        raise BadRequest(f"From 1 to 100 percent of the patients are read a second time, not {share}.")
    if not 0 <= seed <= MOST_SEED:
        raise BadRequest(f"The seed of a draw lies between 0 and {MOST_SEED:,}, not {seed}.")
    reader, kept = second_words(name), second_reads(project.folder)
    if any(one.snapshot == snapshot.id and one.reader == reader for one in kept):
        raise BadRequest(f"{name} has a second read of the snapshot {short_id(snapshot.id)} already; go on with that.")
    strata: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for item in snapshot.items:
        strata[item.patient_id].append(tuple(snapshot.task.of_kind.strata(item, snapshot.task.labels)))
    count = patients_drawn(len(strata), share)
    chosen = set(drawn_order(strata, (seed, 2))[:count])
    made = SecondRead(
        snapshot=snapshot.id, task=snapshot.task.name, reader=reader, share=share, seed=seed, patients=count,
        image_ids=tuple(sorted(item.image_id for item in snapshot.items if item.patient_id in chosen)), drawn=now_iso(),
    )  # fmt: skip
    project.rounds.of(name, kind=RoundKind.SECOND)
    document = {"reads": [asdict(one) for one in (*kept, made)]}
    replace_file(
        project.folder / SECOND_READS_FILE, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False).encode()
    )
    return made


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoReadings:
    """snapshot: with the task. first, second: what each said of the images that both have read, in the same order.
    waits: images that are still to be read."""

    snapshot: Snapshot
    read: SecondRead
    first: tuple[SnapshotItem, ...]
    second: tuple[SnapshotItem, ...]
    waits: int


def two_readings(project: Project, read: SecondRead) -> TwoReadings:
    """What was said the first time, as the snapshot froze it, and in the second read so far.

    Raises NotFound where the snapshot is gone, BadProject.
    """
    snapshot = Snapshot.load(project.folder, read.snapshot)
    asked = set(read.image_ids)
    first = {item.image_id: item for item in snapshot.items if item.image_id in asked}
    if not first:
        raise NotFound(f"The snapshot {short_id(read.snapshot)} holds none of the images that were drawn; {ADVICE}.")
    task = replace(snapshot.task, readings=READER + read.reader)
    said = {item.image_id: item for _, item in ItemReader(project, task).items() if item.image_id in first}
    both = sorted(said)
    return TwoReadings(
        snapshot=snapshot, read=read, first=tuple(first[one] for one in both), second=tuple(said[one] for one in both),
        waits=len(first) - len(both),
    )  # fmt: skip
