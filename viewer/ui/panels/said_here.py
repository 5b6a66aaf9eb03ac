"""What is answered of the shown image, and of the object that is selected on it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from viewer.core.attributes import Attribute
from viewer.core.overlays import OverlaySettings
from viewer.core.shapes.annotations import Annotation
from viewer.core.values import Target, TargetKind, Value
from viewer.ui.flows.label_edits import answering, asked_here, said_here
from viewer.ui.look.plain_text import set_text
from viewer.ui.look.row_painting import SectionTitle, tool_button
from viewer.ui.panels.answer_fields import AnswerFields
from viewer.ui.state.announcing import announce_until

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk


ASK_TIP = "Ask a number, a choice or a text of each image, or change what is asked"


class SaidHere(QWidget):
    """Fields bound to a target on an image. What is typed belongs to what was shown when it was typed."""

    resized = Signal()

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._target: Target | None = None
        self._image_id = ""
        self.fields = AnswerFields()
        self.fields.answered.connect(self._on_answered)
        self.fields.left.connect(lambda: session.active_view.setFocus())
        self.fields.resized.connect(self.resized)

    def show_target(self, target: Target | None, image_id: str, asked: list[Attribute]) -> None:
        """Ask this of a target; of None nothing is asked."""
        if (target, image_id) != (self._target, self._image_id):
            self._leave()
        self._target, self._image_id = target, image_id
        said = {} if target is None else said_here(self._session.at_hand, target, image_id)
        self.fields.show_answers(asked if target is not None else [], said)
        project = self._session.project
        self.fields.set_may_answer(may=project is not None and not project.read_only)

    def first_field(self) -> QWidget | None:
        """The field that is answered next: the first that is empty, else the first; None where nothing is asked."""
        fields = self.fields.fields
        if self._target is None or not fields:
            return None
        said = said_here(self._session.at_hand, self._target, self._image_id)
        return next((field for question, field in fields.items() if question not in said), next(iter(fields.values())))

    def _leave(self) -> None:
        """Before something else is shown: what is typed is said of what it was typed for, or told to be lost."""
        if self._target is None or not self.fields.pending:
            return
        self.fields.keep()
        for question, text in self.fields.pending.items():
            reason = self.fields.reasons[question].text()
            lost = f"“{text}” was not kept as {question}: {reason}"
            announce_until(self._session, "warn", lost, self._session.work_changed, self._session.project_opened)
        self.fields.forget()

    def _on_answered(self, question: str, value: Value | None) -> None:
        target, image_id = self._target, self._image_id
        self._session.edits.wait()
        if target is None:
            return
        edit = answering(self._session.at_hand, target, image_id, question, value)
        if edit is not None:
            self._session.do(edit)


class SaidOfImage(SaidHere):
    """What is asked of the shown image, below its whole-image labels."""

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        # Where nothing is asked it stands beside the whole-image labels, and this takes no room.
        self.ask = tool_button(session.icons, "settings", ASK_TIP)  # a question mark would promise help
        self.change = tool_button(session.icons, "plus", ASK_TIP)
        for button in (self.ask, self.change):
            button.clicked.connect(self._on_ask)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(SectionTitle("Asked of the image", self.change))
        column.addWidget(self.fields)

    def reload(self) -> None:
        """Show what is asked and said now."""
        session, shown = self._session, self._session.shown
        project = session.project
        for button in (self.ask, self.change):
            button.setEnabled(project is not None and not project.read_only)
        image_id = "" if shown is None or shown.image_id is None else shown.image_id
        asked = asked_here(session.at_hand, image_id) if image_id else []
        target = Target(kind=TargetKind.IMAGE, target_id=image_id) if image_id else None
        self.show_target(target, image_id, asked)
        there = any(one.scope == "image" for one in session.at_hand.attributes)
        self.setVisible(there)
        self.ask.setVisible(not there)
        self.fields.setVisible(bool(asked))

    def _on_ask(self) -> None:
        from viewer.ui.dialogs.attributes import AttributeDialog

        AttributeDialog(self._session, scope="image", label="", parent=self.window()).exec()


class SaidOfObject(SaidHere):
    """What is asked of the one object that is selected, below the list of what is on the image."""

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self.name = SectionTitle("Of what is selected")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.name)
        column.addWidget(self.fields)

    def reload(self, annotations: list[Annotation]) -> None:
        """Show what is asked and said of what is selected. annotations: those of the shown image."""
        cell, shown = self._session.active_cell, self._session.shown
        settings = cell.view.overlay_settings if cell is not None else OverlaySettings()
        chosen = {settings.selected_id, *settings.also_selected}
        objects = {one.object_key: one for one in annotations if one.annotation_id in chosen}
        one = next(iter(objects.values())) if len(objects) == 1 else None
        asked = [] if one is None else self._session.at_hand.attributes_of("region", one.label)
        if one is None or shown is None or shown.image_id is None or not asked:
            self.show_target(None, "", [])
        else:
            set_text(self.name.detail, one.label)
            target = Target(kind=TargetKind.OBJECT, target_id=one.object_key)
            self.show_target(target, shown.image_id, asked)
        if self.isHidden() is bool(asked):
            self.setVisible(bool(asked))
            self.resized.emit()
