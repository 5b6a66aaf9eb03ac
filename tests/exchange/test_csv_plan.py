"""What a table does not say is left out by name or guessed aloud: what pandas, spreadsheets and readers make of one.

The expected values are those of public reports on such tables, worked out by hand.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.exchange.importer import Outcome
from viewer.exchange.importing import ImportReport
from viewer.project.project import Project

Bring = Callable[..., ImportReport]


@pytest.fixture
def bring(project: Project, tmp_path: Path, write_picture: Callable[..., Path], bring_in: Bring) -> Bring:
    """Brings a table beside a.png ... d.png into the project."""

    def do(text: str | bytes, options: dict[str, list[str]] | None = None, *, complete: bool = False) -> ImportReport:
        for seed, name in enumerate("abcd"):
            if not (tmp_path / "set" / f"{name}.png").exists():
                write_picture(tmp_path / "set" / f"{name}.png", seed)
        path = tmp_path / "set" / "t.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return bring_in(project, "csv", path, options, complete=complete)

    return do


def labels(project: Project) -> dict[str, dict[str, str]]:
    return {
        record.path.name: {
            label: verdict.value for label, verdict in sorted(project.work.image_labels(record.image_id).items())
        }
        for record in project.images.all()
    }


def boxes(project: Project) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = {}
    for record in project.images.all():
        there = found.setdefault(record.path.name, [])
        for one in project.work.annotations(record.image_id):
            assert isinstance(one.shape, Box)
            there.append((one.label, one.shape.x0_px, one.shape.y0_px, one.shape.x1_px, one.shape.y1_px))
    return found


def patients(project: Project) -> dict[str, str]:
    return {record.path.name: record.patient_id for record in project.images.all()}


def said(report: ImportReport, *outcomes: Outcome) -> str:
    return " / ".join(remark.sentence for remark in report.remarks if remark.outcome in outcomes)


def test_yes_and_no_that_passed_through_floating_point(project: Project, bring: Bring) -> None:
    report = bring("path,patient_id,finding\na.png,1,1.0\nb.png,2,0.0\nc.png,3,\nd.png,4,1.0\n")

    assert report.problems == ()
    assert labels(project) == {
        "a.png": {"finding": "yes"},
        "b.png": {"finding": "no"},
        "c.png": {},
        "d.png": {"finding": "yes"},
    }


CHEXPERT = "path,Edema,Fracture\na.png,1.0,0.0\nb.png,-1.0,1.0\nc.png,,-1.0\nd.png,0.0,0.0\n"


def test_a_table_of_findings_has_the_findings_as_labels_and_leaves_the_uncertain_out(
    project: Project, bring: Bring
) -> None:
    report = bring(CHEXPERT, {"map": ["image=path,label=Edema,label=Fracture"]}, complete=True)

    assert {label.name for label in project.labels} == {"Edema", "Fracture"}
    assert labels(project) == {
        "a.png": {"Edema": "yes", "Fracture": "no"},
        "b.png": {"Fracture": "yes"},
        "c.png": {},
        "d.png": {"Edema": "no", "Fracture": "no"},
    }
    assert said(report, Outcome.AMBIGUOUS).count("'-1.0'") == 2
    assert (report.completed_cases, report.open_cases) == (2, 2)


@pytest.mark.parametrize(("option", "verdict"), [("uncertain", "uncertain"), ("positive", "yes"), ("negative", "no")])
@pytest.mark.parametrize("written", ["-1", "-1.0"])
def test_what_uncertain_means_is_settled_by_an_option(
    project: Project, bring: Bring, option: str, verdict: str, written: str
) -> None:
    columns = {"map": ["image=path,label=Edema,label=Fracture"]}

    report = bring(CHEXPERT, {**columns, option: [written]}, complete=True)

    assert labels(project)["b.png"] == {"Edema": verdict, "Fracture": "yes"}
    assert (report.problems, report.open_cases) == ((), 0)


def test_grades_are_no_yes_and_no(project: Project, bring: Bring) -> None:
    table = "path,class\na.png,0\nb.png,1\nc.png,2\nd.png,3.0\n"

    report = bring(table, complete=True)

    assert list(project.labels) == [] and report.completed_cases == 0
    assert len(report.problems) == 4
    bring(table, {"numbers": ["names"]})
    assert labels(project) == {
        "a.png": {"class 0": "yes"},
        "b.png": {"class 1": "yes"},
        "c.png": {"class 2": "yes"},
        "d.png": {"class 3": "yes"},
    }


def test_a_stray_cell_stays_out_of_its_column(project: Project, bring: Bring) -> None:
    report = bring("path,finding\na.png,1\nb.png,0\nc.png,1\nd.png,see report\n")

    assert labels(project)["d.png"] == {} and labels(project)["c.png"] == {"finding": "yes"}
    assert "'see report'" in said(report, Outcome.AMBIGUOUS)
    report = bring("path,label\na.png,mass\nb.png,edema\nc.png,0\nd.png,mass\n", complete=True)
    assert labels(project)["c.png"] == {"finding": "yes"}
    assert "'0'" in said(report, Outcome.AMBIGUOUS)
    bring("path,label\na.png,mass\nb.png,edema\nc.png,0\nd.png,mass\n", {"negative": ["0"]}, complete=True)
    assert labels(project)["c.png"] == {"edema": "no", "finding": "yes", "mass": "no"}


@pytest.mark.parametrize("word", ["nan", "NaN", "None", "N/A", "<NA>", "NULL", "NaT"])
def test_what_tools_write_for_nothing_is_no_label(project: Project, bring: Bring, word: str) -> None:
    report = bring(f"path,patient_id,label\na.png,1,mass\nb.png,2,{word}\nc.png,3,edema\n")

    assert labels(project) == {"a.png": {"mass": "yes"}, "b.png": {}, "c.png": {"edema": "yes"}}
    assert f'"{word}" in 1 cell of the column label is taken as an empty cell' in said(report, Outcome.GUESSED)


def test_a_frame_number_that_passed_through_floating_point(project: Project, tmp_path: Path, bring: Bring) -> None:
    import tifffile

    (tmp_path / "set").mkdir(exist_ok=True)
    pages = np.random.default_rng(0).integers(0, 255, (3, 37, 23), np.uint8)
    tifffile.imwrite(tmp_path / "set" / "stack.tif", pages, photometric="minisblack")
    rows = ["0.0,nodule,1,1,5,5", "2.0,nodule,10,10,20,20", "3,nodule,1,1,2,2", "-1,nodule,1,1,2,2", "x,n,1,1,2,2"]

    report = bring("path,frame,label,x0,y0,x1,y1\n" + "".join(f"stack.tif,{row}\n" for row in rows))

    found = {record.frame_index: project.work.annotations(record.image_id) for record in project.images.all()}
    assert sorted(found) == [0, 2]
    assert found[2][0].shape == Box(x0_px=10, y0_px=10, x1_px=20, y1_px=20)
    out = said(report, Outcome.OUT_OF_RANGE)
    assert "no frame 3" in out and "no frame -1" in out and "'x' is no frame number" in out


def test_a_stack_without_a_frame_is_ambiguous(project: Project, tmp_path: Path, bring: Bring) -> None:
    import tifffile

    (tmp_path / "set").mkdir(exist_ok=True)
    pages = np.random.default_rng(0).integers(0, 255, (3, 37, 23), np.uint8)
    tifffile.imwrite(tmp_path / "set" / "stack.tif", pages, photometric="minisblack")
    table = "path,finding\nstack.tif,1\n"

    report = bring(table)

    assert project.images.all() == []
    assert "has 3 frames" in said(report, Outcome.AMBIGUOUS)
    bring(table, {"frame": ["1"]})
    assert [record.frame_index for record in project.images.all()] == [1]


def test_the_same_row_twice_counts_once(project: Project, bring: Bring) -> None:
    row = "a.png,nodule,1,1,5,5\n"

    report = bring(f"path,label,x0,y0,x1,y1\n{row}{row}a.png,nodule,1.0,1.0,5.0,5.0\n")

    assert boxes(project) == {"a.png": [("nodule", 1, 1, 5, 5)]}
    assert report.counts.twice == 2 and "twice" in " ".join(report.notes)


def test_a_patient_in_the_first_row_of_an_image_holds_for_its_other_rows(project: Project, bring: Bring) -> None:
    report = bring(
        "path,patient_id,label,x0,y0,x1,y1\na.png,P1,nodule,1,1,5,5\na.png,,nodule,10,10,20,20\n"
        "b.png,P1,nodule,1,1,5,5\nb.png,,nodule,2,10,3,20\n"
    )

    assert patients(project) == {"a.png": "P1", "b.png": "P1"}
    assert report.problems == () and [len(there) for there in boxes(project).values()] == [2, 2]


def test_a_patient_that_may_stand_above_is_not_taken_for_none(project: Project, bring: Bring) -> None:
    table = "path,patient_id,finding\na.png,P1,1\nb.png,,1\nc.png,P2,0\nd.png,,0\n"

    report = bring(table, complete=True)

    assert patients(project) == {"a.png": "P1", "c.png": "P2"}
    ambiguous = said(report, Outcome.AMBIGUOUS)
    assert "b.png" in ambiguous and "d.png" in ambiguous
    bring(table, {"patients": ["above"]})
    assert patients(project) == {"a.png": "P1", "c.png": "P2", "b.png": "P1", "d.png": "P2"}


def test_an_empty_patient_cell_may_be_said_to_mean_none(project: Project, bring: Bring) -> None:
    report = bring("path,patient_id,finding\na.png,P1,1\nb.png,,1\n", {"patients": ["none"]})

    assert patients(project) == {"a.png": "P1", "b.png": ""} and report.problems == ()


def test_patient_ids_that_passed_through_floating_point(project: Project, bring: Bring) -> None:
    report = bring("path,patient_id,finding\na.png,12.0,1\nb.png,7.0,0\n")

    assert patients(project) == {"a.png": "12", "b.png": "7"}
    assert "ends in .0" in said(report, Outcome.GUESSED)


def test_two_patients_of_one_image_leave_it_out(project: Project, bring: Bring) -> None:
    table = "path,patient_id,finding\na.png,1,1\na.png,2,1\nb.png,3,0\n"

    report = bring(table, complete=True)

    assert patients(project) == {"b.png": "3"}
    contradiction = said(report, Outcome.CONTRADICTORY)
    assert "1 (line 2)" in contradiction and "2 (line 3)" in contradiction
    bring(table, {"on-conflict": ["last"]})
    assert patients(project) == {"b.png": "3", "a.png": "2"}


READERS = "path,patient_id,finding\na.png,1,1\na.png,1,0\nb.png,2,0\nb.png,2,0\n"


@pytest.mark.parametrize(
    ("choice", "verdict"), [("", None), ("first", "yes"), ("last", "no"), ("not-assessed", "not assessed")]
)
def test_two_readers_who_differ(project: Project, bring: Bring, choice: str, verdict: str | None) -> None:
    report = bring(READERS, {"on-conflict": [choice]}, complete=True)

    assert labels(project) == {"a.png": {} if verdict is None else {"finding": verdict}, "b.png": {"finding": "no"}}
    settled = Outcome.GUESSED if choice else Outcome.CONTRADICTORY
    assert "yes (line 2), no (line 3)" in said(report, settled)
    assert (report.completed_cases, report.open_cases) == ((2, 0) if choice else (1, 1))


def test_a_german_spreadsheet(project: Project, bring: Bring) -> None:
    text = '\ufeffpath;label;x0;y0;x1;y1\r\na.png;"nodule; left";1,5;1;5,25;5\r\n'

    report = bring(text)

    assert boxes(project) == {"a.png": [("nodule; left", 1.5, 1, 5.25, 5)]}
    assert "numbers have a decimal comma" in said(report, Outcome.GUESSED)


def test_one_thing_is_counted_as_one(project: Project, bring: Bring) -> None:
    report = bring("path;label;x0;y0;x1;y1\na.png;nodule;1,5;1;5;5\n")

    assert "1 number has a decimal comma" in said(report, Outcome.GUESSED)


def test_a_comma_before_three_digits_is_not_guessed(project: Project, bring: Bring) -> None:
    text = "path;label;x0;y0;x1;y1\na.png;n;1,500;1;5,250;5\n"

    report = bring(text)

    assert boxes(project) == {"a.png": []} and "--decimal comma" in report.problems[0][1]
    bring(text, {"decimal": ["comma"]})
    assert boxes(project) == {"a.png": [("n", 1.5, 1, 5.25, 5)]}


def test_a_decimal_comma_that_splits_a_cell_is_named(project: Project, bring: Bring) -> None:
    report = bring("path,label,x0,y0,x1,y1\na.png,n,1,5,1,5,25,5\nb.png,n,1,1,5,5\n")

    assert boxes(project) == {"b.png": [("n", 1, 1, 5, 5)]}
    assert "line 2: 8 cells for 6 columns" in report.problems[0][1]


def test_a_quotation_mark_that_is_not_closed_is_named(project: Project, bring: Bring) -> None:
    report = bring('path,label,note\na.png,n,"open\nb.png,n,x\nc.png,n,x\n')

    assert "lines 2 to 4: a quotation mark is not closed" in report.problems[0][1]


def test_columns_are_known_in_any_case(project: Project, bring: Bring) -> None:
    text = "Image Index,Finding Labels,Patient ID\na.png,Effusion|Mass,00012\nb.png,No Finding,00013\n"

    bring(text, {"map": ["image=Image Index,label=Finding Labels,patient=Patient ID"]})

    expected = {"a.png": {"Effusion": "yes", "Mass": "yes"}, "b.png": {"No Finding": "yes"}}
    assert (labels(project), patients(project)) == (expected, {"a.png": "00012", "b.png": "00013"})
    again = bring(text)
    assert (again.annotations, again.image_labels, again.problems) == (0, 0, ())
    bring(text, {"map": ["image=image index", "label=FINDING LABELS"]})


def test_a_column_that_stands_twice_is_not_chosen_by_order(project: Project, bring: Bring) -> None:
    with pytest.raises(BadRequest, match="two columns label"):
        bring("path,label,label\na.png,x,y\n")


def test_a_column_with_a_comma_in_its_name(project: Project, bring: Bring) -> None:
    bring('path,"finding, left"\na.png,1\n', {"map": ["image=path,label=finding, left"]})

    assert labels(project) == {"a.png": {"finding, left": "yes"}}


@pytest.mark.parametrize(
    "row", ["nan,1,5,5", "inf,1,5,5", "1e999,1,5,5", "one,1,5,5", "1,,5,5", "9,1,5,5", "900,900,910,910"]
)
def test_a_bad_box_is_named_and_its_film_stays_open(project: Project, bring: Bring, row: str) -> None:
    report = bring(f"path,label,x0,y0,x1,y1\na.png,n,{row}\na.png,n,2,2,4,4\nb.png,n,1,1,5,5\n", complete=True)

    assert boxes(project) == {"a.png": [("n", 2, 2, 4, 4)], "b.png": [("n", 1, 1, 5, 5)]}
    (problem,) = report.problems
    assert "line 2" in problem[1] and "nexpected" not in problem[1]
    statuses = {case.title.split(" · ")[-1]: case.status for case in project.cases.all()}
    assert statuses == {"a.png": CaseStatus.TO_DO, "b.png": CaseStatus.COMPLETE}


def test_a_label_without_its_box_does_not_become_a_film_without_one(project: Project, bring: Bring) -> None:
    report = bring(
        "path,label,x0,y0,x1,y1\na.png,n,1,1,5,5\nb.png,n,,,,\nc.png,No finding,,,,\nd.png,,,,,\n", complete=True
    )

    assert boxes(project) == {"a.png": [("n", 1, 1, 5, 5)], "b.png": [], "c.png": [], "d.png": []}
    assert "n is said without a box" in said(report, Outcome.AMBIGUOUS)
    assert "no row has a box of that label" in said(report, Outcome.GUESSED)
    assert (report.completed_cases, report.open_cases) == (3, 1)


def test_a_column_on_which_the_rows_of_an_image_differ_is_not_kept(project: Project, bring: Bring) -> None:
    report = bring("path,label,x0,y0,x1,y1,room,view\na.png,n,1,1,5,5,R1,PA\na.png,n,2,2,6,6,R2,PA\n")

    assert project.images.all()[0].tags == {"ViewPosition": "PA"}
    assert "The column room differs" in said(report, Outcome.NOTE)


def test_a_dicom_image_of_the_project_is_found_by_its_uid(
    project: Project, sample: Path, tmp_path: Path, bring_in: Bring
) -> None:
    films = sorted(sample.rglob("film.dcm"))
    (sample / "t.csv").write_text("path\n" + "".join(f"{film.relative_to(sample)}\n" for film in films))
    bring_in(project, "csv", sample / "t.csv")
    uid = project.images.all()[1].sop_instance_uid
    (tmp_path / "u.csv").write_text(f"sop_instance_uid,finding\n{uid},1\n1.2.3.4,1\n")

    report = bring_in(project, "csv", tmp_path / "u.csv")

    assert [bool(project.work.image_labels(one.image_id)) for one in project.images.all()][:2] == [False, True]
    assert report.annotations == 0 and "1.2.3.4" in said(report, Outcome.LEFT_OUT)


def test_a_picture_replaced_under_its_name_gets_none_of_the_old_ones_boxes(
    project: Project, other: Project, tmp_path: Path, write_picture: Callable[..., Path], bring: Bring, bring_in: Bring
) -> None:
    from viewer.core.registry import load
    from viewer.exchange import EXPORTERS
    from viewer.exchange.exporter import dataset_of

    bring("path,label,x0,y0,x1,y1\na.png,n,1,1,5,5\nb.png,n,1,1,5,5\n")
    load(EXPORTERS, "csv").write(tmp_path / "set" / "out.csv", dataset_of(project))
    write_picture(tmp_path / "set" / "a.png", 77)

    report = bring_in(other, "csv", tmp_path / "set" / "out.csv")

    assert boxes(other) == {"b.png": [("n", 1, 1, 5, 5)]}
    assert "a.png is not the picture" in said(report, Outcome.CONTRADICTORY)


def test_a_name_that_no_system_allows_is_left_out_and_the_rest_comes_in(project: Project, bring: Bring) -> None:
    report = bring("path,label,note\na.png,sick,x\nb\0.png,sick,x\n" + "c" * 5000 + ".png,sick,x\n")

    assert labels(project) == {"a.png": {"sick": "yes"}}
    assert len(report.problems) == 2


def test_a_table_in_another_encoding_is_refused_until_it_is_said(project: Project, bring: Bring) -> None:
    from viewer.core.errors import BadFile

    text = "path,label\na.png,Ödem\n".encode("cp1252")

    with pytest.raises(BadFile, match="--encoding"):
        bring(text)
    bring(text, {"encoding": ["cp1252"]})
    assert labels(project) == {"a.png": {"Ödem": "yes"}}


def test_a_header_that_names_another_patient_is_said(project: Project, sample: Path, bring_in: Bring) -> None:
    film = next(iter(sorted(sample.rglob("film.dcm"))))
    (sample / "t.csv").write_text(f"path,patient_id\n{film.relative_to(sample)},another\n")

    report = bring_in(project, "csv", sample / "t.csv")

    assert project.images.all()[0].patient_id == "another"
    assert "in its header" in said(report, Outcome.GUESSED)
