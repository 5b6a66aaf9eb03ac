"""What stands in a file is shown as it stands there: no HTML, no key, no turned line, nothing that Qt would load."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom.config
import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPainter
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QApplication, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import (  # noqa: F401  # fixtures of the whole window
    _looked_through,
    garbage_on_this_thread,
    window,
    write_films,
    write_slice,
)
from tests.waiting import handled, settled
from viewer.core.text.shown_text import for_terminal, one_line, some_lines
from viewer.project.edit_builders import add_label
from viewer.project.project import Project
from viewer.project.register import add_frames
from viewer.ui.look.plain_text import OurPage, add_choice, plain_label, set_text, set_tip, tip_text
from viewer.ui.panels import PANELS
from viewer.ui.panels.report import ReportPanel
from viewer.ui.panels.voi_rows import PresetRow
from viewer.ui.window.main_window import MainWindow

# As HTML it is 900 px wide and needs no file; as text it is one line.
IMAGE = "<img src=x width=900 height=700>"
TEXTS = (IMAGE, "<b>x</b>", "<a href=x>y</a>", "a &lt;b&gt; c", "R & D", "a\0b", "\u202egpj.exe", "<!DOCTYPE html>")


@pytest.fixture
def hostile_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CT series whose patient, study, series and windows have such names, and a file that is none, called so."""
    monkeypatch.setattr(pydicom.config.settings, "writing_validation_mode", pydicom.config.IGNORE)
    folder = tmp_path / "study"
    for place in range(3):
        write_slice(
            folder / f"{place}.dcm", patient="HTML", study=1, series=1, place=place, frame="1.2.7",
            SpecificCharacterSet="ISO_IR 192", PatientName="<img src>^\u202eR & D", PatientID="<b>7</b>",
            StudyDescription=IMAGE, SeriesDescription=IMAGE, TextValue="x" * 100_000,
            WindowCenter=[40, 50, 60], WindowWidth=[400, 500, 600],
            WindowCenterWidthExplanation=[IMAGE, "<b>R & D</b>", "a\u202eb"],
        )  # fmt: skip
    (folder / f"{IMAGE}.dcm").write_bytes(b"this is no image at all" * 20)
    return folder


@pytest.fixture
def hostile_project(tmp_path: Path) -> Path:
    """A project whose label has such a name."""
    with Project.create(tmp_path / "project", name="<b>R & D</b>", author="<i>me</i>") as project:
        add_frames(project, write_films(tmp_path / "films", 2))
        for scope in ("region", "image"):
            project.history.do(add_label(f"{IMAGE} {scope}", scope, project.labels))
    return tmp_path / "project"


@pytest.fixture
def hostile(window: MainWindow, hostile_study: Path, hostile_project: Path, qtbot: QtBot) -> MainWindow:  # noqa: F811
    """The window with both open, every dock once shown."""
    session = window.session
    session.open_paths([hostile_project])
    qtbot.waitUntil(lambda: session.project is not None and session.project.folder == hostile_project)
    session.open_paths([hostile_study])
    qtbot.waitUntil(lambda: session.shown is not None and hostile_study in session.shown.ref.path.parents)
    settled(session)
    assert session.shown is not None and hostile_study in session.shown.ref.path.parents
    for space in ("train", "review", "annotate", "read"):
        window.enter(space)
        QApplication.processEvents()
    for name in PANELS:
        window.docks.panel(name)
    window.show_report()
    qtbot.waitUntil(lambda: bool(session.problems) and not session.opening.scanning)
    handled()
    return window


def every_tip(top: QWidget) -> Iterator[tuple[str, str]]:
    """(where, tool tip) of every widget, action and row of a window."""
    for widget in (top, *top.findChildren(QWidget)):
        yield f"{type(widget).__name__} {widget.accessibleName()}", widget.toolTip()
        for action in widget.actions():
            yield f"action {action.objectName()}", action.toolTip()
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            for row, text in rows_of(widget.model(), Qt.ItemDataRole.ToolTipRole):
                yield f"{type(widget).__name__} row {row}", text


def rows_of(model: QAbstractItemModel, role: Qt.ItemDataRole) -> Iterator[tuple[int, str]]:
    """(row, text) of a flat model's or a tree's top rows."""
    for row in range(model.rowCount()):
        for column in range(1 if isinstance(model, QAbstractListModel) else model.columnCount()):
            text = model.index(row, column).data(role)
            if isinstance(text, str):
                yield row, text


