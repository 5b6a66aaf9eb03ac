"""The report of a run in the window: its curves as pictures with words, and no bar that scrolls by nothing."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from ml.card import write_json
from ml.evaluation.page import report_body
from ml.report_job import REPORT_FOLDER
from tests.ui.scenes import program_fonts  # noqa: F401
from tests.ui.test_run_report import DOCUMENT, finished, judged  # noqa: F401  # finished: a fixture
from tests.waiting import handled, settled
from viewer.jobs.runs import read_run
from viewer.ui.dialogs.page_style import style_page
from viewer.ui.dialogs.run_report import RunReportDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.look.plain_text import OurPage
from viewer.ui.look.theme import Theme

pytestmark = pytest.mark.usefixtures("program_fonts")
CURVES = [
    {"kind": "roc", "of": "Square <b>", "lines": [{"name": "", "x": [0, 0, 0.5, 1], "y": [0, 0.5, 1, 1]}]},
    {"kind": "precision", "of": "Square <b>", "lines": [{"name": "", "x": [0.5, 1], "y": [1, 0.6]}]},
]
WORDS = "ROC of Square <b>: sensitivity 0.50 at 0.1, 0.50 at 0.2, 1.00 at 0.5 false alarms per negative case."


def report_of(qtbot: QtBot, session: Desk, run: Path, *, curves: bool) -> RunReportDialog:
    judged(run)
    if curves:
        write_json(run / REPORT_FOLDER / "figures.json", {**DOCUMENT, "curves": CURVES})
    dialog = RunReportDialog(session, read_run(run))
    qtbot.addWidget(dialog)
    dialog.show()
    settled(session)
    return dialog


def inked(picture: QImage) -> float:
    """The share of a picture that something is drawn on."""
    pixels = picture.convertToFormat(QImage.Format.Format_RGBA8888)
    alpha = np.frombuffer(pixels.constBits(), np.uint8).reshape(pixels.height(), pixels.bytesPerLine())[:, 3::4]
    return float((alpha > 0).mean())


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_report_shows_its_curves_with_their_words(
    qtbot: QtBot,
    session: Desk,
    finished: Path,  # noqa: F811
    theme: str,
    scale: float,
) -> None:
    session.set_theme(Theme(name=theme, font_scale=scale))

    dialog = report_of(qtbot, session, finished, curves=True)

    pictures = dialog.pictures
    assert len(pictures) == 2 and all(0.005 < inked(one) < 0.5 for one in pictures.values())
    for name, picture in pictures.items():
        assert dialog.page.loadResource(2, name) is picture
        assert f'src="{name}"' in dialog.page.toHtml()
    assert WORDS in dialog.page.toPlainText(), "a text like any other, also for who copies it"


def test_a_report_from_before_it_had_curves_shows_the_loss_of_its_run(
    qtbot: QtBot,
    session: Desk,
    finished: Path,  # noqa: F811
) -> None:
    dialog = report_of(qtbot, session, finished, curves=False)

    assert len(dialog.pictures) == 1
    assert "train 1.4 after epoch 1" in dialog.page.toPlainText()


def test_a_page_has_no_bar_that_scrolls_by_a_rounded_pixel_and_one_where_it_is_wider(
    qtbot: QtBot, session: Desk
) -> None:
    page = OurPage()
    qtbot.addWidget(page)
    page.show()
    style_page(page, session.theme)
    figures = DOCUMENT["answers"]["model"]
    answers = {who: {**figures, "accuracy": figures["f1"]} for who in ("model", "mean box", "header facts only")}
    page.show_page(report_body({**DOCUMENT, "answers": answers}))
    for width in range(500, 620):
        page.resize(width, 400)
        handled()
        assert not page.horizontalScrollBar().isVisible(), width

    page.show_page('<img src="wide" width="900" height="10">', {"wide": QImage(900, 10, QImage.Format.Format_RGB32)})
    assert page.horizontalScrollBar().isVisible()
