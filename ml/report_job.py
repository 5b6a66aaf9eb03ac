"""A report of a finished run as a job: RUN/report is a job's folder like a run's (`ml.events`), with the figures in it.

`config.json` there holds {"report": {"part", "seen_anyway", "snapshot"}}; what is judged is the run that the folder
lies in, on its own snapshot where none is named. Loads no torch before it judges.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from ml.events import CONFIG_FILE, Cancelled, append_event, wish
from viewer.core.checked import Fields
from viewer.core.errors import BadRequest, NotFound
from viewer.core.text.titles import short_id
from viewer.reading.sources.documents import read_json

REPORT_FOLDER = "report"
ANYWAY = "press “Evaluate anyway”"
TOLD_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWish:
    """What to judge. seen_anyway: also where the model has seen those cases; every line then says so. snapshot: its id,
    "" for the run's own."""

    part: str = "test"
    seen_anyway: bool = False
    snapshot: str = ""

    def to_json(self) -> dict[str, object]:
        """For config.json; `read_wish` reads it back."""
        other = {"snapshot": self.snapshot} if self.snapshot else {}
        return {"part": self.part, "seen_anyway": self.seen_anyway, **other}


def is_report(folder: Path) -> bool:
    """Whether a job's folder is a run's report: it lies in a run's folder, under its one name."""
    return folder.name == REPORT_FOLDER and (folder.parent / CONFIG_FILE).is_file()


def project_of_job(folder: Path) -> Path:
    """The project of PROJECT/runs/RUN, or of PROJECT/runs/RUN/report."""
    folder = folder.resolve()
    run = folder.parent if is_report(folder) else folder
    return run.parent.parent


def read_wish(folder: Path) -> ReportWish:
    """What the config.json of a report asks for. Raises BadRequest."""
    path = folder / CONFIG_FILE
    try:
        document = read_json(path, error=BadRequest)
    except FileNotFoundError as error:
        raise NotFound(f"{path} is not there; ask for the report anew.") from error
    asked = Fields(document, str(path), error=BadRequest, advice="ask for the report anew").inner("report")
    return ReportWish(
        part=asked.word("part", ("train", "val", "test")),
        seen_anyway=asked.flag("seen_anyway", False),
        snapshot=asked.text("snapshot", "", most=100),
    )


def judge(folder: Path) -> None:
    """Judge the run and write figures, cases and page into the report's folder. Raises AppError, Cancelled."""
    from ml.evaluation.page import headline
    from ml.evaluation.report import evaluate_runs
    from ml.training.run import read_recipe
    from viewer.project.snapshots.snapshot import Snapshot

    run, project, asked = folder.resolve().parent, project_of_job(folder), read_wish(folder)
    snapshot = Snapshot.load(project, asked.snapshot or read_recipe(run).snapshot_id)
    document = evaluate_runs(
        [run], snapshot, project, folder.resolve(),
        part=asked.part, seen_anyway=asked.seen_anyway, anyway=ANYWAY, tell=_Telling(folder),
        command=evaluate_command(project, run, asked),
    )  # fmt: skip
    on = f". Judged on snapshot {short_id(asked.snapshot)}" if asked.snapshot else ""
    append_event(folder, "finished", said=headline(document) + on, model_hash=document["model_hashes"][0])


def evaluate_command(project: Path, run: Path, asked: ReportWish) -> list[str]:
    """The command line that gives the same figures."""
    words = ["negatoscope", "evaluate", str(project), run.name, "--split", asked.part]
    words += ["--snapshot", asked.snapshot] if asked.snapshot else []
    return [*words, *(["--seen-anyway"] if asked.seen_anyway else []), "--out", REPORT_FOLDER]


class _Telling:
    """Says what is being done, each new thing at once and else at most twice a second; obeys a wish to stop."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._what, self._told = "", 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        if wish(self._folder) == "cancel":
            raise Cancelled
        if what != self._what or time.monotonic() - self._told >= TOLD_S:
            append_event(self._folder, "judging", what=what, done=done, total=total)
            self._what, self._told = what, time.monotonic()
