"""Hide names: ids and names that stand inside descriptions go too, wherever the window shows them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from viewer.core.pixels import FrameIdentity, PixelFacts, Window
from viewer.ui.canvas.texts import ViewState, corner_texts
from viewer.ui.panels.studies_rows import head_texts, series_texts
from viewer.ui.panels.tags import TagsPanel
from viewer.ui.window.main_window import MainWindow
from viewer.ui.window.palette import Palette


@pytest.fixture
def telling(window: MainWindow, slice_writer: Callable[..., None], tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """The window with a study whose descriptions hold the patient's id and name."""
    for place in range(2):
        slice_writer(
            tmp_path / "told" / f"{place}.dcm", patient="STS_003", study=1, series=1, place=place, frame="1.2.3",
            PatientName="Mueller^Anna", StudyDescription="IBSI_1_sts_003_CT", SeriesDescription="mueller thorax",
        )  # fmt: skip
    window.session.open_paths([tmp_path / "told"])
    qtbot.waitUntil(lambda: window.session.shown is not None)
    qtbot.waitUntil(lambda: not window.session.opening.scanning)
    return window


def says_who(*texts: str) -> bool:
    """Whether one of the texts holds the id or the name."""
    low = " ".join(texts).lower()
    return any(word in low for word in ("sts_003", "mueller", "anna"))


def test_titles_lists_and_palette_say_nobody_s_name(telling: MainWindow) -> None:
    session = telling.session
    cell = session.active_cell
    assert cell is not None and cell.series is not None
    study = session.opening.patients[0].studies[0]
    assert says_who(cell.title.note) and says_who(*head_texts(study, 1, names_hidden=False))

    session.set_names_hidden(hidden=True)

    assert not says_who(cell.title.title, cell.title.note)
    assert not says_who(*head_texts(study, 1, names_hidden=True))
    assert not says_who(*series_texts(cell.series, names_hidden=True))
    assert not says_who(*Palette(session, telling.book, telling).lines())
    assert not says_who(session.closing._words(study))


def test_descriptions_in_the_tags_are_hidden_where_they_name_the_patient(telling: MainWindow, qtbot: QtBot) -> None:
    telling.book.run("window.tags")
    panel = telling.docks.panel("tags")
    assert isinstance(panel, TagsPanel)
    qtbot.waitUntil(lambda: panel.list.topLevelItemCount() > 10)

    telling.session.set_names_hidden(hidden=True)

    items = [panel.list.topLevelItem(place) for place in range(panel.list.topLevelItemCount())]
    assert not says_who(*(item.text(3) for item in items if item is not None))


def test_the_corners_leave_a_telling_description_out() -> None:
    identity = FrameIdentity(
        patient_id="STS_003", patient_name="Mueller^Anna", study_description="IBSI_1_STS_003_MR", modality="MR",
        series_number="4", series_description="Thorax of ANNA",
    )  # fmt: skip
    state = ViewState(window=Window(center=40, width=400), zoom=1)
    facts = PixelFacts(rows=4, cols=4)
    assert "IBSI_1_STS_003_MR" in corner_texts(facts, identity, state).top_left

    hidden = ViewState(window=Window(center=40, width=400), zoom=1, names_hidden=True)

    assert corner_texts(facts, identity, hidden).top_left == ("Names hidden", "MR", "Se 4")
    volume = FrameIdentity(series_description="mueller.nii.gz", extra={"file": "mueller.nii.gz"})
    assert corner_texts(facts, volume, state).top_left == ("mueller.nii.gz",)
    assert corner_texts(facts, volume, hidden).top_left == ("Names hidden",)
