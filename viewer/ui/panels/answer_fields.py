"""Fields in which questions of the label catalogue are answered: a number, a choice or a text each.

Return keeps what is typed and leaves the field, Esc puts back what was there; a field that is left otherwise keeps it
too. What is no answer stays, with the reason below.
"""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from viewer.core.attributes import Attribute, AttributeKind
from viewer.core.errors import AppError
from viewer.core.labels import Verdict
from viewer.core.values import Choice, Quantity, Value, number_words, value_words
from viewer.ui.look.chips import ElidedLabel, Paragraph, text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.left_field import LeftField
from viewer.ui.look.plain_text import add_choice, set_field, set_hint, set_name, set_text, set_tip

NOT_SAID = "not said"
LEAST_FIELD_PX = 84


class TypedAnswer(LeftField):
    """A number or a text. answered: the value, None for nothing any more. refused: why not, "" where there is none."""

    answered = Signal(object)
    refused = Signal(str)
    left = Signal()

    def __init__(self, attribute: Attribute) -> None:
        super().__init__()
        self._attribute = attribute
        self._said = ""
        set_hint(self, NOT_SAID)
        set_name(self, attribute.question)
        set_tip(self, f"{attribute.question}: {attribute.words}. Return keeps it, Esc puts back what was there.")

    def show_value(self, value: Value | None) -> None:
        """What is said now; what is being typed stays."""
        before, self._said = self._said, _typed(value)
        if self.text() == before or not self.isModified():
            set_field(self, self._said)
            self.setModified(False)
            self.refused.emit("")

    @property
    def pending(self) -> str:
        """What was typed and is not kept; "" for nothing."""
        return self.text().strip() if self.text().strip() != self._said else ""

    def forget(self) -> None:
        """Put back what was there."""
        set_field(self, self._said)
        self.setModified(False)
        self.refused.emit("")

    def keep(self) -> None:
        """Say what is typed, where that is something else."""
        text = self.text().strip()
        if text == self._said:
            self.refused.emit("")
            return
        try:
            value = self._attribute.read(text) if text else None
        except AppError as error:
            self.refused.emit(str(error))
            return
        self.setModified(False)
        self.refused.emit("")
        self.answered.emit(value)

    def leave(self, *, undone: bool) -> None:
        if undone:
            self.forget()
        self.keep()
        if not self.pending:
            self.left.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.keep()


class ChosenAnswer(ChoiceBox):
    """One of several words, or nothing. answered, refused: as of `TypedAnswer`."""

    answered = Signal(object)
    refused = Signal(str)
    left = Signal()
    pending = ""  # what is chosen is said at once

    def __init__(self, attribute: Attribute) -> None:
        super().__init__()
        self._values: list[Value | None] = [None, *self._offered(attribute)]
        for value in self._values:
            add_choice(self, NOT_SAID if value is None else value_words(value))
        set_name(self, attribute.question)
        set_tip(self, f"{attribute.question}: {attribute.words}.")
        self.activated.connect(lambda place: self.answered.emit(self._values[place]))

    def _offered(self, attribute: Attribute) -> Sequence[Value]:
        return [Choice(word=word) for word in attribute.choices]

    def show_value(self, value: Value | None) -> None:
        """What is said now."""
        self.setCurrentIndex(self._values.index(value) if value in self._values else 0)

    def forget(self) -> None:
        """Nothing is typed here."""

    def keep(self) -> None:
        """It is kept already."""


class VerdictAnswer(ChosenAnswer):
    """Yes, no, uncertain or not assessed."""

    def _offered(self, attribute: Attribute) -> Sequence[Value]:
        return list(Verdict)


Field = TypedAnswer | ChosenAnswer
FIELDS: dict[AttributeKind, type[Field]] = {
    AttributeKind.NUMBER: TypedAnswer,
    AttributeKind.CHOICE: ChosenAnswer,
    AttributeKind.TEXT: TypedAnswer,
    AttributeKind.VERDICT: VerdictAnswer,
}


class AnswerFields(QWidget):
    """A row for each question: its name, its field, its unit. answered: (question, value or None)."""

    answered = Signal(str, object)
    left = Signal()
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, Field] = {}
        self.reasons: dict[str, Paragraph] = {}
        self._asked: list[Attribute] = []
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(10, 6, 10, 8)
        self._layout.setHorizontalSpacing(8)
        self._layout.setVerticalSpacing(4)
        self._layout.setColumnStretch(0, 2)
        self._layout.setColumnStretch(1, 3)

    def show_answers(self, asked: Sequence[Attribute], said: Mapping[str, Value]) -> None:
        """Ask this, and show what is said."""
        if list(asked) != self._asked:
            self._build(list(asked))
        for attribute in self._asked:
            self.fields[attribute.question].show_value(said.get(attribute.question))

    @property
    def pending(self) -> dict[str, str]:
        """What was typed and is not kept, by the question."""
        return {question: field.pending for question, field in self.fields.items() if field.pending}

    def keep(self) -> None:
        """Say what was typed and not kept yet."""
        for field in list(self.fields.values()):
            field.keep()

    def forget(self) -> None:
        """Put back what was there before something was typed."""
        for field in self.fields.values():
            field.forget()

    def set_may_answer(self, *, may: bool) -> None:
        """Whether anything can be said here."""
        for field in self.fields.values():
            field.setEnabled(may)

    def _build(self, asked: list[Attribute]) -> None:
        while self._layout.count():
            item = self._layout.takeAt(0)
            widget = None if item is None else item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._asked, self.fields, self.reasons = asked, {}, {}
        for place, attribute in enumerate(asked):
            name, field = ElidedLabel("body"), FIELDS[attribute.kind](attribute)
            set_text(name, attribute.question)
            set_tip(name, f"{attribute.question}: {attribute.words}")
            field.setMinimumWidth(LEAST_FIELD_PX)
            field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            reason = Paragraph("err")
            reason.hide()
            question = attribute.question
            field.answered.connect(lambda value, question=question: self.answered.emit(question, value))
            field.refused.connect(lambda why, reason=reason: self._say(reason, why))
            field.left.connect(self.left)
            self._layout.addWidget(name, 2 * place, 0)
            self._layout.addWidget(_with_unit(field, attribute.unit), 2 * place, 1)
            self._layout.addWidget(reason, 2 * place + 1, 0, 1, 2)
            self.fields[question], self.reasons[question] = field, reason
        self.resized.emit()

    def _say(self, reason: Paragraph, why: str) -> None:
        if reason.text() == why:
            return
        set_text(reason, why)
        reason.setVisible(bool(why))
        self.resized.emit()


def _with_unit(field: QWidget, unit: str) -> QWidget:
    if not unit:
        return field
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addWidget(field, 1)
    row.addWidget(text_label(unit, "caption"))
    return both


def _typed(value: Value | None) -> str:
    """A value as it stands in a field: a number as exactly as it was said, its unit beside it."""
    if value is None:
        return ""
    return number_words(value.number) if isinstance(value, Quantity) else value_words(value)
