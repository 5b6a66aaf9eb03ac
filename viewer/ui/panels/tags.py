"""Header tags of the shown file, with search and copy."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QPushButton,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.core.text.privacy import names_patient
from viewer.core.text.table_text import tab_text
from viewer.ui.look.filter_field import FilterField
from viewer.ui.look.plain_text import copy_text, plain_label, set_text, set_tip, tree_row

if TYPE_CHECKING:
    from viewer.reading.dicom.tag_rows import TagRow
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.shown import ShownImage

VALUE_LIMIT = 10_000  # characters of one value; what is longer is cut with dots
VR_PX, MOST_NAME_PX = 30, 180  # at 100 %
CELL_PX = 20  # what the style puts round a cell's text
NAME_SHARE = 0.48  # of what tag and representation leave
WIDE_PX = 360  # narrower, the value representation stands in the tool tip
SCROLL_BAR_PX = 10
NAME_WORDS = ("patient", "physician", "operator", "referring", "birth", "institution", "accession")
# Free text of files that are not DICOM: nothing says whether it is a name.
FREE_TEXT = (
    "name",
    "descrip",
    "comment",
    "content",
    "artist",
    "author",
    "owner",
    "title",
    "copyright",
    "subject",
    "file",
)


class TagsPanel(QWidget):
    """The header as it is in the file."""

    title = "Header tags"
    area = "right"
    workspaces: tuple[str, ...] = ()
    count_changed = Signal(str)

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        self._path: Path | None = None
        self._rows: list[TagRow] = []
        self._decoder = ""
        self.field = FilterField("Tag, name, value", "Filter tags")
        self.list = QTreeWidget()
        self.field.the_list = self.list
        self.list.setHeaderLabels(("Tag", "Name", "VR", "Value"))
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setAccessibleName("Header tags")
        self.list.header().setMinimumSectionSize(24)
        copy = QPushButton("Copy")
        copy.setToolTip("The selected rows, or all that are listed")
        copy.clicked.connect(self._on_copy)
        self.decoded = plain_label()
        self.decoded.setProperty("role", "caption")
        self.decoded.setWordWrap(True)
        self.decoded.setContentsMargins(10, 0, 10, 8)
        self.decoded.setToolTip("How this image's pixels were read. Where one decoder fails, the next is tried.")
        self.decoded.hide()
        top = QHBoxLayout()
        top.setContentsMargins(10, 8, 10, 8)
        top.addWidget(self.field, 1)
        top.addWidget(copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.decoded)
        column.addWidget(self.list, 1)
        self.field.textChanged.connect(lambda _: self._filter())
        session.image_shown.connect(self._on_image_shown)
        session.image_gone.connect(self._on_image_gone)
        session.names_hidden_changed.connect(lambda _: self._fill())
        session.theme_changed.connect(lambda _: self._fit())
        if session.shown is not None:
            self._on_image_shown(session.shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _fit(self) -> None:
        """The tag whole, and what is left for name and value; the representation only where there is room for it."""
        px = self._session.theme.px
        is_dicom = not self._rows or self._is_dicom  # only DICOM has numbers of tags and value representations
        has_vr = is_dicom and self.width() >= px(WIDE_PX)
        self.list.setColumnHidden(0, not is_dicom)
        self.list.setColumnHidden(2, not has_vr)
        tag_px = self.list.fontMetrics().horizontalAdvance("(0000,0000)") + CELL_PX
        left = self.width() - SCROLL_BAR_PX - (tag_px if is_dicom else 0) - (px(VR_PX) if has_vr else 0)
        for place, width in enumerate((tag_px, min(px(MOST_NAME_PX), round(left * NAME_SHARE)), px(VR_PX))):
            self.list.setColumnWidth(place, width)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        if self._session.shown is not None:
            self._on_image_shown(self._session.shown)

    def _on_image_gone(self) -> None:
        self._path, self._rows = None, []
        self._say_decoder()
        self._fill()

    def _on_image_shown(self, shown: "ShownImage") -> None:
        path = shown.ref.path
        if not self.isVisible():
            return
        # Of the image, not of the file: another frame may have needed another decoder.
        self._decoder = shown.frame.decoder
        if path == self._path:
            self._say_decoder()
            return
        self._path = path

        def read() -> "list[TagRow]":
            from viewer.reading.frames import header_tags

            return header_tags(path)

        def done(rows: "list[TagRow]") -> None:
            if self._path == path:
                self._rows = rows
                self._say_decoder()
                self._fill()

        def failed(error: Exception) -> None:
            done([])
            self._session.said.emit(str(error))

        self._session.run_in_background(read, done, failed, at_rest=True)

    @property
    def _is_dicom(self) -> bool:
        return any(row.tag for row in self._rows)

    def _say_decoder(self) -> None:
        """Only DICOM files have decoders to choose from, so of others nothing is said."""
        from viewer.reading.pixels.decoders import decoder_words

        is_dicom = self._is_dicom
        set_text(self.decoded, decoder_words(self._decoder) if is_dicom else "")
        self.decoded.setVisible(is_dicom)

    def _fill(self) -> None:
        hide = self._session.names_hidden
        is_dicom = self._is_dicom
        who = {
            "patient_id": next((str(row.value) for row in self._rows if row.keyword == "PatientID"), ""),
            "patient_name": next((str(row.value) for row in self._rows if row.keyword == "PatientName"), ""),
        }
        self._fit()
        self.list.clear()
        items = []
        for row in self._rows:
            words = NAME_WORDS if row.tag else NAME_WORDS + FREE_TEXT
            private = hide and (
                any(word in row.keyword.lower() for word in words)
                or ("description" in row.keyword.lower() and names_patient(str(row.value), **who))
            )
            value = "hidden" if private else str(row.value)
            indent = "  " * row.level
            name = row.keyword if is_dicom else f"{indent}{row.keyword}"
            item = tree_row(None, (f"{indent}{row.tag}", name, row.vr, value), VALUE_LIMIT)
            for column in range(3):
                set_tip(item, " ".join(part for part in (row.tag, row.keyword, row.vr) if part), column)
            set_tip(item, value[:400], 3)
            items.append(item)
        self.list.addTopLevelItems(items)
        self._filter()

    def _filter(self) -> None:
        low = self.field.text().strip().lower()
        listed = 0
        for place in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(place)
            if item is not None:
                keep = any(low in item.text(column).lower() for column in range(4))
                item.setHidden(not keep)
                listed += keep
        self.count_changed.emit(str(listed) if self._rows else "")

    def _on_copy(self) -> None:
        chosen = self.list.selectedItems()
        every = [self.list.topLevelItem(place) for place in range(self.list.topLevelItemCount())]
        items = chosen or [item for item in every if item is not None and not item.isHidden()]
        copy_text(tab_text([[item.text(c) for c in range(4)] for item in items]))
        self._session.said.emit(f"{len(items)} tags are on the clipboard.")
