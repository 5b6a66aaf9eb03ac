"""The curves of the run, with the values under the cursor."""

from typing import TYPE_CHECKING

from viewer.ui.panels.run_plots import RunPlots
from viewer.ui.run_page.card import Card, Told

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk


class CurvesCard(Card):
    """Loss and figure over the epochs."""

    title = "Curves"

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self._drawn: RunState | None = None
        self.plots = RunPlots(session)
        self.body.addWidget(self.plots)

    def tell(self, told: Told) -> None:
        """Draw them as they are now."""
        run = told.run
        if run is self._drawn:  # more is known of its files, and nothing else of its curves
            return
        self._drawn = run
        there = bool(run.curves or run.steps_loss)
        self.lack("" if there else "No epoch is done yet: the curves come with the first steps.")
        self.plots.setVisible(there)
        if there:
            self.plots.show_run(run)
