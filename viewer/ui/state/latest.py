"""A question to the database whose last answer alone counts, such as how often each label is drawn."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.ui.state.session import Session


class Latest(QObject):
    """Asks on a thread that may wait, one question at a time: what is asked meanwhile is asked once more afterwards.

    done: given the answer on the window's thread; never one of a project that is open no more.
    """

    def __init__(self, session: "Session", done: Callable[[Any], None], parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._done = session, done
        self._next: Callable[[Project], Any] | None = None
        self._busy = False

    def ask(self, question: "Callable[[Project], Any]") -> None:
        """Ask about the open project; a question that waits is replaced."""
        self._next = question
        self._go()

    def forget(self) -> None:
        """No answer is wanted any more."""
        self._next = None

    @property
    def waits(self) -> bool:
        """Whether an answer is on its way."""
        return self._busy

    def _go(self) -> None:
        project, question = self._session.project, self._next
        if self._busy or project is None or question is None:
            return
        self._next, self._busy = None, True

        def done(answer: Any) -> None:
            self._busy = False
            if self._next is None and project is self._session.project:
                self._done(answer)
            self._go()

        def failed(error: Exception) -> None:
            self._busy = False
            if project is self._session.project:  # else it was closed, and is asked no more
                self._session.announce_failure(error)
            self._go()

        self._session.run_in_background(lambda: question(project), done, failed, owner=self, at_rest=True)
