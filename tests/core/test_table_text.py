"""Cells that a spreadsheet would run as formulas are text in every table we write, and come back as they were.

What begins a formula: OWASP, "CSV Injection" (=, +, -, @, tab, carriage return, their full-width forms, and whatever
follows a separator inside a cell where the list separator is the semicolon).
"""

import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from viewer.core.text.table_text import MARK_COLUMN, columns_of, comma_text, guarded, rows_of, tab_text, unguarded

FORMULAS = (
    "=cmd|' /C calc'!A0", "+1+cmd|' /C calc'!A0", "-1+1", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1+1", "\r=1+1",
    "\n=1+1", " =1+1", "\xa0=1+1", "\uff1d1+1", "\uff0b1", "\uff0d1+1", "\uff20SUM(1)", '"=1+1', "\x00=1+1", "-inf",
    "--1", "-1e5+x", "+1",
)  # fmt: skip
PLAIN = ("", "a", "a-b", "a=b", "3", "-3", "-0.5", "-1e-05", "12.", "a 'b'", "d:/x.png", "0007", "a, b", "-.5")
CELLS = st.text(st.sampled_from("=+-@\t\r\n'\"; ,a1\x00\uff1d") | st.characters(codec="utf-8"), max_size=12)


def begins_a_formula(cell: str) -> bool:
    """By hand, not by the code under test: what a spreadsheet sees first in a cell that is no number."""
    try:
        float(cell)
        return cell[:1] == "+" or "inf" in cell or "nan" in cell
    except ValueError:
        seen = cell.lstrip(' \xa0"\x00')
        return seen[:1] in tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_cell_that_begins_a_formula_is_text(cell: str) -> None:
    assert begins_a_formula(cell)
    assert not begins_a_formula(guarded(cell))
    assert guarded(cell)[0] == "'"


@pytest.mark.parametrize("cell", PLAIN)
def test_numbers_and_plain_words_stay_as_they_are(cell: str) -> None:
    assert guarded(cell) == cell


@pytest.mark.parametrize("separator", [";", "\t", "\r\n", "\n", ';"', ';""', "; "])
def test_a_cell_cut_at_another_separator_begins_no_formula_either(separator: str) -> None:
    text = comma_text(["label"], [{"label": f"mass{separator}=cmd|' /C calc'!A0"}])

    for cut in (";", "\t"):
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=cut):
            assert not any(begins_a_formula(cell) for cell in line)


@given(CELLS)
@settings(max_examples=200, deadline=None)
def test_any_cell_comes_back(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell
    assert not begins_a_formula(guarded(cell)) or guarded(cell) == cell


@given(st.lists(st.fixed_dictionaries({"a": CELLS, "=b": CELLS}), max_size=4))
@settings(max_examples=100, deadline=None)
def test_any_table_comes_back(rows: list[dict[str, str]]) -> None:
    text = comma_text(["a", "=b"], rows)

    assert list(rows_of(text)) == rows
    assert next(csv.reader(io.StringIO(text, newline=""))) == ["a", "'=b", MARK_COLUMN]


def test_only_a_table_that_says_so_loses_apostrophes() -> None:
    assert list(rows_of("label\n'=a\n'b\n")) == [{"label": "'=a"}, {"label": "'b"}]
    assert list(rows_of(comma_text(["label"], [{"label": "'b"}]))) == [{"label": "'b"}]


def test_a_cell_of_a_million_characters_is_read() -> None:
    assert list(rows_of(comma_text(["runs"], [{"runs": "7" * 1_000_000}]))) == [{"runs": "7" * 1_000_000}]


def test_a_cell_for_which_there_is_no_column_is_an_error() -> None:
    with pytest.raises(ValueError, match="no column for b"):
        comma_text(["a"], [{"b": 1}])


def test_what_goes_to_the_clipboard_is_text_too() -> None:
    assert tab_text([["=a", "b\tc"], ["@d\ne", "-5"]]) == "'=a\tb c\n'@d e\t-5"


ROOT = Path(__file__).resolve().parents[2]
WRITES_A_TABLE = re.compile(r"csv\.(writer|DictWriter)|QUOTE_(ALL|MINIMAL)|\.to_csv\(|[\"']\\t[\"']\.join")


def test_no_other_place_writes_a_table() -> None:
    sources = [*ROOT.glob("viewer/**/*.py"), *ROOT.glob("ml/**/*.py")]
    found = [path.name for path in sources if WRITES_A_TABLE.search(path.read_text(encoding="utf-8"))]

    assert found == ["table_text.py"]


def test_the_columns_of_a_table_are_its_own_names_without_the_mark() -> None:
    assert columns_of(comma_text(["path", "=label"], [])) == ["path", "=label"]
    assert columns_of("path,'=label\r\na,b\r\n") == ["path", "'=label"], "a table of somebody else is taken as it is"
    assert columns_of("") == [] and columns_of("a;b", ";") == ["a", "b"]


def test_a_short_line_has_empty_cells_and_what_is_beyond_the_columns_is_dropped() -> None:
    text = "a,b,c\n1\n1,2,3,4\n\n1,2\n"

    assert list(rows_of(text)) == [
        {"a": "1", "b": "", "c": ""}, {"a": "1", "b": "2", "c": "3"}, {"a": "1", "b": "2", "c": ""},
    ]  # fmt: skip
    assert list(rows_of("a,b,c,d,e\n1,2,3\n")) == [{"a": "1", "b": "2", "c": "3", "d": "", "e": ""}]
