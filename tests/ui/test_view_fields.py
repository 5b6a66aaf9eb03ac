"""The dataset dialog asks for the other views of a film where studies have several, and remembers what was asked."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.two_views import labelled_project, write_study
from tests.ui.test_sample_fields import until_read
from tests.waiting import settled
from viewer.core.samples import SampleRule
from viewer.project.snapshots.card import sample_rule_of
from viewer.project.snapshots.snapshot import Snapshot
from viewer.ui.dialogs.dataset import DatasetDialog
from viewer.ui.dialogs.snapshot_card import _facts
from viewer.ui.flows.desk import Desk

PATIENTS = 6


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """The last patient has no lateral film."""
    for patient in range(PATIENTS):
        write_study(tmp_path / "in", patient)
    write_study(tmp_path / "in", PATIENTS, ["PA"])
    return labelled_project(tmp_path / "project", tmp_path / "in")


def opened(qtbot: QtBot, session: Desk, rule: SampleRule) -> DatasetDialog:
    made = DatasetDialog(session)
    qtbot.addWidget(made)
    made.show()
    settled(session)
    until_read(qtbot, made, rule)
    return made


def test_films_with_their_views_are_asked_for_left_out_by_name_and_remembered(qtbot: QtBot, session: Desk) -> None:
    dialog = opened(qtbot, session, SampleRule())
    fields, rule = dialog.samples, SampleRule(views=("lateral",))
    assert fields.views.isVisible() and not fields.context.isVisible()  # it has films, and no series of slices

    fields.views.setText(" lateral ")
    fields.views.editingFinished.emit()
    until_read(qtbot, dialog, rule)
    assert "1 image stays out: has no film of the view “lateral” in its study" in dialog.cases_out.text()
    assert "1_PA.dcm" in dialog.cases_out.toolTip()
    with qtbot.waitSignal(dialog.snapshot_made):
        dialog.make.click()

    assert session.project is not None
    made = Snapshot.load(session.project.folder)
    assert sample_rule_of(made.card) == rule and len(made.items) == PATIENTS
    words = list(_facts(made.card, several=False))
    assert ("Sample", "each sample is a film (DX) with the view lateral of its study: 2 channels") in words
    assert ("Left out", "1 image: has no film of the view “lateral” in its study (1_PA.dcm)") in words

    again = opened(qtbot, session, rule)
    assert again.samples.views.text() == "lateral" and again.samples.views.isVisible()
