"""Command rows of the work: annotating, data sets, training, reviewing what models propose."""

from functools import partial
from typing import TYPE_CHECKING, Any

from viewer.core.errors import BadRequest
from viewer.core.labels import DIGIT_KEYS, shortcut_of
from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import CASE, EDITABLE, IMAGE, KEPT_PROJECT, PROJECT, Need, fact
from viewer.ui.flows.cases.listing import LISTED_FACT
from viewer.ui.flows.decisions import decide_aloud
from viewer.ui.flows.findings import THRESHOLD_STEP
from viewer.ui.flows.label_edits import labels_of, turn_image_label
from viewer.ui.flows.list_questions import ASKING_CASES
from viewer.ui.flows.map_settings import OPACITY_STEP
from viewer.ui.flows.operating_points import point_question
from viewer.ui.flows.relabelling import choose_label
from viewer.ui.rows.train import train_rows
from viewer.ui.state.situation import Situation

if TYPE_CHECKING:
    from collections.abc import Callable

    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.choosing import Question
    from viewer.ui.window.main_window import MainWindow

ANNOTATE = ("annotate",)
REVIEW = ("review",)
WORK = ("annotate", "review")
MODEL = fact("model_chosen", "No model is chosen: choose one at the right of Review AI (F8).")
NO_POINTS = (
    "This model has one operating point: it is of an earlier version, or its validation part showed too little to "
    "choose others by."
)
ASKING = Need(holds=lambda s: s.has("asking") or s.has(ASKING_CASES), words="No model is being asked.")
LISTED = fact(LISTED_FACT, "The list of cases shows none: change its filter, or add images to the project.", seen=True)
NO_LIST_YET = Need(
    holds=lambda s: not s.has(ASKING_CASES),
    words="A model is being asked about the cases of a list: wait for its end, or choose AI, Stop asking.",
)
PROPOSALS = fact("proposals", "No model proposes anything here: press Ctrl+R to ask one about this image.", seen=True)
SELECTED = fact(
    "proposal_selected", "No proposal is selected: choose one in the list, or press Ctrl+R to ask a model.", seen=True
)


def work_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """The rows, made for one session and window."""
    return (
        *_label_rows(session, window),
        *_case_rows(session),
        *train_rows(session, window),
        *_model_rows(session),
        *_finding_rows(session, window),
        *_view_rows(session, window),
    )


