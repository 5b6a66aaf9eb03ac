"""The commands that give what is selected another label, by their ids."""

from typing import TYPE_CHECKING

from viewer.core.labels import DIGIT_KEYS
from viewer.ui.flows.relabelling import selected_annotations

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk


CHANGE_LABEL = "Change label"  # the sub-menu
CHANGE_TO = "Change to "
MORE_LABELS = "annotate.relabel_more"


def relabel_ids(session: "Desk") -> list[str]:
    """The commands that give what is selected another label, in the order of the digits; the rest behind the last. None
    for the label that all of it has."""
    has = {one.label for one in selected_annotations(session)}
    regions = [label for label in session.labels if label.scope == "region" and {label.name} != has]
    placed = sorted(label.position for label in regions if label.position < len(DIGIT_KEYS))
    more = [MORE_LABELS] if len(placed) < len(regions) else []
    return [f"annotate.relabel_{place + 1}" for place in placed] + more
