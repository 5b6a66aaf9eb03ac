"""Standardised uptake values: what a PET value is worth per gram of patient, or why that cannot be had.

Follows the vendor neutral pseudo-code of QIBA. SUVbw = activity concentration in Bq/ml
x body weight in g / dose in Bq, the dose decayed to the moment that the image's values were corrected to. Nothing is
put in for an attribute that is missing: the value then stays in its own unit and a reason is given.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from viewer.core.units import UNIT_CODES

# Further from the injection than this, a date was changed (de-identified) rather than a scan made: 0.1 % is left.
MOST_HALF_LIVES = 10.0
# A start without a date is taken as the scan's own day, or the evening before; a slower nuclide can be days old.
LONGEST_UNDATED_HALF_LIFE_S = 12 * 3600.0
# Less was never injected; such numbers are megabecquerel or millicurie in the wrong unit.
LEAST_DOSE_BQ = 1e4

BODY_WEIGHT, LEAN_MASS, SURFACE, IDEAL_WEIGHT = "SUVbw", "SUVlbm", "SUVbsa", "SUVibw"
# SUV Type (0054,1006), PET Series Module (PS3.3 C.8.9.1); absent means body weight.
SUV_TYPES = {
    "": BODY_WEIGHT,
    "BW": BODY_WEIGHT,
    "LBM": LEAN_MASS,
    "LBMJAMES128": LEAN_MASS,
    "LBMJANMA": LEAN_MASS,
    "IBW": IDEAL_WEIGHT,
    "BSA": SURFACE,
}
UNITS_OF_SUV = {code: UNIT_CODES[code] for code in ("GML", "CM2ML")}


class SuvUnavailable(ValueError):
    """Why there is no SUV, as a clause that can follow "No SUVbw: "."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suv:
    """How a modality value becomes an SUV, or why it does not.

    factor: SUV = factor x modality value; None where it cannot be had, and then `reason` says why. label: "SUVbw".
    unit: "g/ml". source: the attributes it was made from, in words. already: the file's own values are SUV.
    """

    factor: float | None = None
    label: str = BODY_WEIGHT
    unit: str = "g/ml"
    source: str = ""
    reason: str = ""
    already: bool = False

    @property
    def missing_text(self) -> str:
        """Such as "No SUVbw: Patient's Weight (0010,1030) is missing"; "" where there is one."""
        return f"No {self.label}: {self.reason}" if self.factor is None else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PetAttributes:
    """What a PET file says of its values; None, "" and () where it says nothing.

    corrections: Corrected Image. decay_correction: START, ADMIN or NONE. injections: how many the file lists; dose and
    times are the first one's. injected_at has a date; injected_time_s is the time of day in seconds. series_at,
    acquired_at: Series and Acquisition Date and Time. decay_corrected_to: Decay Correction DateTime. ge_scan_at: GE's
    private scan time. frame_reference_s, frame_duration_s: Frame Reference Time and Actual Frame Duration. philips_suv,
    philips_activity: Philips' private factors from a rescaled count to SUVbw and to Bq/ml.
    """

    units: str = ""
    suv_type: str = ""
    corrections: tuple[str, ...] = ()
    decay_correction: str = ""
    weight_kg: float | None = None
    injections: int = 1
    dose_bq: float | None = None
    half_life_s: float | None = None
    injected_at: datetime | None = None
    injected_time_s: float | None = None
    series_at: datetime | None = None
    acquired_at: datetime | None = None
    decay_corrected_to: datetime | None = None
    ge_scan_at: datetime | None = None
    frame_reference_s: float | None = None
    frame_duration_s: float | None = None
    philips_suv: float | None = None
    philips_activity: float | None = None


def suv(pet: PetAttributes) -> Suv:
    """The SUV of a PET image, or the reason why there is none."""
    try:
        return _suv(pet)
    except SuvUnavailable as error:
        return Suv(reason=str(error))


def _suv(pet: PetAttributes) -> Suv:
    if pet.units in UNITS_OF_SUV:
        return _already_suv(pet)
    if not pet.units:
        raise SuvUnavailable("Units (0054,1001) is missing")
    if pet.units not in ("BQML", "CNTS"):
        raise SuvUnavailable(f"Units (0054,1001) is {pet.units}, which is no activity concentration")
    absent = [name for name in ("ATTN", "DECY") if name not in pet.corrections]
    if absent:
        raise SuvUnavailable(f"Corrected Image (0028,0051) does not list {' and '.join(absent)}")
    if pet.units == "BQML":
        factor, source = _per_activity(pet)
        return Suv(factor=factor, source=source)
    if _is_positive(pet.philips_suv):
        return Suv(factor=pet.philips_suv, source="Philips' SUV factor (7053,1000)")
    if pet.philips_activity is not None and _is_positive(pet.philips_activity):
        factor, source = _per_activity(pet)
        return Suv(factor=factor * pet.philips_activity, source=f"Philips' activity factor (7053,1009), {source}")
    raise SuvUnavailable("Units (0054,1001) is CNTS and no factor turns counts into activity")


