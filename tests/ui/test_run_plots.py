"""The curves of a run follow the size of text, and no word of them is cut. Real geometry, at 100 and 150 %."""

from itertools import product
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QPainter, QPixmap
from pytestqt.qtbot import QtBot

from tests.waiting import handled
from viewer.jobs.run_story import EpochPoint
from viewer.jobs.runs import RunState, RunStatus
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.run_words import figure_sentence
from viewer.ui.look.theme import Theme
from viewer.ui.panels.run_plots import TRAIN, RunPlots

EPOCHS = 9


def run_of(value: float, best_epoch: int, metric: str = "auc", **more: object) -> RunState:
    curves = tuple(
        EpochPoint(
            epoch=epoch, train_loss=1.2 / epoch, val_loss=1.3 / epoch, threshold=0.42,
            metrics={metric: value if epoch == best_epoch else value * 0.9},
        )
        for epoch in range(1, EPOCHS + 1)
    )  # fmt: skip
    facts = {
        "run_id": "r", "folder": Path("r"), "task": "t", "model": "simple_cnn", "state": RunStatus.FINISHED,
        "curves": curves, "metric_name": metric, "best_epoch": best_epoch, "epochs": EPOCHS, "epoch": EPOCHS,
        "val_cases": 12, "val_patients": 6,
    }  # fmt: skip
    return RunState(**{**facts, **more})  # type: ignore[arg-type]  # facts by name


@pytest.fixture
def plots(qtbot: QtBot, session: Desk) -> RunPlots:
    made = RunPlots(session)
    qtbot.addWidget(made)
    made.resize(340, 560)
    made.show()
    return made


def test_the_best_figure_stands_whole_within_its_plot(session: Desk, plots: RunPlots) -> None:
    for value, best_epoch, scale in product((1.0, 0.432, 0.02), (1, 2, 5, 8, 9), (1.0, 1.5, 0.9)):
        session.set_theme(Theme())
        plots.show_run(run_of(value, best_epoch))
        handled()

        session.set_theme(Theme(font_scale=scale))
        handled()

        the_best_figure_stands_whole(plots, value, f"{value} after epoch {best_epoch}, text {scale}")


def the_best_figure_stands_whole(plots: RunPlots, value: float, case: str) -> None:
    words, room = plots.best_words, plots.metric_plot.getViewBox().sceneBoundingRect()
    place = words.mapRectToScene(words.boundingRect())
    assert words.toPlainText() == f"{value:.3f} best", case
    assert room.adjusted(-0.5, -0.5, 0.5, 0.5).contains(place), (case, room, place)
    # And above its point, not over it.
    point = plots.metric_plot.getViewBox().mapViewToScene(words.pos())
    assert place.bottom() <= point.y() and place.left() - 1 <= point.x() <= place.right() + 1, case


def test_every_text_of_the_plots_has_the_size_that_is_set(session: Desk, plots: RunPlots) -> None:
    plots.show_run(run_of(1.0, 5))
    height = plots.loss.height()
    for scale in (1.0, 1.5):
        every_text_has_its_size(session, plots, height, scale)


def every_text_has_its_size(session: Desk, plots: RunPlots, height: int, scale: float) -> None:
    session.set_theme(Theme(font_scale=scale))
    handled()

    wanted = round(11 * scale)
    for plot in (plots.loss, plots.metric_plot):
        for side in ("left", "bottom"):
            axis = plot.getPlotItem().getAxis(side)
            assert axis.style["tickFont"].pixelSize() == wanted
            assert axis.height() >= wanted if side == "bottom" else axis.width() >= 2 * wanted
    assert plots.best_words.textItem.font().pixelSize() == wanted
    assert plots.loss.height() == round(height * scale)
    for legend in (plots.loss_legend, plots.metric_legend):
        assert legend.height() >= round(13 * scale) * 1.2


def test_the_headline_figure_says_what_it_is_and_on_what(plots: RunPlots) -> None:
    plots.show_run(run_of(0.9, 5, "f1"))

    words = plots.meaning.text()
    assert words.startswith("F1 0.900 on the validation part, 12 cases of 6 patients, after epoch 5: F1 of the boxes")
    assert "The cut, 0.42, was chosen on these same cases." in words and "expect less on others" in words
    assert plots.meaning.isVisible()

    assert "cut" not in figure_sentence(run_of(0.9, 5, "auc")), "it ranks, and has none"
    assert "cases of" not in figure_sentence(run_of(0.9, 5, val_cases=0, val_patients=0)), "a run from before"
    plots.show_run(None)
    assert not plots.meaning.isVisible() and plots.meaning.text() == ""


