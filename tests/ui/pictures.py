"""Pictures made here for a view, and what of them stands on the screen."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PySide6.QtGui import QImage

from viewer.core.geometry import ImagePlane, Spacing
from viewer.core.pixels import FrameIdentity, PixelFacts, Window

AXIAL = ImagePlane(position_mm=(-100.0, -120.0, -112.5), row_cosines=(1, 0, 0), col_cosines=(0, 1, 0))
IDENTITY = FrameIdentity(
    patient_name="Doe^Jane", patient_id="0042", birth_date="19580102", study_date="20260312",
    study_description="CT Chest", series_number="3", series_description="Lung 3.0", instance_number="212",
    modality="CT", slice_thickness_mm=3.0, technique="120 kV",
)  # fmt: skip
FACTS = PixelFacts(
    rows=200, cols=200, signed=True, unit="HU", rescale_intercept=-1000.0, windows=(Window(center=40, width=400),),
    spacing=Spacing(row_mm=0.5, col_mm=0.5, source="PixelSpacing"), plane=AXIAL,
)  # fmt: skip


@dataclass
class Shown:
    """A frame for a view (`viewer.ui.canvas.frame.ShownFrame`)."""

    stored: np.ndarray
    facts: PixelFacts
    identity: FrameIdentity


def frame(**facts: Any) -> Shown:
    """A ramp from 0 to 1990 in steps of ten, left to right."""
    stored = np.tile(np.arange(0, 2000, 10, dtype=np.int16), (200, 1))
    return Shown(stored, replace(FACTS, **facts), IDENTITY)


def replace_identity(shown: Shown, **changes: str) -> Shown:
    """The same picture of somebody else, or of another series."""
    shown.identity = replace(shown.identity, **changes)  # type: ignore[arg-type]
    return shown


def pixels(image: QImage) -> np.ndarray:
    """(row, col, 3) of a picture."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3)
