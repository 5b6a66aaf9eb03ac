"""Write labels, boxes and masks out, and what the two dialogs of exchange share; formats come from their registries."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from viewer.core.errors import AppError
from viewer.core.registry import load
from viewer.core.text.counting import counted
from viewer.ui.dialogs.bounded import BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.dialogs.import_fields import OptionFields
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice, set_field, set_text, set_title
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.announcing import announce_until
from viewer.ui.state.typed_path import typed_path
from viewer.ui.state.worker import sentence_of

if TYPE_CHECKING:
    from viewer.exchange.exporter import Dataset, Exporter
    from viewer.exchange.options import Option
    from viewer.ui.flows.desk import Desk

Wish = tuple[str, dict[str, list[str]]]  # a format, and what was said of its options


class FileDialog(BoundedDialog):
    """A title, a format, a path with its browse button, and the two buttons below."""

    def __init__(self, session: "Desk", title: str, formats: dict[str, str], verb: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._busy = False
        set_title(self, title)
        self.setMinimumWidth(560)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        self.fields = QGridLayout()
        self.fields.setHorizontalSpacing(12)
        self.fields.setVerticalSpacing(8)
        column.addLayout(self.fields)
        self.format = ChoiceBox()
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
        self.words = Paragraph("caption")
        column.addWidget(self.words)
        self.below = column
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
        session = self._session
        announce_until(
            session, level, sentence, session.project_opened, session.workspace_changed, session.work_changed
        )
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


class ExportDialog(FileDialog):
    """Dataset, Export: what the format cannot hold is said before anything is written.

    That is counted in the background, anew for each format and each change of an option.
    """

    def __init__(self, session: "Desk", parent: QWidget) -> None:
        from viewer.exchange import EXPORTERS

        super().__init__(session, "Export annotations", EXPORTERS, "Export", parent)
        self.setMinimumWidth(min(session.theme.px(680), self.screen().availableSize().width() - 40))
        self._dataset: Dataset | None = None
        self._wanted: Wish | None = None
        self._counted: Wish | None = None  # what `_dataset` and the words are about
        self._counting = False
        self._stopped = False
        self._refusal = ""  # why there is nothing to write
        self._fields_of = ""  # the format whose options are shown
        self.options = OptionFields(())
        if not any(label.scope == "region" for label in session.labels):
            self.format.setCurrentIndex(self.format.findData("csv"))  # the one that holds whole-image labels
        self._show_options()
        self.format.currentIndexChanged.connect(lambda _: self._show_options())

    def browse(self) -> None:
        """Where to write."""
        if self._exporter().suffix:
            # Not the current folder, which may be a temporary one of the launcher's.
            proposed = str(Path.home() / f"annotations{self._exporter().suffix}")
            chosen, _ = QFileDialog.getSaveFileName(self, "Export to", proposed)
        else:
            chosen = QFileDialog.getExistingDirectory(self, "Folder to export to", str(Path.home()))
        if chosen:
            set_field(self.path, chosen)

    def _exporter(self) -> "Exporter":
        from viewer.exchange import EXPORTERS

        found: Exporter = load(EXPORTERS, self.format_name())
        return found

    def _offered(self) -> "tuple[Option, ...]":
        """The options of the format; the rules of several readings are few words, and the project's readers."""
        from viewer.exchange.exporter import READINGS, options_of
        from viewer.project.combining import READER, RULES
        from viewer.project.lists.taken_readings import EACH

        rules = (*RULES, EACH, *(f"{READER}{name}" for name in self._session.readings.readers))
        return tuple(
            replace(one, choices=rules, unsaid="the reading that is open", hint="") if one.name == READINGS else one
            for one in options_of(self._exporter())
        )

    def _show_options(self) -> None:
        was = self.options
        self.options = OptionFields(self._offered())
        self.options.take(was.given())
        self.options.changed.connect(self._on_changed)
        self.options.align(self.fields)
        self.fields.addWidget(self.options, 2, 0, 1, 3)
        was.hide()
        was.deleteLater()
        self._fields_of = self.format_name()
        self._on_changed()

    def _on_changed(self) -> None:
        if not hasattr(self, "options") or self._fields_of != self.format_name():
            return  # the fields are being made
        super()._on_changed()
        self._wanted = self.format_name(), self.options.given()
        if self._counted != self._wanted:
            self.start.setEnabled(False)
            set_text(self.words, "Reading what there is to export.")
            self._count(self._wanted)
        elif self._dataset is None:
            self.start.setEnabled(False)
            set_text(self.problem, self._refusal)

    def _count(self, wish: Wish) -> None:
        """Go through the project off the window's thread; once at a time, whatever is changed meanwhile."""
        session, project, exporter = self._session, self._session.project, self._exporter()
        if project is None or self._counting:
            return
        self._counting = True

        def work() -> "tuple[Dataset, list[str]]":
            from viewer.exchange.exporter import dataset_of

            dataset = dataset_of(project, exporter, wish[1])
            images = dataset.images.until(lambda: self._stopped or self._wanted != wish)
            return dataset, exporter.losses(replace(dataset, images=images))

        def done(found: "tuple[Dataset, list[str]]") -> None:
            dataset, losses = found
            said = "Left out: " + " ".join(losses) if losses else "This format holds everything there is."
            if dataset.taken.words:
                said = f"Of several readings it takes {dataset.taken.words}. {said}"
            self._on_counted(wish, dataset, said)

        def failed(error: Exception) -> None:
            self._refusal = "" if self._stopped else self.options.words_of(sentence_of(error))
            self._on_counted(wish, None, "")

        session.edits.wait()
        session.run_in_background(work, done, failed, owner=self)

    def _on_counted(self, wish: Wish, dataset: "Dataset | None", words: str) -> None:
        self._counting = False
        if self._stopped:
            return
        self._dataset, self._counted = dataset, wish
        set_text(self.words, words)
        self._on_changed()

    def _on_start(self) -> None:
        exporter, path, dataset = self._exporter(), typed_path(self.path.text()), self._dataset
        if dataset is None:
            return
        self._begin()

        def write() -> "tuple[int, tuple[Path, ...], list[tuple[Path, str]]]":
            from viewer.exchange.true_pixels import still_there

            kept, replaced = still_there(dataset)
            return len(kept.images), exporter.write(path, kept), replaced

        def done(result: "tuple[int, tuple[Path, ...], list[tuple[Path, str]]]") -> None:
            count, written, replaced = result
            where = written[0] if len(written) == 1 else f"{counted(len(written), 'file')} in {written[0].parent}"
            said = [f"Exported {counted(count, 'image')} to {where}.", *(sentence for _, sentence in replaced[:1])]
            said += [f"So were {len(replaced) - 1} more."] if len(replaced) > 1 else []
            self._end("warn" if replaced else "info", " ".join(said))

        self._session.run_in_background(write, done, self._on_failed, owner=self)

    def _on_failed(self, error: Exception) -> None:
        super()._on_failed(error)
        set_text(self.problem, self.options.words_of(self.problem.text()))

    def reject(self) -> None:
        """Close, unless something is being written; what is only counted is given up."""
        self._stopped = self._stopped or not self._busy
        super().reject()
