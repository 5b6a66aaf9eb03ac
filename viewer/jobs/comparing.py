"""Two runs beside each other: what they were made of, their figures, and whether one may be called better. No torch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ml.before import preprocess_of
from ml.catalogue import load_spec, title_of
from ml.evaluation.how_trained import settings_apart
from ml.evaluation.page import figure_on
from ml.evaluation.two_reports import NOT_COMPARED, Compared, compare_reports
from ml.metric_words import metric_title, number_text
from ml.recipe import Recipe
from ml.report_job import REPORT_FOLDER, project_of_job
from ml.starts import SEEN_BY_START, start_mark, validation_seen
from viewer.core.errors import AppError
from viewer.core.text.counting import counted
from viewer.core.text.titles import short_id
from viewer.jobs.agreeing import AgreeingRuns, agreement_of_runs
from viewer.jobs.reports import is_there, read_report
from viewer.jobs.runs import RunState
from viewer.project.snapshots.openings import COMPARISON, record_opening, snapshot_digest

NOT_KNOWN = "–"
NOT_JUDGED = "not judged yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoRuns:
    """names: of the two, by their last four hex digits. rows: (what, of the first, of the second). again: the run to
    evaluate anew, and on which snapshot, so that both are judged on the same labels. agreeing: how far they answer
    alike. opened: how often the test part was opened, this comparison among them, as a sentence; "" where it told
    nothing of it."""

    names: tuple[str, str]
    rows: tuple[tuple[str, str, str], ...]
    compared: Compared
    again: tuple[RunState, str] | None = None
    agreeing: AgreeingRuns | None = None
    opened: str = ""


def short_name(run: RunState) -> str:
    """A run as the window calls it: its four hex digits."""
    return run.run_id[-4:]


def compare_runs(first: RunState, second: RunState) -> TwoRuns:
    """Read both reports and tell the two apart. What cannot be read is told as the reason of no comparison.

    A comparison on the test part counts as an opening of it. Raises NotWritable where it cannot be counted.
    """
    names = short_name(first), short_name(second)
    documents: list[dict[str, Any] | None] = []
    problems: dict[str, str] = {}
    for run in (first, second):
        try:
            documents.append(read_report(run.folder) if is_there(run) else None)
        except AppError as error:
            documents.append(None)
            problems[run.run_id] = str(error)
    compared = Compared(said=" ".join(problems.values())) if problems else compare_pair(first, second, documents)
    again = None
    older = 0 if first.run_id < second.run_id else 1
    newer_report = documents[1 - older]
    if compared.apart and newer_report is not None:
        snapshot_id = str(newer_report["snapshot"])
        again = (first, second)[older], snapshot_id
        how = (
            f"Evaluate {names[older]} again on the snapshot {short_id(snapshot_id)} of {names[1 - older]} (Train, "
            "Compare with…): then both are judged on the same labels."
        )
        compared = replace(compared, said=f"{compared.said} {how}")
    (agreeing,) = agreement_of_runs((first, second), documents, problems)
    told = compared.gap is not None or agreeing.agreed is not None
    opened = count_comparison((first, second), documents) if told else ""
    columns = [dict(run_facts(run, document)) for run, document in zip((first, second), documents, strict=True)]
    rows = [(what, columns[0][what], columns[1][what]) for what in columns[0]]
    at = list(columns[0]).index("Validation")
    rows[at:at] = settings_apart(first.recipe, second.recipe)
    return TwoRuns(names=names, rows=tuple(rows), compared=compared, again=again, agreeing=agreeing, opened=opened)


def count_comparison(runs: Sequence[RunState], documents: Sequence[dict[str, Any] | None]) -> str:
    """Whoever chooses between runs by their test part has opened it once more. Raises NotWritable."""
    project = project_of_job(runs[0].folder)
    tests = {
        snapshot_digest(project, str(document["snapshot"]), run.fold)
        for run, document in zip(runs, documents, strict=True)
        if document is not None
    } - {""}
    if not tests:
        return ""
    return record_opening(project, COMPARISON, sorted(tests), runs=[run.run_id for run in runs]).sentence


def compare_pair(first: RunState, second: RunState, documents: Sequence[dict[str, Any] | None]) -> Compared:
    """Whether the second is better, or the reason why that is not said. documents: of their reports, None of none."""
    if first.task != second.task or any(
        first.recipe.get(name) != second.recipe.get(name) for name in ("kind", "labels", "exclusive")
    ):
        return Compared(said=NOT_COMPARED.format("the two answer different tasks"))
    judged = [document for document in documents if document is not None]
    if len(judged) < 2:
        missing = [short_name(run) for run, one in zip((first, second), documents, strict=True) if one is None]
        verb = "is" if len(missing) == 1 else "are"
        return Compared(said=NOT_COMPARED.format(f"{' and '.join(missing)} {verb} not judged on the test part yet"))
    try:
        recipe = Recipe.from_json(first.recipe)
        return compare_reports(
            recipe.kind,
            [run.folder / REPORT_FOLDER for run in (first, second)],
            judged,
            exclusive=recipe.exclusive,
            names=[short_name(run) for run in (first, second)],
        )
    except AppError as error:
        return Compared(said=str(error))


def run_facts(run: RunState, report: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    """(what, its words) of each row of the table."""
    snapshot, init = run.recipe.get("snapshot_id"), run.recipe.get("init")
    yield "Task", run.task or NOT_KNOWN
    yield "Snapshot", short_id(snapshot) if isinstance(snapshot, str) and snapshot else NOT_KNOWN
    yield "Model", title_of(run.model) or NOT_KNOWN
    yield "Start", (start_mark(init) if isinstance(init, str) else "") or "scratch"
    yield "Input", _input_words(run)
    best = f", the best is {run.best_epoch}" if run.best_epoch else ""
    yield "Epochs", f"{run.epoch} of {run.epochs}{best}" if run.epochs else NOT_KNOWN
    yield "Validation", _validation_words(run)
    yield "Test", NOT_JUDGED if report is None else _test_words(report, snapshot)


def _input_words(run: RunState) -> str:
    """ "224 x 224 px"; of a model that is not known here only what the recipe says."""
    try:
        recipe = Recipe.from_json(run.recipe)
        rows_px, cols_px = preprocess_of(recipe, load_spec(recipe.model)).shape_px
    except AppError:
        return NOT_KNOWN
    return f"{rows_px} x {cols_px} px"


def _validation_words(run: RunState) -> str:
    point = run.best_point
    value = None if point is None else point.metrics.get(run.metric_name)
    if value is None:
        return run.why_no_figure or NOT_KNOWN
    cases = f", {counted(run.val_cases, 'case')} of {counted(run.val_patients, 'patient')}" if run.val_cases else ""
    mark = f", {SEEN_BY_START}" if validation_seen(run.notes) else ""
    return f"{metric_title(run.metric_name)} {number_text(value)}{cases}{mark}"


def _test_words(report: dict[str, Any], own: object) -> str:
    """The figure that decides, and on what; its snapshot where that is not the run's own."""
    on = "" if report["snapshot"] == own else f", snapshot {short_id(report['snapshot'])}"
    judged = f"{counted(report['cases'], 'case')} of {counted(report['patients'], 'patient')}"
    return figure_on(report, f", {judged}{on}")
