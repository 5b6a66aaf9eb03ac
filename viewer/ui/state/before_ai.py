"""What may be seen of AI in the reading that is open: in a first one nothing of a case before it is complete there.

When AI was shown of a case to whoever reads on their own is kept.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from viewer.core.shapes.annotations import CaseStatus, Prediction
    from viewer.project.records import CaseRow
    from viewer.ui.state.readings import Readings
    from viewer.ui.state.session import Session

HIDDEN_WORDS = "This is a first reading: what AI says is shown once the case is complete."


class BeforeAI:
    """Asked by whoever shows what a model says."""

    def __init__(self, session: "Session", readings: "Readings") -> None:
        self._session, self._readings = session, readings

    def hides(self, image_id: str | None) -> bool:
        """Whether nothing of what AI says of an image may be seen yet, in any work space."""
        from viewer.project.readings import RoundKind

        project = self._session.project
        if project is None or project.round_kind is not RoundKind.FIRST:
            return False
        status = self._status(image_id)
        return status is None or not status.is_done

    @property
    def hides_shown(self) -> bool:
        """The same of the image in the active view."""
        shown = self._session.shown
        return shown is not None and self.hides(shown.image_id)

    @property
    def lists(self) -> bool:
        """Whether there is an image whose answers may be listed."""
        session, shown = self._session, self._session.shown
        known = session.project is not None and shown is not None and shown.image_id is not None
        return known and not self.hides_shown

    def may_draw(self, image_id: str) -> bool:
        """Whether proposals may be drawn on an image: in Annotate not before its case is complete, in no reading."""
        return proposals_may_show(self._session.workspace, self._status(image_id)) and not self.hides(image_id)

    def tells_of(self, row: "CaseRow") -> bool:
        """Whether a list may say what AI says of a case that need not be on the screen: in Review alone. In a reader's
        own reading not before it is done, or was shown with AI there, which is kept then; in a first one once done."""
        return self.telling()(row)

    def telling(self) -> "Callable[[CaseRow], bool]":
        """`tells_of` as it is now, to be asked on another thread."""
        from viewer.project.readings import RoundKind

        session = self._session
        if session.project is None or session.workspace != "review":
            return lambda _: False
        if not session.project.reader:
            return lambda _: True
        first = session.project.round_kind is RoundKind.FIRST
        return lambda row: row.status.is_done or bool(row.revealed and not first)

    def tell_shown(self, answers: "Mapping[str, Prediction]") -> None:
        """What AI says of the shown case is listed now: of a reader's own reading that is kept, once. answers: by
        image. In Train no image is seen, though one stays shown."""
        shown = self._session.shown
        if not answers or shown is None or shown.case_id is None or self._session.workspace == "train":
            return
        status = self._status(shown.image_id)
        if status is not None and proposals_may_show(self._session.workspace, status):
            self._readings.reveal(shown.case_id)

    def _status(self, image_id: str | None) -> "CaseStatus | None":
        """How far the case of an image is; None of one outside of the project, or not at hand."""
        at_hand = self._session.at_hand
        record = at_hand.images.find(image_id)
        return at_hand.cases.get(record.case_id).status if record and at_hand.cases.has(record.case_id) else None


def proposals_may_show(workspace: str, status: "CaseStatus | None") -> bool:
    """Proposals are hidden in Annotate until the case is done, so that they do not steer the annotator."""
    return workspace != "annotate" or (status is not None and status.is_done)
