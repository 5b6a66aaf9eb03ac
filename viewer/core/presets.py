"""Named windows with their digit keys, and the windows that a file offers."""

from dataclasses import dataclass

from viewer.core.errors import BadRequest
from viewer.core.pixels import LookupTable, PixelFacts, Window
from viewer.core.units import window_numbers


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


MOST_WINDOWS = 12  # some writers repeat one window for every frame


def file_choices(facts: PixelFacts | None) -> tuple[tuple[str, Window | LookupTable], ...]:
    """(name, window or table) of everything a file offers, each once, in its order: windows, then VOI LUTs.

    A window without an explanation is named by its numbers; of equal ones the first is offered.
    """
    if facts is None:
        return ()
    found: list[tuple[str, Window | LookupTable]] = []
    for window in facts.windows:
        if all(window != other for _, other in found):
            found.append((window.name or "W {} C {}".format(*window_numbers(window.width, window.center)), window))
    for number, table in enumerate(facts.voi_luts, start=1):
        found.append((table.name or f"VOI LUT {number}", table))
    return tuple(found[:MOST_WINDOWS])
