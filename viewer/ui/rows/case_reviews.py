"""Command rows of a second person: sending cases to review, approving them, returning them with a comment."""

from functools import partial
from typing import TYPE_CHECKING

from viewer.core.case_acts import CaseAct, act_named
from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import CASE, EDITABLE, Need, fact
from viewer.ui.flows.cases.reviews import allowing
from viewer.ui.state.situation import Situation

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.main_window import MainWindow

WORK = ("annotate", "review")


def case_review_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """The rows, made for one session and window."""
    reviews = session.case_reviews
    send, approve, give_back = act_named("send"), act_named("approve"), act_named("return")

    def named(one: str, several: str, _situation: Situation) -> str:
        return several.format(count=reviews.count) if reviews.count > 1 else one

    def needs(act: CaseAct) -> tuple[Need, ...]:
        return (*EDITABLE, CASE, fact(allowing(act), act.condition))

    def ask() -> None:
        from viewer.ui.dialogs.return_cases import ReturnDialog

        session.edits.wait()
        ReturnDialog(session, reviews.name, partial(reviews.do, give_back), window).exec()

    return (
        Command(
            id="annotate.send", text="Send to revie&w", menu="&Annotate", group="review", icon="eye",
            shortcut="Ctrl+Shift+Return", workspaces=WORK, run=partial(reviews.do, send), needs=needs(send),
            text_when=partial(named, "Send to review", "Send {count} cases to review"), help=send.help,
            words="second reader check",
        ),
        Command(
            id="annotate.approve", text="A&pprove the case", menu="&Annotate", group="review", icon="trust",
            shortcut="Ctrl+Alt+Return", workspaces=WORK, run=partial(reviews.do, approve), needs=needs(approve),
            text_when=partial(named, "Approve the case", "Approve {count} cases"), help=approve.help,
            words="review sign accept second reader",
        ),
        Command(
            id="annotate.return", text="Ret&urn with a comment…", menu="&Annotate", group="review", icon="undo",
            shortcut="Ctrl+Shift+Backspace", workspaces=WORK, run=ask, needs=needs(give_back),
            text_when=partial(named, "Return with a comment…", "Return {count} cases with a comment…"),
            help=give_back.help, words="review send back refuse second reader",
        ),
    )  # fmt: skip
