"""Asking a model twice, or for a heatmap before the answer is there, loses nothing and is no error."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.test_review_ai import MODEL, FakeInference, prediction
from tests.waiting import settled
from viewer.core.errors import JobFailed
from viewer.jobs.inference import DROPPED, Dropped
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.review import Review


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> FakeInference:
    fake = FakeInference()
    monkeypatch.setattr(Desk, "inference", fake)
    return fake


@pytest.fixture
def asker(shown_case: Desk, child: FakeInference, monkeypatch: pytest.MonkeyPatch) -> Iterator[Review]:
    monkeypatch.setattr("viewer.ui.flows.model_queries.model_choices", lambda folder: [MODEL])
    review = shown_case.review
    shown_case.set_workspace("review")
    review.asking.choose_model(MODEL)
    yield review


def heard(session: Desk) -> list[str]:
    said: list[str] = []
    session.announced.connect(lambda level, sentence: said.append(f"{level}: {sentence}"))
    return said


def shown_id(session: Desk) -> str:
    assert session.shown is not None and session.shown.image_id is not None
    return session.shown.image_id


def ask(review: Review, session: Desk) -> None:
    review.asking.predict_image()
    settled(session)


def test_the_same_question_twice_is_asked_once_and_answered(
    asker: Review, child: FakeInference, shown_case: Desk
) -> None:
    said = heard(shown_case)

    ask(asker, shown_case)
    ask(asker, shown_case)
    (asked,) = child.asked
    asked["done"](prediction(shown_id(shown_case)))
    settled(shown_case)

    assert asker.prediction is not None and said == []


def test_the_same_heatmap_twice_is_asked_for_once(asker: Review, child: FakeInference, shown_case: Desk) -> None:
    for _ in range(2):
        asker.asking.explain("Square", "gradcam", run_anyway=False)
    asker.asking.explain("Square", "layercam", run_anyway=False)

    assert [asked["method"] for asked in child.asked] == ["gradcam", "layercam"]


def test_a_heatmap_asked_for_before_the_answer_takes_nothing_away(
    asker: Review, child: FakeInference, shown_case: Desk
) -> None:
    said, doing = heard(shown_case), []
    asker.asking.asking_changed.connect(doing.append)
    ask(asker, shown_case)

    asker.set_heat_on(on=True)
    assert doing[-1].startswith("Asking"), "what decides is said before what explains"
    first, heat = child.asked
    assert heat["label"] == "Square"
    heat["done"](Dropped(DROPPED))
    first["done"](prediction(shown_id(shown_case)))
    settled(shown_case)

    assert asker.prediction is not None and said == []
    assert doing[-1].startswith("Explaining")  # now of the class with the highest score
    assert child.asked[-1]["label"] == "Lung"


def test_a_question_that_newer_ones_pushed_out_is_asked_again(
    asker: Review, child: FakeInference, shown_case: Desk
) -> None:
    said = heard(shown_case)
    ask(asker, shown_case)

    child.asked.pop()["done"](Dropped(DROPPED))
    settled(shown_case)
    child.asked.pop()["done"](prediction(shown_id(shown_case)))
    settled(shown_case)

    assert asker.prediction is not None and said == []


def test_a_heatmap_that_fails_ends_no_other_question(asker: Review, child: FakeInference, shown_case: Desk) -> None:
    said, doing = heard(shown_case), []
    asker.asking.asking_changed.connect(doing.append)
    ask(asker, shown_case)
    asker.set_heat_on(on=True)

    child.asked.pop()["done"](JobFailed("This model has no layer for a heatmap."))
    settled(shown_case)
    assert doing[-1].startswith("Asking"), "the other question is still on its way"
    child.asked.pop()["done"](prediction(shown_id(shown_case)))
    settled(shown_case)

    assert said == ["error: This model has no layer for a heatmap."]
    assert asker.prediction is not None


def test_one_image_asked_about_during_a_series_ends_no_series(
    qtbot: QtBot, asker: Review, child: FakeInference, reading: Any, tmp_path: Path
) -> None:
    session = reading.session
    review = session.review
    review.asking.model = MODEL
    total = len(session.shown.series.frames)
    review.asking.predict_series()
    qtbot.waitUntil(lambda: len(child.asked) == 1)
    last = session.shown.series.frames[-1]
    session.active_cell.scroll_to(total - 1)
    qtbot.waitUntil(lambda: session.shown.ref == last and session.shown.image_id is not None)
    looked_at = shown_id(session)
    ask(review, session)

    answered: list[str] = []
    while child.asked:
        asked = child.asked.pop()
        asked["done"](prediction(asked["image_id"], name=f"p{len(answered)}"))
        answered.append(asked["image_id"])
        settled(session)

    assert len(answered) == len(set(answered)) == total
    assert answered.index(looked_at) == 1, "what is looked at comes next"
