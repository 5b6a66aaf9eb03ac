"""Tables of scores from anywhere: read, or refused by one sentence that names the file and the row."""

from pathlib import Path

import numpy as np
import pytest

from ml.evaluation.score_table import Columns, ScoreTable, read_scores
from viewer.core.errors import BadFile

NAMES = Columns(truth="label", score="score", patient="patient")
HEAD = "patient,label,score\n"


def written(folder: Path, text: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def read(folder: Path, text: str | bytes, columns: Columns = NAMES, **options: str) -> ScoreTable:
    return read_scores(written(folder, text), columns, **options)


def refused(folder: Path, text: str | bytes, columns: Columns = NAMES, **options: str) -> str:
    with pytest.raises(BadFile) as why:
        read(folder, text, columns, **options)
    return str(why.value).replace(f"{folder}/", "")


def test_a_table_is_its_truth_scores_and_patients(tmp_path: Path) -> None:
    table = read(tmp_path, HEAD + "a,1,0.9\na,0,0.25\nb,,0.5\n")

    assert table.truth[:2].tolist() == [1.0, 0.0] and np.isnan(table.truth[2])
    assert table.scores.tolist() == [0.9, 0.25, 0.5]
    assert table.patients == ["a", "a", "b"]
    assert table.notes == ("1 row has no truth: in no figure.",)


@pytest.mark.parametrize(
    ("word", "value"),
    [("1", 1), ("0", 0), ("yes", 1), ("No", 0), ("TRUE", 1), ("false", 0), ("1.0", 1), ("0.0", 0), ("", None),
     ("unknown", None), ("NaN", None)],
)  # fmt: skip
def test_what_a_truth_can_be(tmp_path: Path, word: str, value: float | None) -> None:
    found = read(tmp_path, HEAD + f"a,{word},0.9\n").truth[0]

    assert np.isnan(found) if value is None else found == value


@pytest.mark.parametrize("word", ["2", "maybe", "-1", "0.5", "malignant"])
def test_another_truth_is_refused_by_its_row(tmp_path: Path, word: str) -> None:
    assert refused(tmp_path, HEAD + f"a,1,0.9\nb,{word},0.9\n") == (
        f"t.csv, row 3: the truth is {word!r}; it must be 1 or 0, yes or no, true or false, or empty where it is not "
        "known."
    )


@pytest.mark.parametrize(
    ("word", "why"),
    [("nan", "'nan' is not a finite number"), ("inf", "'inf' is not a finite number"), ("-Infinity", "is not a finite"),
     ("", "it is empty"), ("high", "'high' is no number"), ("1e999", "is not a finite number"), ("0x1", "is no number"),
     ("1_0", "is no number")],
)  # fmt: skip
def test_a_score_that_is_no_finite_number_is_refused_by_its_row(tmp_path: Path, word: str, why: str) -> None:
    said = refused(tmp_path, HEAD + f"a,1,0.9\nb,0,{word}\nc,0,oops\n")

    assert said.startswith("t.csv, row 3: the score is no finite number: ") and why in said


def test_where_the_truth_is_not_known_a_score_may_lack_and_may_not_be_broken(tmp_path: Path) -> None:
    assert np.isnan(read(tmp_path, HEAD + "a,,\nb,1,0.5\n").scores[0])
    assert refused(tmp_path, HEAD + "a,,nan\n").startswith("t.csv, row 2: the score is no finite number")


@pytest.mark.parametrize("name", ["", "  ", "nan", "None"])
def test_a_row_without_a_patient_is_refused(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path, HEAD + f"a,1,0.9\n{name},1,0.9\n") == (
        "t.csv, row 3: it names no patient, and whose a case is decides how wide an interval is."
    )


def test_other_columns_are_told(tmp_path: Path) -> None:
    assert refused(tmp_path, "patient,truth,p\na,1,0.9\n") == "t.csv has no column label; it has patient, truth, p."
    assert refused(tmp_path, "patient,label,label,score\na,1,0,0.9\n") == (
        "t.csv has two columns label, and nothing tells which one is meant; rename one."
    )
    assert read(tmp_path, "Patient,LABEL, Score \na,1,0.9\n").scores.tolist() == [0.9]
    assert "has no column label" in refused(tmp_path, "patient,LABEL,Label,score\na,1,0,0.9\n")
    by = Columns(truth="label", score="score", patient="patient", by="site")
    assert refused(tmp_path, HEAD + "a,1,0.9\n", by) == "t.csv has no column site; it has patient, label, score."


def test_nothing_is_no_table(tmp_path: Path) -> None:
    assert refused(tmp_path, HEAD) == "t.csv has names of columns and no row; there is nothing to judge."
    assert "empty" in refused(tmp_path, "")
    assert "and no table of text" in refused(tmp_path, b"PK\x03\x04 a workbook")
    with pytest.raises(BadFile, match=r"gone\.csv is not there"):
        read_scores(tmp_path / "gone.csv", NAMES)


def test_a_row_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    assert refused(tmp_path, HEAD + "a,1,0.9\nb,0,0,9\n") == (
        "t.csv, line 3: 4 cells for 3 columns (is a comma inside a cell that is not quoted?)."
    )
    assert "a quotation mark is not closed" in refused(tmp_path, HEAD + 'a,1,0.9\n"b,0,0.2\nc,0,0.3\n')


GERMAN = "patient;label;score\na;1;0,900\nb;0;0,25\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_german_spreadsheet_of_any_unicode_is_read(tmp_path: Path, encoding: str) -> None:
    table = read(tmp_path, GERMAN.encode(encoding))

    assert table.scores.tolist() == [0.9, 0.25]
    assert table.notes == ("The decimal commas of its scores were read so.",)


def test_latin_1_is_read_where_it_is_said_and_refused_where_not(tmp_path: Path) -> None:
    text = GERMAN.replace("a;1", "Müller;1").encode("latin-1")

    assert read(tmp_path, text, encoding="latin-1").patients == ["Müller", "b"]
    said = refused(tmp_path, text)
    assert said.startswith("t.csv cannot be read") and "--encoding must say what else" in said


def test_a_comma_that_may_part_thousands_is_settled_by_a_person(tmp_path: Path) -> None:
    table = "patient;label;score\na;1;1,234\nb;0;2,000\n"

    assert refused(tmp_path, table) == (
        "t.csv, row 2: the score is no finite number: '1,234' may be a decimal comma or a thousand (--decimal comma "
        "settles it)."
    )
    assert read(tmp_path, table, decimal="comma").scores.tolist() == [1.234, 2.0]
    assert read(tmp_path, "patient;label;score\na;1;0,234\n").scores.tolist() == [0.234]  # no thousand begins with 0


def test_a_case_that_is_there_twice_is_refused_where_the_table_names_it(tmp_path: Path) -> None:
    head = "image,patient,label,score\n"

    assert refused(tmp_path, head + "x.png,a,1,0.9\ny.png,a,1,0.9\nx.png,a,1,0.9\n") == (
        "t.csv, row 4: it is row 2 again, one case in every cell; take one out."
    )
    assert len(read(tmp_path, head + "x.png,a,1,0.9\nx.png,a,0,0.2\n").truth) == 2  # two labels of one image


def test_rows_that_are_alike_and_name_no_case_are_counted_and_said(tmp_path: Path) -> None:
    table = read(tmp_path, HEAD + "a,1,0.9\na,1,0.9\nb,0,0.1\na,1,0.9\n")

    assert len(table.truth) == 4
    assert table.notes == (
        "2 rows are the same as another in every cell (row 3 as row 2), and no column names the case: each was counted "
        "as a case of its own.",
    )


def test_subgroups_are_the_values_of_a_column(tmp_path: Path) -> None:
    by = Columns(truth="label", score="score", patient="patient", by="site")

    assert read(tmp_path, "patient,label,score,site\na,1,0.9,X\nb,0,0.1,\n", by).groups == ["X", ""]
