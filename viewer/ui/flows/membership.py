"""Which images are in the open project: how they enter with the first gesture, by a decision, or by their hundreds."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from viewer.core.edits import (
    AnnotationChange,
    AnswerChange,
    DecisionChange,
    Edit,
    ImageLabelChange,
    ImagesChange,
    MaskStroke,
    MeasurementChange,
    PatientChange,
)
from viewer.core.errors import BadFile, BadRequest
from viewer.core.text.counting import counted
from viewer.ui.flows.cases.listing import place_title
from viewer.ui.flows.projects import PERSONAL, project_words
from viewer.ui.state.announcing import announce_until
from viewer.ui.state.edit_gate import Then

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.project.records import CaseRow
    from viewer.project.register import FrameToAdd
    from viewer.reading.series import FrameRef, Series
    from viewer.ui.flows.cases.walk import CaseWalk
    from viewer.ui.flows.closing import Closing
    from viewer.ui.flows.opening import Opening
    from viewer.ui.state.session import Session
    from viewer.ui.state.shown import ShownImage

CASES_FACT = "cases_chosen"  # a case of the list is chosen
_CASE_WORK = (AnnotationChange, MaskStroke, ImageLabelChange, AnswerChange)
_ENTERING = (*_CASE_WORK, DecisionChange)  # only on an image that is in the project
_WORK = (*_ENTERING, MeasurementChange)  # a measurement is kept of an image that is known, in the project or not
_MEMBERS = (ImagesChange, PatientChange)


class Members:
    """Lets images into the open project and takes cases out of it; nothing enters because a model was asked."""

    def __init__(self, session: "Session", opening: "Opening", cases: "CaseWalk", closing: "Closing") -> None:
        self._session, self._opening, self._cases, self._closing = session, opening, cases, closing
        self._entered = 0  # images that entered as a step of their own, before the edit that is being kept
        self.chosen: tuple[str, ...] = ()  # the rows that are chosen in the list of cases

    @property
    def opening(self) -> "Opening":
        """What was opened, in the project or not."""
        return self._opening

    @property
    def may_add(self) -> bool:
        """Whether there is something open that could enter a project that can be written to."""
        project = self._session.project
        return project is not None and not project.read_only and bool(self._opening.patients)

    def offer_to_empty(self) -> None:
        """After a folder was opened: a project that a person made, and that has nothing yet, is offered it."""
        from viewer.project.register import personal_folder

        project = self._session.project
        if (
            self.may_add
            and project is not None
            and project.folder != personal_folder()
            and not self._session.at_hand.cases.rows
        ):
            self._session.announced.emit(
                "info",
                f"{project.name} has no images yet. “Add images to the project…” in the menu Dataset, or the button in "
                "the list of cases, adds what is open.",
            )

    def prepare(self, edit: Edit, shown: "ShownImage | None") -> Edit:
        """What must be there before an edit, on the writer thread: the image in the project, its case begun. One that
        is only measured is written down, and makes no case to do."""
        project, image_id = self._session.project, edit.image_id
        if project is None or image_id is None or not edit.has(*_WORK):
            return edit
        from viewer.project.edit_builders import with_status_begun

        if shown is not None and shown.image_id == image_id and shown.case_id is None:
            if edit.has(*_ENTERING):
                edit = self._enter(project, edit, shown)
            elif not project.images.noted([image_id]):
                self._note([shown.ref])
        if not edit.has(*_CASE_WORK):
            return edit
        (record,) = project.images.noted([image_id])
        return with_status_begun(edit, record.case_id, project.cases.status(record.case_id))

    def _enter(self, project: "Project", edit: Edit, shown: "ShownImage") -> Edit:
        """Let the shown image in: with the gesture, and out with its undo. A decision's was asked for, as a step."""
        from viewer.project.edit_builders import add_images, entering

        decides = edit.has(DecisionChange)
        refs = self.entering_refs(shown) if decides else [shown.ref]
        fresh = project.images.outside(self._note(refs))
        project.predictions.store_held(fresh)
        if decides and fresh:
            project.history.do(add_images(fresh))
            self._entered = len(fresh)
            return edit
        return replace(edit, changes=(entering(fresh), *edit.changes)) if fresh else edit

    def entering_refs(self, shown: "ShownImage") -> "list[FrameRef]":
        """What enters the project with an image whose answer is decided on: its series, where that is one case."""
        project = self._session.project
        from viewer.project.register import is_stack

        series = shown.series
        if project is None or series is None or not (project.case_unit != "film" or is_stack(series)):
            return [shown.ref]
        return list(series.frames)

    def take_over(self, edit: Edit) -> None:
        """Forget what an edit, just kept, has changed of which images are in the project and whose they are."""
        entered_before, self._entered = self._entered, 0
        if not entered_before and not edit.has(*_MEMBERS):
            return
        self._say_entered(edit, apart=entered_before)
        session, shown = self._session, self._session.shown
        entered = [one for change in edit.of(ImagesChange) for one in change.image_ids]
        if shown is not None and entered == [shown.image_id] and self._opening.case_of(shown.image_id) is not None:
            return  # the first gesture on the image that is shown: the list takes a row, no more
        if entered_before:  # by a step that was kept before this edit, and was read with it or is still to be
            session.keeping.follow(session.project_changed)
        else:
            session.project_changed()

    def _say_entered(self, edit: Edit, *, apart: int) -> None:
        """That an image that was only opened is in the project now, of which nobody was asked. apart: how many entered
        as a step of their own, before the decision that is this edit."""
        session, project = self._session, self._session.project
        coming = [one for one in edit.of(ImagesChange) if one.after and one.untouched_only]
        with_work = edit.has(*_ENTERING) and any(edit.image_id in one.image_ids for one in coming)
        if project is None or not (apart or with_work):
            return
        where = "your personal project" if project_words(project) == PERSONAL else f"the project {project.name}"
        case_id, cases = self._opening.case_of(edit.image_id), session.at_hand.cases
        beside = not apart and case_id is not None and cases.has(case_id) and cases.get(case_id).images > 1
        what = "This image was" if apart < 2 else f"The {apart} images of this series were"
        them = "it" if apart < 2 else "them"
        added = f"added to its case in {where}" if beside else f"added to {where} as a case"
        undone = "the second Ctrl+Z takes" if apart else "Ctrl+Z takes"
        announce_until(
            session, "info", f"{what} {added}; {undone} {them} out again.", session.work_changed, session.project_opened
        )

    def image_ids(self, refs: "Sequence[FrameRef]") -> list[str]:
        """The names of frames by their content. Reads pixels: call it on a worker thread. Changes no project."""
        from viewer.project.register import ids_of

        ids = ids_of(self._session.project, self._wanted(refs))
        self._opening.named.update(zip(ids, refs, strict=True))
        return ids

    def asked_with(self, shown: "ShownImage") -> list[str]:
        """Images outside of the project that were answered together: those of the shown series, in its order."""
        project = self._session.project
        answered = set() if project is None else project.predictions.held_images
        by_ref = {ref: image_id for image_id, ref in self._opening.named.items() if image_id in answered}
        frames = () if shown.series is None else shown.series.frames
        ids = [
            shown.image_id if ref == shown.ref else by_ref.get(ref)
            for ref in frames
            if ref == shown.ref or ref in by_ref
        ]
        found = [image_id for image_id in ids if image_id is not None]
        return found or ([] if shown.image_id is None else [shown.image_id])

    def lets(self, edit: Edit, shown: "ShownImage | None") -> bool:
        """Whether an edit may go on: a decision on an image outside of the project asks to add it first."""
        decides = edit.has(DecisionChange)
        if not decides or shown is None or shown.case_id is not None or shown.image_id != edit.image_id:
            return True
        return self._session.person.agrees_to_enter(shown)

    def _note(self, refs: "Sequence[FrameRef]") -> list[str]:
        """Write down what frames are, before an edit lets them in; returns their ids."""
        from viewer.project.register import note_frames

        project = self._session.project
        if project is None:
            raise BadRequest("The project is still being opened; try again in a moment.")
        ids, problems = note_frames(project, self._wanted(refs))
        if problems:
            raise BadFile(problems[0].reason)
        return ids

    def _wanted(self, refs: "Sequence[FrameRef]") -> "list[FrameToAdd]":
        from viewer.project.register import FrameToAdd, is_stack

        wanted = []
        for ref in refs:
            series = self._opening.series_with(ref)
            wanted.append(
                FrameToAdd(
                    ref=ref, source=series.source, patient_id=series.patient_id, study_uid=series.study_uid,
                    series_id=series.series_id, modality=series.modality, of_stack=is_stack(series),
                )
            )  # fmt: skip
        return wanted

    def add_to_project(self, wanted: "Sequence[Series]", *, cut_stacks: bool = False) -> None:
        """Put series that were opened into the project, in the background, as one step. cut_stacks: see `frames_of`."""
        session, project = self._session, self._session.project
        if project is None:
            return

        def work() -> tuple[int, int]:
            from viewer.project.register import add_frames, copy_personal_work, frames_of

            ids, problems = add_frames(
                project,
                frames_of(wanted, cut_stacks=cut_stacks),
                progress=session.scan_progressed.emit,
                cancelled=session.worker.closing,
            )
            copy_personal_work(project, ids)
            return len(ids), len(problems)

        def done(counts: tuple[int, int]) -> None:
            session.scan_progressed.emit(0, -1)
            added, bad = counts
            verb = "is" if added == 1 else "are"
            words = f" {bad} could not be read and stay out." if bad else ""
            sentence = f"{counted(added, 'image')} {verb} in {project.name}.{words}"
            session.keeping.follow(lambda: session.announced.emit("warn" if bad else "info", sentence))

        def failed(error: Exception) -> None:
            session.scan_progressed.emit(0, -1)
            session.announce_failure(error)

        session.run_in_background(work, done, failed)

    def choose(self, case_ids: "Sequence[str]") -> None:
        """The rows that are chosen in the list of cases."""
        self.chosen = tuple(case_ids)
        self._session.set_fact(CASES_FACT, holds=bool(case_ids))
        self._session.tell_situation()

    def chosen_cases(self) -> "list[CaseRow]":
        """The chosen cases that the project has, in the order of the list."""
        chosen = set(self.chosen)
        return [row for row in self._session.at_hand.cases.all() if row.case_id in chosen]

    @property
    def chosen_name(self) -> str:
        """What the chosen rows are called in a sentence: a case by its name, or by its place while names are hidden."""
        if len(self.chosen) != 1:
            return counted(len(self.chosen), "case") if self.chosen else ""
        (case_id,) = self.chosen
        cases, order = self._session.at_hand.cases, self._cases.order()
        if not cases.has(case_id):
            return ""
        if self._session.names_hidden:
            return place_title(order.index(case_id)) if case_id in order else "This case"
        return cases.get(case_id).title

    def take_out(self, cases: "Sequence[CaseRow]") -> bool:
        """Take cases out of the project with all that is on them; the next one of the list is shown."""
        from viewer.project.taking_out import taking_out

        session, project = self._session, self._session.project
        if project is None:
            return False
        session.edits.wait()
        gone = {case.case_id for case in cases}
        order = self._cases.order()
        current = session.shown.case_id if session.shown is not None else None
        here = order.index(current) if current in order else 0
        following = [*order[here:], *reversed(order[:here])]

        def kept() -> None:
            if current in gone:
                left = next((case_id for case_id in following if case_id not in gone), None)
                if left is not None:
                    self._cases.open(left)
                else:
                    self._closing.empty_project_views()
            words = f"{counted(len(cases), 'case')} taken out of {project.name}"
            words = f"{words}: Ctrl+Z brings {'it' if len(cases) == 1 else 'them'} back."
            announce_until(session, "info", words, session.work_changed, session.project_opened)

        return session.edits.make(lambda: taking_out(project, cases).edit, then=Then(kept=kept))
