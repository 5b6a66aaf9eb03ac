"""The fields of the training dialog."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from ml.catalogue import ModelSpec, is_of_family
from ml.recipe import LEAST_INPUT_PX, RANGES, Recipe, setting_words
from viewer.core.errors import BadRequest
from viewer.core.text.counting import counted
from viewer.core.text.titles import short_id
from viewer.ui.dialogs.last_used import Last, Range, not_offered
from viewer.ui.dialogs.number_field import NumberField
from viewer.ui.flows.model_choices import ModelChoice
from viewer.ui.flows.snapshots import SnapshotRow, when_made
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice, set_field, set_name, set_text, set_tip, tell_choice
from viewer.ui.look.row_painting import KeyButton

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

NO_FOLD, ALL_FOLDS = -1, -2
SPACINGS = ("spacing_row_mm", "spacing_col_mm")
NO_MAP = "it has no heatmaps"
OF_THIS_PROGRAM = "this project's"  # how a row of the catalogue calls that licence, and the cards of what was trained
TIPS = {
    "Epochs": "How often all images of the train part are gone through",
    "Batch size": "Images in each step; more take more memory",
    "Learning rate": "How far each step moves the weights: larger learns faster, too large learns nothing",
    "Input size, px": "Rows, and columns, that each image is brought to before the network sees it",
    "Frozen epochs": "In so many first epochs only the last layer learns, and what was started from stays as it is; 0: "
    "all of it learns from the beginning",
    "Seed": "Where chance begins: the same seed gives the same order and the same first weights",
    "Fold": "Which fold is held out to judge the run, or all in turn; for a snapshot that is divided into folds",
    "Device": "What computes; by itself the fastest that is there",
    "Input columns, px": "Where the input is no square; empty: as many columns as rows",
    "Pixel spacing, mm": "Of the input's pixels, rows x columns: 0.8 or 0.8 x 0.7. Empty: each image fills it",
}
DEVICES = (("auto", "Choose by itself"), ("cpu", "CPU"), ("cuda", "CUDA"), ("mps", "Apple GPU"))


class TrainFields(QWidget):
    """Reads and shows a recipe's values."""

    changed = Signal()
    _title = ""  # of the chosen network

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        top = QGridLayout()
        top.setHorizontalSpacing(10)
        top.setVerticalSpacing(6)
        top.setColumnStretch(1, 1)
        self.snapshot, self.model, self.start_from = _combo("Snapshot"), _combo("Model"), _combo("Start from")
        self.model_note = text_label("", "caption", wrap=True)
        self.last_note = text_label("", "caption", wrap=True)
        self.defaults = KeyButton(session.icons, "Defaults", height_px=26)
        self.defaults.setToolTip("The sound values of this model again")
        self.browse = KeyButton(session.icons, "Weights file…", height_px=26)
        kept = self.defaults.sizePolicy()
        kept.setRetainSizeWhenHidden(True)  # or the form would be higher for a model that was trained here before
        self.defaults.setSizePolicy(kept)
        self.library = KeyButton(session.icons, "Library…", height_px=26)
        self.library.setToolTip("Any classifier of timm, by its name")
        model = QHBoxLayout()
        model.setSpacing(6)
        model.addWidget(self.model, 1)
        model.addWidget(self.library)
        start = QHBoxLayout()
        start.setSpacing(6)
        start.addWidget(self.start_from, 1)
        start.addWidget(self.browse)
        top.addWidget(text_label("Snapshot", "second"), 0, 0)
        top.addWidget(self.snapshot, 0, 1)
        top.addWidget(text_label("Model", "second"), 1, 0)
        top.addLayout(model, 1, 1)
        top.addWidget(self.model_note, 2, 1)
        last = QHBoxLayout()
        last.setSpacing(6)
        last.addWidget(self.last_note, 1)
        last.addWidget(self.defaults)
        top.addLayout(last, 3, 1)
        top.addWidget(text_label("Start from", "second"), 4, 0)
        top.addLayout(start, 4, 1)
        self.start_note = Paragraph("caption")
        self.start_note.hide()
        top.addWidget(self.start_note, 5, 1)
        column.addLayout(top)
        column.addLayout(self._build_numbers())
        self.keep = QCheckBox("Keep the weights of every epoch")
        self.keep.setToolTip("Else only the last and the best are kept")
        column.addWidget(self.keep)
        self.say_last("")
        self._connect()

    def _build_numbers(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        self.epochs = NumberField("Epochs", "epochs")
        self.batch = NumberField("Batch size", "batch_size")
        self.rate = QLineEdit()
        self.rate.setAccessibleName("Learning rate")
        self.freeze = NumberField("Frozen epochs", "freeze_epochs")
        self.seed = NumberField("Seed", "seed")
        self.input_px = NumberField("Input size, px", "input_px", low=LEAST_INPUT_PX)
        self.cols = NumberField("Input columns, px", "input_cols_px", unset="as many as rows")
        self.spacing = QLineEdit()
        set_name(self.spacing, "Pixel spacing, mm")
        self.spacing.setPlaceholderText("fills the input")
        self.device, self.fold = _combo("Device"), _combo("Fold")
        for name, words in DEVICES:
            add_choice(self.device, words, name)
        pairs = (
            ("Epochs", self.epochs), ("Batch size", self.batch), ("Learning rate", self.rate),
            ("Input size, px", self.input_px), ("Frozen epochs", self.freeze), ("Seed", self.seed),
            ("Fold", self.fold), ("Device", self.device),
            ("Input columns, px", self.cols), ("Pixel spacing, mm", self.spacing),
        )  # fmt: skip
        self.by_words: dict[str, QWidget] = dict(pairs)
        for place, (name, widget) in enumerate(pairs):
            row, col = place // 2, 2 * (place % 2)
            label = text_label(name, "second")
            for part in (label, widget):
                set_tip(part, TIPS[name])
            grid.addWidget(label, row, col)
            grid.addWidget(widget, row, col + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        return grid

    @property
    def _numbers(self) -> tuple[NumberField, ...]:
        return self.epochs, self.batch, self.freeze, self.seed, self.input_px, self.cols

    def _connect(self) -> None:
        for spin in self._numbers:
            spin.valueChanged.connect(lambda _: self.changed.emit())
        for combo in (self.start_from, self.device, self.fold):
            combo.currentIndexChanged.connect(lambda _: self.changed.emit())
        for field in (self.rate, self.spacing):
            field.textChanged.connect(lambda _: self.changed.emit())
        self.keep.toggled.connect(lambda _: self.changed.emit())

    # Showing

    def show_snapshots(self, rows: Sequence[SnapshotRow], chosen_id: str = "") -> None:
        """The snapshots to choose from, newest first; chosen is the one of that id, else the newest."""
        self.snapshot.blockSignals(True)
        self.snapshot.clear()
        for row in rows:
            add_choice(
                self.snapshot, f"{row.task} · {short_id(row.id)} · {when_made(row, rows)} · {row.detail}", row.id
            )
        self.snapshot.setCurrentIndex(max(self.snapshot.findData(chosen_id), min(0, len(rows) - 1)))
        self.snapshot.blockSignals(False)
        tell_choice(self.snapshot)

    def show_models(self, specs: Sequence[ModelSpec]) -> bool:
        """The models of the kind, the sound default first. Returns whether they are others than before.

        Those that a person brought from a library stay as long as the kind does.
        """
        names = [self.model.itemData(place) for place in range(self.model.count())]
        if [name for name in names if not is_of_family(name)] == [spec.name for spec in specs]:
            return False
        self.model.blockSignals(True)
        self.model.clear()
        for spec in specs:
            self._offer(spec)
        self.model.blockSignals(False)
        tell_choice(self.model)
        return True

    def _offer(self, spec: ModelSpec) -> None:
        words = " · default" if spec.default else ""
        add_choice(self.model, f"{spec.title} · {spec.parameters / 1e6:.2g} M parameters{words}", spec.name)

    def add_model(self, spec: ModelSpec) -> None:
        """Offer a model of a library and choose it."""
        if self.model.findData(spec.name) < 0:
            self._offer(spec)
        self.model.setCurrentIndex(self.model.findData(spec.name))

    def show_starts(self, choices: Sequence[ModelChoice], model: str) -> None:
        """Scratch, then every run and model of the same network with its figure, then the files that were brought. Of
        another network little or nothing fits: it is left out, which is said. What was chosen stays where it fits."""
        chosen = self.start_from.currentData()
        weights = [self.start_from.itemData(i) for i in range(self.start_from.count())]
        kept = [path for path in weights if isinstance(path, str) and Path(path).is_file()]
        self.start_from.blockSignals(True)
        self.start_from.clear()
        self.start_from.addItem("Scratch", "scratch")
        for choice in (choice for choice in choices if choice.model == model and choice.networks == 1):
            words = " · ".join(filter(None, (choice.title, self._title, choice.metric or choice.detail)))
            add_choice(self.start_from, words, choice.name, choice.detail)
        for path in kept:
            add_choice(self.start_from, Path(path).name, path)
        self.start_from.setCurrentIndex(max(0, self.start_from.findData(chosen)))
        self.start_from.blockSignals(False)
        tell_choice(self.start_from)
        said = left_out_words(sum(choice.model != model for choice in choices), self._title)
        set_text(self.start_note, said)
        self.start_note.setVisible(bool(said))

    def add_weights(self, path: str) -> None:
        """Offer a weights file and choose it."""
        add_choice(self.start_from, Path(path).name, path)
        self.start_from.setCurrentIndex(self.start_from.count() - 1)

    def show_folds(self, folds: int) -> None:
        """One fold, or all under one name; nothing to choose for a plain split."""
        self.fold.blockSignals(True)
        self.fold.clear()
        if folds:
            for fold in range(folds):
                add_choice(self.fold, f"Fold {fold} held out", fold)
            add_choice(self.fold, f"All {folds} folds, as one job", ALL_FOLDS)
        else:
            self.fold.addItem("No folds", NO_FOLD)
        self.fold.setEnabled(folds > 0)
        self.fold.blockSignals(False)
        tell_choice(self.fold)

    def show_defaults(self, recipe: Recipe, spec: ModelSpec) -> None:
        """The sound values of a model; `recipe.by_hand` puts back what a person set."""
        widgets = (*self._numbers, self.rate, self.spacing)
        for widget in widgets:
            widget.blockSignals(True)
        self.epochs.setValue(recipe.epochs)
        self.batch.setValue(recipe.batch_size)
        self.freeze.setValue(recipe.freeze_epochs)
        self.seed.setValue(recipe.seed)
        for side in (self.input_px, self.cols):
            side.setSingleStep(max(1, spec.multiple_px))
        self.input_px.setValue(spec.input_px)
        self.cols.setValue(recipe.input_cols_px)
        set_field(self.spacing, spacing_text(recipe.spacing_row_mm, recipe.spacing_col_mm))
        self._own_px, self._title = spec.input_px, spec.title
        set_field(self.rate, f"{recipe.learning_rate:g}")
        for widget in widgets:
            widget.blockSignals(False)
        licence = "that of this program" if spec.licence == OF_THIS_PROGRAM else spec.licence
        parts = (f"Licence: {licence}", f"input {spec.input_px} px", spec.library, "" if spec.cam_layer else NO_MAP)
        set_text(self.model_note, " · ".join(filter(None, parts)))

    @property
    def ranges(self) -> dict[str, Range]:
        """What each number may be, by the recipe's names."""
        whole = {one.setting: Range(words=bare_words(one.setting), low=one.low, high=one.high) for one in self._numbers}
        broken = {
            name: Range(words=bare_words(name), low=RANGES[name][0], high=RANGES[name][1], whole=False)
            for name in ("learning_rate", *SPACINGS)
        }
        return {**whole, **broken}

    def show_last(self, last: Last) -> list[str]:
        """Take over what a run of this model was last started with. Returns what is said of the rest."""
        values, refused = last.values, list(last.refused)
        widgets = (*self._numbers, self.rate, self.spacing, self.device, self.fold, self.keep)
        for widget in widgets:
            widget.blockSignals(True)
        for number in self._numbers:
            if number.setting in values:
                number.setValue(values[number.setting])
        if "learning_rate" in values:
            set_field(self.rate, f"{values['learning_rate']:g}")
        if all(values.get(name) for name in SPACINGS):
            set_field(self.spacing, spacing_text(*(values[name] for name in SPACINGS)))
        for combo, name in ((self.device, "device"), (self.fold, "fold")):
            if name in values and combo.isEnabled():  # there may be no folds to choose from
                place = combo.findData(values[name])
                if place < 0:
                    refused.append(not_offered(name, values[name]))
                else:
                    combo.setCurrentIndex(place)
                    tell_choice(combo)
        self.keep.setChecked(values.get("keep_every_epoch", self.keep.isChecked()))
        for widget in widgets:
            widget.blockSignals(False)
        return refused

    def say_last(self, sentence: str) -> None:
        """That the values are those of last time, and what is not; "" where they are the defaults."""
        set_text(self.last_note, sentence)
        self.last_note.setVisible(bool(sentence))
        self.defaults.setVisible(bool(sentence))

    # Reading

    @property
    def last_values(self) -> dict[str, Any]:
        """What is kept for the next time: the model and its numbers, not what it starts from."""
        left_out = {"init"} if self.fold.isEnabled() else {"init", "fold"}
        kept = {name: value for name, value in self.values().items() if name not in left_out}
        return kept | {"input_px": self.input_px.value()}

    def forget_last(self) -> None:
        """The device is chosen by itself again, and no weights are kept, as before the first run."""
        self.device.setCurrentIndex(0)
        self.keep.setChecked(False)

    @property
    def fold_choice(self) -> int:
        """A fold, NO_FOLD or ALL_FOLDS."""
        value = self.fold.currentData()
        return value if isinstance(value, int) else NO_FOLD

    def values(self) -> dict[str, Any]:
        """What the fields say, by the recipe's names. Raises BadRequest for what is no number or out of its range."""
        try:
            rate = float(self.rate.text().replace(",", "."))
        except ValueError as error:
            raise BadRequest("The learning rate is no number; write for example 0.0005.") from error
        problem = next((field.problem for field in self._numbers if field.problem), "")
        if problem:
            raise BadRequest(problem)
        row_mm, col_mm = spacing_of(self.spacing.text())
        own = getattr(self, "_own_px", 0)
        return {
            "model": self.model.currentData(),
            "init": self.start_from.currentData() or "scratch",
            "epochs": self.epochs.value(),
            "batch_size": self.batch.value(),
            "learning_rate": rate,
            "freeze_epochs": self.freeze.value(),
            "seed": self.seed.value(),
            "input_px": 0 if self.input_px.value() == own else self.input_px.value(),
            "input_cols_px": self.cols.value(),
            "spacing_row_mm": row_mm,
            "spacing_col_mm": col_mm,
            "device": self.device.currentData() or "auto",
            "keep_every_epoch": self.keep.isChecked(),
            "fold": self.fold_choice,
        }


def spacing_of(text: str) -> tuple[float, float]:
    """(row, col) in mm of what was typed, one number for both; (0, 0) for nothing. Raises BadRequest."""
    parts = text.replace(",", ".").lower().replace("×", "x").split("x") if text.strip() else ["0"]
    try:
        found = [float(part) for part in parts]
    except ValueError:
        found = []
    if len(found) not in (1, 2) or (text.strip() and not all(0 < one <= 1000 for one in found)):
        raise BadRequest("The pixel spacing is one number or two, in mm, rows x columns: write for example 0.8 x 0.7.")
    return found[0], found[-1]


def spacing_text(row_mm: float, col_mm: float) -> str:
    """What `spacing_of` reads back."""
    if not row_mm:
        return ""
    return f"{row_mm:g}" if row_mm == col_mm else f"{row_mm:g} x {col_mm:g}"


def bare_words(setting: str) -> str:
    """What people call a setting, without its article: "batch size"."""
    return setting_words(setting).removeprefix("the ")


def left_out_words(count: int, title: str) -> str:
    """That so many models are not offered as a start, and why; "" where none is left out. title: of the network."""
    if not count:
        return ""
    verb, them = ("is", "it is another network") if count == 1 else ("are", "they are other networks")
    return f"{counted(count, 'model')} {verb} not offered: {them} than {title}."


def _combo(name: str) -> QComboBox:
    combo = ChoiceBox()
    set_name(combo, name)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(14)
    combo.currentIndexChanged.connect(lambda _: tell_choice(combo))
    return combo
