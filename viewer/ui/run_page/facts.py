"""What a run's page reads of files, beside the window's thread: its snapshot, its settings, its report."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from viewer.core.errors import AppError
from viewer.ui.run_page.aside import SideFacts, side_facts
from viewer.ui.run_page.judged import Judged, Matrix, judged_cases, matrix_of, matrix_of_confusion

if TYPE_CHECKING:
    from ml.learning_curve.kept import LearningCurve
    from viewer.jobs.runs import RunState

# Said of every run; other settings where they are not as a new run has them.
ALWAYS = ("batch_size", "learning_rate", "weight_decay", "input_px", "seed", "select", "augment")
_SAID_ELSEWHERE = ("task", "kind", "labels", "exclusive", "snapshot_id", "model", "init", "fold", "run_name", "epochs",
                   "device", "precision", "threads", "checkpoint_every_s", "keep_every_epoch")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSize:
    """How much there is of a part. name: as people call it."""

    name: str
    images: int
    patients: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """snapshot: what the run learnt from, in a word; parts: how much of it. no_snapshot: why that is not known.

    settings: those of the recipe that are told, in words; the others are those of a new run. no_settings: why
    there are none. report: as `viewer.jobs.reports.read_report` gives it, None without one; no_report: why it cannot be
    read. judged: its answers, the worst first; matrix: truth against answers, in cases, boxes or pixels; no_cases: why
    they cannot be read. side: the reports of external tests and of folds together, by the folder of each. curve: its
    learning curve, None without one; no_curve: why it cannot be read. ceiling: how far two readings of its snapshot
    agree, "" without a second read. no_card: why the model of a finished run cannot be used, where its card is gone or
    damaged.
    """

    snapshot: str = ""
    parts: tuple[PartSize, ...] = ()
    no_snapshot: str = ""
    settings: tuple[str, ...] = ()
    no_settings: str = ""
    no_card: str = ""
    report: Mapping[str, Any] | None = None
    no_report: str = ""
    judged: tuple[Judged, ...] = ()
    matrix: Matrix | None = None
    no_cases: str = ""
    side: Mapping[Path, SideFacts] = field(default_factory=dict)
    curve: "LearningCurve | None" = None
    no_curve: str = ""
    ceiling: str = ""


def read_facts(run: "RunState", first: "RunState | None" = None) -> RunFacts:
    """All that the page says beyond the run's events. first: the fold with which the reports of all folds lie. Reads
    the disk; what cannot be read is a sentence."""
    jobs = [*run.side_reports, *(first.side_reports if first is not None and first.folder != run.folder else ())]
    side = {job.folder: side_facts(job) for job in jobs}
    return RunFacts(
        **_snapshot(run), **_settings(run.recipe), **_card(run), **_report(run), **_curve(run),
        ceiling=_ceiling(run), side=side,
    )  # fmt: skip


def _project(run_folder: Path) -> Path:
    return run_folder.parent.parent


def _snapshot(run: "RunState") -> dict[str, Any]:
    from viewer.core.text.titles import short_id
    from viewer.project.snapshots.card import part_counts, read_card
    from viewer.project.snapshots.parts import PART_WORDS
    from viewer.project.snapshots.snapshot import Snapshot, snapshot_folder

    wanted = run.recipe.get("snapshot_id")
    if not isinstance(wanted, str) or not wanted:
        return {"no_snapshot": "The run does not say which snapshot it learnt from."}
    project = _project(run.folder)
    try:
        folder = snapshot_folder(project, wanted)
        card = read_card(folder)
        if run.fold is None:
            counts = part_counts(card)
            parts = [(name, counts[name].images, counts[name].patients) for name in counts]
        else:
            items = Snapshot.load(project, folder.name).parts(run.fold)
            parts = [(name, len(of), len({item.patient_id for item in of})) for name, of in items.items()]
    except AppError as error:
        return {"no_snapshot": f"Its snapshot cannot be read: {error}"}
    sizes = (PartSize(name=PART_WORDS.get(name, name), images=many, patients=of) for name, many, of in parts)
    return {"snapshot": f"{card['task']['name']} {short_id(folder.name)}", "parts": tuple(sizes)}


def _settings(document: dict[str, Any]) -> dict[str, Any]:
    from ml.evaluation.how_trained import CLAUSES
    from ml.recipe import Recipe, default_recipe, setting_words

    try:
        recipe = Recipe.from_json(document)
        usual = default_recipe(task=recipe.task, kind=recipe.kind, labels=recipe.labels, model=recipe.model,
                               exclusive=recipe.exclusive)  # fmt: skip
    except AppError as error:
        return {"no_settings": f"Its settings cannot be read: {error}"}
    told = []
    for name in (one.name for one in fields(Recipe) if one.name not in _SAID_ELSEWHERE):
        value = getattr(recipe, name)
        if name == "input_px" and not value:
            told.append("input size of the model")
        elif name in ALWAYS or value != getattr(usual, name):
            own = CLAUSES.get((name, value))
            told.append(own or f"{setting_words(name).removeprefix('the ')} {_word(value)}")
    return {"settings": tuple(told)}


def _card(run: "RunState") -> dict[str, Any]:
    from ml.card import read_card

    if run.state != "finished":
        return {}
    try:
        read_card(run.folder)
    except AppError as error:
        return {"no_card": f"Its model cannot be used: {error}"}
    return {}


def _report(run: "RunState") -> dict[str, Any]:
    """The report and its cases; a run that nobody has judged has neither."""
    from ml.evaluation.kept_cases import read_cases
    from viewer.jobs.reports import FIGURES_FILE, is_there, read_report

    if run.report is None or run.report.state != "finished":
        return {}
    if not is_there(run):
        place = run.report.folder / FIGURES_FILE
        return {"no_report": f"Its report cannot be read: {place} is not there; evaluate the run again."}
    try:
        found: dict[str, Any] = {"report": read_report(run.folder)}
    except AppError as error:
        return {"no_report": f"Its report cannot be read: {error}"}
    exclusive = run.recipe.get("exclusive", True) is True
    try:
        cases = read_cases(run.report.folder)
        judged = judged_cases(cases, exclusive=exclusive)
    except AppError as error:
        return {**found, "no_cases": f"Its cases cannot be read: {error}"}
    confusion = found["report"]["confusion"]
    if confusion is not None:
        return {**found, "judged": judged, "matrix": matrix_of_confusion(confusion, cases)}
    return {**found, "judged": judged, "matrix": matrix_of(judged, cases.labels, exclusive=exclusive)}


def _ceiling(run: "RunState") -> str:
    wanted = run.recipe.get("snapshot_id")
    if not isinstance(wanted, str) or not wanted:
        return ""
    from viewer.project.snapshots.second_read import SECOND_READS_FILE

    project = _project(run.folder)
    if not (project / SECOND_READS_FILE).is_file():
        return ""  # as in most projects, which are not opened for it
    from ml.evaluation.agreeing.second_read import ceiling_of

    try:
        return ceiling_of(project, wanted)
    except AppError as error:
        return f"The second read of its snapshot cannot be read: {error}"


def _curve(run: "RunState") -> dict[str, Any]:
    if run.curve is None or run.curve.state != "finished":
        return {}
    from viewer.jobs.learning_curves import kept_curve

    try:
        return {"curve": kept_curve(run.folder)}
    except AppError as error:
        return {"no_curve": f"Its learning curve cannot be read: {error}"}


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
