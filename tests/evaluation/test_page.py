"""A report as a page: every figure, every control, every note; what comes from outside is text. Read by hand."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ml.evaluation.page import PAGE_FILE, POLICY, headline, judged_words, page_text, report_page, write_page
from ml.metric_words import GROUPS, MEANINGS, TITLES

EVIL = "<img src=x onerror=alert(1)>&\u202e"
FIGURES = {
    "auc": {"value": 0.98123, "low": 0.97, "high": 0.99, "method": "patient bootstrap"},
    "auc:Mass": {"value": None, "why": "the cases hold one class only"},
}
DOCUMENT: dict[str, Any] = {
    "task": f"films {EVIL}", "part": "test", "cases": 40, "patients": 1, "runs": ["run one", f"run {EVIL}"],
    "model": f"net {EVIL}", "snapshot": "0123456789abcdef", "decides": "auc", "sentence": f"It beats {EVIL}.",
    "interval": "95 % of draws", "notes": ["first note", f"note {EVIL}"],
    "answers": {
        "model": FIGURES,
        f"clock {EVIL}": {"auc": {"value": 0.5, "low": 0.5, "high": 0.5}},
        "mean": {"auc": {"value": 0.25, "why": "there are 3 patients, and it takes 20"}, "auc:Mass": {"value": 0.75}},
    },
}  # fmt: skip


ORDER = "Order of the scores, wherever they are cut"
HEADINGS = ["The model", "The same cases without the network"]


class Cells(HTMLParser):
    """The text of each row's cells, and of each other part; every tag that stands in the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.in_cell = True
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.in_cell:
            self.rows[-1][-1] += data
        elif data.strip():
            self.words.append(data)


def test_the_page_holds_each_figure_each_control_and_each_note() -> None:
    page = Cells(report_page(DOCUMENT))
    told = page_told(EVIL)

    assert page.rows == [
        ["Figure", "Value (interval)", "What it is"],
        [ORDER],
        ["AUC", "0.981 (0.970 to 0.990)", page.rows[2][2]],
        ["AUC Mass", "not defined: the cases hold one class only", page.rows[3][2]],
        ["Figure", f"clock {told}", "mean"],
        [ORDER],
        ["AUC", "0.500 (0.500 to 0.500)", "0.250, no interval: there are 3 patients, and it takes 20"],
        ["AUC Mass", "not defined", "0.750, no interval"],
    ]
    assert page.rows[2][2].startswith("area under the ROC curve") and page.rows[3][2].endswith("of Mass alone")
    assert page.words[0] == f"films {told}: report"
    for words in (
        f"films {told}: figures on the test part: 40 cases of 1 patient",
        f"net {told} · run one, run {told} · snapshot 01234567",
        "AUC 0.981 (0.970 to 0.990) on the test part: 40 cases of 1 patient",
        f"It beats {told}.",
        "The model",
        "Intervals: 95 % of draws.",
        "The same cases without the network",
        "To be known",
        "first note",
        f"note {told}",
    ):
        assert words in page.words


def page_told(text: str) -> str:
    """How a page says a sign that turns the line around: it is seen."""
    return text.replace("\u202e", "\ufffd")


def test_nothing_from_outside_is_a_part_of_the_page() -> None:
    text = report_page(DOCUMENT)

    # Which headings it has is the page's own affair, as long as every tag is one of text.
    plain = {"meta", "title", "style", "p", "b", "table", "tr", "th", "td", *(f"h{n}" for n in range(1, 7))}
    assert Cells(text).tags <= plain
    assert "<img" not in text and "script" not in text
    assert text.index(POLICY) < text.index("<title>")
    assert page_text('a<b>&"') == "a&lt;b&gt;&amp;&quot;"


FEW = "there are 9 patients, and it takes 10"


def test_a_reason_that_several_figures_share_is_said_once_below_their_table() -> None:
    def lacking(*why: str) -> dict[str, Any]:
        names = ("auc", "accuracy", "macro_f1")
        return {name: {"value": 0.5, "why": each} for name, each in zip(names, why, strict=True)}

    answers = {"model": lacking(FEW, FEW, "one"), "guessing": lacking("no rank", FEW, FEW)}

    page = Cells(report_page({**DOCUMENT, "decides": "macro_f1", "sentence": "", "answers": answers}))

    cells = [row[1] for row in page.rows if len(row) > 1]
    assert cells[1:4] == ["0.500, no interval (1)"] * 2 + ["0.500, no interval: one"]
    assert cells[5:] == ["0.500, no interval: no rank", "0.500, no interval (1)", "0.500, no interval (1)"]
    assert page.words.count("(1) There are 9 patients, and it takes 10.") == 2


def test_figures_stand_in_groups_and_those_of_single_labels_in_a_table_of_their_own() -> None:
    kinds = ("macro_f1", "auc", "brier", "ppv:Mass", "ppv:Node", "auc:Mass", "auc:Node", "hd95", "unheard")
    figures = {name: {"value": place / 10} for place, name in enumerate(kinds)}

    page = Cells(report_page({**DOCUMENT, "answers": {"model": figures}, "notes": []}))

    assert [row[0] for row in page.rows[:11]] == [
        "Figure", ORDER, "AUC", "Answers at the operating point", "macro F1", "Scores as probabilities", "Brier score",
        "Outlines", "HD95 in mm", "Other figures", "unheard",
    ]  # fmt: skip
    assert page.rows[11:] == [
        ["", "AUC", "precision (PPV)"],
        ["Mass", "0.500, no interval", "0.300, no interval"],
        ["Node", "0.600, no interval", "0.400, no interval"],
    ]
    assert any(words.startswith("Precision (PPV): share of the cases said") for words in page.words)
    assert not any(words.startswith("AUC: ") for words in page.words)  # it stands in the first table


