"""What one paint of a view goes by."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from viewer.core.compose import HeatLayer
from viewer.core.geometry import ViewTransform
from viewer.core.overlays import OverlayMode
from viewer.core.pixels import FrameIdentity, LookupTable, PixelFacts, Window
from viewer.core.presentation import Presented
from viewer.ui.canvas.frame import SeriesPlace
from viewer.ui.canvas.work import Work
from viewer.ui.gestures.tool import Preview


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """Everything one paint goes by.

    anonymous: leave out whatever says who the patient is. bare: nothing over the pixels but corner texts. ratio:
    device pixels per logical pixel; text_ratio: that of the words, larger with the size of the text. stored:
    (row, col[, 3]). heat_words: why a view for a heatmap shows none. state: the presentation state that is applied.
    notes: what the corner says of it. altered: what a person has turned, flipped, hidden or moved; said in amber.
    """

    facts: PixelFacts
    identity: FrameIdentity
    window: Window | LookupTable
    inverted: bool
    transform: ViewTransform
    zoom: float
    place: SeriesPlace
    names_hidden: bool
    anonymous: bool
    bare: bool
    ratio: float
    text_ratio: float
    work: Work
    preview: Preview
    heat: HeatLayer | None
    stored: NDArray[Any]
    state: Presented | None = None
    notes: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    heat_words: str = ""

    @property
    def shows_heat(self) -> bool:
        """Whether a map is painted, which its scale and its words are of."""
        return not self.bare and self.work.settings.mode is not OverlayMode.NONE
