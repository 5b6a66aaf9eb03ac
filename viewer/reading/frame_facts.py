"""PixelFacts of a frame: what its stored values mean, from its header and nowhere else."""

from viewer.core.pixels import LookupTable, OverlayPlane, PixelFacts, VoiFunction, Window
from viewer.reading.coding import Coding
from viewer.reading.decoders import LOSSY
from viewer.reading.frame_geometry import frame_plane, frame_spacing, frame_tilt, pixel_aspect
from viewer.reading.frame_sides import frame_sides
from viewer.reading.functional_groups import FrameHeader
from viewer.reading.header import Header
from viewer.reading.lookups import lookup_table, read_palette
from viewer.reading.overlay_planes import header_planes
from viewer.reading.pet import read_suv
from viewer.reading.segmentations import segmentation_windows, segmentation_words
from viewer.reading.shutters import read_shutter
from viewer.reading.slides import slide_words
from viewer.reading.ultrasound import read_regions
from viewer.reading.value_units import MODALITY_LUT, real_world_mappings, rescale, scale_note, value_unit

VOI_LUT, PRESENTATION_SHAPE, PRESENTATION_LUT = 0x00283010, 0x20500020, 0x20500010
CENTER, WIDTH, EXPLANATION, FUNCTION = 0x00281050, 0x00281051, 0x00281055, 0x00281056
VOI_MACRO = 0x00289132
PADDING, PADDING_LIMIT = 0x00280120, 0x00280121


def frame_facts(
    frame: FrameHeader,
    coding: Coding,
    *,
    photometric: str,
    banner: str = "",
    embedded: tuple[OverlayPlane, ...] = (),
) -> PixelFacts:
    """The facts of one frame. photometric: of the decoded array. banner: what is wrong with its pixels.

    embedded: overlay planes found in the unused bits of the pixels.
    """
    header = frame.header
    planes, plane_note = header_planes(header, frame.index)
    planes = (*planes, *embedded)
    slope, intercept, note = rescale(frame)
    modality_lut = _modality_lut(frame, coding)
    unit, unit_source = value_unit(frame)
    return PixelFacts(
        rows=coding.rows,
        cols=coding.cols,
        samples=coding.samples,
        bits_stored=coding.bits_stored,
        signed=coding.signed and not coding.is_float,
        photometric=photometric,
        rescale_slope=slope,
        rescale_intercept=intercept,
        modality_lut=modality_lut,
        unit=unit,
        unit_source=unit_source,
        windows=_windows(frame) or segmentation_windows(frame),
        voi_luts=_voi_luts(frame, coding, modality_lut, intercept),
        inverse=header.text(PRESENTATION_SHAPE).upper() == "INVERSE",
        padding=_padding(frame, coding),
        palette=read_palette(header, signed=coding.signed) if photometric == "PALETTE COLOR" else None,
        spacing=frame_spacing(frame),
        plane=frame_plane(frame),
        sides=frame_sides(frame),
        lossy=header.transfer_syntax in LOSSY or header.text(0x00282110) == "01",
        pixel_aspect=pixel_aspect(frame),
        banner=" ".join(
            part for part in (banner, note, segmentation_words(frame), slide_words(frame), plane_note) if part
        ),
        doubts=tuple(word for word in (frame_tilt(frame),) if word),
        presentation_lut=presentation_lut(header) if coding.samples == 1 else None,
        overlay_planes=planes,
        shutter=read_shutter(header, planes),
        scale_note=scale_note(frame),
        suv=read_suv(frame),
        real_world=real_world_mappings(frame),
        regions=read_regions(frame),
    )


def presentation_lut(header: Header) -> LookupTable | None:
    """The table of a Presentation LUT Sequence (C.11.6); its first mapped value is 0 by definition."""
    item = header.first_item(PRESENTATION_LUT)
    return lookup_table(item, signed=False) if item is not None else None


def _modality_lut(frame: FrameHeader, coding: Coding) -> LookupTable | None:
    item = frame.header.first_item(MODALITY_LUT)
    return lookup_table(item, signed=coding.signed) if item is not None and coding.samples == 1 else None


def _windows(frame: FrameHeader) -> tuple[Window, ...]:
    """The file's windows. A width under 1 (LINEAR) or not above 0 cannot be shown and is left out (C.11.2.1.2)."""
    holder = frame.where(VOI_MACRO, CENTER)
    names = holder.texts(EXPLANATION)
    text = holder.text(FUNCTION).upper()
    function = VoiFunction(text) if text in list(VoiFunction) else VoiFunction.LINEAR
    least = 1.0 if function is VoiFunction.LINEAR else 1e-300
    return tuple(
        Window(center=center, width=width, name=names[n] if n < len(names) else "", function=function)
        for n, (center, width) in enumerate(zip(holder.numbers(CENTER), holder.numbers(WIDTH)))
        if width >= least
    )


def _voi_luts(
    frame: FrameHeader, coding: Coding, modality_lut: LookupTable | None, intercept: float
) -> tuple[LookupTable, ...]:
    # The first mapped value is coded as the modality step's output: signed when that can be negative (C.11.2.1.1).
    signed = modality_lut is None and (coding.signed or intercept < 0)
    holder = frame.where(VOI_MACRO, VOI_LUT)
    tables = (lookup_table(item, signed=signed) for item in holder.items(VOI_LUT))
    return tuple(table for table in tables if table is not None)


def _padding(frame: FrameHeader, coding: Coding) -> tuple[int, int] | None:
    if coding.samples != 1 or coding.is_float:
        return None
    values = frame.header.words(PADDING, signed=coding.signed)
    if not values:
        return None
    limits = frame.header.words(PADDING_LIMIT, signed=coding.signed)
    other = limits[0] if limits else values[0]
    return min(values[0], other), max(values[0], other)
