"""Command rows about what is drawn: a new object of a label, another label for what is selected."""

from functools import partial
from typing import TYPE_CHECKING

from viewer.core.labels import DIGIT_KEYS
from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import EDITABLE, Need
from viewer.ui.commands.relabel_ids import CHANGE_LABEL, CHANGE_TO, MORE_LABELS
from viewer.ui.flows.relabelling import follow_selection, relabel_selected
from viewer.ui.rows.object_notes import object_note_rows
from viewer.ui.rows.objects import SELECTED, object_rows

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.main_window import MainWindow

ANNOTATE = ("annotate",)
WORK = ("annotate", "review")


def shape_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """The rows, made for one session and window."""
    follow_selection(session)
    return (
        Command(
            id="annotate.new_object", text="&New object", menu="&Annotate/Object", group="object",
            icon="plus", shortcut="N",
            workspaces=ANNOTATE, run=session.new_object.begin, needs=EDITABLE,
            full_text="New object of the same label",
            help="What is drawn next on a slice, or painted next on a film, begins an object of its own. N again goes "
            "on with the one before.",
            words="instance separate lesion another mask",
        ),
        *object_rows(session),
        *object_note_rows(session, window),
        *(_relabel_row(session, place) for place in range(len(DIGIT_KEYS))),
        Command(
            id=MORE_LABELS, text="Another la&bel…", menu=f"&Annotate/{CHANGE_LABEL}", group="relabel", workspaces=WORK,
            run=partial(_ask_label, window), needs=(*EDITABLE, SELECTED), full_text="Change to another label…",
            help="Every label by typing a few letters.", words="relabel class",
        ),
    )  # fmt: skip


def _relabel_row(session: "Desk", place: int) -> Command:
    def name() -> str:
        places = {label.position: label.name for label in session.labels if label.scope == "region"}
        return places.get(place, "")

    no_label = f"No label has the key {DIGIT_KEYS[place]} yet: add one in the Labels panel."
    return Command(
        id=f"annotate.relabel_{place + 1}", text=f"{CHANGE_TO}label {DIGIT_KEYS[place]}",
        menu=f"&Annotate/{CHANGE_LABEL}", group="relabel", workspaces=WORK,
        run=lambda: _relabel(session, name()), tool_key=DIGIT_KEYS[place],
        needs=(*EDITABLE, SELECTED, Need(holds=lambda _: bool(name()), words=no_label)),
        text_when=lambda _: f"{CHANGE_TO}{name() or f'label {DIGIT_KEYS[place]} (none yet)'}",
        help="What is selected gets this label. With the select tool the digit does it.",
        words="relabel class rename wrong",
    )  # fmt: skip


def _relabel(session: "Desk", name: str) -> None:
    relabel_selected(session, name)


def _ask_label(window: "MainWindow") -> None:
    window.open_palette(CHANGE_TO)
