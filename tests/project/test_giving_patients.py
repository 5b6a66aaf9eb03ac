"""Patient ids by a rule on the name: what it gives, what it leaves, what it refuses, and the way back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.text.name_rule import name_of, name_pattern
from viewer.project import edit_builders as edits
from viewer.project import giving_patients
from viewer.project.giving_patients import plan_patients
from viewer.project.project import Project
from viewer.project.records import NewImage, Task
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot
from viewer.project.verify import verify


@pytest.mark.parametrize(
    ("pattern", "name", "patient"),
    [
        ("{patient}_{view}", "A17_PA", "A17"),
        ("{patient}_{view}", "A17_L_CC", "A17"),  # up to the first _
        ("{patient}_{view}", "A17", ""),
        ("{patient}", " 0042 ", "0042"),  # leading zeros stay
        ("img-{patient}-{n}", "img-7-1", "7"),
        ("img-{patient}-{n}", "pic-7-1", ""),
        ("{site}_{patient}.v{n}", "north_p_1.v2", "p_1"),
        ("{patient}x", "12x", "12"),
        ("{patient}x", "12y", ""),
        ("a{patient}a", "a", ""),  # the two letters are not the same one
        ("{patient}-v{n}v", "A17-v", ""),  # nor are these, behind the patient
        ("{patient}/{view}", "P3/front", "P3"),
    ],
)
def test_a_pattern_takes_the_part_that_is_called_patient(pattern: str, name: str, patient: str) -> None:
    assert name_pattern(pattern).patient(name) == patient


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("", "such as"),
        ("film", "must have"),
        ("{view}_{n}", "must have"),
        ("{patient}_{patient}", "once"),
        ("{patient}{view}", "touch"),
        ("{patient", "brace"),
    ],
)
def test_a_pattern_that_says_nothing_is_refused_in_words(pattern: str, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        name_pattern(pattern)


def test_a_name_is_the_files_without_its_ending_and_the_folders_that_are_asked_for() -> None:
    assert name_of(Path("/a/P1/front.v2.png"), 0) == "front.v2"
    assert name_of(Path("/a/P1/front.png"), 1) == "P1/front"
    assert name_of(Path("/a/brain.nii.gz"), 0) == "brain"


@pytest.fixture
def films(tmp_path: Path, new_image: Callable[..., NewImage]) -> Project:
    """Two films each of A1 and B2, one whose name tells nothing, and one of a DICOM header's patient."""
    project = Project.create(tmp_path / "films", author="Ada")
    names = ("A1_PA", "A1_LAT", "B2_PA", "B2_LAT", "scan")
    made = [new_image(n, path=Path(f"/f/{name}.png")) for n, name in enumerate(names)]
    header = new_image(9, "HDR", path=Path("/f/C3_PA.dcm"), sop_instance_uid="1.2.3")
    project.images.register([*made, header])
    return project


def patients(project: Project) -> list[str]:
    return [record.patient_id for record in project.images.all()]


def test_a_rule_gives_patients_as_one_edit_leaves_what_is_given_and_is_taken_back(films: Project) -> None:
    plan = plan_patients(films, pattern="{patient}_{view}")

    assert [(film.name, film.patient, film.kept) for film in plan.films] == [
        ("A1_PA", "A1", ""), ("A1_LAT", "A1", ""), ("B2_PA", "B2", ""), ("B2_LAT", "B2", ""), ("scan", "", ""),
        ("C3_PA", "C3", "HDR"),
    ]  # fmt: skip
    assert plan.sentence == (
        "4 images of 2 patients; 1 whose name the rule does not fit stay without; 1 keep the patient id that they have."
    )
    assert plan.edit is not None
    films.history.do(plan.edit)
    assert patients(films) == ["A1", "A1", "B2", "B2", "", "HDR"]
    assert [row.title for row in films.cases.all()][::5] == ["A1 · A1_PA.png", "HDR · C3_PA.dcm"]
    assert films.cases.all()[0].patient_id == "A1"
    assert verify(films.folder).ok

    films.history.undo()
    assert patients(films) == ["", "", "", "", "", "HDR"]
    assert films.cases.all()[0].title == "no patient id · A1_PA.png"
    assert verify(films.folder).ok


