"""Times and rates as people read them: never a number that rounds to nothing."""

import math

LEAST_S = "under a second"


def duration_words(seconds: float | None) -> str:
    """ "under a second", "40 s", "14 min", "2 h 5 min"; "" when it is not known."""
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return ""
    if seconds < 1:
        return LEAST_S
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def about(words: str) -> str:
    """An estimate within a sentence: "about 14 min", but "under a second"."""
    return words if words in ("", LEAST_S) else f"about {words}"


def rate_words(per_s: float | None) -> tuple[float, str]:
    """A rate with a digit before its point, and what it is per: (12.3, "s"), (3.0, "min"), (1.5, "h"); (0, "") when it
    is not known."""
    if per_s is None or not math.isfinite(per_s) or per_s <= 0:
        return 0.0, ""
    for seconds, unit in ((1, "s"), (60, "min")):
        if per_s * seconds >= 1:
            return per_s * seconds, unit
    return per_s * 3600, "h"
