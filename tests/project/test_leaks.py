"""The leak audit: what stands in two parts of a snapshot is found, and nothing that a person would call two."""

from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from tests.project.alike_films import DONE, cropped, film, write_dicom, write_png
from viewer.core.edits import CaseStatusChange, Edit, ImageLabelChange
from viewer.core.errors import BadProject
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.leaks.audit import audit_of, make_audit
from viewer.project.leaks.document import LEAKS_NAME, Audit, Leak, read_audit
from viewer.project.leaks.joining import plan_joining
from viewer.project.leaks.kept_looks import LOOKS_NAME
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.register import add_to_project
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot
from viewer.project.snapshots.split import SplitFile
from viewer.reading.scan import scan

ON_FILES = "the audit reads images and writes beside the snapshot, whatever database the project lies in"
TASK = Task(name="t", kind="classification", labels=("A",), exclusive=False)


def frozen(project: Project, films: Path, parts: dict[str, str] | None = None) -> Snapshot:
    """A snapshot of every image in a folder. parts: by file name; the rest is train."""
    add_to_project(project, scan([films]))
    records = project.images.all()
    changes = [
        change
        for record in records
        for change in (
            ImageLabelChange(image_id=record.image_id, label="A", before=None, after=Verdict.YES),
            CaseStatusChange(case_id=record.case_id, before=CaseStatus.TO_DO, after=CaseStatus.COMPLETE),
        )
    ]
    project.history.do(Edit(text="say", changes=tuple(dict.fromkeys(changes))))
    table = project.folder / "split.csv"
    rows = [f"{record.image_id},{(parts or {}).get(record.path.name, 'train')}" for record in records]
    table.write_text("image_id,part\n" + "\n".join(rows) + "\n")
    return make_snapshot(project, TASK, split_file=SplitFile(path=table))


@pytest.fixture
def bare(tmp_path: Path):
    with Project.create(tmp_path / "bare", author="Ada") as opened:
        yield opened


def files_of(leak: Leak) -> set[str]:
    return {side.file for side in leak.sides}


def of_kind(audit: Audit, kind: str) -> list[Leak]:
    return [leak for leak in audit.found if leak.kind == kind]


def test_every_planted_copy_is_found_and_no_two_films_of_others_are_a_pair(bare: Project, tmp_path: Path) -> None:
    films = tmp_path / "films"
    for number in range(60):
        write_png(films / f"film{number:02}.png", film(number))
        if number % 6 == 0:  # the same person on another day is the same person, and another film
            write_png(films / f"later{number:02}.png", film(number, later=1))
    planted = {}
    for number, (what, done) in enumerate(DONE.items()):
        planted[f"copy{number:02}.png"] = f"film{number:02}.png", what
        write_png(films / f"copy{number:02}.png", done(film(number)))
    # In another depth and kind of file, in the window that the file names.
    write_dicom(films / "film40.dcm", film(40), patient="X", WindowCenter="2048", WindowWidth="4096")
    planted["film40.dcm"] = "film40.png", "a DICOM file of 12 bits"

    audit = make_audit(bare, frozen(bare, films, dict.fromkeys(planted, "test")))

    found = {frozenset(files_of(leak)): leak for leak in of_kind(audit, "near")}
    missed = [what for copy, (original, what) in planted.items() if frozenset((copy, original)) not in found]
    others = [set(pair) for pair in found if not pair & planted.keys()]
    assert (missed, others) == ([], [])
    assert len(found) == len(planted) and all(leak.crosses for leak in found.values())
    turned = {planted[copy][1]: found[frozenset((copy, original))].turned for copy, (original, _) in planted.items()}
    assert {what: word for what, word in turned.items() if word} == {"negative": "negative", "mirrored": "mirrored"}
    assert audit.sentences == (
        f"Leak audit: {len(planted)} near duplicates in more than one part, so figures may be too good.",
    )


def test_the_audit_is_kept_beside_the_snapshot_whose_id_stays(bare: Project, tmp_path: Path) -> None:
    write_png(tmp_path / "films" / "one.png", film(1))
    write_png(tmp_path / "films" / "two.png", cropped(film(1), 0.02))
    snapshot = frozen(bare, tmp_path / "films", {"two.png": "test"})
    assert read_audit(snapshot.folder) is None

    audit = audit_of(bare, snapshot)

    assert read_audit(snapshot.folder) == audit and Snapshot.load(bare.folder).id == snapshot.id
    for path in (tmp_path / "films").iterdir():
        path.unlink()
    assert audit_of(bare, snapshot) == audit, "read back, not made anew"
    again = make_audit(bare, snapshot)
    assert again.found == audit.found and not again.unread, "by the looks that were kept"
    (bare.folder / "cache" / LOOKS_NAME).write_bytes(b"nothing")
    assert len(make_audit(bare, snapshot).unread) == 2
    (snapshot.folder / LEAKS_NAME).write_text("{}")
    with pytest.raises(BadProject, match=r"leaks\.json lacks snapshot; make it anew by `negatoscope leaks`"):
        audit_of(bare, snapshot)


