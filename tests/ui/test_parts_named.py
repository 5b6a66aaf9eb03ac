"""What sets the parts of one series apart stands in the list of studies, in the title over the image, and in `scan`."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.conftest import write_slice
from tests.ui.painted import writing
from tests.waiting import handled
from viewer.cli.main import main
from viewer.project.project import Project
from viewer.project.records import CaseUnit
from viewer.project.register import add_to_project
from viewer.reading.scan import all_series, scan
from viewer.reading.series import set_apart
from viewer.ui.panels.studies_rows import series_texts
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.palette import Palette


@pytest.fixture
def echoes(tmp_path: Path) -> Path:
    """Two echoes of three slices in one series UID."""
    folder = tmp_path / "echoes"
    for echo in (2, 1):
        for place in range(3):
            write_slice(
                folder / f"{echo}{place}.dcm", patient="ECHO", study=1, series=1, place=place, frame="1.2.7",
                EchoNumbers=echo, SOPInstanceUID=f"1.2.826.{echo}.{place}",
            )  # fmt: skip
    return folder


def test_the_row_of_a_part_says_first_which_it_is(echoes: Path) -> None:
    texts = [series_texts(series, names_hidden=False)[1] for series in all_series(scan([echoes]))]

    assert [text.split(" · ")[0] for text in texts] == ["echo 1", "echo 2"]


def test_the_title_over_the_image_says_which_part_it_is(window: MainWindow, echoes: Path, qtbot: QtBot) -> None:
    session = window.session
    session.open_paths([echoes])
    qtbot.waitUntil(lambda: session.shown is not None and not session.opening.scanning)
    (cell,) = session.cells
    for series in session.series_list():
        session.open_series(series)
        qtbot.waitUntil(lambda one=series: cell.shown is not None and cell.shown.series is one)

        assert cell.title.note.startswith(series.part)
        assert series.part in ("echo 1", "echo 2")


def test_a_part_is_found_in_the_palette_by_its_name(window: MainWindow, echoes: Path, qtbot: QtBot) -> None:
    session = window.session
    session.open_paths([echoes])
    qtbot.waitUntil(lambda: session.shown is not None and not session.opening.scanning)
    window.book.run("edit.palette")
    (palette,) = window.findChildren(Palette)

    palette.field.setText("echo 2")

    assert len(palette.lines()) == 1
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.series.part == "echo 2")


def test_scan_says_which_part_each_series_is(echoes: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan", str(echoes), "--no-index", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    (patient,) = answer["patients"]
    found = patient["studies"][0]["series"]
    assert [(series["part"], series["split_by"]) for series in found] == [("echo 1", "echo"), ("echo 2", "echo")]

    assert main(["scan", str(echoes), "--no-index"]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if " images of " in line]
    assert ["echo 1" in rows[0], "echo 2" in rows[1]] == [True, True]


def test_cases_of_the_parts_of_a_series_are_told_apart_by_their_titles(echoes: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "p", name="Echoes", author="tester", case_unit=CaseUnit.SERIES) as project:
        add_to_project(project, scan([echoes]))
        titles = [case.title for case in project.cases.all()]

    assert [title.rpartition(" · ")[2] for title in titles] == ["echo 1", "echo 2"]


@pytest.mark.parametrize(
    ("comments", "shown"), [(("Doe^J arterial", "venous"), "comment"), (("arterial", "venous"), "arterial")]
)
def test_a_part_told_apart_by_a_text_with_the_name_in_it_is_not_read_out_where_names_are_hidden(
    tmp_path: Path, comments: tuple[str, str], shown: str
) -> None:
    for number, comment in enumerate(comments):
        for place in range(3):
            write_slice(
                tmp_path / f"{number}{place}.dcm", patient="DOE", study=1, series=1, place=place, frame="1.2.7",
                ImageComments=comment, PatientName="Doe^J", SOPInstanceUID=f"1.2.826.{number}.{place}",
            )  # fmt: skip
    first, second = all_series(scan([tmp_path]))

    assert first.part == comments[0]
    assert first.part_shown(names_hidden=True) == shown
    assert (second.part_shown(names_hidden=True), first.part_shown(names_hidden=False)) == ("venous", comments[0])


def test_series_that_are_described_alike_are_told_apart_by_number_else_by_place(tmp_path: Path) -> None:
    for number, own in ((3, "3"), (7, "7"), (8, "9"), (9, "9")):
        for place in range(2):
            write_slice(
                tmp_path / f"{number}{place}.dcm", patient="A", study=1, series=number, place=place, frame="1.2.9",
                SeriesDescription="Chest" if number < 8 else "Again", SeriesNumber=own,
            )  # fmt: skip
    (patient,) = scan([tmp_path]).patients
    every = patient.studies[0].series

    said = sorted((one.description, set_apart(one, every)) for one in every)
    assert said == [("Again", "1 of 2 alike"), ("Again", "2 of 2 alike"), ("Chest", "Series 3"), ("Chest", "Series 7")]
    assert [set_apart(one, [one]) for one in every] == [""] * 4, "alone it needs nothing"


def test_alike_series_are_told_apart_in_the_list_over_the_image_and_in_the_palette(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    for number in (3, 7):
        write_slice(
            tmp_path / f"{number}.dcm", patient="A", study=1, series=number, place=0, frame="1.2.9",
            SeriesDescription="Chest", SeriesNumber=str(number),
        )  # fmt: skip
    window.resize(1280, 720)
    window.session.open_paths([tmp_path])
    qtbot.waitUntil(lambda: window.session.shown is not None and not window.session.opening.scanning)
    handled()

    with writing() as said:
        window.docks.panel("studies").grab()
    row = [one.text for one in said if "Series 3" in one.text or "Series 7" in one.text]
    assert len(row) == 2
    title = window.session.active_cell.title  # type: ignore[union-attr]
    assert title.note.startswith(("Series 3", "Series 7"))
    window.book.run("edit.palette")
    (palette,) = window.findChildren(Palette)
    for mark in ("Series 3", "Series 7"):
        palette.field.setText(mark)
        assert [one for one in palette.lines() if one.startswith("Chest")] != [], mark
