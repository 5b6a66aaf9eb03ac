"""Why a view that is called Heatmap shows none: no model, not asked, being computed, or refused, in one sentence."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from viewer.ui.flows.review import Review

if TYPE_CHECKING:
    from viewer.ui.flows.model_choices import ModelChoice
    from viewer.ui.state.session import Session

NO_MODEL = "No heatmap: there is no model to ask. Choose or train one."
NO_LAYER = "No heatmap: this kind of model has no layer that a heatmap could read."
NOT_ASKED = "No heatmap yet: nothing was asked about this image."
EXPLAINING = "Explaining"  # as `Asking` says it of a heatmap


class HeatState(QObject):
    """Follows what is asked and what comes of it."""

    changed = Signal()

    def __init__(self, session: "Session", review: Review) -> None:
        super().__init__(review)
        self._session, self._review = session, review
        self._refused = ("", "")  # the image, why
        self._asking = ""
        asking = review.asking
        asking.heat_refused.connect(self._on_refused)
        asking.asking_changed.connect(self._on_asking_changed)
        asking.model_chosen.connect(self._forget)
        session.image_shown.connect(lambda _: self.changed.emit())

    @property
    def words(self) -> str:
        """The sentence; "" while a map is shown."""
        review = self._review
        if review.heat is not None:
            return ""
        model = review.asking.model
        if model is None:
            return NO_MODEL
        if not model.cam_layer:
            return why_no_layer(model)
        if self._asking:  # also where a prediction goes before
            return f"{self._asking}…"
        image_id, why = self._refused
        if why and image_id == self._here:
            return f"No heatmap: {why[:1].lower() if why.startswith('The ') else why[:1]}{why[1:]}"
        return NOT_ASKED

    @property
    def _here(self) -> str:
        shown = self._session.shown
        return "" if shown is None else shown.image_id or ""

    def _on_refused(self, why: str) -> None:
        self._refused = (self._here, why)
        self.changed.emit()

    def _on_asking_changed(self, words: str) -> None:
        if words.startswith(EXPLAINING):
            self._refused = ("", "")
        self._asking = words
        self.changed.emit()

    def _forget(self, *_: object) -> None:
        self._refused = ("", "")
        self.changed.emit()


def why_no_layer(model: "ModelChoice") -> str:
    """Why a model that has no layer to read has no map."""
    from ml.inference.folds_as_one import NO_MAP

    return NO_LAYER if model.networks == 1 else f"No heatmap: {NO_MAP}."