def test_no_tool_tip_of_the_window_is_taken_for_html(hostile: MainWindow) -> None:
    tips = [(where, tip) for where, tip in every_tip(hostile) if tip]

    assert [(where, tip) for where, tip in tips if GuiQt.mightBeRichText(tip)] == []
    held = [where for where, tip in tips if "img src=x" in tip]
    assert any("PresetRow" in where for where in held), "the file's windows"
    assert any("AnswerChip" in where for where in held), "the whole-image labels"
    assert any("QTreeWidget" in where for where in held), "the files that are not shown, and the tags"


def test_every_label_of_the_window_shows_text_as_text(hostile: MainWindow) -> None:
    labels = [label for label in hostile.findChildren(QLabel) if type(label).__name__ != "QTipLabel"]

    assert len(labels) > 50
    assert [label.text() for label in labels if label.textFormat() != GuiQt.TextFormat.PlainText] == []


def test_what_turns_a_line_or_ends_a_string_is_seen(hostile: MainWindow) -> None:
    said = [tip for _, tip in every_tip(hostile)]
    said += [label.text() for label in hostile.findChildren(QLabel)]
    said += [widget.accessibleName() for widget in hostile.findChildren(QWidget)]
    for view in hostile.findChildren(QAbstractItemView):
        if view.model() is not None:
            said += [text for _, text in rows_of(view.model(), Qt.ItemDataRole.DisplayRole)]

    assert any("gpj" in text or "R & D" in text for text in said)
    assert [text for text in said if {"\0", "\u202e", "\x1b"} & set(text)] == []
    assert max(map(len, said)) <= 10_000, "a value of 100,000 characters is cut"


def hover(widget: QWidget, place: QPoint) -> QLabel:
    """The tool tip that comes when a hand rests there."""
    QToolTip.hideText()
    target = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
    QApplication.sendEvent(target, QHelpEvent(QEvent.Type.ToolTip, place, target.mapToGlobal(place)))
    tips = [top for top in QApplication.topLevelWidgets() if top.inherits("QTipLabel")]
    found = [tip for tip in tips if isinstance(tip, QLabel) and tip.text()]
    assert found, "no tool tip came"
    return found[-1]


@pytest.mark.qt_log_ignore("This plugin does not support raise")  # the offscreen platform, of every tool tip
def test_a_hand_that_rests_on_a_name_gets_a_line_of_text(hostile: MainWindow, qtbot: QtBot) -> None:
    rows = [row for row in hostile.findChildren(PresetRow) if "img" in row.toolTip()]
    lists = [panel.list for panel in hostile.findChildren(ReportPanel)]
    places: list[tuple[QWidget, QPoint]] = [(row, QPoint(40, 5)) for row in rows]
    for view in lists:
        view.scrollTo(view.model().index(0, 1))
        places.append((view, view.visualRect(view.model().index(0, 1)).center()))
    assert rows and lists

    for widget, place in places:
        tip = hover(widget, place)
        assert "img src=x" in tip.text() or "R & D" in tip.text()
        assert not GuiQt.mightBeRichText(tip.text())
        assert tip.sizeHint().height() < 200, "700 px high would be the picture"


@pytest.mark.parametrize("text", TEXTS)
def test_the_place_where_text_meets_qt(qapp: QApplication, text: str) -> None:
    tip = tip_text(text)
    assert not GuiQt.mightBeRichText(tip)
    assert tip.replace("\u2060", "") == one_line(text)

    label = plain_label(text)
    assert label.textFormat() == GuiQt.TextFormat.PlainText and label.text() == one_line(text)
    set_tip(label, text)
    assert label.toolTip() == tip
    label.deleteLater()


def test_an_ampersand_is_a_letter_on_a_button_and_in_a_menu(qapp: QApplication) -> None:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QPushButton

    button, action = QPushButton(), QAction()
    set_text(button, "R & D")
    set_text(action, "R & D")
    assert button.text() == action.text() == "R && D"
    assert button.shortcut().isEmpty()
    button.deleteLater()


def test_undo_names_a_label_with_an_ampersand(hostile: MainWindow, qtbot: QtBot) -> None:
    project = hostile.session.project
    assert project is not None
    assert hostile.session.do(add_label("R & D", "region", project.labels))
    undo = hostile.book.actions["edit.undo"]
    qtbot.waitUntil(lambda: "R && D" in undo.text() and "R & D" in undo.toolTip())


