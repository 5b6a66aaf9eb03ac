"""Numbers as they are written on the screen, and stored values as table indices."""

import math

import numpy as np
from numpy.typing import NDArray

MINUS = "\u2212"
# The codes of Units (0054,1001) that stand for a unit (PS3.3 C.8.9.1.1.3), as a person writes it.
UNIT_CODES = {
    "BQML": "Bq/ml", "GML": "g/ml", "CM2ML": "cm²/ml", "CM2": "cm²", "1CM": "1/cm", "MGMINML": "mg/min/ml",
    "UMOLMINML": "µmol/min/ml", "MLMING": "ml/min/g", "MLG": "ml/g", "UMOLML": "µmol/ml", "MLMINML": "ml/min/ml",
    "MLML": "ml/ml",
}  # fmt: skip


def unsigned_view(stored: NDArray[np.generic]) -> NDArray[np.unsignedinteger]:
    """Stored values of up to 16 bits as table indices (two's complement read as unsigned); no copy for 16 bits."""
    if stored.dtype == np.int8:
        stored = stored.astype(np.int16)
    if stored.dtype == np.int16:
        return stored.view(np.uint16)
    if stored.dtype == np.bool_:
        return stored.view(np.uint8)
    return stored  # type: ignore[return-value]  # uint8 and uint16 are indices already


def number(value: float, *, digits: int = 0) -> str:
    """A number with U+2212 as its minus and a point; "−0" is "0". Not finite: "no value"."""
    if not math.isfinite(value):
        return "no value"
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def compact(value: float) -> str:
    """A number with as many digits as its size needs: 1234, 40.5, 0.00123, 4e+300."""
    if not math.isfinite(value):
        return "no value"
    size = abs(value)
    if size >= 1e12:
        return f"{value:.6g}".replace("-", MINUS)
    if size >= 100 or float(value).is_integer():
        return number(value)
    if size >= 1:
        return number(value, digits=1)
    if size >= 0.01:
        return number(value, digits=3)
    return f"{value:.3g}".replace("-", MINUS)


def window_numbers(width: float, center: float) -> tuple[str, str]:
    """A window's two numbers to about a thousandth of its width, zeros at the end left out: 1500, −400; 17.13, 3.

    Nobody sees less of a step, and further digits would say nothing.
    """
    if not (math.isfinite(width) and math.isfinite(center)) or not 1e-6 <= abs(width) < 1e12 or abs(center) >= 1e12:
        return compact(width), compact(center)
    digits = max(0, 3 - math.floor(math.log10(abs(width))))
    texts = (number(value, digits=digits) for value in (width, center))
    first, second = (text.rstrip("0").rstrip(".") if "." in text else text for text in texts)
    return first, second


def unit_text(unit: str) -> str:
    """A unit as it is written on the screen, whichever code the file has for it."""
    return UNIT_CODES.get(unit, unit)


def with_unit(text: str, unit: str) -> str:
    """The unit follows after a space, as `unit_text` has it; degrees and nothing follow at once."""
    if not unit or unit == "°":
        return f"{text}{unit}"
    return f"{text} {unit_text(unit)}"
