"""What a command needs, each with the sentence that says so where it is off, and what to do."""

from collections.abc import Callable
from dataclasses import dataclass

from viewer.ui.state.situation import Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """holds: whether it is there. words: why the command is off without it, and what to do; by the situation where they
    name what is there. seen: it is a thing of the views, and nothing is done to it while they are not seen."""

    holds: Callable[[Situation], bool]
    words: str | Callable[[Situation], str]
    seen: bool = False

    def why(self, situation: Situation) -> str:
        """Why the command is off."""
        return self.words if isinstance(self.words, str) else self.words(situation)


def fact(name: str, words: str, *, seen: bool = False) -> Need:
    """A further fact of the situation."""
    return Need(holds=lambda s: s.has(name), words=words, seen=seen)


SEVERAL_FACT = "object_of_several"  # that what is selected is of an object of several shapes
COVERED = "The welcome page lies over the images, and nothing is done to what is not seen: Esc goes back to them."
COVERED_IN_TRAIN = "Train shows runs and no images, and nothing is done to what is not seen: F5, F6 or F8 shows them."
IMAGE = Need(
    holds=lambda s: s.has_image, words="No image is shown: open a folder (Ctrl+O), or choose one in the list.",
    seen=True,
)  # fmt: skip
SERIES = Need(
    holds=lambda s: s.has_series, words="What is shown has one image: choose a series of several in the list.",
    seen=True,
)  # fmt: skip
VIEWS = Need(holds=lambda s: s.views > 1, words="There is one view: choose two or four with View, Layout.", seen=True)
PROJECT = Need(holds=lambda s: s.has_project, words="No project is open: press Ctrl+P to open or make one.")
WRITABLE = Need(
    holds=lambda s: not s.read_only,
    words="The project is open for reading only: close the other window that has it open, then open it again.",
)
UNBLOCKED = Need(
    holds=lambda s: not s.blocked,
    words="The last gesture could not be kept: mend the disk, then choose Edit, Try again to keep the last gesture.",
)
CASE = Need(
    holds=lambda s: s.has_case,
    words="What is shown is no case of the project: choose one in the list, or Dataset, Add images to the project.",
    seen=True,
)
EDITABLE = (IMAGE, WRITABLE, UNBLOCKED)
KEPT_PROJECT = (PROJECT, WRITABLE)
