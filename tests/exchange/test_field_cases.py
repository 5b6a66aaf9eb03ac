"""Small inputs from public reports of people who do this work: each has its test, and those that had none are here.

The table is by the number under which a report was collected. A row names every test that asserts its right value.
"""

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.exchange.coco_files import box, coco, image, shapes
from viewer.cli.main import main
from viewer.exchange.importing import ImportReport
from viewer.project.project import Project

ROOT = Path(__file__).resolve().parents[2]
CASES = {
    "01 coco crowd": "exchange/test_coco_plan:test_a_crowd_region_does_not_become_one_object",
    "03 coco, two images of one id": "exchange/test_coco_plan:test_two_pictures_of_one_id_get_none_of_its_boxes",
    "04 coco, annotations beside images": "exchange/test_coco_plan:test_the_layouts_that_tools_write_are_found",
    "06 coco, one name in two folders": "exchange/test_field_cases:test_one_name_in_two_folders_is_two_pictures",
    "08 coco, a turned photograph": "exchange/test_coco_plan:test_an_exif_turn_is_said_and_can_be_settled",
    "09 coco, no image size": (
        "exchange/test_coco_plan:test_no_image_size_is_needed_where_the_mask_or_the_picture_has_it"
    ),
    "10 coco, null size": "exchange/test_coco_plan:test_no_image_size_is_needed_where_the_mask_or_the_picture_has_it",
    "11 coco, one bad record": "exchange/test_coco_numbers:test_one_bad_annotation_is_named_and_loses_no_other",
    "13 coco, an infinite box": "exchange/test_field_cases:test_no_infinite_box_comes_in_or_goes_out",
    "15 coco, a Windows path": "exchange/test_coco_plan:test_the_layouts_that_tools_write_are_found",
    "17 coco, corners for extent": (
        "exchange/test_coco_numbers:test_corners_where_an_extent_belongs_are_doubted_for_the_whole_file"
    ),
    "20 masks, one name in two folders": (
        "exchange/test_masks_places:test_two_patients_with_one_file_name_keep_their_own_masks"
    ),
    "22 mask, grey with alpha": "exchange/test_masks:test_a_mask_of_inside_and_outside_is_read_without_a_word",
    "24 mask as JPEG": "exchange/test_masks:test_a_jpeg_mask_is_cut_at_half_and_said_to_be_lossy",
    "25 mask of three classes": "exchange/test_masks_of_classes:test_classes_do_not_become_one_in_silence",
    "27 mask, float with NaN": (
        "exchange/test_masks:test_not_a_number_is_outside_and_said exchange/test_refused_stays_open:test_masks"
    ),
    "30 csv, floats for yes and no": "exchange/test_csv_plan:test_yes_and_no_that_passed_through_floating_point",
    "32 csv, frame number as float": "exchange/test_csv_plan:test_a_frame_number_that_passed_through_floating_point",
    "33 csv, a row twice": "exchange/test_csv_plan:test_the_same_row_twice_counts_once",
    "34 csv, patient in the first row only": (
        "exchange/test_csv_plan:test_a_patient_that_may_stand_above_is_not_taken_for_none"
    ),
    "35 csv, readers disagree": "exchange/test_csv_plan:test_two_readers_who_differ",
    "38 csv, decimal comma": "exchange/test_csv_plan:test_a_german_spreadsheet",
    "41 a label with a comma": "exchange/test_plan:test_a_label_with_a_comma_can_be_named",
    "43 coco export of a crossing polygon": (
        "exchange/test_exports_coco:test_an_outline_that_crosses_itself_has_the_area_of_its_two_parts"
    ),
    "45 coco, a flat polygon": "exchange/test_coco_numbers:test_a_flat_outline_is_one_and_a_sliver_adds_nothing",
    "47 own csv with a large mask": "exchange/test_exports:test_a_mask_of_a_large_image_comes_back_through_the_table",
    "50 class folder is a link": "exchange/test_folders:test_a_class_folder_that_is_a_link_is_a_class",
    "52 class folder leftovers": (
        "exchange/test_folders:test_what_systems_leave_is_no_class_and_a_cut_picture_is_named"
    ),
    "54 mask of a turned photograph": (
        "exchange/test_masks_places:test_an_image_turned_by_exif_takes_a_mask_of_the_shown_frame"
    ),
    "56 csv, capitals of the header": "exchange/test_csv_plan:test_columns_are_known_in_any_case",
    "60 weights whose batch norm is infinite": (
        "ml/test_weights_are_numbers:test_no_network_starts_from_them "
        "ml/test_weights_are_numbers:test_a_run_does_not_start_from_them "
        "ml/test_weights_are_numbers:test_answers_that_are_no_numbers_are_no_figures"
    ),
    "62 interval of one patient": (
        "evaluation/test_measures:test_of_one_patient_nothing_has_an_interval "
        "evaluation/test_comparing:test_few_patients_are_not_compared"
    ),
    "64 float colour TIFF": (
        "reading/test_picture_colours:test_the_same_colours_in_other_numbers_are_the_same_picture"
    ),
    "66 read-only disk": (
        "project/test_disk_trouble:test_a_read_only_project_is_looked_at_and_verified "
        "project/test_disk_trouble:test_a_read_only_project_is_exported_and_reviewed_from_the_command_line"
    ),
    "68 nonsense settings": (
        "jobs/test_before_start:test_nonsense_is_refused_by_name "
        "jobs/test_before_start:test_nonsense_from_a_file_is_refused_by_name"
    ),
    "70 picture replaced under its name": (
        "cli/test_replaced_pictures:test_predict_on_a_project_names_it_and_keeps_nothing_under_the_old_id "
        "exchange/test_true_pixels:test_a_picture_that_was_overwritten_is_left_out_by_name"
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_report_has_its_test(case: str) -> None:
    for place in CASES[case].split():
        path, _, name = place.partition(":")
        tree = ast.parse((ROOT / "tests" / f"{path}.py").read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in functions, place


def test_one_name_in_two_folders_is_two_pictures(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    """A third picture of the name lies beside the file: only the whole path tells them apart."""
    for seed, place in enumerate(("001.png", "p1/001.png", "p2/001.png")):
        film(tmp_path / place, seed)
    file = coco(
        tmp_path / "c.json",
        [image(1, "p1/001.png"), image(2, "p2/001.png")],
        [box(1, 1, [5, 5, 10, 10]), box(2, 2, [1, 2, 3, 4], 7)],
    )

    assert bring_in(project, "coco", file).problems == ()
    assert shapes(project, tmp_path) == {
        "p1/001.png": [("nodule", (5, 5, 15, 15))],
        "p2/001.png": [("effusion", (1, 2, 4, 6))],
    }


def test_no_infinite_box_comes_in_or_goes_out(
    project: Project, tmp_path: Path, film: Callable[..., Path], bring_in: Callable[..., ImportReport]
) -> None:
    film(tmp_path / "a.png")
    nan, infinite = float("nan"), float("inf")
    boxes = [box(1, 1, [5, 5, 10, 10]), box(2, 1, [nan, 5, 10, 10], 7), box(3, 1, [5, 5, infinite, 10], 7)]
    file = coco(tmp_path / "c.json", [image(1, "a.png")], boxes)

    report = bring_in(project, "coco", file)

    assert shapes(project, tmp_path) == {"a.png": [("nodule", (5, 5, 15, 15))]}
    assert [f"annotation {number}" in sentence for number, (_, sentence) in enumerate(report.problems, 2)] == [True] * 2
    folder = project.folder
    project.close()
    assert main(["annotate", "export", str(folder), "--format", "coco", "--out", str(tmp_path / "out.json")]) == 0

    def refuse(word: str) -> float:
        raise AssertionError(word)

    json.loads((tmp_path / "out.json").read_text(), parse_constant=refuse)
