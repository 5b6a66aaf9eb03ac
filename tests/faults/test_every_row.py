"""The faults that other viewers shipped, each with the test that keeps it out of ours.

The rows are those of the table of wrong pixels and wrong measures that the project was given; a row's number stands at
the beginning of its test's docstring.
"""

import ast
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = "tests/faults"

# Row number -> the test named after its fault.
ROWS: dict[int, str] = {
    24: f"{FOLDER}/test_stored_values.py::test_signed_12_bit_is_not_washed_out",
    25: f"{FOLDER}/test_stored_values.py::test_unused_high_bits_do_not_count",
    26: f"{FOLDER}/test_stored_values.py::test_a_j2k_sign_that_differs_from_the_header",
    27: f"{FOLDER}/test_stored_values.py::test_signed_j2k_colour_does_not_go_black",
    28: f"{FOLDER}/test_stored_values.py::test_uint16_above_32767_is_not_negative",
    29: f"{FOLDER}/test_stored_values.py::test_the_sign_of_the_intensity_relationship_is_no_signedness",
    30: f"{FOLDER}/test_stored_values.py::test_bits_stored_missing_is_one_sentence",
    42: f"{FOLDER}/test_segmentations.py::test_seg_bits_of_any_number_of_columns",
    43: f"{FOLDER}/test_segmentations.py::test_a_fractional_seg_is_drawn_and_said",
}


@lru_cache
def docstrings(path: Path) -> dict[str, str]:
    """Each test function of a file with its docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name: ast.get_docstring(node) or "" for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_a_test_that_says_so(row: int) -> None:
    file, _, name = ROWS[row].partition("::")

    found = docstrings(ROOT / file)

    assert name in found, f"{ROWS[row]} is not there"
    assert found[name].startswith(f"Row {row}:"), found[name]
