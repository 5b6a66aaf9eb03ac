"""The tour takes a picture of the window at each stop and leaves the project as it was."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from viewer.app import make_window
from viewer.project.project import Project
from viewer.project.verify import verify
from viewer.ui.state.settings import Settings
from viewer.ui.window import tour


def test_the_tour_keeps_a_picture_of_each_stop(
    qtbot: QtBot,
    home: Path,
    project_folder: Path,
    studies_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("QUIET_S", "DIALOG_S"):
        monkeypatch.setattr(tour, name, 0.1)
    monkeypatch.setattr(tour, "HEATMAP_WAIT_S", 0.5)
    edits = verify(project_folder).edits
    with Project.open(project_folder, writable=False) as project:
        film = Path(project.images.all()[0].path)

    window = make_window([project_folder], settings=Settings(home / "window.ini"), author="tester")
    pictures = tour.take_pictures(window, studies_folder, film, tmp_path / "window")
    window.deleteLater()

    names = {name for name, _ in pictures}
    assert {"reading.png", "annotating.png", "dataset.png", "training.png", "train_dialog.png"} <= names
    assert {"review.png", "welcome.png"} <= names
    arrays = {name: np.asarray(Image.open(tmp_path / "window" / name).convert("L")) for name in names}
    assert all(array.std() > 5 for array in arrays.values()), json.dumps({n: float(a.std()) for n, a in arrays.items()})
    assert len({array.tobytes() for array in arrays.values()}) == len(names)
    assert verify(project_folder).ok
    assert verify(project_folder).edits == edits
