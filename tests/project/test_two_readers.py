"""Two people in two processes, each in their own reading and in that of all: no step overwrites what another has said.

What they did is read from the journal in the order of its steps, and done again on a plain dict (`walked_state`), which
fails wherever something else was there than a step says.
"""

from pathlib import Path

import pytest
from sqlalchemy import Connection, select, update

from tests.project.test_two_processes import AUTHORS, begin, did, url, writers
from tests.project.two_sessions import prediction_of
from tests.project.walked_state import OF_A_ROUND, State, apply, read_state, said_for_all
from tests.project.walking_process import DONE_AT_LEAST, MOVED_AT_LEAST
from tests.waiting import until
from viewer.core.edits import CaseStatusChange, Change, LabelChange
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.project import Project
from viewer.project.revisions import RevisionKind, Touched, raise_revision
from viewer.project.store.schema import case_images, images, journal, steps
from viewer.project.store.stored_edits import decode_edit
from viewer.project.taking_out import taking_out
from viewer.project.verify import verify

ACTS = 80
__all__ = ["url"]  # a fixture


def few_films(project: Project) -> None:
    """Two of one series, each with two proposals: they shall meet."""
    cases = project.cases.all()
    with project.database.writing() as connection:
        connection.execute(update(images).values(series_id="S"))
        raise_revision(connection, RevisionKind.IMAGES, Touched())
    project.history.do(taking_out(project, cases[2:]).edit)
    for case in cases[:2]:
        project.predictions.add(prediction_of(case.first_image_id))


def idle(state: State, change: Change, case_of: dict[str, str], *, undone: bool) -> bool:
    """Whether a change that came along with work had nothing to do, or work that is left keeps it."""
    if isinstance(change, CaseStatusChange) and change.by_work:
        there = state.get(("case", change.round_id, change.case_id), (CaseStatus.TO_DO.value, ""))[0]
        worked = any(
            # What lies on a plane through the series of all films keeps each of them begun.
            (key[0] == "shape" and (value[6] is not None or case_of[value[0]] == change.case_id))
            or (key[0] == "answer" and case_of[key[2]] == change.case_id)
            or (key[0] == "said" and key[2] == "image" and case_of[key[3]] == change.case_id)
            for key, value in state.items()
            if key[0] in OF_A_ROUND and key[1] == change.round_id
        )
        return there == change.after.value or (undone and worked)
    if isinstance(change, LabelChange) and change.by_work:
        label = change.after or change.before
        assert label is not None
        carried = any(
            (key[0] == "shape" and label.scope == "region" and value[1] == label.name)
            or (key[0] == "answer" and label.scope == "image" and key[3] == label.name)
            or key[:3] == ("attribute", label.scope, label.name)
            for key, value in state.items()
        )
        there = state.get(("label", label.scope, label.name))
        before = None if change.before is None else (change.before.position, change.before.tint)
        return there != before or (change.before is not None and carried)
    return False


def replayed(connection: Connection, state: State) -> State:
    """What the steps of the journal lead to, from a state on; each is of the reading that it was done in."""
    case_of = {row.image_id: row.case_id for row in connection.execute(select(case_images))}
    query = select(steps.c.action, journal).join(journal, journal.c.edit_id == steps.c.edit_id)
    for row in connection.execute(query.order_by(steps.c.step_id)):
        edit = decode_edit(row.version, row.text, row.image_id, row.changes, row.masks)
        undone = row.action == "undo"
        changes = (edit.inverse() if undone else edit).changes
        before = dict(state)
        waiting = [one for one in changes if isinstance(one, CaseStatusChange) and one.by_work and undone]
        for change in [*(one for one in changes if one not in waiting), *waiting]:
            if not idle(state, change, case_of, undone=undone):
                apply(state, change)
        changed = {key for key in {*before, *state} if before.get(key) != state.get(key)}
        if not said_for_all(edit):
            beside = [key for key in changed if key[0] in OF_A_ROUND and key[1] != row.round_id]
            assert not beside, f"{row.action} of “{row.text}” in {row.round_id} changed another reading: {beside}"
    return state


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.full)])
def test_two_processes_in_their_own_readings_and_in_one_overwrite_nothing_of_each_other(
    project: Project, folder: Path, url: str, seed: int
) -> None:
    with project.database.reading() as connection:
        began = read_state(connection)
    project.close()
    with Project.open(folder, writable=True, author="Eve", reader="shared") as eve:
        few_films(eve)

    script = ("-m", "tests.project.walking_process")
    with writers(folder, url, ACTS, script=script, seed=seed) as both:
        for writer in both:
            begin(writer)
        until(lambda: all(writer.poll() is not None for writer in both), "the end of both")
        outcomes = did(both[0]), did(both[1])

    with Project.open(folder, writable=False, reader="shared") as opened:
        names = {one.reader for one in opened.rounds.all()}
        with opened.database.reading() as connection:
            now = read_state(connection)
            rows = connection.execute(select(journal.c.author, journal.c.round_id, journal.c.state)).all()
            came = [key for key in replayed(connection, dict(began)).items() if now.get(key[0]) != key[1]]
    assert came == []
    assert names == {"", *AUTHORS}
    assert verify(folder).problems == []
    for author, outcome in zip(AUTHORS, outcomes, strict=True):
        assert outcome["do"] >= DONE_AT_LEAST and outcome["moved"] >= MOVED_AT_LEAST, "else it has shown nothing"
        assert len({row.round_id for row in rows if row.author == author and row.round_id}) == 1
