"""Named windows with their digit keys."""

from dataclasses import dataclass

from viewer.core.errors import BadRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPreset:
    """One row of resources/presets/windows.toml.

    key: the digit in Read. center, width: in the image's own unit (HU for CT); a width of 0 marks a row that has no
    numbers of its own, such as the window from the file or the full range.
    """

    name: str
    key: str
    center: float = 0.0
    width: float = 0.0

    def __post_init__(self) -> None:
        if self.width < 0:
            raise BadRequest(f"The preset {self.name} needs a width of 1 or more.")
