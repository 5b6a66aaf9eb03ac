"""Ultrasound regions of a frame (US Region Calibration Module, PS3.3 C.8.5.5)."""

from viewer.core.regions import UltrasoundRegion
from viewer.reading.dicom.functional_groups import PER_FRAME, SHARED, FrameHeader
from viewer.reading.dicom.header import Header

REGIONS, SPATIAL_FORMAT, FLAGS = 0x00186011, 0x00186012, 0x00186016
MIN_X, MIN_Y, MAX_X, MAX_Y = 0x00186018, 0x0018601A, 0x0018601C, 0x0018601E
REFERENCE_X, REFERENCE_Y, UNITS_X, UNITS_Y = 0x00186020, 0x00186022, 0x00186024, 0x00186026
VALUE_X, VALUE_Y, DELTA_X, DELTA_Y = 0x00186028, 0x0018602A, 0x0018602C, 0x0018602E

# Physical Units, C.8.5.5.1.15; 0 is none.
UNITS = {
    1: "%", 2: "dB", 3: "cm", 4: "s", 5: "Hz", 6: "dB/s", 7: "cm/s", 8: "cm²", 9: "cm²/s", 10: "cm³", 11: "cm³/s",
    12: "°",
}  # fmt: skip
# Region Spatial Format, C.8.5.5.1.1.
KINDS = {1: "2D", 2: "M-mode", 3: "spectral", 4: "waveform", 5: "graphics"}


def read_regions(frame: FrameHeader) -> tuple[UltrasoundRegion, ...]:
    """The regions of one frame: its own where the file gives some per frame, else those of the image."""
    holder = _holder(frame)
    if holder is None:
        return ()
    found = [_region(item, number) for number, item in enumerate(holder.items(REGIONS), 1)]
    if None in found:
        holder.ignore(REGIONS)
    return tuple(region for region in found if region is not None)


def _holder(frame: FrameHeader) -> Header | None:
    groups = frame.header.items(PER_FRAME) if PER_FRAME in frame.header else []
    holders = [groups[frame.index]] if frame.index < len(groups) else []
    holders += frame.header.items(SHARED)[:1] if SHARED in frame.header else []
    for holder in (*holders, frame.header):
        if REGIONS in holder:
            return holder
    return None


def _region(item: Header, number: int) -> UltrasoundRegion | None:
    low_x, low_y, high_x, high_y = (item.integer(tag) for tag in (MIN_X, MIN_Y, MAX_X, MAX_Y))
    if low_x is None or low_y is None or high_x is None or high_y is None or high_x < low_x or high_y < low_y:
        return None
    delta_x, delta_y = item.number(DELTA_X) or 0.0, item.number(DELTA_Y) or 0.0
    return UltrasoundRegion(
        number=number,
        kind=KINDS.get(item.integer(SPATIAL_FORMAT) or 0, ""),
        # The bounds name the first and the last pixel that belong to the region.
        x0_px=low_x,
        y0_px=low_y,
        x1_px=high_x + 1,
        y1_px=high_y + 1,
        unit_x=UNITS.get(item.integer(UNITS_X) or 0, ""),
        unit_y=UNITS.get(item.integer(UNITS_Y) or 0, ""),
        delta_x=delta_x,
        delta_y=delta_y,
        zero_x_px=_zero(low_x, item.number(REFERENCE_X), item.number(VALUE_X), delta_x),
        zero_y_px=_zero(low_y, item.number(REFERENCE_Y), item.number(VALUE_Y), delta_y),
        is_low_priority=bool((item.integer(FLAGS) or 0) & 1),
    )


def _zero(low: int, reference: float | None, value: float | None, delta: float) -> float | None:
    """Where along an axis the physical value is 0. The reference pixel is counted from the region's first pixel."""
    if reference is None or delta == 0:
        return None
    return low + reference + 0.5 - (value or 0.0) / delta
