"""Opens a run's report when it is done: by itself where the person waits for it, else from the banner."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QWidget

from viewer.ui.state.announcing import OVER

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.banner import Banner


class ReportOffer:
    """A report that this window asked for opens in Train, over no other dialog; everywhere the banner has a button."""

    def __init__(self, session: "Desk", banner: "Banner", window: QWidget) -> None:
        self._session, self._window = session, window
        session.jobs.report_ended.connect(self._on_ended)
        banner.run_report_asked.connect(self._on_asked)

    def _on_ended(self, run: "RunState", asked_here: bool) -> None:  # noqa: FBT001  # as the signal tells it
        is_busy = QApplication.activeModalWidget() is not None or QApplication.activePopupWidget() is not None
        if asked_here and not is_busy and self._session.workspace == "train":
            self._open(run)

    def _on_asked(self) -> None:
        sentence, run = self._session.jobs.told_report
        if run is not None:
            self._session.announced.emit(OVER, sentence)
            self._open(run)

    def _open(self, run: "RunState") -> None:
        from viewer.ui.dialogs.run_report import open_report

        open_report(self._session, self._window, run)
