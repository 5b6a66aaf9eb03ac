"""Command rows that bring annotations in and write them out."""

from typing import TYPE_CHECKING

from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import KEPT_PROJECT, PROJECT

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.main_window import MainWindow


def exchange_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """The rows, made for one session and window."""

    def bring_in() -> None:
        from viewer.ui.dialogs.importing import ImportDialog

        if ImportDialog(session, window).exec():
            window.enter("annotate")
            on_screen = session.shown is not None and session.shown.case_id is not None
            if not on_screen and session.at_hand.cases.rows:
                session.cases.restore_place()  # what was shown before has nothing to do with what came

    def write_out() -> None:
        from viewer.ui.dialogs.exchange import ExportDialog

        ExportDialog(session, window).exec()

    return (
        Command(
            id="dataset.import", text="&Import labels, boxes and masks…", menu="&Dataset", group="exchange",
            icon="folder", shortcut="Ctrl+I", run=bring_in, needs=KEPT_PROJECT,
            help="CSV, COCO, mask pictures or a folder per class: first what would come and what not, then one edit.",
            words="load table csv coco annotations dataset classes",
        ),
        Command(
            id="dataset.export", text="&Export annotations…", menu="&Dataset", group="exchange", icon="export",
            shortcut="Ctrl+E", run=write_out, needs=(PROJECT,),
            help="CSV, COCO or mask pictures; what a format cannot hold is said first.",
            words="save write csv coco masks labels dataset",
        ),
    )  # fmt: skip