def _label_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    def label_name(scope: str, place: int) -> str:
        # The session's own copy: forty rows ask for their names after every gesture.
        return next((label.name for label in session.labels if (label.scope, label.position) == (scope, place)), "")

    def arm(place: int) -> None:
        name = label_name("region", place)
        if name:
            choose_label(session, name)
        else:
            session.announced.emit(
                "info", f"No label has the key {DIGIT_KEYS[place]} yet. Add one in the Labels panel."
            )

    def answer(place: int, *, uncertain: bool = False) -> None:
        name, shown = label_name("image", place), session.shown
        if not name:
            key = shortcut_of("image", place)
            session.announced.emit("info", f"No whole-image label has the key {key} yet. Add one in the Labels panel.")
        elif shown is not None and shown.image_id is not None:
            edit = turn_image_label(session.at_hand, shown.image_id, name, uncertain=uncertain)
            session.edit_words.keep_answer(edit)

    def words(scope: str, place: int, fallback: str, _situation: Situation) -> str:
        return label_name(scope, place) or fallback

    def unsure(place: int, _situation: Situation) -> str:
        name = label_name("image", place)
        return f"Uncertain: {name}" if name else f"Uncertain: whole-image label {DIGIT_KEYS[place]} (none yet)"

    rows: list[Command] = []
    for place, key in enumerate(DIGIT_KEYS):
        rows.append(
            Command(
                id=f"annotate.label_{place + 1}", text=f"Label {key}", menu="&Annotate/Label", group="labels",
                shortcut=shortcut_of("region", place), workspaces=ANNOTATE, run=partial(arm, place),
                text_when=partial(words, "region", place, f"Label {key} (none yet)"),
                help="The next shape gets this label. With the select tool, the shape that is selected gets it.",
            )
        )  # fmt: skip
    for place, key in enumerate(DIGIT_KEYS):
        rows.append(
            Command(
                id=f"annotate.answer_{place + 1}", text=f"Whole-image label {key}", menu="&Annotate/Whole image",
                group="labels", shortcut=shortcut_of("image", place), workspaces=(*ANNOTATE, *REVIEW),
                run=partial(answer, place), needs=EDITABLE,
                text_when=partial(words, "image", place, f"Whole-image label {key} (none yet)"),
                help="Yes; again: no; again: not assessed.",
            )
        )  # fmt: skip
    for place, key in enumerate(DIGIT_KEYS):
        rows.append(
            Command(
                id=f"annotate.uncertain_{place + 1}", text=f"Uncertain: whole-image label {key}",
                menu="&Annotate/Whole image, &uncertain", group="labels", workspaces=(*ANNOTATE, *REVIEW),
                run=partial(answer, place, uncertain=True), needs=EDITABLE, text_when=partial(unsure, place),
                help="It was looked at and may be either; a model does not learn from it. Again: nothing is said.",
            )
        )  # fmt: skip
    rows += [
        Command(
            id="annotate.add_label", text="&Add a label…", menu="&Annotate", group="labels", icon="plus",
            workspaces=ANNOTATE, run=partial(_ask_label, session, window, "region"),
            needs=KEPT_PROJECT, help="It gets the next free digit and colour.", words="new create class",
        ),
        Command(
            id="annotate.add_answer", text="Add a w&hole-image label…", menu="&Annotate", group="labels", icon="plus",
            workspaces=ANNOTATE, run=partial(_ask_label, session, window, "image"),
            needs=KEPT_PROJECT, words="new create class classification answer",
        ),
        Command(
            id="annotate.edit_label", text="&Rename, colour or remove the label…", menu="&Annotate", group="labels",
            icon="correct", workspaces=ANNOTATE, run=partial(_edit_label, session, window),
            needs=KEPT_PROJECT,
            help="The label that is armed, and its place in the list. What goes with it is counted first.",
        ),
        Command(
            id="annotate.ask", text="As&k something of each image…", menu="&Annotate/Asked", group="labels",
            icon="plus",
            workspaces=ANNOTATE, run=partial(_ask_of_images, session, window), needs=KEPT_PROJECT,
            help="A number with its unit, one of several words, or a text; or change what is asked.",
        ),
        Command(
            id="annotate.say", text="An&swer what is asked", menu="&Annotate/Asked", group="labels",
            shortcut="Q", workspaces=ANNOTATE, run=partial(_say, session, window), needs=EDITABLE,
            help="Goes to the first empty field: of what is selected, else of the image. Return keeps what is typed.",
        ),
    ]  # fmt: skip
    return tuple(rows)


def _ask_of_images(session: "Desk", window: "MainWindow") -> None:
    from viewer.ui.dialogs.attributes import AttributeDialog

    AttributeDialog(session, scope="image", label="", parent=window).exec()


def _say(session: "Desk", window: "MainWindow") -> None:
    """Of what is selected, where something is asked of it; else of the image."""
    from viewer.ui.panels.labels import LabelsPanel
    from viewer.ui.panels.on_image import OnImagePanel

    for name in ("on_image", "labels"):
        panel = window.docks.panel(name)
        field = panel.said.first_field() if isinstance(panel, LabelsPanel | OnImagePanel) else None
        if field is not None:
            window.docks.bring(name, field)
            field.setFocus()
            return
    session.announced.emit("info", "Nothing is asked of this image: “Ask something of each image…” does that.")


def _ask_label(session: "Desk", window: "MainWindow", scope: str) -> None:
    from viewer.ui.dialogs.labels import LabelDialog

    LabelDialog(session, scope=scope, parent=window).exec()


def _edit_label(session: "Desk", window: "MainWindow") -> None:
    from viewer.ui.dialogs.labels import LabelDialog

    label = next((one for one in labels_of(session.at_hand, "region") if one.name == session.label), None)
    if label is None:
        session.announced.emit("info", "Choose a label in the list first.")
        return
    LabelDialog(session, scope="region", label=label, parent=window).exec()


