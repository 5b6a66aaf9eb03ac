"""The presentation states that were found, and which of them are about the image a view shows."""

from collections import defaultdict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from viewer.core.presets import file_choices

if TYPE_CHECKING:
    from viewer.core.pixels import PixelFacts
    from viewer.core.presentation import Presented
    from viewer.reading.facts.presentation_state import PresentationState
    from viewer.reading.scan import ScanResult
    from viewer.reading.series import FrameRef
    from viewer.ui.flows.closing import Closed, Closing
    from viewer.ui.flows.opening import Opening
    from viewer.ui.state.session import Session
    from viewer.ui.state.shown import ShownImage

STATE_FACT, SHUTTER_FACT, WINDOWS_FACT = "presentation_state", "shutter", "file_windows"


class PresentationStates(QObject):
    """Keeps the states of everything opened; a state is read with its folder and never written."""

    def __init__(self, session: "Session", opening: "Opening", closing: "Closing") -> None:
        super().__init__(session)
        self._session, self._opening = session, opening
        self._states: dict[str, PresentationState] = {}
        self._about: dict[str, list[PresentationState]] = {}
        session.scan_finished.connect(self._on_scan_finished)
        session.image_shown.connect(self._on_image_shown)
        session.image_gone.connect(self.tell)
        closing.closed.connect(self._on_closed)

    def of(self, ref: "FrameRef", facts: "PixelFacts") -> "tuple[Presented, ...]":
        """One frame through every state about it, in the order of their files' names."""
        about = self._about.get(ref.sop_instance_uid, ())
        if not about:
            return ()
        from viewer.reading.facts.presentation_state import presented, refers_to

        uid, frame = ref.sop_instance_uid, ref.frame_index
        return tuple(presented(state, facts, uid, frame) for state in about if refers_to(state, uid, frame))

    def step(self) -> None:
        """Apply the active view's next state; after the last one the file's own presentation again."""
        session = self._session
        applied = session.active_view.step_presentation()
        if applied is not None and applied.notes:
            session.announced.emit("info", f"Presentation state {applied.label}: {' '.join(applied.notes)}")
        elif applied is not None:
            session.said.emit(f"Presentation state {applied.label} is applied")
        else:
            session.said.emit("As the file says, without a presentation state")
        self.tell()

    def tell(self) -> None:
        """Let commands follow what the active view presents."""
        view = self._session.active_view
        there = view.has_frame
        self._session.set_fact(STATE_FACT, holds=there and bool(view.presenting.offered))
        self._session.set_fact(SHUTTER_FACT, holds=there and view.presenting.has_shutter)
        windows = file_choices(view.presenting.presented_facts if there else None)
        self._session.set_fact(WINDOWS_FACT, holds=len(windows) > 1)
        self._session.tell_situation()

    def _on_image_shown(self, _shown: "ShownImage") -> None:
        self.tell()

    def _on_closed(self, closed: "Closed") -> None:
        """A state goes with the folder it was found in."""
        everything = not self._opening.series_list()
        self._states = {k: s for k, s in self._states.items() if not everything and not closed.holds(s.path)}
        self._list()

    def _on_scan_finished(self, result: "ScanResult") -> None:
        self._states |= {str(state.path): state for state in result.presentation_states}
        if not result.presentation_states:
            return
        self._list()
        for cell in self._session.cells:  # images that were on the screen before their states were found
            if cell.shown is not None:
                cell.view.offer_states(self.of(cell.shown.ref, cell.shown.frame.facts))
        if self._session.shown is not None:
            self.tell()

    def _list(self) -> None:
        """By the images they are about."""
        about: dict[str, list[PresentationState]] = defaultdict(list)
        for _, state in sorted(self._states.items()):
            for uid in dict.fromkeys(reference.sop_instance_uid for reference in state.references):
                about[uid].append(state)
        self._about = dict(about)
