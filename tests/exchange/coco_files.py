"""COCO files made by hand, and what an import made of them."""

import json
from pathlib import Path
from typing import Any

from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.exchange.importer import Outcome
from viewer.exchange.importing import ImportReport
from viewer.project.project import Project

ROWS, COLS = 40, 60
CATEGORIES = [{"id": 0, "name": "nodule"}, {"id": 7, "name": "effusion"}]


def image(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "file_name": name, "width": COLS, "height": ROWS, **more}


def box(number: int, of: Any, numbers: list[float], category: Any = 0, **more: Any) -> dict[str, Any]:
    return {"id": number, "image_id": of, "category_id": category, "bbox": numbers, **more}


def coco(path: Path, images: list[Any], annotations: list[Any], categories: list[Any] | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"images": images, "annotations": annotations, "categories": categories or CATEGORIES}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def shapes(project: Project, folder: Path) -> dict[str, list[tuple[str, Any]]]:
    """What lies on each image, by its path below the folder; a mask as its area."""
    found: dict[str, list[tuple[str, Any]]] = {}
    for record in project.images.all():
        there = found.setdefault(record.path.relative_to(folder.resolve()).as_posix(), [])
        for one in project.work.annotations(record.image_id):
            shape = one.shape
            if isinstance(shape, Box):
                there.append((one.label, (shape.x0_px, shape.y0_px, shape.x1_px, shape.y1_px)))
            else:
                there.append((one.label, shape.area_px if isinstance(shape, MaskRuns) else shape))
    return found


def said(report: ImportReport, *outcomes: Outcome) -> str:
    return " / ".join(remark.sentence for remark in report.remarks if remark.outcome in outcomes)
