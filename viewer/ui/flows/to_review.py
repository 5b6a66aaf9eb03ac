"""From a run to reviewing with its model."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk


def review_with(session: "Desk", run: "RunState") -> None:
    """Go to Review AI and ask this run's model there."""
    asking = session.review.asking
    found = next((choice for choice in asking.models if choice.folder == run.folder), None)
    if found is not None:
        asking.choose_model(found)
    session.set_workspace("review")