def test_a_combo_box_keeps_the_whole_text_as_data(qapp: QApplication) -> None:
    from PySide6.QtWidgets import QComboBox

    box = QComboBox()
    add_choice(box, "a\0b", "a\0b", IMAGE)
    assert box.itemText(0) == "a\ufffdb" and box.itemData(0) == "a\0b"
    assert not GuiQt.mightBeRichText(box.itemData(0, Qt.ItemDataRole.ToolTipRole))
    box.deleteLater()


def test_our_own_page_loads_nothing(qapp: QApplication, tmp_path: Path) -> None:
    picture = QImage(300, 200, QImage.Format.Format_RGB32)
    picture.fill(0)
    picture.save(str(tmp_path / "planted.png"))
    page = OurPage()
    page.show_page(f'<img src="{(tmp_path / "planted.png").as_uri()}"><link rel=stylesheet href="http://127.0.0.1/x">')
    assert page.document().size().height() < 100, "200 px high would be the picture"
    page.deleteLater()


def test_the_help_page_escapes_what_is_searched(hostile: MainWindow) -> None:
    from viewer.ui.commands.help_page import help_html

    assert "<img" not in help_html((), hostile.session.theme, IMAGE)


def test_text_has_an_end() -> None:
    assert one_line("x" * 1_000_000) == "x" * 399 + "…"
    assert len(some_lines("line\n" * 1_000_000)) <= 2000
    assert some_lines("line\n" * 1_000_000).count("\n") < 40
    assert all(len(line) <= 120 for line in tip_text("word " * 1000).split("\n"))


@pytest.mark.parametrize("kept", ["Müller^Jürgen", "山田^太郎", "שלום", "سلام‌دوست", "a\N{NO-BREAK SPACE}b", "👩‍⚕️"])
def test_how_people_write_stays(kept: str) -> None:
    assert one_line(kept) == kept


UNSEEN = [*map(chr, (0, 7, 8, 27, 0x7F, 0x9B, 0xD800)), *"\u202a\u202b\u202d\u202e\u2066\u2068\u200b\u2060\ufeff"]


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
def test_what_cannot_be_seen_is_made_visible(unseen: str) -> None:
    assert one_line(f"a{unseen}b") == "a\ufffdb"
    assert for_terminal(f"a{unseen}b").isprintable()


def test_painted_text_is_text(qapp: QApplication) -> None:
    """QPainter.drawText looks for no HTML; it is given no control characters either."""
    from viewer.ui.look.plain_text import draw_words

    asked: list[Any] = []

    class Painter(QPainter):
        def drawText(self, *arguments: Any) -> None:  # type: ignore[override]
            asked.append(arguments[-1])

    image = QImage(10, 10, QImage.Format.Format_RGB32)
    painter = Painter(image)
    draw_words(painter, 0, 0, f"{IMAGE}\u202e\n")
    painter.end()
    assert asked == [f"{IMAGE}\ufffd "]


def test_a_terminal_gets_no_escape_sequences() -> None:
    from viewer.cli.output import Output

    out, err = io.StringIO(), io.StringIO()
    said = Output(stdout=out, stderr=err)
    evil = "name\x1b]0;title\x07\x1b[2J\x9b31m\u202e\r\0\n0 problems"
    said.line(f"{evil}\tkept")
    said.note(evil)
    said.step(evil)
    said.error("Kind", evil, exit_code=1)
    for text in (out.getvalue(), err.getvalue()):
        assert not {"\x1b", "\x07", "\x9b", "\u202e", "\r", "\0"} & set(text)
        assert r"\x1b]0;title\x07" in text and r"\u202e" in text and r"\n0 problems" in text
    assert out.getvalue().endswith("\tkept\n") and out.getvalue().count("\n") == 1, "no line of its own"


def test_a_scan_of_such_a_study_steers_no_terminal(
    hostile_study: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from viewer.cli.main import main

    write_slice(
        hostile_study / "more.dcm", patient="ESC", study=2, series=2, place=0, frame="1.2.8",
        SpecificCharacterSet="ISO_IR 192", SeriesDescription="a\x1b[2Jb", StudyDescription="c\nno problems",
    )  # fmt: skip
    (hostile_study / "\x1b]0;title\x07\n.dcm").write_bytes(b"this is no image at all" * 20)
    main(["scan", str(hostile_study)])
    main(["render", str(hostile_study / "\x1b]0;title\x07\n.dcm"), "--out", str(hostile_study / "x.png")])
    main(["scan", "--\x1b[2J"])
    main(["\x1b[2J"])
    said = capsys.readouterr()
    for text in (said.out, said.err):
        assert text and not {"\x1b", "\x07", "\0", "\u202e"} & set(text)
        assert "no problems" not in [line.strip() for line in text.splitlines()]
