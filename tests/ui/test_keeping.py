"""What the window keeps at hand: what is listed or on the screen stays, whatever else is looked at."""

import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.test_review_ai import prediction
from tests.waiting import LIMIT_S, handled, settled
from viewer.core.edits import Edit
from viewer.core.errors import BadProject, BadRequest
from viewer.core.shapes.kinds.box import Box
from viewer.project.at_hand import reading
from viewer.project.at_hand.unknown import Unknown
from viewer.project.at_hand.values import AtHand, Fresh, ImageAtHand
from viewer.project.edit_builders import add_annotation
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.ui.flows.desk import Desk
from viewer.ui.state import keeping
from viewer.ui.window.main_window import MainWindow


def test_a_list_longer_than_what_is_kept_comes_to_rest(shown_case: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A series of 1,500 slices outside of the project: each image that came pushed out another, without an end."""
    monkeypatch.setattr(keeping, "MOST_IMAGES", 3)
    listed = [f"outside {number}" for number in range(20)]
    shown_case.keeping.arrived.connect(lambda *_: shown_case.keeping.bring_listed(listed))

    shown_case.keeping.bring_listed(listed)
    settled(shown_case)
    shown_case.keeping.bring(["another"])
    settled(shown_case)

    assert all(shown_case.at_hand.images.known(image_id) for image_id in listed)


def test_the_image_on_the_screen_stays_at_hand(shown_case: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_IMAGES", 3)
    monkeypatch.setattr(keeping, "MOST_CASES", 0)
    assert shown_case.shown is not None
    here, known = shown_case.shown.image_id, []
    settled(shown_case)
    shown_case.keeping.open_case("another")  # its own case is kept no longer
    shown_case.keeping.arrived.connect(lambda *_: known.append(shown_case.at_hand.images.known(here)))

    for number in range(12):
        shown_case.keeping.bring([f"elsewhere {number}"])
        settled(shown_case)

    assert known and all(known)
    assert sum(shown_case.at_hand.images.known(f"elsewhere {number}") for number in range(12)) <= 4


def test_what_could_not_be_read_is_asked_for_again(shown_case: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that failed once left an image unknown, and so without its shapes and closed to drawing, for good."""
    heard: list[str] = []
    shown_case.announced.connect(lambda _level, sentence: heard.append(sentence))
    settled(shown_case)  # else what is on its way already fails too

    def fails(*_: object) -> None:
        raise BadProject("The disk could not read the project.")

    with monkeypatch.context() as patch:
        patch.setattr(reading, "read_some", fails)
        shown_case.keeping.bring(["elsewhere"])
        settled(shown_case)
    assert heard == ["The disk could not read the project."]
    assert not shown_case.at_hand.images.known("elsewhere")

    shown_case.keeping.bring(["elsewhere"])
    settled(shown_case)

    assert shown_case.at_hand.images.known("elsewhere")


@pytest.fixture
def read_beside(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The images of which all that may be on them was asked as their pixels were read."""
    found: list[str] = []
    read_some = reading.read_some

    def heard(project: Project, image_ids: Sequence[str], case_ids: Sequence[str] = ()) -> Fresh:
        if sys._getframe(1).f_code.co_name == "read_beside":
            found.extend(image_ids)
        return read_some(project, image_ids, case_ids)

    monkeypatch.setattr(reading, "read_some", heard)
    return found


def test_images_of_a_folder_that_no_project_knows_are_at_hand_without_its_questions(
    window: MainWindow, studies_folder: Path, qtbot: QtBot, read_beside: list[str]
) -> None:
    """A dozen for each: they held up the first image, and each that was read ahead."""
    session = window.session
    session.open_paths([studies_folder])
    qtbot.waitUntil(lambda: session.shown is not None)
    assert session.shown is not None and session.shown.image_id is not None
    assert session.at_hand.images.known(session.shown.image_id), "when it is told"
    settled(session)

    assert not read_beside
    assert len(session.at_hand.held) > 1, "those that were read ahead too"


def test_an_image_of_the_project_is_read_with_what_is_on_it(
    shown_case: Desk, monkeypatch: pytest.MonkeyPatch, read_beside: list[str]
) -> None:
    settled(shown_case)
    assert shown_case.shown is not None and shown_case.shown.image_id is not None
    image_id = shown_case.shown.image_id
    read_beside.clear()
    monkeypatch.setattr(shown_case.keeping, "at_hand", AtHand())

    shown_case.worker.start_read(lambda: shown_case.frames.beside(image_id)).result()

    assert image_id in read_beside  # others may still be read ahead


@pytest.mark.parametrize("is_known", [False, True])
def test_what_is_read_as_the_window_closes_is_not_told(
    shown_case: Desk, monkeypatch: pytest.MonkeyPatch, *, is_known: bool
) -> None:
    """Threads that read ahead are not waited for: one told it to what was gone, and took the process with it."""

    class Closes(Unknown):
        def nothing_on(self, image_id: str, followed: int) -> Fresh | None:
            shown_case.beside.close()
            return None if is_known else Fresh(as_of=followed, images={image_id: ImageAtHand(as_of=followed)})

    assert shown_case.project is not None
    monkeypatch.setattr(shown_case.beside, "_unknown", Closes(shown_case.project))
    settled(shown_case)

    late = threading.Thread(target=shown_case.beside.read, args=("elsewhere",))
    late.start()
    late.join(LIMIT_S)
    handled()

    assert not shown_case.at_hand.images.known("elsewhere")


def _near(desk: Desk) -> list[str]:
    current = desk.cases.current
    assert current is not None
    return desk.cases._near(current)


def test_the_cases_near_the_shown_one_stay_at_hand_while_it_is_worked_on(shown_case: Desk) -> None:
    """Each gesture let go of them, so that the next key had to wait until they were read once more."""
    settled(shown_case)
    shown = shown_case.shown
    assert shown is not None and shown.image_id is not None and _near(shown_case)

    for y in (10, 20):
        box = Box(x0_px=5, y0_px=5, x1_px=30, y1_px=y)
        assert shown_case.do(add_annotation(shown.image_id, "Square", box, author="tester"))
        shown_case.edits.wait()
        handled()  # no time for a reading
        assert all(shown_case.at_hand.cases.at_hand(case_id) for case_id in _near(shown_case))

    shown_case.case_step(1)
    assert shown_case.cases.current != shown.case_id, "nothing had to be read for it"


def test_what_the_window_has_written_is_read_once(shown_case: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each gesture was followed once more as if somebody else had made it, and the next one waited for that."""
    settled(shown_case)
    asked: list[object] = []
    changes = reading.read_changes

    def counted(*given: Any) -> Any:
        asked.append(None)
        return changes(*given)

    monkeypatch.setattr(reading, "read_changes", counted)
    shown = shown_case.shown
    assert shown is not None and shown.image_id is not None
    assert shown_case.do(add_annotation(shown.image_id, "Square", Box(x0_px=5, y0_px=5, x1_px=9, y1_px=9), author="me"))
    settled(shown_case)
    assert len(asked) == 1

    shown_case.keeping.keep_prediction(prediction(shown.image_id), lambda: None)
    settled(shown_case)
    assert len(asked) == 2

    assert shown_case.project is not None
    shown_case.project.tasks.put(Task(name="by another", kind="classification", labels=("Bright", "Dark")))
    settled(shown_case)
    assert len(asked) == 3, "what else is written is followed"


def test_what_was_kept_before_a_gesture_was_refused_is_followed(shown_case: Desk) -> None:
    settled(shown_case)
    project = shown_case.project
    assert project is not None

    def maker() -> Edit:
        project.tasks.put(Task(name="half way", kind="classification", labels=("Bright", "Dark")))
        raise BadRequest("It does not fit.")

    shown_case.edits.make(maker)
    settled(shown_case)

    assert [one.name for one in shown_case.at_hand.tasks.all()].count("half way") == 1
