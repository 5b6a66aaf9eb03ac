"""Says how far two readings agree once the last drawn case is read a second time, and leads back out of it."""

from typing import TYPE_CHECKING

from viewer.core.edits import CaseStatusChange, Edit

if TYPE_CHECKING:
    from ml.evaluation.agreeing.second_read import SecondReadTold
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.banner import Banner


class SecondReadEnd:
    """Follows the cases that are completed in a second read; the banner's button goes back to the reading before."""

    def __init__(self, session: "Desk", banner: "Banner") -> None:
        self._session, self._banner = session, banner
        session.work_changed.connect(self._on_work_changed)
        banner.back_asked.connect(self._on_back)

    def _on_work_changed(self, edit: Edit) -> None:
        from viewer.project.readings import RoundKind

        session, project, parts = self._session, self._session.project, self._session.snapshots.parts
        if project is None or parts is None or project.round_kind is not RoundKind.SECOND:
            return
        cases = session.at_hand.cases
        touched = {change.case_id for change in edit.of(CaseStatusChange)}
        if touched.isdisjoint(parts.second) or not all(
            cases.has(case_id) and cases.get(case_id).status.is_done for case_id in parts.second
        ):
            return
        snapshot_id, reader = parts.snapshot_id, project.reader

        def read() -> "SecondReadTold | None":
            from ml.evaluation.agreeing.second_read import tell_second_read
            from viewer.project.snapshots.second_read import second_read_of, second_words

            found = second_read_of(project.folder, snapshot_id)
            fits = found is not None and found.reader == second_words(reader)
            return tell_second_read(project, found) if found is not None and fits else None

        def done(told: "SecondReadTold | None") -> None:
            if told is not None and not told.waits and session.project is project:
                self._banner.second_told = f"{told.progress} {told.said}"
                session.announced.emit("done", self._banner.second_told)

        session.run_in_background(read, done, session.announce_failure)

    def _on_back(self) -> None:
        self._session.projects.leave_second_read(self._banner.hide, self._session.announce_failure)
