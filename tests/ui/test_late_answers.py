"""What was asked in another project, or of another model than is chosen now, is dropped when its answer comes."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.ui.test_review_ai import MODEL, FakeInference, answer, panel_of, prediction
from tests.waiting import settled
from viewer.core.errors import JobFailed, OutsideDomain
from viewer.core.heat import HeatMap
from viewer.project.project import Project
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.heat_state import HeatState
from viewer.ui.flows.model_choices import ModelChoice
from viewer.ui.flows.review import Review

# Both models have the class "Square", so that the word alone does not tell whose map it is.
OTHER = replace(MODEL, name="run-b", title="Squares · 9f9f", folder=Path("runs/run-b"), model_hash="e" * 64)


def a_map(image_id: str) -> HeatMap:
    return HeatMap(
        image_id=image_id, model_hash=MODEL.model_hash, label="Square", method="gradcam", layer="neck",
        grid=np.ones((4, 5), np.float32), x0_px=0, y0_px=0, x1_px=80, y1_px=64,
    )  # fmt: skip


ANSWERS: dict[str, tuple[bool, Callable[[str], Any]]] = {
    "prediction": (False, prediction),
    "mismatch": (False, lambda image_id: OutsideDomain("The model does not fit film_0.png.")),
    "failure": (False, lambda image_id: JobFailed("The model's process ended.")),
    "heatmap": (True, a_map),
    "mismatch of a heatmap": (True, lambda image_id: OutsideDomain("The model does not fit film_0.png.")),
    "refused heatmap": (True, lambda image_id: JobFailed("This model has no layer for a heatmap.")),
}


@pytest.fixture
def inference(monkeypatch: pytest.MonkeyPatch) -> FakeInference:
    fake = FakeInference()
    monkeypatch.setattr(Desk, "inference", fake)
    return fake


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, session: Desk) -> dict[str, list[ModelChoice]]:
    """Those that are found, by the name of the project's folder; a test may change them."""
    found = {"": [MODEL, OTHER]}
    monkeypatch.setattr(
        "viewer.ui.flows.model_queries.model_choices",
        lambda folder: list(found.get("" if folder is None else folder.name, found[""])),
    )
    return found


@pytest.fixture
def review(shown_case: Desk, inference: FakeInference, models: dict[str, list[ModelChoice]]) -> Review:
    made = shown_case.review
    shown_case.set_workspace("review")
    made.asking.choose_model(MODEL)
    settled(shown_case)
    return made


def another_project(session: Desk, review: Review, tmp_path: Path) -> None:
    image_id = image_of(session)
    with pytest.MonkeyPatch.context() as patch:  # the image stays on the screen, as one opened from a folder does
        patch.setattr(session.closing, "empty_project_views", lambda: None)
        session.open_project(Project.create(tmp_path / "other", name="Other", author="tester"))
        settled(session)
    assert image_of(session) == image_id
    assert review.asking.model == OTHER, "the other project has a model of its own"


def another_model(session: Desk, review: Review, tmp_path: Path) -> None:
    review.asking.choose_model(OTHER)
    settled(session)


def image_of(session: Desk) -> str:
    assert session.shown is not None and session.shown.image_id is not None
    return session.shown.image_id


@pytest.mark.parametrize("change", [another_project, another_model])
@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_of_another_project_or_model_is_dropped(
    review: Review, inference: FakeInference, models: dict[str, list[ModelChoice]], shown_case: Desk, tmp_path: Path,
    kind: str, change: Callable[[Desk, Review, Path], None],
) -> None:  # fmt: skip
    models["other"] = [OTHER]
    state = HeatState(shown_case, review)
    said: list[str] = []
    doing: list[str] = []
    of_heat, made = ANSWERS[kind]
    if of_heat:
        review.set_heat_on(on=True)
    else:
        review.asking.predict_image()
    settled(shown_case)
    (asked,) = inference.asked
    review.asking.asking_changed.connect(doing.append)

    change(shown_case, review, tmp_path)
    if of_heat:
        review.set_heat_class("Square")  # it has the same name for the other model
    newer = len(inference.asked)
    words = state.words
    shown_case.announced.connect(lambda level, sentence: said.append(sentence))
    asked["done"](made(asked["image_id"]))
    settled(shown_case)

    assert (review.heat, review.asking.mismatch, review.findings, said) == (None, "", [], [])
    assert state.words == words and len(inference.asked) == newer
    assert doing and (not doing[-1] or (of_heat and doing[-1] == "Explaining Square"))
    project = shown_case.project
    assert project is not None and project.work.predictions(asked["image_id"]) == ()


