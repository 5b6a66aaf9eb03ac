"""What a decision needs of a review: which finding is current, what there is, and at which threshold."""

from typing import Protocol

from viewer.core.shapes.annotations import Prediction
from viewer.ui.flows.findings import Finding


class Reviewing(Protocol):
    """The part of `viewer.ui.flows.review.Review` that decides."""

    threshold: float  # what is proposed from here on
    findings: list[Finding]  # everything the model said of the case
    images: list[str]  # ids of the case, in order

    @property
    def prediction(self) -> Prediction | None:
        """What was answered for the shown image."""

    @property
    def selected(self) -> Finding | None:
        """The current one."""

    def select(self, proposal_id: str | None) -> None:
        """Make it the current one and show its image."""

    def make_current(self, proposal_id: str | None) -> None:
        """The same without moving the view."""

    def opens_when_kept(self, proposal_id: str) -> None:
        """The shape of this one is opened for changes once its gesture is kept; "" for none."""
