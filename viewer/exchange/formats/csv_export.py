"""A table written: one row per thing (kind: image, image label, box, polygon, mask); the import reads back the same."""

import csv
import io
import json
from pathlib import Path

from viewer.core.shapes import Box, Polygon, Shape
from viewer.exchange.exporter import Dataset, Exporter
from viewer.exchange.own_table import EXPORT_COLUMNS
from viewer.project.replacing import replace_file


def _shape_cells(shape: Shape) -> dict[str, str]:
    if isinstance(shape, Box):
        corners = (shape.x0_px, shape.y0_px, shape.x1_px, shape.y1_px)
        return {"kind": "box", **dict(zip(("x0_px", "y0_px", "x1_px", "y1_px"), map(repr, corners), strict=True))}
    if isinstance(shape, Polygon):
        return {"kind": "polygon", "points_px": json.dumps([list(point) for point in shape.points_px])}
    facts = {"rows": shape.rows, "cols": shape.cols, "runs": shape.runs.tolist()}
    return {"kind": "mask", "mask_runs": json.dumps(facts, separators=(",", ":"))}


def write(path: Path, dataset: Dataset) -> None:
    """One row per image, whole-image label and instance; an image that carries nothing has its one row."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, EXPORT_COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for image in dataset.images:
        record = image.record
        common = {
            "path": str(record.path),
            "frame_index": str(record.frame_index),
            "image_id": record.image_id,
            "source": record.source,
            "patient_id": record.patient_id,
            "case_status": image.status.value,
        }
        writer.writerow({**common, "kind": "image"})
        for label, verdict in sorted(image.verdicts.items()):
            writer.writerow({**common, "kind": "image label", "label": label, "verdict": verdict.value})
        for annotation in image.annotations:
            facts = {"label": annotation.label, "author": annotation.author, "origin": annotation.origin.value}
            writer.writerow({**common, **facts, **_shape_cells(annotation.shape)})
    replace_file(path, out.getvalue().encode("utf-8"))


def losses(dataset: Dataset) -> list[str]:
    """Measurements have no place in the table."""
    count = sum(len(image.measurements) for image in dataset.images)
    return [f"{count} measurements are left out; the table has no place for them."] if count else []


EXPORTER = Exporter(title="Table (CSV)", suffix=".csv", write=write, losses=losses)
