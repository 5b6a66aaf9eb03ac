"""Which cases of the open project one model has answered: the list of cases shows it in Review."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.core.text.counting import counted
from viewer.ui.state.latest import Latest

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.project.records import CaseRow
    from viewer.ui.state.session import Session


class AnsweredCases(QObject):
    """Reads once what a model has answered, and follows what it answers from then on."""

    changed = Signal()

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self._model_hash = self._title = ""
        self._images: dict[str, set[str]] = {}  # by case
        self._found = Latest(session, self._on_found, self)
        session.project_opened.connect(lambda _: self._read())
        session.work_arrived.connect(self._on_arrived)

    def follow(self, model_hash: str, title: str) -> None:
        """Tell of this model from now on; "" of none. title: what people call it."""
        if (model_hash, title) != (self._model_hash, self._title):
            self._model_hash, self._title = model_hash, title
            self._read()

    def count(self, case_id: str) -> int:
        """How many images of a case it has answered."""
        return len(self._images.get(case_id, ()))

    def left(self, row: "CaseRow") -> int:
        """How many images of a case it has not answered."""
        return max(0, row.images - self.count(row.case_id))

    def words(self, row: "CaseRow") -> str:
        """In a tool tip: "Squares · 1a2b has answered 2 of its 3 images."; "" where it has answered none."""
        count = self.count(row.case_id)
        if not count:
            return ""
        if self.left(row):
            return f"{self._title} has answered {count} of its {counted(row.images, 'image')}."
        return f"{self._title} has answered {'it' if row.images == 1 else 'all its images'}."

    def _read(self) -> None:
        self._images = {}
        self.changed.emit()
        model_hash = self._model_hash
        if not model_hash:
            self._found.forget()
            return

        def question(project: "Project") -> "tuple[str, dict[str, set[str]]]":
            from viewer.project.lists.answered import answered_images

            return model_hash, answered_images(project, model_hash)

        self._found.ask(question)

    def _on_found(self, found: "tuple[str, dict[str, set[str]]]") -> None:
        model_hash, images = found
        if model_hash == self._model_hash:
            for case_id, several in images.items():
                self._images.setdefault(case_id, set()).update(several)
            self.changed.emit()

    def _on_arrived(self, image_ids: frozenset[str], _case_ids: frozenset[str]) -> None:
        at_hand, new = self._session.at_hand, False
        for image_id in image_ids if self._model_hash else ():
            record = at_hand.images.find(image_id)
            answers = at_hand.work.predictions(image_id)
            if record is not None and any(one.model_hash == self._model_hash for one in answers):
                known = self._images.setdefault(record.case_id, set())
                new = new or image_id not in known
                known.add(image_id)
        if new:
            self.changed.emit()
