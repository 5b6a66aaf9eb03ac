"""What one model has answered of the cases of the open project, in short: the list of cases shows it in Review."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from viewer.core.edits import CaseStatusChange, LabelChange
from viewer.core.text.counting import counted
from viewer.ui.state.latest import Latest
from viewer.ui.state.present_names import PresentNames, ToldApart, as_called, labels_as_called

if TYPE_CHECKING:
    from pathlib import Path

    from viewer.core.edits import Edit
    from viewer.core.shapes.annotations import Prediction
    from viewer.project.project import Project
    from viewer.project.records import CaseRow
    from viewer.project.said.reading import SaidOfCases
    from viewer.project.said.short import Short
    from viewer.ui.state.before_ai import BeforeAI
    from viewer.ui.state.session import Session

MOST_IMAGES = 50  # of one edit that are looked at one by one; one of more is read anew as a whole


class Answering(ToldApart, Protocol):
    """A model whose answers are looked at."""

    @property
    def model_hash(self) -> str:
        """What it is known by."""

    @property
    def title(self) -> str:
        """What people call it."""


class AnsweredCases(QObject):
    """Reads once what a model has answered, beside the window's thread, and follows what is answered, labelled and
    completed from then on: one answer costs one case."""

    changed = Signal()  # what a row shows of it is another
    read = Signal()  # all of it may be another: whatever was filtered or sorted by it was by something else

    def __init__(self, session: "Session", ai: "BeforeAI") -> None:
        super().__init__(session)
        self._session, self._ai = session, ai
        self._called = PresentNames(session)
        self._model: Answering | None = None
        self._images: dict[str, dict[str, Short]] = {}  # by case
        self._cases: dict[str, Short] = {}
        self._cases_of: dict[str, set[str]] = {}  # by image
        self._later: dict[str, tuple[str, ...]] = {}
        self.is_known = False  # it was read
        self._found = Latest(session, self._on_found, self)
        self._folder = self._open_folder
        session.project_opened.connect(lambda _: self._on_project())
        session.work_arrived.connect(lambda image_ids, _: self._look_at(image_ids))
        session.work_changed.connect(self._on_work_changed)

    def follow(self, model: "Answering | None") -> None:
        """Tell of this model from now on; None of none."""
        before, self._model = self._model, model
        if model is None or before is None or model.model_hash != before.model_hash:
            self._read()

    @property
    def labels(self) -> tuple[str, ...]:
        """The model's labels as they are called now."""
        return () if self._model is None else labels_as_called(self._model.kind, self._model.labels, self._called)

    @property
    def title(self) -> str:
        """What people call the model; "" of none."""
        return "" if self._model is None else self._model.title

    def count(self, case_id: str) -> int:
        """How many images of a case it has answered."""
        return len(self._images.get(case_id, ()))

    def left(self, row: "CaseRow") -> int:
        """How many images of a case it has not answered."""
        return max(0, row.images - self.count(row.case_id))

    def said(self, row: "CaseRow") -> "Short | None":
        """What it says of a case, as far as that may be seen in a list; None where nothing is."""
        cases = self._session.at_hand.cases  # a row of the list may be from before AI was shown of its case
        now = cases.get(row.case_id) if cases.has(row.case_id) else row
        return self._cases.get(row.case_id) if self._ai.tells_of(now) else None

    def all_said(self) -> "Callable[[CaseRow], Short | None]":
        """The same as it is now, to be asked on another thread."""
        cases, tells = dict(self._cases), self._ai.telling()
        return lambda row: cases.get(row.case_id) if tells(row) else None

    def words(self, row: "CaseRow") -> str:
        """In a tool tip: "Squares · 1a2b has answered 2 of its 3 images."; "" where it has answered none."""
        count = self.count(row.case_id)
        if not count:
            return ""
        if self.left(row):
            return f"{self.title} has answered {count} of its {counted(row.images, 'image')}."
        return f"{self.title} has answered {'it' if row.images == 1 else 'all its images'}."

    @property
    def _open_folder(self) -> "Path | None":
        return None if self._session.project is None else self._session.project.folder

    def _on_project(self) -> None:
        """Of the same project, which others may have changed, what is known stays until it was read."""
        before, self._folder = self._folder, self._open_folder
        if before == self._folder:
            self._read_again()
        else:
            self._read()

    def _read(self) -> None:
        self._images, self._cases, self._cases_of, self.is_known = {}, {}, {}, False
        self.changed.emit()
        self._read_again()

    def _read_again(self) -> None:
        model = self._model
        if model is None:
            self._found.forget()
            return
        model_hash = model.model_hash

        def question(project: "Project") -> "tuple[str, SaidOfCases, dict[str, set[str]]]":
            from viewer.project.said.reading import said_of_cases

            found = said_of_cases(project, model_hash)
            cases_of: dict[str, set[str]] = {}
            for case_id, several in found.images.items():
                for image_id in several:
                    cases_of.setdefault(image_id, set()).add(case_id)
            return model_hash, found, cases_of

        self._found.ask(question)

    def _on_found(self, answer: "tuple[str, SaidOfCases, dict[str, set[str]]]") -> None:
        model_hash, found, cases_of = answer
        if self._model is None or model_hash != self._model.model_hash:
            return
        # What came while it was read is in it, or is looked at below.
        late = {image_id for image_id in self._cases_of if image_id not in cases_of}
        self._images, self._cases, self._cases_of = found.images, found.cases, cases_of
        self._later, self.is_known = dict(found.later), True
        self._look_at(late, tell=False)
        self.changed.emit()
        self.read.emit()

    def _on_work_changed(self, edit: "Edit") -> None:
        if self._model is None:
            return
        done = {one.case_id for one in edit.of(CaseStatusChange)}
        for case_id in done:
            self._later.pop(case_id, None)  # it is completed anew, with every label there is
        images = {*edit.worked_on, *(one for case_id in done for one in self._images.get(case_id, ()))}
        answered = [image_id for image_id in images if image_id in self._cases_of]
        held = self._session.at_hand.images
        if edit.has(LabelChange) or len(answered) > MOST_IMAGES or not all(map(held.known, answered)):
            self._read_again()
        else:
            self._look_at(answered)

    def _look_at(self, image_ids: Iterable[str], *, tell: bool = True) -> None:
        """What is at hand of these images may be another than what is known of them."""
        model, at_hand, new = self._model, self._session.at_hand, False
        if model is None:
            return
        for image_id in image_ids:
            several = [one for one in at_hand.work.predictions(image_id) if one.model_hash == model.model_hash]
            record = at_hand.images.find(image_id)
            if not several or record is None or not several[-1].rule.remembered:
                continue
            cases = self._cases_of.setdefault(image_id, set())
            cases.add(record.case_id)
            for case_id in cases:
                new = self._take(case_id, image_id, several[-1]) or new
        if new and tell:
            self.changed.emit()

    def _take(self, case_id: str, image_id: str, answer: "Prediction") -> bool:
        """Know one answer from now on; whether that is something else."""
        from viewer.project.said.short import labelled_by, short_of_prediction, together

        at_hand = self._session.at_hand
        answer = as_called(answer, self._called)
        case, work = at_hand.cases.at_hand(case_id), at_hand.work
        done = at_hand.cases.has(case_id) and at_hand.cases.get(case_id).status.is_done
        labelled = labelled_by(
            answer.rule, answer.rule.labels, work.image_labels(image_id),
            {one.label for one in work.annotations(image_id)},
            looked_at=done and not (case is not None and case.on_planes), later=self._later.get(case_id, ()),
        )  # fmt: skip
        known, short = self._images.setdefault(case_id, {}), short_of_prediction(answer, labelled)
        if known.get(image_id) == short:
            return False
        known[image_id] = short
        whole = together(known.values())
        if whole is not None:
            self._cases[case_id] = whole
        return True
