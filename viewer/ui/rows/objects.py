"""Command rows about objects over several slices: joined, parted, gone through slice by slice, removed whole."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from viewer.core.edits import Edit
from viewer.core.shapes.visible_part import visible_box
from viewer.core.text.counting import counted
from viewer.project.edit_builders import remove_annotation
from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import EDITABLE, IMAGE, SERIES, SEVERAL_FACT, fact
from viewer.ui.flows.relabelling import SELECTED_FACT, selected_annotations
from viewer.ui.gestures.changing import in_one_step
from viewer.ui.state.edit_gate import Then

if TYPE_CHECKING:
    from viewer.core.shapes.annotations import Annotation
    from viewer.project.at_hand.objects import ObjectAtHand
    from viewer.project.project import Project
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.shown import ShownImage

WORK = ("annotate", "review")
ANNOTATE = ("annotate",)
SELECTED = fact(SELECTED_FACT, "No shape is selected: choose the select tool (V) and click one.", seen=True)
SEVERAL = fact(
    SEVERAL_FACT,
    "No object of several shapes is selected: select one (V), or join a shape with one on the next slice (Ctrl+J).",
    seen=True,
)


def object_rows(session: "Desk") -> tuple[Command, ...]:
    """The rows, made for one session."""
    steps = ObjectSteps(session)
    return (
        Command(
            id="annotate.join_object", text="&Join into one object", menu="&Annotate/Object", group="object",
            shortcut="Ctrl+J", workspaces=WORK, run=lambda: join_selected(session), needs=(*EDITABLE, SELECTED),
            help="The selected shape and that of its label on the slice beside it become one; so do several that are "
            "selected.",
            words="merge link connect lesion slices same",
        ),
        Command(
            id="annotate.part_object", text="&Part from its object", menu="&Annotate/Object", group="object",
            shortcut="Ctrl+Shift+J", workspaces=WORK, run=lambda: part_selected(session), needs=(*EDITABLE, SEVERAL),
            help="The selected shape becomes an object of its own; the others stay one.",
            words="split separate unlink",
        ),
        Command(
            id="annotate.remove_shape", text="&Remove the shape", menu="&Annotate/Object", group="object",
            workspaces=WORK, run=lambda: remove_shapes(session), needs=(*EDITABLE, SELECTED), tool_key="Del",
            help="What is selected, on this image; with the select tool Delete does it.", words="delete erase shape",
        ),
        Command(
            id="annotate.remove_object", text="Remove on a&ll slices", menu="&Annotate/Object", group="object",
            shortcut="Shift+Del", workspaces=WORK, run=lambda: remove_selected(session), needs=(*EDITABLE, SEVERAL),
            full_text="Remove the object on all slices", help="Delete removes the selected shape alone.",
            words="delete whole lesion",
        ),
        Command(
            id="annotate.object_before", text="Slice &before of the object", menu="&Annotate/Object",
            group="object step", shortcut="Alt+Up", workspaces=ANNOTATE, run=lambda: steps.go(-1),
            needs=(IMAGE, SERIES), repeats=True,
            help="Of what is selected, or was last drawn with the armed label.",
        ),
        Command(
            id="annotate.object_after", text="Slice a&fter of the object", menu="&Annotate/Object", group="object step",
            shortcut="Alt+Down", workspaces=ANNOTATE, run=lambda: steps.go(1), needs=(IMAGE, SERIES), repeats=True,
            help="Of what is selected, or was last drawn with the armed label.",
        ),
    )  # fmt: skip


class ObjectSteps:
    """Goes from slice to slice of an object, and keeps the fact that commands go by: whether it has several shapes."""

    def __init__(self, session: "Desk") -> None:
        self._session = session
        self._wanted = ("", "")  # an image on its way, and the shape that is selected on it then
        session.image_shown.connect(self._on_image_shown)
        for signal in (session.shape_selected, session.image_gone, session.work_changed, session.active_view_changed):
            signal.connect(self._tell)
        session.work_arrived.connect(lambda *_: self._tell())

    def go(self, step: int) -> None:
        """To the slice of the object before (-1) or after (1) the one shown; round at the end."""
        session, shown, cell = self._session, self._session.shown, self._session.active_cell
        if shown is None or shown.series is None or cell is None:
            return
        chosen = selected_annotations(session)
        found = session.objects.of_shape(chosen[-1]) if chosen else session.new_object.in_hand(shown)
        places = session.objects.places(shown.series)
        slices = {} if found is None else {places[one.image_id]: one for one in found.shapes if one.image_id in places}
        others = sorted(index for index in slices if index != cell.index)
        if found is None or not others:
            label = f"The {found.label}" if found is not None else "Nothing that is selected"
            session.said.emit(f"{label} lies on no other slice.")
            return
        beyond = [index for index in others if (index - cell.index) * step > 0]
        index = (beyond or others)[0 if step > 0 else -1]
        self._wanted = (slices[index].image_id, slices[index].annotation_id)
        cell.scroll_to(index)
        at = sorted(slices).index(index) + 1
        session.said.emit(f"{found.name}: slice {at} of {len(slices)}.")

    def _on_image_shown(self, shown: "ShownImage") -> None:
        image_id, annotation_id = self._wanted
        if image_id and shown.image_id == image_id:
            self._wanted = ("", "")
            self._session.select_shape(annotation_id)
        self._tell()

    def _tell(self, *_: object) -> None:
        found = (self._session.objects.of_shape(one) for one in selected_annotations(self._session))
        self._session.set_fact(SEVERAL_FACT, holds=any(_is_of_several(one) for one in found))


def join_selected(session: "Desk") -> None:
    """Make one object of what is selected; of one shape with the object of its label on the slice beside it."""
    session.edits.wait()
    chosen = selected_annotations(session)
    other = _beside(session, chosen[0]) if len(chosen) == 1 else None
    together = [*chosen, *([other] if other is not None else [])]
    if len(together) < 2:
        return

    def made(project: "Project") -> Edit:
        from viewer.project.objects.edits import join
        from viewer.project.objects.reading import object_of

        shapes = {shape.annotation_id: shape for one in together for shape in object_of(project, one.annotation_id)}
        return join(list(shapes.values()), author=session.author)

    def words() -> str:
        found = session.objects.of_shape(together[0])
        on = f" on {found.slices}" if found is not None and found.slices else ""
        return f"This {together[0].label} is one object{on} now. Ctrl+Z takes it back."

    keep_of_objects(session, made, words)


def part_selected(session: "Desk") -> None:
    """Make each selected shape an object of its own."""
    session.edits.wait()
    chosen = [one for one in selected_annotations(session) if _is_of_several(session.objects.of_shape(one))]

    def made(project: "Project") -> Edit:
        from viewer.project.objects.edits import part
        from viewer.project.objects.reading import object_of

        edits = []
        for one in chosen:
            shapes = object_of(project, one.annotation_id)
            edits += [part(shape, shapes) for shape in shapes if shape.annotation_id == one.annotation_id]
        edit = in_one_step(edits, f"part {len(edits)} shapes")
        assert edit is not None, "something is selected"
        return edit

    if chosen:
        what = f"The {chosen[0].shape.kind}" if len(chosen) == 1 else f"Each of the {len(chosen)} shapes"
        keep_of_objects(session, made, lambda: f"{what} is a {chosen[0].label} of its own now. Ctrl+Z takes it back.")


def remove_shapes(session: "Desk") -> None:
    """Remove what is selected, and nothing of its object elsewhere, in one step."""
    session.edits.wait()
    chosen = selected_annotations(session)
    edit = in_one_step([remove_annotation(one) for one in chosen], f"remove {len(chosen)} objects")
    if edit is not None:
        session.do(edit)


def remove_selected(session: "Desk") -> None:
    """Remove the objects of what is selected, on all their slices, in one step."""
    session.edits.wait()
    chosen = selected_annotations(session)

    def made(project: "Project") -> Edit:
        from viewer.project.objects.edits import remove_object
        from viewer.project.objects.reading import object_of

        objects = {shapes[0].object_key: shapes for shapes in (object_of(project, o.annotation_id) for o in chosen)}
        edit = in_one_step([remove_object(shapes) for shapes in objects.values()], f"remove {len(objects)} objects")
        assert edit is not None, "something is selected"
        return edit

    if chosen:
        found = {one.object_key: session.objects.of_shape(one) for one in chosen}
        slices = len({image_id for one in found.values() if one is not None for image_id in one.image_ids})
        planes = sum(one.planes for one in found.values() if one is not None)
        on = counted(slices, "slice") + (f" and {counted(planes, 'plane')}" if planes else "")
        keep_of_objects(session, made, lambda: f"Removed on {on}. Ctrl+Z brings it back.")


def _is_of_several(found: "ObjectAtHand | None") -> bool:
    return found is not None and found.is_of_several


def keep_of_objects(session: "Desk", made: "Callable[[Project], Edit]", words: Callable[[], str]) -> None:
    """Keep an edit that reads whole objects, on the writer's thread; say what it did, or why it did not."""
    project, shown = session.project, session.shown
    if project is None or shown is None:
        return

    def here() -> Edit:
        # What is seen of it is the slice that is shown: undo asks for no other.
        return session.entrance.prepare(replace(made(project), image_id=shown.image_id), shown)

    then = Then(
        kept=lambda: session.said.emit(words()), refused=lambda error: session.said.emit(str(error))
    )  # fmt: skip
    session.edits.make(here, then=then)


