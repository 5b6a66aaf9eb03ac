"""Command rows of tests beside the one on a run's own test part."""

from typing import TYPE_CHECKING

from viewer.core.errors import BadRequest
from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import PROJECT
from viewer.ui.rows.train import RUN_FINISHED

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.main_window import MainWindow


def side_test_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """The rows, made for one session and window."""
    watch = session.jobs

    def test_elsewhere() -> None:
        from viewer.jobs.folds import folds_of
        from viewer.ui.dialogs.external_test import ExternalTestDialog
        from viewer.ui.run_page.external import finished

        run = watch.selected
        if run is None:
            raise BadRequest(RUN_FINISHED.words)
        ExternalTestDialog(session, run, finished(folds_of(run, watch.runs)), window).open()

    return (
        Command(
            id="train.external", text="Test on another pro&ject…", menu="&Train", group="result", icon="play",
            run=test_elsewhere, needs=(PROJECT, RUN_FINISHED),
            words="external test validation site hospital generalise generalize elsewhere",
            full_text="Test the chosen run on another project",
            help="All cases of another project's snapshot, labels matched by their names; what does not fit is told "
            "before.",
        ),
    )  # fmt: skip
