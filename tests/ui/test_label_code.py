"""The code of a label in its dialog: a step of its own, refused with an example, taken away by an empty field."""

from pytestqt.qtbot import QtBot

from tests.waiting import is_shut
from viewer.core.codes import Code
from viewer.core.labels import Label
from viewer.ui.dialogs.labels import LabelDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.label_edits import labels_of


def square(session: Desk) -> Label:
    return next(one for one in labels_of(session.at_hand, "region") if one.name == "Square")


def asked(qtbot: QtBot, session: Desk) -> LabelDialog:
    dialog = LabelDialog(session, scope="region", label=square(session))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_a_code_is_given_refused_and_taken_away(qtbot: QtBot, shown_case: Desk) -> None:
    dialog = asked(qtbot, shown_case)
    dialog.code.setText("SCT:27925004")
    dialog.keep.click()
    assert "SCT:27925004:Nodule" in dialog.reason.text() and dialog.isVisible()
    dialog.code.setText("SCT:27925004:Nodule")
    dialog.keep.click()
    shown_case.edits.wait()
    assert is_shut(dialog)
    assert square(shown_case).code == Code(scheme="SCT", value="27925004", meaning="Nodule")

    dialog = asked(qtbot, shown_case)
    assert dialog.code.text() == "SCT:27925004:Nodule"
    dialog.code.clear()
    dialog.name.setText("Rectangle")
    dialog.keep.click()
    shown_case.edits.wait()
    (label,) = [one for one in labels_of(shown_case.at_hand, "region") if one.name == "Rectangle"]
    assert label.code is None
