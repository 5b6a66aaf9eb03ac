"""Command rows of who reads the project."""

from typing import TYPE_CHECKING

from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import PROJECT, UNBLOCKED, Need
from viewer.ui.state.situation import Situation

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.main_window import MainWindow

PERSONAL_WORDS = "The personal project is read by you alone: press Ctrl+P to open or make a project that several read."


def reader_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """The rows, made for one session and window."""

    def ask() -> None:
        from viewer.ui.dialogs.readers import ReadersDialog

        ReadersDialog(session, window).exec()
        window.focus_image()

    def may_have_several(_situation: Situation) -> bool:
        return session.project is not None and not session.projects.is_personal

    return (
        Command(
            id="dataset.readers", text="Reade&rs…", menu="&Dataset", group="readers", icon="patient", run=ask,
            needs=(PROJECT, UNBLOCKED, Need(holds=may_have_several, words=PERSONAL_WORDS)),
            words="reading round blind second reader adjudicate consensus author who own together each",
            help="Whether all work together or each on their own, how far each is, and the way into another reading.",
        ),
    )  # fmt: skip
