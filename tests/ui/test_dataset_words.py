"""What the dataset dialog says: its own words, the right number, and whom it takes for a patient."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from tests.ui.conftest import write_films
from tests.ui.scenes import program_fonts  # noqa: F401  # a fixture
from tests.ui.test_dataset_dialog import dialog_of, settle
from tests.waiting import handled
from viewer.project.edit_builders import add_label
from viewer.project.project import Project
from viewer.project.register import add_frames
from viewer.project.snapshots.items import SnapshotItem
from viewer.project.snapshots.preview import Division
from viewer.project.snapshots.why_empty import stay_out_words
from viewer.ui.dialogs import bounded
from viewer.ui.dialogs.dataset_rows import PartBar
from viewer.ui.dialogs.split_fields import LeakCheck, division_words, stayed_words
from viewer.ui.flows.desk import Desk
from viewer.ui.look.theme import Theme


def test_one_label_alone_is_refused_in_the_words_of_the_box(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None]
) -> None:
    complete_all()
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)

    rows = dialog.table.widget()
    qtbot.mouseClick(rows, Qt.MouseButton.LeftButton, pos=rows.mapFrom(dialog.table, dialog.table.check_rect("Dark")))

    qtbot.waitUntil(dialog.leaks.refusal.isVisible)
    said = dialog.leaks.refusal_words.text()
    assert dialog.exclusive.text() in said
    assert "exclusive" not in said
    assert "multi-label" not in said


def test_one_is_said_in_the_singular(qtbot: QtBot, session: Desk, complete_all: Callable[[], None]) -> None:
    complete_all()
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)
    assert dialog.division is not None
    item = next(iter(dialog.division.parts.values()))[0]
    check = LeakCheck(session)
    qtbot.addWidget(check)

    check.say_sound(Division(parts={"train": (item,)}, folds=0, pinned_patients=0, left_out={}))

    assert [row.counted.text() for row in check.checks] == ["1 patient", "1 image, compared by pixels"]
    assert check.nameless.isHidden()


def test_images_without_a_patient_id_are_said_beside_the_leak_check(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None], tmp_path: Path
) -> None:
    old = session.project
    assert old is not None
    with Project.create(tmp_path / "nameless", author="tester") as made:
        add_frames(made, [replace(film, patient_id="") for film in write_films(tmp_path / "more")])
        for label in old.labels:
            made.history.do(add_label(label.name, label.scope, made.labels))
    session.open_project(Project.open(tmp_path / "nameless", writable=True))
    complete_all()

    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)

    assert dialog.leaks.nameless.isVisible()
    # The fixture writes eight films, each a picture of its own without a study or series.
    assert dialog.leaks.nameless.text().startswith("8 images have no patient id")
    assert "counts as a patient" in dialog.leaks.nameless.text()


def items_of(*patients: str) -> tuple[SnapshotItem, ...]:
    """Items of which only the patient matters."""
    return tuple(cast(SnapshotItem, SimpleNamespace(patient_id=one, pinned_test=False)) for one in patients)


def test_the_parts_are_told_in_images_and_patients_and_why_they_are_not_what_was_asked_for() -> None:
    parts = {"train": items_of("a", "a", "a", "b", "b"), "val": items_of("c"), "test": items_of("d", "d")}
    division = Division(parts=parts, folds=0, pinned_patients=0, left_out={})

    said = division_words(division, (70, 15, 15))

    assert said.startswith(
        "Train: 5 images of 2 patients, 63 %; Validation: 1 image of 1 patient, 12 %; "
        "Test: 2 images of 1 patient, 25 %. "
    )
    assert "Asked for 70, 15 and 15 %: all images of a patient stay in one part, so" in said
    assert "earlier snapshots and imports stay in test" in division_words(
        replace(division, pinned_patients=1), (70, 15, 15)
    )
    assert "Asked" not in division_words(division, (63, 12, 25)), "it is what was asked for"
    of_105 = "Asked for 70, 15 and 20, which make 105 and not 100, so for 67, 14 and 19 %: all images"
    assert of_105 in division_words(division, (70, 15, 20)), "as shares of a whole"
    empty = Division(parts={"train": parts["train"]}, folds=0, pinned_patients=0, left_out={})
    assert "Test: 0 images of 0 patients, 0 %" in division_words(empty, (70, 15, 15))
    folds = Division(parts={"fold 0": items_of("a"), "fold 1": items_of("b")}, folds=2, pinned_patients=0, left_out={})
    assert division_words(folds) == "Fold 0: 1 image of 1 patient, 50 %; Fold 1: 1 image of 1 patient, 50 %."
    many = {f"fold {n}": items_of(*"ab"[: 1 + n % 2], "c") for n in range(20)}
    assert division_words(replace(folds, parts=many, folds=20)) == "20 parts of 2 to 3 images and 2 to 3 patients each."
    assert division_words(None, (70, 15, 15)) == ""


def test_the_bar_and_the_line_below_it_say_the_same(
    qtbot: QtBot, session: Desk, complete_all: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    complete_all()
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)
    written: list[str] = []
    monkeypatch.setattr(PartBar, "_write", lambda bar, painter, part, above, below: written.append(above[0]))
    dialog.split.bar.grab()

    shares = [int(words.split()[-2]) for words in written]
    assert len(shares) == 3 and sum(shares) == 100
    assert dialog.split.counts.isVisible()
    assert all(f", {share} %" in dialog.split.counts.text() for share in shares)
    assert dialog.division is not None
    for items in dialog.division.parts.values():
        patients = len({item.patient_id for item in items})
        assert (
            f"{len(items)} image" in dialog.split.counts.text()
            and f"of {patients} patient" in dialog.split.counts.text()
        )


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_the_bar_of_the_split_has_room_for_its_two_lines_and_the_table_for_its_titles(
    program_fonts: None,  # noqa: F811
    qtbot: QtBot,
    session: Desk,
    complete_all: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    scale: float,
) -> None:
    # The screen that a dialog fits itself into: the platform of the tests has one of 800 x 800.
    monkeypatch.setattr(bounded, "screen_room", lambda _: QRect(0, 0, 1280, 800))
    complete_all()
    dialog = dialog_of(qtbot, session)
    settle(qtbot, dialog)
    dialog.resize(1100, 700)

    session.set_theme(Theme(font_scale=scale))
    handled()

    assert dialog.split.bar.height() >= 2 * round(11.5 * scale) * 1.2
    wide = QFontMetrics(session.theme.font(11)).horizontalAdvance
    columns = dialog.table.widget()._columns()
    for name, title in (("images", "Images"), ("patients", "Patients"), ("bar", "Patients in each part")):
        assert columns[name].width() >= wide(title), name


def test_what_stays_out_is_counted_in_images_and_has_its_verb() -> None:
    reasons = {"none of the task's labels": 1, "a box is drawn where the task needs a mask": 2}

    assert stay_out_words(reasons) == (
        "1 image stays out: none of the task's labels; 2 images stay out: a box is drawn where the task needs a mask"
    )
    assert stay_out_words({}) == ""


def test_as_near_as_whole_patients_allow_is_said_only_where_it_is_so() -> None:
    twos = [name for one in "abcdefghij" for name in (one, one)]
    far = {"train": items_of(*twos[:10]), "val": items_of(*twos[10:14]), "test": items_of(*twos[14:])}
    near = {"train": items_of(*twos[:12]), "val": items_of(*twos[12:16]), "test": items_of(*twos[16:])}
    asked = (61, 19, 20)

    said = [division_words(Division(parts=p, folds=0, pinned_patients=0, left_out={}), asked) for p in (far, near)]

    assert "Asked for 61, 19 and 20 %" in said[0] and "as near as" not in said[0]
    assert "each label is divided by the same shares" in said[0]
    assert "so the parts come as near as whole patients allow" in said[1]


def test_who_keeps_the_part_of_before_is_said() -> None:
    parts = {"train": items_of("a", "b"), "val": items_of("c"), "test": items_of("d")}
    division = Division(parts=parts, folds=0, pinned_patients=1, left_out={}, stayed=frozenset("abcd"))

    assert division_words(division, (70, 15, 15)).endswith(
        "all images of a patient stay in one part, and each patient who had one before keeps it."
    )
    again = "another seed divides training and validation anew."
    assert stayed_words(division) == f"Every patient keeps the part of before: {again}"
    assert stayed_words(replace(division, stayed=frozenset("ab"))).startswith("2 of 4 patients keep the part")
    assert stayed_words(replace(division, stayed=frozenset())) == stayed_words(None) == ""
