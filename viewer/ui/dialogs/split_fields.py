"""Parts of the dataset dialog: how to split, and the leak check."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from viewer.core.errors import BadRequest
from viewer.core.text.counting import counted, percents
from viewer.project.snapshots.items import NAMELESS
from viewer.project.snapshots.preview import Division
from viewer.project.snapshots.split import SplitFile
from viewer.ui.dialogs.dataset_rows import PART_WORDS, PartBar
from viewer.ui.dialogs.last_used import Last, Range, not_offered
from viewer.ui.look.chips import Paragraph, text_label
from viewer.ui.look.choice_box import ChoiceBox
from viewer.ui.look.plain_text import add_choice, plain_label, set_field, set_name, set_text, set_tip
from viewer.ui.look.row_painting import KeyButton
from viewer.ui.state.typed_path import typed_path

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk


MOST_PARTS_TOLD = 10  # each by itself
METHODS = ("ratio", "folds", "file")  # as they are kept, in the order of the field
SHARES = ("train", "val", "test")
SPLIT_WORDS = {
    "train": "share of training", "val": "share of validation", "test": "share of test", "folds": "number of folds",
    "seed": "seed",
}  # fmt: skip


class SplitFields(QWidget):
    """Shares, folds or a file; always by patient."""

    changed = Signal()

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(text_label("Split", "strong"))
        row.addWidget(text_label("by patient", "second"))
        row.addStretch(1)
        self.method = ChoiceBox()
        for word in ("Train, validation, test", "Folds", "As a file says"):
            add_choice(self.method, word)
        self.method.setAccessibleName("How to split")
        row.addWidget(self.method)
        self.method_stack = QStackedWidget()
        self.method_stack.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        for page in (self._ratio_page(), self._folds_page(), self._file_page()):
            self.method_stack.addWidget(page)
        row.addWidget(self.method_stack)
        row.addWidget(text_label("seed", "second"))
        self.seed = _spin(0, 999_999, 1, "Seed")
        row.addWidget(self.seed)
        column.addLayout(row)
        self.refused = Paragraph("warn")
        self.refused.hide()
        column.addWidget(self.refused)
        self.bar = PartBar(self._session)
        column.addWidget(self.bar)
        self.counts = Paragraph("caption")
        column.addWidget(self.counts)
        self.kept = Paragraph("caption")
        column.addWidget(self.kept)
        self.method.currentIndexChanged.connect(self._on_method)
        self.seed.valueChanged.connect(lambda _: self.changed.emit())

    def options(self) -> dict[str, object]:
        """The split as `make_snapshot` takes it."""
        seed = self.seed.value()
        if self.method.currentIndex() == 1:
            return {"folds": self.folds.value(), "seed": seed}
        if self.method.currentIndex() == 2:
            if not self.file.text().strip():
                raise BadRequest("Choose the file that names each image's part or fold.")
            split_file = SplitFile(path=typed_path(self.file.text()), column=self.column.text().strip())
            return {"split_file": split_file, "seed": seed}
        shares = tuple(spin.value() / 100 for spin in self.shares)
        return {"split": shares, "seed": seed}

    @property
    def ranges(self) -> dict[str, Range]:
        """What each number may be, by the names of `last_values`."""
        spins = {**dict(zip(SHARES, self.shares, strict=True)), "folds": self.folds, "seed": self.seed}
        return {
            name: Range(words=SPLIT_WORDS[name], low=spin.minimum(), high=spin.maximum())
            for name, spin in spins.items()
        }

    @property
    def last_values(self) -> dict[str, Any]:
        """What is kept for the next time."""
        shares = dict(zip(SHARES, (spin.value() for spin in self.shares), strict=True))
        return {
            "method": METHODS[self.method.currentIndex()], **shares, "folds": self.folds.value(),
            "seed": self.seed.value(), "file": self.file.text().strip(), "column": self.column.text().strip(),
        }  # fmt: skip

    def show_last(self, last: Last) -> None:
        """Take over how a snapshot was last split here, and say what of it is not taken over."""
        values, refused = last.values, list(last.refused)
        method = values.get("method", METHODS[0])
        if method not in METHODS:
            refused.append(not_offered("way to split", method))
        spins = {**dict(zip(SHARES, self.shares, strict=True)), "folds": self.folds, "seed": self.seed}
        self.blockSignals(True)
        for name, spin in spins.items():
            spin.setValue(values.get(name, spin.value()))
        set_field(self.file, values.get("file", ""))
        set_field(self.column, values.get("column", ""))
        self.method.setCurrentIndex(METHODS.index(method) if method in METHODS else 0)
        self.blockSignals(False)
        set_text(self.refused, " ".join(refused))
        self.refused.setVisible(bool(refused))

    def show_division(self, division: Division | None) -> None:
        """Draw the split, and say which test patients stay."""
        self.bar.show_division(division)
        asked = [spin.value() for spin in self.shares] if self.method.currentIndex() == 0 else []
        set_text(self.counts, division_words(division, asked))
        self.counts.setVisible(division is not None)
        kept = 0 if division is None else division.pinned_patients
        stay = "stays" if kept == 1 else "stay"
        said = (
            f"{counted(kept, 'test patient')} of earlier snapshots of this task, or of imports, {stay} in test."
            if kept
            else "Test patients stay in test in every later snapshot of this task."
        )
        set_text(self.kept, f"{said} {stayed_words(division)}".rstrip())

    def _ratio_page(self) -> QWidget:
        page, row = _page()
        self.shares = [_spin(1, 98, 70, "Training, %"), _spin(0, 60, 15, "Validation, %"), _spin(0, 60, 15, "Test, %")]
        for spin in self.shares:
            row.addWidget(spin)
            spin.valueChanged.connect(lambda _: self.changed.emit())
        row.addWidget(text_label("%", "second"))
        return page

    def _folds_page(self) -> QWidget:
        page, row = _page()
        self.folds = _spin(2, 50, 5, "Number of folds")
        self.folds.valueChanged.connect(lambda _: self.changed.emit())
        row.addWidget(self.folds)
        row.addWidget(text_label("folds", "second"))
        return page

    def _file_page(self) -> QWidget:
        page, row = _page()
        self.file = QLineEdit()
        self.file.setPlaceholderText("CSV file")
        self.file.setMinimumWidth(120)
        self.column = QLineEdit()
        self.column.setPlaceholderText("column")
        self.column.setFixedWidth(90)
        browse = KeyButton(self._session.icons, "Browse…", height_px=26)
        browse.clicked.connect(self._on_browse)
        for widget in (self.file, browse, self.column):
            row.addWidget(widget)
        for edit in (self.file, self.column):
            edit.editingFinished.connect(self.changed)
        return page

    def _on_method(self, place: int) -> None:
        self.method_stack.setCurrentIndex(place)
        self.changed.emit()

    def _on_browse(self) -> None:
        begun = self.file.text() or str(Path.home())
        path, _ = QFileDialog.getOpenFileName(self, "Split file", begun, "Tables (*.csv)")
        if path:
            set_field(self.file, path)
            self.changed.emit()


def division_words(division: Division | None, asked: Sequence[int] = ()) -> str:
    """Images and patients of each part, with shares that sum to 100; why they are not what was asked for.

    asked: the shares of training, validation and test as the fields say, empty where none were asked for.
    """
    if division is None:
        return ""
    parts = {name: division.parts.get(name, ()) for name in PART_WORDS} if asked else division.parts
    if len(parts) > MOST_PARTS_TOLD:
        sizes = [len(items) for items in parts.values()]
        people = [len({item.patient_id for item in items}) for items in parts.values()]
        return f"{len(parts)} parts of {_span(sizes)} images and {_span(people)} patients each."
    shares = percents([len(items) for items in parts.values()])
    words = []
    for (name, items), share in zip(parts.items(), shares, strict=True):
        patients = len({item.patient_id for item in items})
        title = PART_WORDS.get(name, name.capitalize())
        words.append(f"{title}: {counted(len(items), 'image')} of {counted(patients, 'patient')}, {share} %")
    said = "; ".join(words) + "."
    wanted = percents(asked)
    if not asked or wanted == shares:
        return said
    stay = ", and test patients of earlier snapshots and imports stay in test" if division.pinned_patients else ""
    near = "so the parts come as near as whole patients allow" if _is_near(division, asked) else ""
    why = near or "and each label is divided by the same shares, which moves whole patients"
    if division.stayed:
        stay, why = "", "and each patient who had one before keeps it"
    typed = "" if sum(asked) == 100 else f"{_listed(asked)}, which make {sum(asked)} and not 100, so for "
    return f"{said} Asked for {typed}{_listed(wanted)} %: all images of a patient stay in one part{stay}, {why}."


def stayed_words(division: Division | None) -> str:
    """Who keeps the part that the same request gave before, and how they are divided anew; "" of nobody."""
    if division is None or not division.stayed:
        return ""
    of = len(division.part_of_patient)
    who = "Every patient keeps" if len(division.stayed) == of else f"{len(division.stayed)} of {of} patients keep"
    return f"{who} the part of before: another seed divides training and validation anew."


def _listed(numbers: Sequence[int]) -> str:
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _is_near(division: Division, asked: Sequence[int]) -> bool:
    """Whether no patient who may move would bring the counts of images nearer to the asked shares, in any part."""
    total = sum(map(len, division.parts.values()))
    over = {
        name: len(division.parts.get(name, ())) - total * share / sum(asked)
        for name, share in zip(PART_WORDS, asked, strict=True)
    }
    for here, items in division.parts.items():
        kept = {item.patient_id for item in items if item.pinned_test} | division.stayed
        sizes = {size for patient, size in Counter(i.patient_id for i in items).items() if patient not in kept}
        for there in over:
            now = abs(over[here]) + abs(over[there])
            if there != here and any(abs(over[here] - n) + abs(over[there] + n) < now - 1e-9 for n in sizes):
                return False
    return True


def _span(counts: Sequence[int]) -> str:
    """ "3" where all are alike, else "3 to 5"."""
    return f"{min(counts)}" if min(counts) == max(counts) else f"{min(counts)} to {max(counts)}"


class LeakCheck(QWidget):
    """No patient in two parts, no image twice; a refusal names what leaks."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(text_label("Leak check", "strong"))
        self.checks = [CheckRow(self._session), CheckRow(self._session)]
        for check in self.checks:
            column.addWidget(check)
        self.nameless = Paragraph("warn")
        self.nameless.hide()
        column.addWidget(self.nameless)
        self.refusal = QFrame()
        self.refusal.setProperty("surface", "err")
        inner = QHBoxLayout(self.refusal)
        inner.setContentsMargins(12, 8, 12, 8)
        inner.setSpacing(10)
        icon = plain_label()
        icon.setPixmap(self._session.icons.pixmap("error", "err", 16, 2.0))
        inner.addWidget(icon)
        self.refusal_words = text_label("", "body", wrap=True)
        inner.addWidget(self.refusal_words, 1)
        self.refusal.hide()
        column.addWidget(self.refusal)

    def say_sound(self, division: Division) -> None:
        """Say what was checked and counted."""
        items = [item for part in division.parts.values() for item in part]
        patients = len({item.patient_id for item in items})
        self.checks[0].say("No patient in two parts", counted(patients, "patient"), ok=True)
        twice = len(items) - len({item.pixel_sha256 for item in items})
        words = (
            "No image twice"
            if not twice
            else f"{counted(twice, 'image')} {'has' if twice == 1 else 'have'} the same pixels as another"
        )
        self.checks[1].say(words, f"{counted(len(items), 'image')}, compared by pixels", ok=not twice)
        without = sum(item.patient_id.startswith(NAMELESS) for item in items)
        verb = "has" if without == 1 else "have"
        set_text(
            self.nameless,
            f"{counted(without, 'image')} {verb} no patient id: each study, series or single image of them counts as "
            "a patient.",
        )
        self.nameless.setVisible(bool(without))
        self.refusal.hide()

    def refuse(self, sentence: str, *, leak: bool) -> None:
        """Say why it cannot be made."""
        self.nameless.hide()
        set_text(self.refusal_words, sentence)
        self.refusal.show()
        self.checks[0].say("A patient is in two parts" if leak else "Not checked yet", "", ok=False if leak else None)
        self.checks[1].say("Not checked yet", "", ok=None)


