"""Numbers as headers and tables write them: plain ones, and ages with their unit."""

from datetime import date

_LARGEST = 1e6  # no age or side of a picture is larger; a column with infinity or NaN in it cannot be fitted
NOT_KNOWN = -1.0


def header_number(text: str) -> float:
    """A number, or a DICOM age ("034Y", "018M") in years; -1 when not known, or no number that one can have."""
    text = text.strip()
    unit = {"Y": 1.0, "M": 1 / 12, "W": 1 / 52, "D": 1 / 365}.get(text[-1:].upper(), 0.0)
    try:
        value = float(text[:-1]) * unit if unit else float(text)
    except ValueError:
        return NOT_KNOWN
    return value if abs(value) <= _LARGEST else NOT_KNOWN


def age_between(birth: str, study: str) -> float:
    """Whole years between two DICOM dates ("19580403"); -1 where one is none, or the second is before the first."""
    try:
        born, seen = (date(int(text[:4]), int(text[4:6]), int(text[6:8])) for text in (birth.strip(), study.strip()))
    except ValueError:
        return NOT_KNOWN
    years = seen.year - born.year - ((seen.month, seen.day) < (born.month, born.day))
    return float(years) if years >= 0 else NOT_KNOWN
