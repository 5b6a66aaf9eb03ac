"""Every way to an SUV, and every reason why there is none."""

import math
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from viewer.core.suv import PetAttributes, suv

NOON = datetime(2026, 1, 2, 12)
HOUR = timedelta(hours=1)
# 50 kg, 200 MBq of a nuclide with a half life of one hour, injected at noon, scanned at one.
PLAIN = PetAttributes(
    units="BQML",
    corrections=("ATTN", "DECY", "SCAT"),
    decay_correction="START",
    weight_kg=50.0,
    dose_bq=200e6,
    half_life_s=3600.0,
    injected_time_s=12 * 3600.0,
    series_at=NOON + HOUR,
    acquired_at=NOON + HOUR + timedelta(minutes=3),
)
# Of each becquerel per millilitre: 50,000 g over the 100 MBq that are left.
FACTOR = 50_000 / 100e6
REMADE = replace(PLAIN, series_at=NOON + timedelta(days=9))  # the series was made nine days later


@pytest.mark.parametrize(
    ("pet", "factor", "named"),
    [
        (PLAIN, FACTOR, "Series Date and Time"),
        (replace(PLAIN, injected_at=NOON), FACTOR, "Series Date and Time"),
        (replace(PLAIN, decay_correction="ADMIN"), FACTOR / 2, "ADMIN"),
        (replace(PLAIN, decay_correction="ADMIN", half_life_s=None), FACTOR / 2, "ADMIN"),
        (replace(REMADE, ge_scan_at=NOON + 2 * HOUR), 2 * FACTOR, "(0009,100D)"),
        (replace(REMADE, decay_corrected_to=NOON + 2 * HOUR), 2 * FACTOR, "(0018,9701)"),
        (replace(PLAIN, units="CNTS", philips_suv=0.0125), 0.0125, "(7053,1000)"),
        (replace(PLAIN, units="CNTS", philips_suv=0.0, philips_activity=3.0), 3 * FACTOR, "(7053,1009)"),
    ],
)
def test_a_suv_is_made_from_what_the_file_gives(pet: PetAttributes, factor: float, named: str) -> None:
    found = suv(pet)

    assert found.factor == pytest.approx(factor, rel=1e-12)
    assert (found.label, found.unit, found.reason, found.already) == ("SUVbw", "g/ml", "", False)
    assert named in found.source


def test_an_injection_before_midnight_was_on_the_day_before() -> None:
    late = replace(PLAIN, injected_time_s=23.5 * 3600, series_at=NOON + 12.5 * HOUR, acquired_at=NOON + 12.5 * HOUR)

    assert suv(late).factor == pytest.approx(FACTOR, rel=1e-12)


def test_a_remade_series_is_reckoned_back_from_the_middle_of_its_frame() -> None:
    # The frame began at 13:10 and lasted 600 s; its counts are those of the moment t after its start at which the
    # activity is the mean over the frame: 2^(-t/T) = (1 - 2^(-600/T)) T / (600 ln 2), by bisection and not by formula.
    mean = (1 - 2 ** (-600 / 3600)) * 3600 / (600 * math.log(2))
    low, high = 0.0, 600.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if 2 ** (-middle / 3600) > mean else (low, middle)
    # Frame Reference Time counts from the scan's start, 13:00, to that moment.
    pet = replace(
        REMADE, acquired_at=NOON + HOUR + timedelta(minutes=10), frame_reference_s=600 + low, frame_duration_s=600.0
    )

    assert suv(pet).factor == pytest.approx(FACTOR, rel=1e-6)
    assert "(0054,1300)" in suv(pet).source


