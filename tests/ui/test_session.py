"""The session: one gate for gestures, durable, named, blocked when a commit fails; projects, places, neighbours."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from PIL import Image
from pytestqt.qtbot import QtBot

from tests.waiting import LIMIT_S, LOOK_S, handled, until
from viewer.core.edits import Edit
from viewer.core.errors import NotWritable
from viewer.core.resample import Pyramid
from viewer.core.shapes.annotations import CaseStatus, Measurement
from viewer.core.shapes.kinds.box import Box
from viewer.project.edit_builders import add_annotation, add_measurement, say_image_label, set_statuses
from viewer.project.project import Project
from viewer.reading.frame import Frame
from viewer.reading.series import FrameRef
from viewer.ui.flows.desk import Desk
from viewer.ui.state.frames import Frames


def a_box(session: Desk, x: float = 2.0) -> Edit:
    assert session.shown is not None and session.shown.image_id is not None
    return add_annotation(
        session.shown.image_id, "Square", Box(x0_px=x, y0_px=2, x1_px=x + 9, y1_px=12), author=session.author
    )


def on_image(session: Desk) -> int:
    assert session.project is not None and session.shown is not None and session.shown.image_id is not None
    return len(session.project.work.annotations(session.shown.image_id))


@pytest.fixture
def broken_disk(shown_case: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Every commit fails until the patch is undone."""
    assert shown_case.project is not None

    def full(_edit: Edit) -> None:
        raise NotWritable("The disk is full; free some space.")

    monkeypatch.setattr(shown_case.project.history, "do", full)
    yield monkeypatch
    monkeypatch.undo()


