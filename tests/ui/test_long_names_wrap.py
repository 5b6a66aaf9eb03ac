"""A question about a name without blanks is no wider than its window: the name is broken where it must."""

from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from viewer.ui.dialogs.agree import AgreeDialog
from viewer.ui.dialogs.choice import ChoiceDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.look.chips import Paragraph
from viewer.ui.look.plain_text import set_text
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


def test_a_path_in_a_paragraph_needs_no_more_room_than_its_parts(qtbot: QtBot) -> None:
    """A run whose snapshot had gone told where it lay: every card of its page was cut at the right."""
    path = "/data/" + "_".join(["thorax"] * 20)  # at a slash Qt breaks it by itself
    sentence = f"{path}/snapshot.json cannot be read."
    paragraph = Paragraph("second")
    qtbot.addWidget(paragraph)

    set_text(paragraph, sentence)

    whole = QFontMetrics(paragraph.font()).horizontalAdvance(path)
    assert paragraph.minimumSizeHint().width() < whole // 2
    assert paragraph.text() == sentence
    paragraph.resize(whole // 3, 10)
    assert paragraph.minimumSizeHint().height() >= 3 * QFontMetrics(paragraph.font()).lineSpacing()