@pytest.mark.parametrize(
    ("units", "kind", "label", "unit"),
    [
        ("GML", "", "SUVbw", "g/ml"),
        ("GML", "BW", "SUVbw", "g/ml"),
        ("GML", "LBM", "SUVlbm", "g/ml"),
        ("GML", "LBMJANMA", "SUVlbm", "g/ml"),
        ("GML", "IBW", "SUVibw", "g/ml"),
        ("CM2ML", "BSA", "SUVbsa", "cm²/ml"),
        ("CM2ML", "", "SUVbsa", "cm²/ml"),
    ],
)
def test_values_that_are_suv_already_are_not_scaled_again(units: str, kind: str, label: str, unit: str) -> None:
    found = suv(replace(PLAIN, units=units, suv_type=kind, decay_correction="ADMIN"))

    assert (found.factor, found.label, found.unit, found.already) == (1.0, label, unit, True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"units": ""}, "Units (0054,1001) is missing"),
        ({"units": "PROPCNTS"}, "PROPCNTS"),
        ({"units": "GML", "suv_type": "BSA"}, "SUV Type (0054,1006) BSA"),
        ({"units": "CM2ML", "suv_type": "BW"}, "SUV Type (0054,1006) BW"),
        ({"units": "CNTS"}, "no factor turns counts into activity"),
        ({"corrections": ("ATTN",)}, "does not list DECY"),
        ({"corrections": ()}, "does not list ATTN and DECY"),
        ({"decay_correction": "NONE"}, "is NONE"),
        ({"decay_correction": ""}, "Decay Correction (0054,1102) is missing"),
        ({"weight_kg": None}, "Patient's Weight (0010,1030) is missing"),
        ({"weight_kg": 0.0}, "Patient's Weight (0010,1030) is 0"),
        ({"dose_bq": None}, "Radionuclide Total Dose (0018,1074) is missing"),
        ({"dose_bq": 370.0}, "too little to be in becquerel"),
        ({"half_life_s": None}, "Radionuclide Half Life (0018,1075) is missing"),
        ({"injections": 2}, "2 injections"),
        ({"injected_time_s": None}, "Radiopharmaceutical Start Time (0018,1072)"),
        ({"injected_at": NOON + 2 * HOUR, "injected_time_s": None}, "later than the scan"),
        ({"injected_at": NOON - 48 * HOUR}, "half lives before the scan"),
        ({"injected_at": NOON - HOUR}, "contradict each other"),
        ({"half_life_s": 78 * 3600.0}, "a time without a date"),
        ({"series_at": None}, "Series Date and Time"),
        ({"acquired_at": None}, "Acquisition Date and Time"),
        ({"series_at": NOON + 3 * HOUR}, "the time its decay was corrected to is missing"),
    ],
)
def test_a_suv_that_cannot_be_had_says_why(change: dict[str, object], reason: str) -> None:
    found = suv(replace(PLAIN, **change))  # type: ignore[arg-type]  # one field of any type

    assert found.factor is None
    assert reason in found.reason
    assert found.missing_text.startswith("No SUVbw: ")


@pytest.mark.parametrize(
    ("half_lives", "words"), [(9.9, None), (10.0, None), (10.6, "lies 11 half lives before the scan")]
)
def test_of_ten_half_lives_enough_is_left_and_of_more_it_is_not(half_lives: float, words: str | None) -> None:
    found = suv(replace(PLAIN, injected_time_s=None, injected_at=NOON + HOUR - half_lives * HOUR))

    assert (words is None and found.factor is not None) or (words is not None and words in found.reason)


def test_a_start_time_and_a_start_date_may_differ_by_a_minute_and_no_more() -> None:
    at = datetime(2026, 1, 2, 11, 59, 58)
    clock_s = 11 * 3600 + 59 * 60 + 58

    for apart in (-60, 0, 60):
        assert suv(replace(PLAIN, injected_at=at, injected_time_s=clock_s + apart)).factor is not None
    for apart in (-61, 61):
        assert "contradict" in suv(replace(PLAIN, injected_at=at, injected_time_s=clock_s + apart)).reason


def test_an_injection_at_the_very_moment_of_the_reference_has_decayed_by_nothing() -> None:
    assert suv(replace(PLAIN, injected_time_s=13 * 3600.0)).factor == pytest.approx(50_000 / 200e6)


def test_twelve_hours_are_the_slowest_half_life_that_a_time_of_day_alone_is_enough_for() -> None:
    assert suv(replace(PLAIN, half_life_s=12 * 3600.0)).factor is not None
    assert "without a date" in suv(replace(PLAIN, half_life_s=12 * 3600.0 + 1)).reason


def test_a_dose_of_ten_kilobecquerel_is_the_least_that_is_believed() -> None:
    assert suv(replace(PLAIN, dose_bq=1e4)).factor is not None
    assert suv(replace(PLAIN, dose_bq=9999.0)).factor is None


def test_a_series_made_at_the_moment_of_its_acquisition_counts_by_its_own_time() -> None:
    assert suv(replace(PLAIN, acquired_at=PLAIN.series_at)).source.endswith("Series Date and Time")


@pytest.mark.parametrize("broken", [{"frame_duration_s": 0.0}, {"frame_reference_s": 0.0}, {"frame_duration_s": None}])
def test_a_frame_without_a_length_or_place_gives_no_reference(broken: dict[str, object]) -> None:
    timed = replace(REMADE, frame_reference_s=600.0, frame_duration_s=600.0)

    assert suv(timed).factor is not None
    assert "is missing" in suv(replace(timed, **broken)).reason  # type: ignore[arg-type]


def test_a_weight_that_is_no_number_is_none() -> None:
    for weight in (math.inf, math.nan, -50.0):
        assert "Patient's Weight" in suv(replace(PLAIN, weight_kg=weight)).reason
    assert suv(replace(PLAIN, units="CNTS", philips_suv=math.inf)).factor is None


def test_a_factor_that_is_no_positive_number_turns_no_counts_into_activity() -> None:
    for factor in (0.0, -1.0, math.nan):
        assert "no factor" in suv(replace(PLAIN, units="CNTS", philips_activity=factor)).reason


def test_an_injection_half_a_second_after_the_reference_was_the_day_before() -> None:
    slow = replace(PLAIN, half_life_s=3 * 3600.0, injected_time_s=13 * 3600 + 0.5)

    assert suv(slow).factor == pytest.approx(50_000 / (200e6 / 2**8), rel=1e-4)
