"""One scale for each model, class and method: what full colour stands for on every image.

It is measured once, on validation images, and stands in a file beside the model's card: it is display, so it is no part
of what a model is, and models from before it keep their hash. Without it a map's scale is its own, and says so.
"""

import logging
import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ml.card import write_json
from viewer.core.errors import AppError, BadModel
from viewer.core.text.counting import counted
from viewer.reading.sources.documents import read_json

log = logging.getLogger(__name__)
SCALE_FILE = "heat_scale.json"
MOST_BYTES = 4 << 20
IMAGE_ID = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """top: in the map's own unit; None where it is not known. source: where it comes from, in words. image_id: of the
    image whose map reached it, "" where that was not kept."""

    top: float | None = None
    source: str = ""
    image_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatScale:
    """tops: by label, then by method; reached_by: the id of the image that reached it. images: how many it was measured
    on."""

    tops: dict[str, dict[str, float]] = field(default_factory=dict)
    images: int = 0
    reached_by: dict[str, dict[str, str]] = field(default_factory=dict)

    def of(self, label: str, method: str) -> Top:
        """The scale of one class and method; one that no validation image reached is not known."""
        top = self.tops.get(label, {}).get(method)
        if top is None:
            return Top()
        reached_by = self.reached_by.get(label, {}).get(method, "")
        return Top(top=top, source=f"the largest of {counted(self.images, 'validation image')}", image_id=reached_by)


def write_scale(folder: Path, scale: HeatScale) -> None:
    """Keep it beside the card; nothing where nothing was measured."""
    if scale.tops:
        write_json(
            folder / SCALE_FILE,
            {"format": 1, "images": scale.images, "tops": scale.tops, "reached_by": scale.reached_by},
        )


def read_scale(folder: Path) -> HeatScale:
    """The scale of a run or model folder; an empty one where there is none, or none that can be used."""
    try:
        document = read_json(folder / SCALE_FILE, most=MOST_BYTES, error=BadModel)
    except FileNotFoundError:
        return HeatScale()
    except AppError:
        log.warning("The scale of a model's heatmaps cannot be read; maps have their own")
        return HeatScale()
    if not isinstance(document, dict):
        return HeatScale()
    images, tops = document.get("images"), document.get("tops")
    if type(images) is not int or not 0 < images < 1_000_000 or not isinstance(tops, dict):
        return HeatScale()
    reached_by = document.get("reached_by")  # not in a file from before it was kept
    names = reached_by.items() if isinstance(reached_by, dict) else ()
    return HeatScale(
        tops={str(label): _numbers(values) for label, values in tops.items()}, images=images,
        reached_by={str(label): _ids(values) for label, values in names},
    )  # fmt: skip


def _ids(values: Any) -> dict[str, str]:
    """The image ids of a part; what is none is left out."""
    found = values.items() if isinstance(values, dict) else ()
    return {str(name): value for name, value in found if isinstance(value, str) and IMAGE_ID.fullmatch(value)}


def _numbers(values: Any) -> dict[str, float]:
    """The positive numbers of a part; what is none is left out."""
    if not isinstance(values, dict):
        return {}
    return {
        str(name): float(value)
        for name, value in values.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0
    }