def test_a_gesture_is_on_the_disk_when_it_is_told(shown_case: Desk, project_folder: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(shown_case.work_changed):
        assert shown_case.do(a_box(shown_case))

    with Project.open(project_folder, writable=False) as other:
        assert shown_case.shown is not None and shown_case.shown.image_id is not None
        assert len(other.work.annotations(shown_case.shown.image_id)) == 1


def test_the_first_gesture_begins_the_case_and_undo_takes_both_back(shown_case: Desk, qtbot: QtBot) -> None:
    project, shown = shown_case.project, shown_case.shown
    assert project is not None and shown is not None and shown.case_id is not None

    with qtbot.waitSignal(shown_case.work_changed):
        shown_case.do(a_box(shown_case))
    assert project.cases.get(shown.case_id).status is CaseStatus.IN_PROGRESS

    with qtbot.waitSignal(shown_case.work_changed):
        shown_case.undo()
    assert on_image(shown_case) == 0
    assert project.cases.get(shown.case_id).status is CaseStatus.TO_DO


def test_undo_and_redo_are_named(shown_case: Desk, qtbot: QtBot) -> None:
    edit = a_box(shown_case)
    with qtbot.waitSignal(shown_case.work_changed):
        shown_case.do(edit)
    assert shown_case.situation().undo_text == edit.text

    with qtbot.waitSignal(shown_case.work_changed):
        shown_case.undo()

    assert shown_case.situation().redo_text == edit.text
    with qtbot.waitSignal(shown_case.work_changed):
        shown_case.redo()
    assert on_image(shown_case) == 1


def test_an_undo_on_another_image_shows_that_image_first(shown_case: Desk, qtbot: QtBot) -> None:
    first = shown_case.shown
    with qtbot.waitSignal(shown_case.work_changed):
        shown_case.do(a_box(shown_case))
    with qtbot.waitSignal(shown_case.image_shown):
        shown_case.case_step(1)

    shown_case.undo()

    qtbot.waitUntil(lambda: shown_case.shown.image_id == first.image_id)  # type: ignore[union-attr]
    assert on_image(shown_case) == 1
    with qtbot.waitSignal(shown_case.work_changed):
        shown_case.undo()
    assert on_image(shown_case) == 0


def test_a_failed_commit_is_told_and_blocks_drawing_until_it_is_mended(
    shown_case: Desk, broken_disk: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(shown_case.announced) as told:
        shown_case.do(a_box(shown_case))
        qtbot.waitUntil(lambda: shown_case.edits.blocked)
    assert told.args == ["error", "The disk is full; free some space."]
    assert not shown_case.situation().may_edit
    assert not shown_case.active_view.context.may_draw
    assert not shown_case.do(a_box(shown_case, 20))

    broken_disk.undo()
    with qtbot.waitSignal(shown_case.work_changed):
        shown_case.edits.retry()

    assert on_image(shown_case) == 1
    assert shown_case.situation().may_edit


def test_a_slow_disk_does_not_hold_the_window_up(
    shown_case: Desk, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    assert shown_case.project is not None
    real = shown_case.project.history.do

    disk, written = threading.Event(), []

    def slow(edit: Edit) -> Edit:
        assert disk.wait(LIMIT_S)
        done = real(edit)
        written.append(edit)
        return done

    monkeypatch.setattr(shown_case.project.history, "do", slow)
    with qtbot.waitSignal(shown_case.work_changed):
        assert shown_case.do(a_box(shown_case))
        assert not written, "the gesture came back while the disk was still at it"
        disk.set()

    assert on_image(shown_case) == 1


def test_the_next_gesture_waits_for_the_one_before(
    shown_case: Desk, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    assert shown_case.project is not None
    real, order = shown_case.project.history.do, []

    def slow(edit: Edit) -> Edit:
        order.append(("begins", edit.text))
        threading.Event().wait(LOOK_S)  # room for the second to begin, if it does not wait
        done: Edit = real(edit)
        order.append(("ends", edit.text))
        return done

    monkeypatch.setattr(shown_case.project.history, "do", slow)
    first, second = a_box(shown_case), say_image_label(shown_case.shown.image_id, "Bright", before=None, after=None)  # type: ignore[union-attr]
    shown_case.do(first)
    with qtbot.waitSignal(shown_case.work_changed):
        shown_case.do(a_box(shown_case, 20))
        qtbot.waitUntil(lambda: len(order) == 4)

    assert [what for what, _ in order] == ["begins", "ends", "begins", "ends"]
    assert second.text


def test_an_image_that_is_in_no_project_enters_the_open_one_with_its_first_gesture(
    session: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    from PIL import Image

    Image.fromarray(np.arange(64 * 64, dtype=np.uint8).reshape(64, 64)).save(tmp_path / "new.png")
    with qtbot.waitSignal(session.image_shown):
        session.open_paths([tmp_path / "new.png"])
    assert session.shown is not None and session.shown.case_id is None

    with qtbot.waitSignal(session.work_changed):
        session.do(a_box(session))

    assert session.shown.case_id is not None
    assert on_image(session) == 1


def test_a_measurement_on_an_image_that_was_only_opened_makes_no_case_and_is_kept(
    session: Desk, tmp_path: Path, project_folder: Path, qtbot: QtBot
) -> None:
    from PIL import Image

    assert session.project is not None
    images, cases = session.project.images.count(), len(session.project.cases.all())
    Image.fromarray(np.arange(64 * 64, dtype=np.uint8).reshape(64, 64)).save(tmp_path / "new.png")
    with qtbot.waitSignal(session.image_shown):
        session.open_paths([tmp_path / "new.png"])
    assert session.shown is not None and session.shown.image_id is not None
    image_id = session.shown.image_id
    for number in ("m1", "m2"):
        line = Measurement(measurement_id=number, image_id=image_id, kind="length", points_px=((1, 2), (30, 40)))
        with qtbot.waitSignal(session.work_changed):
            assert session.do(add_measurement(line))

    assert session.shown.case_id is None
    assert (session.project.images.count(), len(session.project.cases.all())) == (images, cases)
    with Project.open(project_folder, writable=False) as other:
        assert len(other.work.measurements(image_id)) == 2
    with qtbot.waitSignal(session.work_changed):
        session.undo()
    assert [one.measurement_id for one in session.at_hand.work.measurements(image_id)] == ["m1"]

    with qtbot.waitSignal(session.work_changed):
        session.do(a_box(session))  # the first gesture that is work on a case

    assert session.shown.case_id is not None
    assert session.project.images.count() == images + 1
    assert len(session.project.work.measurements(image_id)) == 1


def test_a_read_only_project_refuses_gestures_in_one_sentence(
    shown_case: Desk, project_folder: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    shown_case.edits.wait()
    assert shown_case.project is not None
    shown_case.project.close()
    shown_case.project = None
    shown_case.open_project(Project.open(project_folder, writable=False))

    with qtbot.waitSignal(shown_case.announced) as told:
        assert not shown_case.do(a_box(shown_case))

    assert "reading only" in told.args[1]


def test_a_second_window_opens_the_project_for_reading_and_names_the_holder(
    session: Desk, project_folder: Path, qtbot: QtBot, home: Path
) -> None:
    from viewer.ui.state.settings import Settings

    second = Desk(Settings(home / "second.ini"))
    with qtbot.waitSignal(second.announced) as told:
        second.projects.open_folder(project_folder)

    assert told.args[0] == "warn"
    assert "reading only" in told.args[1]
    assert second.project is not None and second.project.read_only
    second.close()
    second.deleteLater()


def test_complete_and_next_goes_to_the_next_case_that_is_not_complete(shown_case: Desk, qtbot: QtBot) -> None:
    project = shown_case.project
    assert project is not None
    rows = project.cases.all()

    with qtbot.waitSignal(shown_case.image_shown):
        shown_case.complete_and_next()

    assert project.cases.get(rows[0].case_id).status is CaseStatus.COMPLETE
    assert shown_case.shown is not None and shown_case.shown.case_id == rows[1].case_id


def test_where_all_are_complete_done_and_next_goes_on_and_says_so_at_the_end(shown_case: Desk, qtbot: QtBot) -> None:
    project, heard = shown_case.project, []
    assert project is not None
    shown_case.announced.connect(lambda _kind, words: heard.append(words))
    rows = project.cases.all()
    with qtbot.waitSignal(shown_case.work_changed):
        shown_case.do(set_statuses(rows, CaseStatus.COMPLETE))

    for row in rows[1:]:
        with qtbot.waitSignal(shown_case.image_shown):
            shown_case.complete_and_next()
        assert shown_case.shown is not None and shown_case.shown.case_id == row.case_id
        assert heard == []
    shown_case.complete_and_next()

    assert heard == ["Every case in the list is complete."]


def test_the_neighbours_of_a_case_are_read_ahead(shown_case: Desk, qtbot: QtBot) -> None:
    project = shown_case.project
    assert project is not None
    coming = project.images.get(project.cases.all()[1].first_image_id)

    qtbot.waitUntil(lambda: any(ref.path == coming.path for ref in shown_case.frames.known()))


def test_reopening_a_project_returns_to_the_same_case(
    shown_case: Desk, project_folder: Path, qtbot: QtBot, home: Path
) -> None:
    with qtbot.waitSignal(shown_case.image_shown):
        shown_case.case_step(1)
    with qtbot.waitSignal(shown_case.image_shown):
        shown_case.case_step(1)
    left = shown_case.shown
    shown_case.cases.keep_place()

    with qtbot.waitSignal(shown_case.image_shown):
        shown_case.case_step(-1)
    shown_case.cases.restore_place()

    qtbot.waitUntil(lambda: shown_case.shown.image_id == left.image_id)  # type: ignore[union-attr]


def test_a_job_that_ends_after_closing_calls_nobody(qtbot: QtBot, home: Path) -> None:
    from viewer.ui.state.settings import Settings

    session, called, ended = Desk(Settings(home / "s.ini")), [], []
    begun, end = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        assert end.wait(LIMIT_S)
        ended.append("worked to its end")

    session.run_in_background(work, called.append, called.append)
    assert begun.wait(LIMIT_S)

    threading.Timer(LOOK_S, end.set).start()
    session.close()
    until(lambda: ended, "the end of the job")
    handled()

    assert not called
    session.deleteLater()


def test_a_reading_thread_that_is_late_tells_nobody(session: Desk, tmp_path: Path) -> None:
    """Closing waits for no decoder, and a signal whose object is gone ends the interpreter."""
    told: list[object] = []
    frames = Frames(session.worker, session)
    frames._read_ahead.connect(told.append)
    frames._load = lambda *_args, **_named: None  # type: ignore[method-assign,assignment,return-value]
    ref = FrameRef(path=tmp_path / "late.dcm", frame_index=0)
    frames._on_read(ref)
    handled()
    assert told == [ref]

    frames.close()
    shiboken6.delete(frames)
    late = threading.Thread(target=frames._on_read, args=(ref,))
    late.start()
    late.join(LIMIT_S)
    handled()

    assert told == [ref]


def test_a_frame_that_is_being_prepared_is_not_prepared_twice(session: Desk, tmp_path: Path) -> None:
    """Two threads that read ahead worked out one film's pyramid at the same time, and a key waited for both."""
    path = tmp_path / "film.png"
    Image.fromarray(np.zeros((64, 48), np.uint8)).save(path)
    ref = FrameRef(path=path, frame_index=0)
    frames, told, made = Frames(session.worker, session), [], []  # type: ignore[var-annotated]
    frames.ready.connect(told.append)
    frames.store.load(ref)
    at_it, go_on, prepare = threading.Event(), threading.Event(), frames._pyramid_of

    def slow(ref: FrameRef, frame: Frame) -> Pyramid | None:
        made.append(ref)
        if len(made) == 1:
            at_it.set()
            assert go_on.wait(LIMIT_S)
        return prepare(ref, frame)

    frames._pyramid_of = slow  # type: ignore[method-assign]
    first = threading.Thread(target=frames._on_read, args=(ref,))
    first.start()
    assert at_it.wait(LIMIT_S)
    frames._on_read(ref)
    go_on.set()
    first.join(LIMIT_S)
    handled()
    frames.close()

    assert made == [ref]
    assert told == [ref], "it is told once, by who has made it"
