"""Undo and redo: nothing changes on an image that nobody sees, so it is shown first."""

from typing import TYPE_CHECKING

from viewer.core.errors import NotFound
from viewer.ui.state.announcing import announce_until

if TYPE_CHECKING:
    from viewer.project.at_hand.values import Step
    from viewer.ui.flows.case_walk import CaseWalk
    from viewer.ui.flows.opening import Opening
    from viewer.ui.state.session import Session
    from viewer.ui.state.shown import ShownImage


class UndoRedo:
    """One step back or forward in the journal of the open project."""

    def __init__(self, session: "Session", opening: "Opening", cases: "CaseWalk") -> None:
        self._session, self._opening, self._cases = session, opening, cases
        self._asked: tuple[str, str, str] | None = None  # the step whose image was asked for last

    @property
    def undo_text(self) -> str:
        """What the menu says after "Undo": the gesture, and its film where that is not the one on the screen."""
        return self._named(self._session.at_hand.undo_step)

    @property
    def redo_text(self) -> str:
        """What the menu says after "Redo"."""
        return self._named(self._session.at_hand.redo_step)

    def _named(self, step: "Step") -> str:
        text, image_id, opening = step.text, step.image_id, self._opening
        film = opening.film_of(image_id)
        if not film:  # of no image, or of one that is not in the project any more
            return text
        shown = self._on_screen()
        if any(one.image_id == image_id for one in shown):
            return text
        case_id = opening.case_of(image_id)
        if any(opening.case_of(one.image_id) == case_id for one in shown):
            return text if step.cases else f"{text} on another image of this case"
        return f"{text} on another film" if self._session.names_hidden else f"{text} on {film}"

    def undo(self) -> None:
        """Take back the last gesture, or show its image first."""
        session = self._session
        session.edits.wait()
        if self._may_go(session.at_hand.undo_step, "Ctrl+Z", "takes it back"):
            session.edits.undo()

    def redo(self) -> None:
        """Do again what was taken back, or show its image first."""
        session = self._session
        session.edits.wait()
        if self._may_go(session.at_hand.redo_step, "Ctrl+Y", "does it again"):
            session.edits.redo()

    def _may_go(self, step: "Step", key: str, does: str) -> bool:
        """Whether there is a step, and its image is on the screen or cannot be."""
        return bool(step.text) and not self._shows_first(step, key, does)

    def _shows_first(self, step: "Step", key: str, does: str) -> bool:
        """Show the image of a step that is not on the screen. False where it is, or where it cannot be shown."""
        text, image_id = step.text, step.image_id
        asked = (key, text, image_id or "")
        again, self._asked = self._asked == asked, None
        if image_id is None or self._is_on_screen(step) or (again and self._cannot_be_shown()):
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

    def _is_on_screen(self, step: "Step") -> bool:
        """A case that is completed or opened again is seen at any of its images."""
        shown = self._on_screen()
        if any(one.image_id == step.image_id for one in shown):
            return True
        return any(self._opening.case_of(one.image_id) in step.cases for one in shown)

    def _on_screen(self) -> "list[ShownImage]":
        cells = self._session.cells
        return [cell.shown for cell in cells if cell.shown is not None and not cell.isHidden()]

    def _cannot_be_shown(self) -> bool:
        cell = self._session.active_cell
        wanted = None if cell is None else cell.wanted
        return wanted is None or self._session.frames.problem(wanted) is not None
