"""PixelFacts of a frame: what its stored values mean, from its header and nowhere else."""

from dataclasses import replace

from viewer.core.pixels import LookupTable, OverlayPlane, Palette, PixelFacts, Window
from viewer.reading.dicom.functional_groups import FrameHeader
from viewer.reading.dicom.header import Header
from viewer.reading.facts.file_windows import CENTER, read_windows
from viewer.reading.facts.geometry import frame_plane, frame_spacing, frame_tilt, pixel_aspect
from viewer.reading.facts.odd_values import odd_words
from viewer.reading.facts.pet import read_suv
from viewer.reading.facts.segmentations import segmentation_windows, segmentation_words
from viewer.reading.facts.sides import frame_sides
from viewer.reading.facts.slides import slide_words
from viewer.reading.facts.special_images import special_images
from viewer.reading.facts.ultrasound import read_regions
from viewer.reading.facts.value_units import MODALITY_LUT, real_world_mappings, rescale, scale_note, value_unit
from viewer.reading.pixels.coding import Coding
from viewer.reading.pixels.decoders import LOSSY
from viewer.reading.pixels.lookups import Span, display_lookup, lookup_table, read_palette
from viewer.reading.pixels.overlay_planes import header_planes
from viewer.reading.pixels.shutters import read_shutter

VOI_LUT, PRESENTATION_SHAPE, PRESENTATION_LUT = 0x00283010, 0x20500020, 0x20500010
VOI_MACRO = 0x00289132
PADDING, PADDING_LIMIT = 0x00280120, 0x00280121
FLOAT_PADDING, DOUBLE_PADDING = (0x00280122, 0x00280124), (0x00280123, 0x00280125)


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
    modality_lut, lut_note = _modality_lut(frame, coding)
    windows, luts, voi_note = _voi(frame, _modality_span(coding, modality_lut, slope, intercept), modality_lut)
    if coding.samples == 3:
        windows, luts, voi_note = (), (), _colour_note(windows, luts)
    grey_lut, grey_note = presentation_lut(header) if coding.samples == 1 else (None, "")
    palette, palette_note = _palette(header, coding, photometric)
    unit, unit_source = value_unit(frame)
    special = special_images(header)
    facts = PixelFacts(
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
        windows=windows or segmentation_windows(frame),
        voi_luts=luts,
        inverse=_is_inverse(header),
        padding=_padding(frame, coding),
        palette=palette,
        spacing=frame_spacing(frame),
        plane=frame_plane(frame),
        sides=frame_sides(frame),
        lossy=header.transfer_syntax in LOSSY or header.text(0x00282110) == "01",
        pixel_aspect=pixel_aspect(frame),
        doubts=tuple(word for word in (frame_tilt(frame), *(one.short for one in special)) if word),
        presentation_lut=grey_lut,
        overlay_planes=planes,
        shutter=read_shutter(header, planes),
        scale_note=scale_note(frame),
        suv=read_suv(frame),
        real_world=real_world_mappings(frame),
        regions=read_regions(frame),
    )
    said = (
        banner,
        *(one.text for one in special),
        note,
        lut_note,
        voi_note,
        grey_note,
        palette_note,
        segmentation_words(frame),
        slide_words(frame),
    )
    # Last, when everything has been asked for.
    return replace(facts, banner=" ".join(part for part in (*said, plane_note, odd_words(frame)) if part))


def _is_inverse(header: Header) -> bool:
    """Presentation LUT Shape INVERSE (C.11.6.1.2); a shape that nobody knows is IDENTITY, and said."""
    shape = header.text(PRESENTATION_SHAPE).upper()
    if shape not in ("", "IDENTITY", "INVERSE", "LIN OD"):
        header.ignore(PRESENTATION_SHAPE)
    return shape == "INVERSE"


def presentation_lut(header: Header) -> tuple[LookupTable | None, str]:
    """(the table of a Presentation LUT Sequence, what is odd about it); 0 is its first mapped value (C.11.6)."""
    item = header.first_item(PRESENTATION_LUT)
    return display_lookup(item, signed=False, name="Presentation LUT") if item is not None else (None, "")


def _modality_lut(frame: FrameHeader, coding: Coding) -> tuple[LookupTable | None, str]:
    item = frame.header.first_item(MODALITY_LUT)
    if item is None or coding.samples != 1:
        return None, ""
    table, note = lookup_table(item, signed=coding.signed, inputs=_stored_span(coding), name="Modality LUT")
    return table, note if table is not None else ""  # `rescale` says that there is none


def _stored_span(coding: Coding) -> Span | None:
    """The least and the largest stored value there can be; None for floats."""
    if coding.is_float:
        return None
    size = 2.0**coding.bits_stored
    return (-size / 2, size / 2 - 1) if coding.signed else (0.0, size - 1)


def _modality_span(coding: Coding, table: LookupTable | None, slope: float, intercept: float) -> Span | None:
    """The least and the largest value that the modality step can give."""
    if table is not None:
        return float(table.values.min()), float(table.values.max())
    span = _stored_span(coding)
    if span is None:
        return None
    low, high = sorted(end * slope + intercept for end in span)
    return low, high


def _palette(header: Header, coding: Coding, photometric: str) -> tuple[Palette | None, str]:
    if photometric != "PALETTE COLOR":
        return None, ""
    return read_palette(header, signed=coding.signed, inputs=_stored_span(coding))


def _voi(
    frame: FrameHeader, span: Span | None, modality_lut: LookupTable | None
) -> tuple[tuple[Window, ...], tuple[LookupTable, ...], str]:
    """(windows, VOI LUTs, what of them is not used or odd).

    What a frame has of its own counts: where that is a table, the windows at the top of the header are another's.
    """
    holder = frame.where(VOI_MACRO, CENTER, VOI_LUT)
    windows, note = read_windows(holder)
    # The first mapped value is coded as the modality step's output: signed when that can be negative (C.11.2.1.1).
    signed = modality_lut is None and span is not None and span[0] < 0
    read = [display_lookup(item, signed=signed, inputs=span) for item in frame.where(VOI_MACRO, VOI_LUT).items(VOI_LUT)]
    notes = dict.fromkeys(part for part in (note, *(said for _, said in read)) if part)
    return windows, tuple(table for table, _ in read if table is not None), " ".join(notes)


def _colour_note(windows: tuple[Window, ...], luts: tuple[LookupTable, ...]) -> str:
    """What is said of a VOI step of true colour: it is about grey images (C.11.2.1.2), and is not applied."""
    plain = all(window.width >= 255 and 127 <= window.center <= 128 for window in windows)  # would change nothing
    return "" if plain and not luts else "The window of the file is about grey images and is not applied to colours."


def _padding(frame: FrameHeader, coding: Coding) -> tuple[float, float] | None:
    if coding.samples != 1:
        return None
    if coding.is_float:
        value, limit = FLOAT_PADDING if coding.bits_allocated == 32 else DOUBLE_PADDING
        low = frame.header.number(value)
        high = frame.header.number(limit)
        return (
            None if low is None else (min(low, low if high is None else high), max(low, low if high is None else high))
        )
    values = frame.header.words(PADDING, signed=coding.signed)
    if not values:
        frame.header.ignore(PADDING_LIMIT)  # the end of a range without its beginning
        return None
    limits = frame.header.words(PADDING_LIMIT, signed=coding.signed)
    other = limits[0] if limits else values[0]
    return min(values[0], other), max(values[0], other)
