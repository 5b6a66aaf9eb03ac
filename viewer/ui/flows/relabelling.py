"""A wrong label is changed: what is selected carries another one from now on."""

from dataclasses import replace
from typing import TYPE_CHECKING

from viewer.core.edits import Edit
from viewer.core.shapes.annotations import Annotation
from viewer.core.text.counting import counted
from viewer.project.edit_builders import change_annotation
from viewer.ui.gestures.changing import in_one_step

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.session import Session

SELECTED_FACT = "shape_selected"  # something that carries a label is selected


def selected_annotations(session: "Session") -> list[Annotation]:
    """What is selected in the active view and carries a label, in the order of drawing; measurements carry none."""
    shown, cell = session.shown, session.active_cell
    if shown is None or shown.image_id is None or cell is None:
        return []
    settings = cell.view.overlay_settings
    chosen = {settings.selected_id, *settings.also_selected}
    return [one for one in session.at_hand.work.annotations(shown.image_id) if one.annotation_id in chosen]


def choose_label(session: "Desk", name: str) -> None:
    """What a digit means: with the select tool armed the selected shapes get the label, else it is armed."""
    if session.tool == "select" and selected_annotations(session):
        relabel_selected(session, name)
    else:
        session.set_label(name)


def relabel_selected(session: "Desk", name: str) -> bool:
    """Give what is selected this label, in one step, and say so. False where there was nothing to change."""
    session.edits.wait()
    project, chosen = session.project, selected_annotations(session)
    if project is None or not chosen:
        session.said.emit("Select a shape first; then it can get another label.")
        return False
    others = [one for one in chosen if one.label != name]
    if not others:
        session.said.emit(f"{_subject(chosen)} {_verb(chosen)} {name} already.")
        return False
    edit = in_one_step(
        [_relabelled(one, name, session.author) for one in others], f"relabel {len(others)} objects as {name}"
    )
    # With what it does to the case in one sentence, once it is kept: two would push each other away.
    words = f"{_subject(others)} {_verb(others)} {name} now{_on_slices(session, others)}. Ctrl+Z takes it back."
    return edit is not None and session.edit_words.do(edit, words)


def follow_selection(session: "Session") -> None:
    """Keep the fact that commands go by: whether something is selected that carries a label."""

    def tell(*_: object) -> None:
        session.set_fact(SELECTED_FACT, holds=bool(selected_annotations(session)))

    for signal in (session.shape_selected, session.image_shown, session.image_gone, session.work_changed):
        signal.connect(tell)
    session.active_view_changed.connect(tell)


def _relabelled(annotation: Annotation, name: str, author: str) -> Edit:
    """It stays an object of its own, also beside others of that label; an accepted proposal becomes a corrected one."""
    edit = change_annotation(annotation, author=author, label=name, verb="relabel")
    return replace(edit, text=f"{edit.text} as {name}")


def _subject(annotations: list[Annotation]) -> str:
    if len(annotations) > 1:
        return counted(len(annotations), "object")
    return f"The {annotations[0].label} {annotations[0].shape.kind}"


def _on_slices(session: "Session", annotations: list[Annotation]) -> str:
    """On how many slices a change goes: that of a label is one of the whole object."""
    objects = [found for one in annotations if (found := session.objects.of_shape(one)) is not None]
    count = len({image_id for found in objects for image_id in found.image_ids})
    return f", on {count} slices" if count > 1 else ""


def _verb(annotations: list[Annotation]) -> str:
    return "is" if len(annotations) == 1 else "are"
