"""Command row of a second read of some cases."""

from typing import TYPE_CHECKING

from viewer.core.errors import BadRequest
from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import PROJECT, UNBLOCKED, fact
from viewer.ui.flows.snapshots import CHOSEN_FACT

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.main_window import MainWindow

CHOSEN = fact(CHOSEN_FACT, "A second read is of a snapshot, and there is none yet: choose Dataset, New snapshot.")


def second_read_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """The row, made for one session and window."""

    def ask() -> None:
        from viewer.ui.dialogs.second_read import SecondReadDialog

        row = session.snapshots.chosen
        if row is None:
            raise BadRequest("There is no snapshot yet: choose Dataset, New snapshot.")
        SecondReadDialog(session, row, window).open()

    return (
        Command(
            id="dataset.second_read", text="Second rea&d…", menu="&Dataset", group="snapshot", icon="eye",
            run=ask, needs=(PROJECT, CHOSEN, UNBLOCKED),
            full_text="Second read of some cases",
            words="again repeat agreement kappa label noise ceiling reader blind",
            help="Some cases read once more, without the first answers: how far do two readings agree?",
        ),
    )  # fmt: skip
