"""Bring labels, boxes and masks into the project, or write them out; the formats come from their registries."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from viewer.core.errors import AppError
from viewer.core.registry import load
from viewer.ui.chips import text_label
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.marks import KeyButton
from viewer.ui.plain_text import add_choice, set_field, set_text, set_title

if TYPE_CHECKING:
    from viewer.exchange.importing import ImportReport
    from viewer.ui.session import Session

FOLDER_FORMATS = ("image-folder", "masks")
COMPLETE_WORDS = 'Every case in it was looked at: it becomes complete, and what its labels do not name is "no"'


def columns_of(path: Path) -> list[str]:
    """The names in a table's first line; none when it is no table."""
    if path.suffix.lower() not in (".csv", ".tsv", ".txt") or not path.is_file():
        return []
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        return next(iter(csv.reader(stream)), [])


class _FileDialog(QDialog):
    """A title, a format, a path with its browse button, and the two buttons below."""

    def __init__(self, session: "Session", title: str, formats: dict[str, str], verb: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._busy = False
        set_title(self, title)
        self.setMinimumWidth(560)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addWidget(text_label(title, "title"))
        self.fields = QGridLayout()
        self.fields.setHorizontalSpacing(12)
        self.fields.setVerticalSpacing(8)
        column.addLayout(self.fields)
        self.format = QComboBox()
        for name, row in formats.items():
            add_choice(self.format, load({name: row}, name).title, name)
        self.format.setAccessibleName("Format")
        self.path = QLineEdit()
        self.path.setAccessibleName("File or folder")
        browse = KeyButton(session.icons, "Browse", icon="folder", height_px=26)
        browse.setAutoDefault(False)
        browse.clicked.connect(self.browse)
        self.fields.addWidget(text_label("Format", "rowmid"), 0, 0)
        self.fields.addWidget(self.format, 0, 1, 1, 2)
        self.fields.addWidget(text_label("File or folder", "rowmid"), 1, 0)
        self.fields.addWidget(self.path, 1, 1)
        self.fields.addWidget(browse, 1, 2)
        self.fields.setColumnStretch(1, 1)
        self.words = text_label("", "caption", wrap=True)
        column.addWidget(self.words)
        self.problem = text_label("", "err", wrap=True)
        column.addWidget(self.problem)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel_button(self, session.icons))
        self.start = KeyButton(session.icons, verb, key="Return", kind="primary")
        self.start.setDefault(True)
        self.start.setEnabled(False)
        self.start.clicked.connect(self._on_start)
        buttons.addWidget(self.start)
        column.addLayout(buttons)
        self.path.textChanged.connect(lambda _: self._on_changed())
        self.format.currentIndexChanged.connect(lambda _: self._on_changed())

    def format_name(self) -> str:
        """The registry's name of the chosen format."""
        return str(self.format.currentData())

    def browse(self) -> None:
        """Choose the file or folder."""
        raise NotImplementedError

    def _on_changed(self) -> None:
        self.problem.setText("")
        self.start.setEnabled(bool(self.path.text().strip()))

    def _on_start(self) -> None:
        raise NotImplementedError

    def _begin(self) -> None:
        self._busy = True
        self.start.setEnabled(False)

    def _end(self, level: str, sentence: str) -> None:
        self._busy = False
        self._session.announced.emit(level, sentence)
        self.accept()

    def _on_failed(self, error: Exception) -> None:
        self._busy = False
        self.start.setEnabled(True)
        if isinstance(error, AppError):
            set_text(self.problem, str(error))
        else:
            self._session.announce_failure(error)

    def reject(self) -> None:
        """Close, unless something is being read or written."""
        if not self._busy:
            super().reject()


