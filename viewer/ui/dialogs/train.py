"""New training run: a snapshot, a model, where it starts from; every other field has a sound default."""

import importlib.util
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from ml.before import Outlook
from ml.catalogue import FAMILIES, ModelSpec, is_of_family, load_family, load_spec, serves, specs
from ml.recipe import MOST_FOLDS, Recipe, default_recipe
from viewer.core.errors import AppError, BadRequest
from viewer.ui.dialogs.before_start import BeforeStart, look_before, measured_words
from viewer.ui.dialogs.bounded import Body, BoundedDialog
from viewer.ui.dialogs.cancel import cancel_button
from viewer.ui.dialogs.command_field import CommandField
from viewer.ui.dialogs.edges import edge_to_edge, foot
from viewer.ui.dialogs.last_used import Last, Range, keep_last, not_offered, read_last
from viewer.ui.dialogs.library_models import LibraryModelsDialog
from viewer.ui.dialogs.recipe.all_settings import AllSettings
from viewer.ui.dialogs.recipe.by_hand import ByHand
from viewer.ui.dialogs.train_fields import ALL_FOLDS, TrainFields
from viewer.ui.dialogs.train_like import show_start_like, snapshot_like, values_like
from viewer.ui.flows.model_choices import ModelChoice, model_choices
from viewer.ui.flows.snapshots import SnapshotRow, snapshot_rows
from viewer.ui.look.chips import Paragraph, separator, text_label
from viewer.ui.look.plain_text import copy_text, set_text, set_title
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

FOLDS = Range(words="fold", low=ALL_FOLDS, high=MOST_FOLDS)
LAST_WORDS = "The values are those of this task's last run of this model here."
WAITS = (
    "Training waits for the AI part (torch), which is not installed yet. It can be installed with "
    "`python3 packaging/start.py`; everything else works without it."
)


