"""What stored values mean: the facts a frame's header gives, read once by `viewer.reading`."""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from viewer.core.geometry import ImagePlane, Spacing


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelFacts:
    """How to turn one frame's stored values into numbers with a unit and into grey levels.

    photometric: Photometric Interpretation of the decoded array (RGB once decoded from YBR).
    unit: "HU", "BQML", ... or "" when the file does not say; unit_source: the attribute that says so, in words.
    padding: inclusive stored-value range that is no image (Pixel Padding Value and Range Limit), or None.
    windows, voi_luts: the file's own, in its order. inverse: Presentation LUT Shape INVERSE.
    banner: what is wrong with these pixels, "" when nothing is.
    pixel_aspect: height of a pixel over its width from Pixel Aspect Ratio; where `spacing` is there, it says it better.
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
    padding: tuple[int, int] | None = None
    palette: Palette | None = None
    spacing: Spacing | None = None
    plane: ImagePlane | None = None
    lossy: bool = False
    banner: str = ""
    pixel_aspect: float = 1.0


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
    slice_thickness_mm: float | None = None
    technique: str = ""
    extra: dict[str, str] = field(default_factory=dict)
