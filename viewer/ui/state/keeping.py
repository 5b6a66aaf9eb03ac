"""What of the open project is at hand: read on threads that may wait, looked at by the window, never read by it.

An edit's writer reads what the edit changed, and the window takes it over together with the edit. What is to be shown
is read beside its pixels, or when its case is opened.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from viewer.core.edits import Edit
from viewer.core.errors import AppError

if TYPE_CHECKING:
    from viewer.core.shapes.annotations import Prediction
    from viewer.project.at_hand.values import AtHand, Fresh
    from viewer.project.project import Project
    from viewer.ui.state.worker import Worker

log = logging.getLogger(__name__)
MOST_IMAGES = 1024  # kept beside those of the cases that are open: a series that is scrolled through
MOST_CASES = 8
LOOK_MS = 2_000  # between two looks at a project that somebody else writes to


class Keeping(QObject):
    """Keeps `at_hand` true. on_screen: ids of the images that are shown.

    arrived: image ids and case ids that are at hand now and were not, or are others.
    """

    arrived = Signal(object, object)  # frozenset of image ids, frozenset of case ids
    changed = Signal()  # somebody else has changed more than a model's answers
    failed = Signal(object)  # Exception: something could not be read
    _written = Signal(object)  # Project
    _read = Signal(object, object, object)  # Project, Fresh, what to do then

    def __init__(self, worker: "Worker", parent: QObject, *, on_screen: Callable[[], list[str]]) -> None:
        super().__init__(parent)
        self._worker, self._on_screen = worker, on_screen
        self._project: Project | None = None
        self._cases: dict[str, None] = {}  # that were opened, the newest last
        self._near: frozenset[str] = frozenset()  # cases that are likely to be opened next
        self._listed: tuple[str, ...] = ()
        self._asked: set[str] = set()  # images and cases that are on their way
        self.at_hand: AtHand = _nothing()
        self._own_writes = 0
        self._telling: dict[int, bool] = {}  # threads that tell what they commit, and whether they have committed
        self._unseen = False  # something was committed since it was last looked
        self._to_follow = QTimer(self, singleShot=True)
        self._to_follow.timeout.connect(self.follow)
        self._to_look = QTimer(self, interval=LOOK_MS)
        self._to_look.timeout.connect(self.follow)
        self._written.connect(self._on_written, Qt.ConnectionType.QueuedConnection)
        self._read.connect(self._on_read, Qt.ConnectionType.QueuedConnection)

    def use(self, project: "Project | None", fresh: "Fresh | None" = None) -> None:
        """Look at another project, of which `fresh` was read; nothing of the one before stays."""
        if project is not None and project is not self._project:
            project.database.committed.connect(lambda _: self._tell_written(project))
        if project is not None and project.read_only:
            self._to_look.start()
        else:
            self._to_look.stop()
        self._project, self._asked, self._cases, self._listed = project, set(), {}, ()
        self._near = frozenset()
        self.at_hand = _nothing() if project is None or fresh is None else _nothing(project.author).taking(fresh)

    # On the window's thread

    def bring(
        self, image_ids: Iterable[str] = (), case_ids: Iterable[str] = (), then: Callable[[], None] | None = None
    ) -> None:
        """Have images and cases at hand; `arrived` follows, and then is called. What is there already is not read."""
        at_hand = self.at_hand
        images = [one for one in image_ids if one not in at_hand.held and (then or one not in self._asked)]
        cases = [one for one in case_ids if one not in at_hand.cases.open and (then or one not in self._asked)]
        project = self._project
        if project is None or not (images or cases):
            if then is not None:
                then()
            return
        self._asked |= {*images, *cases}

        def read() -> "Fresh":
            from viewer.project.at_hand.reading import read_some

            return read_some(project, images, cases)

        self._start(project, read, then)

    def follow(self, then: Callable[[], None] | None = None) -> None:
        """Read what has changed: something else than an edit of this window may have changed the project.

        `changed` follows where more than a model's answers came.
        """
        self._unseen = False
        project = self._project
        if project is None:
            return

        def read() -> "Fresh | None":
            from viewer.project.at_hand.reading import read_changes

            return read_changes(project, self.at_hand)

        self._start(project, read, then)

    def bring_listed(self, image_ids: Sequence[str]) -> None:
        """Have the images of a list at hand, all of them and as long as no other list is: else each that came would
        push out another, which would be brought again."""
        self._listed = tuple(image_ids)
        self.bring(image_ids)

    def open_case(self, case_id: str, near: Iterable[str] = ()) -> None:
        """A case is looked at: it stays at hand while few others are opened, those near it until another is."""
        self._near = frozenset(near)
        self._cases.pop(case_id, None)
        self._cases[case_id] = None
        while len(self._cases) > MOST_CASES:
            self._cases.pop(next(iter(self._cases)))

    def expect(self) -> None:
        """An edit of this window is being written: what it changes comes with it."""
        self._own_writes += 1

    def expect_no_more(self) -> None:
        """It was written, or was not; what others have written meanwhile is followed now."""
        self._own_writes -= 1
        if self._unseen and not self._own_writes:
            self._to_follow.start(0)

    def take(self, fresh: "Fresh") -> None:
        """Look at what was read from now on."""
        self.at_hand = self.at_hand.taking(fresh)
        self._asked -= {*fresh.images, *fresh.cases}
        if fresh.touched or fresh.images or fresh.cases:
            self._read_stale()
        if fresh.images or fresh.cases:  # what is on the screen stays at hand
            wanted = [*fresh.images, *self._on_screen(), *self._listed]
            stay = self._cases.keys() | self._near | fresh.cases.keys()
            self.at_hand = self.at_hand.keeping(stay, wanted, MOST_IMAGES)

    def keep_prediction(self, prediction: "Prediction", then: Callable[[], None]) -> None:
        """Keep what a model answered, on the writer's thread; then is called once it is kept and at hand.

        The same model gives the same image the same answer, under the same id; what was decided on it stays.
        """
        project = self._project
        if project is None:
            return

        self._write(project, lambda: project.predictions.keep(prediction), [prediction.image_id], then)

    def keep_objects(self, write: Callable[[], None], image_ids: Sequence[str], then: Callable[[], None]) -> None:
        """Keep which proposals on these images are one thing, on the writer's thread; then as `keep_prediction`."""
        project = self._project
        if project is None:
            return

        self._write(project, write, image_ids, then)

    def _write(
        self, project: "Project", write: Callable[[], None], image_ids: Sequence[str], then: Callable[[], None]
    ) -> None:
        def keep() -> "Fresh":
            from viewer.project.at_hand.reading import read_changes, read_some

            with self.telling(project):
                write()
                # Of images that are in no project nothing was written that could be followed.
                return read_changes(project, self.at_hand) or read_some(project, image_ids)

        self._worker.start_write(keep, self._teller(project, then))

    def _read_stale(self) -> None:
        """What was on its way while it changed is read once more."""
        images, cases = self.at_hand.stale
        project = self._project
        if project is not None and (images or cases):

            def read() -> "Fresh":
                from viewer.project.at_hand.reading import read_some

                return read_some(project, images, cases)

            self._start(project, read, None)

    # On threads that may wait

    @contextmanager
    def telling(self, project: "Project") -> Iterator[None]:
        """What this thread commits within it reads and tells itself, so nobody else reads for it; unless it fails."""
        here = threading.get_ident()
        self._telling[here] = False
        ended = False
        try:
            yield
            ended = True
        finally:
            if self._telling.pop(here) and not ended:
                self._tell_written(project)

    def read_after(self, project: "Project", edit: Edit) -> "Fresh | None":
        """What an edit has changed, on the thread that wrote it; None where that could not be read."""
        from viewer.project.at_hand.reading import read_changes

        try:
            return read_changes(project, self.at_hand, edit)
        except AppError as error:
            log.warning("What an edit has changed could not be read: %s", error)
            return None

    def read_beside(self, project: "Project", image_id: str) -> "Fresh | None":
        """What is on an image whose pixels were just read, on the thread that read them; None where it could not be
        read: the image can be seen all the same."""
        from viewer.project.at_hand.reading import read_some

        try:
            return read_some(project, [image_id])
        except AppError as error:
            log.warning("What is on an image could not be read: %s", error)
            return None

    def _tell_written(self, project: "Project") -> None:
        """Something was committed, on this thread or another, that is to be followed."""
        here = threading.get_ident()
        if here in self._telling:
            self._telling[here] = True
        elif not self._worker.closing():
            self._written.emit(project)

    @Slot(object)
    def _on_written(self, project: "Project") -> None:
        self._unseen = self._unseen or project is self._project
        if self._unseen and not self._own_writes and not self._to_follow.isActive():
            self._to_follow.start(0)  # once for what was written together

    def _start(self, project: "Project", read: "Callable[[], Fresh | None]", then: Callable[[], None] | None) -> None:
        self._worker.start_read(read, self._teller(project, then))

    def _teller(
        self, project: "Project", then: Callable[[], None] | None
    ) -> "Callable[[Future[Fresh | None]], None]":  # fmt: skip
        """What brings the end of a reading or writing to the window's thread."""

        def told(done: "Future[Fresh | None]") -> None:
            if done.cancelled():
                return
            error = done.exception()
            if error is None:
                self._tell(project, done.result(), then)
            else:
                self._tell(project, error, then)

        return told

    def _tell(self, project: "Project", found: object, then: Callable[[], None] | None = None) -> None:
        if not self._worker.closing():
            self._read.emit(project, found, then)

    @Slot(object, object, object)
    def _on_read(self, project: "Project", found: object, then: "Callable[[], None] | None") -> None:
        if project is not self._project:  # another one was opened meanwhile
            return
        if isinstance(found, Exception):
            log.warning("What is at hand could not be read", exc_info=found)
            self._asked.clear()  # it may be asked for again
            self.failed.emit(found)
            return
        if found is not None:
            fresh: Fresh = found  # type: ignore[assignment]  # what `_tell` was given
            is_new = fresh.as_of > self.at_hand.as_of
            self.take(fresh)
            if fresh.images or fresh.cases:
                self.arrived.emit(frozenset(fresh.images), frozenset(fresh.cases))
            if is_new and fresh.of_more_than_answers:
                self.changed.emit()
        if then is not None:
            then()


def _nothing(author: str = "") -> "AtHand":
    from viewer.project.at_hand.values import AtHand

    return AtHand(author=author)