def test_what_cannot_be_read_is_counted_and_costs_itself(bare: Project, tmp_path: Path) -> None:
    for number in range(3):
        write_png(tmp_path / "films" / f"{number}.png", film(number))
    snapshot = frozen(bare, tmp_path / "films")
    (tmp_path / "films" / "1.png").write_bytes(b"no picture")

    audit = make_audit(bare, snapshot)

    assert [file for file, _ in audit.unread] == ["1.png"] and audit.images == 3
    assert "1 image could not be looked at (the first is 1.png), and may be anything." in audit.sentences
    assert audit.doubts and not audit.found


def test_the_same_pixels_and_the_same_sop_instance_under_two_ids(bare: Project, tmp_path: Path) -> None:
    films = tmp_path / "films"
    one = write_dicom(films / "one.dcm", film(1), patient="A")
    uid = dcmread(one).SOPInstanceUID
    write_dicom(films / "same pixels.dcm", film(1), patient="B")
    write_dicom(films / "same uid.dcm", film(2), patient="C", SOPInstanceUID=uid)
    # Empty pictures are alike and nobody's own.
    write_dicom(films / "empty1.dcm", np.zeros((40, 40), np.float32), patient="D")
    write_dicom(films / "empty2.dcm", np.zeros((40, 40), np.float32), patient="E")
    tested = dict.fromkeys(("same pixels.dcm", "same uid.dcm", "empty2.dcm"), "test")

    audit = make_audit(bare, frozen(bare, films, tested))

    assert [files_of(leak) for leak in of_kind(audit, "pixels")] == [{"one.dcm", "same pixels.dcm"}]
    assert [files_of(leak) for leak in of_kind(audit, "sop")] == [{"one.dcm", "same uid.dcm"}]
    assert not of_kind(audit, "near") and all(leak.crosses for leak in audit.found)
    assert audit.sentences[0] == (
        "Leak audit: 1 SOP instance and 1 picture with the same pixels in more than one part, so figures may be too "
        "good."
    )


def test_a_study_of_two_patient_ids_in_two_parts(bare: Project, tmp_path: Path) -> None:
    films = tmp_path / "films"
    same = {"StudyInstanceUID": "1.2.3", "SeriesInstanceUID": "1.2.3.4"}
    write_dicom(films / "one.dcm", film(1), patient="A", **same)
    write_dicom(films / "two.dcm", film(2), patient="B", **same)

    audit = make_audit(bare, frozen(bare, films, {"two.dcm": "test"}))

    assert files_of(*of_kind(audit, "study")) == {"one.dcm", "two.dcm"}
    assert not of_kind(audit, "patient")


def test_slices_of_one_series_are_no_pairs_and_those_of_a_copy_are(bare: Project, tmp_path: Path) -> None:
    films = tmp_path / "films"
    slices = [0.97 * film(1) + 0.03 * film(100 + number) for number in range(6)]
    for patient in ("A", "B"):
        facts = {"StudyInstanceUID": f"1.2.{ord(patient)}", "SeriesInstanceUID": f"1.2.{ord(patient)}.1"}
        for number, grey in enumerate(slices):
            write_dicom(
                films / f"{patient}{number}.dcm",
                grey if patient == "A" else 0.9 * grey,
                patient=patient,
                InstanceNumber=str(number),
                **facts,
            )
    tested = {f"B{number}.dcm": "test" for number in range(6)}

    audit = make_audit(bare, frozen(bare, films, tested))

    assert {frozenset(files_of(leak)) for leak in of_kind(audit, "near")} == {
        frozenset((f"A{number}.dcm", f"B{number}.dcm")) for number in range(6)
    }


