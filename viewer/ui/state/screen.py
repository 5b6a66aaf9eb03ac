"""What a flow may ask of the views: no flow knows a widget of theirs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from viewer.core.shapes.annotations import Prediction, Proposal

if TYPE_CHECKING:
    from viewer.reading.series import FrameRef, Series
    from viewer.ui.canvas.view import ImageView
    from viewer.ui.state.shown import ShownImage


class Cell(Protocol):
    """One place on the screen that shows one image of one series."""

    view: "ImageView"
    series: "Series | None"
    index: int
    down: int  # which way down goes through the frames, 1 or -1
    shown: "ShownImage | None"

    @property
    def project_patient(self) -> str:
        """The patient id that the project gives the shown image, "" where its file has one itself."""

    @property
    def wanted(self) -> "FrameRef | None":
        """The frame that is shown or being read."""

    def show_series(self, series: "Series", index: int | None = None) -> None:
        """Show a series, at its middle unless told."""

    def settle(self, series: "Series", ref: "FrameRef") -> None:
        """The same image within a series of which more is known now."""

    def go(self, index: int) -> None:
        """Move to an index of the series, and no other view with it."""

    def scroll_to(self, index: int) -> None:
        """Move to an index of the series; linked views follow."""

    def clear(self) -> None:
        """Show nothing."""

    def isHidden(self) -> bool:
        """Whether another cell is maximised over it."""

    def isVisible(self) -> bool:
        """Whether it and the page it is on are there."""


class Screen(Protocol):
    """The views. active_cell: the one that keys and tools act on; None until there is one."""

    @property
    def cells(self) -> Sequence[Cell]:
        """Those there are, from the top left."""

    @property
    def active_cell(self) -> Cell | None:
        """The one that keys and tools act on."""

    def arrange(self, count: int) -> Sequence[Cell]:
        """Have room for so many images. Returns the cells for them."""


class Proposer(Protocol):
    """What a model has said of images, as far as it may be shown."""

    threshold: float
    predictions: dict[str, Prediction]  # by image

    def visible(self, image_id: str) -> tuple[Proposal, ...]:
        """The proposals that are drawn."""

    def told(self, image_id: str) -> tuple[str, ...]:
        """What stands on the image about them, one line each."""
