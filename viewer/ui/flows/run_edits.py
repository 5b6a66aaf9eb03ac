"""What a person writes on runs, and runs that go: done beside the window's thread, and shown once it is on the disk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from viewer.jobs.removing import Hanging
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

Failed = Callable[[Exception], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What is written on a run; None is left as it is."""

    title: str | None = None
    note: str | None = None
    tags: tuple[str, ...] | None = None


def write_on(
    session: "Desk",
    written: "Sequence[tuple[RunState, Written]]",
    *,
    kept: Callable[[], None] = lambda: None,
    failed: Failed | None = None,
    owner: QObject | None = None,
) -> None:
    """Keep it in the run folders, then show it. kept, failed: told on the window's thread; failed without a way of its
    own is a banner. owner: who asks and may be gone by then; what was asked for is kept all the same."""

    def keep() -> "list[RunState]":
        from viewer.jobs.run_marks import change_marks

        done = []
        for run, what in written:
            marks = change_marks(run.folder, title=what.title, note=what.note, tags=what.tags)
            done.append(replace(run, title=marks.title, note=marks.note, tags=marks.tags))
        return done

    def show(done: "list[RunState]") -> None:
        session.jobs.put(done)
        told()

    def refused(error: Exception) -> None:
        session.jobs.look()  # of several some may have been kept
        tell_failed(error)

    from viewer.ui.state.worker import while_there

    told = kept if owner is None else while_there(owner, kept)
    tell_failed = session.announce_failure if failed is None else failed
    if owner is not None and failed is not None:
        tell_failed = while_there(owner, failed)
    session.run_in_background(keep, show, refused)


def ask_what_hangs(
    session: "Desk", runs: "Sequence[RunState]", done: "Callable[[list[Hanging]], None]", failed: Failed, owner: QObject
) -> None:
    """What hangs on each of these runs, read where waiting is allowed."""
    project, every = session.project, session.jobs.runs
    if project is None:
        return

    def read() -> "list[Hanging]":
        from viewer.jobs.removing import what_hangs
        from viewer.project.lists.model_answers import answers_of_model

        return [what_hangs(run, every, answers_of_model(project, run.model_hash)) for run in runs]

    session.run_in_background(read, done, failed, owner=owner)


def remove(session: "Desk", runs: "Sequence[RunState]", *, with_model: bool) -> None:
    """Delete these runs; what of it is refused is a banner, and the runs that went are gone."""
    folder = session.jobs.folder
    if folder is None:
        return

    def go() -> int:
        from viewer.jobs.removing import remove_run
        from viewer.jobs.runs import list_runs

        for run in runs:
            remove_run(run, list_runs(folder), with_model=with_model)
        return len(runs)

    def done(count: int) -> None:
        from viewer.core.text.counting import counted

        session.jobs.drop([run.run_id for run in runs])
        session.announced.emit("info", f"{counted(count, 'run')} deleted.")

    def failed(error: Exception) -> None:
        session.jobs.look()
        session.announce_failure(error)

    session.run_in_background(go, done, failed)
