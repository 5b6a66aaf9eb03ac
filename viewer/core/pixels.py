"""What stored values mean: the facts a frame's header gives, read once by `viewer.reading`."""

import math
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from viewer.core.geometry import ImagePlane, Spacing
from viewer.core.regions import UltrasoundRegion
from viewer.core.suv import Suv


class VoiFunction(StrEnum):
    """VOI LUT Function (0028,1056), PS3.3 C.11.2.1.2."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Center and width in modality units."""

    center: float
    width: float
    name: str = ""
    function: VoiFunction = VoiFunction.LINEAR


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LookupTable:
    """A Modality, VOI or Presentation LUT item (PS3.3 C.11.1.1, C.11.2.1.1).

    values: (n,) the mapped values. first_mapped: input value of values[0].
    bits: bits of an entry (third descriptor value).
    """

    values: NDArray[np.uint16]
    first_mapped: int
    bits: int
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Palette:
    """Palette colours (PS3.3 C.7.6.3.1.5). rgb: (n, 3) uint8 after scaling to 8 bits. first_mapped: value of rgb[0]."""

    rgb: NDArray[np.uint8]
    first_mapped: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OverlayPlane:
    """One bit-mapped overlay of the file, group 60xx (PS3.3 C.9.2), for one frame.

    bits: (overlay row, overlay col) bool. row0, col0: index of the image pixel under bits[0, 0]; negative or past the
    image where the overlay sticks out. is_region: a region of interest, else graphics. group: 0x6000 to 0x601E.
    layer: the graphic layer that shows it (Overlay Activation Layer), "" when the file names none.
    """

    bits: NDArray[np.bool_]
    row0: int = 0
    col0: int = 0
    is_region: bool = False
    name: str = ""
    group: int = 0x6000
    layer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shutter:
    """What a display shutter leaves open, and what stands in the rest (PS3.3 C.7.6.11, C.7.6.15).

    All in image points. rectangle: (x0_px, y0_px, x1_px, y1_px). circle: (x_px, y_px, radius_px along x).
    polygon: corners (x_px, y_px). bitmap: its bits are what is covered. Several shapes: open where all of them are.
    level: 0 black to 255 white.
    """

    rectangle: tuple[float, float, float, float] | None = None
    circle: tuple[float, float, float] | None = None
    polygon: tuple[tuple[float, float], ...] = ()
    bitmap: OverlayPlane | None = None
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RealWorldMapping:
    """What else a stored value stands for (Real World Value Mapping, PS3.3 C.7.6.16.2.11), beside the modality step.

    value = slope x stored + intercept, for first <= stored <= last. unit: the code's value, "" for a pure number.
    """

    slope: float
    intercept: float
    unit: str = ""
    label: str = ""
    first: float = -math.inf
    last: float = math.inf

    def value(self, stored: float) -> float | None:
        """The real world value, None for a stored value outside its range."""
        return self.slope * stored + self.intercept if self.first <= stored <= self.last else None


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelFacts:
    """How to turn one frame's stored values into numbers with a unit and into grey levels.

    photometric: Photometric Interpretation of the decoded array (RGB once decoded from YBR).
    unit: "HU", "BQML", ... or "" when the file does not say; unit_source: the attribute that says so, in words.
    padding: inclusive stored-value range that is no image (Pixel Padding Value and Range Limit), or None.
    windows, voi_luts: the file's own, in its order. inverse: Presentation LUT Shape INVERSE.
    presentation_lut: the Presentation LUT Sequence's table, in place of a shape. overlay_planes, shutter: what the file
    draws over its pixels and covers of them; display only, no value or statistic knows them.
    banner: what is wrong with these pixels, "" when nothing is. doubts: in a few words each, what else the file says of
    itself that a reader must know, such as "gantry tilt 18.5°".
    sides: letters of the patient's sides that columns and rows grow to, "" when unknown; `plane`, where it is there,
    says it better.
    pixel_aspect: height of a pixel over its width from Pixel Aspect Ratio; where `spacing` is there, it says it better.
    rows_there: rows that a cut file still holds; the others are blank and no image; None: all are there.
    scale_note: which of several scale factors was applied, "" where there is one. suv: of PET, else None.
    real_world: other values that stored ones stand for. regions: of ultrasound; lengths go by them.
    """

    rows: int
    cols: int
    samples: int = 1
    bits_stored: int = 16
    signed: bool = False
    photometric: str = "MONOCHROME2"
    rescale_slope: float = 1.0
    rescale_intercept: float = 0.0
    modality_lut: LookupTable | None = None
    unit: str = ""
    unit_source: str = ""
    windows: tuple[Window, ...] = ()
    voi_luts: tuple[LookupTable, ...] = ()
    inverse: bool = False
    padding: tuple[float, float] | None = None
    palette: Palette | None = None
    spacing: Spacing | None = None
    plane: ImagePlane | None = None
    sides: tuple[str, str] = ("", "")
    lossy: bool = False
    banner: str = ""
    doubts: tuple[str, ...] = ()
    pixel_aspect: float = 1.0
    presentation_lut: LookupTable | None = None
    overlay_planes: tuple[OverlayPlane, ...] = ()
    shutter: Shutter | None = None
    rows_there: int | None = None
    scale_note: str = ""
    suv: Suv | None = None
    real_world: tuple[RealWorldMapping, ...] = ()
    regions: tuple[UltrasoundRegion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameIdentity:
    """Who and what a frame shows; the text that stands in the view's corners. Empty where the file gives nothing."""

    patient_name: str = ""
    patient_id: str = ""
    birth_date: str = ""
    sex: str = ""
    age: str = ""
    study_date: str = ""
    study_description: str = ""
    series_number: str = ""
    series_description: str = ""
    instance_number: str = ""
    modality: str = ""
    body_part: str = ""
    view_position: str = ""
    film: str = ""  # side and view, such as "L CC"
    slice_thickness_mm: float | None = None
    technique: str = ""
    extra: dict[str, str] = field(default_factory=dict)
