"""What each view is told: the work on its image, the armed tool, and whether anything may be drawn."""

from dataclasses import replace
from typing import TYPE_CHECKING

from viewer.ui.flows.new_object import new_object_of

if TYPE_CHECKING:
    from viewer.ui.state.session import Session
    from viewer.ui.views.cell import ViewCell


class Drawing:
    """Keeps the views in step with the session; a view never reads the project itself."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._proposal_seen: set[str] = set()  # images on which a proposal was shown

    def give_overlays(self, cell: "ViewCell") -> None:
        """Give one view the work on its image."""
        session, shown = self._session, cell.shown
        project = session.project
        if project is None or shown is None or shown.image_id is None:
            return
        image_id, work = shown.image_id, project.work
        cell.view.set_told(session.told_of(image_id))
        proposals = session.proposals_of(image_id)
        if proposals and not cell.isHidden():  # behind a maximised view nobody has seen them
            self._proposal_seen.add(image_id)
        cell.view.set_overlays(
            work.annotations(image_id),
            proposals,
            session.labels,
            work.measurements(image_id),
            replace(cell.view.overlay_settings, hidden_ids=frozenset(session.hidden_ids)),
        )

    def arm(self, cell: "ViewCell") -> None:
        """Give one view the tool, the label and whether anything may be drawn."""
        session, view = self._session, cell.view
        project, shown = session.project, cell.shown
        if view.tool_name != session.tool:
            view.set_tool(session.tool)
        if view.work.brush_radius_px != session.brush_radius_px:
            view.set_brush_radius(session.brush_radius_px)
        regions = (label for label in session.labels if label.scope == "region")
        view.set_drawing(
            label=next((label for label in regions if label.name == session.label), None),
            author=session.author,
            may_draw=project is not None and not project.read_only and not session.edits.blocked,
            proposal_seen=shown is not None and shown.image_id in self._proposal_seen,
            begins_object=new_object_of(session).waits,
        )
