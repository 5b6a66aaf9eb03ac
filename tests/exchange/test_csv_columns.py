"""Which columns a table has and what becomes of those that play no role: nothing is dropped without a word.

The layouts are those of public tables of boxes and findings, and of what spreadsheets write; the values are by hand.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from viewer.core.errors import BadFile, BadRequest
from viewer.core.shapes.kinds.box import Box
from viewer.exchange.importer import Outcome
from viewer.exchange.importing import ImportReport
from viewer.project.project import Project

Bring = Callable[..., ImportReport]


@pytest.fixture
def bring(project: Project, tmp_path: Path, write_picture: Callable[..., Path], bring_in: Bring) -> Bring:
    """Brings a table beside a.png and b.png (37 x 23) into the project."""

    def do(text: str | bytes, options: dict[str, list[str]] | None = None) -> ImportReport:
        for seed, name in enumerate("ab"):
            write_picture(tmp_path / "set" / f"{name}.png", seed)
        path = tmp_path / "set" / "t.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return bring_in(project, "csv", path, options)

    return do


def boxes(project: Project) -> dict[str, list[tuple[float, float, float, float]]]:
    found: dict[str, list[tuple[float, float, float, float]]] = {}
    for record in project.images.all():
        for one in project.work.annotations(record.image_id):
            assert isinstance(one.shape, Box)
            corners = (one.shape.x0_px, one.shape.y0_px, one.shape.x1_px, one.shape.y1_px)
            found.setdefault(record.path.name, []).append(corners)
    return found


def tags(project: Project) -> dict[str, dict[str, str]]:
    return {record.path.name: dict(record.tags) for record in project.images.all()}


def labels(project: Project) -> dict[str, list[str]]:
    return {record.path.name: sorted(project.work.image_labels(record.image_id)) for record in project.images.all()}


def sentences(report: ImportReport, outcome: Outcome) -> str:
    return "\n".join(remark.sentence for remark in report.remarks if remark.outcome is outcome)


def test_a_box_by_corner_and_two_letters_is_read(project: Project, bring: Bring) -> None:
    bring("image,label,x,y,w,h\na.png,n,1,2,3,4\nb.png,n,1,2,5,6\n")

    assert boxes(project) == {"a.png": [(1, 2, 4, 6)], "b.png": [(1, 2, 6, 8)]}


def test_half_of_a_box_is_said_and_its_columns_stay(project: Project, bring: Bring) -> None:
    report = bring("image,label,x,y,diameter\na.png,n,7,8,3\nb.png,n,9,8,3\n")

    assert "x, y" in sentences(report, Outcome.AMBIGUOUS)
    assert tags(project)["a.png"] == {"x": "7", "y": "8", "diameter": "3"}


def test_the_size_of_the_pictures_is_no_box_and_stays(project: Project, bring: Bring) -> None:
    report = bring("image,label,width,height\na.png,n,23,37\nb.png,n,23,37\n")

    assert sentences(report, Outcome.AMBIGUOUS) == ""
    assert tags(project)["a.png"] == {"width": "23", "height": "37"}
    assert labels(project) == {"a.png": ["n"], "b.png": ["n"]}


def test_half_of_a_box_that_a_person_named_is_refused(bring: Bring) -> None:
    with pytest.raises(BadRequest, match="box"):
        bring("image,label,left,top\na.png,n,7,8\n", {"map": ["x=left,y=top"]})


def test_columns_without_a_role_are_named(project: Project, bring: Bring) -> None:
    report = bring('Path,Sex,Edema,bbox\na.png,F,1.0,"[1, 2, 3, 4]"\nb.png,M,0.0,"[1, 2, 3, 4]"\n')

    said = sentences(report, Outcome.NOTE)
    assert "Sex, Edema, bbox" in said and "--map" in said
    assert tags(project)["a.png"] == {"Sex": "F", "Edema": "1.0", "bbox": "[1, 2, 3, 4]"}


def test_two_columns_of_one_name_are_said(project: Project, bring: Bring) -> None:
    report = bring("image,label,note,note\na.png,n,1,2\nb.png,n,3,4\n")

    assert "two columns note" in sentences(report, Outcome.NOTE)


def test_a_name_of_two_lines_in_the_header_is_one_column(project: Project, bring: Bring) -> None:
    bring('image,"finding\n(first reader)",label\na.png,q,n\nb.png,q,m\n')

    assert labels(project) == {"a.png": ["n"], "b.png": ["m"]}
    assert tags(project)["a.png"] == {"finding\n(first reader)": "q"}


def test_a_header_whose_quotation_mark_is_not_closed_is_refused(bring: Bring) -> None:
    with pytest.raises(BadFile, match=r"t\.csv.*quotation mark"):
        bring('image,"label\na.png,n\nb.png,m\n')


def test_the_separator_that_a_spreadsheet_writes_first_is_followed(project: Project, bring: Bring) -> None:
    report = bring("sep=;\r\nimage;label\r\na.png;n\r\nb.png;m\r\n;lost\r\n")

    assert labels(project) == {"a.png": ["n"], "b.png": ["m"]}
    assert "line 5" in sentences(report, Outcome.LEFT_OUT)


@pytest.mark.parametrize("encoding", ["utf-32", "utf-16"])
def test_wide_text_with_its_mark_is_read(project: Project, bring: Bring, encoding: str) -> None:
    bring("image,label\na.png,Ödem\nb.png,m\n".encode(encoding))

    assert labels(project) == {"a.png": ["Ödem"], "b.png": ["m"]}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_wide_text_without_its_mark_is_refused_by_its_cause(bring: Bring, encoding: str) -> None:
    with pytest.raises(BadFile, match=r"t\.csv.*--encoding"):
        bring("image,label\na.png,n\nb.png,m\n".encode(encoding))


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
def test_a_workbook_is_called_so(bring: Bring, head: bytes) -> None:
    with pytest.raises(BadFile, match=r"t\.csv.*save it as CSV"):
        bring(head + bytes(200))


def test_a_zero_byte_costs_its_row(project: Project, bring: Bring) -> None:
    report = bring("image,label\na.png,n\0m\nb.png,m\n")

    assert labels(project) == {"b.png": ["m"]}
    assert "line 2" in sentences(report, Outcome.LEFT_OUT)


def test_patients_whose_numbers_a_spreadsheet_rounded_are_not_one(project: Project, bring: Bring) -> None:
    report = bring("image,patient_id,label\na.png,1.23457E+11,n\nb.png,1.23457E+11,m\n")

    assert labels(project) == {}
    assert "1.23457E+11" in sentences(report, Outcome.AMBIGUOUS)


def test_a_patient_id_that_only_looks_like_a_power_is_kept(project: Project, bring: Bring) -> None:
    bring("image,patient_id,label\na.png,12E3,n\nb.png,P1.5E+3,m\n")

    assert {record.patient_id for record in project.images.all()} == {"12E3", "P1.5E+3"}


def test_labels_that_differ_by_capitals_alone_are_said(project: Project, bring: Bring) -> None:
    report = bring("image,label\na.png,Mass\nb.png,mass\n")

    assert labels(project) == {"a.png": ["Mass"], "b.png": ["mass"]}
    assert "Mass and mass" in sentences(report, Outcome.NOTE)


def test_a_table_of_fractions_is_left_out_and_not_laid_in_the_first_pixel(project: Project, bring: Bring) -> None:
    report = bring("image,label,x0,y0,x1,y1\na.png,n,0.1,0.2,0.5,0.6\na.png,n,0,0,20,30\nb.png,n,0.1,0.2,1.5,0.6\n")

    assert boxes(project) == {"a.png": [(0, 0, 20, 30)], "b.png": [(0.1, 0.2, 1.5, 0.6)]}
    assert "a.png, line 2: a n was left out" in sentences(report, Outcome.AMBIGUOUS)
    assert "fractions of the image (37 x 23)" in sentences(report, Outcome.AMBIGUOUS)


def test_a_word_for_nothing_is_named_and_can_be_given_a_meaning(project: Project, bring: Bring) -> None:
    """A class that is called none: half of a set lost its labels under a sentence that spoke of nan and NA."""
    text = "image,finding\na.png,disc\nb.png,none\n"
    report = bring(text)

    assert labels(project) == {"a.png": ["disc"], "b.png": []}
    assert '"none" in 1 cell of the column finding is taken as an empty cell' in sentences(report, Outcome.GUESSED)
    assert [one.settle for one in report.remarks] == ["--positive none"]


def test_a_word_that_was_given_a_meaning_is_not_nothing(project: Project, bring: Bring) -> None:
    report = bring("image,disc\na.png,yes\nb.png,none\n", {"map": ["image=image,label=disc"], "negative": ["None"]})

    said = {record.path.name: project.work.image_labels(record.image_id) for record in project.images.all()}
    assert {name: {label: str(one) for label, one in row.items()} for name, row in said.items()} == {
        "a.png": {"disc": "yes"},
        "b.png": {"disc": "no"},
    }
    assert sentences(report, Outcome.GUESSED) == ""
