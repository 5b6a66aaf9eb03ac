"""Add what is open to the project: first how many images of how many studies and patients, and into which one.

Which of them are in it already is looked up in the background; they are not offered then, and that is said.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from viewer.core.text.counting import counted, counted_are
from viewer.project.register import is_stack
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.flows.projects import project_words
from viewer.ui.look.chips import ElidedLabel, text_label
from viewer.ui.look.plain_text import button_text, set_text, set_tip
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.reading.scan import Patient, Study
    from viewer.reading.series import Series
    from viewer.ui.flows.desk import Desk

WAY_BACK = "Ctrl+Z takes them out again, as long as nobody has worked on them. Files stay where they are."
LEAST_PX = 488
Known = dict[str, int]  # by series id, how many of its images the project has


class AddImagesDialog(BoundedDialog):
    """Offers the study in the active view and, where more is open, everything."""

    def __init__(self, session: "Desk", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        patients = session.opening.patients
        cell = session.active_cell
        study = session.closing.study_of(cell.series) if cell is not None else None
        self._offers: list[list[Series]] = []
        self._saying: list[Callable[[Known], None]] = []  # of each offer, with what is in the project
        self._known: Known = {}
        self._choices = QButtonGroup(self)
        self.setWindowTitle("Add images to the project")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.addStrut(LEAST_PX)  # a minimum width of its own would let the dialog be narrower than its words
        column.setSpacing(10)
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
            self._say(whole, patients, every, partial(set_text, said))
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
        if project is not None:
            everything = [one for study in every for one in study.series]
            session.run_in_background(
                partial(_look, project, everything), self._on_known, session.announce_failure, owner=self
            )

    @property
    def series(self) -> "list[Series]":
        """What is to be added: series of which the project has every image are not."""
        offered = self._offers[max(0, self._choices.checkedId())]
        return [one for one in offered if _new(one, self._known)]

    @property
    def cut_stacks(self) -> bool:
        """Whether each slice of a CT or MR is a case of its own."""
        return self._asks_stacks and not self.whole.isChecked()

    def _offer(self, name: str, patients: "Sequence[Patient]", studies: "Sequence[Study]") -> QRadioButton:
        series = [one for study in studies for one in study.series]
        button = QRadioButton()
        self._say(name, patients, studies, lambda words: button.setText(button_text(words)))
        self._choices.addButton(button, len(self._offers))
        self._offers.append(series)
        self.choices.append(button)
        return button

    def _say(
        self, name: str, patients: "Sequence[Patient]", studies: "Sequence[Study]", show: Callable[[str], None]
    ) -> None:
        self._saying.append(lambda known: show(f"{name}: {_words(studies, patients, known)}"))
        self._saying[-1]({})

    def _on_known(self, known: "Known") -> None:
        self._known = known
        for say in self._saying:
            say(known)
        self._show_count()

    def _show_count(self) -> None:
        stacks = [one for one in self.series if is_stack(one)] if self._asks_stacks else []
        self.whole.setVisible(bool(stacks))
        slices, cases = _images(stacks), counted(len(stacks), "case")
        words = f"Each series of slices is one case: {slices} slices make {cases} (else {slices} cases)"
        self.whole.setText(button_text(words))
        count = _images(self.series, self._known)
        self.add.set_words(f"Add {counted(count, 'image')}" if count else "Nothing to add", "plus")
        self.add.setEnabled(count > 0)


def _look(project: "Project", series: "Sequence[Series]") -> "Known":
    """How many images of each series the project has, by series id: asks the disk."""
    there = set(project.images.paths())
    return {one.series_id: sum(ref.path.resolve() in there for ref in one.frames) for one in series}


def _new(one: "Series", known: "Known") -> int:
    return len(one.frames) - known.get(one.series_id, 0)


def _images(series: "Sequence[Series]", known: "Known | None" = None) -> int:
    return sum(_new(one, known or {}) for one in series)


def _words(studies: "Sequence[Study]", patients: "Sequence[Patient]", known: "Known") -> str:
    """ "12 images of 2 studies and 1 patient"; images without a patient id are said beside the patients, and those that
    the project has behind all of them."""
    series = [one for study in studies for one in study.series]
    there = _images(series) - _images(series, known)
    in_it = f"{counted_are(there, 'image')} in the project already" if there else ""
    if there and not _images(series, known):
        return in_it
    new = [study for study in studies if _images(study.series, known)]
    named = [one for one in patients if one.patient_id and any(_images(study.series, known) for study in one.studies)]
    words = f"{counted(_images(series, known), 'image')} of {counted(len(new), 'study', 'studies')}"
    words += f" and {counted(len(named), 'patient')}" if named else ""
    without = _images([one for one in series if not one.patient_id], known)
    words += f", {without} without a patient id" if without else ""
    return f"{words}; {in_it}" if in_it else words
