"""The state of a review: threshold, selected finding, decisions, heatmap.

`Asking` brings a model's answers to the window's thread; here they are kept by the project and shown.
"""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from viewer.core.compose import HeatLayer
from viewer.core.edits import AnnotationChange, Edit
from viewer.core.heat import HeatMap, MapLayer
from viewer.core.shapes.annotations import Prediction, Proposal
from viewer.ui.flows.cases.answers import CaseAnswers
from viewer.ui.flows.decisions import Decisions, decide_aloud
from viewer.ui.flows.findings import (
    Finding,
    best_scores_of_wholes,
    image_findings,
    is_shown,
    step_finding,
    threshold_words,
    told_words,
    visible_proposals,
)
from viewer.ui.flows.map_settings import MapSettings
from viewer.ui.flows.model_queries import ModelQueries
from viewer.ui.flows.next_finding import choose_again, choose_finding
from viewer.ui.flows.operating_points import ROUNDING, Point, points_among, set_by, snapped
from viewer.ui.state.present_names import PresentNames, first_explained

if TYPE_CHECKING:
    from viewer.ui.flows.cases.walk import CaseWalk
    from viewer.ui.flows.edit_words import EditWords
    from viewer.ui.flows.job_watch import JobWatch
    from viewer.ui.flows.membership import Members
    from viewer.ui.state.before_ai import BeforeAI
    from viewer.ui.state.session import Session
    from viewer.ui.state.shown import ShownImage


