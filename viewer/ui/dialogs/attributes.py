"""What the label catalogue asks of each image or of a label: ask something new, change, order or remove it."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from viewer.core.attributes import Attribute, AttributeKind, next_place
from viewer.core.codes import read_code
from viewer.core.edits import Edit
from viewer.core.errors import AppError
from viewer.ui.dialogs.agree import AgreeDialog
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.look.chips import text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice, add_field_choices, set_field, set_text, set_tip, set_title
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.worker import sentence_of

if TYPE_CHECKING:
    from viewer.project.attributes.edits import Asking
    from viewer.project.project import Project
    from viewer.ui.flows.desk import Desk

COMES_BACK = "Ctrl+Z brings them back."
NEW = "Something new"
KIND_WORDS = {
    AttributeKind.NUMBER: "A number",
    AttributeKind.CHOICE: "One of several words",
    AttributeKind.TEXT: "A text",
    AttributeKind.VERDICT: "Yes or no",
}
# What is asked for often, as UCUM writes it (https://ucum.org/ucum); any other may be typed.
UNITS = ("a", "mo", "d", "mm", "cm", "mm2", "mL", "g", "kg", "%", "mm[Hg]", "mg/dL", "mGy", "[hnsf'U]")
UNIT_TIP = (
    "As UCUM writes it: a is years, mo months, % percent, mm[Hg] millimetres of mercury. Nothing: a number of things."
)


class AttributeDialog(BoundedDialog):
    """Everything that is asked of each image (label "") or of a label, one at a time."""

    def __init__(self, session: "Desk", *, scope: str, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._scope, self._label = session, scope, label
        set_title(self, f"Asked of {label or 'each image'}")
        self.setMinimumWidth(380)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        self.which = ChoiceBox()
        self.which.setAccessibleName("Which question")
        self.which.activated.connect(lambda _: self._show_chosen())
        layout.addWidget(self.which)
        self._build_fields(layout)
        self.reason = text_label("", "err", wrap=True)
        layout.addWidget(self.reason)
        self._build_buttons(layout)
        self._list("")
        self.name.setFocus()

    def _build_fields(self, layout: QVBoxLayout) -> None:
        self.name = QLineEdit()
        self.name.setPlaceholderText("Name, such as age or margin")
        self.name.setAccessibleName("Name of the question")
        self.kind = ChoiceBox()
        self.kind.setAccessibleName("What the answer is")
        for kind, words in KIND_WORDS.items():
            if kind is not AttributeKind.VERDICT or self._scope == "region":  # of an image that is a label
                add_choice(self.kind, words, kind.value)
        self.kind.activated.connect(lambda _: self._show_kind())
        self.unit = QComboBox()
        self.unit.setEditable(True)
        add_field_choices(self.unit, ("", *UNITS))
        self.unit.setAccessibleName("Unit of the number")
        set_tip(self.unit, UNIT_TIP)
        field = self.unit.lineEdit()
        if field is not None:
            field.setPlaceholderText("Unit, such as a (years), mm, kg or %")
        self.choices = QPlainTextEdit()
        self.choices.setPlaceholderText("One word a line, such as smooth, lobulated, spiculated")
        self.choices.setAccessibleName("Words to choose from, one a line")
        self.choices.setProperty("kind", "field")
        self.choices.setTabChangesFocus(True)
        self.choices.setFixedHeight(self._session.theme.room(84))
        self.code = QLineEdit()
        self.code.setPlaceholderText("Code: SCT:397669002:Age")
        self.code.setAccessibleName("Code of the question in a terminology")
        set_tip(self.code, "What is asked, for other programs: scheme, value and meaning (DICOM PS3.3 8.8).")
        for widget in (self.name, self.kind, self.unit, self.choices, self.code):
            layout.addWidget(widget)
        self.name.textChanged.connect(lambda text: self.keep.setEnabled(bool(text.strip())))

    def _build_buttons(self, layout: QVBoxLayout) -> None:
        icons = self._session.icons
        row = QHBoxLayout()
        self.up, self.down = KeyButton(icons, "Move up"), KeyButton(icons, "Move down")
        self.remove = KeyButton(icons, "Remove…", icon="close")
        for button in (self.up, self.down, self.remove):
            button.setAutoDefault(False)
            row.addWidget(button)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.remove.clicked.connect(self._on_remove)
        row.addStretch(1)
        layout.addLayout(row)
        row = QHBoxLayout()
        row.addStretch(1)
        leave = cancel_button(self, icons)
        leave.set_words("Close")  # each step is kept as it is made
        row.addWidget(leave)
        self.keep = KeyButton(icons, "Ask it", key="Return", kind="primary")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self._on_keep)
        row.addWidget(self.keep)
        layout.addLayout(row)

    # -- What is shown

    def _asked(self) -> list[Attribute]:
        return self._session.at_hand.attributes_of(self._scope, self._label)

    def _own(self) -> Attribute | None:
        """The question that is chosen, as it is now; None for a new one."""
        return next((one for one in self._asked() if one.name == self.which.currentData()), None)

    def _list(self, name: str) -> None:
        """Offer what is asked now, the one of this name chosen."""
        self.which.clear()
        add_choice(self.which, NEW, "")
        for one in self._asked():
            add_choice(self.which, f"{one.name}: {one.words}", one.name)
        self.which.setCurrentIndex(max(0, self.which.findData(name)))
        self.which.setVisible(self.which.count() > 1)
        self._show_chosen()

    def _show_chosen(self) -> None:
        own = self._own()
        set_field(self.name, "" if own is None else own.name)
        self.kind.setCurrentIndex(0 if own is None else self.kind.findData(own.kind.value))
        self.unit.setCurrentText("" if own is None else own.unit)
        set_field(self.choices, "" if own is None else "\n".join(own.choices))
        set_field(self.code, "" if own is None or own.code is None else own.code.words)
        self.keep.set_words("Ask it" if own is None else "Change it")
        self.keep.setEnabled(own is not None)
        place, asked = self.which.currentIndex() - 1, self._asked()
        for button in (self.up, self.down, self.remove):
            button.setVisible(own is not None)
        self.up.setEnabled(place > 0)
        self.down.setEnabled(0 <= place < len(asked) - 1)
        self._say("")
        self._show_kind()

    def _show_kind(self) -> None:
        kind = AttributeKind(self.kind.currentData())
        self.unit.setVisible(kind is AttributeKind.NUMBER)
        self.choices.setVisible(kind is AttributeKind.CHOICE)

    def _say(self, sentence: str) -> None:
        set_text(self.reason, sentence)
        self.reason.setVisible(bool(sentence))

    # -- What is done

    def _typed(self, position: int) -> Attribute:
        """What the fields ask. Raises BadRequest."""
        kind = AttributeKind(self.kind.currentData())
        lines = [line.strip() for line in self.choices.toPlainText().split("\n")]
        code = self.code.text().strip()
        return Attribute(
            scope=self._scope, label=self._label, name=self.name.text().strip(), position=position, kind=kind,
            choices=tuple(filter(None, lines)) if kind is AttributeKind.CHOICE else (),
            unit=self.unit.currentText().strip() if kind is AttributeKind.NUMBER else "",
            code=read_code(code) if code else None,
        )  # fmt: skip

    def _on_keep(self) -> None:
        from viewer.project.attributes.edits import changing, declare, rename

        self._session.edits.wait()
        own = self._own()
        try:
            new = self._typed(next_place(self._asked(), self._scope, self._label) if own is None else own.position)
        except AppError as error:
            self._say(str(error))
            return
        others = {one.name.casefold() for one in self._asked() if one != own}
        if new.name.casefold() in others:
            self._say(f"{new.name} is asked already; choose another name.")
            return
        if own is None:
            if self._do(declare(new)):
                self._list("")
            return
        if own.name != new.name:
            if not self._do(rename(own, new.name)):
                return
            own = replace(own, name=new.name)
        if own == new:
            self._list(new.name)
            return
        was, now = own.choices, new.choices
        renamed = dict(zip(was, now, strict=True)) if len(was) == len(now) and set(was) != set(now) else {}
        before = own
        self._count(lambda project: changing(project, before, new, renamed=_moved(renamed)), new.name)

    def _on_remove(self) -> None:
        from viewer.project.attributes.edits import removing

        self._session.edits.wait()
        own = self._own()
        if own is not None:
            self._count(lambda project: removing(project, own), "")

    def _move(self, step: int) -> None:
        from viewer.project.attributes.edits import move

        self._session.edits.wait()
        own, asked = self._own(), self._asked()
        place = self.which.currentIndex() - 1 + step
        if own is not None and 0 <= place < len(asked) and self._do(move(own, asked[place])):
            self._list(own.name)

    def _count(self, plan_of: "Callable[[Project], Asking]", name: str) -> None:
        """Count what is lost on a thread that may wait, and do it once a person has agreed to that."""
        project = self._session.project
        if project is None:
            return
        self.setEnabled(False)  # nothing else is changed while it is counted

        def failed(error: Exception) -> None:
            self.setEnabled(True)
            self._say(sentence_of(error))

        def counted(plan: "Asking") -> None:
            self.setEnabled(True)
            if self._agreed(plan) and self._do(plan.edit):
                self._list(name)

        self._session.run_in_background(lambda: plan_of(project), counted, failed, owner=self)

    def _agreed(self, plan: "Asking") -> bool:
        if not plan.lost:
            return True
        dialog = AgreeDialog(
            self._session, title=f"Lose answers to {plan.attribute.name}?", words=f"{plan.sentence} {COMES_BACK}",
            verb="Go on", icon="close", parent=self,
        )  # fmt: skip
        return bool(dialog.exec())

    def _do(self, edit: Edit) -> bool:
        """Whether it is kept, and at hand."""
        return self._session.keep(edit)


def _moved(renamed: dict[str, str]) -> dict[str, str]:
    """Lines that were written anew; a word that stands on another line now is the same word."""
    return {old: new for old, new in renamed.items() if old != new and old not in renamed.values()}