class CheckRow(QWidget):
    """One line of the leak check: mark, words, what was counted."""

    def __init__(self, session: "Desk") -> None:
        super().__init__()
        self._session = session
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self._icon = plain_label()
        self._icon.setFixedWidth(16)
        self.words = text_label("", "row", wrap=True)
        self.counted = text_label("", "rowlow")
        row.addWidget(self._icon)
        row.addWidget(self.words, 1)
        row.addWidget(self.counted)

    def say(self, words: str, counted: str, *, ok: bool | None) -> None:
        """ok: None while it was not checked."""
        name, token = ("more", "low") if ok is None else ("accept", "ok") if ok else ("error", "err")
        self._icon.setPixmap(self._session.icons.pixmap(name, token, 16, 2.0))
        set_text(self.words, words)
        set_text(self.counted, counted)


def _page() -> tuple[QWidget, QHBoxLayout]:
    page = QWidget()
    row = QHBoxLayout(page)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    return page, row


def _spin(low: int, high: int, value: int, name: str) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(low, high)
    spin.setValue(value)
    set_name(spin, name)
    set_tip(spin, name)
    # As wide as its largest number in this font; what the hint of the box adds would push out its neighbours.
    digits = spin.fontMetrics().horizontalAdvance(f"{high}" if high < 100_000 else "0" * 6)
    spin.setFixedWidth(max(56 if high < 100_000 else 72, digits + 26))
    spin.setKeyboardTracking(False)
    return spin
