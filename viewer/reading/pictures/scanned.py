"""The facts of a picture file, as a scan keeps them."""

from pathlib import Path

from viewer.reading.facts.instance_facts import InstanceFacts
from viewer.reading.facts.special_images import Special
from viewer.reading.pictures.in_children import picture_info


def raster_facts(path: Path) -> InstanceFacts:
    """The facts of a PNG, JPEG or TIFF picture."""
    info = picture_info(path)
    sizes = ((info.rows, info.cols), *info.other_sizes)
    return InstanceFacts(
        kind=info.kind.lower(),
        rows=info.rows,
        cols=info.cols,
        frames=info.pages,
        series_description=path.name,
        note=_listed([f"{rows} x {cols}" for rows, cols in sizes]) if info.other_sizes else "",
        special=(Special("missing-images", info.note, "images missing"),) if info.note else (),
    )


def _listed(names: list[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
