"""Softcopy presentation states: what they refer to, and one image through one of them. Never written, only read.

PS3.3 A.33, C.11.10 to C.11.12; PS3.4 annex N: where a state is applied, its modality, VOI and presentation steps take
the place of the image's own, and a step it lacks is the identity. The image's photometric interpretation does not count
then, so MONOCHROME1 with INVERSE is inverted once.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from viewer.core.errors import AppError, UnsupportedFile
from viewer.core.geometry import SpacingLevel
from viewer.core.pixels import LookupTable, OverlayPlane, PixelFacts, Window
from viewer.core.presentation import Area, Presented, cielab_color, grey_color, identity_window, spatial_turn
from viewer.reading.dicom.functional_groups import FrameHeader
from viewer.reading.dicom.header import Header
from viewer.reading.dicom.object_kinds import is_presentation_class
from viewer.reading.dicom.opening import open_dicom
from viewer.reading.dicom.references import IMAGES, Reference, applies_to, references_of
from viewer.reading.facts.file_windows import read_windows
from viewer.reading.facts.pixel_facts import presentation_lut
from viewer.reading.facts.presentation_graphics import read_graphics
from viewer.reading.facts.value_units import beside_a_table, rescale
from viewer.reading.pixels.lookups import display_lookup, lookup_table
from viewer.reading.pixels.overlay_planes import GROUPS, LAYER, header_planes
from viewer.reading.pixels.shutters import read_shutter
from viewer.reading.sources.archive import on_disk

log = logging.getLogger(__name__)

GREYSCALE, COLOUR = "1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.11.2"
SERIES = 0x00081115
VOI_ITEMS, LAYERS, AREAS = 0x00283110, 0x00700060, 0x0070005A
MODALITY_LUT, VOI_LUT = 0x00283000, 0x00283010
ROTATION, FLIP, MASK = 0x00700042, 0x00700041, 0x00286100


@dataclass(frozen=True, slots=True, kw_only=True)
class PresentationState:
    """A state's own words. created: YYYYMMDD as in the file. references: the images it is about."""

    path: Path
    sop_class: str
    label: str
    description: str
    creator: str
    created: str
    references: tuple[Reference, ...]
    header: Header = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """Its label, else its description, else that it has none."""
        return self.label or self.description or "unnamed"


def read_presentation_state(path: Path) -> PresentationState:
    """Read a state. Raises UnsupportedFile when the file is none, BadFile when it cannot be read."""
    header = open_dicom(on_disk(path)).header
    if not is_presentation_class(header.text(0x00080016) or header.media_class):
        raise UnsupportedFile(f"{path} is no presentation state; give a DICOM file of that kind.")
    return state_of(path, header)


def state_of(path: Path, header: Header) -> PresentationState:
    """The state a header holds."""
    references = [
        reference
        for series in header.items(SERIES)
        for reference in references_of(series.items(IMAGES), series_uid=series.text(0x0020000E))
    ]
    return PresentationState(
        path=path,
        sop_class=header.text(0x00080016) or header.media_class,
        label=header.text(0x00700080),
        description=header.text(0x00700081),
        creator=header.name(0x00700084),
        created=header.text(0x00700082),
        references=tuple(references),
        header=header,
    )


def refers_to(state: PresentationState, sop_instance_uid: str, frame_index: int) -> bool:
    """Whether a state is about this frame (0-based) of this image."""
    return any(
        reference.sop_instance_uid == sop_instance_uid and (not reference.frames or frame_index + 1 in reference.frames)
        for reference in state.references
        if sop_instance_uid
    )


def states_among(
    paths: Iterable[Path], instances: Collection[str], *, cancelled: Callable[[], bool] = lambda: False
) -> tuple[PresentationState, ...]:
    """The states in these files that refer to an image that is there. instances: SOP Instance UIDs of the images."""
    found = []
    for path in paths:
        if cancelled():
            break
        try:
            state = read_presentation_state(path)
        except AppError as error:
            log.info("a presentation state was not read: %s", error)
            continue
        if any(reference.sop_instance_uid in instances for reference in state.references):
            found.append(state)
    return tuple(found)


def presented(state: PresentationState, facts: PixelFacts, sop_instance_uid: str, frame_index: int) -> Presented:
    """One image through a state. facts: the image's own."""
    header = state.header
    here = [item for item in header.items(AREAS) if applies_to(item, sop_instance_uid, frame_index)]
    rotation = header.integer(ROTATION) or 0
    turns, flipped = spatial_turn(rotation, flip=header.text(FLIP).upper() == "Y")
    area, notes = _area(here[0] if here else None, facts)
    shutter = read_shutter(header, header_planes(header, frame_index)[0])
    shown, more = _grey(header, facts, sop_instance_uid, frame_index)
    planes = _planes(header, facts, frame_index)
    colors = layer_colors(header)
    screen_area = (area or (0.0, 0.0, float(facts.cols), float(facts.rows)), turns % 2 == 1)
    graphics = read_graphics(header, sop_instance_uid, frame_index, area=screen_area, colors=colors)
    notes = [*notes, *more, *graphics.notes, *_missing(state)]
    whole = area is None or _sorted(area) == (0.0, 0.0, float(facts.cols), float(facts.rows))
    return Presented(
        key=str(state.path),
        label=state.name,
        facts=replace(shown, overlay_planes=planes, shutter=shutter),
        quarter_turns=turns,
        flipped=flipped,
        area_px=None if whole or area is None else _sorted(area),
        outlines=graphics.outlines,
        fills=graphics.fills(facts.rows, facts.cols),
        texts=graphics.texts,
        colors=tuple(colors.items()),
        notes=tuple(notes),
    )


