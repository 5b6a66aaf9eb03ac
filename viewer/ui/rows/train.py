"""Command rows of data sets and training: snapshots, runs, their reports."""

from functools import partial
from typing import TYPE_CHECKING

from viewer.core.errors import BadRequest
from viewer.core.task_kinds.kind import task_kinds
from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import PROJECT, Need, fact
from viewer.ui.flows.snapshots import CHOSEN_FACT, SnapshotRow, when_made
from viewer.ui.flows.to_review import review_with
from viewer.ui.state.choosing import Question
from viewer.ui.state.situation import Situation

if TYPE_CHECKING:
    from collections.abc import Callable

    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk
    from viewer.ui.flows.job_watch import JobWatch
    from viewer.ui.window.main_window import MainWindow

CHOSEN = fact(CHOSEN_FACT, "The project has no snapshot yet: choose Dataset, New snapshot.")
IN_RUNS = "choose another in the list of runs in Train (F7)."
RUN_FINISHED = fact("run_finished", f"No finished run is chosen: {IN_RUNS}")
REPORT_WANTED = fact("report_wanted", "The chosen run is judged already, or is being judged: see its report.")
REPORT_THERE = fact("report_there", "The chosen run has no report yet: choose Train, Evaluate on the test part.")
SEVERAL_RUNS = fact("runs_several", "There are no two runs to compare yet: start another with Train, New run.")
CURVE_IDLE = Need(
    holds=lambda s: not s.has("curve_active"), words="The learning curve of the chosen run is being made already."
)
AT_WORK = Need(
    holds=lambda s: any(map(s.has, ("run_active", "report_active", "curve_active"))),
    words=f"The chosen run is not at work: {IN_RUNS}",
)
RESUMABLE = fact("run_resumable", f"The chosen run was neither cancelled nor has it failed: {IN_RUNS}")


