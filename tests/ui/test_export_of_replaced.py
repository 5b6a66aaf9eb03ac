"""Exporting from the window leaves out, and names, a picture that was overwritten under its name."""

from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from viewer.ui.dialogs.exchange import ExportDialog
from viewer.ui.flows.desk import Desk


def test_an_overwritten_picture_is_left_out_and_named(qtbot: QtBot, session: Desk, tmp_path: Path) -> None:
    assert session.project is not None
    records = session.project.images.all()
    with Image.open(records[0].path) as picture:
        pixels = np.asarray(picture)
    Image.fromarray(255 - pixels).save(records[0].path)
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = ExportDialog(session, parent)
    dialog.show()
    dialog.format.setCurrentIndex(dialog.format.findData("csv"))
    target = tmp_path / "out.csv"
    QTest.keyClicks(dialog.path, str(target))

    qtbot.waitUntil(dialog.start.isEnabled)  # it reads the project first
    with qtbot.waitSignal(session.announced) as told:
        QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)

    level, sentence = told.args
    assert level == "warn"
    assert sentence.startswith(f"Exported {len(records) - 1} images") and records[0].path.name in sentence
    text = target.read_text(encoding="utf-8")
    assert records[0].image_id not in text and records[1].image_id in text
