"""What a stored value counts: the unit after the modality step, from which attribute, and what else the file offers."""

from viewer.core.pixels import RealWorldMapping
from viewer.reading.dicom.functional_groups import PER_FRAME, SHARED, FrameHeader
from viewer.reading.dicom.header import Header
from viewer.reading.dicom.private_tags import private_number
from viewer.reading.pixels.lookups import lookup_table

SOP_CLASS, IMAGE_TYPE, MODALITY = 0x00080016, 0x00080008, 0x00080060
INTERCEPT, SLOPE, RESCALE_TYPE = 0x00281052, 0x00281053, 0x00281054
MODALITY_LUT, MODALITY_LUT_TYPE, TRANSFORMATION_MACRO = 0x00283000, 0x00283004, 0x00289145
UNITS, DOSE_UNITS, DOSE_SCALING, MULTI_ENERGY = 0x00541001, 0x30040002, 0x3004000E, 0x00189361
REAL_WORLD, LUT_LABEL, UNITS_CODE = 0x00409096, 0x00409210, 0x004008EA
REAL_SLOPE, REAL_INTERCEPT, REAL_TABLE = 0x00409225, 0x00409224, 0x00409212
FIRST_WORD, LAST_WORD, FIRST_DOUBLE, LAST_DOUBLE = 0x00409216, 0x00409211, 0x00409214, 0x00409213
# The code's value itself, whichever of the three attributes is long enough for it (PS3.3 8.1).
CODE_VALUES = (0x00080100, 0x00080119, 0x00080120)
PHILIPS_MR = "Philips MR Imaging DD 001"

CT_CLASSES = frozenset(
    f"1.2.840.10008.5.1.4.1.1.2{end}"
    for end in ("", ".1", ".2")  # CT, enhanced CT, legacy converted enhanced CT
)
RT_DOSE = "1.2.840.10008.5.1.4.1.1.481.2"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
# Hounsfield units are a matter of X-rays; a Rescale Type of HU on any of these is a scanner's slip of the pen.
NEVER_HU = frozenset(("MR", "PT", "NM", "US", "IVUS", "OPT", "SM"))
# Rescale Types that name no unit: UNSPECIFIED, and what writers put where they mean nothing (C.11.1.1.2).
NO_TYPE = frozenset(("US", "UNSPECIFIED", "NONE", "NORMALIZED"))
# No quantity of an image needs a factor beyond these, and sums of squares of its values still are numbers.
LEAST_FACTOR, MOST_FACTOR = 1e-30, 1e18


def value_unit(frame: FrameHeader) -> tuple[str, str]:
    """(unit, where it stands), both "" where the file says nothing.

    Units of PET come first; then the Rescale Type, or the table's; CT values that were rescaled are HU unless the file
    says otherwise (C.8.2.1); RT doses name theirs.
    """
    header = frame.header
    if not slope_counts(frame):
        return "", ""
    units = header.text(UNITS)
    if units:
        return units, "Units (0054,1001)"
    modality = header.text(MODALITY)
    kind, source = _named(frame)
    if kind.upper() == "HU" and modality in NEVER_HU:
        return "", ""
    if kind and kind.upper() not in NO_TYPE:
        return kind, source
    sop_class = header.text(SOP_CLASS)
    is_ct = sop_class in CT_CLASSES or (modality == "CT" and not sop_class.startswith(SECONDARY_CAPTURE))
    plain = "LOCALIZER" not in header.texts(IMAGE_TYPE) and header.text(MULTI_ENERGY).upper() != "YES"
    slope = frame.where(TRANSFORMATION_MACRO, SLOPE).text(SLOPE)  # an empty one says nothing of the values
    has_rescale = bool(header.items(MODALITY_LUT)) or bool(slope)
    if is_ct and plain and not kind and has_rescale:
        return "HU", "CT with a Rescale Slope (0028,1053)"
    dose = header.text(DOSE_UNITS)
    if dose and _is_dose(header):
        return dose, "Dose Units (3004,0002)"
    return "", ""


def _named(frame: FrameHeader) -> tuple[str, str]:
    table = frame.header.first_item(MODALITY_LUT)
    if table is not None:  # a Rescale Type beside it is of the slope, which does not count
        kind = table.text(MODALITY_LUT_TYPE)
        return kind, "Modality LUT Type (0028,3004)" if kind else ""
    kind = frame.where(TRANSFORMATION_MACRO, RESCALE_TYPE).text(RESCALE_TYPE)
    return kind, "Rescale Type (0028,1054)" if kind else ""