def test_every_figure_is_in_one_group_and_has_a_title_and_a_meaning() -> None:
    grouped_ones = [kind for kinds in GROUPS.values() for kind in kinds]

    assert len(set(grouped_ones)) == len(grouped_ones)
    assert set(grouped_ones) == set(MEANINGS) == set(TITLES)


def test_how_scores_become_answers_stands_above_the_tables_and_nowhere_else() -> None:
    rule = "The answer: the label with the largest score."
    table = {"title": "The cases", "columns": ["Case"], "rows": [["a.png"]], "note": "", "of_cases": True}

    words = Cells(report_page({**DOCUMENT, "rule": rule, "notes": [rule, "note"], "tables": [table]})).words

    assert words.count(rule) == 1 and words.index(rule) < words.index("The cases")
    assert rule in Cells(report_page({**DOCUMENT, "notes": [rule, "note"], "tables": [table]})).words


def test_a_model_is_called_as_everywhere() -> None:
    assert "SimpleCNN · run one" in " ".join(Cells(report_page({**DOCUMENT, "model": "simple_cnn"})).words)


def test_a_long_sentence_on_intervals_is_told_to_its_end() -> None:
    text = ". ".join(f"Sentence {place} is of {'many ' * 30}words" for place in range(5))

    words = " ".join(Cells(report_page({**DOCUMENT, "interval": text})).words)

    assert "Sentence 4 is of" in words and words.count("many") == 150


def test_a_figure_that_no_control_has_is_no_row_of_theirs() -> None:
    answers = {"model": {"auc": {"value": 0.9}, "brier_after": {"value": 0.1}}, "guessing": {"auc": {"value": 0.5}}}

    page = Cells(report_page({**DOCUMENT, "answers": answers}))

    assert [row[0] for row in page.rows].count("Brier score, calibrated") == 1


def test_without_controls_there_is_no_table_of_them() -> None:
    page = Cells(report_page({**DOCUMENT, "answers": {"model": FIGURES}, "notes": []}))

    assert len(page.rows) == 4 and "The same cases without the network" not in page.words


@pytest.mark.parametrize(
    ("part", "words"),
    [("test", "the test part"), ("val", "the validation part"), ("train", "the training part"), ("x", "x")],
)
def test_the_part_is_said_in_words(part: str, words: str) -> None:
    assert judged_words({"part": part, "cases": 1, "patients": 20}) == f"{words}: 1 case of 20 patients"


def test_figures_of_seen_cases_are_marked_and_one_that_is_not_there_is_not_defined() -> None:
    seen = {**DOCUMENT, "seen": {"mark": "1 case seen in training"}}

    assert headline(seen) == f"{headline(DOCUMENT)} · 1 case seen in training"
    assert headline({**DOCUMENT, "seen": {"mark": ""}}) == headline({**DOCUMENT, "seen": None}) == headline(DOCUMENT)
    assert headline({**DOCUMENT, "decides": "dice"}).startswith("Dice not defined on ")


def test_the_page_stands_beside_the_figures(tmp_path: Path) -> None:
    write_page(tmp_path, DOCUMENT)

    assert [path.name for path in tmp_path.iterdir()] == [PAGE_FILE]
    assert (tmp_path / PAGE_FILE).read_text(encoding="utf-8") == report_page(DOCUMENT)


def test_every_heading_has_something_under_it_and_what_is_not_there_has_no_heading() -> None:
    rule, none = "The answer: the largest score.", {"title": "Nothing", "columns": ["Case"], "rows": [], "note": ""}
    bare = {
        **DOCUMENT,
        "answers": {"model": FIGURES},
        "notes": [rule],
        "rule": rule,
        "trained": [],
        "curves": [],
        "tables": [none],
    }
    full = {**DOCUMENT, "trained": ["20261130-1805-findings-4688: started."]}

    for document, headings in ((bare, ["The model"]), (full, [*HEADINGS, "How it was trained", "To be known"])):
        parts = re.split(r"<h4>(.*?)</h4>", report_page(document))
        assert parts[1::2] == headings
        assert all(re.sub("<[^>]*>", "", under).strip() for under in parts[2::2])


def test_a_run_is_called_by_its_title_and_a_name_that_is_none_as_it_is() -> None:
    runs = ["20261130-1805-findings-4688", "run one"]
    page = report_page({**DOCUMENT, "task": "Findings", "runs": runs, "model": "simple_cnn"})

    assert "SimpleCNN · Findings · 4688, run one · snapshot 01234567<" in page and runs[0] not in page


def test_what_each_control_tells_stands_below_and_why_one_is_not_there() -> None:
    """Five stand in two tables of four and one: a page is no wider than that."""
    answers = {"model": FIGURES, **{f"control {number}": {"auc": {"value": number / 10}} for number in range(1, 6)}}
    controls = [{"name": "control 1", "tells": f"little {EVIL}", "why": ""},
                {"name": f"other {EVIL}", "tells": "x", "why": "all are alike"}]  # fmt: skip

    page = Cells(report_page({**DOCUMENT, "answers": answers, "controls": controls}))

    told = page_told(EVIL)
    heads = [row for row in page.rows if row[0] == "Figure"][1:]
    assert heads == [["Figure", "control 1", "control 2", "control 3", "control 4"], ["Figure", "control 5"]]
    assert f"Control 1: little {told}." in page.words and f"Not there: other {told}: all are alike." in page.words
    assert not any(words.startswith(f"Other {told}") for words in page.words)
    assert "img" not in page.tags
