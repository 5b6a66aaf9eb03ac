"""The one way to change work: gestures go through the project's journal on the one writer thread.

A gesture is handed to the writer, and the window goes on: what was drawn stands as it was until the commit is told
(about 4 ms on a quiet disk). The next gesture comes after it, since one that was made from the state before would not
fit: `wait` leaves what a person does in its queue while the window paints on. A commit that fails blocks drawing until
it is mended, and nothing after it is accepted; a gesture that does not fit is refused, and blocks nothing.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from viewer.core.edits import Edit
from viewer.core.errors import AppError, BadRequest, NotFound
from viewer.ui.state.coming import when_done

if TYPE_CHECKING:
    from viewer.project.at_hand.values import Fresh
    from viewer.project.project import Project
    from viewer.ui.state.keeping import Keeping
    from viewer.ui.state.worker import Worker

log = logging.getLogger(__name__)
FEW_CHANGES = 500  # these are let go where they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """What follows a gesture: kept once it is kept and told; refused, given the error, where it does not fit what is
    there; None announces it."""

    kept: Callable[[], None]
    refused: Callable[[AppError], None] | None = None


class EditGate(QObject):
    """Lets one gesture at a time through to the journal."""

    committed = Signal(object)  # Edit that was done, undone or redone
    refused = Signal(str)  # sentence
    blocked_changed = Signal()
    told = Signal()  # the gesture that was pending is kept, refused or blocked, and everything follows it
    _written = Signal(object)  # Future

    def __init__(self, worker: "Worker", keeping: "Keeping", parent: QObject) -> None:
        super().__init__(parent)
        self._worker, self._keeping = worker, keeping
        self._pending: Future[Any] | None = None
        self._then: Then | None = None  # what is done once the pending gesture is kept
        self._action: Callable[[], Edit | None] | None = None
        self.project: Project | None = None
        self.blocked = False
        self.stepping = False  # what is told is a gesture that was taken back, or done again
        self._written.connect(self._on_written, Qt.ConnectionType.QueuedConnection)

    def do(self, edit: Edit, prepare: Callable[[Edit], Edit], *, then: Then | None = None) -> bool:
        """Keep an edit; returns whether it goes to the writer.

        prepare: runs first, on the writer thread (the image's row, the case that begins). then: called once it is kept
        and told, or refused.
        """
        project = self.project
        if project is None:
            self.refused.emit("The project is still being opened. Draw again in a moment.")
            return False

        return self.make(lambda: prepare(edit), then=then)

    def make(self, maker: Callable[[], Edit], *, then: Then | None = None) -> bool:
        """Keep the edit that `maker` gives, on the writer thread: one that has to read what it changes."""
        project = self.project
        return project is not None and self._submit(lambda: project.history.do(maker()), then)

    def undo(self, *, then: Then | None = None) -> bool:
        """Take back the last gesture."""
        project = self.project
        return project is not None and self._submit(project.history.undo, then)

    def redo(self, *, then: Then | None = None) -> bool:
        """Do again what was taken back."""
        project = self.project
        return project is not None and self._submit(project.history.redo, then)

    def retry(self) -> bool:
        """Try the gesture again whose commit failed."""
        action = self._action
        if not self.blocked or action is None:
            return False
        self.blocked = False
        kept = self._submit(action)
        self.blocked_changed.emit()
        return kept

    @property
    def is_pending(self) -> bool:
        """Whether a gesture was not yet told to be kept, or refused."""
        return self._pending is not None

    @property
    def are_passing(self) -> bool:
        """Whether anything is being written, was written and not told yet, or what it was made of is still let go."""
        return self._worker.is_writing or self.is_pending or self._worker.is_discarding

    def wait(self) -> None:
        """Come after what is being written. Whatever makes an edit from what is there begins with this."""
        while (pending := self._pending) is not None:
            with suppress(Exception):  # `_finish` says it
                when_done(pending)
            self._on_written(pending)  # unless that was told meanwhile

    def _submit(self, action: Callable[[], Edit | None], then: Then | None = None) -> bool:
        project = self.project
        if project is None:
            return False
        if project.read_only:
            self.refused.emit(f"{project.name or 'This project'} is open for reading only, so nothing is kept.")
            return False
        self.wait()
        if self.blocked:
            self.refused.emit("The last gesture could not be kept. Mend the disk, then choose Edit, Try again.")
            return False
        keeping, history = self._keeping, project.history
        self.stepping = action in (history.undo, history.redo)

        def write() -> "tuple[Edit, Fresh | None] | None":
            with keeping.telling(project):
                edit = action()
            if edit is None:
                return None
            edit.sort()  # here, however many changes it holds
            return edit, keeping.read_after(project, edit)

        self._action = action
        keeping.expect()
        future = self._worker.start_write(write)
        self._pending, self._then = future, then
        future.add_done_callback(self._written.emit)
        return True

    @Slot(object)
    def _on_written(self, future: "Future[Any]") -> None:
        if future is self._pending:
            self._finish(future)

    def _finish(self, future: "Future[Any]") -> bool:
        try:
            return self._end(future)
        finally:
            self._keeping.expect_no_more()
            self._discard(future)
            self.told.emit()

    def _discard(self, future: "Future[Any]") -> None:
        """What an edit of many changes was made of is let go by another thread, once nobody here looks at it."""
        written = future.result() if future.exception() is None else None
        if written is not None and len(written[0].changes) > FEW_CHANGES:
            self._worker.discard(list(written[0].changes))

    def _end(self, future: "Future[Any]") -> bool:
        self._pending, then, self._then = None, self._then, None
        try:
            found = future.result()
            self._action = None  # it holds the image it was drawn on, whose study may be closed
        except (BadRequest, NotFound) as error:  # the disk is sound; the gesture does not fit what is there
            self._action = None
            if then is not None and then.refused is not None:
                then.refused(error)
            else:
                self.refused.emit(str(error))
            return False
        except AppError as error:
            self._block(str(error))
            return False
        except Exception as error:
            log.exception("A gesture could not be kept")
            self._block(
                f"The gesture could not be kept ({type(error).__name__}). Drawing is off; details are in the log."
            )
            return False
        if found is not None:
            edit, fresh = found
            if fresh is None:
                self._keeping.follow()
            else:
                self._keeping.take(fresh)
            self.committed.emit(edit)
            if then is not None:
                then.kept()
        return True

    def _block(self, sentence: str) -> None:
        self.blocked = True
        self.blocked_changed.emit()
        self.refused.emit(sentence)
