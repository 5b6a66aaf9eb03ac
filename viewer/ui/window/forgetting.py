"""Forgetting what was opened: asked once, since nothing brings it back; the studies and every project stay."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from viewer.reading.forgetting import Forgotten
    from viewer.reading.scan import Study
    from viewer.ui.flows.desk import Desk

KEPT = "The files themselves stay where they are, and every project keeps what was annotated. This cannot be undone."
OF_STUDY = (
    "What this program keeps of {what} on this computer is removed: its headers, what was unpacked of it, its small "
    "picture, its entry on the welcome page and its last place."
)
OF_ALL = (
    "Every study is closed, and what this program keeps of any of them on this computer is removed: headers, unpacked "
    "archives, small pictures, the list of what was opened, last places and the logs."
)


class Forgetting(QObject):
    """The two commands, and the one of the list of studies."""

    forgotten = Signal()

    def __init__(self, session: "Desk", parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._parent = session, parent

    def forget_shown(self) -> None:
        """Forget the study that the active view shows."""
        self._forget(self._session.closing.shown_studies())

    def forget_row(self) -> None:
        """Forget the study, or every study of the patient, that is chosen in the list."""
        self._forget(self._session.closing.row_studies())

    def forget_everything(self) -> None:
        """Forget every study."""
        session = self._session
        if not self._asked("Forget everything?", OF_ALL):
            return
        if session.closing.studies():
            session.closing.close_all()
        if session.closing.studies() or session.opening.scanning:
            return  # it was said why not
        place = session.settings.file

        def work() -> "Forgotten":
            from viewer.reading.forgetting import forget_everything

            return forget_everything(settings=place)

        self._run(work)

    def _forget(self, studies: "list[Study]") -> None:
        session = self._session
        ids = [series.series_id for study in studies for series in study.series]
        roots = session.opening.places.roots_of(ids)
        if not roots:
            return
        what = "the chosen study" if session.names_hidden else ", ".join(map(str, roots))
        if not self._asked("Forget this study?", OF_STUDY.format(what=what)):
            return
        session.closing.close_studies(studies)
        if any(one is study for one in session.closing.studies() for study in studies):
            return  # it was said why not
        place = session.settings.file

        def work() -> "Forgotten":
            from viewer.reading.forgetting import forget_studies

            return forget_studies([Path(root) for root in roots], settings=place)

        self._run(work)

    def _asked(self, title: str, words: str) -> bool:
        from viewer.ui.dialogs.forget import ForgetDialog

        return bool(ForgetDialog(self._session, title, f"{words}\n\n{KEPT}", self._parent).exec())

    def _run(self, work: "Callable[[], Forgotten]") -> None:
        session = self._session

        def done(forgotten: "Forgotten") -> None:
            session.settings.reload()
            self.forgotten.emit()
            session.said.emit(f"Forgotten: {forgotten.words}.")

        session.run_in_background(work, done, session.announce_failure)
