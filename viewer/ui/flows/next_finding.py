"""Which finding the next decision is about: one on the image that is seen, and no answer leads the view away."""

from typing import TYPE_CHECKING

from viewer.core.edits import DecisionChange, Edit
from viewer.core.shapes.annotations import Decision
from viewer.ui.flows.findings import next_undecided

if TYPE_CHECKING:
    from viewer.ui.flows.reviewing import Reviewing
    from viewer.ui.state.session import Session


def choose_finding(session: "Session", review: "Reviewing", *, answered: bool = False) -> None:
    """Make the first finding to decide the current one where none is, or where the current one is on another image.

    The view stays where it is. answered: the model has just answered for the shown image, so that its first finding
    follows on a current one that is decided.
    """
    shown, selected = session.shown, review.selected
    if shown is None or session.workspace != "review":
        return
    decided = selected is not None and selected.proposal.decision is not Decision.UNDECIDED
    if selected is not None and shown.image_id in selected.image_ids and not (answered and decided):
        return
    here = [finding for finding in review.findings if shown.image_id in finding.image_ids]
    first = next_undecided(here, None, review.threshold)
    if first is None and selected is None:
        first = next_undecided(review.findings, None, review.threshold)
    if first is not None:
        review.make_current(first.proposal.proposal_id)


def choose_again(session: "Session", review: "Reviewing", edit: Edit) -> None:
    """Make a finding on the shown image whose decision was taken back the current one: it is to decide again."""
    shown = session.shown
    if shown is None or session.workspace != "review":
        return
    back = {change.proposal_id for change in edit.of(DecisionChange) if change.after is Decision.UNDECIDED}
    here = [one for one in review.findings if shown.image_id in one.image_ids]
    parts = ((one, part.proposal.proposal_id) for one in here for part in one.parts or (one,))
    again = next((one.proposal.proposal_id for one, part in parts if part in back), None)
    if again is not None:
        review.make_current(again)
