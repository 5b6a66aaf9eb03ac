"""Each gesture raises the project's revision, and tells what it touched."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from viewer.core.edits import CaseStatusChange, Edit, ImageLabelChange, ImagesChange, LabelChange, PatientChange
from viewer.core.errors import BadProject, BadRequest, NotWritable
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import CaseStatus, Measurement, Prediction, Proposal
from viewer.core.shapes.kinds.box import Box
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.records import NewImage, Task
from viewer.project.revisions import RevisionKind, Touched
from viewer.project.verify import verify

ON_FILES = {
    "test_verify_finds_revisions_with_a_hole": "changes the file behind the program",
    "test_a_project_without_its_count_says_so": "changes the file behind the program",
}

BOX = Box(x0_px=1, y0_px=2, x1_px=3, y1_px=4)


def draw(project: Project, image_id: str, label: str = "nodule") -> None:
    project.history.do(edits.add_annotation(image_id, label, BOX, author="Ada"))


def answer(image_id: str, name: str = "a") -> Prediction:
    proposal = Proposal(
        proposal_id=f"{name}-0", prediction_id=name, image_id=image_id, label="nodule", score=0.9, shape=BOX
    )
    return Prediction(
        prediction_id=name,
        image_id=image_id,
        model_hash="ab" * 32,
        model_name="m",
        kind="detection",
        created="2026-11-29T00:00:00.000+00:00",
        threshold=0.5,
        proposals=(proposal,),
    )


def touched_by(project: Project, act: Callable[[], object]) -> tuple[RevisionKind, Touched]:
    """The one revision that an act raised."""
    before = project.revision()
    act()
    (one,) = project.changes_since(before)
    assert one.revision == before + 1 == project.revision()
    assert (one.step_id is not None) == (one.kind in ("do", "undo", "redo"))
    return one.kind, one.touched


def test_a_new_project_has_been_changed_by_nothing(folder: Path) -> None:
    with Project.create(folder) as project:
        assert project.revision() == 0
        assert project.changes_since(0) == ()


def test_a_shape_touches_its_image_and_the_label_it_brings(project: Project, image_id: str) -> None:
    here = (image_id,)

    assert touched_by(project, lambda: draw(project, image_id)) == (
        RevisionKind.DO,
        Touched(image_ids=here, labels=True),
    )
    assert touched_by(project, lambda: draw(project, image_id)) == (RevisionKind.DO, Touched(image_ids=here))
    assert touched_by(project, project.history.undo) == (RevisionKind.UNDO, Touched(image_ids=here))
    assert touched_by(project, project.history.redo) == (RevisionKind.REDO, Touched(image_ids=here))


def test_what_changes_nothing_raises_nothing(
    project: Project, image_id: str, new_image: Callable[..., NewImage]
) -> None:
    draw(project, image_id)
    before = project.revision()

    assert project.history.redo() is None
    project.images.register([new_image(0, "P000")])
    project.images.note([new_image(0, "P000")])
    stale = ImageLabelChange(image_id=image_id, label="A", before=Verdict.YES, after=Verdict.NO)
    with pytest.raises(BadRequest):
        project.history.do(Edit(text="say", changes=(stale,)))

    assert project.revision() == before


def test_each_change_names_its_images_and_cases(project: Project) -> None:
    films = project.images.all()
    one, case_id = films[0].image_id, films[0].case_id
    length = Measurement(measurement_id="1" * 32, image_id=one, kind="length", points_px=((1.0, 1.0), (2.0, 2.0)))
    status = CaseStatusChange(case_id=case_id, before=CaseStatus.TO_DO, after=CaseStatus.IN_PROGRESS)
    whose = PatientChange(image_id=one, before="P000", after="Q")
    out = ImagesChange(image_ids=(films[1].image_id,), before=True, after=False)

    for change, touched in (
        (edits.add_measurement(length).changes[0], Touched(image_ids=(one,))),
        (status, Touched(case_ids=(case_id,))),
        (whose, Touched(image_ids=(one,), case_ids=(case_id,))),
        (out, Touched(image_ids=(films[1].image_id,), case_ids=(films[1].case_id,))),
        (LabelChange(before=None, after=Label(name="A", scope="region", position=0)), Touched(labels=True)),
    ):
        edit = Edit(text="change", changes=(change,))
        assert touched_by(project, lambda edit=edit: project.history.do(edit)) == (RevisionKind.DO, touched)


def test_a_new_name_of_a_label_touches_what_carries_it_and_the_tasks_that_ask_for_it(project: Project) -> None:
    films = project.images.all()
    for film in films[:2]:
        draw(project, film.image_id)
    draw(project, films[2].image_id, "other")
    label = next(one for one in project.labels if one.name == "nodule")
    carrying = tuple(film.image_id for film in films[:2])

    _, touched = touched_by(project, lambda: project.history.do(edits.rename_label(label, "lesion")))
    assert (set(touched.image_ids), touched.labels, touched.tasks) == (set(carrying), True, False)
    put = lambda: project.tasks.put(Task(name="find", kind="detection", labels=("lesion",)))  # noqa: E731
    assert touched_by(project, put) == (RevisionKind.TASK, Touched(tasks=True))
    _, touched = touched_by(project, project.history.undo)
    assert (set(touched.image_ids), touched.labels, touched.tasks) == (set(carrying), True, True)


def test_a_models_answer_and_what_is_decided_touch_its_image(project: Project, image_id: str) -> None:
    said = answer(image_id)

    assert touched_by(project, lambda: project.predictions.add(said)) == (
        RevisionKind.PREDICTION,
        Touched(image_ids=(image_id,)),
    )
    reject = edits.reject(said.proposals[0])
    assert touched_by(project, lambda: project.history.do(reject))[1] == Touched(image_ids=(image_id,))
    for remember in (project.predictions.remember_rule, project.predictions.remember_seen):
        known = replace(said, labels=("nodule",), seen="trained on")
        assert touched_by(project, lambda remember=remember, known=known: remember(known)) == (
            RevisionKind.PREDICTION,
            Touched(image_ids=(image_id,)),
        )
        before = project.revision()
        remember(known)  # which is known by now
        assert project.revision() == before


def test_images_that_enter_are_one_revision(project: Project, new_image: Callable[..., NewImage]) -> None:
    fresh = [new_image(100), new_image(101)]

    kind, touched = touched_by(project, lambda: project.images.register(fresh))

    assert kind is RevisionKind.IMAGES
    assert set(touched.image_ids) == {image.image_id for image in fresh}
    assert set(touched.case_ids) == {project.images.get(image.image_id).case_id for image in fresh}
    elsewhere = [new_image(100, path=Path("/elsewhere/100.png"))]
    assert touched_by(project, lambda: project.images.register(elsewhere))[1].image_ids == (fresh[0].image_id,)


def test_a_refused_gesture_leaves_no_hole(project: Project, image_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from viewer.project import history

    before = project.revision()
    raised = history.raise_revision

    def then_fail(*words: object, **facts: object) -> int:
        raised(*words, **facts)
        raise NotWritable("no room")

    monkeypatch.setattr(history, "raise_revision", then_fail)
    with pytest.raises(NotWritable):
        draw(project, image_id)
    monkeypatch.undo()

    draw(project, image_id)
    assert [one.revision for one in project.changes_since(before)] == [before + 1]


def test_another_reader_is_told_each_change_once(folder: Path, project: Project, image_id: str) -> None:
    seen = []
    with Project.open(folder, writable=False) as reader:
        at = reader.revision()
        for _ in range(3):
            draw(project, image_id)
            news = reader.changes_since(at)
            at = news[-1].revision
            seen += [one.revision for one in news]
            assert reader.changes_since(at) == ()
    assert seen == list(range(at - 2, at + 1))


def test_a_reader_that_is_further_than_the_project_is_told_so(project: Project) -> None:
    with pytest.raises(BadRequest, match="earlier state of it was put back"):
        project.changes_since(project.revision() + 1)


@pytest.mark.parametrize(
    "harm", ["UPDATE revision_counter SET revision = 1", "DELETE FROM revisions WHERE revision = 2"]
)
def test_verify_finds_revisions_with_a_hole(folder: Path, project: Project, image_id: str, harm: str) -> None:
    import sqlite3
    from contextlib import closing

    for _ in range(2):
        draw(project, image_id)
    project.close()
    assert verify(folder).problems == []
    with closing(sqlite3.connect(folder / "project.db")) as connection, connection:
        connection.execute(harm)

    assert any("revisions" in problem for problem in verify(folder).problems)


def test_a_project_without_its_count_says_so(folder: Path, project: Project, image_id: str) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(folder / "project.db")) as connection, connection:
        connection.execute("DELETE FROM revision_counter")

    for ask in (project.revision, lambda: draw(project, image_id), lambda: project.changes_since(0)):
        with pytest.raises(BadProject, match="count of its revisions"):
            ask()
    assert project.work.annotations(image_id) == ()
