"""Pictures of the open project that are not where they were: how many, and the way back to them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event as Stop
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.core.text.counting import counted
from viewer.ui.state.announcing import announce_until
from viewer.ui.state.latest import Latest

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.project.relinking import RelinkPlan
    from viewer.ui.flows.cases.walk import CaseWalk
    from viewer.ui.state.session import Session


class Relinking(QObject):
    """Counts the missing pictures once a project is open, searches folders for them, and takes what was found."""

    changed = Signal()  # how many are missing is known, or another number

    def __init__(self, session: "Session", cases: "CaseWalk") -> None:
        super().__init__(session)
        self._session, self._cases = session, cases
        self._looked_in: Project | None = None
        self._counts = Latest(session, self._on_counted, self)
        self.missing = self.total = 0
        session.project_opened.connect(self._on_project_opened)

    @property
    def sentence(self) -> str:
        """What the list of cases says; "" where every picture is in its place."""
        if not self.missing:
            return ""
        are = "is" if self.missing == 1 else "are"
        return f"{self.missing} of {counted(self.total, 'picture')} {are} not where they were."

    @property
    def may_find(self) -> bool:
        """Whether what is found can be written down."""
        project = self._session.project
        return bool(self.missing) and project is not None and not project.read_only

    def look(self) -> None:
        """Count anew; the disk is asked for each picture, on a thread that may wait."""
        self._counts.ask(_counted)

    def search(
        self,
        folders: Sequence[Path],
        done: "Callable[[RelinkPlan], None]",
        failed: Callable[[Exception], None],
        *,
        progress: Callable[[int, int], None],
        stop: Stop,
    ) -> None:
        """Look for the missing pictures in folders. progress: called on the worker's thread; stop: ends the search."""
        project, worker = self._session.project, self._session.worker
        if project is None:
            return

        def work() -> "RelinkPlan":
            from viewer.project.relinking import look_for

            def cancelled() -> bool:
                return stop.is_set() or worker.closing()

            return look_for(project, folders, progress=progress, cancelled=cancelled)

        self._session.run_in_background(work, done, failed)

    def take(self, plan: "RelinkPlan") -> None:
        """Say where the found pictures lie from now on; views and lists follow."""
        session, project = self._session, self._session.project
        if project is None:
            return

        def work() -> int:
            from viewer.project.relinking import relink

            return relink(project, plan)

        def done(count: int) -> None:
            sentence = f"{counted(count, 'picture')} found again; labels and cases stayed as they were."

            def told() -> None:
                announce_until(session, "info", sentence, session.project_opened, session.work_changed)
                if session.shown is None:  # what was to be shown could not be read
                    self._cases.restore_place()

            session.keeping.follow(told)
            self.look()

        session.run_in_background(work, done, session.announce_failure)

    def _on_project_opened(self, project: "Project | None") -> None:
        if project is self._looked_in:
            return  # it holds other images; their files were just read
        self._looked_in = project
        self._on_counted((0, 0))
        if project is not None:
            self.look()

    def _on_counted(self, counts: tuple[int, int]) -> None:
        if counts != (self.missing, self.total):
            self.missing, self.total = counts
            self.changed.emit()


def _counted(project: "Project") -> tuple[int, int]:
    from viewer.project.relinking import count_missing

    return count_missing(project)