def _case_rows(session: "Desk") -> tuple[Command, ...]:
    return (
        Command(
            id="annotate.complete", text="&Complete and next", menu="&Annotate", group="case", icon="accept",
            shortcut="Ctrl+Return", workspaces=WORK, run=session.complete_and_next,
            text_when=lambda s: f"Next case, this one {s.done_words}" if s.done_words else "Complete and next",
            needs=(*EDITABLE, CASE),
            help="Everything not marked on it then counts as seen and empty.",
            words="done finish finished ready",
        ),
        Command(
            id="annotate.reopen", text="Re&open the case", menu="&Annotate", group="case", icon="undo", workspaces=WORK,
            run=partial(_reopen, session), needs=(*EDITABLE, CASE),
            help="A case that is done becomes one in progress.",
        ),
        Command(
            id="annotate.case_before", text="Case &before", menu="&Annotate", group="case", shortcut="A",
            workspaces=ANNOTATE, run=lambda: session.case_step(-1), repeats=True,
        ),
        Command(
            id="annotate.case_after", text="Case a&fter", menu="&Annotate", group="case", shortcut="D",
            workspaces=ANNOTATE, run=lambda: session.case_step(1), repeats=True,
            help="Without completing this one.",
        ),
    )  # fmt: skip


def _reopen(session: "Desk") -> None:
    from viewer.core.case_acts import act_named
    from viewer.core.shapes.annotations import CaseStatus
    from viewer.project.edit_builders import set_status

    case_id = session.cases.current  # as "Complete": also while its image is being read
    if case_id is None or not session.at_hand.cases.has(case_id):
        return
    case = session.at_hand.cases.get(case_id)
    why_not = act_named("reopen").why_not(case.status)
    if why_not:
        session.announced.emit("info", why_not)
    else:
        session.do(set_status(case, CaseStatus.IN_PROGRESS))


def _model_rows(session: "Desk") -> tuple[Command, ...]:
    asking = session.review.asking

    def stop() -> None:
        asking.cancel()
        session.list_questions.stop()

    return (
        Command(
            id="ai.predict_image", text="&Predict on this image", menu="A&I", group="predict", icon="predict",
            shortcut="Ctrl+R", run=asking.predict_image, needs=(IMAGE, MODEL),
            help="With the model chosen in Review AI.", words="ask model run inference infer detect",
        ),
        Command(
            id="ai.predict_series", text="Predict on this &series", menu="A&I", group="predict", icon="series",
            shortcut="Ctrl+Shift+R", run=asking.predict_series,
            needs=(IMAGE, MODEL),
            help="Every image of it, one after the other.", words="ask model run inference infer detect volume",
        ),
        Command(
            id="ai.predict_cases", text="Predict on the &cases of this list…", menu="A&I", group="predict",
            icon="predict", shortcut="Ctrl+Alt+R", workspaces=REVIEW, run=session.person.offer_asking,
            needs=(PROJECT, MODEL, LISTED, NO_LIST_YET), words="batch all every many whole filter test part",
            help="Those that the list shows now, all of the project, or one part of the chosen snapshot, in the "
            "background. What the model has answered already is not asked again unless you say so.",
        ),
        Command(
            id="ai.stop", text="Stop as&king", menu="A&I", group="predict", icon="stop", run=stop,
            needs=(ASKING,), help="What was answered stays.",
        ),
    )  # fmt: skip


def _ask_choice(
    session: "Desk", window: "MainWindow", question: "Question[Any]", then: "Callable[[Any], None]"
) -> None:
    from viewer.ui.dialogs.choice import ChoiceDialog

    ChoiceDialog(session, question, lambda value: decide_aloud(session, lambda: then(value)), window).open()


