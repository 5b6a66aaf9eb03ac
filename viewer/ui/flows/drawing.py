"""What each view is told: the work on its image, the armed tool, and whether anything may be drawn."""

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.ui.flows.new_object import NewObject
    from viewer.ui.state.screen import Cell
    from viewer.ui.state.session import Session
    from viewer.ui.state.shown import ShownImage


class Drawing:
    """Keeps the views in step with the session; a view never reads the project itself."""

    def __init__(self, session: "Session", new_object: "NewObject") -> None:
        self._session, self._new_object = session, new_object
        self._proposal_seen: set[str] = set()  # images on which a proposal was shown
        for chosen in (session.tool_changed, session.label_changed, session.brush_changed, new_object.changed):
            chosen.connect(self.arm_all)
        session.overlays_asked.connect(self._follow)

    def arm_all(self, *_: object) -> None:
        """Give every view the tool, the label and whether anything may be drawn."""
        for cell in self._session.cells:
            self.arm(cell)

    def _follow(self) -> None:
        for cell in self._session.cells:
            self.give_overlays(cell)
            self.arm(cell)

    def give_overlays(self, cell: "Cell") -> None:
        """Give one view the work on its image."""
        session, shown = self._session, cell.shown
        project = session.project
        if project is None or shown is None or shown.image_id is None:
            return
        image_id, work = shown.image_id, session.at_hand.work
        if not session.at_hand.images.known(image_id):
            session.keeping.bring([image_id])  # until then nothing stands on it, and nothing may be drawn
        proposer = session.proposer
        cell.view.set_told(proposer.told(image_id) if proposer is not None else ())
        proposals = proposer.visible(image_id) if proposer is not None else ()
        answer = None if proposer is None else proposer.predictions.get(image_id)
        if proposals and not cell.isHidden():  # behind a maximised view nobody has seen them
            self._proposal_seen.add(image_id)
        cell.view.set_overlays(
            work.annotations(image_id),
            proposals,
            session.labels,
            work.measurements(image_id),
            replace(
                cell.view.overlay_settings,
                hidden_ids=frozenset(session.hidden_ids),
                cut=proposer.threshold if answer is not None and proposer is not None and answer.rule.has_cut else None,
            ),
        )

    def arm(self, cell: "Cell") -> None:
        """Give one view the tool, the label and whether anything may be drawn."""
        session, view = self._session, cell.view
        project, shown = session.project, cell.shown
        in_hand = self._new_object.in_hand(shown)
        if view.tool_name != session.tool:
            view.set_tool(session.tool)
        if view.work.brush_radius_px != session.brush_radius_px:
            view.set_brush_radius(session.brush_radius_px)
        regions = (label for label in session.labels if label.scope == "region")
        view.set_drawing(
            label=next((label for label in regions if label.name == session.label), None),
            author=session.author,
            may_draw=project is not None and not project.read_only and not session.edits.blocked and self._known(shown),
            proposal_seen=shown is not None and shown.image_id in self._proposal_seen,
            begins_object=self._new_object.waits,
            object_in_hand="" if in_hand is None else in_hand.key,
        )

    def _known(self, shown: "ShownImage | None") -> bool:
        """Whether it is known what is on an image: before that nothing is drawn on it."""
        return shown is None or shown.image_id is None or self._session.at_hand.images.known(shown.image_id)
