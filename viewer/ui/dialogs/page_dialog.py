"""A page of ours that is read beside the window's thread and shown in a dialog, to be looked at and copied."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QWidget

from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.edges import edge_to_edge, foot
from viewer.ui.dialogs.page_style import style_page
from viewer.ui.look.chips import Paragraph, separator
from viewer.ui.look.plain_text import OurPage, copy_text, set_name, set_text, set_title
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk


class PageDialog(BoundedDialog):
    """title: of its window. name: what the page is to a screen reader. copied: what is said of its text then.

    It loads nothing and runs nothing; why it cannot be read stands in its place.
    """

    def __init__(
        self, session: "Desk", *, title: str, name: str, size_px: tuple[int, int], copied: str,
        parent: QWidget | None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._session, self._copied = session, copied
        self._read_facts: Any = None
        set_title(self, title)
        self.resize(*map(session.theme.px, size_px))
        layout = edge_to_edge(self)
        self.problem = Paragraph("err")
        self.problem.setContentsMargins(16, 12, 16, 12)
        self.problem.hide()
        layout.addWidget(self.problem)
        self.page = OurPage()
        set_name(self.page, name)
        self.page.setFrameShape(QFrame.Shape.NoFrame)
        layout.addWidget(self.page, 1)
        layout.addWidget(separator())
        layout.addWidget(self._build_footer())
        session.theme_changed.connect(self._show)

    def _build_footer(self) -> QFrame:
        bar, row = foot()
        beside = self.beside_buttons()
        if beside is None:
            row.addStretch(1)
        else:
            row.addWidget(beside, 1)
        self.copy = KeyButton(self._session.icons, "Copy as text", icon="export")
        self.copy.setEnabled(False)
        self.copy.clicked.connect(self._on_copy)
        self.shut = KeyButton(self._session.icons, "Close", key="Esc", kind="primary")
        self.shut.setDefault(True)
        self.shut.clicked.connect(self.accept)
        for button in (self.copy, *self.more_buttons(), self.shut):
            row.addWidget(button)
        return bar

    # What a page has of its own

    def beside_buttons(self) -> QWidget | None:
        """What stands at the left of the buttons."""
        return None

    def more_buttons(self) -> Sequence[KeyButton]:
        """Buttons between copying and closing."""
        return ()

    def html(self, facts: Any) -> str:
        """The page of what was read."""
        raise NotImplementedError

    @property
    def pictures(self) -> Mapping[str, QImage]:
        """Those that the page has just named."""
        return {}

    def read(self, read: Callable[[], Any]) -> None:
        """Read the facts on a thread that may wait, then show them."""
        self._session.run_in_background(read, self._on_read, self._on_failed, owner=self)

    def _on_read(self, facts: Any) -> None:
        self._read_facts = facts
        self.copy.setEnabled(True)
        self._show()

    def _on_failed(self, error: Exception) -> None:
        set_text(self.problem, str(error))
        self.problem.show()

    def _show(self, *_: object) -> None:
        style_page(self.page, self._session.theme)
        if self._read_facts is not None:
            html = self.html(self._read_facts)
            self.page.show_page(html, self.pictures)

    def _on_copy(self) -> None:
        copy_text(self.page.toPlainText())
        self._session.announced.emit("info", self._copied)
