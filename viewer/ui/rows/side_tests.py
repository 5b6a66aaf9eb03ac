"""Command rows of tests beside the one on a run's own test part, and of all folds of a training."""

from functools import partial
from typing import TYPE_CHECKING

from viewer.core.errors import BadRequest
from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import PROJECT, fact
from viewer.ui.flows.to_review import review_with_folds
from viewer.ui.rows.train import RUN_FINISHED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.main_window import MainWindow

FOLDS = fact(
    "folds_chosen", "The chosen run is no fold of a training: choose one, or all folds in the dialog of a new run."
)
FOLDS_ACTIVE = fact("folds_active", "No fold of this training is at work or waits.")
FOLDS_STOPPED = fact("folds_resumable", "No fold of this training was cancelled or has failed.")
FOLDS_FINISHED = fact("folds_finished", "Not all folds of this training have finished: resume them, or wait.")


def side_test_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """The rows, made for one session and window."""
    watch = session.jobs

    def test_elsewhere() -> None:
        from viewer.ui.dialogs.external_test import ExternalTestDialog
        from viewer.ui.run_page.external import finished

        run = watch.selected
        if run is None:
            raise BadRequest(RUN_FINISHED.words)
        ExternalTestDialog(session, run, finished(watch.folds), window).open()

    def all_folds(act: "Callable[[Sequence[RunState]], None]") -> "Callable[[], None]":
        def run() -> None:
            if not watch.folds:
                raise BadRequest(FOLDS.words)
            act(watch.folds)

        return run

    tests = session.side_tests
    return (
        Command(
            id="train.external", text="Test on another pro&ject…", menu="&Train", group="result", icon="play",
            run=test_elsewhere, needs=(PROJECT, RUN_FINISHED),
            words="external test validation site hospital generalise generalize elsewhere",
            full_text="Test the chosen run on another project",
            help="All cases of another project's snapshot, labels matched by their names; what does not fit is told "
            "before.",
        ),
        Command(
            id="train.folds", text="Judge all its fol&ds", menu="&Train/&Folds", group="folds", icon="report",
            run=all_folds(tests.ask_folds), needs=(PROJECT, FOLDS, FOLDS_FINISHED),
            words="cross validation out of fold pooled spread",
            full_text="Judge all folds of the chosen run's training",
            help="Each fold on what it held out, and all their scores together, with intervals by patient.",
        ),
        Command(
            id="train.folds_as_one", text="&Judge its folds as one model", menu="&Train/&Folds", group="folds",
            icon="report", run=all_folds(partial(tests.ask_folds, as_one=True)), needs=(PROJECT, FOLDS, FOLDS_FINISHED),
            words="ensemble mean average of the networks",
            full_text="Judge the folds of the chosen run's training as one model",
            help="The mean of their answers, on the test part that none of them learnt from.",
        ),
        Command(
            id="train.folds_review", text="Review with its folds as one model", menu="&Train/&Folds", group="folds",
            icon="predict", run=all_folds(partial(review_with_folds, session)), needs=(PROJECT, FOLDS, FOLDS_FINISHED),
            words="ensemble mean average predict ask keep",
            full_text="Review with the folds of the chosen run's training as one model",
            help="They are kept as one model of the project, which says the mean of their answers; it has no heatmap.",
        ),
        Command(
            id="train.folds_cancel", text="Cancel all its folds", menu="&Train/&Folds", group="folds", icon="stop",
            run=all_folds(tests.cancel_folds), needs=(PROJECT, FOLDS, FOLDS_ACTIVE),
            words="stop cross validation", full_text="Cancel all folds of the chosen run's training",
            help="The one at work stops after this step; all can be resumed.",
        ),
        Command(
            id="train.folds_resume", text="Resume all its folds", menu="&Train/&Folds", group="folds", icon="play",
            run=all_folds(tests.resume_folds), needs=(PROJECT, FOLDS, FOLDS_STOPPED),
            words="go on cross validation", full_text="Resume all folds of the chosen run's training",
            help="From the fold that was at work, at its last finished epoch; then the others.",
        ),
    )  # fmt: skip
