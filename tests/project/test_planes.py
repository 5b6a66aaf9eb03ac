"""What is measured on planes through volumes: kept, undone, verified, told to windows, and gone with its series."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.project.acts_of_two import plane_at
from tests.project.conftest import made_up_image
from viewer.core.edits import CaseStatusChange
from viewer.core.errors import BadRequest, NotFound
from viewer.core.geometry import ImagePlane
from viewer.core.shapes.anchors import PlaneAnchor
from viewer.core.shapes.annotations import CaseStatus, Measurement
from viewer.project import edit_builders as edits
from viewer.project.at_hand.reading import read_changes, read_whole
from viewer.project.at_hand.values import AtHand
from viewer.project.lists.on_planes import on_planes_of
from viewer.project.project import Project
from viewer.project.register import copy_work
from viewer.project.revisions import RevisionKind, Touched, raise_revision
from viewer.project.store.schema import anchors, measurements
from viewer.project.taking_out import taking_out
from viewer.project.verify import verify

PLANE = plane_at(12.5)  # through the series S, in the frame of reference 1.2.3
Named = dict[str, str]


def line(plane: PlaneAnchor = PLANE, name: str = "m") -> Measurement:
    return Measurement(
        measurement_id=name, image_id="", kind="length", points_px=((30.0, 40.0), (60.0, 80.0)), plane=plane,
        author="Ada",
    )  # fmt: skip


@pytest.fixture
def of(project: Project) -> Named:
    """Image ids of a study with the series S (two slices) and T, and of another with U; each film is a case."""
    facts = {"s0": ("S", "1.1"), "s1": ("S", "1.1"), "t": ("T", "1.1"), "u": ("U", "1.2")}
    found = {}
    for number, (name, (series, study)) in enumerate(facts.items()):
        tags = {"FrameOfReferenceUID": "1.2.3"}
        new = made_up_image(60 + number, "P60", series_id=series, study_uid=study, tags=tags)
        (found[name],) = project.images.register([new])
    return found


def case_of(project: Project, image_id: str) -> str:
    return project.images.get(image_id).case_id


def test_it_is_kept_changed_removed_undone_and_redone(project: Project, of: Named, folder: Path) -> None:
    project.history.do(edits.add_measurement(line()))
    assert on_planes_of(project) == [line()]
    assert line().points_mm == ((-70.0, -40.0, 12.5), (-40.0, 0.0, 12.5))  # 30, 40 and 60, 80 from (-100, -80, 12.5)
    moved = replace(line(), points_px=((30.0, 40.0), (60.0, 90.0)))
    project.history.do(edits.change_measurement(line(), moved.points_px))
    assert on_planes_of(project) == [moved] and project.history.undo_text == "move length"
    project.history.do(edits.remove_measurement(moved))
    assert on_planes_of(project) == []
    for there in ([moved], [line()], []):
        project.history.undo()
        assert on_planes_of(project) == there
    for there in ([line()], [moved], []):
        project.history.redo()
        assert on_planes_of(project) == there
    assert verify(folder).problems == []


def test_it_survives_a_restart_and_its_image_shows_nothing_of_it(project: Project, of: Named, folder: Path) -> None:
    project.history.do(edits.add_measurement(line()))
    author = project.author
    project.close()
    with Project.open(folder, writable=True, author=author) as again:
        assert on_planes_of(again) == [line()]
        assert all(again.work.measurements(one) == () for one in of.values())
        again.history.undo()
        assert on_planes_of(again) == []


def test_two_things_on_one_plane_share_its_row(project: Project, of: Named, folder: Path) -> None:
    for one in (line(), line(name="n"), line(plane_at(20.0), "o")):
        project.history.do(edits.add_measurement(one))
    with project.database.reading() as connection:
        rows = {row.anchor_id for row in connection.execute(select(anchors))}
    assert rows == {PLANE.anchor_id, plane_at(20.0).anchor_id}
    assert [one.measurement_id for one in on_planes_of(project)] == ["m", "n", "o"]


@pytest.mark.parametrize(
    ("plane", "error", "words"),
    [
        (replace(PLANE, series_id="X"), NotFound, "The series of this plane is not part of this project"),
        (
            replace(PLANE, frame_of_reference_uid="1.2.99"), BadRequest,
            r"0060\.png lies in the frame of reference 1\.2\.3, and this plane in 1\.2\.99",
        ),
    ],
)  # fmt: skip
def test_a_plane_elsewhere_is_refused(
    project: Project, of: Named, plane: PlaneAnchor, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        project.history.do(edits.add_measurement(line(plane)))
    with project.database.reading() as connection:
        assert connection.execute(select(anchors)).all() == []


def test_a_refusal_names_the_plane_and_who_came_between(project: Project, of: Named, folder: Path) -> None:
    project.history.do(edits.add_measurement(line()))
    late = edits.change_measurement(line(), ((0.0, 0.0), (1.0, 1.0)))
    project.close()
    with Project.open(folder, writable=True, author="Ben") as ben:
        ben.history.do(edits.remove_measurement(line()))
    with (
        Project.open(folder, writable=True, author="Ada") as again,
        pytest.raises(BadRequest, match=r"\(length\) on a plane through 0060\.png has been removed since by Ben"),
    ):
        again.history.do(late)


def test_a_change_is_told_to_every_case_of_its_study_and_to_no_other(project: Project, of: Named) -> None:
    revision = project.revision()
    project.history.do(edits.add_measurement(line()))
    (told,) = project.changes_since(revision)
    assert set(told.touched.case_ids) == {case_of(project, of[one]) for one in ("s0", "s1", "t")}
    assert told.touched.image_ids == ()


def test_what_a_plane_shows_is_at_hand_and_follows(project: Project, of: Named) -> None:
    cases = {name: case_of(project, image_id) for name, image_id in of.items()}
    bob = project.in_reading("Bob")
    bob.history.do(edits.add_measurement(line(name="b")))
    bob.close()
    seen = AtHand().taking(read_whole(project, case_ids=list(cases.values())))
    project.history.do(edits.add_measurement(line()))
    fresh = read_changes(project, seen)
    assert fresh is not None
    seen = seen.taking(fresh)

    def shown(name: str, place: ImagePlane) -> list[str]:
        case = seen.cases.at_hand(cases[name])
        assert case is not None
        return [one.measurement_id for one in case.shown_on(place)]

    assert [shown(name, PLANE.place) for name in ("s0", "t", "u")] == [["m"], ["m"], []]
    assert shown("t", plane_at(12.55).place) == ["m"] and shown("t", plane_at(13.0).place) == []
    project.history.undo()
    fresh = read_changes(project, seen)
    assert fresh is not None
    seen = seen.taking(fresh)
    assert shown("s0", PLANE.place) == []


def test_it_goes_with_the_last_image_of_its_series_and_comes_back(project: Project, of: Named, folder: Path) -> None:
    project.history.do(edits.add_measurement(line()))
    plans: list[Callable[[], object]] = []
    for name, gone in (("s0", 0), ("s1", 1)):
        plan = taking_out(project, [project.cases.get(case_of(project, of[name]))])
        assert plan.work["measurement"] == gone
        project.history.do(plan.edit)
        plans.append(project.history.undo)
        assert len(on_planes_of(project)) == 1 - gone
    assert verify(folder).problems == []
    for undo in reversed(plans):
        undo()
        assert on_planes_of(project) == [line()]
    assert verify(folder).problems == []


def test_the_last_image_leaves_with_nothing_on_its_planes(project: Project, of: Named) -> None:
    """Thought of before it was drawn, the edit would leave it on a series that is gone."""
    thought = taking_out(project, [project.cases.get(case_of(project, of[one])) for one in ("s0", "s1")]).edit
    project.history.do(edits.add_measurement(line()))
    with pytest.raises(BadRequest, match="has been worked on since"):
        project.history.do(thought)
    assert on_planes_of(project) == [line()]


def test_undoing_that_its_images_were_added_leaves_them(project: Project, of: Named, folder: Path) -> None:
    new = made_up_image(70, "P70", series_id="V", study_uid="1.7", tags={"FrameOfReferenceUID": "1.2.3"})
    (fresh,) = project.images.note([new])
    project.history.do(edits.add_images([fresh]))
    author = project.author
    project.close()
    with Project.open(folder, writable=True, author="Ben") as ben:
        ben.history.do(edits.add_measurement(line(replace(PLANE, series_id="V"))))
    with Project.open(folder, writable=True, author=author) as again:
        again.history.undo()
        assert again.images.get(fresh).case_id
        assert len(on_planes_of(again)) == 1
    assert verify(folder).problems == []


def test_what_was_measured_while_no_project_was_open_comes_over_once(project: Project, of: Named, folder: Path) -> None:
    project.history.do(edits.add_measurement(line()))
    facts = {"series_id": "S", "study_uid": "1.1", "tags": {"FrameOfReferenceUID": "1.2.3"}}
    with Project.create(folder.parent / "other", author="Ada") as other:
        ids = other.images.register([made_up_image(60, "P60", **facts)])
        for copied in (1, 0):
            assert copy_work(project, other, ids) == copied
            assert on_planes_of(other) == [line()]
        assert verify(other.folder).problems == []


def test_it_begins_no_case(project: Project, of: Named) -> None:
    case = project.cases.get(case_of(project, of["s0"]))
    begun = CaseStatusChange(case_id=case.case_id, before=CaseStatus.TO_DO, after=CaseStatus.IN_PROGRESS, by_work=True)
    edit = edits.add_measurement(line())
    project.history.do(replace(edit, changes=(*edit.changes, begun)))
    project.history.undo()
    assert project.cases.get(case.case_id).status is CaseStatus.TO_DO


def test_a_first_reading_of_a_case_beside_it_does_not_hold_it(project: Project, of: Named) -> None:
    first = project.in_reading("Ada, first")
    for name in ("s0", "t"):
        first.history.do(edits.set_status(first.cases.get(case_of(first, of[name])), CaseStatus.COMPLETE))
    first.reveal(case_of(first, of["t"]))
    first.history.do(edits.add_measurement(line()))  # through S, which no AI was shown of
    first.reveal(case_of(first, of["s0"]))
    with pytest.raises(BadRequest, match="AI was shown of"):
        first.history.do(edits.remove_measurement(on_planes_of(first)[0]))
    first.close()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"plane": "[[0,0,0],[1,0,0],[0,1,0]]"}, "has an id that what it says does not give"),
        ({"plane": "[[0,0,0],[1,0,0]]"}, "The measurement m "),
        ({"series_id": "T"}, "has an id that what it says does not give"),
    ],
)
def test_verify_names_a_plane_that_was_changed(
    project: Project, of: Named, folder: Path, values: dict[str, str], words: str
) -> None:
    project.history.do(edits.add_measurement(line()))
    with project.database.writing() as connection:
        connection.execute(update(anchors).values(**values))
        raise_revision(connection, RevisionKind.DO, Touched())
    assert any(words in one for one in verify(folder).problems), verify(folder).problems


def test_verify_names_one_that_lies_on_another_plane_than_its_edit_says(
    project: Project, of: Named, folder: Path
) -> None:
    for one in (line(), line(plane_at(20.0), "n")):
        project.history.do(edits.add_measurement(one))
    with project.database.writing() as connection:
        connection.execute(update(measurements).values(anchor_id=PLANE.anchor_id))
        raise_revision(connection, RevisionKind.DO, Touched())
    assert any(one.startswith("measurements: n") for one in verify(folder).problems)