@pytest.mark.parametrize("change", [another_project, another_model])
def test_what_was_said_before_goes_with_the_project_and_the_model(
    review: Review, inference: FakeInference, models: dict[str, list[ModelChoice]], shown_case: Desk, tmp_path: Path,
    change: Callable[[Desk, Review, Path], None],
) -> None:  # fmt: skip
    models["other"] = [OTHER]
    review.set_heat_on(on=True)
    inference.asked.pop()["done"](a_map(image_of(shown_case)))
    review.asking.predict_image()
    settled(shown_case)
    inference.asked.pop()["done"](OutsideDomain("The model does not fit film_0.png."))
    settled(shown_case)
    assert review.heat is not None and review.asking.mismatch

    change(shown_case, review, tmp_path)

    assert review.heat is None and shown_case.heat is None and not review.asking.mismatch


@pytest.mark.parametrize("whole", [False, True], ids=["image", "series"])
@pytest.mark.parametrize("change", [another_project, another_model])
def test_a_question_whose_images_are_still_read_is_not_asked_elsewhere(
    review: Review, inference: FakeInference, models: dict[str, list[ModelChoice]], shown_case: Desk, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Desk, Review, Path], None], whole: bool,
) -> None:  # fmt: skip
    models["other"] = [OTHER]
    waits: list[Callable[[], None]] = []
    run = shown_case.run_in_background
    late = shown_case.worker.start_read
    monkeypatch.setattr(
        shown_case, "run_in_background", lambda work, done, failed: waits.append(lambda: done(late(work).result()))
    )
    (review.asking.predict_series if whole else review.asking.predict_image)()
    monkeypatch.setattr(shown_case, "run_in_background", run)

    change(shown_case, review, tmp_path)
    (read,) = waits
    read()
    settled(shown_case)

    assert inference.asked == []


def test_between_two_projects_the_model_of_the_first_is_asked_nothing(
    review: Review, inference: FakeInference, models: dict[str, list[ModelChoice]], shown_case: Desk, tmp_path: Path
) -> None:
    models["other"] = [OTHER]
    shown_case.open_project(Project.create(tmp_path / "other", name="Other", author="tester"))

    assert review.asking.model is None and review.asking.models == []
    review.set_heat_on(on=True)
    assert inference.asked == []
    settled(shown_case)
    assert review.asking.model == OTHER


def test_a_run_that_ends_meanwhile_takes_no_question_away(
    qtbot: QtBot, review: Review, inference: FakeInference, models: dict[str, list[ModelChoice]], shown_case: Desk
) -> None:
    asking = review.asking
    models[""] = [replace(MODEL, source="bundled")]
    asking._chosen = None
    asking.predict_image()
    settled(shown_case)
    models[""].append(OTHER)

    asking.find_models()
    settled(shown_case)
    assert asking.model is not None and asking.model.folder == MODEL.folder
    inference.asked.pop()["done"](prediction(image_of(shown_case)))
    qtbot.waitUntil(lambda: asking.model == OTHER)
    settled(shown_case)

    assert review.prediction is not None


def test_a_refusal_about_another_image_is_not_said_of_this_one(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    state = HeatState(shown_case, review)
    review.set_heat_on(on=True)
    (asked,) = inference.asked
    with qtbot.waitSignal(shown_case.image_shown):
        shown_case.case_step(1)
    settled(shown_case)

    asked["done"](OutsideDomain("The model does not fit film_0.png."))
    settled(shown_case)

    assert not review.asking.mismatch and "does not fit" not in state.words


def test_whose_answer_is_shown_is_said_beside_what_is_known_of_the_chosen_model(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    """The scores of one run stood below the AUC of another."""
    panel = panel_of(qtbot, shown_case)
    answer(qtbot, review, inference, shown_case, model_hash="a" * 64, model_name="Squares · 9f9f")
    assert panel.model_detail.text().startswith("Not asked about this image: below is Squares · 9f9f")

    review.asking.predict_image()
    qtbot.waitUntil(lambda: bool(inference.asked))
    assert shown_case.shown is not None and shown_case.shown.image_id is not None
    inference.asked.pop()["done"](prediction(shown_case.shown.image_id, name="own"))
    qtbot.waitUntil(lambda: "Not asked" not in panel.model_detail.text())
