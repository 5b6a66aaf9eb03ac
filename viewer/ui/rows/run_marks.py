"""Command rows of what a person writes on runs, of runs that are made anew with changes, and of runs that go."""

from typing import TYPE_CHECKING

from viewer.core.errors import BadRequest
from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import PROJECT, fact

if TYPE_CHECKING:
    from collections.abc import Callable

    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.main_window import MainWindow

RUN_CHOSEN = fact("run_chosen", "There is no run yet: start one with Train, New run.")
SEVERAL_CHOSEN = fact(
    "runs_chosen_several",
    "Fewer than two runs are chosen: choose some in Train (F7), All runs, with Ctrl or Shift and a click.",
)


def run_mark_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """The rows, made for one session and window."""
    watch = session.jobs

    def chosen() -> "tuple[RunState, ...]":
        if not watch.chosen:
            raise BadRequest("There is no run yet: start one with Train, New run.")
        return watch.chosen

    def write(first: str) -> "Callable[[], None]":
        def ask() -> None:
            from viewer.ui.dialogs.run_marks import RunMarksDialog, TagsOfRunsDialog

            runs = chosen()
            if first == "tags" and len(runs) > 1:
                TagsOfRunsDialog(session, runs, window).open()
            else:
                RunMarksDialog(session, watch.selected or runs[0], first, window).open()

        return ask

    def delete() -> None:
        from viewer.ui.dialogs.delete_runs import DeleteRunsDialog

        DeleteRunsDialog(session, chosen(), window).open()

    def clone() -> None:
        from viewer.jobs.cloning import cloned_recipe
        from viewer.ui.dialogs.train import TrainDialog

        run = watch.selected or chosen()[0]
        TrainDialog(session, like=cloned_recipe(run), parent=window).exec()

    def compare() -> None:
        from viewer.jobs.several_runs import MOST_RUNS
        from viewer.ui.run_table.comparison import CompareSeveralDialog

        runs = chosen()
        if len(runs) > MOST_RUNS:
            raise BadRequest(f"{len(runs)} runs are chosen; at most {MOST_RUNS} are compared at once.")
        shown = watch.selected
        CompareSeveralDialog(session, sorted(runs, key=lambda run: run is not shown), window).open()

    needs = (PROJECT, RUN_CHOSEN)
    return (
        Command(
            id="train.rename", text="&Name the run…", menu="&Train/Chosen r&un", group="marks",
            icon="label", run=write("title"), needs=needs, words="rename title call", full_text="Name the chosen run",
            help="A name by which lists call the chosen run; F2 in the table of runs.",
        ),
        Command(
            id="train.tags", text="Ta&gs of the run…", menu="&Train/Chosen r&un", group="marks",
            icon="label", run=write("tags"), needs=needs, words="label mark find", full_text="Tag the chosen runs",
            help="Words of your own on the chosen runs, by which a table of runs finds them.",
        ),
        Command(
            id="train.note", text="No&te on the run…", menu="&Train/Chosen r&un", group="marks",
            icon="label", run=write("note"), needs=needs, words="comment remark",
            full_text="Note something on the chosen run",
            help="What you want to remember of the chosen run.",
        ),
        Command(
            id="train.compare_several", text="Com&pare the chosen runs…", menu="&Train", group="marks", icon="compare",
            run=compare, needs=(PROJECT, SEVERAL_CHOSEN), words="settings differ curves overlay paired differences",
            full_text="Compare the runs that are chosen in the table",
            help="Two or more: settings that differ, curves over each other, each against one of them.",
        ),
        Command(
            id="train.clone", text="C&lone with changes…", menu="&Train", group="marks", icon="plus", run=clone,
            needs=needs, words="again repeat copy same settings recipe like duplicate",
            full_text="Clone the chosen run with changes",
            help="A new run in which all is as in the chosen one, to change what you like.",
        ),
        Command(
            id="train.delete", text="&Delete the run…", menu="&Train/Chosen r&un", group="marks",
            icon="close", run=delete, needs=needs, words="remove forget free disk", full_text="Delete the chosen runs",
            help="What hangs on it is said first; its kept model and what that has answered stay.",
        ),
    )  # fmt: skip