def test_one_person_under_two_ids_is_told_by_the_ids_and_never_by_the_name(bare: Project, tmp_path: Path) -> None:
    films = tmp_path / "films"
    people = {
        "A1": ("Mueller^Änne^^Dr.", "19480312", "F"),
        "B7": ("MUELLER ANNE", "19480312", ""),
        "C3": ("Mueller^Änne", "19510101", "F"),  # of another birth date
        "D4": ("Yamada^Tarou=山田^太郎", "19600505", "M"),
        "E5": ("=山田^太郎", "19600505", "M"),
        "F6": ("Yamada^Tarou", "19600505", "F"),  # of another sex
    }
    for number, (patient, (name, born, sex)) in enumerate(people.items()):
        facts = {"PatientName": name, "PatientBirthDate": born, "PatientSex": sex}
        write_dicom(films / f"{patient}.dcm", film(number), patient=patient, **facts)
    # What stands for a name is none, known or not; nor does a date that stands for none make a person.
    for number in range(5):
        facts = {"PatientName": "Zqx^Research", "PatientBirthDate": "19400101"}
        write_dicom(films / f"Z{number}.dcm", film(20 + number), patient=f"Z{number}", **facts)
    for number, (name, born) in enumerate(
        (
            ("ANONYMOUS", "19480312"),
            ("anonym77^brain", "19480312"),
            ("", "19480312"),
            ("Smith^Jo", ""),
            ("Smith^Jo", "19000101"),
        )
    ):
        for twin in "ab":
            facts = {"PatientName": name, "PatientBirthDate": born}
            write_dicom(
                films / f"N{number}{twin}.dcm",
                film(40 + 2 * number + (twin == "b")),
                patient=f"N{number}{twin}",
                **facts,
            )
    tested = dict.fromkeys(("B7.dcm", "E5.dcm"), "test")

    audit = make_audit(bare, frozen(bare, films, tested))

    assert [leak.patients for leak in of_kind(audit, "person")] == [("A1", "B7"), ("D4", "E5")]
    assert audit.placeholders == 1
    assert audit.sentences == (
        "Leak audit: 2 persons under two ids in more than one part, so figures may be too good.",
        "1 name stood with too many patients to be a person's: taken for none.",
    )
    written = "".join(path.read_text() for path in bare.folder.rglob("*.json"))
    assert "A1" in written and not any(word in written.casefold() for word in ("mueller", "änne", "yamada", "山田"))


def test_patients_who_are_one_are_joined_by_one_edit_that_can_be_undone(bare: Project, tmp_path: Path) -> None:
    films = tmp_path / "films"
    write_dicom(films / "one.dcm", film(1), patient="B")
    write_dicom(films / "copy.dcm", DONE["half the size"](film(1)), patient="A")
    write_dicom(films / "other film of B.dcm", film(2), patient="B")
    write_dicom(films / "somebody else.dcm", film(3), patient="C")
    snapshot = frozen(bare, films, {"copy.dcm": "test"})

    plan = plan_joining(bare, make_audit(bare, snapshot))
    assert plan.edit is not None
    bare.history.do(plan.edit)

    patients = {record.path.name: record.patient_id for record in bare.images.all()}
    assert patients == dict.fromkeys(("one.dcm", "copy.dcm", "other film of B.dcm"), "A") | {"somebody else.dcm": "C"}
    assert (
        plan.sentence
        == "Made 1 patient of several (2 images with another id). Make a new snapshot: this one stays as it is."
    )
    later = make_snapshot(bare, TASK, split=(0.5, 0.0, 0.5))
    assert not make_audit(bare, later).crossing
    bare.history.undo()
    assert {record.patient_id for record in bare.images.all()} == {"A", "B", "C"}


def test_an_audit_tells_how_far_it_is_and_ends_when_asked(bare: Project, tmp_path: Path) -> None:
    for number in range(4):
        write_png(tmp_path / "films" / f"{number}.png", film(number))
    snapshot = frozen(bare, tmp_path / "films")
    told: list[tuple[str, int, int]] = []

    def tell(what: str, done: int, total: int) -> None:
        told.append((what, done, total))
        if len(told) == 3:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        make_audit(bare, snapshot, tell=tell)

    assert told == [("looking at the films", done, 4) for done in range(3)]
    assert read_audit(snapshot.folder) is None


def test_folds_are_parts_of_their_own(bare: Project, tmp_path: Path) -> None:
    for number in range(6):
        write_png(tmp_path / "films" / f"film{number}.png", film(number))
        if number < 3:
            write_png(tmp_path / "films" / f"copy{number}.png", DONE["three quarters of the size"](film(number)))
    frozen(bare, tmp_path / "films")
    snapshot = make_snapshot(bare, TASK, folds=9)

    audit = make_audit(bare, snapshot)

    assert {frozenset(files_of(leak)) for leak in audit.crossing} == {
        frozenset((f"copy{number}.png", f"film{number}.png")) for number in range(3)
    }
    assert all(side.part.startswith("fold ") for leak in audit.found for side in leak.sides)
