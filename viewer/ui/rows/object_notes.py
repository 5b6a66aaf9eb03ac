"""The command row of what is said of an object: its state, a comment, the objects of other cases that are the same."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from viewer.core.edits import Edit
from viewer.core.errors import BadRequest
from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import EDITABLE
from viewer.ui.flows.relabelling import selected_annotations
from viewer.ui.rows.objects import SELECTED, WORK, keep_of_objects

if TYPE_CHECKING:
    from viewer.core.shapes.objects import ObjectNote
    from viewer.project.project import Project
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.main_window import MainWindow


def object_note_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """The row, made for one session and window."""

    def ask() -> None:
        from viewer.ui.dialogs.object_notes import ObjectNotesDialog

        session.edits.wait()
        found = next((one for shape in selected_annotations(session) if (one := session.objects.of_shape(shape))), None)
        if found is not None:
            ObjectNotesDialog(session, found, partial(_keep, session, found.key), window).exec()

    return (
        Command(
            id="annotate.object_notes", text="State, co&mment, same elsewhere…", menu="&Annotate/Object",
            group="object", workspaces=WORK, run=ask, needs=(*EDITABLE, SELECTED),
            full_text="State and comment of the object, and the same in other cases…",
            help="Whether it is in question or settled, a comment on it, and which object of the patient's other cases "
            "is the same.",
            words="lesion link follow-up earlier study note remark",
        ),
    )  # fmt: skip


def _keep(session: "Desk", key: str, note: "ObjectNote", same: Sequence[str]) -> None:
    """Keep what the dialog says, in one gesture."""

    def made(project: "Project") -> Edit:
        from viewer.project.history import now_iso
        from viewer.project.objects.edits import link, say_of_object, unlink
        from viewer.project.objects.listing import object_row
        from viewer.project.objects.reading import shapes_of

        row, shapes = object_row(project, key), shapes_of(project, key)
        there = {one.key: one.link for one in row.linked}
        edits = [] if note == row.note else [say_of_object(shapes, row.note, note)]
        new = [other for other in same if other not in there]
        edits += [link(shapes, shapes_of(project, one), author=project.author, time=now_iso()) for one in new]
        edits += [unlink(shapes, one) for other, one in there.items() if other not in same]
        if not edits:
            raise BadRequest(f"Nothing else is said of the {row.label} than before.")
        return Edit(text=edits[0].text, changes=tuple(change for edit in edits for change in edit.changes))

    keep_of_objects(session, made, lambda: "It is kept with the object. Ctrl+Z takes it back.")
