"""Shapes of a COCO file that cover nothing, or something else than they say, are left out by name; keys are counted.

The files are what CVAT, Datumaro, detectors and hand-made scripts write; the values are worked out by hand.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from viewer.exchange.importer import Outcome
from viewer.exchange.importing import ImportReport
from viewer.project.project import Project

ROWS, COLS = 37, 23
Bring = Callable[..., ImportReport]


@pytest.fixture
def bring(project: Project, tmp_path: Path, write_picture: Callable[..., Path], bring_in: Bring) -> Bring:
    """Brings annotations of a.png (37 x 23) into the project."""

    def do(*entries: dict[str, Any], encoding: str = "utf-8", name: str = "n") -> ImportReport:
        write_picture(tmp_path / "set" / "a.png")
        whole = [{"id": number, "image_id": 1, "category_id": 1, **entry} for number, entry in enumerate(entries)]
        document = {
            "images": [{"id": 1, "file_name": "a.png"}],
            "annotations": whole,
            "categories": [{"id": 1, "name": name}],
        }
        path = tmp_path / "set" / "c.json"
        path.write_bytes(json.dumps(document, ensure_ascii=False).encode(encoding))
        return bring_in(project, "coco", path)

    return do


def said(report: ImportReport, *outcomes: Outcome) -> str:
    return "\n".join(remark.sentence for remark in report.remarks if remark.outcome in outcomes)


@pytest.mark.parametrize(
    "shape",
    [
        {"segmentation": {"size": [ROWS, COLS], "counts": [ROWS * COLS]}},
        {"segmentation": {"size": [ROWS, COLS], "counts": [100.5, 20.5, ROWS * COLS - 120]}},
        {"segmentation": [[0.1, 0.1, 0.4, 0.1, 0.4, 0.4], [0.6, 0.1, 0.9, 0.1, 0.9, 0.4]]},
        {"segmentation": [[100, 100, 120, 100, 120, 120], [200, 200, 220, 200, 220, 220]]},
        {"segmentation": [[1, 1, 5, 1, 9, 1]]},
        {"segmentation": [[1, 2, 3, 4, 5, 6, 9, 10]]},
        {"segmentation": [[1, 1] * 5]},
        {"bbox": [1, 2, 5, 6], "attributes": {"rotation": 45.0}},
        {"bbox": [1, 2, 5, 6], "segmentation": [], "attributes": {"rotation": "30"}},
    ],
    ids=["empty runs", "broken runs", "in one pixel", "beside", "level", "slanted", "point", "turned", "turned text"],
)
def test_a_shape_that_covers_nothing_or_is_another_is_left_out_by_name(
    project: Project, bring: Bring, shape: dict[str, Any]
) -> None:
    report = bring(shape)

    assert report.annotations == 0
    assert "annotation 0" in said(report, *(outcome for outcome in Outcome if outcome.is_left_out))


def test_a_crossing_outline_has_an_area(project: Project, bring: Bring) -> None:
    assert bring({"segmentation": [[1, 1, 9, 9, 9, 1, 1, 9]]}).annotations == 1


def test_a_box_whose_turn_is_none_is_read(project: Project, bring: Bring) -> None:
    assert bring({"bbox": [1, 2, 5, 6], "attributes": {"rotation": 0.0, "occluded": False}}).annotations == 1


def test_what_an_annotation_says_besides_its_shape_is_counted(project: Project, bring: Bring) -> None:
    report = bring({"bbox": [1, 2, 5, 6], "score": 0.03, "ignore": 1}, {"bbox": [1, 2, 7, 6], "score": 0.9})

    notes = said(report, Outcome.NOTE)
    assert "score (2)" in notes and "ignore (1)" in notes


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_file_with_its_mark_is_read(project: Project, bring: Bring, encoding: str) -> None:
    bring({"bbox": [1, 2, 5, 6]}, encoding=encoding, name="Ödem")

    assert [label.name for label in project.labels] == ["Ödem"]
