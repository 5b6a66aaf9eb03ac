"""A question about a name without blanks is no wider than its window: the name is broken where it must."""

from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from viewer.ui.dialogs.agree import AgreeDialog
from viewer.ui.dialogs.choice import ChoiceDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.state.choosing import Question

NAME = "_".join(["thorax"] * 20)
BREAK = "\N{ZERO WIDTH SPACE}"


def test_a_question_about_a_name_joined_by_strokes_is_wrapped(qtbot: QtBot, session: Desk) -> None:
    agree = AgreeDialog(
        session, title=f"Take {NAME} out?", words=f"{NAME} goes.", verb="Take out", icon="reject", parent=None
    )
    choice = ChoiceDialog(session, Question(title=NAME, detail=NAME, choices=()), lambda _: None, None)
    for dialog in (agree, choice):
        qtbot.addWidget(dialog)
        whole = QFontMetrics(dialog.font()).horizontalAdvance(NAME)
        assert dialog.minimumSizeHint().width() < max(whole // 2, dialog.minimumWidth() + 1)
    assert agree.words.text().replace(BREAK, "") == f"{NAME} goes."
    assert f"_{BREAK}thorax_{BREAK}" in agree.words.text(), "at a stroke, where there is one"
    assert BREAK not in AgreeDialog(session, title="", words="P018_2.png goes.", verb="Go", icon="reject").words.text()
