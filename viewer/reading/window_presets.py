"""Window presets as the resources hold them."""

import tomllib
from functools import lru_cache

import resources
from viewer.core.presets import WindowPreset

FULL_RANGE_KEY, FROM_FILE_KEY = "9", "0"
AUTOMATIC = "Automatic"
AUTOMATIC_HELP = "The file names no window; this one is made from the values of the image."


@lru_cache(maxsize=1)
def read_presets() -> tuple[WindowPreset, ...]:
    """Every preset, in the order of resources/presets/windows.toml."""
    rows = tomllib.loads(resources.read_text("presets/windows.toml"))["preset"]
    return tuple(
        WindowPreset(
            name=row["name"], key=str(row["key"]), center=float(row.get("center", 0)), width=float(row.get("width", 0))
        )
        for row in rows
    )
