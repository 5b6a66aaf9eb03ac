"""A report of finished runs as a job: a job's folder like a run's (`ml.events`) in a run's folder, with the figures.

RUN/report is of the run on its test part; RUN/external-ID of an external test on that snapshot of another project;
RUN/folds of all folds of a training, each on what it held out, and RUN/folds-as-one of them as one model: both lie with
the first of the folds. `config.json` there holds {"report": a `ReportWish`}; what is judged is the run that the folder
lies in, on its own snapshot where none is named. Loads no torch before it judges.
"""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ml.events import CONFIG_FILE, Cancelled, append_event, wish
from ml.learning_curve.folder import is_curve
from viewer.core.checked import Fields
from viewer.core.errors import BadRequest, NotFound
from viewer.core.text.counting import counted
from viewer.core.text.titles import short_id
from viewer.reading.sources.documents import read_json

if TYPE_CHECKING:
    from ml.training.run import Images

REPORT_FOLDER = "report"
EXTERNAL, FOLDS, AS_ONE = "external-", "folds", "folds-as-one"
OF_FOLDS = "-folds"  # ends the name of an external test of all folds as one model
_SIDE = re.compile(rf"{EXTERNAL}[0-9a-f]{{8}}(?:{OF_FOLDS})?|{FOLDS}|{AS_ONE}")
MOST_RUNS = 1000
ANYWAY = "press “Evaluate anyway”"
TOLD_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWish:
    """What to judge. seen_anyway: also where the model has seen those cases; every line then says so. snapshot: its id,
    "" for the run's own. home: the other project that it is of, whole; "" for the run's. runs: the folds that are
    judged together, by their ids; () for the one run. as_one: as one model, on the test part that they share."""

    part: str = "test"
    seen_anyway: bool = False
    snapshot: str = ""
    home: str = ""
    runs: tuple[str, ...] = ()
    as_one: bool = False

    def to_json(self) -> dict[str, object]:
        """For config.json; `read_wish` reads it back."""
        other: dict[str, object] = {"snapshot": self.snapshot, "home": self.home, "runs": list(self.runs)}
        other["as_one"] = self.as_one
        plain = {name: value for name, value in other.items() if value}
        return {"part": self.part, "seen_anyway": self.seen_anyway, **plain}


def is_report(folder: Path) -> bool:
    """Whether a job's folder is a report of a run: it lies in a run's folder, under a name of one."""
    named = folder.name == REPORT_FOLDER or _SIDE.fullmatch(folder.name) is not None
    return named and (folder.parent / CONFIG_FILE).is_file()


def side_reports(run_folder: Path) -> list[Path]:
    """The folders of a run's other reports, by their names: of external tests, of folds together."""
    try:
        return sorted(one for one in run_folder.iterdir() if _SIDE.fullmatch(one.name))
    except OSError:
        return []


def is_beside(folder: Path) -> bool:
    """Whether a job's folder lies in a run's, and is no run itself."""
    return is_report(folder) or is_curve(folder)


def project_of_job(folder: Path) -> Path:
    """The project of PROJECT/runs/RUN, or of a job in it."""
    folder = folder.resolve()
    run = folder.parent if is_beside(folder) else folder
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
        home=asked.text("home", "", most=5000),
        runs=asked.texts("runs", (), most=500),
        as_one=asked.flag("as_one", False),
    )


def judged_runs(folder: Path, asked: ReportWish) -> list[Path]:
    """The folders of the runs that a report is of. Raises BadRequest where one is no run of the project."""
    run = folder.resolve().parent
    if len(asked.runs) > MOST_RUNS:
        raise BadRequest(f"A report is of at most {MOST_RUNS} runs; ask for it anew.")
    lost = [name for name in asked.runs if Path(name).name != name or not (run.parent / name / CONFIG_FILE).is_file()]
    if lost:
        raise BadRequest(f"{lost[0]} is no run of this project any more; ask for the report anew.")
    return [run.parent / name for name in asked.runs] or [run]


def judge(folder: Path) -> None:
    """Judge the run and write figures, cases and page into the report's folder. Raises AppError, Cancelled."""
    from ml.evaluation.beside_controls import best_control
    from ml.evaluation.page import figure_on, headline
    from ml.evaluation.report import evaluate_runs

    project, asked = project_of_job(folder), read_wish(folder)
    runs = judged_runs(folder, asked)
    document = evaluate_runs(
        runs, _judged_on(asked, runs, project), project, folder.resolve(),
        part=asked.part, seen_anyway=asked.seen_anyway, anyway=ANYWAY, tell=Telling(folder),
        command=evaluate_command(project, runs, asked),
    )  # fmt: skip
    cases = f"{counted(document['cases'], 'case')} of {counted(document['patients'], 'patient')}"
    if document["external"]:
        said = figure_on(document, f" on {document['external']}: {cases}")
    elif asked.runs:
        how = "as one model on the test part" if asked.as_one else "each on what it held out"
        said = figure_on(document, f" of {counted(len(runs), 'fold')}, {how}: {cases}")
    else:
        on = f". Judged on snapshot {short_id(asked.snapshot)}" if asked.snapshot else ""
        said = headline(document) + on
    append_event(
        folder, "finished", said=said, against=best_control(document), model_hash=document["model_hashes"][0]
    )  # fmt: skip


def _judged_on(asked: ReportWish, runs: Sequence[Path], project: Path) -> "Images":
    """What the wish names, read like one snapshot. Raises AppError."""
    from ml.training.run import read_recipe
    from viewer.project.snapshots.snapshot import Snapshot

    own_id = read_recipe(runs[0]).snapshot_id
    snapshot: Images
    if asked.home:
        from ml.evaluation.several.elsewhere import elsewhere

        snapshot = elsewhere(Snapshot.load(project, own_id), Path(asked.home), asked.snapshot, part=asked.part)
    else:
        snapshot = Snapshot.load(project, asked.snapshot or own_id)
    if asked.as_one:
        from ml.evaluation.several.as_one import shared_test

        snapshot = shared_test(snapshot, len(runs), part=asked.part)
    return snapshot


def evaluate_command(project: Path, runs: Sequence[Path], asked: ReportWish) -> list[str]:
    """The command line that gives the same figures."""
    words = ["negatoscope", "evaluate", str(project), _named(runs), "--split", asked.part]
    if asked.home:
        words += ["--snapshot", str(Path(asked.home) / "snapshots" / asked.snapshot)]
    elif asked.snapshot:
        words += ["--snapshot", asked.snapshot]
    words += ["--as-one"] if asked.as_one else []
    return [*words, *(["--seen-anyway"] if asked.seen_anyway else []), "--out", REPORT_FOLDER]


def _named(runs: Sequence[Path]) -> str:
    """A run by its id, the folds of a training by the name that they share."""
    if len(runs) < 2:
        return runs[0].name
    recipe = Fields(read_json(runs[-1] / CONFIG_FILE), str(runs[-1] / CONFIG_FILE)).inner("recipe", {})
    return recipe.text("run_name", "", most=1000) or runs[0].name


class Telling:
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