def layer_colors(header: Header) -> dict[str, str]:
    """#RRGGBB of the graphic layers that recommend a colour, in the order in which they are drawn."""
    found: dict[str, str] = {}
    for item in sorted(header.items(LAYERS), key=lambda item: item.integer(0x00700062) or 0):
        lab, rgb, grey = item.numbers(0x00700401), item.numbers(0x00700067), item.number(0x00700066)
        name = item.text(0x00700002)
        if len(lab) == 3:
            found[name] = cielab_color(lab)
        elif len(rgb) == 3:
            found[name] = "#" + "".join(f"{round(part / 257):02X}" for part in rgb)
        elif grey is not None:
            found[name] = grey_color(grey)
    return found


def _grey(header: Header, facts: PixelFacts, uid: str, frame_index: int) -> tuple[PixelFacts, list[str]]:
    """The image's facts with the state's modality, VOI and presentation steps; colour has none of them."""
    if facts.samples == 3 or facts.palette is not None:
        return facts, []
    item = header.first_item(MODALITY_LUT)
    table, lut_note = lookup_table(item, signed=facts.signed, name="Modality LUT") if item is not None else (None, "")
    step = FrameHeader(header=header)
    slope, intercept, scale_note = rescale(step)
    grey, grey_note = presentation_lut(header)
    shown = replace(
        facts,
        photometric="MONOCHROME2",
        rescale_slope=slope,
        rescale_intercept=intercept,
        modality_lut=table,
        inverse=header.text(0x20500020).upper() == "INVERSE",
        presentation_lut=grey,
    )
    signed = table is None and (facts.signed or shown.rescale_intercept < 0)
    windows, tables, voi_note = _voi(header, uid, frame_index, signed=signed)
    if not windows and not tables:
        windows = (identity_window(shown),)
    same = (shown.rescale_slope, shown.rescale_intercept) == (facts.rescale_slope, facts.rescale_intercept)
    notes = [note for note in (lut_note, scale_note, beside_a_table(step), voi_note, grey_note) if note]
    if not same or (table is None) != (facts.modality_lut is None):
        notes.append("Its modality step is not the image's: the window is in its units, numbers stay the image's.")
    return replace(shown, windows=windows, voi_luts=tables), notes


def _voi(
    header: Header, uid: str, frame_index: int, *, signed: bool
) -> tuple[tuple[Window, ...], tuple[LookupTable, ...], str]:
    """(windows, VOI LUTs, what of them is not used or odd) for one image."""
    for item in header.items(VOI_ITEMS):
        if not applies_to(item, uid, frame_index):
            continue
        windows, note = read_windows(item)
        read = [display_lookup(lut, signed=signed) for lut in item.items(VOI_LUT)]
        notes = dict.fromkeys(part for part in (note, *(said for _, said in read)) if part)
        return windows, tuple(table for table, _ in read if table is not None), " ".join(notes)
    return (), (), ""


def _area(item: Header | None, facts: PixelFacts) -> tuple[Area | None, list[str]]:
    """(the displayed area with its upper left corner on the screen first, what of it is not done)."""
    if item is None:
        return None, []
    start, end = item.numbers(0x00700052), item.numbers(0x00700053)
    if len(start) != 2 or len(end) != 2:
        return None, []
    # Corners are pixels counted from 1; the area goes to their outer edges, whichever way it is turned.
    x0, x1 = (start[0] - 1, end[0]) if start[0] <= end[0] else (start[0], end[0] - 1)
    y0, y1 = (start[1] - 1, end[1]) if start[1] <= end[1] else (start[1], end[1] - 1)
    notes = []
    mode = item.text(0x00700100).upper()
    if mode in ("TRUE SIZE", "MAGNIFY"):
        asked = "true size" if mode == "TRUE SIZE" else "a fixed magnification"
        notes.append(f"It asks for {asked}; its area is fitted to the view instead.")
    ratio = item.numbers(0x00700102)
    own = facts.pixel_aspect
    if facts.spacing is not None and facts.spacing.level is not SpacingLevel.ESTIMATED:
        own = facts.spacing.row_mm / facts.spacing.col_mm
    if len(ratio) == 2 and ratio[1] > 0 and abs(ratio[0] / ratio[1] - own) > 0.01 * own:
        notes.append("It asks for another shape of pixel than the image has; the image's is kept.")
    return (x0, y0, x1, y1), notes


def _planes(header: Header, facts: PixelFacts, frame_index: int) -> tuple[OverlayPlane, ...]:
    """The overlay planes a state turns on: its own, and those of the image that it names; others are off (C.11.7)."""
    own, _ = header_planes(header, frame_index)
    groups = {plane.group for plane in own}
    layers = {group: header.text(group << 16 | LAYER) for group in GROUPS}
    kept = (
        replace(plane, layer=layers[plane.group])
        for plane in facts.overlay_planes
        if plane.group not in groups and layers.get(plane.group)
    )
    return (*(plane for plane in own if plane.layer), *kept)


def _missing(state: PresentationState) -> list[str]:
    notes = []
    if state.header.items(MASK):
        notes.append("It subtracts a mask image, which is not done here.")
    if state.sop_class not in (GREYSCALE, COLOUR):
        notes.append("It is of a kind that colours, blends or subtracts images; only what is like a grey one is done.")
    if state.sop_class == COLOUR and 0x00282000 in state.header:
        notes.append("Its colour profile is not used.")
    return notes


def _sorted(area: Area) -> Area:
    x0, y0, x1, y1 = area
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
