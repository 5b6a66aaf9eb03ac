"""A view that is called Heatmap shows one or says why not."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_on
from tests.ui.test_review_ai import MODEL, FakeInference, prediction
from tests.waiting import handled, settled
from viewer.core.errors import BadRequest, OutsideDomain
from viewer.core.heat import HeatMap
from viewer.ui.canvas.view import ImageView
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.heat_state import NO_LAYER, NO_MODEL, NOT_ASKED
from viewer.ui.flows.model_choices import ModelChoice
from viewer.ui.flows.review import Review
from viewer.ui.panels.heatmap import HeatmapPanel
from viewer.ui.views.cell import ViewCell


@pytest.fixture
def inference(monkeypatch: pytest.MonkeyPatch) -> FakeInference:
    fake = FakeInference()
    monkeypatch.setattr(Desk, "inference", fake)
    return fake


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> list[ModelChoice]:
    """Those that are found; a test may change them."""
    found = [MODEL]
    monkeypatch.setattr("viewer.ui.flows.model_queries.model_choices", lambda folder: list(found))
    return found


@pytest.fixture
def review(shown_case: Desk, inference: FakeInference, models: list[ModelChoice]) -> Review:
    made = shown_case.review
    shown_case.set_workspace("review")
    return made


def heat_view(qtbot: QtBot, session: Desk, review: Review) -> ImageView:
    """The view beside the plain image."""
    review.set_heat_on(on=True)
    qtbot.waitUntil(lambda: any(cell.with_heat for cell in session.cells))
    cell: ViewCell = next(cell for cell in session.cells if cell.with_heat)
    qtbot.waitUntil(lambda: cell.shown is not None)
    handled()
    return cell.view


def said(view: ImageView) -> str:
    return " ".join(words_on(view))


def a_map(session: Desk, value: float, **more: Any) -> HeatMap:
    assert session.shown is not None and session.shown.image_id is not None
    return HeatMap(
        image_id=session.shown.image_id, model_hash="f" * 64, label="Square", method="gradcam", layer="neck",
        grid=np.full((4, 5), value, np.float32), x0_px=0, y0_px=0, x1_px=80, y1_px=64, **more,
    )  # fmt: skip


def test_without_a_model_it_says_so(qtbot: QtBot, shown_case: Desk, review: Review, models: list[ModelChoice]) -> None:
    models.clear()
    review.asking.find_models()
    settled(shown_case)
    assert review.asking.model is None

    assert NO_MODEL in said(heat_view(qtbot, shown_case, review))


def test_a_model_without_a_layer_to_read_says_so(qtbot: QtBot, shown_case: Desk, review: Review) -> None:
    review.asking.choose_model(replace(MODEL, cam_layer=""))

    assert NO_LAYER in said(heat_view(qtbot, shown_case, review))


def test_while_it_is_computed_it_says_so_and_then_shows_the_map_and_its_scale(
    qtbot: QtBot, shown_case: Desk, review: Review, inference: FakeInference
) -> None:
    review.asking.choose_model(MODEL)
    view = heat_view(qtbot, shown_case, review)
    qtbot.waitUntil(lambda: bool(inference.asked))
    handled()
    assert "Explaining Square…" in said(view)

    inference.asked[-1]["done"](a_map(shown_case, 1.5, unit="logit", scale_top=2.31, scale_from="the model"))
    qtbot.waitUntil(lambda: review.heat is not None)
    words = said(view)
    assert "Explaining" not in words and NOT_ASKED not in words
    assert "maximum 1.50 points" in words and "0 2.31 points" in words


def test_a_map_too_weak_for_its_scale_says_so_on_the_picture(
    qtbot: QtBot, shown_case: Desk, review: Review, inference: FakeInference
) -> None:
    review.asking.choose_model(MODEL)
    view = heat_view(qtbot, shown_case, review)
    qtbot.waitUntil(lambda: bool(inference.asked))
    inference.asked[-1]["done"](a_map(shown_case, 0.05, unit="logit", scale_top=2.31))
    qtbot.waitUntil(lambda: review.heat is not None)

    assert "Too weak to be drawn" in said(view) and "maximum 0.05 points" in said(view)
    assert "0 2.31 points" in said(view), "the ends of the colour bar"


@pytest.mark.parametrize(
    "error",
    [
        OutsideDomain("film_0.png is DX; the model was trained on CT."),
        BadRequest("The model finds boxes in two stages."),
    ],
    ids=["outside", "not possible"],
)
def test_what_was_refused_stands_in_the_view_until_another_image(
    qtbot: QtBot, shown_case: Desk, review: Review, inference: FakeInference, error: Exception
) -> None:
    review.asking.choose_model(MODEL)
    view = heat_view(qtbot, shown_case, review)
    qtbot.waitUntil(lambda: bool(inference.asked))
    inference.asked[-1]["done"](error)
    handled()

    qtbot.waitUntil(lambda: "No heatmap:" in said(view))
    assert str(error).split()[-1] in said(view)
    asked = len(inference.asked)
    with qtbot.waitSignal(shown_case.image_shown):
        shown_case.case_step(1)
    qtbot.waitUntil(lambda: len(inference.asked) > asked)
    handled()
    assert "Explaining Square…" in said(view)


def test_a_map_that_was_refused_with_its_answer_is_asked_for_again_when_the_answer_was_run_anyway(
    qtbot: QtBot, shown_case: Desk, review: Review, inference: FakeInference
) -> None:
    review.asking.choose_model(MODEL)
    view = heat_view(qtbot, shown_case, review)
    review.set_heat_class("Square")
    qtbot.waitUntil(lambda: bool(inference.asked) and inference.asked[-1]["label"] == "Square")
    inference.asked[-1]["done"](OutsideDomain("film_0.png is DX. Choose another model, or run it anyway."))
    qtbot.waitUntil(lambda: "run it anyway" in said(view))
    film = shown_case.at_hand.images.held[shown_case.shown.image_id].record.path.name  # type: ignore[union-attr]
    assert film == "film_0.png" and film in said(view)
    shown_case.set_names_hidden(hidden=True)
    assert "run it anyway" in said(view) and film not in said(view)
    shown_case.set_names_hidden(hidden=False)
    assert film in said(view)
    label = review.heat_label
    asked = inference.asked[-1]

    assert shown_case.shown is not None and shown_case.shown.image_id is not None
    review.asking.predicted.emit(
        replace(prediction(shown_case.shown.image_id, (0.9,)), outside_domain="the image is DX, not CT")
    )
    qtbot.waitUntil(lambda: inference.asked[-1] is not asked)

    assert inference.asked[-1]["run_anyway"] is True and review.heat_label == label
    qtbot.waitUntil(lambda: "run it anyway" not in said(view))


@pytest.mark.parametrize("series", [False, True], ids=["image", "series"])
def test_a_refusal_is_said_where_the_person_is(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk, series: bool
) -> None:
    review.asking.choose_model(MODEL)
    shown_case.set_workspace("read")
    announced: list[tuple[str, str]] = []
    shown_case.announced.connect(lambda level, sentence: announced.append((level, sentence)))
    (review.asking.predict_series if series else review.asking.predict_image)()
    qtbot.waitUntil(lambda: bool(inference.asked))

    inference.asked.pop()["done"](OutsideDomain("It is DX, not CT. Choose another model, or run it anyway."))

    said = ("warn", "It is DX, not CT. Choose another model, or run it anyway. Both are in Review AI (F8).")
    qtbot.waitUntil(lambda: said in announced)


def test_which_film_reached_the_top_of_the_scale_is_said_and_hidden_with_names(
    qtbot: QtBot, review: Review, shown_case: Desk
) -> None:
    panel, project = HeatmapPanel(shown_case), shown_case.project
    qtbot.addWidget(panel)
    assert project is not None
    film, source = project.images.all()[5], "the largest of 9 validation images"
    settled(shown_case)  # the model is found, and chosen
    review.heat_on = True
    review.heat = a_map(shown_case, 1.5, unit="logit", scale_top=2.31, scale_from=source, scale_image=film.image_id)
    review.heat_changed.emit()
    settled(shown_case)
    assert panel.facts.text().endswith(f"{source}: {film.path.name}")

    shown_case.set_names_hidden(hidden=True)
    assert film.path.name not in panel.facts.text() and "names hidden" in panel.facts.text()

    shown_case.set_names_hidden(hidden=False)
    review.heat = a_map(shown_case, 1.5, unit="logit", scale_top=2.31, scale_from=source, scale_image="ab" * 16)
    review.heat_changed.emit()
    settled(shown_case)
    assert panel.facts.text().endswith(source)  # a film of another project is not named


def test_no_heatmap_is_asked_for_where_none_is_seen(
    qtbot: QtBot, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    """Left on in Review, it asked about every series that was opened in Read, and warned that its model fits none."""
    review.set_heat_on(on=True)
    qtbot.waitUntil(lambda: len(inference.asked) == 1)
    assert shown_case.project is not None
    for space in ("read", "annotate", "train"):
        shown_case.set_workspace(space)
        with qtbot.waitSignal(shown_case.image_shown):
            shown_case.open_case(shown_case.project.cases.all()[("read", "annotate", "train").index(space) + 1].case_id)
        settled(shown_case)
        assert len(inference.asked) == 1, space

    shown_case.set_workspace("review")

    qtbot.waitUntil(lambda: len(inference.asked) == 2)
    assert shown_case.shown is not None and inference.asked[-1]["image_id"] == shown_case.shown.image_id
