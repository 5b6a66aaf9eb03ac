"""What was in the hand and in the list comes back with the next start; no model is asked by itself."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import write_slice
from tests.ui.test_restart import rows
from tests.waiting import handled, settled
from viewer.app import window_as_left
from viewer.ui.flows.recent import open_then
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.state.settings import Settings
from viewer.ui.window.main_window import MainWindow


class Starts:
    """Starts the window as it was left, after closing the one before."""

    def __init__(self, bot: QtBot, home: Path) -> None:
        self.bot, self.file = bot, home / "window.json"
        self.made: list[MainWindow] = []

    def __call__(self, project: Path | None = None) -> MainWindow:
        if self.made:
            self.made[-1].close()
        window = window_as_left(Settings(self.file), author="tester")
        self.made.append(window)
        session = window.session
        if project is not None:
            session.projects.open_folder(project)
        self.bot.waitUntil(lambda: session.project is not None)
        self.bot.waitUntil(lambda: session.shown is not None and session.shown.case_id is not None)
        self.bot.waitUntil(lambda: not session.opening.scanning)
        settled(session)
        return window


@pytest.fixture
def starts(qtbot: QtBot, home: Path) -> Iterator[Starts]:
    made = Starts(qtbot, home)
    yield made
    for window in made.made:
        window.close()
        window.deleteLater()


@pytest.fixture
def beside(tmp_path: Path) -> list[Path]:
    """Two folders with a study each."""
    for number in (1, 2):
        for place in range(3):
            path = tmp_path / f"beside{number}" / f"{place}.dcm"
            write_slice(path, patient=f"Q{number}", study=number, series=number, place=place, frame=f"1.3.{number}")
    return [tmp_path / "beside1", tmp_path / "beside2"]


def patients(window: MainWindow) -> list[str]:
    return [patient for patient, _, _ in rows(window)]


def opened_beside(starts: Starts, project_folder: Path, beside: list[Path]) -> MainWindow:
    """The window with the project, and the folders opened after it."""
    window = starts(project_folder)
    for folder in beside:
        window.session.open_paths([folder])
        starts.bot.waitUntil(lambda: not window.session.opening.scanning)
    settled(window.session)
    return window


def test_folders_that_were_open_beside_the_project_are_listed_again_and_the_case_stays(
    starts: Starts, project_folder: Path, beside: list[Path]
) -> None:
    window = opened_beside(starts, project_folder, beside)
    third = window.session.at_hand.cases.all()[2].case_id
    window.session.open_case(third)
    settled(window.session)
    shown = window.session.shown
    window.enter("read")
    handled()

    again = starts()

    assert [one for one in patients(again) if one in ("Q1", "Q2")] == ["Q1", "Q2"]
    assert again.session.shown is not None and shown is not None
    assert again.session.shown.image_id == shown.image_id and again.session.shown.case_id == third
    assert not again.banner.isVisible()

    shutil.rmtree(beside[0])
    once_more = starts()
    assert [one for one in patients(once_more) if one in ("Q1", "Q2")] == ["Q2"]
    assert not once_more.banner.isVisible()


def test_what_was_closed_or_forgotten_is_not_listed_again(
    starts: Starts, project_folder: Path, beside: list[Path]
) -> None:
    window = opened_beside(starts, project_folder, beside)
    window.session.open_case(window.session.at_hand.cases.all()[0].case_id)
    settled(window.session)
    window.session.settings.forget_recent(str(beside[0]))
    window.close()
    assert open_then(Settings(starts.file)) == [beside[1]]

    again = starts()
    again.enter("read")
    settled(again.session)
    again.session.closing.close_all()
    settled(again.session)
    again.close()
    assert open_then(Settings(starts.file)) == []


def test_the_armed_tools_and_the_label_come_back(starts: Starts, project_folder: Path) -> None:
    window = starts(project_folder)
    window.enter("read")
    window.session.set_tool("length")
    window.enter("annotate")
    window.session.set_tool("polygon")
    labels = [label.name for label in window.session.labels if label.scope == "region"]
    window.session.set_label(labels[-1])
    assert len(labels) > 1

    again = starts()

    assert (again.session.workspace, again.session.tool, again.session.label) == ("annotate", "polygon", labels[-1])
    again.enter("read")
    assert again.session.tool == "length"


@pytest.mark.parametrize("word", ["", "nonsense", "box"])
def test_a_tool_that_the_work_space_does_not_have_is_not_armed(starts: Starts, project_folder: Path, word: str) -> None:
    window = starts(project_folder)
    window.enter("read")
    window.close()
    settings = Settings(starts.file)
    settings.set_word("tool/read", word)
    settings.set_word("labels_armed", "[1, 2")

    again = starts()

    assert again.session.tool == "window"


def test_a_heatmap_that_was_shown_is_said_and_asks_nothing(starts: Starts, project_folder: Path) -> None:
    window = starts(project_folder)
    window.enter("review")
    window.session.review.heat_on = True
    window.session.set_fact("heatmap", holds=True)
    settled(window.session)

    again = starts()
    settled(again.session)

    assert again.session.workspace == "review" and not again.session.review.heat_on
    assert again.statusBar()._mouse.text().startswith("A heatmap was shown when the window was closed.")  # type: ignore[attr-defined]
    last = starts()
    settled(last.session)
    assert not last.statusBar()._mouse.text().startswith("A heatmap")  # type: ignore[attr-defined]

    # It was said minutes after the start, when the person first came to Review after other work.
    def elsewhere(*, next_case: bool) -> str:
        left = starts.made[-1]
        left.session.set_fact("heatmap", holds=True)
        left.enter("annotate")
        settled(left.session)
        there = starts()
        settled(there.session)
        assert there.session.workspace == "annotate"
        cases = there.session.at_hand.cases.all()
        if next_case:
            there.session.open_case(cases[2].case_id)
            settled(there.session)
        there.enter("review")
        settled(there.session)
        if next_case:
            there.session.open_case(cases[1].case_id)
            settled(there.session)
        return there.statusBar()._mouse.text()  # type: ignore[attr-defined,no-any-return]

    assert not elsewhere(next_case=True).startswith("A heatmap")
    assert elsewhere(next_case=False).startswith("A heatmap was shown when the window was closed.")


def test_a_filter_of_cases_is_gone_with_the_window_and_the_list_is_whole(starts: Starts, project_folder: Path) -> None:
    window = starts(project_folder)
    window.enter("annotate")
    panel = window.docks.panel("cases")
    assert isinstance(panel, CasesPanel)
    every = list(panel.case_ids)
    panel.search.setText("film_3")
    starts.bot.waitUntil(lambda: 0 < len(panel.case_ids) < len(every))

    again = starts()
    panel = again.docks.panel("cases")
    assert isinstance(panel, CasesPanel)
    settled(again.session)

    assert panel.search.text() == "" and panel.status.chosen is None
    assert list(panel.case_ids) == every == list(again.session.cases.order())
