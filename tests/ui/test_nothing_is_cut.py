"""Words keep their room: in the bars, in the docks at their least width, while a run works."""

from itertools import pairwise, product
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QDockWidget, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from ml.events import append_event
from ml.recipe import default_recipe
from tests.ui.painted import writing
from tests.waiting import handled
from viewer.jobs.queue import enqueue
from viewer.project.edit_builders import add_label
from viewer.project.project import Project
from viewer.ui.canvas.view import ImageView
from viewer.ui.dialogs.about import IS, IS_NOT, AboutDialog
from viewer.ui.flows.recent import recent_detail
from viewer.ui.look.chips import KeyChip
from viewer.ui.panels.cases.panel import CasesPanel
from viewer.ui.panels.findings import FindingsPanel
from viewer.ui.panels.labels import LabelsPanel
from viewer.ui.state.situation import WORKSPACES
from viewer.ui.views.grid import PatientBand
from viewer.ui.window.docks.panel_room import LEAST_LEFT_PX
from viewer.ui.window.main_window import MainWindow

SIZES = [(1280, 720), (1600, 1000)]
LONG_TASK = "Findings of the chest on postero-anterior films, second reading of the year"
MISMATCH = (
    "film_0.png is not what this model was trained on: the modality is DX and it saw CT only; the pixel spacing is "
    "0.168 mm and it saw 0.7 to 1.2 mm. Its answer would mean nothing."
)

SHORT_MISMATCH = (
    "Phantom: nodule or clear does not fit this image: it has the modality CT, not CR or DX. Choose another model, or "
    "run it anyway."
)


@pytest.fixture
def project_window(window: MainWindow, project_folder: Path, qtbot: QtBot) -> MainWindow:
    """The window with the project of films open."""
    project = Project.open(project_folder, writable=True, author="tester")
    window.session.open_project(project)
    window.session.open_case(project.cases.all()[0].case_id)
    qtbot.waitUntil(lambda: window.session.shown is not None)
    return window