def rescale(frame: FrameHeader) -> tuple[float, float, str]:
    """(slope, intercept, what is wrong with them) of the modality step, where it is no table (C.11.1).

    What cannot be applied leaves the values as they are stored, and then neither of the two counts. The slope of an RT
    dose is its Dose Grid Scaling (C.8.8.3).
    """
    header = frame.header
    table = header.first_item(MODALITY_LUT)
    if table is not None:
        _, note = lookup_table(table, signed=False, name="Modality LUT")
        return 1.0, 0.0, f"{note} Values are as stored, without a unit." if "not applied" in note else ""
    holder = frame.where(TRANSFORMATION_MACRO, SLOPE)
    if _is_dose(header) and SLOPE not in holder:
        name, text, slope = "Dose Grid Scaling", header.text(DOSE_SCALING), header.number(DOSE_SCALING)
        if not text:
            return 1.0, 0.0, _not_applied(name, "missing")
    else:
        name, text, slope = "Rescale Slope", holder.text(SLOPE), holder.number(SLOPE)
    if text and (slope is None or not LEAST_FACTOR <= abs(slope) <= MOST_FACTOR):
        return 1.0, 0.0, _not_applied(name, text)
    holder = frame.where(TRANSFORMATION_MACRO, INTERCEPT)
    text, intercept = holder.text(INTERCEPT), holder.number(INTERCEPT)
    if text and (intercept is None or abs(intercept) > MOST_FACTOR):
        return 1.0, 0.0, _not_applied("Rescale Intercept", text)
    return 1.0 if slope is None else slope, intercept or 0.0, ""


def _not_applied(name: str, said: str) -> str:
    return f"{name} is {_short(said)} in the file and was not applied: values are as stored, without a unit."


def _short(said: str) -> str:
    return said if len(said) <= 16 and said.isprintable() else "no number"


def _is_dose(header: Header) -> bool:
    return header.text(MODALITY) == "RTDOSE" or header.text(SOP_CLASS) == RT_DOSE


def beside_a_table(frame: FrameHeader) -> str:
    """What of the modality step does not count, as its table does: a file has the one or the other (C.11.1).

    A slope of 1 and an intercept of 0 would change nothing and are not spoken of.
    """
    tables = frame.header.items(MODALITY_LUT)
    if not tables:
        return ""
    found = []
    dropped = [
        f"{name} ({_short(holder.text(tag))})"
        for tag, name, idle in ((SLOPE, "Rescale Slope", 1), (INTERCEPT, "Rescale Intercept", 0))
        if (holder := frame.where(TRANSFORMATION_MACRO, tag)).numbers_or_none(tag) not in ((), (idle,))
    ]
    if dropped:
        are = "are" if len(dropped) > 1 else "is"
        found.append(f"{' and '.join(dropped)} {are} not applied, as the file has a Modality LUT Sequence beside it.")
    if len(tables) > 1:
        found.append(f"The Modality LUT Sequence of the file has {len(tables)} items; the first one counts.")
    return " ".join(found)


def slope_counts(frame: FrameHeader) -> bool:
    """False where a slope or an intercept cannot be applied: the values then stay as they are stored."""
    return not rescale(frame)[2]


def scale_note(frame: FrameHeader) -> str:
    """Which factor was applied where a file has several, as a sentence; "" where there is only one."""
    if frame.header.text(MODALITY) != "MR":
        return ""
    scale = private_number(frame.header, 0x2005, PHILIPS_MR, 0x0E)
    slope = frame.where(TRANSFORMATION_MACRO, SLOPE).number(SLOPE)
    if scale is None or scale in (0.0, 1.0):
        return ""
    applied = "Rescale Slope (0028,1053) is applied" if slope is not None else "No slope is applied"
    return f"{applied}; Philips' Scale Slope (2005,100E) {scale:g} is not."


def real_world_mappings(frame: FrameHeader) -> tuple[RealWorldMapping, ...]:
    """Real World Value Mappings of slope and intercept (C.7.6.16.2.11), this frame's own first.

    Those by table are left out.
    """
    found = (_mapping(item) for item in _mapping_items(frame))
    return tuple(mapping for mapping in found if mapping is not None)


def _mapping_items(frame: FrameHeader) -> list[Header]:
    header = frame.header
    groups = header.items(PER_FRAME)
    holders = [groups[frame.index]] if frame.index < len(groups) else []
    for holder in (*holders, *header.items(SHARED)[:1], header):
        if REAL_WORLD in holder:
            return holder.items(REAL_WORLD)
    return []


def _mapping(item: Header) -> RealWorldMapping | None:
    slope, intercept = item.number(REAL_SLOPE), item.number(REAL_INTERCEPT)
    if slope is None or intercept is None or REAL_TABLE in item or max(abs(slope), abs(intercept)) > MOST_FACTOR:
        for tag in (REAL_TABLE, REAL_SLOPE, REAL_INTERCEPT):
            item.ignore(tag)
        return None
    code = item.first_item(UNITS_CODE)
    unit = next((code.text(tag) for tag in CODE_VALUES if code.text(tag)), "") if code is not None else ""
    first, last = _range(item)
    return RealWorldMapping(
        slope=slope,
        intercept=intercept,
        unit="" if unit in ("1", "no units") else unit,
        label=item.text(LUT_LABEL),
        first=first,
        last=last,
    )


def _range(item: Header) -> tuple[float, float]:
    """The stored values it is for; both ends are in. Without any it is for all."""
    first, last = item.number(FIRST_DOUBLE), item.number(LAST_DOUBLE)
    if first is None or last is None:
        # US or SS: a range that seems to run backwards was written with a sign.
        low, high = item.words(FIRST_WORD, signed=False), item.words(LAST_WORD, signed=False)
        if not low or not high:
            return float("-inf"), float("inf")
        if low[0] > high[0]:
            low, high = item.words(FIRST_WORD, signed=True), item.words(LAST_WORD, signed=True)
        first, last = float(low[0]), float(high[0])
    return first, last
