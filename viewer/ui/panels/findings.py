"""Findings: what a model proposes on this case, decided one by one."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.core.deciding import cut_words
from viewer.core.shapes.annotations import Decision
from viewer.core.text.counting import counted
from viewer.project.taking_numbers import said_now
from viewer.ui.flows.findings import THRESHOLD_STEP, detail_words, empty_words, why_not_decided, why_proposed
from viewer.ui.flows.model_queries import FINDINGS_FACT
from viewer.ui.look.chips import (
    NOTHING_SHOWN,
    ElidedLabel,
    EmptyState,
    IconButton,
    KeyChip,
    Paragraph,
    separator,
    text_label,
)
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.even_rows import EvenList
from viewer.ui.look.plain_text import add_choice, set_text, set_tip, tell_choice
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.panels.case_buttons import CompleteButton
from viewer.ui.panels.finding_rows import FindingDelegate, FindingModel, ScoreRows
from viewer.ui.panels.findings_room import (
    ListRoom,
    MismatchFrame,
    OriginLabel,
    ScoresRoom,
    UndoButton,
    keeps_its_place,
)
from viewer.ui.panels.panel import GIVES_RETURN
from viewer.ui.state.before_ai import HIDDEN_WORDS

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.shown import ShownImage

LEAST_MODEL = 3  # letters of the model's name that are seen in the narrowest dock, beside what asks it
TIGHT_PX = 14
LEAST_SLIDER_PX = 48
DOCK_SLACK_PX = 8  # a dock that lacks less than this is not divided anew


class FindingsPanel(QWidget):
    """The list at the right of Review AI."""

    title = "Findings"
    area = "right"
    workspaces = ("review",)
    keeps_whole = True  # its buttons are reached without scrolling, however low the window is
    count_changed = Signal(str)

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self.review = session.review
        self._model = FindingModel(
            self.review.decisions.replaces,
            lambda one: why_proposed(one, self.review.threshold),
            lambda one: one.score_words(self.review.threshold),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._build_model_row())
        self.scores = ScoreRows(self._session)
        self._scores_room = ScoresRoom(self._session, self.scores)
        layout.addWidget(self._scores_room)
        layout.addWidget(self._build_threshold())
        layout.addWidget(separator())
        layout.addWidget(self._build_list(), 1)
        layout.addWidget(separator())
        layout.addWidget(self._build_decisions())
        self._connect()
        self.reload()
        self._on_models()
        self.review.asking.find_models()

    def _build_model_row(self) -> QWidget:
        host = QWidget()
        column = QVBoxLayout(host)
        column.setContentsMargins(12, 8, 10, 2)
        column.setSpacing(4)
        self.model = ChoiceBox(ends_differ=True)  # runs of one task differ in their last four
        self.model.setAccessibleName("Model")
        self.model.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.model.setMinimumContentsLength(LEAST_MODEL)
        self.model_detail, self._detail = ElidedLabel("caption"), ""
        self.asking = text_label("", "caption")
        # What is being asked stands in the place of what the model is: nothing below moves when it comes and goes.
        self._below_model = QStackedWidget()
        self._below_model.addWidget(self.model_detail)
        icons = self._session.icons
        self.predict = KeyButton(icons, "Predict", icon="predict", beside_px=TIGHT_PX)
        self.predict.setToolTip("Predict on this image")
        self.predict_series = KeyButton(icons, "Series", icon="series", beside_px=TIGHT_PX)
        self.predict_series.setToolTip("Predict on every image of this series")
        self.stop = KeyButton(icons, "Stop", icon="stop", kind="quiet", height_px=22)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.model, 1)
        row.addWidget(self.predict)
        row.addWidget(self.predict_series)
        column.addLayout(row)
        self._asked = QWidget()
        row = QHBoxLayout(self._asked)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.asking, 1)
        row.addWidget(self.stop)
        self._below_model.addWidget(self._asked)
        column.addWidget(self._below_model)
        for button in (self.predict, self.predict_series, self.stop):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # see `_build_decisions`
        keeps_its_place(self.stop)
        return host

    def _build_threshold(self) -> QWidget:
        host = QWidget()
        column = QVBoxLayout(host)
        column.setContentsMargins(12, 4, 10, 4)
        column.setSpacing(2)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(text_label("Threshold", "rowmid"))
        self.threshold = QSlider(Qt.Orientation.Horizontal)
        self.threshold.setRange(0, 100)
        self.threshold.setAccessibleName("Threshold")
        self.threshold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row.addWidget(self.threshold, 1)
        self.threshold_value = text_label("0.50", "strong")
        row.addWidget(self.threshold_value)
        self.threshold_keys = [KeyChip(key, self._session.icons) for key in ("Comma", "Period")]
        for chip in self.threshold_keys:
            row.addWidget(chip)
        self.threshold.setMinimumWidth(LEAST_SLIDER_PX)
        self.operating_point = IconButton(self._session.icons, "undo", 12)
        # As high as the row: where the dock is low, a pixel more would push the list out of its place.
        self.operating_point.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        self.operating_point.setAccessibleName("Operating point of the model")
        self.operating_point.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # see `_build_decisions`
        keeps_its_place(self.operating_point)
        row.addWidget(self.operating_point)
        column.addLayout(row)
        self.threshold_origin = OriginLabel()
        column.addWidget(self.threshold_origin)
        return host

    def _build_list(self) -> QWidget:
        """The list, and below it what the last decision has done: the list gives way to it, the buttons stay."""
        self.list = EvenList()
        self.list.setModel(self._model)
        self.list.setItemDelegate(FindingDelegate(self._session))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName("Findings")
        self.list.setProperty(GIVES_RETURN, True)  # a click selects; Enter accepts wherever one is in Review
        self.empty = EmptyState(self._session.icons, "predict", empty_words(None, 0.5))
        self.stack = QStackedWidget()
        self.stack.addWidget(self.list)
        self.stack.addWidget(self.empty)
        self._blank = QWidget()
        self.stack.addWidget(self._blank)
        self.told, self._done = Paragraph("told"), ""
        shown = self._session.shown
        self._told_in: str | None = None if shown is None else shown.case_id
        self.told.hide()
        self.mismatch = MismatchFrame(self._session)
        self.mismatch_words, self.run_anyway = self.mismatch.words, self.mismatch.run_anyway
        self.mismatch.hide()
        self._list_room = ListRoom(self._session, self.stack, self.told, self.mismatch)
        return self._list_room

    def _build_decisions(self) -> QWidget:
        host = QWidget()
        column = QVBoxLayout(host)
        column.setContentsMargins(10, 10, 10, 8)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(6)
        icons = self._session.icons
        self.accept_button = KeyButton(icons, "Accept", key="Return", icon="accept", kind="review", height_px=34)
        self.correct_button = KeyButton(icons, "Correct", key="C", icon="correct", kind="review", height_px=34)
        self.reject_button = KeyButton(icons, "Reject", key="Backspace", icon="reject", kind="review", height_px=34)
        for button in (self.accept_button, self.correct_button, self.reject_button):
            # By Tab only: a click on Reject must not make Enter, which accepts, this button's key.
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button, 1)
        column.addLayout(row)
        line = QHBoxLayout()
        line.setSpacing(6)
        self.undo = UndoButton(icons)
        keeps_its_place(self.undo)
        line.addWidget(self.undo, 1)
        self.left_words = text_label("", "rowmid")
        line.addWidget(self.left_words)
        self.complete = CompleteButton(self._session, kind="plain", height_px=26)
        self.complete.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        line.addWidget(self.complete)
        column.addLayout(line)
        return host

    def _connect(self) -> None:
        review, asking, session = self.review, self.review.asking, self._session
        self.model.activated.connect(lambda place: asking.choose_model(asking.models[place]))
        self.predict.clicked.connect(asking.predict_image)
        self.predict_series.clicked.connect(asking.predict_series)
        self.stop.clicked.connect(asking.cancel)
        self.run_anyway.clicked.connect(asking.run_anyway)
        self.threshold.valueChanged.connect(self._on_slider)
        for chosen in (self.list.clicked, self.list.activated):
            chosen.connect(lambda index: review.select(index.data(Qt.ItemDataRole.UserRole).proposal.proposal_id))
        self.operating_point.clicked.connect(lambda: review.set_threshold(review.chosen_threshold or 0.0))
        self.accept_button.clicked.connect(review.accept)
        self.correct_button.clicked.connect(review.correct)
        self.reject_button.clicked.connect(review.reject)
        self.undo.clicked.connect(session.undo)
        review.findings_changed.connect(self.reload)
        review.finding_selected.connect(lambda _: self._mark())
        review.heat_changed.connect(self._show_empty)
        session.edit_words.told.connect(self._tell)
        session.snapshots.parts_changed.connect(self._show_told)
        session.image_shown.connect(self._on_image_shown)
        session.image_gone.connect(lambda: self._tell(""))
        review.threshold_changed.connect(lambda _: self._show_threshold())
        asking.models_found.connect(self._on_models)
        asking.model_chosen.connect(lambda _: self._on_models())
        asking.asking_changed.connect(self._on_asking)
        asking.mismatch_found.connect(self._on_mismatch)
        session.situation_changed.connect(self._on_situation)

    def sizeHint(self) -> QSize:
        """With every score and what the threshold decides whole; a low window takes from the heatmap."""
        whole = self.minimumSizeHint().height()
        for part in (self._scores_room, self.threshold_origin):
            whole += part.sizeHint().height() - part.minimumSizeHint().height()
        return QSize(super().sizeHint().width(), whole + DOCK_SLACK_PX)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._session.set_fact(FINDINGS_FACT, holds=True)
        self.reload()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._session.set_fact(FINDINGS_FACT, holds=False)

    def reload(self) -> None:
        """Show the findings of the case as they stand."""
        review = self.review
        self._model.set_findings(review.shown)
        prediction = review.prediction
        self._scores_room.show_image(prediction, review.threshold)
        self._show_empty()
        self._show_list()
        self.count_changed.emit(review.count_words)
        left = review.left
        set_text(self.left_words, f"{left} left" if review.findings else "")
        set_tip(self.left_words, f"{counted(left, 'finding')} left to decide in this case" if review.findings else "")
        self._show_threshold()
        self._mark()

    def _show_list(self) -> None:
        """The list, or what an empty one says; a refusal says it better."""
        refused = not self.mismatch.isHidden()
        self.stack.setCurrentWidget(self.list if self._model.findings else self._blank if refused else self.empty)
        self.more_px = self._list_room.keep_row(len(self._model.findings))

    def _show_empty(self) -> None:
        review = self.review
        answer, said = review.prediction, ""
        if answer is not None and answer.numbers:
            said = said_now(answer, self._session.at_hand.work.answers(answer.image_id))
        words = empty_words(answer, review.threshold, explained=review.is_explained, said=said)
        words = HIDDEN_WORDS if review.ai.hides_shown else words
        self.empty.set_sentence(words if self._session.shown is not None else NOTHING_SHOWN)

    def _tell(self, words: str) -> None:
        """What the decision has done to labels and case, beside the buttons; "" when that is past."""
        self._done = words
        self._show_told()

    def _show_told(self) -> None:
        """What was done; where nothing was, what the next decision would do beyond its case."""
        selected = self.review.selected
        words = self._done or ("" if selected is None else self._session.edit_words.before(selected))
        set_text(self.told, words)
        self.told.setVisible(bool(words) and self.mismatch.isHidden())

    def _on_image_shown(self, shown: "ShownImage") -> None:
        if shown.case_id != self._told_in:
            self._told_in = shown.case_id
            self._tell("")

    def _mark(self) -> None:
        selected = self.review.selected
        undecided = selected is not None and selected.proposal.decision is Decision.UNDECIDED
        may = (
            (undecided or self.review.decisions.offers_numbers)
            and self._session.project is not None
            and not self._session.project.read_only
        )
        why_not = "" if may else why_not_decided(self._session.project, selected, self.review.shown)
        keys = {self.accept_button: "", self.correct_button: "Correct  C", self.reject_button: "Reject  ⌫"}
        for button, own in keys.items():
            button.setEnabled(may)
            set_tip(button, why_not or own)
        replaced = "" if selected is None or not may else self.review.decisions.replaces(selected)
        self._show_told()
        if replaced:
            set_tip(self.accept_button, f"Take it as it is: it replaces {replaced}, which is said now")
        place = None if selected is None else self._model.place(selected.proposal.proposal_id)
        if place is None:
            self.list.clearSelection()
        else:
            self.list.setCurrentIndex(self._model.index(place))

    def _show_threshold(self) -> None:
        review = self.review
        chosen = review.chosen_threshold
        self.operating_point.setVisible(review.has_cut and review.is_threshold_moved)
        held = () if review.prediction is None else review.prediction.held
        set_tip(self.operating_point, f"Back to the model's operating point, {cut_words(chosen or 0, held)}")
        self.threshold.blockSignals(True)
        self.threshold.setValue(round(review.threshold / THRESHOLD_STEP))
        self.threshold.blockSignals(False)
        has_cut = review.has_cut
        self.threshold.setEnabled(has_cut)
        for chip in self.threshold_keys:
            chip.setEnabled(has_cut)
        set_text(self.threshold_value, cut_words(review.threshold, held) if has_cut else "none")
        self._show_detail()
        words = review.threshold_words
        set_text(self.threshold_origin, words)
        for widget in (self.threshold, self.threshold_origin):
            set_tip(widget, words)

    def _on_slider(self, value: int) -> None:
        self.review.set_threshold(value * THRESHOLD_STEP)

    def _on_models(self) -> None:
        asking = self.review.asking
        self.model.clear()
        for choice in asking.models:
            add_choice(self.model, choice.title, tip=choice.detail)
        chosen, self._detail = asking.model, "No model yet. Train one from the Train menu."
        if chosen is not None:
            folders = [choice.folder for choice in asking.models]
            self.model.setCurrentIndex(folders.index(chosen.folder) if chosen.folder in folders else -1)
            self._detail = " · ".join(filter(None, (chosen.metric, chosen.seen, chosen.detail)))
        self._show_detail()
        tell_choice(self.model, chosen.detail if chosen is not None else "")
        self._on_situation(self._session.situation())

    def _show_detail(self) -> None:
        """What is known of the chosen model, which is not the one below where another has answered for this image."""
        review = self.review
        detail, doubted = detail_words(review.prediction, review.asking.model, self._detail, review.called)
        set_text(self.model_detail, detail)
        set_tip(self.model_detail, detail)
        self.model_detail.set_role("doubt" if doubted else "caption")

    def _on_asking(self, words: str) -> None:
        set_text(self.asking, words)
        self._on_situation(self._session.situation())

    def _on_mismatch(self, sentence: str) -> None:
        self.mismatch.say(sentence)
        self._show_list()
        self._show_told()

    def _on_situation(self, situation: Any) -> None:
        asking = bool(self.asking.text())
        ready = situation.has_image and self.review.asking.model is not None and not asking
        self.predict.setEnabled(ready)
        self.predict_series.setEnabled(ready and situation.has_series)
        self.stop.setVisible(asking)
        self._below_model.setCurrentWidget(self._asked if asking else self.model_detail)
        # What was done to an image or a case is offered here, a decision and the press of a label alike; what was done
        # to the project stands in the Edit menu.
        step, text = self._session.at_hand.undo_step, situation.undo_text
        is_of_work = bool(text) and (step.image_id is not None or bool(step.cases))
        self.undo.set_words(f"Undo {text}" if is_of_work else "Undo")
        self.undo.setVisible(is_of_work)
