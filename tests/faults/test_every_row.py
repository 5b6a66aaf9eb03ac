"""The faults that other viewers shipped, each with the test that keeps it out of ours.

The rows are those of the table of wrong pixels and wrong measures that the project was given; a row's number stands at
the beginning of its test's docstring.
"""

import ast
import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = "tests/faults"

# Row number -> the test named after its fault.
ROWS: dict[int, str] = {
    1: f"{FOLDER}/test_units_and_values.py::test_pixels_are_not_shown_as_mm",
    2: f"{FOLDER}/test_units_and_values.py::test_imager_pixel_spacing_of_xa_is_not_body_size",
    3: f"{FOLDER}/test_pet_and_ultrasound.py::test_an_ultrasound_length_goes_by_the_region_it_lies_in",
    4: f"{FOLDER}/test_units_and_values.py::test_the_magnification_factor_is_not_ignored",
    5: f"{FOLDER}/test_units_and_values.py::test_no_hu_on_mr_or_others",
    6: f"{FOLDER}/test_units_and_values.py::test_no_suv_label_on_propcnts",
    7: f"{FOLDER}/test_units_and_values.py::test_hu_are_the_same_in_a_hundred_loads_of_any_order",
    8: f"{FOLDER}/test_units_and_values.py::test_a_region_is_finite_or_has_no_pixels",
    9: f"{FOLDER}/test_units_and_values.py::test_an_ellipse_has_the_same_numbers_in_stack_and_cut_plane",
    10: f"{FOLDER}/test_units_and_values.py::test_a_tiny_slope_is_applied",
    11: f"{FOLDER}/test_units_and_values.py::test_a_modality_lut_counts_in_statistics",
    12: f"{FOLDER}/test_units_and_values.py::test_a_slope_that_differs_per_slice_is_applied_per_slice",
    13: f"{FOLDER}/test_pet_and_ultrasound.py::test_which_of_several_scale_factors_was_applied_is_said",
    14: f"{FOLDER}/test_pet_and_ultrasound.py::test_decay_is_not_corrected_twice_when_it_was_to_the_injection",
    15: f"{FOLDER}/test_pet_and_ultrasound.py::test_suv_is_computed_anew_when_its_inputs_change",
    16: f"{FOLDER}/test_pet_and_ultrasound.py::test_the_suv_of_a_phantom_is_right",
    17: f"{FOLDER}/test_greys.py::test_monochrome1_with_inverse_is_inverted_once",
    18: f"{FOLDER}/test_greys.py::test_monochrome1_is_inverted_on_load_as_after_a_reset",
    19: f"{FOLDER}/test_greys.py::test_the_window_comes_before_the_inversion",
    20: f"{FOLDER}/test_greys.py::test_inversion_changes_no_stored_value_and_leaves_no_window_behind",
    21: f"{FOLDER}/test_greys.py::test_a_negative_slope_keeps_its_polarity",
    22: f"{FOLDER}/test_greys.py::test_a_drag_from_a_voi_lut_wider_than_the_data_is_steady",
    23: f"{FOLDER}/test_greys.py::test_each_image_of_a_diffusion_series_has_its_own_window",
    24: f"{FOLDER}/test_stored_values.py::test_signed_12_bit_is_not_washed_out",
    25: f"{FOLDER}/test_stored_values.py::test_unused_high_bits_do_not_count",
    26: f"{FOLDER}/test_stored_values.py::test_a_j2k_sign_that_differs_from_the_header",
    27: f"{FOLDER}/test_stored_values.py::test_signed_j2k_colour_does_not_go_black",
    28: f"{FOLDER}/test_stored_values.py::test_uint16_above_32767_is_not_negative",
    29: f"{FOLDER}/test_stored_values.py::test_the_sign_of_the_intensity_relationship_is_no_signedness",
    30: f"{FOLDER}/test_stored_values.py::test_bits_stored_missing_is_one_sentence",
    31: f"{FOLDER}/test_greys.py::test_padding_is_in_no_window_statistic_or_mean",
    32: f"{FOLDER}/test_colour.py::test_a_colour_pattern_has_its_colours_in_every_coding",
    33: f"{FOLDER}/test_places.py::test_irregular_spacing_is_named_placed_and_not_stacked_evenly",
    34: f"{FOLDER}/test_places.py::test_a_tilted_gantry_is_a_sheared_volume_in_true_millimetres",
    35: f"{FOLDER}/test_places.py::test_an_asymmetric_phantom_is_right_in_all_three_planes",
    36: f"{FOLDER}/test_places.py::test_the_sign_of_the_slice_spacing_moves_no_slice",
    37: f"{FOLDER}/test_places.py::test_interleaved_phases_are_split",
    38: f"{FOLDER}/test_places.py::test_stepping_through_an_oblique_stack_shows_no_slice_twice",
    39: f"{FOLDER}/test_letters_and_shape.py::test_letters_follow_turns_and_flips_which_survive_scrolling",
    40: f"{FOLDER}/test_letters_and_shape.py::test_no_letters_without_an_orientation",
    41: f"{FOLDER}/test_letters_and_shape.py::test_nothing_is_mirrored_or_upside_down_whatever_the_patient_lies_on",
    42: f"{FOLDER}/test_segmentations.py::test_seg_bits_of_any_number_of_columns",
    43: f"{FOLDER}/test_segmentations.py::test_a_fractional_seg_is_drawn_and_said",
    44: f"{FOLDER}/test_letters_and_shape.py::test_non_square_pixels_have_a_true_aspect_and_angles_in_mm",
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


def test_no_row_is_left_out() -> None:
    assert sorted(ROWS) == list(range(1, 45))
    assert len(set(ROWS.values())) == len(ROWS)


def test_a_row_that_a_test_names_is_in_the_table() -> None:
    named = {
        int(found[1])
        for path in (ROOT / FOLDER).glob("test_*.py")
        for words in docstrings(path).values()
        if (found := re.match(r"Row (\d+):", words))
    }

    assert named == set(ROWS)


def test_the_rows_are_those_that_the_project_was_given(data_folder: Path) -> None:
    page = data_folder.parent / "field" / "viewing_and_annotation.md"
    if not page.is_file():
        pytest.skip("the page with the table of faults is not beside the real images")
    section = page.read_text(encoding="utf-8").partition("## 4.")[2].partition("\n## ")[0]

    assert sorted(map(int, re.findall(r"^\| (\d+) \|", section, re.MULTILINE))) == sorted(ROWS)
