"""Which film is in train, validation or test is seen, filtered and reviewed on purpose. Parts are written by hand."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.ui.conftest import write_films
from tests.ui.painted import words_of
from tests.ui.test_cases import panel_of
from tests.waiting import settled
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.jobs.runs import RunState, RunStatus
from viewer.project.edit_builders import say_image_label, set_status
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.register import add_frames
from viewer.project.snapshots.snapshot import Snapshot, make_snapshot
from viewer.project.snapshots.split import SplitFile
from viewer.ui.commands.help_page import help_html
from viewer.ui.dialogs.dataset import DatasetDialog
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.snapshots import made_words
from viewer.ui.flows.to_review import review_with
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.panels.labels import LabelsPanel
from viewer.ui.window.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("plugin does not support", extend=True)  # offscreen, of a menu

# Films 0, 6 and 7 are of one patient: P0.
FIRST = ("train", "train", "val", "train", "test", "test", "train", "")
LIGHT = Task(name="Light", kind="classification", labels=("Bright", "Dark"))


def completed(project: Project) -> None:
    for place, case in enumerate(project.cases.all()):
        for label, said in zip(LIGHT.labels, (Verdict.YES, Verdict.NO)[:: 1 if place % 2 else -1], strict=True):
            project.history.do(say_image_label(case.first_image_id, label, before=None, after=said))
        project.history.do(set_status(project.cases.get(case.case_id), CaseStatus.COMPLETE))


def snapshot_of(project: Project, parts: tuple[str, ...], task: Task = LIGHT) -> Snapshot:
    cases = project.cases.all()
    lines = [f"{case.first_image_id},{part}" for case, part in zip(cases, parts, strict=True)]
    path = project.folder / "parts.csv"
    path.write_text("\n".join(["image_id,part", *lines]) + "\n")
    return make_snapshot(project, task, split_file=SplitFile(path=path, column="part"))


def test_a_snapshot_says_that_labels_exclude_each_other_where_they_did_not(
    window: MainWindow, qtbot: QtBot, project_folder: Path
) -> None:
    session = window.session
    session.open_project(Project.open(project_folder, writable=True, author="Ada"))
    settled(session)
    project = session.project
    assert project is not None
    completed(project)
    task = replace(LIGHT, exclusive=True)
    session.set_workspace("annotate")
    session.open_case(project.cases.all()[0].case_id)
    settled(session)
    panel = window.docks.panel("labels")
    assert isinstance(panel, LabelsPanel) and "exclude" not in panel.answers["Bright"].toolTip()

    made = snapshot_of(project, FIRST, task)
    project.tasks.put(task)
    session.keeping.follow()
    settled(session)

    assert made_words(made, []).endswith(
        "Bright and Dark exclude each other from now on: yes to one says no to the others, also by its key."
    )
    # The sentence came again with every second task of the same labels, and not where a third label joined them.
    same = replace(made, task=replace(task, name="Again", labels=("Dark", "Bright")))
    third = replace(made, task=replace(task, labels=("Bright", "Dark", "Grey")))
    alone = replace(LIGHT, exclusive=False)
    told = {name: "exclude" in made_words(one, before) for name, one, before in (
        ("the same task", made, project.tasks.all()), ("another task of the same labels", same, project.tasks.all()),
        ("a third label", third, project.tasks.all()), ("each label stood for itself", made, [alone]),
    )}  # fmt: skip
    assert told == {
        "the same task": False, "another task of the same labels": False,
        "a third label": True, "each label stood for itself": True,
    }  # fmt: skip
    assert "Yes says no to Dark: they exclude each other." in " ".join(panel.answers["Bright"].toolTip().split())


def test_review_with_a_model_says_where_the_cases_are_that_it_has_not_seen(
    divided: tuple[Desk, Snapshot], project_folder: Path, qtbot: QtBot
) -> None:
    session, made = divided
    settled(session)
    heard: list[str] = []
    session.announced.connect(lambda _kind, words: heard.append(words))
    recipe = {"snapshot_id": made.id}
    run = RunState(folder=project_folder, run_id="r", task="Light", model="m", state=RunStatus.FINISHED, recipe=recipe)
    cases = session.at_hand.cases.all()

    def said_with(place: int) -> list[str]:
        session.open_case(cases[place].case_id)
        qtbot.waitUntil(lambda: session.shown is not None and session.shown.case_id == cases[place].case_id)
        settled(session)
        heard.clear()
        review_with(session, run)
        settled(session)
        return heard

    assert said_with(0) == [
        "This case is in the train part of this model. “Show its test cases” in the menu Dataset lists those that it "
        "has not seen."
    ]
    assert said_with(4) == []


@pytest.fixture
def divided(session: Desk) -> tuple[Desk, Snapshot]:
    assert session.project is not None
    completed(session.project)
    settled(session)
    made = snapshot_of(session.project, FIRST)
    session.snapshots.read()  # as when a work space is entered
    return session, made


def ids_at(session: Desk, *places: int) -> list[str]:
    assert session.project is not None
    cases = session.project.cases.all()
    return [cases[place].case_id for place in places]


def tips(panel: CasesPanel, role: Qt.ItemDataRole = Qt.ItemDataRole.ToolTipRole) -> list[str]:
    model = panel.list.model()
    return [str(model.index(place, 0).data(role)) for place in range(model.rowCount())]


def words_in(panel: CasesPanel) -> str:
    """What stands in the place of the list."""
    return " ".join(label.text() for label in panel.empty.findChildren(QLabel) if label.text())


def test_each_row_says_its_part_and_its_tip_names_the_snapshot(qtbot: QtBot, divided: tuple[Desk, Snapshot]) -> None:
    session, made = divided
    panel = panel_of(qtbot, session)
    settled(session)

    words = {"train": "train", "val": "validation", "test": "test"}
    for tip, spoken, part in zip(tips(panel), tips(panel, Qt.ItemDataRole.DisplayRole), FIRST, strict=True):
        if part:
            assert tip.endswith(f"\nIn the {words[part]} part of the snapshot Light {made.id[:8]}")
            assert spoken.endswith(f", Complete, {words[part]}")
        else:
            assert "snapshot" not in tip and spoken.endswith(", Complete")
    painted = words_of(panel.list)
    assert [painted.count(word) for word in ("train", "validation", "test")] == [4, 1, 2]


def test_a_case_in_no_snapshot_shows_no_word(qtbot: QtBot, session: Desk) -> None:
    panel = panel_of(qtbot, session)
    settled(session)

    assert not {"train", "validation", "test"} & set(words_of(panel.list))


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ("part:test", (4, 5)), ("part:train", (0, 1, 3, 6)), ("part:validation", (2,)), ("part:none", (7,)),
        ("part:test,validation P4", (4,)),
    ],
)  # fmt: skip
def test_what_is_typed_into_the_filter_leaves_the_cases_of_that_part(
    qtbot: QtBot, divided: tuple[Desk, Snapshot], typed: str, places: tuple[int, ...]
) -> None:
    session, _ = divided
    panel = panel_of(qtbot, session)

    qtbot.keyClicks(panel.search, typed)

    qtbot.waitUntil(lambda: panel.case_ids == ids_at(session, *places))
    assert session.cases.order() == ids_at(session, *places), "the keys walk through these alone"


def test_the_filter_follows_the_snapshot_that_is_chosen(qtbot: QtBot, divided: tuple[Desk, Snapshot]) -> None:
    session, first = divided
    assert session.project is not None
    other = Task(name="Other", kind="classification", labels=("Bright", "Dark"))
    second = snapshot_of(session.project, ("test", "train", "train", "val", "train", "train", "test", "test"), other)
    session.snapshots.read()  # the reading before it may have been done already
    panel = panel_of(qtbot, session)
    qtbot.keyClicks(panel.search, "part:test")
    qtbot.waitUntil(lambda: panel.case_ids == ids_at(session, 0, 6, 7))

    session.snapshots.choose(first.id)
    qtbot.waitUntil(lambda: panel.case_ids == ids_at(session, 4, 5))

    session.snapshots.choose(second.id)
    qtbot.waitUntil(lambda: panel.case_ids == ids_at(session, 0, 6, 7))


def test_a_part_that_is_none_is_said_with_those_there_are(qtbot: QtBot, divided: tuple[Desk, Snapshot]) -> None:
    session, made = divided
    panel = panel_of(qtbot, session)

    qtbot.keyClicks(panel.search, "part:dev,test")

    qtbot.waitUntil(lambda: panel.stack.currentWidget() is panel.empty and not panel.case_ids)
    settled(session)
    assert words_in(panel) == (
        f"The snapshot Light {made.id[:8]} has no part called “dev”. It can be part:train, part:validation, part:test "
        "or part:none."
    )


def test_without_a_snapshot_the_filter_says_so(qtbot: QtBot, session: Desk) -> None:
    panel = panel_of(qtbot, session)
    settled(session)

    qtbot.keyClicks(panel.search, "part:test")

    qtbot.waitUntil(lambda: not panel.case_ids)
    assert words_in(panel) == ("There is no snapshot yet, so no case is in a part. Choose Dataset, New snapshot.")


def test_the_field_and_the_help_say_how_a_part_is_asked_for(window: MainWindow, qtbot: QtBot) -> None:
    window.enter("annotate")
    panel = window.docks.panel("cases")
    assert isinstance(panel, CasesPanel)
    page = help_html(window.book.rows.values(), window.session.theme, "part:test")

    for typed in ("part:train", "part:validation", "part:test", "part:none"):
        assert typed in panel.search.toolTip() and typed in page


def test_a_snapshot_that_is_made_shows_its_parts_at_once(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    complete_all()
    panel = panel_of(qtbot, session)
    settled(session)
    dialog = DatasetDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.division is not None and dialog.make.isEnabled())

    with qtbot.waitSignal(dialog.snapshot_made):
        qtbot.mouseClick(dialog.make, Qt.MouseButton.LeftButton)

    qtbot.waitUntil(lambda: session.snapshots.parts is not None)
    painted = words_of(panel.list)
    assert sum(painted.count(word) for word in ("train", "validation", "test")) == 8


def test_a_film_that_enters_later_is_in_no_part_and_those_before_keep_theirs(
    qtbot: QtBot, divided: tuple[Desk, Snapshot], tmp_path: Path
) -> None:
    session, _ = divided
    panel = panel_of(qtbot, session)
    settled(session)
    assert session.project is not None
    add_frames(session.project, write_films(tmp_path / "more", 11)[8:])
    settled(session)

    qtbot.keyClicks(panel.search, "part:none")

    qtbot.waitUntil(lambda: panel.case_ids == ids_at(session, 7, 8, 9, 10))


def test_the_parts_stay_while_the_project_is_read_anew(qtbot: QtBot, divided: tuple[Desk, Snapshot]) -> None:
    session, _ = divided
    panel = panel_of(qtbot, session)
    settled(session)
    qtbot.keyClicks(panel.search, "part:test")
    qtbot.waitUntil(lambda: panel.case_ids == ids_at(session, 4, 5))
    changed: list[None] = []
    session.snapshots.parts_changed.connect(lambda: changed.append(None))

    session.project_changed()

    assert panel.case_ids == ids_at(session, 4, 5), "no list that empties and fills again"
    settled(session)
    assert panel.case_ids == ids_at(session, 4, 5) and changed == []


def test_a_case_that_comes_back_has_its_part_again(divided: tuple[Desk, Snapshot]) -> None:
    session, _ = divided
    assert session.project is not None
    (gone,) = ids_at(session, 4)
    session.members.take_out([session.project.cases.get(gone)])
    settled(session)
    assert session.snapshots.word(gone) == ""
    settled(session)
    assert session.snapshots.word(gone) == ""

    session.undo()
    settled(session)

    assert session.snapshots.word(gone) == "test"


# The rows of the list of snapshots
