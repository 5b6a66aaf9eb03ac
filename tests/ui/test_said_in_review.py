"""What people have said of a film stands in Review at once, before any model was asked, and beside what models say."""

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.painted import words_of
from tests.ui.test_review_ai import FakeInference, answer, panel_of
from tests.ui.test_review_ai import inference as inference  # a fixture
from tests.ui.test_review_ai import review as review  # a fixture
from tests.waiting import settled
from viewer.core.attributes import Attribute, AttributeKind
from viewer.core.labels import Verdict
from viewer.core.values import Quantity, Target, TargetKind
from viewer.project.attributes.edits import declare
from viewer.project.edit_builders import answer_target, say_image_label
from viewer.ui.flows.desk import Desk
from viewer.ui.flows.review import Review
from viewer.ui.panels.findings import FindingsPanel


@pytest.fixture
def panel(qtbot: QtBot, review: Review, shown_case: Desk) -> FindingsPanel:
    """Review on a film that nobody has asked a model about; of it two labels and a number are said."""
    session, image_id = shown_case, image_of(shown_case)
    age = Attribute(scope="image", label="", name="age", position=0, kind=AttributeKind.NUMBER, unit="a")
    assert session.do(declare(age))
    for name, said in (("Bright", Verdict.YES), ("Dark", Verdict.NO)):
        assert session.do(say_image_label(image_id, name, before=None, after=said))
    target = Target(kind=TargetKind.IMAGE, target_id=image_id)
    assert session.do(
        answer_target(target, "age", before=None, after=Quantity(number=63.0, unit="a"), image_id=image_id)
    )
    settled(session)
    made = panel_of(qtbot, session)
    settled(session)
    return made


def image_of(session: Desk) -> str:
    assert session.shown is not None and session.shown.image_id is not None
    return session.shown.image_id


def test_it_stands_there_before_a_model_is_asked(panel: FindingsPanel, review: Review) -> None:
    assert review.prediction is None
    assert panel.scores.isVisible() and words_of(panel.scores) == [
        "Bright",
        "said yes",
        "Dark",
        "said no",
        "age",
        "said 63 a",
    ]
    assert panel.scores.accessibleName() == "Bright: said yes, Dark: said no, age: said 63 a"


def test_it_goes_with_its_image_and_stands_beside_what_a_model_says(
    qtbot: QtBot, panel: FindingsPanel, review: Review, inference: FakeInference, shown_case: Desk
) -> None:
    session, project = shown_case, shown_case.project
    first = image_of(session)
    answer(
        qtbot, review, inference, session, kind="classification", scores={"Bright": 0.8, "Other": 0.2}, proposals=(),
        labels=("Bright", "Other"), exclusive=False,
    )  # fmt: skip
    settled(session)
    drawn = words_of(panel.scores)
    assert sorted(drawn) == sorted(
        ["now yes", "Bright", "0.80", "Other", "0.20", "Dark", "said no", "age", "said 63 a"]
    )

    assert project is not None
    session.open_case(project.cases.all()[1].case_id)
    qtbot.waitUntil(lambda: image_of(session) != first)
    settled(session)
    assert not panel.scores.isVisible()