class Review(QObject):
    """Findings of the case that is shown, and what the model is asked."""

    findings_changed = Signal()
    finding_selected = Signal(object)  # Finding | None
    threshold_changed = Signal(float)
    heat_changed = Signal()

    def __init__(
        self, session: "Session", *, members: "Members", cases: "CaseWalk", jobs: "JobWatch", words: "EditWords",
        ai: "BeforeAI",
    ) -> None:  # fmt: skip
        super().__init__(session)
        self.ai = ai
        self._session, self._cases = session, cases
        self.findings: list[Finding] = []
        self.predictions: dict[str, Prediction] = {}  # newest of each image of the case
        self.images: list[str] = []  # ids of the case, in order
        self.called = PresentNames(session)
        self._answers = CaseAnswers(members, self.called)
        self.asking = ModelQueries(session, members, jobs)
        self.threshold = 0.5
        self.chosen_threshold: float | None = None  # the operating point of the model that answered
        self.selected_id: str | None = None
        self.heat: HeatMap | None = None
        self.heat_on = False
        self.heat_label = ""
        self._heat_label_chosen = False  # by a person; else it is the class with the highest score
        self.heat_method, self.heat_layer = "gradcam", ""  # the layer: "" is the model's own
        self.map_layers: tuple[MapLayer, ...] = ()  # that the model has, once one of its maps has come
        self.map_settings = MapSettings(self)
        self._threshold_model = ""
        self._to_open = ""  # the proposal whose correction is on its way to the disk
        self._place: tuple[str | None, str | None] = (None, None)  # case and image that the threshold stands for
        self.decisions = Decisions(session, self, words)
        session.proposer = self
        self.findings_changed.connect(self._tell_facts)
        self.heat_changed.connect(self._draw_heat)
        self.map_settings.changed.connect(self._draw_heat)
        self.asking.predicted.connect(self._on_predicted)
        self.asking.explained.connect(self._on_explained)
        self.asking.model_chosen.connect(self._on_model_chosen)
        session.image_shown.connect(self._on_image_shown)
        session.image_gone.connect(self._on_image_gone)
        session.work_changed.connect(self._on_work_changed)
        session.work_arrived.connect(self._on_arrived)
        session.project_opened.connect(self._on_project_opened)
        session.workspace_changed.connect(self._on_workspace_changed)

    def _on_workspace_changed(self, _workspace: str) -> None:
        choose_finding(self._session, self)
        self.ai.tell_shown(self.predictions)
        if self.heat is None:
            self.explain()

    def _on_model_chosen(self, _model: object) -> None:
        self.heat_label, self.heat, self._heat_label_chosen = "", None, False
        self.heat_layer, self.map_layers = "", ()
        self._begin_at_operating_point()
        self.heat_changed.emit()
        self.refresh()
        self._session.refresh_overlays()
        self.explain()

    # What is shown

    @property
    def _model_hash(self) -> str:
        return "" if self.asking.model is None else self.asking.model.model_hash

    def _on_project_opened(self, _project: object) -> None:
        self.refresh()
        choose_finding(self._session, self)

    def _on_image_shown(self, shown: "ShownImage") -> None:
        if self.heat is not None and self.heat.image_id != shown.image_id:
            self.heat = None
            self.heat_changed.emit()
        self._forget_threshold_elsewhere(shown)
        self.refresh()
        choose_finding(self._session, self)
        self.explain()

    def _forget_threshold_elsewhere(self, shown: "ShownImage") -> None:
        """Each case starts at the model's operating point: what was moved for one patient hides nothing of the next.

        An image that enters the project with its first edit gets its case then; it is the same place.
        """
        (case, image), self._place = self._place, (shown.case_id, shown.image_id)
        if (shown.case_id is not None and shown.case_id == case) or (image is not None and image == shown.image_id):
            return
        self._begin_at_operating_point()

    def _begin_at_operating_point(self) -> None:
        model = self.asking.model
        self._threshold_model = ""
        self.chosen_threshold = None if model is None else model.threshold
        self.threshold = 0.5 if model is None else model.threshold
        self.threshold_changed.emit(self.threshold)

    def _on_image_gone(self) -> None:
        self.selected_id = None
        if self.heat is not None:
            self.heat = None
            self.heat_changed.emit()
        self.refresh()

    def _on_work_changed(self, edit: Edit) -> None:
        self.refresh()
        choose_again(self._session, self, edit)
        if not self._to_open:
            return
        made = (change.after for change in edit.of(AnnotationChange))
        corrected = next((a for a in made if a is not None and a.proposal_id == self._to_open), None)
        if corrected is not None:  # it can be selected only now that it is on the image
            self._to_open = ""
            self._session.select_shape(corrected.annotation_id)

    def refresh(self) -> None:
        """Look at the findings of the shown case again; what has not changed costs nothing."""
        answers, at_hand, shown = self._answers, self._session.at_hand, self._session.shown
        if shown is not None and self.ai.lists:
            answers.read(at_hand, shown, self._model_hash)
            self._session.keeping.bring_listed(answers.images)
        else:
            answers.clear()
        self.findings, self.predictions, self.images = answers.findings, answers.predictions, answers.images
        if self.prediction is not None:
            self._adopt_threshold(self.prediction)
        self.ai.tell_shown(self.predictions)
        self.findings_changed.emit()

    def _tell_facts(self) -> None:
        self._session.set_fact("proposals", holds=bool(self.findings))
        self._session.set_fact("proposal_selected", holds=self.selected is not None or self.decisions.offers_numbers)

    def told(self, image_id: str) -> tuple[str, ...]:
        """What a view of an image says beside an answer: that its model has seen it, and a threshold that was moved."""
        # Of an image that comes the threshold is still the one of the case before.
        moved = self._session.workspace == "review" and self.is_threshold_moved and image_id in self.predictions
        several = self._session.at_hand.work.predictions(image_id) if self.ai.may_draw(image_id) else ()
        return told_words(several, self._model_hash, self.threshold, self.chosen_threshold if moved else None)

    def _adopt_threshold(self, prediction: Prediction) -> None:
        if prediction.model_hash != self._threshold_model:
            self._threshold_model = prediction.model_hash
            self.chosen_threshold = prediction.threshold
            self.threshold = prediction.threshold
            self.threshold_changed.emit(self.threshold)

    @property
    def prediction(self) -> Prediction | None:
        """What the chosen model answered for the shown image; the newest answer of any where it gave none."""
        shown = self._session.shown
        return None if shown is None or shown.image_id is None else self.predictions.get(shown.image_id)

    @property
    def is_threshold_moved(self) -> bool:
        """Whether a person set another threshold than the one chosen on validation."""
        return self.chosen_threshold is not None and abs(self.threshold - self.chosen_threshold) > ROUNDING

    @property
    def points(self) -> tuple[Point, ...]:
        """The operating points of the model whose threshold stands."""
        return points_among((*self.asking.models, self.asking.model), self._threshold_model or self._model_hash)

    @property
    def has_cut(self) -> bool:
        """Whether another threshold gives another answer on the shown image."""
        said = self.prediction if self.prediction is not None else self.asking.model
        return said is not None and said.rule.has_cut

    @property
    def threshold_words(self) -> str:
        """What the threshold decides on the shown image, or why there is none."""
        moved = set_by(self.threshold, self.points) if self.is_threshold_moved else ""
        asked: Any = {"model": self.asking.model, "called": self.called, "model_hash": self._model_hash}
        return threshold_words(self.prediction, self.threshold, moved=moved, **asked)

    @property
    def is_explained(self) -> bool:
        """Whether a heatmap of the shown image is there to be seen."""
        shown, heat = self._session.shown, self.heat
        return self.heat_on and heat is not None and shown is not None and heat.image_id == shown.image_id

    @property
    def shown(self) -> list[Finding]:
        """The rows of the list at this threshold."""
        return self._answers.shown(self.threshold)

    @property
    def left(self) -> int:
        """How many are still to decide at this threshold."""
        return self._answers.undecided(self.threshold)

    @property
    def selected(self) -> Finding | None:
        """The finding that the next decision is about."""
        found = self._answers.find(self.selected_id)
        return found if found is not None and is_shown(found, self.threshold) else None

    @property
    def count_words(self) -> str:
        """ "6 shown · 4 below threshold"; "" without findings."""
        return self._answers.words(self.threshold) if self.findings else ""

    def visible(self, image_id: str) -> tuple[Proposal, ...]:
        """The proposals to draw on an image now; none in Annotate before its case is complete."""
        if not self.ai.may_draw(image_id):
            return ()
        # Read anew: after a decision the views are drawn before the list is.
        several = self._session.at_hand.work.predictions(image_id)
        findings = image_findings(several, self._model_hash, called=self.called)
        return visible_proposals(findings, image_id, self.threshold, best_scores_of_wholes(self.findings))

    # Moving and deciding

    def select(self, proposal_id: str | None) -> None:
        """Make a finding the current one and show its image."""
        self.make_current(proposal_id)
        finding = self.selected
        shown, project = self._session.shown, self._session.project
        if finding is None or shown is None or project is None:
            return
        if shown.image_id not in finding.image_ids:
            self._cases.show_image(finding.proposal.image_id)

    def make_current(self, proposal_id: str | None) -> None:
        """The next decision is about this one; the view stays where it is."""
        self.selected_id = proposal_id
        self._tell_facts()
        self.finding_selected.emit(self.selected)

    def step(self, step: int) -> None:
        """The finding before (-1) or after (+1)."""
        finding = step_finding(self.shown, self.selected_id, step)
        if finding is not None:
            self.select(finding.proposal.proposal_id)

    def set_threshold(self, threshold: float) -> None:
        """Move the threshold; the operating point chosen on validation is kept in sight."""
        if not self.has_cut:
            self._session.announced.emit("info", self.threshold_words + ".")
            return
        self.threshold = snapped(threshold, (self.chosen_threshold, *(point.cut for point in self.points)))
        self.threshold_changed.emit(self.threshold)
        self.findings_changed.emit()
        choose_finding(self._session, self)  # the one that was current may be below it now
        self._session.refresh_overlays()

    def accept(self) -> None:
        """Take the selected proposal as it is, and go on to the next one to decide."""
        decide_aloud(self._session, self.decisions.accept)

    def correct(self) -> None:
        """Take the selected proposal otherwise: a shape with its handles open; of a class, the one that holds."""
        decide_aloud(self._session, self.decisions.correct)

    def reject(self) -> None:
        """Refuse the selected proposal, and go on to the next one to decide."""
        decide_aloud(self._session, self.decisions.reject)

    def opens_when_kept(self, proposal_id: str) -> None:
        """The shape that a proposal becomes is selected as soon as it is on the image; "" for none."""
        self._to_open = proposal_id

    # Answers

    def _on_predicted(self, prediction: Prediction) -> None:
        """Keep an answer, then show it."""
        project = self._session.project
        if project is None:
            return
        self._session.keeping.keep_prediction(prediction, lambda: self._on_kept(prediction))

    def _on_kept(self, prediction: Prediction) -> None:
        if prediction.image_id not in self.images:  # of a series outside of the project
            self.refresh()
        shown = self._session.shown
        here = shown is not None and shown.image_id == prediction.image_id
        choose_finding(self._session, self, answered=here)
        self._explain_the_answer()
        if here and prediction.outside_domain and self.heat is None:
            self.explain()  # it was refused with the answer, and a person has asked for both all the same

    def _on_arrived(self, image_ids: frozenset[str], case_ids: frozenset[str]) -> None:
        """What was answered of the shown case is known now."""
        shown = self._session.shown
        if shown is not None and (shown.case_id in case_ids or not image_ids.isdisjoint(self.images)):
            self.refresh()
            choose_finding(self._session, self)

    def _explain_the_answer(self) -> None:
        """A heatmap asked for before the answer was of the first class: now the one that the answer gives is known."""
        model = self.asking.model
        if self._heat_label_chosen or model is None or self.prediction is None:
            return
        label = self._first_label(model.labels)
        if label and label != self.heat_label:
            self.heat_label, self.heat = label, None
            self.explain()
            self.heat_changed.emit()

    def _on_explained(self, heat: HeatMap) -> None:
        model = self.asking.model
        layer = self.heat_layer or ("" if model is None else model.cam_layer)
        if (heat.label, heat.method) == (self.heat_label, self.heat_method) and heat.is_read_from(layer):
            self.heat, self.map_layers = heat, heat.layers
            self.heat_changed.emit()

    def explain(self) -> None:
        """Ask for the heatmap of the chosen class on the shown image, where one is to be seen; its view follows."""
        if not self.heat_on or self._session.workspace != "review":
            return
        model = self.asking.model
        labels = () if model is None else model.labels
        if self.heat_label not in labels:
            self.heat_label = self._first_label(labels)
        if self.heat_label:
            prediction = self.prediction
            allowed = prediction is not None and bool(prediction.outside_domain)
            self.asking.explain(self.heat_label, self.heat_method, layer=self.heat_layer, run_anyway=allowed)

    def _first_label(self, labels: tuple[str, ...]) -> str:
        """What the answer says of this image, at the model's operating point; the model's first before there is one."""
        return first_explained(self.prediction, labels, self.called)

    def _draw_heat(self) -> None:
        if self.heat is None or not self.heat_on or self.ai.hides(self.heat.image_id):
            self._session.set_heat(None)
        else:
            drawn = self.map_settings
            self._session.set_heat(HeatLayer(heat=self.heat, opacity=drawn.opacity, hide_below=drawn.hide_below))

    def set_heat_on(self, *, on: bool) -> None:
        """Show or hide the heatmap beside the plain image."""
        self.heat_on = on
        self._session.set_fact("heatmap", holds=on)
        if on and self.heat is None:
            self.explain()
        self.heat_changed.emit()

    def set_heat_class(self, label: str) -> None:
        """Explain another class."""
        self.heat_label, self.heat, self._heat_label_chosen = label, None, True
        self.explain()
        self.heat_changed.emit()

    def set_heat_method(self, method: str) -> None:
        """Explain by another method."""
        self.heat_method, self.heat = method, None
        self.explain()
        self.heat_changed.emit()

    def set_heat_layer(self, layer: str) -> None:
        """Read another layer; "" is the model's own."""
        self.heat_layer, self.heat = layer, None
        self.explain()
        self.heat_changed.emit()