class ImportDialog(_FileDialog):
    """Dataset, Import: images that are not there yet are registered, and the import is one edit that can be undone."""

    def __init__(self, session: "Session", parent: QWidget) -> None:
        from viewer.exchange import IMPORTERS

        super().__init__(session, "Import labels, boxes and masks", IMPORTERS, "Import", parent)
        self.columns = QLineEdit()
        self.columns.setAccessibleName("Columns")
        self.columns.setPlaceholderText("recognised by their names; or image=path, patient=group_id, label=label")
        self.complete = QCheckBox(COMPLETE_WORDS)
        self.fields.addWidget(text_label("Columns", "rowmid"), 2, 0)
        self.fields.addWidget(self.columns, 2, 1, 1, 2)
        self.fields.addWidget(self.complete, 3, 1, 1, 2)
        self.format.setCurrentIndex(self.format.findData("csv"))

    def browse(self) -> None:
        """A file, or a folder where the format is one."""
        if self.format_name() in FOLDER_FORMATS:
            chosen = QFileDialog.getExistingDirectory(self, "Folder to import")
        else:
            chosen, _ = QFileDialog.getOpenFileName(self, "File to import")
        if chosen:
            set_field(self.path, chosen)

    def _on_changed(self) -> None:
        super()._on_changed()
        path = Path(self.path.text().strip())
        if path.suffix.lower() == ".json" and self.format_name() == "csv":
            self.format.setCurrentIndex(self.format.findData("coco"))
        table = self.format_name() == "csv"
        self.columns.setEnabled(self.format_name() not in FOLDER_FORMATS)
        found = columns_of(path) if table else []
        set_text(self.words, f"Columns in this file: {', '.join(found)}" if found else "")

    def _on_start(self) -> None:
        from viewer.exchange import IMPORTERS
        from viewer.exchange.importer import Importer
        from viewer.exchange.importing import carry_out
        from viewer.exchange.plan import make_plan

        session, project = self._session, self._session.project
        path, complete = Path(self.path.text().strip()).expanduser(), self.complete.isChecked()
        importer: Importer = load(IMPORTERS, self.format_name())
        if project is None:
            return
        if not path.exists():
            set_text(self.problem, f"{path} is not there.")
            return
        given = {"map": [self.columns.text()]}

        def work() -> "ImportReport":
            with make_plan(project, importer, path, given, complete=complete) as plan:
                return carry_out(project, plan)

        self._begin()
        self.words.setText("Reading the images and their labels.")
        session.edits.wait()
        session.run_in_background(work, self._on_done, self._on_failed)

    def _on_done(self, report: "ImportReport") -> None:
        level = "warn" if report.problems else "info"
        first = f" {len(report.problems)} were left out, first: {report.problems[0][1]}" if report.problems else ""
        self._session.project_changed()
        self._session.refresh_overlays()
        self._end(
            level,
            f"Imported {report.images} images ({report.new_images} new), {report.annotations} annotations and "
            f"{report.image_labels} whole-image labels; {report.completed_cases} cases are complete.{first}",
        )


class ExportDialog(_FileDialog):
    """Dataset, Export: what the format cannot hold is said before anything is written."""

    def __init__(self, session: "Session", parent: QWidget) -> None:
        from viewer.exchange import EXPORTERS

        super().__init__(session, "Export annotations", EXPORTERS, "Export", parent)
        self._dataset: Any = None
        self._on_changed()

    def browse(self) -> None:
        """Where to write."""
        if self._exporter().suffix:
            chosen, _ = QFileDialog.getSaveFileName(self, "Export to", f"annotations{self._exporter().suffix}")
        else:
            chosen = QFileDialog.getExistingDirectory(self, "Folder to export to")
        if chosen:
            set_field(self.path, chosen)

    def _exporter(self) -> Any:
        from viewer.exchange import EXPORTERS

        return load(EXPORTERS, self.format_name())

    def _on_changed(self) -> None:
        from viewer.exchange.exporter import dataset_of

        super()._on_changed()
        if self._dataset is None and self._session.project is not None:
            self._session.edits.wait()
            self._dataset = dataset_of(self._session.project)
        losses = self._exporter().losses(self._dataset) if self._dataset is not None else []
        set_text(self.words, "Left out: " + " ".join(losses) if losses else "This format holds everything there is.")

    def _on_start(self) -> None:
        exporter, path, dataset = self._exporter(), Path(self.path.text().strip()).expanduser(), self._dataset
        self._begin()

        def done(_: object) -> None:
            self._end("info", f"Exported {len(dataset.images)} images to {path}.")

        self._session.run_in_background(lambda: exporter.write(path, dataset), done, self._on_failed)
