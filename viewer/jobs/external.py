"""A model tested on another project's snapshot: what is there, whether it asks the same, what of it the model has seen.

No torch: the job itself knows images again however they are stored, and refuses what this cannot see yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ml.evaluation.several.same_question import assure_same_question
from ml.report_job import EXTERNAL, OF_FOLDS, ReportWish, project_of_job
from ml.seen import NOT_KNOWN, overlap, patient_key, read_seen, stored_digests
from viewer.core.errors import BadFile, BadRequest, NotFound
from viewer.core.text.titles import short_id
from viewer.jobs.reports import ask_for_side_report
from viewer.jobs.runs import RunState
from viewer.project.project import DATABASE_NAME, SNAPSHOTS
from viewer.project.snapshots.snapshot import Snapshot, all_snapshots


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a run, or a snapshot, asks of each case."""

    kind: str
    labels: tuple[str, ...]
    exclusive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A snapshot of another project. why_not: why the model cannot be tested on it, "" where it can."""

    snapshot_id: str
    task: str
    labels: tuple[str, ...]
    images: int
    patients: int
    why_not: str = ""

    @property
    def name(self) -> str:
        """Its task and the beginning of its id."""
        return f"{self.task} {short_id(self.snapshot_id)}"


def sites_of(run: RunState, home: Path) -> list[Site]:
    """The snapshots of another project, those that ask what the model answers first, else the newest first.

    Raises NotFound where there is no project or no snapshot in it, BadRequest for the run's own project or a run whose
    labels cannot be read.
    """
    if not (home / DATABASE_NAME).is_file() and not (home / SNAPSHOTS).is_dir():
        raise NotFound(f"{home} holds no project; choose the folder of one.")
    if home.resolve() == project_of_job(run.folder):
        raise BadRequest(f"{home} is the project that this run is of; choose another one.")
    own = _asked_by(run)
    sites = []
    for card in reversed(all_snapshots(home)):
        task = card["task"]
        theirs = Asked(kind=task["kind"], labels=tuple(task["labels"]), exclusive=bool(task["exclusive"]))
        why_not = ""
        try:
            assure_same_question(own, theirs, home)
        except BadRequest as error:
            why_not = str(error)
        sites.append(
            Site(
                snapshot_id=str(card["id"]), task=str(task["name"]), labels=theirs.labels, images=int(card["images"]),
                patients=int(card["patients"]), why_not=why_not,
            )
        )  # fmt: skip
    if not sites:
        raise NotFound(f"The project {home} has no snapshot yet; open it and make one (Dataset, New snapshot).")
    return sorted(sites, key=lambda site: bool(site.why_not))


def seen_there(runs: Sequence[RunState], home: Path, snapshot_id: str) -> tuple[str, bool]:
    """(how much of a snapshot the models have seen as far as its card tells, "" for nothing; whether the test is
    refused for it). Reads the disk. Raises AppError where the snapshot or what a model has seen cannot be read."""
    items, told, refused = Snapshot.load(home, snapshot_id).items, [], False
    digests, key = stored_digests(items), patient_key(project_of_job(runs[0].folder), make=False)
    for run in runs:
        found = overlap(read_seen(run.folder), items, digests, key)
        who = "the model" if len(runs) == 1 else f"the model of fold {run.fold}"
        told.append(found.words("that snapshot", who=who) if found.known else f"What {who} has seen is {NOT_KNOWN}")
        refused = refused or any(found.marks)
    return " ".join(f"{words}." for words in told if words), refused


def ask_external(runs: Sequence[RunState], home: Path, snapshot_id: str, *, seen_anyway: bool = False) -> Path:
    """Queue the test of one run, or of folds as one model, on another project's snapshot; returns the job's folder.

    Raises BadRequest where a run has not finished, the snapshot asks something else, or the test is on its way;
    NotFound; NotWritable.
    """
    site = next((one for one in sites_of(runs[0], home) if one.snapshot_id == snapshot_id), None)
    if site is None:
        raise NotFound(f"{home} has no snapshot {short_id(snapshot_id)} any more; choose another one.")
    if site.why_not:
        raise BadRequest(site.why_not)
    wish = ReportWish(
        seen_anyway=seen_anyway, snapshot=snapshot_id, home=str(home.resolve()),
        runs=tuple(run.run_id for run in runs) if len(runs) > 1 else (),
    )  # fmt: skip
    name = f"{EXTERNAL}{snapshot_id[:8]}{OF_FOLDS if len(runs) > 1 else ''}"
    return ask_for_side_report(runs[0].folder, name, wish)


def _asked_by(run: RunState) -> Asked:
    kind, labels = run.recipe.get("kind"), run.recipe.get("labels")
    if not isinstance(kind, str) or not isinstance(labels, list | tuple):
        raise BadFile(f"The settings of {run.run_id} cannot be read, so it cannot be tested anywhere.")
    return Asked(kind=kind, labels=tuple(map(str, labels)), exclusive=run.recipe.get("exclusive", True) is True)
