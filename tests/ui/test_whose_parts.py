"""The list of cases says of which snapshot the parts are that it shows, and how many of the cases it lists."""

from dataclasses import replace

from PySide6.QtGui import QFontMetrics
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_of
from tests.ui.test_cases import panel_of
from tests.ui.test_parts_of_cases import FIRST, divided, snapshot_of  # noqa: F401  # a fixture
from tests.ui.test_review_ai import MODEL
from tests.waiting import settled
from viewer.core.shapes.annotations import CaseStatus
from viewer.project.records import Task
from viewer.project.snapshots.snapshot import Snapshot
from viewer.ui.flows.desk import Desk
from viewer.ui.panels.cases.part import whole_facts

OTHER = Task(name="Other", kind="classification", labels=("Bright", "Dark"))


def test_the_snapshot_whose_parts_are_shown_is_named(qtbot: QtBot, divided: tuple[Desk, Snapshot]) -> None:  # noqa: F811
    session, first = divided
    panel = panel_of(qtbot, session)
    assert session.project is not None
    second = snapshot_of(session.project, FIRST, OTHER)

    session.snapshots.read()  # the first may be shown until the second is read
    qtbot.waitUntil(lambda: panel.parts.text() == f"Parts are those of the snapshot Other {second.id[:8]}.")
    assert panel.parts.isVisible()

    session.snapshots.choose(first.id)
    qtbot.waitUntil(lambda: panel.parts.text() == f"Parts are those of the snapshot Light {first.id[:8]}.")


def test_a_snapshot_of_another_task_than_the_model_in_review_is_said_to_be_that(
    qtbot: QtBot,
    divided: tuple[Desk, Snapshot],  # noqa: F811
) -> None:
    session, made = divided
    panel = panel_of(qtbot, session)
    session.snapshots.read()
    settled(session)
    own = f"Parts are those of the snapshot Light {made.id[:8]}"
    masks = replace(MODEL, title="Masks · ab12", kind="segmentation", labels=("Lung",))

    session.set_workspace("review")
    settled(session)
    session.review.asking.choose_model(masks)
    assert panel.parts.text() == f"{own}, which is of another task than the model Masks · ab12."

    light = replace(MODEL, kind="classification", labels=("Dark", "Bright"), folder=MODEL.folder / "light")
    session.review.asking.choose_model(light)
    assert panel.parts.text() == f"{own}."

    other = replace(light, folder=MODEL.folder / "other", snapshot_id="0" * 64)
    session.review.asking.choose_model(other)
    assert panel.parts.text() == f"{own}; the model Squares · 1a2b learned from another one."
    session.review.asking.choose_model(replace(other, folder=MODEL.folder / "same", snapshot_id=made.id))
    assert panel.parts.text() == f"{own}."

    session.review.asking.choose_model(masks)
    session.set_workspace("annotate")
    assert panel.parts.text() == f"{own}.", "nobody asks a model here"


def test_the_count_in_the_title_follows_the_filter(qtbot: QtBot, session: Desk) -> None:
    panel = panel_of(qtbot, session)
    told: list[str] = []
    panel.count_changed.connect(told.append)
    assert session.project is not None
    panel.reload()
    assert told[-1] == "8"

    qtbot.keyClicks(panel.search, session.project.cases.all()[0].patient_id)
    qtbot.waitUntil(lambda: told[-1] == f"{len(panel.case_ids)} of 8" and 0 < len(panel.case_ids) < 8)

    panel.search.clear()
    qtbot.waitUntil(lambda: told[-1] == "8")
    qtbot.keyClick(panel.status, "c")  # Complete
    assert panel.status.currentData() == CaseStatus.COMPLETE
    assert told[-1] == "0 of 8"


def test_the_second_line_of_a_case_cuts_no_size_in_two(qtbot: QtBot, session: Desk) -> None:
    icons, wide = session.icons, QFontMetrics(session.theme.font(12)).horizontalAdvance
    detail = "P018_2.png · CR · 256 × 256"

    assert whole_facts(icons, detail, wide(detail) + 2) == detail
    assert whole_facts(icons, detail, wide(detail) - 4) == "P018_2.png · CR"
    assert whole_facts(icons, detail, wide("P018_2.png · C")) == "P018_2.png"
    assert whole_facts(icons, detail, 5) == "P018_2.png", "which film it is, as far as there is room"

    panel = panel_of(qtbot, session)
    settled(session)
    for width_px in range(150, 330, 12):
        panel.resize(width_px, 1200)
        assert not [words for words in words_of(panel.list) if " · " in words and words.endswith("…")], width_px
