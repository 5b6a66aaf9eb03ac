"""Opens a run's report from the banner that says it is done; by itself it would lie over what the person reads."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from viewer.ui.state.announcing import OVER
from viewer.ui.window.second_read_end import SecondReadEnd

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.banner import Banner


class ReportOffer:
    """The banner's button opens it, in every work space; in Train the run's page shows the figures by itself."""

    def __init__(self, session: "Desk", banner: "Banner", window: QWidget) -> None:
        self._session, self._window = session, window
        banner.run_report_asked.connect(self._on_asked)
        self.second_read_end = SecondReadEnd(session, banner)  # the other thing that a banner offers at an end

    def _on_asked(self) -> None:
        from viewer.ui.dialogs.run_report import open_report

        sentence, run = self._session.jobs.told_report
        if run is not None:
            self._session.announced.emit(OVER, sentence)
            open_report(self._session, self._window, run)
