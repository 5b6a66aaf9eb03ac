"""What a PET file says of its values: units, corrections, dose and times (PS3.3 C.8.9)."""

import re
from datetime import datetime, timedelta

from viewer.core.suv import PetAttributes, Suv, suv
from viewer.reading.dicom.functional_groups import FrameHeader
from viewer.reading.dicom.header import Header
from viewer.reading.dicom.private_tags import private_number, private_text
from viewer.reading.facts.value_units import SOP_CLASS, real_world_mappings, slope_counts

MODALITY, UNITS, SUV_TYPE, DECAY_CORRECTION = 0x00080060, 0x00541001, 0x00541006, 0x00541102
CORRECTED_IMAGE, WEIGHT = 0x00280051, 0x00101030
SERIES_DATE, SERIES_TIME, ACQUISITION_DATE, ACQUISITION_TIME = 0x00080021, 0x00080031, 0x00080022, 0x00080032
RADIOPHARMACEUTICAL, START_TIME, START_DATETIME = 0x00540016, 0x00181072, 0x00181078
TOTAL_DOSE, HALF_LIFE = 0x00181074, 0x00181075
FRAME_REFERENCE_TIME, FRAME_DURATION, DECAY_DATETIME = 0x00541300, 0x00181242, 0x00189701
ENHANCED_PET = "1.2.840.10008.5.1.4.1.1.130"
GE_PET, PHILIPS_PET = "GEMS_PETD_01", "Philips PET Private Group"

# Fractions of a second and the offset from UTC may follow a DT; a DA may be written with points (ACR-NEMA).
_DATETIME = re.compile(r"(\d{4})[.-]?(\d{2})[.-]?(\d{2})(\d{2}):?(\d{2})?:?(\d{2})?(?:\.(\d{1,6}))?(?:[+-]\d{4})?")


def read_suv(frame: FrameHeader) -> Suv | None:
    """How a PET frame's values become SUV, or why not; None for every other modality.

    None too where a Real World Value Mapping gives an SUV: enhanced PET has no Units and says it there (C.8.22).
    """
    header = frame.header
    if header.text(MODALITY) != "PT":
        return None
    if not header.text(UNITS):
        if any("SUV" in mapping.unit.upper() for mapping in real_world_mappings(frame)):
            return None
        if header.text(SOP_CLASS) == ENHANCED_PET:
            return Suv(reason="enhanced PET has no Units (0054,1001), and no Real World Value Mapping gives an SUV")
    if not slope_counts(frame):
        return Suv(reason="Rescale Slope (0028,1053) or Intercept (0028,1052) cannot be applied")
    return suv(pet_attributes(header))


def pet_attributes(header: Header) -> PetAttributes:
    """The attributes that the SUV depends on, as the file has them."""
    injections = header.items(RADIOPHARMACEUTICAL)
    dose = injections[0] if injections else None
    start = dose.text(START_DATETIME) if dose is not None else ""
    units = header.text(UNITS).upper()
    # Private blocks are only looked for where the standard's own attributes do not do: that takes a while.
    philips = units == "CNTS"
    reference_ms, duration_ms = header.number(FRAME_REFERENCE_TIME), header.number(FRAME_DURATION)
    return PetAttributes(
        units=units,
        suv_type=header.text(SUV_TYPE).upper(),
        corrections=tuple(text.upper() for text in header.texts(CORRECTED_IMAGE)),
        decay_correction=header.text(DECAY_CORRECTION).upper(),
        weight_kg=header.number(WEIGHT),
        injections=len(injections),
        dose_bq=dose.number(TOTAL_DOSE) if dose is not None else None,
        half_life_s=dose.number(HALF_LIFE) if dose is not None else None,
        injected_at=moment(start),
        injected_time_s=_time_of_day_s(dose.text(START_TIME)) if dose is not None else None,
        series_at=moment(header.text(SERIES_DATE) + header.text(SERIES_TIME)),
        acquired_at=moment(header.text(ACQUISITION_DATE) + header.text(ACQUISITION_TIME)),
        decay_corrected_to=moment(header.text(DECAY_DATETIME)),
        ge_scan_at=moment(private_text(header, 0x0009, GE_PET, 0x0D)),
        frame_reference_s=None if reference_ms is None else reference_ms / 1000,
        frame_duration_s=None if duration_ms is None else duration_ms / 1000,
        philips_suv=private_number(header, 0x7053, PHILIPS_PET, 0x00) if philips else None,
        philips_activity=private_number(header, 0x7053, PHILIPS_PET, 0x09) if philips else None,
    )


def moment(text: str) -> datetime | None:
    """A DICOM date and time as the scanner's clock had it; None when either is missing or impossible.

    An offset from UTC is left out: all times of a file are of one scanner, and most carry none.
    """
    found = _DATETIME.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction = found.groups()
    try:
        whole = datetime(int(year), int(month), int(day), int(hour), int(minute or 0))
    except ValueError:
        return None
    seconds = min(int(second or 0), 60) + float(f"0.{fraction or 0}")
    return whole + timedelta(seconds=seconds)


def _time_of_day_s(text: str) -> float | None:
    found = moment(f"20000101{text.strip()}") if text.strip() else None
    return (found - datetime(2000, 1, 1)).total_seconds() if found is not None else None
