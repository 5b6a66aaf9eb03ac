"""What each reader said of the shown image, where it is settled: in the shared reading, once all are through."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.on_screen import show_inside
from viewer.ui.look.plain_text import set_name, set_text, set_tip
from viewer.ui.look.row_painting import KeyButton, SectionTitle
from viewer.ui.state.edit_gate import Then
from viewer.ui.state.latest import Latest

if TYPE_CHECKING:
    from viewer.core.edits import Edit
    from viewer.project.at_hand.adjudicating import Heard, ReaderSaid
    from viewer.project.project import Project
    from viewer.ui.flows.desk import Desk

TAKE = "Take over"


class ReadersSaid(QWidget):
    """Hidden in every reading of one's own, and in a project that has one reading."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._heard: Heard | None = None
        self._found = Latest(session, self._show, self)
        self.take_buttons: dict[str, KeyButton] = {}
        self.lines: list[str] = []  # who said what, as it stands there
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(SectionTitle("What the readers say"))
        self._rows: QWidget | None = None
        for told in (session.image_shown, session.image_gone, session.readings.changed):
            told.connect(self._ask)
        self._ask()

    def _ask(self, *_: object) -> None:
        session = self._session
        project, shown = session.project, session.shown
        image_id = None if shown is None or shown.case_id is None else shown.image_id
        settles = project is not None and not project.reader and session.readings.several
        if not settles or image_id is None:
            self._found.forget()
            self._show(None)
            return
        if self._heard is not None and self._heard.image_id != image_id:
            self._show(None)  # nothing of another image stays meanwhile
        self._found.ask(partial(_hear, image_id=image_id))

    def _show(self, heard: "Heard | None") -> None:
        shown = self._session.shown
        if heard is not None and (shown is None or shown.image_id != heard.image_id):
            return  # the next answer is on its way
        if heard is None and self._heard is None and self._rows is not None:
            return  # there was nothing to say of the image before either
        self._heard = heard
        self._fill()
        show_inside(self, on=bool(self.lines))
        self._session.tell_situation()  # the panel needs more room, or less

    def _fill(self) -> None:
        if self._rows is not None:
            self._rows.hide()
            self._rows.deleteLater()
        heard, self.take_buttons, self.lines = self._heard, {}, []
        self._rows = rows = QWidget()
        column = QVBoxLayout(rows)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(6)
        for said in () if heard is None else heard.said:
            column.addWidget(self._row(said))
        for said in () if heard is None else heard.on_planes:
            column.addWidget(self._row(said, on_planes=True))
        if heard is not None and heard.waits_for:
            waits = Paragraph("caption")
            set_text(waits, waits_words(heard.waits_for))
            self.lines.append(waits.text())
            column.addWidget(waits)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(rows)

    def _row(self, said: "ReaderSaid", *, on_planes: bool = False) -> QWidget:
        name = f"{said.name}, on planes" if on_planes else said.name
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(text_label(name, "strong"))
        what = Paragraph("second")
        set_text(what, said.words)
        words.addWidget(what)
        self.lines.append(f"{name}: {said.words}")
        row.addLayout(words, 1)
        take = KeyButton(self._session.icons, TAKE, height_px=26)
        where = "of this image"
        if on_planes:
            set_name(take, f"{TAKE} what {said.name} drew on planes")
            where = "of planes through this series"
        else:
            set_name(take, f"{TAKE} what {said.name} says")
        tip = f"The shared reading {where} then says what {said.name} says, and nothing else. Ctrl+Z takes it back."
        set_tip(take, tip)
        project = self._session.project
        take.setEnabled(project is not None and not project.read_only)
        take.clicked.connect(partial(self._take_over, said, on_planes=on_planes))
        self.take_buttons[name] = take
        row.addWidget(take)
        return holder

    def _take_over(self, said: "ReaderSaid", _checked: object = None, *, on_planes: bool) -> None:
        session, heard = self._session, self._heard
        project, shown = session.project, session.shown
        if project is None or shown is None or heard is None:
            return

        def here() -> "Edit":
            from viewer.project.at_hand.taking_over import taking_over, taking_over_planes

            taking = taking_over_planes if on_planes else taking_over
            return session.entrance.prepare(taking(project, said, heard.image_id, author=session.author), shown)

        then = Then(kept=lambda: None, refused=lambda error: session.said.emit(str(error)))
        session.edits.make(here, then=then)


def waits_words(names: Sequence[str]) -> str:
    """For whom it is hidden; that the shared reading is complete, as the list of cases says, does not end it."""
    *first, last = names
    many = f"{', '.join(first)} and {last} have" if first else f"{last} has"
    return f"Hidden until {many} completed this case in {'readings' if first else 'a reading'} of their own."


def _hear(project: "Project", image_id: str) -> "Heard":
    from viewer.project.at_hand.adjudicating import hear

    return hear(project, image_id)
