"""The context menu of a view: what can be done with what is selected, then with the view."""

from typing import TYPE_CHECKING

from viewer.ui.commands.needs import SEVERAL_FACT
from viewer.ui.commands.relabel_ids import CHANGE_LABEL, relabel_ids
from viewer.ui.flows.relabelling import selected_annotations

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

VIEW_MENU = (
    "image.restore", "image.fit", "image.one_to_one", "image.invert", "",
    "image.turn_right", "image.turn_left", "image.flip", "",
    "view.maximise", "view.link", "view.hide_overlays", "view.hide_names", "", "edit.copy_view", "window.tags",
)  # fmt: skip
OBJECT_STEPS = ("", "annotate.object_before", "annotate.object_after")  # in Review the keys go through findings
OF_SEVERAL = ("", "annotate.join_object", "annotate.part_object", "annotate.remove_object")
MenuRow = str | tuple[str, list[str]]  # a command, "" for a separator, or the title of a sub-menu and its commands


def shape_menu(session: "Desk") -> list[MenuRow]:
    """What can be done with the shapes that are selected; nothing where none is.

    What can be done nowhere on this image is no row: in a project that is only read no label is another one, and a film
    has no slice beside it to join with.
    """
    if not selected_annotations(session):
        return []
    situation, rows = session.situation(), list[MenuRow]()
    others = relabel_ids(session) if situation.may_edit else []
    if others:
        rows.append((CHANGE_LABEL, others))
    rows += ["annotate.remove_shape", "annotate.object_notes"]
    if situation.has_series or situation.has(SEVERAL_FACT):
        steps = OBJECT_STEPS if session.workspace == "annotate" else ()
        rows += [*OF_SEVERAL, *steps]
    return rows


def view_menu(session: "Desk") -> list[MenuRow]:
    """The rows for the view as it is now."""
    shapes = shape_menu(session) if session.workspace in ("annotate", "review") else []
    return [*shapes, *([""] if shapes else []), *VIEW_MENU]