def _already_suv(pet: PetAttributes) -> Suv:
    is_surface = pet.units == "CM2ML"
    label = SURFACE if is_surface and not pet.suv_type else SUV_TYPES.get(pet.suv_type)
    if label is None or (label == SURFACE) != is_surface:
        raise SuvUnavailable(f"Units (0054,1001) is {pet.units}, SUV Type (0054,1006) {pet.suv_type}")
    source = f"Units (0054,1001) {pet.units}"
    if pet.suv_type:
        source += f", SUV Type (0054,1006) {pet.suv_type}"
    return Suv(factor=1.0, label=label, unit=UNITS_OF_SUV[pet.units], source=source, already=True)


def _per_activity(pet: PetAttributes) -> tuple[float, str]:
    """(SUVbw of 1 Bq/ml, where that comes from)."""
    if pet.injections > 1:
        raise SuvUnavailable(f"the file lists {pet.injections} injections (0054,0016)")
    weight_kg = _needed(pet.weight_kg, "Patient's Weight (0010,1030)")
    dose_bq = _needed(pet.dose_bq, "Radionuclide Total Dose (0018,1074)")
    if dose_bq < LEAST_DOSE_BQ:
        raise SuvUnavailable(f"Radionuclide Total Dose (0018,1074) is {dose_bq:g}, too little to be in becquerel")
    named = "weight, dose"
    if pet.decay_correction == "ADMIN":
        # The values are already corrected to the injection: decaying the dose again would count it twice.
        decayed_bq = dose_bq
        named += "; decay corrected to the injection (ADMIN)"
    elif pet.decay_correction == "START":
        half_life_s = _needed(pet.half_life_s, "Radionuclide Half Life (0018,1075)")
        reference, why = _reference_time(pet, half_life_s)
        decayed_bq = dose_bq * 2.0 ** (-_decay_s(pet, reference, half_life_s) / half_life_s)
        named += f", half life, injection; decay corrected to {why}"
    elif pet.decay_correction == "NONE":
        raise SuvUnavailable("Decay Correction (0054,1102) is NONE")
    else:
        said = f"is {pet.decay_correction}" if pet.decay_correction else "is missing"
        raise SuvUnavailable(f"Decay Correction (0054,1102) {said}")
    return weight_kg * 1000.0 / decayed_bq, f"from {named}"


def _reference_time(pet: PetAttributes, half_life_s: float) -> tuple[datetime, str]:
    """The moment the values are corrected to, and how it is known."""
    if pet.decay_corrected_to is not None:
        return pet.decay_corrected_to, "Decay Correction DateTime (0018,9701)"
    if pet.series_at is None:
        raise SuvUnavailable("Series Date and Time (0008,0021), (0008,0031) are missing")
    if pet.acquired_at is None:
        raise SuvUnavailable("Acquisition Date and Time (0008,0022), (0008,0032) are missing")
    if pet.series_at <= pet.acquired_at:
        return pet.series_at, "Series Date and Time"
    # A series that is younger than its acquisition was made again later; its own time says nothing.
    if pet.ge_scan_at is not None:
        return pet.ge_scan_at, "GE's scan time (0009,100D)"
    frame_s, offset_s = pet.frame_duration_s, pet.frame_reference_s
    if frame_s is not None and offset_s is not None and frame_s > 0 and offset_s > 0:
        decay = math.log(2) / half_life_s * frame_s
        # When, counted from the frame's start, the activity equalled its average over the frame.
        average_s = half_life_s / math.log(2) * math.log(decay / -math.expm1(-decay))
        return pet.acquired_at + timedelta(seconds=average_s - offset_s), "Frame Reference Time (0054,1300)"
    raise SuvUnavailable(
        "the series was made after its acquisition, and the time its decay was corrected to is missing"
    )


def _decay_s(pet: PetAttributes, reference: datetime, half_life_s: float) -> float:
    """Seconds from the injection to the moment the values are corrected to."""
    at, time_s = pet.injected_at, pet.injected_time_s
    if at is not None:
        clock_s = at.hour * 3600 + at.minute * 60 + at.second
        if time_s is not None and abs(clock_s - time_s) > 60:
            raise SuvUnavailable(
                "Radiopharmaceutical Start Time (0018,1072) and DateTime (0018,1078) contradict each other"
            )
        decay_s = (reference - at).total_seconds()
    elif time_s is not None:
        if half_life_s > LONGEST_UNDATED_HALF_LIFE_S:
            raise SuvUnavailable("the injection has a time without a date, which a nuclide this slow needs")
        midnight = reference.replace(hour=0, minute=0, second=0, microsecond=0)
        decay_s = (reference - midnight).total_seconds() - time_s
        if decay_s < 0:  # injected before midnight, scanned after it
            decay_s += 24 * 3600.0
    else:
        raise SuvUnavailable("Radiopharmaceutical Start Time (0018,1072) and DateTime (0018,1078) are missing")
    if decay_s < 0:
        raise SuvUnavailable("the injection is later than the scan")
    if decay_s > MOST_HALF_LIVES * half_life_s:
        raise SuvUnavailable(f"the injection lies {decay_s / half_life_s:.0f} half lives before the scan")
    return decay_s


def _needed(value: float | None, name: str) -> float:
    if value is None:
        raise SuvUnavailable(f"{name} is missing")
    if not _is_positive(value):
        raise SuvUnavailable(f"{name} is {value:g}")
    return value


def _is_positive(value: float | None) -> bool:
    return value is not None and math.isfinite(value) and value > 0
