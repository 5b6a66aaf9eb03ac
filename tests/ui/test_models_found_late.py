"""Models are looked for and images named in the background: what comes late takes no question and no choice away."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.test_review_ai import MODEL, FakeInference
from tests.waiting import LIMIT_S, settled
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.membership import Members
from viewer.ui.flows.model_choices import ModelChoice
from viewer.ui.flows.model_queries import ModelQueries

OTHER = replace(MODEL, name="run-b", title="Squares · 3c4d", folder=Path("runs/run-b"), model_hash="e" * 64)


class Gate:
    """A function that answers when the test opens the gate."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function, self.open, self.entered = function, threading.Event(), threading.Event()

    def __call__(self, *values: Any) -> Any:
        self.entered.set()
        assert self.open.wait(LIMIT_S)
        return self.function(*values)


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> FakeInference:
    fake = FakeInference()
    monkeypatch.setattr(Desk, "inference", fake)
    return fake


@pytest.fixture
def asking(shown_case: Desk, child: FakeInference) -> ModelQueries:
    settled(shown_case)
    return shown_case.review.asking


@pytest.fixture
def naming(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Reading the images of a question takes until the test opens it."""
    real = Members.image_ids
    gate = Gate(real)
    monkeypatch.setattr(Members, "image_ids", lambda self, refs: gate(self, refs))
    yield gate
    gate.open.set()


def finds(monkeypatch: pytest.MonkeyPatch, found: Callable[[Path], list[ModelChoice]]) -> None:
    monkeypatch.setattr("viewer.ui.flows.model_queries.model_choices", found)


def test_an_earlier_look_that_ends_late_takes_no_chosen_model_away(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, shown_case: Desk, asking: ModelQueries, child: FakeInference
) -> None:
    early = Gate(lambda folder: [OTHER])
    finds(monkeypatch, early)
    asking.find_models()
    qtbot.waitUntil(early.entered.is_set)
    finds(monkeypatch, lambda folder: [MODEL, OTHER])
    asking.find_models()
    qtbot.waitUntil(lambda: asking.models == [MODEL, OTHER])

    asking.choose_model(MODEL)
    asking.predict_image()
    early.open.set()
    settled(shown_case)

    assert asking.model == MODEL
    assert asking.models == [MODEL, OTHER]
    assert len(child.asked) == 1


def test_a_newer_model_waits_for_a_question_whose_images_are_being_read(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, shown_case: Desk, asking: ModelQueries, child: FakeInference,
    naming: Gate,
) -> None:  # fmt: skip
    finds(monkeypatch, lambda folder: [MODEL])
    asking.find_models()
    qtbot.waitUntil(lambda: asking.model == MODEL)
    asking.predict_image()
    qtbot.waitUntil(naming.entered.is_set)

    finds(monkeypatch, lambda folder: [OTHER, MODEL])  # a run has ended
    asking.find_models()
    qtbot.waitUntil(lambda: asking.models == [OTHER, MODEL])
    naming.open.set()
    settled(shown_case)

    assert asking.model == MODEL
    assert len(child.asked) == 1


@pytest.mark.parametrize("ask", [ModelQueries.predict_image, ModelQueries.predict_series])
def test_a_question_stopped_while_its_images_are_read_is_not_asked(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, shown_case: Desk, asking: ModelQueries, child: FakeInference,
    naming: Gate, ask: Callable[[ModelQueries], None],
) -> None:  # fmt: skip
    finds(monkeypatch, lambda folder: [MODEL])
    asking.find_models()
    qtbot.waitUntil(lambda: asking.model == MODEL)
    doing: list[str] = []
    asking.asking_changed.connect(doing.append)

    ask(asking)
    qtbot.waitUntil(naming.entered.is_set)
    assert doing[-1] == "Reading the images"
    asking.cancel()
    assert doing[-1] == ""
    naming.open.set()
    settled(shown_case)

    assert child.asked == []
    assert doing[-1] == ""


def test_a_newer_model_is_asked_once_the_question_before_it_could_not_be_named(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, shown_case: Desk, asking: ModelQueries
) -> None:
    def gone(*_: object) -> list[str]:
        raise OSError("the disk is gone")

    finds(monkeypatch, lambda folder: [MODEL])
    asking.find_models()
    qtbot.waitUntil(lambda: asking.model == MODEL)
    gate = Gate(gone)
    monkeypatch.setattr(Members, "image_ids", gate)
    asking.predict_image()
    qtbot.waitUntil(gate.entered.is_set)
    finds(monkeypatch, lambda folder: [OTHER, MODEL])
    asking.find_models()
    qtbot.waitUntil(lambda: asking.models == [OTHER, MODEL])

    gate.open.set()

    qtbot.waitUntil(lambda: asking.model == OTHER)