def test_an_id_of_a_dicom_header_is_replaced_only_when_it_is_asked_for_and_said(films: Project) -> None:
    plan = plan_patients(films, pattern="{patient}_{view}", replace_given=True)

    assert "1 patient id of DICOM headers would be replaced." in plan.sentence
    assert plan.edit is not None
    films.history.do(plan.edit)
    assert patients(films)[-1] == "C3"


@pytest.mark.parametrize(("letters", "is_taken"), [(64, True), (65, False)])  # PS3.5 6.2: LO has 64 at most
def test_a_patient_id_is_no_longer_than_an_attribute_can_hold(
    tmp_path: Path, new_image: Callable[..., NewImage], letters: int, *, is_taken: bool
) -> None:
    project = Project.create(tmp_path / "long", author="Ada")
    project.images.register([new_image(0, path=Path(f"/f/{'P' * letters}_PA.png"))])

    if is_taken:
        assert plan_patients(project, pattern="{patient}_{view}").films[0].patient == "P" * letters
    else:
        with pytest.raises(BadRequest, match="longer than 64 letters"):
            plan_patients(project, pattern="{patient}_{view}")


def test_a_patient_id_holds_no_control_character(tmp_path: Path, new_image: Callable[..., NewImage]) -> None:
    project = Project.create(tmp_path / "control", author="Ada")
    project.images.register([new_image(0, path=Path("/f/A\x1b[2J17_PA.png"))])

    with pytest.raises(BadRequest, match="control character"):
        plan_patients(project, pattern="{patient}_{view}")


def test_one_patient_for_all_and_one_for_each_are_questioned(films: Project) -> None:
    assert "All of them would be one patient" in plan_patients(films, expression="^.*(_).*$").sentence
    assert "Each would be a patient of its own" in plan_patients(films, pattern="{patient}").sentence


def test_an_expression_gives_its_group_and_one_that_takes_too_long_is_stopped(
    films: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_patients(films, expression=r"^(?:[A-Z])(?P<patient>\d+)_")
    assert [film.patient for film in plan.films] == ["1", "1", "2", "2", "", "3"]

    for expression, words in (("(", "cannot be used"), ("^A", "no group"), ("(zzz)", "fits none")):
        with pytest.raises(BadRequest, match=words):
            plan_patients(films, expression=expression)
    monkeypatch.setattr(giving_patients, "EXPRESSION_LIMIT_S", 2.0)
    slow = "(" + "(.|[^_]|\\w)*" * 12 + ")!!"
    with pytest.raises(BadRequest, match="was stopped"):
        plan_patients(films, expression=slow)


def test_a_snapshot_made_before_keeps_its_patients_and_one_made_after_splits_none(films: Project) -> None:
    box = Box(x0_px=1, y0_px=2, x1_px=11, y1_px=12)
    for record in films.images.all():
        films.history.do(edits.add_annotation(record.image_id, "nodule", box, author="Ada"))
        films.history.do(edits.set_status(films.cases.get(record.case_id), CaseStatus.COMPLETE))
    task = Task(name="nodules", kind="detection", labels=("nodule",))
    before = make_snapshot(films, task)
    known = {item.image_id: item.patient_id for item in before.items}
    plan = plan_patients(films, pattern="{patient}_{view}")
    assert plan.edit is not None

    films.history.do(plan.edit)

    again = Snapshot.load(films.folder, before.id)
    assert {item.image_id: item.patient_id for item in again.items} == known
    after = make_snapshot(films, Task(name="later", kind="detection", labels=("nodule",)))
    part = {item.patient_id: {other.part for other in after.items if other.patient_id == item.patient_id}
            for item in after.items}  # fmt: skip
    assert all(len(parts) == 1 for parts in part.values())
    assert {"A1", "B2"} <= {patient.rpartition("/")[2] for patient in part}
