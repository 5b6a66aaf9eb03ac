"""An external test: a model judged on all cases of another project's snapshot, what does not fit told before."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from viewer.core.text.counting import counted
from viewer.ui.dialogs.bounded import Body, BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.flows.run_words import run_title
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice, set_field, set_name, set_text, tell_choice
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.typed_path import typed_path
from viewer.ui.state.worker import sentence_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from viewer.jobs.external import Site
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

WIDTH_PX = 560
WHAT = (
    "All cases of a snapshot of another project are judged: none of them may have trained the model. Labels are "
    "matched by their names. Nothing is written in that project."
)
ANYWAY = "Judge them all the same: every line of the report will say so"
LOOKS, CHECKS = "The project is being looked at.", "What the model has seen of it is being looked at."


class ExternalTestDialog(BoundedDialog):
    """run: the one that is tested. folds: all of its training, which may be tested as one model instead."""

    def __init__(
        self, session: "Desk", run: "RunState", folds: "Sequence[RunState]" = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._run, self._folds = session, run, tuple(folds)
        self._asked: tuple[object, ...] = ()  # what is being read: an older answer is dropped
        self._sites: list[Site] = []
        self._busy = self._ready = False
        self.setWindowTitle("Test on another project")
        self.setMinimumWidth(WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        title = text_label("", "title", wrap=True)
        set_text(title, f"On which films of others shall {run_title(run)} be judged?")
        column.addWidget(title)
        host = QWidget()
        inner = QVBoxLayout(host)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(10)
        inner.addWidget(text_label(WHAT, "second", wrap=True))
        inner.addLayout(self._fields())
        self.words, self.doubt, self.problem = Paragraph("second"), Paragraph("warn"), Paragraph("err")
        self.anyway = QCheckBox(ANYWAY)
        self.anyway.toggled.connect(lambda _: self._tell())
        for widget in (self.words, self.doubt, self.anyway, self.problem):
            widget.hide()
            inner.addWidget(widget)
        inner.addStretch(1)
        column.addWidget(Body(host), 1)
        column.addLayout(self._buttons())
        self.folder.setFocus()
        last = session.settings.word("last_external_project", "")
        if last:
            set_field(self.folder, last)
            self.folder.selectAll()

    def _fields(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        self.folder = QLineEdit()
        self.folder.setPlaceholderText("Folder of the other project")
        set_name(self.folder, "Folder of the other project")
        self.folder.textChanged.connect(lambda _: self._on_folder())
        self.browse = KeyButton(self._session.icons, "Choose…", icon="folder", height_px=26)
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._on_browse)
        self.site = ChoiceBox()
        set_name(self.site, "Snapshot of the other project")
        self.site.setEnabled(False)
        self.site.currentIndexChanged.connect(lambda _: self._on_site())
        self.which = ChoiceBox()
        set_name(self.which, "What is tested")
        add_choice(self.which, f"This run alone: {run_title(self._run)}")
        if self._folds:
            add_choice(self.which, f"All {len(self._folds)} folds as one model: the mean of their answers")
        tell_choice(self.which)
        self.which.currentIndexChanged.connect(lambda _: self._on_site())
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.folder, 1)
        row.addWidget(self.browse)
        grid.addWidget(text_label("Project", "rowlow"), 0, 0)
        grid.addLayout(row, 0, 1)
        grid.addWidget(text_label("Snapshot", "rowlow"), 1, 0)
        grid.addWidget(self.site, 1, 1)
        if self._folds:
            grid.addWidget(text_label("Model", "rowlow"), 2, 0)
            grid.addWidget(self.which, 2, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel_button(self, self._session.icons))
        self.start = KeyButton(self._session.icons, "Test", key="Return", icon="play", kind="primary")
        self.start.setDefault(True)
        self.start.setEnabled(False)
        self.start.clicked.connect(self._on_start)
        row.addWidget(self.start)
        return row

    @property
    def home(self) -> Path:
        """The folder that was named, whole."""
        return typed_path(self.folder.text())

    @property
    def runs(self) -> "tuple[RunState, ...]":
        """What is tested: the run, or all folds."""
        return self._folds if self.which.currentIndex() > 0 else (self._run,)

    def _on_browse(self) -> None:
        start = self.folder.text() or self._session.settings.word("last_folder", str(Path.home()))
        chosen = QFileDialog.getExistingDirectory(self, "Folder of the other project", start)
        if chosen:
            set_field(self.folder, chosen)

    def _on_folder(self) -> None:
        """Another folder: what is in it is read beside the window's thread."""
        home, run = self.home, self._run
        self._sites = []
        self.site.clear()
        self.site.setEnabled(False)
        if not self.folder.text().strip():
            self._asked = ()
            self._say()
            return
        asked = self._asked = (home,)

        def read() -> "list[Site]":
            from viewer.jobs.external import sites_of

            return sites_of(run, home)

        def done(sites: "list[Site]") -> None:
            if asked == self._asked:
                self._show_sites(sites)

        self._say(LOOKS)
        self._session.run_in_background(read, done, lambda error: self._refuse(error, asked), owner=self)

    def _show_sites(self, sites: "list[Site]") -> None:
        self.site.blockSignals(True)
        self._sites = sites
        for one in sites:
            words = f"{one.name} · {counted(one.images, 'image')} of {counted(one.patients, 'patient')}"
            add_choice(self.site, f"{words} · does not fit" if one.why_not else words, tip=one.why_not)
        self.site.setEnabled(True)
        self.site.blockSignals(False)
        self._on_site()

    def _on_site(self) -> None:
        """Another snapshot, or another model: whether it fits, then what the model has seen of it."""
        place = self.site.currentIndex()
        if not 0 <= place < len(self._sites):
            return
        site, home, runs = self._sites[place], self.home, self.runs
        tell_choice(self.site)
        tell_choice(self.which)
        if site.why_not:
            self._asked = ()
            self._say(problem=site.why_not)
            return
        asked = self._asked = (home, site.snapshot_id, len(runs))

        def read() -> tuple[str, bool]:
            from viewer.jobs.external import seen_there

            return seen_there(runs, home, site.snapshot_id)

        def done(found: tuple[str, bool]) -> None:
            if asked == self._asked:
                doubt, refused = found
                labels = ", ".join(site.labels)
                self._say(f"Its labels are the model's: {labels}.", doubt=doubt, seen=refused, ready=True)

        self._say(CHECKS)
        self._session.run_in_background(read, done, lambda error: self._refuse(error, asked), owner=self)

    def _refuse(self, error: Exception, asked: tuple[object, ...]) -> None:
        if asked == self._asked:
            self._say(problem=sentence_of(error))

    def _say(
        self, words: str = "", *, doubt: str = "", problem: str = "", seen: bool = False, ready: bool = False
    ) -> None:  # fmt: skip
        for widget, text in ((self.words, words), (self.doubt, doubt), (self.problem, problem)):
            set_text(widget, text)
            widget.setVisible(bool(text))
        self.anyway.setChecked(False)
        self.anyway.setVisible(seen)
        self._ready = ready
        self._tell()

    def _tell(self) -> None:
        waits = self.anyway.isVisibleTo(self) and not self.anyway.isChecked()
        self.start.setEnabled(self._ready and not waits and not self._busy)
        self.start.setToolTip("Tick that they are judged all the same first" if self._ready and waits else "")

    def _on_start(self) -> None:
        home, site = self.home, self._sites[self.site.currentIndex()]
        self._busy = True
        self._tell()
        self._session.side_tests.ask_external(
            self.runs, home, site.snapshot_id, seen_anyway=self.anyway.isChecked(),
            done=self._on_queued, failed=self._on_failed, owner=self,
        )  # fmt: skip

    def _on_queued(self) -> None:
        self._session.settings.set_word("last_external_project", str(self.home))
        words = f"{run_title(self._run)} is tested on {self.home.name}: its page in Train says when it is done."
        self._session.announced.emit("info", words)
        self.accept()

    def _on_failed(self, error: Exception) -> None:
        self._busy = False
        self._say(problem=sentence_of(error), ready=True)
