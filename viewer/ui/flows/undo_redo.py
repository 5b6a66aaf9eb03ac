"""Undo and redo: nothing changes on an image that nobody sees, so it is shown first."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from viewer.core.edits import Edit, ImagesChange
from viewer.core.errors import NotFound
from viewer.ui.state.announcing import announce_until, say_over
from viewer.ui.state.edit_gate import Then
from viewer.ui.state.step_names import is_on_screen, step_about, step_name

if TYPE_CHECKING:
    from viewer.project.at_hand.values import Step
    from viewer.ui.flows.cases.walk import CaseWalk
    from viewer.ui.state.session import Session


class UndoRedo:
    """One step back or forward in the journal of the open project."""

    def __init__(self, session: "Session", cases: "CaseWalk") -> None:
        self._session, self._cases = session, cases
        self._asked: tuple[str, str, str] | None = None  # the step whose image was asked for last

    @property
    def undo_text(self) -> str:
        """What the menu says after "Undo": the gesture, and its film or case where that is not on the screen."""
        return step_name(self._session, self._session.at_hand.undo_step)

    @property
    def redo_text(self) -> str:
        """What the menu says after "Redo"."""
        return step_name(self._session, self._session.at_hand.redo_step)

    def undo(self) -> None:
        """Take back the last gesture, or show its image first."""
        session = self._session
        session.edits.wait()
        step = session.at_hand.undo_step
        if self._may_go(step, "Ctrl+Z", "takes it back"):
            session.edits.undo(then=self._then_shown(step, "Taken back"))

    def redo(self) -> None:
        """Do again what was taken back, or show its image first."""
        session = self._session
        session.edits.wait()
        step = session.at_hand.redo_step
        if self._may_go(step, "Ctrl+Y", "does it again"):
            session.edits.redo(then=self._then_shown(step, "Done again"))

    def _may_go(self, step: "Step", key: str, does: str) -> bool:
        """Whether there is a step, and what it draws is on the screen or cannot be. A case's status draws nothing."""
        return bool(step.text) and (bool(step.cases) or not self._shows_first(step, key, does))

    def _then_shown(self, step: "Step", done: str) -> Then | None:
        """A case whose status was changed elsewhere is shown in the same press, and said; of several, how many."""
        session = self._session
        words = f"{done}: {step_name(session, step)}."
        if step.image_id is None and not step.cases:  # of the project, or of more than one image: nothing else says it
            return self._then_said(words)
        if not step.cases or is_on_screen(session, step):
            return None

        def show() -> bool:
            if step.image_id is None or len(step.cases) > 1:
                return False
            try:
                self._show(step.image_id)
            except NotFound:
                return False  # its row in the list says what it is now
            return True

        return Then(kept=lambda: say_over(session, words, show))

    def _then_said(self, words: str) -> Then:
        """It is said; and of images that come back into the project the first is shown, as it was left."""
        session = self._session
        back: list[str] = []

        def on_changed(edit: Edit) -> None:
            back.extend(one for change in edit.of(ImagesChange) if change.after for one in change.image_ids)

        def show() -> bool:
            shown = session.shown
            if not back or (shown is not None and shown.image_id in back):
                return False
            self._show(back[0])  # on its way where it is not at hand yet
            return True

        session.work_changed.connect(on_changed, Qt.ConnectionType.SingleShotConnection)
        return Then(kept=lambda: say_over(session, words, show))

    def _shows_first(self, step: "Step", key: str, does: str) -> bool:
        """Show the image of a step that is not on the screen. False where it is, or where it cannot be shown."""
        text, image_id = step.text, step.image_id
        asked = (key, text, image_id or "")
        again, self._asked = self._asked == asked, None
        if image_id is None or is_on_screen(self._session, step) or (again and self._cannot_be_shown()):
            return False
        self._asked = asked
        session = self._session
        about = step_about(session, step)
        try:
            self._show(image_id)
        except NotFound:
            if again:
                return False
            words = f"“{text}” is on {about or 'an image'}, which cannot be found. {key} again {does} all the same."
            announce_until(session, "warn", words, session.image_shown, session.work_changed)
            return True
        words = f"“{text}” is on {about or 'this image'}, which is shown first. {key} again {does}."
        announce_until(session, "info", words, session.work_changed, session.project_opened)
        return True

    def _show(self, image_id: str) -> None:
        self._session.views_asked.emit()
        self._cases.show_image(image_id)

    def _cannot_be_shown(self) -> bool:
        cell = self._session.active_cell
        wanted = None if cell is None else cell.wanted
        return wanted is None or self._session.frames.problem(wanted) is not None
