"""Command rows of data sets and training: snapshots, runs, their reports."""

from functools import partial
from typing import TYPE_CHECKING

from viewer.core.errors import BadRequest
from viewer.ui.commands.command import Command
from viewer.ui.dialogs.run_report import open_report
from viewer.ui.flows.to_review import review_with
from viewer.ui.state.situation import Situation

if TYPE_CHECKING:
    from collections.abc import Callable

    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk
    from viewer.ui.flows.job_watch import JobWatch
    from viewer.ui.window.main_window import MainWindow

KINDS = ("classification", "detection", "segmentation")
KIND_HELP = (
    "Whole-image labels: one of several, or each for itself.",
    "Boxes around what is drawn.",
    "Masks of what is painted.",
)


def train_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """The rows, made for one session and window."""

    watch = session.jobs
    return (
        _snapshot_row(session, window),
        *_new_rows(session, window),
        *_run_rows(session, window, watch),
    )


def _snapshot_row(session: "Desk", window: "MainWindow") -> Command:
    def ask() -> None:
        from viewer.ui.dialogs.dataset import DatasetDialog

        why_not = no_snapshot(session)
        if why_not:
            raise BadRequest(why_not)
        DatasetDialog(session, parent=window).exec()

    return Command(
        id="dataset.snapshot", text="New &snapshot…", menu="&Dataset", group="snapshot", icon="dataset", run=ask,
        toolbar="named", bar_spaces=("train",), words="dataset split freeze",
        help="Complete cases, divided by patient into training, validation and test.",
    )  # fmt: skip


def no_snapshot(session: "Desk") -> str:
    """Why no snapshot can be made now, in a sentence that says what to do; "" where one can."""
    project = session.project
    if project is None:
        return "There is no project yet to make a snapshot of: choose File, Open or make a project."
    if project.read_only:
        return (
            f"{project.name or 'This project'} is open for reading only, so no snapshot can be made of it here; close "
            "the other window that has it open, then open it again."
        )
    return ""


def _new_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    def ask(kind: str) -> None:
        from viewer.ui.dialogs.train import TrainDialog

        TrainDialog(session, kind=kind, parent=window).exec()

    kinds = tuple(
        Command(
            id=f"train.{kind}", text=f"New &{kind} run…", menu="&Train", group="new", icon="train",
            run=partial(ask, kind), enabled_when=lambda s: s.has_project, help=words,
        )
        for kind, words in zip(KINDS, KIND_HELP)
    )  # fmt: skip
    return (
        *kinds,
        Command(
            id="train.new", text="New r&un…", menu="", icon="plus", workspaces=("train",), toolbar="named",
            run=partial(ask, ""), enabled_when=lambda s: s.has_project, help="Any kind, from a snapshot.",
        ),
    )  # fmt: skip


def _run_rows(session: "Desk", window: "MainWindow", watch: "JobWatch") -> tuple[Command, ...]:
    def cancel(run: "RunState") -> None:
        if session.situation().has("report_active"):
            watch.cancel_report(run)
        else:
            watch.cancel(run)

    def what_works(situation: Situation) -> str:
        return "Cancel the report" if situation.has("report_active") else "Cancel the run"

    def chosen(act: "Callable[[RunState], None]") -> "Callable[[], None]":
        def run() -> None:
            if watch.selected is not None:
                act(watch.selected)

        return run

    return (
        Command(
            id="train.review", text="Re&view with this model", menu="&Train", group="result", icon="predict",
            run=chosen(partial(review_with, session)), enabled_when=lambda s: s.has("run_finished"),
            help="Ask the chosen run's model, in Review AI.",
        ),
        Command(
            id="train.evaluate", text="&Evaluate on the test part", menu="&Train", group="result", icon="play",
            run=chosen(watch.evaluate), enabled_when=lambda s: s.has("report_wanted"),
            words="report figures test AUC Dice judge metrics",
            help="Figures of the chosen run with their intervals, beside controls; the window stays free.",
        ),
        Command(
            id="train.report", text="&Open the report…", menu="&Train", group="result", icon="report",
            run=chosen(partial(open_report, session, window)), enabled_when=lambda s: s.has("report_there"),
            words="figures test AUC Dice evaluate metrics", full_text="Open the run's report",
            help="The chosen run's figures on the test part.",
        ),
        Command(
            id="train.cancel", text="Cancel the run", menu="&Train", group="run", icon="stop", run=chosen(cancel),
            enabled_when=lambda s: s.has("run_active") or s.has("report_active"), text_when=what_works,
            help="A run stops after this step and can be resumed; of a report nothing is kept.",
        ),
        Command(
            id="train.resume", text="&Resume the run", menu="&Train", group="run", icon="play",
            run=chosen(watch.resume),
            enabled_when=lambda s: s.has("run_resumable"), help="From the last finished epoch.",
        ),
    )  # fmt: skip
