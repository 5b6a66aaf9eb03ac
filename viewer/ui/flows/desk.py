"""What a window works with: the session, and one of each flow, made here once and in order."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from viewer.core.case_acts import done_words
from viewer.core.edits import Edit
from viewer.ui.flows.cases.reviews import CaseReviews
from viewer.ui.flows.cases.walk import CaseWalk
from viewer.ui.flows.closing import Closing
from viewer.ui.flows.drawing import Drawing
from viewer.ui.flows.membership import Members
from viewer.ui.flows.new_object import NewObject
from viewer.ui.flows.opening import Opening
from viewer.ui.flows.projects import Projects
from viewer.ui.flows.relinking import Relinking
from viewer.ui.flows.undo_redo import UndoRedo
from viewer.ui.state.coming import when_done
from viewer.ui.state.readings import Readings
from viewer.ui.state.session import Session, Trace
from viewer.ui.state.settings import Settings
from viewer.ui.state.shown import ShownImage
from viewer.ui.state.situation import Situation

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.reading.scan import Problem
    from viewer.reading.series import Series
    from viewer.ui.flows.edit_words import EditWords
    from viewer.ui.flows.job_watch import JobWatch
    from viewer.ui.flows.list_questions import ListQuestions
    from viewer.ui.flows.review import Review
    from viewer.ui.flows.side_tests import SideTests
    from viewer.ui.flows.snapshots import Snapshots
    from viewer.ui.state.answered_cases import AnsweredCases

MOST_OF_SERIES = 512  # images of what is shown that are brought ahead


class Desk(Session):
    """The session with its flows. What only Review and Train need is made when it is first asked for."""

    def __init__(self, settings: Settings, *, author: str = "", trace: Trace | None = None) -> None:
        super().__init__(settings, author=author, trace=trace)
        self.readings = Readings(self)
        self.opening = Opening(self)
        self.cases = CaseWalk(self, self.opening)
        self.closing = Closing(self, self.opening, self.cases)
        self.members = self.entrance = Members(self, self.opening, self.cases, self.closing)
        self.projects = Projects(self, self.opening, self.cases, self.closing)
        self.case_reviews = CaseReviews(self, self.members, self.cases)
        self.relinking = Relinking(self, self.cases)
        self.steps = UndoRedo(self, self.cases)
        self.new_object = NewObject(self)
        self.drawing = Drawing(self, self.new_object)
        self.opening.project_found.connect(self.projects.open_folder)
        self.opening.all_shown.connect(self.members.offer_to_empty)
        self.edits.committed.connect(self._on_committed)
        self.keeping.arrived.connect(self._on_arrived)
        self.keeping.changed.connect(self.project_changed)
        self.keeping.failed.connect(self.announce_failure)
        for signal in (self.project_opened, self.series_opened):
            signal.connect(self._bring_series)

    @cached_property
    def jobs(self) -> "JobWatch":
        """The watch over the runs of the open project."""
        from viewer.ui.flows.job_watch import JobWatch

        return JobWatch(self)

    @cached_property
    def side_tests(self) -> "SideTests":
        """Tests of a model beside the one on its own test part."""
        from viewer.ui.flows.side_tests import SideTests

        return SideTests(self, self.jobs)

    @cached_property
    def snapshots(self) -> "Snapshots":
        """The data sets of the open project, and which part of the chosen one each case is in."""
        from viewer.ui.flows.snapshots import Snapshots

        return Snapshots(self)

    @cached_property
    def edit_words(self) -> "EditWords":
        """What an edit has done beyond what is seen."""
        from viewer.ui.flows.edit_words import EditWords

        return EditWords(self, self.snapshots)

    @cached_property
    def review(self) -> "Review":
        """What a model is asked, and what becomes of its answers."""
        from viewer.ui.flows.review import Review
        from viewer.ui.state.before_ai import BeforeAI

        ai = BeforeAI(self, self.readings)
        return Review(self, members=self.members, cases=self.cases, jobs=self.jobs, words=self.edit_words, ai=ai)

    @cached_property
    def list_questions(self) -> "ListQuestions":
        """Asking a model about every case of a list."""
        from viewer.ui.flows.list_questions import ListQuestions

        return ListQuestions(self, self.review)

    @cached_property
    def answered(self) -> "AnsweredCases":
        """What the chosen model has answered of which cases."""
        from viewer.ui.state.answered_cases import AnsweredCases
        from viewer.ui.state.before_ai import BeforeAI

        made, asking = AnsweredCases(self, BeforeAI(self, self.readings)), self.review.asking
        asking.model_chosen.connect(made.follow)
        made.follow(asking.model)
        return made

    def situation(self) -> Situation:
        """What there is at this moment."""
        steps, undo_author = self.steps, self.at_hand.undo_step.other_author
        author = "" if self.project is None else self.project.author
        case_id, cases = self.shown.case_id if self.shown is not None else None, self.at_hand.cases
        status = cases.get(case_id).status if case_id is not None and cases.has(case_id) else None
        return replace(
            super().situation(), undo_text=steps.undo_text, redo_text=steps.redo_text, author=author,
            undo_author=undo_author, done_words="" if status is None else done_words(status),
        )  # fmt: skip

    # Work

    def undo(self) -> None:
        """Take back the last gesture; one on another image is shown first."""
        self.steps.undo()

    def redo(self) -> None:
        """Do again what was taken back; what is on another image is shown first."""
        self.steps.redo()

    def _on_committed(self, edit: Edit) -> None:
        self.saved_at = dt.datetime.now()
        self.members.take_over(edit)
        shown = self.shown
        if shown is not None and shown.case_id is None and edit.image_id == shown.image_id:
            self.shown = replace(shown, case_id=self.opening.case_of(shown.image_id))
            self.image_shown.emit(self.shown)
        self.read_project(edit)
        self.refresh_overlays()
        self.work_changed.emit(edit)
        self.tell_situation()

    def _bring_series(self, _opened: object) -> None:
        """What is on the images that were read before the project was opened, so that no slice waits for it."""
        series = (cell.series for cell in self.cells if cell.series is not None)
        ids = (self.frames.image_id(ref) for one in series for ref in one.frames)
        self.keeping.bring([image_id for image_id in ids if image_id is not None][:MOST_OF_SERIES])

    def _on_arrived(self, image_ids: frozenset[str], case_ids: frozenset[str]) -> None:
        """What is on images is known now: they are told again, with their cases."""
        shown = self.shown
        if shown is not None and shown.image_id in image_ids:
            case_id = self.opening.case_of(shown.image_id)
            if case_id != shown.case_id:
                self.tell_image(shown)
        if not image_ids.isdisjoint(self.images_on_screen()):
            self.refresh_overlays()
        self.work_arrived.emit(image_ids, case_ids)
        shown = self.shown
        if shown is None or shown.image_id in image_ids or shown.case_id in case_ids:
            self.tell_situation()  # else it is as before: what is beside what is shown was brought

    # Opening and showing

    @property
    def problems(self) -> "list[Problem]":
        """Files that could not be read, over everything opened."""
        return self.opening.problems

    def series_list(self) -> "list[Series]":
        """Every series found, in the order of the tree."""
        return self.opening.series_list()

    def open_project(self, project: "Project") -> None:
        """Work in this project from now on; what is needed of it is read first, and waited for."""
        from viewer.project.at_hand.reading import read_whole

        images = self.images_on_screen()
        self.projects.use(project, when_done(self.worker.start_read(lambda: read_whole(project, images))))

    def project_changed(self) -> None:
        """The project holds other images than before: cases are listed anew, views learn their cases."""
        self.cases.forget()
        super().project_changed()
        cell = self.active_cell
        if cell is not None and cell.shown is not None:
            self.tell_image(cell.shown)

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Scan files and folders in the background and show the first series; a project's folder opens as such."""
        self.opening.open_paths([Path(path) for path in paths])

    def show_image(self, image_id: str) -> None:
        """Show an image of the project in the active view."""
        self.cases.show_image(image_id)

    def open_case(self, case_id: str) -> None:
        """Show a case of the project."""
        self.cases.open(case_id)

    def case_step(self, step: int) -> None:
        """The case before (-1) or after (+1) in the list as it is filtered."""
        self.cases.step(step)

    def complete_and_next(self) -> None:
        """Mark the case complete and show the next one that is not."""
        self.cases.complete_and_next()

    def tell_image(self, shown: ShownImage) -> None:
        """The active view shows another image (called by the view grid)."""
        self.shown = replace(shown, case_id=self.opening.case_of(shown.image_id))
        if self.shown.case_id is not None:
            self.cases.current = self.shown.case_id
            self.cases.look_at(self.shown.case_id)
        elif shown.image_id is not None:
            self.keeping.bring([shown.image_id])
        self.set_fact("hounsfield", holds=shown.frame.facts.unit == "HU")
        self.image_shown.emit(self.shown)

    def close(self) -> None:
        """Finish writing and let go of everything; jobs go on."""
        self.opening.keep_open()
        self.opening.cancel()
        self.cases.keep_place()
        self.edits.wait()
        self.frames.close()  # first: what decodes ends, so that no thread is waited for
        self.beside.close()
        self.worker.close()
        self.let_go_of_project()
        self.settings.sync()
        for timer in self.findChildren(QTimer):  # last: what ends above may start one again
            timer.stop()
