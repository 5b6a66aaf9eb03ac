"""The dialogs ask which frames make a sample, and for an input that is no square."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.two_series import CT, labelled_project, write_studies
from tests.waiting import settled
from viewer.core.errors import BadRequest
from viewer.core.samples import SampleRule
from viewer.project.snapshots.card import sample_rule_of
from viewer.project.snapshots.snapshot import Snapshot
from viewer.ui.dialogs.dataset import DatasetDialog
from viewer.ui.dialogs.snapshot_card import _facts
from viewer.ui.dialogs.train_fields import spacing_of, spacing_text
from viewer.ui.flows.desk import Desk

PATIENTS = 4


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    return labelled_project(tmp_path / "project", write_studies(tmp_path / "in", PATIENTS))


@pytest.fixture
def dialog(qtbot: QtBot, session: Desk) -> DatasetDialog:
    made = DatasetDialog(session)
    qtbot.addWidget(made)
    made.show()
    settled(session)
    until_read(qtbot, made, SampleRule())
    return made


def until_read(qtbot: QtBot, dialog: DatasetDialog, rule: SampleRule) -> None:
    qtbot.waitUntil(lambda: dialog.preview is not None and dialog.preview.rule == rule and dialog.make.isEnabled())


def test_a_snapshot_is_made_of_the_frames_that_the_fields_say(
    qtbot: QtBot, session: Desk, dialog: DatasetDialog
) -> None:
    assert dialog.samples.series.isVisible() and not dialog.samples.views.isVisible()  # slices are no films
    dialog.samples.context.setValue(1)
    dialog.samples.series.setText(" pet corrected ; ")
    dialog.samples.series.editingFinished.emit()
    rule = SampleRule(context=1, series=("pet corrected",))
    until_read(qtbot, dialog, rule)

    with qtbot.waitSignal(dialog.snapshot_made):
        dialog.make.click()

    assert session.project is not None
    made = Snapshot.load(session.project.folder)
    assert sample_rule_of(made.card) == rule
    assert len(made.items) == PATIENTS * CT.slices and {len(item.frames) for item in made.items} == {6}
    words = dict(_facts(made.card, several=False))
    assert words["Sample"] == "each sample is 3 neighbouring slices of CT and pet corrected: 6 channels"

    again = DatasetDialog(session)
    qtbot.addWidget(again)
    assert again.samples.rule() == rule  # as the fields of the split are remembered
    assert (again.samples.context.value(), again.samples.series.text()) == (1, "pet corrected ;")


def test_a_series_that_no_study_has_leaves_nothing_and_says_so(
    qtbot: QtBot, session: Desk, dialog: DatasetDialog
) -> None:
    dialog.samples.series.setText("SPECT")
    dialog.samples.series.editingFinished.emit()

    qtbot.waitUntil(dialog.leaks.refusal.isVisible)
    assert "has no series “SPECT” in its study" in dialog.leaks.refusal_words.text()
    assert "has no series “SPECT” in its study" in dialog.cases_out.text()
    assert not dialog.make.isEnabled()


@pytest.mark.parametrize(
    ("text", "spacing"),
    [("", (0, 0)), ("0.8", (0.8, 0.8)), ("0,8 x 0.7", (0.8, 0.7)), (" 1 × 2 ", (1, 2))],
)
def test_a_pixel_spacing_is_one_number_or_two(text: str, spacing: tuple[float, float]) -> None:
    assert spacing_of(text) == spacing
    assert spacing_of(spacing_text(*spacing)) == spacing


@pytest.mark.parametrize("text", ["x", "0", "0.8 x", "-1", "1 x 2 x 3", "nan", "2000"])
def test_what_is_no_pixel_spacing_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="The pixel spacing is one number or two, in mm"):
        spacing_of(text)
