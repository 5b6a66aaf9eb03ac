"""Which label was taken for which, of boxes and pixels, on the run's page: each number lists its cases."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.judged_run import judge, trained
from tests.ui.test_run_page import card, click, files, opened, page_of, train
from viewer.ui.run_page.confusion import ConfusionCard
from viewer.ui.window.main_window import MainWindow

__all__ = ["train"]  # a fixture


@pytest.mark.parametrize(("unit", "one", "many"), [("boxes", "1 box", "3 boxes"), ("pixels", "1 pixel", "3 pixels")])
def test_a_number_of_boxes_or_pixels_lists_its_cases_those_of_most_first(
    train: MainWindow, qtbot: QtBot, unit: str, one: str, many: str
) -> None:
    project = opened(train)
    images = sorted(project.images.all(), key=lambda image: str(image.path))
    cases = [[images[2].image_id, 3], [images[5].image_id, 1], ["gone", 1]]
    confusion = {
        "unit": unit, "labels": ["Dark", "Bright"], "counts": [[2, 5, 0], [0, 123456, 1], [4, 0, 0]],
        "cells": [{"row": 0, "column": 1, "cases": cases}],
    }  # fmt: skip
    judge(trained(project), project, confusion=confusion)
    page = page_of(train, qtbot)
    of_labels = card(page, ConfusionCard)
    page.area.ensureWidgetVisible(of_labels)
    model = of_labels.model

    assert of_labels.heading.text() == f"Truth (rows) and answers (columns), in {unit}"
    heads = [model.headerData(i, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole) for i in range(3)]
    assert heads == ["Dark", "Bright", "not found"]
    assert model.headerData(2, Qt.Orientation.Vertical, Qt.ItemDataRole.DisplayRole) == "nothing there"
    click(of_labels.table, model.index(0, 1))
    assert of_labels.cases.words.text() == f"Truth Dark, answered Bright: 5 {unit}."
    assert files(of_labels) == [images[2].path.name, images[5].path.name], "and none of an image that is not judged"
    assert [judged.score for judged in of_labels.cases.model.judged] == [many, one]
    assert all(judged.wrong for judged in of_labels.cases.model.judged)
    assert model.words(1, 2) == f"Truth Bright, not found: {one}"
    assert model.words(2, 0) == f"Truth nothing there, answered Dark: 4 {unit}"
    assert model.words(2, 2) == "Where nothing is there and nothing was said nothing is counted"
