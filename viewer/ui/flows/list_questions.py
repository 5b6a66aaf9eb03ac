"""Asking a model about every case of a list, one image after the other, while the window goes on.

A question is the one that "Predict on this image" asks, and its answer is kept in the same way. What was answered stays
whenever it ends; nothing of the project's membership is another by it. Only one list is asked about at a time. It goes
on with its model whichever is chosen meanwhile, and ends with its project.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from viewer.core.errors import JobFailed, MissingExtra, OutsideDomain
from viewer.core.shapes.annotations import Prediction
from viewer.core.text.counting import counted
from viewer.ui.flows.asking_model import ask_model
from viewer.ui.flows.cases.listing import place_title
from viewer.ui.state.announcing import announce_until
from viewer.ui.state.asked_words import Outcome
from viewer.ui.state.worker import sentence_of

if TYPE_CHECKING:
    from pathlib import Path

    from viewer.project.records import ImageRecord
    from viewer.project.samples.stacks import Slice
    from viewer.reading.series import FrameRef
    from viewer.ui.flows.model_choices import ModelChoice
    from viewer.ui.flows.review import Review
    from viewer.ui.state.session import Session

ASKING_CASES = "asking_cases"  # a fact of the situation
ANOTHER_PROJECT = "its project is open no more"
BY_HAND = "what was answered stays"
MOST_FAILED = 3  # images in a row at which the model itself failed: it would fail at every one


@dataclass(slots=True, kw_only=True, eq=False)
class _Round:
    """One list that is asked about. waiting: the cases that are still to come. names: what each is called.

    Of the case that it is at: images, all of them; left, those that are still to be asked about; why: what is said of
    those that could not be. shown: every image so far; counted: whether that is told as an opening of a test part.
    """

    model: "ModelChoice"
    folder: "Path"
    again: bool
    waiting: deque[str]
    names: dict[str, str]
    outcome: Outcome
    case_id: str = ""
    images: "list[ImageRecord]" = field(default_factory=list)
    left: "deque[ImageRecord]" = field(default_factory=deque)
    to_ask: int = 0
    answered: int = 0
    seen: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    counted: bool = False
    why: list[str] = field(default_factory=list)
    failed_in_a_row: int = 0


class ListQuestions(QObject):
    """Which list of cases a model is being asked about, and how far that is."""

    changed = Signal()
    begun = Signal()
    ended = Signal()
    _answered = Signal(object, object, object)  # _Round, ImageRecord, answer; emitted on the reader thread

    def __init__(self, session: "Session", review: "Review") -> None:
        super().__init__(session)
        self._session, self._review = session, review
        self._round: _Round | None = None
        self._answered.connect(self._on_answered, Qt.ConnectionType.QueuedConnection)
        session.project_opened.connect(self._on_project_opened)
        session.keeping.failed.connect(self._on_not_kept)

    @property
    def is_asking(self) -> bool:
        """Whether a list is being asked about."""
        return self._round is not None

    @property
    def words(self) -> str:
        """How far it is: "3 of 42 cases, image 2 of 60 · Squares · 1a2b"; "" while nothing is asked.
        "Case 3" would be the third of the list."""
        now = self._round
        if now is None:
            return ""
        case = min(now.outcome.total, now.outcome.done + 1)
        image = f", image {now.to_ask - len(now.left)} of {now.to_ask}" if now.to_ask > 1 else ""
        return f"{case} of {counted(now.outcome.total, 'case')}{image} · {now.model.title}"

    def start(self, case_ids: Sequence[str], model: "ModelChoice", *, again: bool) -> None:
        """Ask about every image of these cases that the model has not answered; again: about those too."""
        session, project = self._session, self._session.project
        if project is None or self._round is not None or not case_ids:
            return
        cases, hidden = session.at_hand.cases, session.names_hidden
        names = {
            case_id: place_title(place) if hidden or not cases.has(case_id) else cases.get(case_id).title
            for place, case_id in enumerate(case_ids)
        }
        self._round = _Round(
            model=model, folder=project.folder, again=again, waiting=deque(case_ids), names=names,
            outcome=Outcome(model=model.title, total=len(case_ids)),
        )  # fmt: skip
        session.set_fact(ASKING_CASES, holds=True)
        self.begun.emit()
        self._next_case(self._round)

    def stop(self) -> None:
        """Ask no more; what was answered stays."""
        self._end(BY_HAND)

    def _end(self, stopped: str = "") -> None:
        now, self._round = self._round, None
        if now is None:
            return
        self._session.set_fact(ASKING_CASES, holds=False)
        self.changed.emit()
        self.ended.emit()
        bad = bool(now.outcome.failed) or stopped not in ("", BY_HAND)
        # Behind what is said of a project that was just opened.
        level, sentence = "warn" if bad else "done", now.outcome.words(stopped)
        QTimer.singleShot(0, self, lambda: announce_until(self._session, level, sentence, self.begun))

    def _on_project_opened(self, _project: object) -> None:
        now, project = self._round, self._session.project
        if now is not None and (project is None or project.folder != now.folder):
            self._end(ANOTHER_PROJECT)

    def _on_not_kept(self, error: Exception) -> None:
        self._end(sentence_of(error).rstrip("."))

    # Case by case

    def _next_case(self, now: _Round) -> None:
        cases, project = self._session.at_hand.cases, self._session.project
        if project is None:
            return
        while now.waiting and not cases.has(now.waiting[0]):
            now.outcome.fail(now.names[now.waiting.popleft()], "it was taken out of the project meanwhile")
        if not now.waiting:
            # Behind the answers that are still being written: an end that is told has nothing on its way.
            self._session.keeping.keep_objects(lambda: None, (), lambda: self._end() if now is self._round else None)
            return
        now.case_id = now.waiting.popleft()
        now.images, now.to_ask, now.answered, now.why, now.seen = [], 0, 0, [], set()
        now.left.clear()
        case_id, model_hash, again = now.case_id, now.model.model_hash, now.again
        self.changed.emit()

        def look() -> "tuple[list[ImageRecord], list[ImageRecord]]":
            from viewer.project.lists.answered import images_to_ask
            from viewer.project.snapshots.openings import record_predictions

            images, to_ask = images_to_ask(project, case_id, model_hash, again=again)
            now.shown.update(image.image_id for image in to_ask)
            # Before it is answered: what cannot be counted is not shown.
            now.counted = now.counted or record_predictions(project.folder, now.shown, run=now.model.title).times > 0
            return images, to_ask

        def found(several: "tuple[list[ImageRecord], list[ImageRecord]]") -> None:
            if now is self._round:
                now.images, now.left = several[0], deque(several[1])
                now.to_ask = len(now.left)
                self._next_image(now)

        self._session.run_in_background(look, found, partial(self._not_read, now))

    def _not_read(self, now: _Round, error: Exception) -> None:
        if now is self._round:
            now.why.append(sentence_of(error))
            self._end_case(now)

    def _next_image(self, now: _Round) -> None:
        if not now.left:
            self._end_case(now)
            return
        self._ask(now, now.left.popleft())
        self.changed.emit()

    def _end_case(self, now: _Round) -> None:
        outcome, name = now.outcome, now.names[now.case_id]
        if now.why:
            outcome.fail(name, now.why[0], in_part=now.answered > 0)
        elif now.to_ask:
            outcome.asked += 1
        else:
            outcome.before += 1
        outcome.seen.update(now.seen)
        if now.answered and len(now.images) > 1:
            self._join(now)
        self._next_case(now)

    def _join(self, now: _Round) -> None:
        """On the writer's thread, behind the answers of the case: see `viewer.project.objects.joining`."""
        project, records, model_hash = self._session.project, now.images, now.model.model_hash
        if project is None:
            return
        image_ids = [one.image_id for one in records]

        def join() -> None:
            from viewer.project.objects.joining import join_stacks

            join_stacks(project, records, image_ids, model_hash)

        self._session.keeping.keep_objects(join, image_ids, lambda: None)

    # Image by image

    def _ask(self, now: _Round, image: "ImageRecord") -> None:
        from viewer.project.samples.asking import frames_beside
        from viewer.reading.series import FrameRef

        ref = FrameRef(path=image.path, frame_index=image.frame_index, sop_instance_uid=image.sop_instance_uid)
        if now.model.reads.is_plain:
            self._put(now, image, ref, ())
            return
        project, reader = self._session.project, now.model.reader

        def found(sample: "tuple[Slice, ...]") -> None:
            if now is self._round:
                self._put(now, image, ref, sample)

        self._session.run_in_background(
            lambda: frames_beside(project, (), reader, ref, image.image_id), found,
            lambda error: self._on_answered(now, image, error),
        )  # fmt: skip

    def _put(self, now: _Round, image: "ImageRecord", ref: "FrameRef", sample: "tuple[Slice, ...]") -> None:
        ask_model(
            self._session, ref, image.image_id, now.model.folder, run_anyway=False, sample=sample,
            done=lambda answer: self._answered.emit(now, image, answer),
        )  # fmt: skip

    def _on_answered(self, now: _Round, image: "ImageRecord", answer: object) -> None:
        from viewer.jobs.inference import Dropped

        if now is not self._round or self._session.project is None:
            return
        if isinstance(answer, Dropped):  # by newer questions
            self._ask(now, image)
            return
        if isinstance(answer, MissingExtra):
            self._end(str(answer).rstrip("."))
            return
        if isinstance(answer, Prediction):
            now.answered, now.failed_in_a_row = now.answered + 1, 0
            now.seen |= {answer.seen_words} - {""}
            self._review.asking.predicted.emit(answer)
        elif isinstance(answer, Exception):
            self._could_not(now, image, answer)
        if now is self._round:
            self._next_image(now)

    def _could_not(self, now: _Round, image: "ImageRecord", error: Exception) -> None:
        now.why.append(sentence_of(error))
        if isinstance(error, OutsideDomain) and image.series_id:  # nor do the other slices of its series fit
            now.left = deque(one for one in now.left if one.series_id != image.series_id)
        now.failed_in_a_row += isinstance(error, JobFailed)
        if now.failed_in_a_row == MOST_FAILED:
            now.outcome.fail(now.names[now.case_id], now.why[0], in_part=now.answered > 0)
            self._end(f"the model failed {MOST_FAILED} times in a row")
