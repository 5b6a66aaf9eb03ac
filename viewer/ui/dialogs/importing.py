"""Bring labels, boxes and masks into the project: first the plan, with what is left out and why, then one edit."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHeaderView,
    QPushButton,
    QScrollArea,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.core.registry import load
from viewer.core.text.counting import counted
from viewer.ui.dialogs.exchange import FileDialog
from viewer.ui.dialogs.import_fields import OptionFields, columns_of
from viewer.ui.look.plain_text import set_field, set_name, set_text, set_tip, tree_row
from viewer.ui.state.typed_path import typed_path
from viewer.ui.state.worker import while_there

if TYPE_CHECKING:
    from collections.abc import Sequence

    from viewer.exchange.importer import Importer
    from viewer.exchange.importing import ImportReport
    from viewer.exchange.plan import Plan
    from viewer.ui.flows.desk import Desk

COMPLETE_WORDS = (
    'Every case in it was looked at: it becomes complete, and what its labels do not name is "no". '
    "A case of which something is left out stays open."
)
MOST_SENTENCES = 200  # of one rule in the table; the command line's --json has them all
MOST_TABLE_PX = 320
FEWEST_ROWS = 2  # of the fields of options that stay in sight on a small screen


class ImportDialog(FileDialog):
    """Dataset, Import: reads the file into a plan, shows it, and writes it as one edit that can be undone."""

    progressed = Signal(int, int)

    def __init__(self, session: "Desk", parent: QWidget) -> None:
        from viewer.exchange import IMPORTERS

        super().__init__(session, "Import labels, boxes and masks", IMPORTERS, "Preview", parent)
        self.setMinimumWidth(min(session.theme.px(780), self.screen().availableSize().width() - 40))
        self._plan: Plan | None = None
        self._stopped = False
        self._guesses = True  # the format, from what is chosen
        self._guessed = Path()
        self.complete = QCheckBox(
            "Every case in it was looked at: complete them (models learn from complete cases only)"
        )
        self.complete.setToolTip(COMPLETE_WORDS)
        self.options = OptionFields(())
        self.options_area = QScrollArea()
        self.options_area.setWidgetResizable(True)
        self.options_area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.options_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.fields.addWidget(self.complete, 2, 1, 1, 2)
        self.fields.addWidget(self.options_area, 3, 0, 1, 3)
        self.table = QTreeWidget()
        self.table.setHeaderLabels(("What becomes of it", "Count", "Why", "Settled by"))
        self.table.setAccessibleName("Plan of the import")
        self.table.setUniformRowHeights(True)
        header = self.table.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self.table.setMinimumHeight(130)
        self.table.hide()
        room = QWidget()  # what the table leaves free while it is hidden; without it every field would move
        within = QVBoxLayout(room)
        within.setContentsMargins(0, 0, 0, 0)
        within.addWidget(self.table)
        self.below.insertWidget(self.below.indexOf(self.words) + 1, room, 1)
        self.complete.toggled.connect(lambda _: self._on_complete())
        self.progressed.connect(self._on_progress)
        self._show_options()
        self.format.currentIndexChanged.connect(lambda _: self._show_options())
        self.format.setCurrentIndex(self.format.findData("csv"))
        self.format.activated.connect(self._on_format_chosen)
        set_field(self.path, session.settings.word(self._last_path))  # of this project: often it is imported again
        self.path.selectAll()
        self.path.setFocus()

    @property
    def _last_path(self) -> str:
        """Under which word the settings keep what was read last for this project."""
        project = self._session.project
        return f"last-used/{'' if project is None else project.project_id}/import-path"

    def _on_complete(self) -> None:
        """A plan that stands is made anew: what the box adds to it is seen at once."""
        planned = self._plan is not None
        self._on_changed()
        if planned:
            self._read()

    def _on_format_chosen(self, _place: int) -> None:
        self._guesses = False  # a person's word

    def _guess_format(self, path: Path) -> None:
        """Take the format that what is chosen looks like; a folder is looked into in the background."""
        from viewer.exchange.guessing import guess_by_name, guess_format

        def done(found: str) -> None:
            still = self._guesses and path == typed_path(self.path.text())
            if found and still and found != self.format_name():
                self.format.setCurrentIndex(self.format.findData(found))

        if named := guess_by_name(path):
            done(named)
        elif self._guesses and path.is_absolute():
            self._session.run_in_background(lambda: guess_format(path), done, lambda _: None, owner=self)

    def _importer(self) -> "Importer":
        from viewer.exchange import IMPORTERS

        found: Importer = load(IMPORTERS, self.format_name())
        return found

    def _show_options(self) -> None:
        from viewer.exchange.plan import options_of

        self.options = OptionFields(options_of(self._importer()))
        self.options.changed.connect(self._on_changed)
        self.options.folded.connect(self._on_folded)
        self.options.align(self.fields)
        self.options_area.setWidget(self.options)
        # They give way to the plan where the screen is small.
        self.options_area.setMinimumHeight(self.options.height_of(FEWEST_ROWS))
        self.options_area.setMaximumHeight(self.options.whole_px)
        self.fit_again()  # another format begins with its fold closed
        self._on_changed()

    def _on_folded(self) -> None:
        """The fields that were folded away have room, as far as the screen has it; it goes with them."""
        self.options_area.setMaximumHeight(self.options.whole_px)
        self.fit_again()
        self._make_room()

    def browse(self) -> None:
        """A file, or a folder where the format is one."""
        if self._importer().reads_folder:
            chosen = QFileDialog.getExistingDirectory(self, "Folder to import", str(Path.home()))
        else:
            chosen, _ = QFileDialog.getOpenFileName(self, "File to import", str(Path.home()))
        if chosen:
            set_field(self.path, chosen)

    def _on_changed(self) -> None:
        """What was planned is no longer what is asked for."""
        if not hasattr(self, "table"):
            return  # the fields are being made
        super()._on_changed()
        self._forget()
        path = typed_path(self.path.text())
        if path != self._guessed:
            self._guessed = path
            self._guess_format(path)
        found = columns_of(path) if self.format_name() == "csv" else []
        set_text(self.words, f"Columns in this file: {', '.join(found)}" if found else "")
        self._make_room()  # the line would take it from the fields

    def _forget(self) -> None:
        if self._plan is not None:
            self._plan.close()
            self._plan = None
        self.table.hide()
        self._call_start("Preview")

    def _call_start(self, word: str) -> None:
        self.start.set_words(word)
        set_name(self.start, word)

    # -- the plan

    def _on_start(self) -> None:
        if self._plan is None:
            self._read()
        else:
            self._write(self._plan)

    def _read(self) -> None:
        from viewer.exchange.plan import make_plan

        session, project = self._session, self._session.project
        path, complete = typed_path(self.path.text()), self.complete.isChecked()
        importer, given = self._importer(), self.options.given()
        if project is None:
            return
        if not path.exists():
            set_text(self.problem, f"{path} is not there.")
            return
        session.settings.set_word(self._last_path, str(path))

        def work() -> "Plan":
            return make_plan(
                project, importer, path, given, complete=complete,
                progress=while_there(self, self.progressed.emit), cancelled=lambda: self._stopped,
            )  # fmt: skip

        self._begin()
        set_text(self.words, "Reading the images and what is said of them; nothing is written.")
        session.edits.wait()
        session.run_in_background(work, self._on_planned, self._on_failed, owner=self)

    def _on_progress(self, done: int, total: int) -> None:
        set_text(self.words, f"Reading the images: {done} of {total}; nothing is written.")

    def _on_planned(self, plan: "Plan") -> None:
        self._busy = False
        self._plan = plan
        if self._stopped:
            self.reject()
            return
        counts = plan.counts()
        taken = (
            f"{counted(counts.images, 'image')} ({counts.new_images} new), {counted(counts.annotations, 'shape')}, "
            f"{counted(counts.image_labels, 'whole-image label')}{_into(plan.readers())}"
        )
        staying = f", {counted(counts.open_images, 'image')} with something left out" if counts.open_images else ""
        staying += f", {counts.nothing} with no label and no shape" if counts.nothing else ""
        stay = ", the new images stay" if counts.new_images else ""
        done = counts.images - counts.open_images
        completed = (
            f"\nThe cases of {counted(done, 'image')} become complete: each label that the file does not name there "
            "is answered no."
            if plan.complete
            else ""
        )
        something = bool(counts.new_images or counts.annotations or counts.image_labels or (plan.complete and done))
        end = f"One undo takes labels and shapes back{stay}." if something else "There is nothing to import."
        set_text(
            self.words,
            f"{plan.becoming()}\n"
            f"Read {counted(counts.read, 'record')}: to take {taken}; {counts.left_out} left out, {counts.guessed} "
            f"guessed{staying}.{completed}\nNothing is written yet. {end}",
        )
        self._show_plan(plan)
        self.start.setEnabled(counts.images > 0 and something)
        self._call_start("Import")
        self.start.setFocus()

    def _show_plan(self, plan: "Plan") -> None:
        self.table.clear()
        counts = plan.counts()
        rows = {
            "taken": [(count, f"{label}: {what}") for label, what, count in plan.taken()],
            "nothing said": [(counts.nothing, "records that say no label and no shape; their images come without")],
            "not again": (
                (counts.twice, "shapes that stand in the file twice"),
                (counts.there_already, "shapes and labels that are there already"),
                (counts.kept, "labels that the project says otherwise; they are kept as they are"),
            ),
        }
        for word, lines in rows.items():
            for count, why in lines:
                if count:
                    tree_row(self.table, (word, str(count), why, ""))
        for group in plan.groups():
            settled = self.options.words_of(group.settle)
            link = self._settle_link(group.settle)
            what = (group.outcome.value, str(group.count), self.options.words_of(group.rule))
            row = tree_row(self.table, (*what, "" if link else settled))
            if link:
                self.table.setItemWidget(row, 3, link)
            set_tip(row, self.options.words_of(group.first), 2)
            set_tip(row, settled, 3)
            said = 0
            for remark in plan.remarks(group.outcome):
                if remark.rule != group.rule:
                    continue
                said += 1
                if said <= MOST_SENTENCES:
                    sentence = self.options.words_of(remark.sentence)
                    child = tree_row(None, (sentence.replace(str(plan.path), plan.path.name),))
                    set_tip(child, sentence)
                    row.addChild(child)
                    child.setFirstColumnSpanned(True)
            if said > MOST_SENTENCES:
                row.addChild(tree_row(None, (f"and {said - MOST_SENTENCES} more",)))
        self._fit_columns()
        self.table.setVisible(self.table.topLevelItemCount() > 0)
        self._make_room()

    def _settle_link(self, text: str) -> QPushButton | None:
        """What settles a row at one press: it is filled in, and the plan is made anew; None where a person must choose
        what to fill in."""
        found = self.options.settling(text)
        if found is None:
            return None
        link = QPushButton()
        link.setProperty("kind", "link")
        words = self.options.words_of(text)
        set_text(link, words)
        set_name(link, words)
        set_tip(link, f"Fills in {words}, and makes the plan anew.")

        def settle() -> None:
            self.options.settle(*found)
            self._read()

        link.clicked.connect(settle)
        return link

    def _make_room(self) -> None:
        """Higher by what the plan's rows lack, as far as the screen allows."""
        layout = self.layout()
        if layout is None:
            return
        layout.activate()
        lacking = 0
        if self.table.topLevelItemCount():
            rows = self.table.topLevelItemCount() * self.table.sizeHintForRow(0)
            lacking = max(0, min(MOST_TABLE_PX, self.table.header().height() + rows + 8) - self.table.height())
        area = self.options_area
        lacking += min(area.maximumHeight(), self.options.sizeHint().height()) - area.height()
        room = self.screen().availableSize().height() - (self.frameGeometry().height() - self.height())
        self.resize(self.width(), max(self.height(), min(room, self.height() + lacking)))

    def _fit_columns(self) -> None:
        """As wide as their words, at every size of text; the sentences below a row go over all columns."""
        header, metrics = self.table.header(), self.table.fontMetrics()
        rows = [self.table.topLevelItem(number) for number in range(self.table.topLevelItemCount())]
        for column, most in ((0, 260), (1, 120), (3, 280)):
            words = [self.table.headerItem().text(column), *(row.text(column) for row in rows if row is not None)]
            if column == 3:
                links = (self.table.itemWidget(row, column) for row in rows if row is not None)
                words += [link.text() for link in links if isinstance(link, QPushButton)]
            room = 24 + (self.table.indentation() if column == 0 else 0)
            header.resizeSection(column, min(most, room + max(map(metrics.horizontalAdvance, words))))

    # -- the import

    def _write(self, plan: "Plan") -> None:
        from viewer.exchange.importing import carry_out

        session, project = self._session, self._session.project
        if project is None:
            return
        self._begin()
        set_text(self.words, "Writing the import.")
        session.edits.wait()
        session.run_in_background(lambda: carry_out(project, plan), self._on_done, self._on_failed, owner=self)

    def _on_done(self, report: "ImportReport") -> None:
        level, first = "info", ""
        if report.problems:
            level = "warn"
            first = f" {counted(len(report.problems), 'thing')} left out, first: {report.problems[0][1]}"
        self._forget()
        open_words = f", {report.open_cases} stay open" if report.open_cases else ""
        words = (
            f"Imported {counted(report.images, 'image')} ({report.new_images} new), "
            f"{counted(report.annotations, 'annotation')} and {counted(report.image_labels, 'whole-image label')}"
            f"{_into(report.readers)}; "
            f"{counted(report.completed_cases, 'more case is', 'more cases are')} complete{open_words}."
            f"{first}"
        )
        self._session.keeping.follow(lambda: self._end(level, words))

    def _on_failed(self, error: Exception) -> None:
        super()._on_failed(error)
        set_text(self.problem, self.options.words_of(self.problem.text()))
        set_text(self.words, "")
        if self._stopped:
            self.reject()

    def reject(self) -> None:
        """Close; while the file is read, stop reading first. What is being written is not interrupted."""
        if self._busy and self._plan is None:
            self._stopped = True
            return
        if not self._busy:
            self._forget()
        super().reject()

    def closeEvent(self, event: Any) -> None:
        """The window's close button is Cancel."""
        self.reject()
        event.setAccepted(not self.isVisible())


def _into(readers: "Sequence[str]") -> str:
    """Into whose readings an import goes, where it says whose they are; "" for the one that is open."""
    return f" into the readings of {', '.join(readers)}" if readers else ""
