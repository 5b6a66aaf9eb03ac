"""What the window keeps at hand: what is listed or on the screen stays, whatever else is looked at."""

import pytest

from tests.waiting import settled
from viewer.core.errors import BadProject
from viewer.project.at_hand import reading
from viewer.ui.flows.desk import Desk
from viewer.ui.state import keeping


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