def _beside(session: "Desk", annotation: "Annotation") -> "Annotation | None":
    """The shape of the same label on the slice before or after that is meant: the only one, else the one that lies over
    this one most. Says why there is none."""
    shown, cell = session.shown, session.active_cell
    if shown is None or shown.series is None or cell is None or len(shown.series.frames) < 2:
        session.said.emit("What is shown has one image: select several shapes of it (Ctrl) to join them.")
        return None
    beside = {cell.index - 1, cell.index + 1}
    ids = [one for one, index in session.objects.places(shown.series).items() if index in beside]
    work, label = session.at_hand.work, annotation.label
    there = [one for image_id in ids for one in work.annotations(image_id) if one.label == label]
    others = [one for one in there if one.object_key != annotation.object_key]
    if not others:
        why = f"is one object with the {label} beside it already" if there else f"has no {label} on the slice beside it"
        session.said.emit(f"This {label} {why}.")
        return None
    best = max(others, key=lambda one: _shared_px(shown, annotation, one))
    if len({one.object_key for one in others}) > 1 and not _shared_px(shown, annotation, best):
        session.said.emit(f"Several {label} lie on the slices beside, none of them over this one: nothing was joined.")
        return None
    return best


def _shared_px(shown: "ShownImage", *shapes: "Annotation") -> float:
    """The area that the bounds of two shapes share, in pixels of the image."""
    rows, cols = shown.frame.stored.shape[:2]
    boxes = [box for one in shapes if (box := visible_box(one.shape, rows, cols)) is not None]
    if len(boxes) < len(shapes):
        return 0.0
    width = min(box.x1_px for box in boxes) - max(box.x0_px for box in boxes)
    height = min(box.y1_px for box in boxes) - max(box.y0_px for box in boxes)
    return max(0.0, width) * max(0.0, height)
