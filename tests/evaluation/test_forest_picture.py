"""The intervals of groups as bars: where each begins and ends on the axis, the worst marked, every name as text."""

import re
from typing import Any
from xml.etree import ElementTree

from ml.evaluation.page import report_page
from ml.evaluation.subgroups.forest_picture import LABEL_PX, WIDE, WORDS_PX, WORST, forest_rows, forest_svg
from tests.ui.judged_run import document

LEFT, RIGHT = LABEL_PX, WIDE - WORDS_PX


def group(value: float | None, low: float | None, high: float | None) -> dict[str, Any]:
    figure = {"value": value, "low": low, "high": high, "method": "", "why": ""}
    return {"rows": 4, "patients": 4, "figures": {"auc": figure}, "against_the_others": {}}


def groups(**named: dict[str, Any]) -> dict[str, Any]:
    column = {"column": "view", "worst": "AP", "sentence": "", "not_judged": 0, "groups": named}
    return {"ranked_by": "auc", "compared": 2, "sentence": "None is worse.", "columns": [column]}


FOUND = groups(
    AP=group(0.6, 0.5, 0.7), PA=group(0.85, 0.8, 0.9), L=group(0.7, None, None), none=group(None, None, None)
)


def test_each_bar_begins_and_ends_where_its_interval_does_on_one_axis() -> None:
    """By hand: from 0.5 to 0.9 in four steps of 0.1, so that 0.7 is in the middle."""
    picture = forest_svg(FOUND, 0.7)
    middle = (LEFT + RIGHT) / 2

    bars = [tuple(map(float, one)) for one in re.findall(r'd="M([\d.]+) [\d.]+H([\d.]+)"', picture)]
    assert bars == [(LEFT, middle), ((LEFT + 3 * RIGHT) / 4, RIGHT)], "a group without an interval has no bar"
    dots = [float(x) for x in re.findall(r'cx="([\d.]+)"', picture)]
    assert dots == [LEFT + (RIGHT - LEFT) / 4, round(LEFT + 0.875 * (RIGHT - LEFT), 1), middle]
    assert f"M{middle:.1f} 26V" in picture.split("stroke-dasharray")[0].rpartition("<path")[2]
    assert picture.count(WORST) == 2, "the bar and the dot of the worst, and of no other"
    assert [row.words for row in forest_rows(FOUND)] == [
        "0.600 (0.500 to 0.700)", "0.850 (0.800 to 0.900)", "0.700, no interval",
    ]  # fmt: skip
    ElementTree.fromstring(picture)


def test_names_are_text_and_nothing_else_and_one_figure_alone_is_drawn() -> None:
    wild = groups(**{"<script>alert(1)</script>": group(0.5, 0.5, 0.5)})
    picture = forest_svg(wild, None)

    assert "<script" not in picture and "&lt;script" in picture
    ElementTree.fromstring(picture)
    assert forest_svg(groups(a=group(None, None, None)), 0.5) == ""


def test_the_report_shows_them_with_their_sentence() -> None:
    page = report_page(document(groups=FOUND, claim=None))

    assert "<h4>Groups of cases</h4><p>None is worse.</p><p><svg" in page
    assert 'aria-label="AUC of each group, with its interval: view AP 0.600 (0.500 to 0.700); view PA' in page
    assert "Groups of cases" not in report_page(document(groups=None))