class TrainDialog(BoundedDialog):
    """Asks for a recipe; kind "" takes snapshots of every kind. snapshot_id: the one that is chosen at first. like: a
    recipe whose values it begins with."""

    def __init__(
        self, session: "Desk", *, kind: str = "", snapshot_id: str = "", like: Recipe | None = None,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._session = session
        self._first_id = snapshot_id
        self._like = like
        self._kind = kind
        self.snapshots: list[SnapshotRow] = []
        self.choices: list[ModelChoice] = []
        self.wants_snapshot = False  # it was closed to make one first
        self._busy = False
        self._last: dict[str, Last] = {}  # by task, read when a snapshot of it is first chosen
        set_title(self, f"New {kind or 'training'} run")
        self.resize(620, 480)
        layout = edge_to_edge(self)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        self.fields = TrainFields(session)
        column.addWidget(self.fields)
        self.more = AllSettings(session)
        column.addWidget(self.more)
        self.by_hand = ByHand({**self.fields.by_words, self.fields.keep.text(): self.fields.keep, **self.more.by_words})
        self.measured = text_label("", "caption", wrap=True)
        column.addWidget(self.measured)
        column.addWidget(self._build_waits())
        column.addStretch(1)
        column.addLayout(self._build_command())
        layout.addWidget(Body(body), 1)
        layout.addWidget(separator())
        layout.addWidget(self._build_said())
        layout.addWidget(self._build_footer())
        self.before = BeforeStart(session, self)
        self.before.told.connect(self._on_told)
        for part in (self.fields, self.more):
            part.changed.connect(self._on_changed)
        self.fields.snapshot.currentIndexChanged.connect(lambda _: self._on_snapshot())
        self.fields.model.currentIndexChanged.connect(lambda _: self._on_model())
        self.fields.browse.clicked.connect(self._on_browse)
        self.fields.library.clicked.connect(self._on_library)
        self.fields.defaults.clicked.connect(self._on_defaults)
        self._read()

    def _build_waits(self) -> QFrame:
        self.waits = QFrame()
        self.waits.setProperty("surface", "warn")
        inner = QHBoxLayout(self.waits)
        inner.setContentsMargins(10, 8, 10, 8)
        inner.addWidget(text_label(WAITS, "warn", wrap=True))
        self.waits.setVisible(not has_torch())
        return self.waits

    def _build_said(self) -> Body:
        """What speaks against the run, beside the button that starts it: never below the end of what is seen."""
        host = QWidget()
        column = QVBoxLayout(host)
        column.setContentsMargins(16, 8, 16, 0)
        column.setSpacing(6)
        self.looking = QProgressBar()
        self.looking.setRange(0, 0)  # how much is left of a file that a child reads is not known
        self.looking.setTextVisible(False)
        self.looking.setAccessibleName("The weights are being read")
        self.looking.hide()
        self.doubts, self.problem = Paragraph("warn"), Paragraph("err")
        self.make = KeyButton(self._session.icons, "New snapshot…", icon="dataset")
        self.make.hide()
        self.make.clicked.connect(self._on_make)
        for widget in (self.looking, self.doubts, self.problem, self.make):
            column.addWidget(widget)
        return Body(host)

    def _build_command(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(6)
        grid.addWidget(text_label("As a command", "rowmid"), 0, 0)
        self.copy = KeyButton(self._session.icons, "Copy as command", icon="export", height_px=26)
        self.copy.clicked.connect(self._on_copy)
        grid.addWidget(self.copy, 0, 1)
        grid.setColumnStretch(0, 1)
        self.command = CommandField()
        self.command.setAccessibleName("The same run as a command")
        grid.addWidget(self.command, 1, 0, 1, 2)
        return grid

    def _build_footer(self) -> QFrame:
        bar, row = foot()
        row.addWidget(text_label("The window stays free to work in; the run goes on when it is closed.", "rowmid"))
        row.addStretch(1)
        row.addWidget(cancel_button(self, self._session.icons))
        self.start = KeyButton(self._session.icons, "Start", key="Return", icon="play", kind="primary")
        self.start.setDefault(True)
        self.start.setEnabled(False)
        self.start.clicked.connect(self._on_start)
        row.addWidget(self.start)
        return bar

    # Reading what there is

    def _read(self) -> None:
        project = self._session.project
        if project is None:
            self.problem.setText("Open or make a project first.")
            return
        folder = project.folder

        def done(answer: tuple[list[SnapshotRow], list[ModelChoice]]) -> None:
            rows, self.choices = answer
            self.snapshots = [row for row in rows if self._kind in ("", row.kind)]
            first = self._first_id if self._like is None else snapshot_like(self.snapshots, self._like)
            self.fields.show_snapshots(self.snapshots, first)
            self._on_snapshot()

        self._session.run_in_background(
            lambda: (snapshot_rows(folder), model_choices(folder)), done, self._session.announce_failure, owner=self
        )

    @property
    def chosen_snapshot(self) -> SnapshotRow | None:
        """The snapshot of the first field."""
        place = self.fields.snapshot.currentIndex()
        return self.snapshots[place] if 0 <= place < len(self.snapshots) else None

    def _on_snapshot(self) -> None:
        row = self.chosen_snapshot
        for widget in (self.fields, self.more, self.copy):  # without a snapshot every field would be empty or a zero
            widget.setEnabled(row is not None)
        self.make.setVisible(row is None)
        if row is None:
            what = f"{self._kind} snapshot" if self._kind else "snapshot"
            set_text(self.problem, f"There is no {what} yet, so there is nothing to train on: make one first.")
            self.start.setEnabled(False)
            return
        self.by_hand.look()
        self.fields.show_folds(row.folds)
        models = specs(row.kind)
        if self.fields.show_models(models) or remembered_as(row) not in self._last:
            self.fields.model.setCurrentIndex(self._place_of_last(row, [spec.name for spec in models]))
        self.fields.library.setEnabled(any(serves(load_family(name).kind, row.kind) for name in FAMILIES))
        self._on_model()

    def _on_make(self) -> None:
        self.wants_snapshot = True
        self.reject()

    def _on_model(self) -> None:
        self.by_hand.look()
        row, name = self.chosen_snapshot, self.fields.model.currentData()
        if row is None or name is None:
            return
        self._show_defaults(row, name)
        self.fields.show_starts(self.choices, name)
        last, said = self._last.get(remembered_as(row), Last()), list[str]()
        if last.values.get("model") == name:
            refused = [*self.fields.show_last(last), *self.more.show_last(last)]
            words = LAST_WORDS if self._like is None else show_start_like(self.fields, self._like, row)
            said = [words, *refused]
        elif "model" not in last.values:
            said = list(last.refused)
        stays = self.by_hand.show(load_spec(name))
        self.more.follow()
        self.fields.say_last(" ".join(filter(None, [*said, stays])))
        self._on_changed()

    def _show_defaults(self, row: SnapshotRow, name: str) -> None:
        defaults = default_recipe(task=row.task, kind=row.kind, labels=row.labels, model=name, exclusive=row.exclusive)
        self.fields.show_defaults(defaults, load_spec(name))
        self.more.show_recipe(defaults)
        self.fields.say_last("")

    def _on_defaults(self) -> None:
        row, name = self.chosen_snapshot, self.fields.model.currentData()
        if row is not None and name is not None:
            self.by_hand.forget()
            self.fields.forget_last()
            self._show_defaults(row, name)
            self.by_hand.show(load_spec(name))  # what is compared with from now on
            self._on_changed()

    def _place_of_last(self, row: SnapshotRow, models: list[str]) -> int:
        """The place of the model that a run of this task was last started with here; 0, the default, before that."""
        project, more = self._session.project, self.more
        if project is None:
            return 0
        last = values_like(self._like, row) if self._like is not None else read_last(
            self._session.settings, project, remembered_as(row),
            numbers={**self.fields.ranges, **more.ranges, "fold": FOLDS},
            texts={"model": "model", "device": "device", **more.texts},
            flags={"keep_every_epoch": "choice of weights to keep", **more.flags},
        )  # fmt: skip
        model = last.values.get("model")
        if model is not None and is_of_family(model):
            self._bring(model)
        elif model is not None and model not in models:
            last = Last(refused=(not_offered("model", model),))
        self._last[remembered_as(row)] = last
        return models.index(model) if model in models else 0

    def _bring(self, model: str) -> None:
        """Offer and choose the library's model of last time, when the library has said what it is."""

        def failed(_: Exception) -> None:
            self.fields.say_last(not_offered("model", model))

        self._session.run_in_background(lambda: load_spec(model), self._on_brought, failed, owner=self)

    def _on_brought(self, spec: ModelSpec) -> None:
        row = self.chosen_snapshot
        if row is not None and spec.serves(row.kind):
            self.fields.add_model(spec)

    def _show_measured(self, recipe: Recipe) -> None:
        """Time and memory, only where such a run on this computer has measured them."""
        row = self.chosen_snapshot
        images = 0 if row is None else row.train_images
        set_text(self.measured, measured_words(self._session.jobs.runs, recipe, images))

    # The recipe

    def recipe(self) -> Recipe:
        """The recipe as the fields say, without a fold when all are asked for. Raises BadRequest."""
        row = self.chosen_snapshot
        if row is None:
            raise BadRequest("There is no snapshot to train on yet: make one first.")
        values: dict[str, Any] = {**self.fields.values(), **self.more.values()}
        fold = values.pop("fold")
        return default_recipe(
            task=row.task, kind=row.kind, labels=row.labels, exclusive=row.exclusive, snapshot_id=row.id,
            fold=fold if isinstance(fold, int) and fold >= 0 else None, **values,
        )  # fmt: skip

    def command_words(self) -> list[str]:
        """The `negatoscope train` line that asks for the same."""
        from viewer.jobs.queue import train_command

        project = self._session.project
        if project is None:
            raise BadRequest("Open or make a project first.")
        words = train_command(project.folder, self.recipe())
        return [*words, "--fold", "all"] if self.fields.fold_choice == ALL_FOLDS else words

    def _on_changed(self) -> None:
        try:
            recipe, words = self.recipe(), self.command_words()
        except AppError as error:
            self.before.forget()
            set_text(self.problem, str(error))
            self.doubts.setText("")
            self.looking.hide()
            self.command.show_command("")
            self.start.setEnabled(False)
            return
        self.problem.setText("")
        self._show_measured(recipe)
        self.command.show_command(shlex.join(words))
        self.start.setToolTip("Start  ↵" if has_torch() else WAITS)
        self.before.ask(self._recipes())
        self._on_told()

    def _on_told(self) -> None:
        """What can be said of the run as the fields stand: what cannot work is not started."""
        found = self.before.found
        self.looking.setVisible(bool(self.before.waits))
        set_text(self.doubts, "\n".join(filter(None, [*found.doubts, self.before.waits])))
        set_text(self.problem, " ".join(found.refusals))
        looks = bool(self.before.waits)  # what is found decides whether it may start
        self.start.setEnabled(has_torch() and not self._busy and not found.refusals and not looks)

    def _recipes(self) -> list[Recipe]:
        """One per fold where all are asked for. Raises BadRequest."""
        recipe, row = self.recipe(), self.chosen_snapshot
        if row is None or self.fields.fold_choice != ALL_FOLDS:
            return [recipe]
        return [replace(recipe, fold=fold) for fold in range(row.folds)]

    def _on_copy(self) -> None:
        copy_text(self.command.command)
        self._session.announced.emit("info", "The command is on the clipboard.")

    def _on_library(self) -> None:
        row = self.chosen_snapshot
        if row is not None:
            LibraryModelsDialog(self._session, row.kind, self.fields.add_model, self).open()

    def _on_browse(self) -> None:
        home = str(Path.home())
        path, _ = QFileDialog.getOpenFileName(self, "Weights", home, "Weights (*.safetensors *.pt *.pth)")
        if path:
            self.fields.add_weights(path)

    def _on_start(self) -> None:
        project = self._session.project
        if project is None:
            return
        recipes, folder = self._recipes(), project.folder
        told, slow = self.before.known(recipes), recipes[0].init != "scratch"
        self._busy = True
        self.start.setEnabled(False)

        def build() -> str | Outlook:
            from viewer.jobs.queue import enqueue, start_next

            found = told or look_before(folder, recipes)
            if found.refusals:
                raise BadRequest(" ".join(found.refusals))
            if told is None and slow and found.doubts:  # not read by anybody yet: the next press is the start
                return found
            first = enqueue(folder, recipes[0])
            for recipe in recipes[1:]:
                enqueue(folder, replace(recipe, run_name=first.name))
            start_next(folder)
            return first.name

        self._session.run_in_background(build, self._on_started, self._on_failed, owner=self)

    def _on_started(self, run_id: str | Outlook) -> None:
        if isinstance(run_id, Outlook):
            self._busy = False
            self._on_changed()
            return
        row, project = self.chosen_snapshot, self._session.project
        if row is not None and project is not None:
            values = {**self.fields.last_values, **self.more.values()}
            keep_last(self._session.settings, project, remembered_as(row), values)
        watch = self._session.jobs
        watch.select(run_id)
        watch.look()
        self._session.set_workspace("train")
        self.accept()

    def _on_failed(self, error: Exception) -> None:
        self._busy = False
        set_text(self.problem, str(error))
        self.start.setEnabled(True)


def remembered_as(row: SnapshotRow) -> str:
    """Under which name the values of a task's last run are kept: another task may ask for others."""
    return f"run/{row.kind}/{row.task}"


def has_torch() -> bool:
    """Whether the `ai` extra is installed; loads nothing."""
    return importlib.util.find_spec("torch") is not None