def _finding_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    review = session.review
    review.decisions.ask = partial(_ask_choice, session, window)

    return (
        Command(
            id="review.accept", text="&Accept", menu="A&I", group="decide", icon="accept",
            shortcut="Return", workspaces=REVIEW, run=review.accept, needs=(*EDITABLE, SELECTED),
            help="A shape becomes an annotation from AI, a class becomes yes and what it excludes no.",
        ),
        Command(
            id="review.correct", text="&Correct", menu="A&I", group="decide", icon="correct", shortcut="C",
            workspaces=REVIEW, run=review.correct, needs=(*EDITABLE, SELECTED),
            help="A shape becomes an annotation with its handles open; of a class it is asked which one holds.",
        ),
        Command(
            id="review.reject", text="Re&ject", menu="A&I", group="decide", icon="reject",
            shortcut="Backspace", workspaces=REVIEW, run=review.reject, needs=(*EDITABLE, SELECTED),
            help="A shape leaves the image and stays in the list; of a class it is said what becomes of its label.",
        ),
        Command(
            id="review.before", text="Finding &before", menu="A&I", group="step", shortcut="Alt+Up", workspaces=REVIEW,
            run=lambda: review.step(-1), needs=(PROPOSALS,), repeats=True,
        ),
        Command(
            id="review.after", text="Finding a&fter", menu="A&I", group="step", shortcut="Alt+Down", workspaces=REVIEW,
            run=lambda: review.step(1), needs=(PROPOSALS,), repeats=True,
        ),
    )  # fmt: skip


def _view_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    review = session.review

    def choose_point() -> None:
        from viewer.ui.dialogs.choice import ChoiceDialog

        if not review.has_cut or review.chosen_threshold is None or not review.points:
            raise BadRequest(NO_POINTS if review.has_cut else f"{review.threshold_words}.")
        question = point_question(review.chosen_threshold, review.points)
        ChoiceDialog(session, question, review.set_threshold, window).open()

    return (
        Command(
            id="review.threshold_down", text="&Lower threshold", menu="A&I", group="show", shortcut=",",
            workspaces=REVIEW, run=lambda: review.set_threshold(review.threshold - THRESHOLD_STEP), repeats=True,
            full_text="Lower threshold of the model", help="Of this case alone; more findings are proposed.",
        ),
        Command(
            id="review.threshold_up", text="&Higher threshold", menu="A&I", group="show", shortcut=".",
            workspaces=REVIEW, run=lambda: review.set_threshold(review.threshold + THRESHOLD_STEP), repeats=True,
            full_text="Higher threshold of the model", help="Of this case alone; fewer findings are proposed.",
        ),
        Command(
            id="review.operating_point", text="O&perating point…", menu="A&I", group="show", workspaces=REVIEW,
            run=choose_point, needs=(IMAGE, MODEL), full_text="Choose an operating point of the model",
            words="recall precision youden cut sensitivity specificity threshold",
            help="Of this case: the cut for a recall or a precision that was asked for on validation.",
        ),
        Command(
            id="review.heatmap", text="Heat&map", menu="A&I", group="heat", icon="heatmap", shortcut="M",
            workspaces=REVIEW, toolbar="image", run=lambda: review.set_heat_on(on=not review.heat_on),
            needs=(IMAGE, MODEL), checked_when=lambda s: s.has("heatmap"),
            help="Beside the plain image. It shows influence on the score, not the location of disease: no map "
            "is checked.",
            words="map checked worth grad-cam gradcam cam explain saliency attention",
        ),
        Command(
            id="review.opacity_down", text="Less &opacity", menu="A&I", group="heat", shortcut="-", workspaces=REVIEW,
            run=lambda: review.map_settings.set_opacity(review.map_settings.opacity - OPACITY_STEP), repeats=True,
            full_text="Less opacity of the heatmap", help="More of the image shows through.", words="transparency map",
        ),
        Command(
            id="review.opacity_up", text="More o&pacity", menu="A&I", group="heat", shortcut="+ =", workspaces=REVIEW,
            run=lambda: review.map_settings.set_opacity(review.map_settings.opacity + OPACITY_STEP), repeats=True,
            full_text="More opacity of the heatmap", help="Less of the image shows through.", words="transparency map",
        ),
    )  # fmt: skip
