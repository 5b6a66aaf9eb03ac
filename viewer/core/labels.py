"""Label catalogue: names, kinds, colours and digit keys."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from viewer.core.codes import Code
from viewer.core.errors import BadRequest

# Order = digit key 1..9, 0, -, =. Each is >= 4.5:1 on black and apart under colour-blind simulation.
LABEL_COLORS = (
    "#80C4FF", "#EE901A", "#B2DD3C", "#BB4CA2", "#FFFF66", "#6666DD",
    "#F65566", "#55AAA2", "#FFBBAA", "#00F6FF", "#88801A", "#AA88E6",
)  # fmt: skip
DIGIT_KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "-", "=")


class Verdict(StrEnum):
    """A whole-image label; unknown, uncertain and not assessed are masked from loss and metrics, never negatives."""

    YES = "yes"
    NO = "no"
    UNCERTAIN = "uncertain"  # looked at, and it may be either
    NOT_ASSESSED = "not assessed"

    @property
    def tells(self) -> bool:
        """Whether it says yes or no."""
        return self in (Verdict.YES, Verdict.NO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One row of the catalogue.

    name: unique within `scope`. scope: "region" (shapes; digit) or "image" (whole image; Shift+digit).
    position: 0-based order within its scope; gives the key, and the colour where there is no tint. tint: the colour
    that it came with or that a person chose, 0-based in LABEL_COLORS. code: what it is in a terminology.
    """

    name: str
    scope: str
    position: int
    tint: int | None = None
    code: Code | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise BadRequest("A label needs a name.")
        if self.scope not in ("region", "image"):
            raise BadRequest(f"A label's scope is region or image, not {self.scope}.")
        if self.tint is not None and not 0 <= self.tint < len(LABEL_COLORS):
            raise BadRequest(f"There are {len(LABEL_COLORS)} colours for labels; {self.tint + 1} is none of them.")

    @property
    def color(self) -> str:
        """#RRGGBB; a 13th label reuses colour 1 (drawn hatched)."""
        return LABEL_COLORS[self.shade]

    @property
    def shade(self) -> int:
        """The place of its colour in LABEL_COLORS."""
        return (self.position if self.tint is None else self.tint) % len(LABEL_COLORS)

    @property
    def key(self) -> str:
        """The digit key, or an empty string past the twelfth."""
        return DIGIT_KEYS[self.position] if self.position < len(DIGIT_KEYS) else ""

    @property
    def shortcut(self) -> str:
        """What is pressed for it in the window, such as "Shift+1"; an empty string past the twelfth."""
        return shortcut_of(self.scope, self.position) if self.key else ""


def shortcut_of(scope: str, position: int) -> str:
    """The keys of a label at one of the first twelve positions; the window's commands are bound to these."""
    return ("Shift+" if scope == "image" else "") + DIGIT_KEYS[position]


def keys_that_say(labels: Iterable[Label]) -> str:
    """ "Shift+1 for “disc”, Shift+2 for “none”" of whole-image labels; one past the twelfth is clicked."""
    return ", ".join(
        f"{label.shortcut} for “{label.name}”" if label.shortcut else f"click “{label.name}”" for label in labels
    )


def free_tint(position: int, scope: str, catalogue: Sequence[Label]) -> int | None:
    """The tint of a new label: None where the colour of its place is free, else the next one that no label has.

    Region and whole-image labels stand beside each other, so a colour is free when neither has it; with all twelve in
    use, when none of its own scope has it. Past that the colour of its place comes again, and is drawn hatched.
    """
    shades = [(position + step) % len(LABEL_COLORS) for step in range(len(LABEL_COLORS))]
    every = {label.shade for label in catalogue}
    own = {label.shade for label in catalogue if label.scope == scope}
    free = next((shade for taken in (every, own) for shade in shades if shade not in taken), shades[0])
    return None if free == shades[0] else free