def of_steps(per_epoch: int) -> tuple[tuple[float, float], ...]:
    """The loss at so many steps of every epoch."""
    return tuple((step / per_epoch, 1.0) for step in range(1, EPOCHS * per_epoch + 1))


EPOCH_MEANS = [(float(epoch), 1.2 / epoch) for epoch in range(1, EPOCHS + 1)]


@pytest.mark.parametrize(
    ("steps", "drawn"),
    [
        (((0.5, 0.9),), EPOCH_MEANS),  # it was over before a second step was told of
        (((0.5, 0.9), (2.0, 0.8)), EPOCH_MEANS),
        ((*of_steps(10)[:-15], (8.9, 0.1)), EPOCH_MEANS),  # the last epochs were quick
        (of_steps(1), EPOCH_MEANS),
        ((), EPOCH_MEANS),
        (of_steps(10), list(of_steps(10))),
    ],
    ids=["one", "two", "the end is missing", "one of each", "none", "many"],
)
def test_the_training_loss_tells_of_every_epoch(
    plots: RunPlots, steps: tuple[tuple[float, float], ...], drawn: list[tuple[float, float]]
) -> None:
    plots.show_run(run_of(0.9, 5, steps_loss=steps))

    train = plots.loss.getPlotItem().listDataItems()[0]
    x, y = train.getData()
    assert list(zip(x.tolist(), y.tolist(), strict=True)) == drawn
    assert (train.opts["symbol"] is None) is (len(drawn) > 30)


@pytest.mark.parametrize("steps", [((0.5, 1.0),), ()], ids=["a first step", "a run of one epoch"])
def test_a_lone_point_of_the_training_loss_is_seen(plots: RunPlots, steps: tuple[tuple[float, float], ...]) -> None:
    curves = () if steps else (EpochPoint(epoch=1, train_loss=1.0, val_loss=None, metrics={}),)
    plots.show_run(run_of(0.9, 1, curves=curves, steps_loss=steps, epochs=1))
    handled()

    ink = plots.loss.grab().toImage()
    color = QColor(TRAIN["dark"]).rgb()
    assert sum(ink.pixel(x, y) == color for x in range(ink.width()) for y in range(ink.height())) >= 4


def test_all_curves_have_dots_or_none_has(plots: RunPlots) -> None:
    for epochs in (9, 31):
        plots.show_run(run_of(0.9, 5, epochs=epochs))

        curves = (*plots.loss.getPlotItem().listDataItems(), *plots.metric_plot.getPlotItem().listDataItems()[:1])
        assert [curve.opts["symbol"] for curve in curves] == [None if epochs > 30 else "o"] * 3, epochs


def _contrast(one: QColor, other: QColor) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(color: QColor) -> float:
        parts = (color.redF(), color.greenF(), color.blueF())
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_line_is_seen_on_the_ground_of_the_theme(plots: RunPlots, session: Desk, theme: str) -> None:
    """At least 3 to 1, what WCAG 2 asks of graphics; the legend has the colours of the lines."""
    plots.show_run(run_of(0.9, 5))
    session.set_theme(Theme(name=theme))
    handled()

    ground = session.theme.color("card")
    curves = (*plots.loss.getPlotItem().listDataItems(), *plots.metric_plot.getPlotItem().listDataItems()[:1])
    drawn = [curve.opts["pen"].color() for curve in curves]
    assert all(_contrast(color, ground) >= 3 for color in drawn)
    assert [QColor(color) for _, color, _ in plots.loss_legend.entries] == drawn[:2]


def test_the_last_epoch_is_drawn_at_the_axis(plots: RunPlots, session: Desk) -> None:
    for scale, epochs in product((1.0, 1.5), (9, 30, 300)):
        session.set_theme(Theme(name="dark", font_scale=scale))
        plots.show_run(run_of(0.9, 5, epochs=epochs))
        plots.show()
        handled()
        the_last_epoch_is_drawn(plots, scale, epochs)


def the_last_epoch_is_drawn(plots: RunPlots, scale: float, epochs: int) -> None:
    for plot in (plots.loss, plots.metric_plot):
        picture = QPixmap(plot.size())
        painter = QPainter(picture)
        _, _, written = plot.getPlotItem().getAxis("bottom").generateDrawSpecs(painter)
        painter.end()
        assert written[-1][2] == str(epochs), scale
