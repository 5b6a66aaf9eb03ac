"""Add what is open to the project: first how many images of how many studies and patients, and into which one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from viewer.core.text.counting import counted
from viewer.project.register import is_stack
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.flows.projects import project_words
from viewer.ui.look.chips import ElidedLabel, text_label
from viewer.ui.look.plain_text import button_text, set_text, set_tip
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.reading.scan import Patient, Study
    from viewer.reading.series import Series
    from viewer.ui.flows.desk import Desk

WAY_BACK = "Ctrl+Z takes them out again, as long as nobody has worked on them. Files stay where they are."
LEAST_PX = 488


class AddImagesDialog(BoundedDialog):
    """Offers the study in the active view and, where more is open, everything."""

    def __init__(self, session: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        patients = session.opening.patients
        cell = session.active_cell
        study = session.closing.study_of(cell.series) if cell is not None else None
        self._offers: list[list[Series]] = []
        self._choices = QButtonGroup(self)
        self.setWindowTitle("Add images to the project")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.addStrut(LEAST_PX)  # a minimum width of its own would let the dialog be narrower than its words
        column.setSpacing(10)
        column.addWidget(text_label(self.windowTitle(), "title"))
        project = session.project
        self.into = ElidedLabel("strong")
        set_text(self.into, f"Into: {project_words(project).removeprefix('Project: ')}")
        set_tip(self.into, "" if project is None else str(project.folder))
        column.addWidget(self.into)
        self.choices: list[QRadioButton] = []
        every = [one for patient in patients for one in patient.studies]
        whole = "Everything that is open"
        if study is not None and len(every) > 1:
            of_study = [patient for patient in patients if any(one is study for one in patient.studies)]
            column.addWidget(self._offer("The study in the active view", of_study, [study]))
            column.addWidget(self._offer(whole, patients, every))
            self.choices[0].setChecked(True)
        else:  # one offer is no choice
            self._offers.append([one for study in every for one in study.series])
            said = text_label("", "body", wrap=True)
            set_text(said, f"{whole}: {_words(self._offers[0], every, patients)}")
            column.addWidget(said)
        # Where a case is a film, a CT is not cut into its slices without a word.
        self._asks_stacks = project is not None and project.case_unit == "film"
        self.whole = QCheckBox()
        self.whole.setChecked(True)
        column.addWidget(self.whole)
        column.addWidget(text_label(WAY_BACK, "second", wrap=True))
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel_button(self, session.icons))
        self.add = KeyButton(session.icons, "", key="Return", kind="primary")
        self.add.setDefault(True)
        self.add.clicked.connect(self.accept)
        buttons.addWidget(self.add)
        column.addLayout(buttons)
        self._choices.idToggled.connect(lambda _place, _on: self._show_count())
        self._show_count()

    @property
    def series(self) -> "list[Series]":
        """What is to be added."""
        return self._offers[max(0, self._choices.checkedId())]

    @property
    def cut_stacks(self) -> bool:
        """Whether each slice of a CT or MR is a case of its own."""
        return self._asks_stacks and not self.whole.isChecked()

    def _offer(self, name: str, patients: "Sequence[Patient]", studies: "Sequence[Study]") -> QRadioButton:
        series = [one for study in studies for one in study.series]
        button = QRadioButton(button_text(f"{name}: {_words(series, studies, patients)}"))
        self._choices.addButton(button, len(self._offers))
        self._offers.append(series)
        self.choices.append(button)
        return button

    def _show_count(self) -> None:
        stacks = [one for one in self.series if is_stack(one)] if self._asks_stacks else []
        self.whole.setVisible(bool(stacks))
        slices, cases = _images(stacks), counted(len(stacks), "case")
        words = f"Each series of slices is one case: {slices} slices make {cases} (else {slices} cases)"
        self.whole.setText(button_text(words))
        self.add.set_words(f"Add {counted(_images(self.series), 'image')}", "plus")


def _images(series: "Sequence[Series]") -> int:
    return sum(len(one.frames) for one in series)


def _words(series: "Sequence[Series]", studies: "Sequence[Study]", patients: "Sequence[Patient]") -> str:
    """ "12 images of 2 studies and 1 patient"; images without a patient id are said beside the patients."""
    named = [patient for patient in patients if patient.patient_id]
    words = f"{counted(_images(series), 'image')} of {counted(len(studies), 'study', 'studies')}"
    words += f" and {counted(len(named), 'patient')}" if named else ""
    without = _images([one for one in series if not one.patient_id])
    return words + (f", {without} without a patient id" if without else "")
