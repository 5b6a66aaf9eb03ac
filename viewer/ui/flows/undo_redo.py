"""Undo and redo: nothing changes on an image that nobody sees, so it is shown first."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from viewer.core.edits import CaseStatusChange, Edit
from viewer.core.errors import NotFound
from viewer.ui.state.announcing import announce_until

if TYPE_CHECKING:
    from viewer.project.history import History
    from viewer.ui.flows.case_walk import CaseWalk
    from viewer.ui.flows.opening import Opening
    from viewer.ui.state.session import Session
    from viewer.ui.state.shown import ShownImage

Step = tuple[str, str | None]  # its text, and the image it is about
NO_STEP: Step = ("", None)
OF_A_CASE = "set case "  # how the text of a case's status begins, which is seen at any of its images


class UndoRedo:
    """One step back or forward in the journal of the open project."""

    def __init__(self, session: "Session", opening: "Opening", cases: "CaseWalk") -> None:
        self._session, self._opening, self._cases = session, opening, cases
        self._asked: tuple[str, str, str] | None = None  # the step whose image was asked for last
        self._next: tuple[Step, Step] = (NO_STEP, NO_STEP)  # back and forward, as every key press asks for them

    def read(self, history: "History") -> None:
        """Keep at hand what can be taken back and done again now."""
        self._next = (history.undo_step, history.redo_step)

    @property
    def undo_text(self) -> str:
        """What the menu says after "Undo": the gesture, and its film where that is not the one on the screen."""
        return self._named(*self._next[0])

    @property
    def redo_text(self) -> str:
        """What the menu says after "Redo"."""
        return self._named(*self._next[1])

    def _named(self, text: str, image_id: str | None) -> str:
        opening = self._opening
        film = opening.film_of(image_id)
        if not film:  # of no image, or of one that is not in the project any more
            return text
        shown = self._on_screen()
        if any(one.image_id == image_id for one in shown):
            return text
        case_id = opening.case_of(image_id)
        if any(opening.case_of(one.image_id) == case_id for one in shown):
            return text if text.startswith(OF_A_CASE) else f"{text} on another image of this case"
        return f"{text} on another film" if self._session.names_hidden else f"{text} on {film}"

    def undo(self) -> None:
        """Take back the last gesture, or show its image first."""
        history = self._settled_history()
        if history is not None and self._may_go(history.undo_step, history.next_undo, "Ctrl+Z", "takes it back"):
            self._session.edits.undo()

    def redo(self) -> None:
        """Do again what was taken back, or show its image first."""
        history = self._settled_history()
        if history is not None and self._may_go(history.redo_step, history.next_redo, "Ctrl+Y", "does it again"):
            self._session.edits.redo()

    def _settled_history(self) -> "History | None":
        """The journal of the open project, with nothing being written to it."""
        self._session.edits.wait()
        return None if self._session.project is None else self._session.project.history

    def _may_go(self, step: Step, whole: Callable[[], Edit | None], key: str, does: str) -> bool:
        """Whether there is a step, and its image is on the screen or cannot be."""
        return step != NO_STEP and not self._shows_first(step, whole, key, does)

    def _shows_first(self, step: Step, whole: Callable[[], Edit | None], key: str, does: str) -> bool:
        """Show the image of a step that is not on the screen. False where it is, or where it cannot be shown.

        whole: reads the edit itself, which of an import takes as long as the import was large.
        """
        text, image_id = step
        asked = (key, text, image_id or "")
        again, self._asked = self._asked == asked, None
        if image_id is None or self._is_on_screen(text, image_id, whole) or (again and self._cannot_be_shown()):
            return False
        self._asked = asked
        session = self._session
        try:
            self._cases.show_image(image_id)
        except NotFound:
            if again:
                return False
            words = f"“{text}” is on an image that cannot be found. {key} again {does} all the same."
            announce_until(session, "warn", words, session.image_shown, session.work_changed)
            return True
        words = f"“{text}” is on this image. {key} again {does}."
        announce_until(session, "info", words, session.work_changed, session.project_opened)
        return True

    def _is_on_screen(self, text: str, image_id: str, whole: Callable[[], Edit | None]) -> bool:
        shown = self._on_screen()
        if any(one.image_id == image_id for one in shown):
            return True
        edit = whole() if text.startswith(OF_A_CASE) else None
        if edit is None:
            return False
        # A case that is completed or opened again is seen at any of its images.
        cases = {change.case_id for change in edit.changes if isinstance(change, CaseStatusChange)}
        return len(cases) == len(edit.changes) and any(self._opening.case_of(one.image_id) in cases for one in shown)

    def _on_screen(self) -> "list[ShownImage]":
        cells = self._session.cells
        return [cell.shown for cell in cells if cell.shown is not None and not cell.isHidden()]

    def _cannot_be_shown(self) -> bool:
        cell = self._session.active_cell
        wanted = None if cell is None else cell.wanted
        return wanted is None or self._session.frames.problem(wanted) is not None