def train_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """The rows, made for one session and window."""

    watch = session.jobs
    return (
        _snapshot_row(session, window),
        *_chosen_rows(session, window),
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
        toolbar="named", bar_spaces=("annotate", "train"), words="dataset split freeze",
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


def _chosen_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """What can be done with the snapshot that is chosen: the newest, unless a person chose another."""

    def chosen() -> SnapshotRow:
        row = session.snapshots.chosen
        if row is None:
            raise BadRequest("There is no snapshot yet: choose Dataset, New snapshot.")
        return row

    def train_on() -> None:
        from viewer.ui.dialogs.train import TrainDialog

        TrainDialog(session, snapshot_id=chosen().id, parent=window).exec()

    def card() -> None:
        from viewer.ui.dialogs.snapshot_card import SnapshotCardDialog

        SnapshotCardDialog(session, chosen(), window).open()

    def leaks() -> None:
        from viewer.ui.dialogs.leaks import LeaksDialog

        LeaksDialog(session, chosen(), window).open()

    def choose() -> None:
        from viewer.ui.dialogs.choice import MOST_KEYS, ChoiceDialog

        rows = session.snapshots.rows
        newest = tuple((f"{row.name} · {when_made(row, rows)}", row.id) for row in rows[:MOST_KEYS])
        older = "" if len(rows) <= MOST_KEYS else "Older ones are chosen in Train, in the list of snapshots."
        question = Question(title="Whose parts does the list of cases show?", choices=newest, detail=older)
        ChoiceDialog(session, question, session.snapshots.choose, window).open()

    return (
        Command(
            id="dataset.train_on", text="&Train on this snapshot…", menu="&Dataset", group="snapshot", icon="train",
            run=train_on, needs=(PROJECT, CHOSEN), full_text="Train on the chosen snapshot",
            help="A new run of the snapshot that is chosen in Train; the newest, where none is.",
        ),
        Command(
            id="dataset.test_cases", text="&Show its test cases", menu="&Dataset", group="snapshot", icon="filter",
            run=partial(show_test_cases, session, window), needs=(PROJECT, CHOSEN), words="held-out part filter",
            full_text="Show the test cases of the chosen snapshot",
            help="The list of cases with the filter part:test, to review those that its runs do not train on.",
        ),
        Command(
            id="dataset.card", text="Show its &card…", menu="&Dataset", group="snapshot", icon="report",
            run=card, needs=(PROJECT, CHOSEN), full_text="Show the card of the chosen snapshot",
            words="split parts counts", help="What the snapshot took and left out, and how it is divided.",
        ),
        Command(
            id="dataset.leaks", text="&Leak audit…", menu="&Dataset", group="snapshot", icon="leak-check",
            run=leaks, needs=(PROJECT, CHOSEN), full_text="Show the leak audit of the chosen snapshot",
            words="duplicates twins same film patient two ids",
            help="What stands in more than one part: films side by side, and patients under two ids.",
        ),
        Command(
            id="dataset.choose", text="C&hoose a snapshot…", menu="&Dataset", group="snapshot", icon="dataset",
            run=choose, needs=(PROJECT, CHOSEN), words="parts train validation test",
            help="Whose parts the list of cases shows, and which one the commands are about.",
        ),
    )  # fmt: skip


def show_test_cases(session: "Desk", window: "MainWindow") -> None:
    """The held-out cases in the list, in Review AI unless cases are annotated; the first is shown unless one is."""
    if session.workspace not in ("annotate", "review"):
        session.set_workspace("review")
    window.show_views()
    if not window.docks.is_open("cases"):
        window.docks.toggle("cases")

    def show() -> None:
        session.snapshots.show_test_cases()
        order = session.cases.order()
        if order and session.cases.current not in order:
            session.open_case(order[0])

    session.snapshots.when_read(show)


def compare_with(session: "Desk", window: "MainWindow", run: "RunState") -> None:
    """A run beside another one, which is chosen in the dialog."""
    from viewer.ui.run_table.two_runs import CompareRunsDialog

    CompareRunsDialog(session, run, window).open()


def _new_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    def ask(kind: str) -> None:
        from viewer.ui.dialogs.train import TrainDialog

        dialog = TrainDialog(session, kind=kind, parent=window)
        dialog.exec()
        if dialog.wants_snapshot:
            window.book.run("dataset.snapshot")

    kinds = tuple(
        Command(
            id=f"train.{kind.name}", text=f"New {kind.name.replace(kind.access_key, f'&{kind.access_key}', 1)} run…",
            menu="&Train", group="new", icon="train", run=partial(ask, kind.name), needs=(PROJECT,), help=kind.help,
        )
        for kind in task_kinds()
    )  # fmt: skip
    return (
        *kinds,
        Command(
            id="train.new", text="New r&un…", menu="&Train", group="new", icon="plus", workspaces=("train",),
            toolbar="named", full_text="New training run",
            run=partial(ask, ""), needs=(PROJECT,), help="Any kind, from a snapshot.",
            words="train start fine-tune finetune retrain fit learn model network epochs",
        ),
    )  # fmt: skip


def _run_rows(session: "Desk", window: "MainWindow", watch: "JobWatch") -> tuple[Command, ...]:
    def cancel(run: "RunState") -> None:
        if session.situation().has("report_active"):
            watch.cancel_report(run)
        elif session.situation().has("curve_active"):
            watch.cancel_curve(run)
        else:
            watch.cancel(run)

    def what_works(situation: Situation) -> str:
        if situation.has("report_active"):
            return "Cancel the report"
        return "Cancel the learning curve" if situation.has("curve_active") else "Cancel the run"

    def chosen(act: "Callable[[RunState], None]") -> "Callable[[], None]":
        def run() -> None:
            if watch.selected is not None:
                act(watch.selected)

        return run

    def report(run: "RunState") -> None:
        from viewer.ui.dialogs.run_report import open_report

        open_report(session, window, run)

    def about() -> None:
        from viewer.ui.dialogs.about_study import AboutStudyDialog

        if session.project is not None:
            AboutStudyDialog(session, session.project.folder, window).open()

    def curve(run: "RunState") -> None:
        from viewer.ui.dialogs.learning_curve import LearningCurveDialog

        LearningCurveDialog(session, run, window).open()

    return (
        Command(
            id="train.review", text="Re&view with this model", menu="&Train", group="result", icon="predict",
            run=chosen(partial(review_with, session)), needs=(RUN_FINISHED,),
            help="Ask the chosen run's model, in Review AI.",
        ),
        Command(
            id="train.evaluate", text="&Evaluate on the test part", menu="&Train", group="result", icon="play",
            run=chosen(watch.evaluate), needs=(RUN_FINISHED, REPORT_WANTED),
            words="report figures test AUC Dice judge metrics",
            help="Figures of the chosen run with their intervals, beside controls; the window stays free.",
        ),
        Command(
            id="train.report", text="&Open the report…", menu="&Train", group="result", icon="report",
            run=chosen(report), needs=(RUN_FINISHED, REPORT_THERE),
            words="figures test AUC Dice evaluate metrics", full_text="Open the run's report",
            help="The chosen run's figures on the test part.",
        ),
        Command(
            id="train.about", text="What only &you know…", menu="&Train", group="result", icon="label", run=about,
            needs=(PROJECT,), full_text="Write what only you know of the study",
            words="CLAIM TRIPOD checklist ethics funding objective registration author report",
            help="Aims, ethics, funding and the like, once for all reports of the project.",
        ),
        Command(
            id="train.compare", text="Co&mpare with…", menu="&Train", group="result", icon="report",
            run=chosen(partial(compare_with, session, window)), needs=(PROJECT, SEVERAL_RUNS),
            words="two runs side by side difference better figures table", full_text="Compare the run with another",
            help="The chosen run and another in a table, and whether one is better on the same test cases.",
        ),
        Command(
            id="train.learning_curve", text="Le&arning curve…", menu="&Train", group="result", icon="train",
            run=chosen(curve), needs=(PROJECT, RUN_FINISHED, CURVE_IDLE), full_text="Learning curve of the run",
            words="how many more labels sample size power law extrapolate parts patients",
            help="The chosen run's recipe on growing parts of its patients: would more labels help?",
        ),
        Command(
            id="train.cancel", text="Cancel the run", menu="&Train", group="run", icon="stop", run=chosen(cancel),
            needs=(AT_WORK,), text_when=what_works,
            help="A run or a learning curve stops after this step and can go on; of a report nothing is kept.",
        ),
        Command(
            id="train.resume", text="&Resume the run", menu="&Train", group="run", icon="play",
            run=chosen(watch.resume),
            needs=(RESUMABLE,), help="From the last finished epoch.",
        ),
    )  # fmt: skip