@pytest.fixture
def running(project_window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """The window in Train while a run with a long name works."""
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    monkeypatch.setattr("viewer.jobs.runs.is_alive", lambda folder: True)
    session = project_window.session
    assert session.project is not None
    recipe = default_recipe(task=LONG_TASK, kind="detection", labels=("Square",), model="center_point", epochs=30)
    folder = enqueue(session.project.folder, recipe)
    append_event(folder, "started", device="cpu", device_reason="no GPU was found", precision="bf16", threads=2,
                 steps_per_epoch=7, epochs=30, epoch=0, metric="map50")  # fmt: skip
    append_event(folder, "step", epoch=12, step=3, loss=1.5, images_per_s=30.3, left_s=7500.0, memory_bytes=2 << 30)
    project_window.enter("train")
    session.jobs.look()
    qtbot.waitUntil(project_window.job_chip.isVisible)
    return project_window


def cut_labels(widget: QWidget) -> list[str]:
    """The words of single-line labels that have less room than they ask for."""
    labels = [label for label in widget.findChildren(QLabel) if label.isVisible() and not label.wordWrap()]
    return [label.text() for label in labels if label.text() and label.width() < label.sizeHint().width()]


def test_the_command_box_stays_on_the_window_whatever_a_run_is_called(running: MainWindow) -> None:
    box, chip = running.command_box, running.job_chip
    for size in SIZES:
        running.resize(*size)
        handled()

        right = box.mapTo(running, QPoint(box.width(), 0)).x()

        assert right <= running.width() - 8, size
        assert box.width() >= box.minimumWidth(), size
        assert chip.mapTo(running, QPoint(chip.width(), 0)).x() <= box.mapTo(running, QPoint(0, 0)).x(), size
        last = running.menuBar().actionGeometry(running.menuBar().actions()[-1])
        assert last.right() < chip.mapTo(running, QPoint(0, 0)).x(), size
        assert LONG_TASK in chip.toolTip(), size


def test_the_state_of_a_run_is_read_whole(running: MainWindow, qtbot: QtBot) -> None:
    panel = running.docks.panel("jobs")
    qtbot.waitUntil(lambda: panel.state.text() == "Running")
    handled()

    state = panel.state

    assert state.width() >= state.fontMetrics().horizontalAdvance("Running") + 14
    right = state.mapTo(panel, QPoint(state.width(), 0)).x()
    assert right <= panel.width()


def test_the_foot_of_the_cases_is_read_whole_at_its_least_width(project_window: MainWindow, qtbot: QtBot) -> None:
    panel = CasesPanel(project_window.session)
    qtbot.addWidget(panel)
    panel.resize(LEAST_LEFT_PX, 500)
    panel.show()

    assert panel.width() == LEAST_LEFT_PX
    assert cut_labels(panel.foot) == []


def test_a_refused_image_is_told_in_a_whole_sentence(project_window: MainWindow, qtbot: QtBot) -> None:
    for size in ((332, 400), (332, 700), (384, 560), (600, 400)):
        panel = FindingsPanel(project_window.session)  # a new one each: it is told at its first layout
        qtbot.addWidget(panel)
        panel.resize(*size)
        panel.show()
        a_refused_image_is_told(panel, qtbot, size)


def a_refused_image_is_told(panel: FindingsPanel, qtbot: QtBot, size: tuple[int, int]) -> None:

    panel.review.asking.mismatch_found.emit(MISMATCH)

    words = panel.mismatch_words
    # Laid out in a few turns of the event loop, however busy the machine is.
    qtbot.waitUntil(lambda: 0 < words.heightForWidth(words.width()) <= words.height())
    assert panel.mismatch.room.geometry().right() < panel.run_anyway.geometry().left(), size
    assert panel.run_anyway.geometry().bottom() < panel.mismatch.height(), size
    assert panel.mismatch.width() <= panel.width(), size


def test_a_refusal_after_asking_is_told_in_a_whole_sentence(project_window: MainWindow, qtbot: QtBot) -> None:
    project_window.resize(1600, 1000)
    project_window.enter("review")
    panel = project_window.findChild(FindingsPanel)
    assert panel is not None
    panel.review.asking.asking_changed.emit("Asking the model")
    handled()

    panel.review.asking.mismatch_found.emit(SHORT_MISMATCH)
    panel.review.asking.asking_changed.emit("")
    handled()

    words = panel.mismatch_words
    assert words.heightForWidth(words.width()) <= words.height()
    assert panel.mismatch.room.geometry().right() < panel.run_anyway.geometry().left()
    assert panel.run_anyway.geometry().bottom() < panel.mismatch.height()


def test_train_names_its_two_first_steps_on_the_tool_bar(running: MainWindow, qtbot: QtBot) -> None:
    running.resize(1280, 720)
    handled()
    undo = running.bar.findChild(QWidget, "button:edit.undo")
    assert undo is not None
    width = undo.width()

    for name in ("dataset.snapshot", "train.new"):
        (button,) = (one for one in running.bar.findChildren(QWidget, f"button:{name}") if one.isVisible())
        assert button.width() >= button.sizeHint().width()
    right = running.bar.layout_button
    assert right.mapTo(running, QPoint(right.width(), 0)).x() <= running.width()

    running.book.actions["edit.undo"].setText("Undo a gesture with a very long name")
    handled()
    assert undo.width() == width


def test_annotate_has_the_way_to_a_snapshot_on_the_tool_bar(project_window: MainWindow) -> None:
    project_window.enter("annotate")
    handled()

    (button,) = (one for one in project_window.bar.findChildren(QWidget, "button:dataset.snapshot") if one.isVisible())

    assert button.width() >= button.sizeHint().width()
    assert project_window.bar.layout_button.mapTo(project_window, QPoint(0, 0)).x() < project_window.width()


def test_the_names_of_the_label_keys_are_not_read_from_the_database(
    project_window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Project, "labels", property(lambda self: asked.append("labels") or []))

    project_window.book.follow(project_window.session.situation())

    assert asked == []
    assert project_window.book.actions["annotate.label_1"].text().startswith("Square")


def test_menus_and_the_end_of_the_tool_bar_stay_at_every_text_size(project_window: MainWindow) -> None:
    window = project_window
    for size, scale in product(SIZES, (0.9, 1.2, 1.5)):
        window.resize(*size)
        window.scale_text(scale - window.session.theme.font_scale)
        assert window.session.theme.font_scale == pytest.approx(scale)
        menus_and_the_end_of_the_bar_stay(window, f"{size}, text {scale}")


def right_of(button: QToolButton) -> int:
    return button.mapTo(button.window(), QPoint(button.width(), 0)).x()


def menus_and_the_end_of_the_bar_stay(window: MainWindow, case: str) -> None:
    bar = window.menuBar()
    for called in WORKSPACES:
        window.enter(called)
        handled()
        space = f"{case}, {called}"
        for action in bar.actions():
            menu = bar.actionGeometry(action)
            assert not menu.isEmpty() and bar.rect().contains(menu), (space, action.text())
        last_of_bar = max((one for one in window.bar.findChildren(QToolButton) if one.isVisible()), key=right_of)
        end = last_of_bar if called == "train" else window.bar.layout_button  # Train has no layout of views
        assert end.isVisible() and end.mapTo(window, QPoint(end.width(), 0)).x() <= window.width(), space
        last = bar.actionGeometry(bar.actions()[-1]).right()
        assert last < window.command_box.mapTo(window, QPoint(0, 0)).x(), space


def test_key_caps_and_words_on_the_image_grow_with_the_text(project_window: MainWindow, qtbot: QtBot) -> None:
    view = project_window.session.active_view
    first = letters_px(view)

    project_window.scale_text(0.5)
    handled()

    chips = project_window.findChildren(KeyChip)
    assert chips and [chip for chip in chips if chip.width() < chip.sizeHint().width()] == []
    assert letters_px(view) == round(1.5 * first)


def letters_px(view: ImageView) -> int:
    """How high the letters of the words about the window are, device pixels."""
    with writing() as written:
        view.grab_view()
    return next(one.height_px for one in written if one.text.startswith("W "))


def test_the_band_of_two_patients_has_one_ground(window: MainWindow, qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    band = PatientBand(window.session)
    band.setParent(host)
    band.resize(500, 26)
    band.show_patients(["STS_002", "REMOVED"])
    host.show()

    picture = host.grab().toImage()  # grabbed alone, a widget has its ground painted for it

    ground = window.session.theme.hex("warnbg").lower()
    assert {picture.pixelColor(x, 2).name() for x in range(500)} == {ground}


def test_every_whole_image_label_is_seen(project_window: MainWindow, qtbot: QtBot) -> None:
    session = project_window.session
    assert session.project is not None
    for name in ("bacteria", "virus", "a longer name", "pleura", "device"):
        session.do(add_label(name, "image", session.project.labels))
    session.edits.wait()
    panel = LabelsPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    panel.resize(270, 600)
    handled()
    panel.resize(270, panel.minimumSizeHint().height())  # no dock gives it less than it asks for
    handled()
    assert len(panel.answers) == 7

    for name, chip in panel.answers.items():
        assert chip.visibleRegion().boundingRect() == chip.rect(), name


def test_a_film_of_the_project_is_called_by_its_file(project_window: MainWindow) -> None:
    cell = project_window.session.active_cell
    assert cell is not None
    assert cell.title.title == "film_0.png"


def test_a_recent_folder_without_a_modality_begins_with_its_images() -> None:
    assert recent_detail("", 4, 1) == "4 images"
    assert recent_detail("CT Chest", 1, 3) == "CT Chest · 1 image · 3 patients"


def test_the_paragraphs_of_about_are_evenly_apart(window: MainWindow, qtbot: QtBot) -> None:
    paragraphs_are_evenly_apart(window, qtbot)
    window.scale_text(0.5)
    paragraphs_are_evenly_apart(window, qtbot)


def paragraphs_are_evenly_apart(window: MainWindow, qtbot: QtBot) -> None:
    dialog = AboutDialog(window.session, window)
    qtbot.addWidget(dialog)
    dialog.show()
    handled()

    labels = {label.text(): label.geometry() for label in dialog.findChildren(QLabel) if label.text()}

    for lines in (IS, IS_NOT):
        gaps = [labels[after].top() - labels[before].bottom() for before, after in pairwise(lines)]
        assert len(set(gaps)) == 1
    for label in dialog.findChildren(QLabel):
        assert not label.wordWrap() or label.height() == label.heightForWidth(label.width())


def test_no_tool_moves_the_image_under_the_pointer(project_window: MainWindow, qtbot: QtBot) -> None:
    session = project_window.session
    project_window.enter("annotate")
    places = set()
    for tool in ("select", "window", "box", "polygon", "freehand", "brush", "eraser", "select"):
        session.set_tool(tool)
        handled()
        view = session.active_view
        places.add((view.mapTo(project_window, QPoint(0, 0)).y(), view.height()))

    assert len(places) == 1


def test_no_panel_lies_over_its_title(project_window: MainWindow) -> None:
    for scale, space in product((1.0, 1.5), WORKSPACES):
        project_window.scale_text(scale - project_window.session.theme.font_scale)
        project_window.enter(space)
        handled()
        for dock in project_window.findChildren(QDockWidget):
            title, panel = dock.titleBarWidget(), dock.widget()
            if dock.isVisible() and title is not None and panel is not None:
                assert panel.geometry().top() > title.geometry().bottom(), (scale, space, dock.objectName())
