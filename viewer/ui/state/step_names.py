"""What a gesture of the journal is about, where that is not what is on the screen: its film, or its case."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.project.at_hand.values import Step
    from viewer.project.records import JournalEntry
    from viewer.ui.state.session import Session
    from viewer.ui.state.shown import ShownImage


def step_about(session: "Session", step: "Step") -> str:
    """Of what undo or redo would do."""
    return _about(session, step, step.cases)


def entry_about(session: "Session", entry: "JournalEntry") -> str:
    """Of a row of the journal."""
    return _about(session, entry, (entry.case_id,) if entry.is_of_case and entry.case_id else ())


def step_name(session: "Session", step: "Step") -> str:
    """What is done, and to what."""
    about = step_about(session, step)
    if not about:
        return step.text
    return f"{step.text}: {about}" if step.cases else f"{step.text} on {about}"


def is_on_screen(session: "Session", step: "Step") -> bool:
    """A case that is completed or opened again is seen at any of its images."""
    return _is_on_screen(session, step.image_id, step.cases)


def _about(session: "Session", what: "Step | JournalEntry", cases: tuple[str, ...]) -> str:
    """ "" where it is on the screen, or of no image."""
    if len(cases) > 1:
        return f"{len(cases)} cases"
    if not what.film or _is_on_screen(session, what.image_id, cases):
        return ""
    if cases:
        row = session.at_hand.cases.rows.get(cases[0])
        return "another case" if session.names_hidden else what.film if row is None else row.title
    if what.case_id in _cases_on_screen(session):
        return "another image of this case"
    return "another film" if session.names_hidden else what.film


def _is_on_screen(session: "Session", image_id: str | None, cases: tuple[str, ...]) -> bool:
    if any(one.image_id == image_id for one in _on_screen(session)):
        return True
    return not _cases_on_screen(session).isdisjoint(cases)


def _on_screen(session: "Session") -> "list[ShownImage]":
    if session.covered:
        return []
    return [cell.shown for cell in session.cells if cell.shown is not None and not cell.isHidden()]


def _cases_on_screen(session: "Session") -> set[str]:
    found = (session.at_hand.images.find(one.image_id) for one in _on_screen(session))
    return {record.case_id for record in found if record is not None}
