"""What the catalogue asks is answered where one works: fields of the image in Labels, of an object in On this image."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from tests.ui.test_labels_panel import draw_square, panel_of
from viewer.core.attributes import Attribute, AttributeKind
from viewer.core.edits import AttributeChange, Edit
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.values import Choice, Quantity, Target, TargetKind, Value, Words
from viewer.project.answers import answers_of
from viewer.project.edit_builders import say_image_label
from viewer.ui.dialogs.agree import AgreeDialog
from viewer.ui.dialogs.attributes import AttributeDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.panels.answer_fields import ChosenAnswer, TypedAnswer
from viewer.ui.panels.labels import LabelsPanel
from viewer.ui.panels.on_image import OnImagePanel

AGE = Attribute(scope="image", label="", name="age", position=0, kind=AttributeKind.NUMBER, unit="a")
VIEW = Attribute(scope="image", label="", name="view", position=1, kind=AttributeKind.CHOICE, choices=("PA", "AP"))
EXTENT = Attribute(scope="image", label="Bright", name="extent", position=0, kind=AttributeKind.NUMBER, unit="%")
MARGIN = Attribute(
    scope="region", label="Square", name="margin", position=0, kind=AttributeKind.CHOICE, choices=("smooth", "rough")
)


def ask(session: Desk, *attributes: Attribute) -> None:
    changes = tuple(AttributeChange(before=None, after=one) for one in attributes)
    assert session.do(Edit(text="ask", changes=changes, of_all=True))
    session.edits.wait()


def image_of(session: Desk) -> str:
    assert session.shown is not None and session.shown.image_id is not None
    return session.shown.image_id


def said_of(session: Desk, kind: TargetKind, target_id: str) -> dict[str, Value]:
    assert session.project is not None
    session.edits.wait()
    target = Target(kind=kind, target_id=target_id)
    return {name: one for name, one in answers_of(session.project, [target])[target].items() if one not in set(Verdict)}


def typed(panel: LabelsPanel, question: str) -> TypedAnswer:
    field = panel.said.fields.fields[question]
    assert isinstance(field, TypedAnswer)
    return field


def retype(qtbot: QtBot, field: TypedAnswer, text: str, key: Qt.Key = Qt.Key.Key_Return) -> None:
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, key)


def test_a_number_is_typed_kept_undone_and_shown_again(qtbot: QtBot, shown_case: Desk) -> None:
    panel, image_id = panel_of(qtbot, shown_case), image_of(shown_case)
    assert panel.said.ask.isVisibleTo(panel) and not panel.said.isVisibleTo(panel)
    ask(shown_case, AGE)
    field = typed(panel, "age")
    assert not panel.said.ask.isVisibleTo(panel) and panel.said.isVisibleTo(panel)
    retype(qtbot, field, "45.25")
    assert said_of(shown_case, TargetKind.IMAGE, image_id) == {"age": Quantity(number=45.25, unit="a")}
    assert shown_case.at_hand.undo_step.text == "say 45.25 a to age"
    row = shown_case.at_hand.cases.get(shown_case.at_hand.images.get(image_id).case_id)
    assert row.status is CaseStatus.IN_PROGRESS
    shown_case.undo()
    shown_case.edits.wait()
    assert field.text() == "" and said_of(shown_case, TargetKind.IMAGE, image_id) == {}
    shown_case.redo()
    shown_case.edits.wait()
    assert field.text() == "45.25"
    retype(qtbot, field, "\b")
    assert said_of(shown_case, TargetKind.IMAGE, image_id) == {}


@pytest.mark.parametrize(("text", "words"), [("43,2", "two ways"), ("old", "no number"), ("45 kg", "another unit")])
def test_a_wrong_number_stays_with_its_reason_and_nothing_is_kept(
    qtbot: QtBot, shown_case: Desk, text: str, words: str
) -> None:
    panel, image_id = panel_of(qtbot, shown_case), image_of(shown_case)
    ask(shown_case, AGE)
    field = typed(panel, "age")
    retype(qtbot, field, text)
    reason = panel.said.fields.reasons["age"]
    assert words in reason.text() and reason.isVisibleTo(panel) and field.text() == text
    assert shown_case.do(say_image_label(image_id, "Bright", before=None, after=Verdict.YES))
    shown_case.edits.wait()
    assert field.text() == text, "other work takes nothing away that is being typed"
    assert said_of(shown_case, TargetKind.IMAGE, image_id) == {}
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "" and not reason.isVisibleTo(panel)
    assert said_of(shown_case, TargetKind.IMAGE, image_id) == {}


def test_what_is_typed_belongs_to_the_image_it_was_typed_for(qtbot: QtBot, shown_case: Desk) -> None:
    panel, first = panel_of(qtbot, shown_case), image_of(shown_case)
    ask(shown_case, AGE)
    field = typed(panel, "age")
    field.setFocus()
    qtbot.keyClicks(field, "45")
    with qtbot.waitSignal(shown_case.image_shown):
        shown_case.case_step(1)
    second = image_of(shown_case)
    assert said_of(shown_case, TargetKind.IMAGE, first) == {"age": Quantity(number=45, unit="a")}
    assert said_of(shown_case, TargetKind.IMAGE, second) == {}
    assert field.text() == ""
    told: list[str] = []
    shown_case.announced.connect(lambda _, words: told.append(words))
    field.setFocus()
    qtbot.keyClicks(field, "4,5")
    with qtbot.waitSignal(shown_case.image_shown):
        shown_case.case_step(1)
    assert any("“4,5” was not kept as age" in words for words in told)
    assert field.text() == "" and said_of(shown_case, TargetKind.IMAGE, second) == {}


def test_a_choice_is_taken_and_taken_back(qtbot: QtBot, shown_case: Desk) -> None:
    panel, image_id = panel_of(qtbot, shown_case), image_of(shown_case)
    ask(shown_case, VIEW)
    field = panel.said.fields.fields["view"]
    assert isinstance(field, ChosenAnswer)
    for place, said in ((2, {"view": Choice(word="AP")}), (0, {})):
        field.setCurrentIndex(place)
        field.activated.emit(place)
        assert said_of(shown_case, TargetKind.IMAGE, image_id) == said
    shown_case.undo()
    shown_case.edits.wait()
    assert field.currentText() == "AP"


def test_a_label_is_asked_about_where_it_holds(qtbot: QtBot, shown_case: Desk) -> None:
    panel, image_id = panel_of(qtbot, shown_case), image_of(shown_case)
    ask(shown_case, EXTENT)
    assert panel.said.fields.fields == {}
    assert shown_case.do(say_image_label(image_id, "Bright", before=None, after=Verdict.YES))
    shown_case.edits.wait()
    retype(qtbot, typed(panel, "Bright: extent"), "30")
    assert said_of(shown_case, TargetKind.IMAGE, image_id) == {"Bright: extent": Quantity(number=30, unit="%")}


def test_an_object_is_answered_for_where_it_is_selected(qtbot: QtBot, shown_case: Desk) -> None:
    panel = OnImagePanel(shown_case)
    qtbot.addWidget(panel)
    panel.resize(290, 400)
    panel.show()
    ask(shown_case, MARGIN)
    draw_square(shown_case)
    (drawn,) = shown_case.at_hand.work.annotations(image_of(shown_case))
    assert shown_case.active_cell is not None
    shown_case.active_cell.view.select_several([])
    assert not panel.said.isVisibleTo(panel)
    shown_case.active_cell.view.select_several([drawn.annotation_id])
    assert panel.said.isVisibleTo(panel)
    field = panel.said.fields.fields["margin"]
    assert isinstance(field, ChosenAnswer)
    field.setCurrentIndex(2)
    field.activated.emit(2)
    assert said_of(shown_case, TargetKind.OBJECT, drawn.object_key) == {"margin": Choice(word="rough")}
    shown_case.undo()
    shown_case.edits.wait()
    assert field.currentIndex() == 0


def dialog_of(qtbot: QtBot, session: Desk, *, scope: str = "image", label: str = "") -> AttributeDialog:
    dialog = AttributeDialog(session, scope=scope, label=label)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def choose(dialog: AttributeDialog, name: str) -> None:
    place = dialog.which.findData(name)
    dialog.which.setCurrentIndex(place)
    dialog.which.activated.emit(place)


def kind(dialog: AttributeDialog, one: AttributeKind) -> None:
    place = dialog.kind.findData(one.value)
    dialog.kind.setCurrentIndex(place)
    dialog.kind.activated.emit(place)


def test_questions_are_declared_changed_ordered_and_removed_in_the_dialog(qtbot: QtBot, shown_case: Desk) -> None:
    dialog = dialog_of(qtbot, shown_case)
    dialog.name.setText("age")
    dialog.unit.setCurrentText("two years")
    dialog.keep.click()
    assert "no unit as UCUM" in dialog.reason.text() and shown_case.at_hand.attributes == ()
    dialog.unit.setCurrentText("a")
    dialog.keep.click()
    dialog.name.setText("view")
    kind(dialog, AttributeKind.CHOICE)
    dialog.choices.setPlainText("PA\nAP")
    dialog.keep.click()
    assert shown_case.at_hand.attributes == (AGE, VIEW)
    dialog.name.setText("AGE")
    dialog.keep.click()
    assert "is asked already" in dialog.reason.text()
    choose(dialog, "view")
    dialog.up.click()
    assert [one.name for one in shown_case.at_hand.attributes] == ["view", "age"]
    dialog.name.setText("projection")
    dialog.keep.click()
    qtbot.waitUntil(dialog.isEnabled)
    assert [one.name for one in shown_case.at_hand.attributes] == ["projection", "age"]
    dialog.remove.click()
    qtbot.waitUntil(lambda: [one.name for one in shown_case.at_hand.attributes] == ["age"])
    assert shown_case.at_hand.undo_step.text == "ask projection of the image no more"


def test_a_choice_written_anew_keeps_its_answers_and_one_taken_away_is_asked_about(
    qtbot: QtBot, shown_case: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.ui.flows.label_edits import answering

    asked: list[str] = []

    def no(dialog: AgreeDialog) -> int:
        asked.append(dialog.words.text())
        return QDialog.DialogCode.Rejected

    monkeypatch.setattr(AgreeDialog, "exec", no)
    ask(shown_case, VIEW)
    image_id = image_of(shown_case)
    edit = answering(
        shown_case.at_hand, Target(kind=TargetKind.IMAGE, target_id=image_id), image_id, "view", Choice(word="AP")
    )
    assert edit is not None and shown_case.do(edit)
    dialog = dialog_of(qtbot, shown_case)
    choose(dialog, "view")
    dialog.choices.setPlainText("PA\na.p.")
    dialog.keep.click()
    qtbot.waitUntil(dialog.isEnabled)
    assert said_of(shown_case, TargetKind.IMAGE, image_id) == {"view": Choice(word="a.p.")}
    dialog.choices.setPlainText("PA\nlateral\noblique")
    dialog.keep.click()
    qtbot.waitUntil(dialog.isEnabled)
    assert asked == ["1 answer to view of the image goes with it. Ctrl+Z brings them back."]
    assert said_of(shown_case, TargetKind.IMAGE, image_id) == {"view": Choice(word="a.p.")}


def test_a_text_is_answered_in_a_field(qtbot: QtBot, shown_case: Desk) -> None:
    panel, image_id = panel_of(qtbot, shown_case), image_of(shown_case)
    ask(shown_case, Attribute(scope="image", label="", name="note", position=0, kind=AttributeKind.TEXT))
    retype(qtbot, typed(panel, "note"), "<b>see & compare</b>")
    assert said_of(shown_case, TargetKind.IMAGE, image_id) == {"note": Words(text="<b>see & compare</b>")}
    assert typed(panel, "note").text() == "<b>see & compare</b>"
