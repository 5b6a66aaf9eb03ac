"""Every change has its inverse, and a patch touches its rectangle only."""

import numpy as np
import pytest

from viewer.core.edits import (
    AnnotationChange,
    CaseStatusChange,
    Change,
    DecisionChange,
    Edit,
    ImageLabelChange,
    LabelChange,
    MaskStroke,
    MeasurementChange,
)
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import Annotation, CaseStatus, Decision, Measurement, Origin
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns

BOX = Annotation(
    annotation_id="a", image_id="i", label="Lung", shape=Box(x0_px=1, y0_px=2, x1_px=3, y1_px=4), author="me",
    origin=Origin.PERSON,
)  # fmt: skip
LINE = Measurement(measurement_id="m", image_id="i", kind="length", points_px=((1, 2), (3, 4)), author="me")
LUNG, HEART = (Label(name=name, scope="region", position=place) for place, name in enumerate(("Lung", "Heart")))


@pytest.mark.parametrize(
    "change",
    [
        AnnotationChange(before=None, after=BOX),
        AnnotationChange(before=BOX, after=None),
        ImageLabelChange(image_id="i", label="sick", before=None, after=Verdict.YES),
        CaseStatusChange(case_id="c", before=CaseStatus.TO_DO, after=CaseStatus.COMPLETE),
        LabelChange(before=LUNG, after=HEART),
        MeasurementChange(before=LINE, after=None),
        DecisionChange(proposal_id="p", before=Decision.UNDECIDED, after=Decision.ACCEPTED, annotation_after="a"),
    ],
    ids=lambda change: type(change).__name__,
)
def test_the_inverse_leads_back_and_its_inverse_forth(change: Change) -> None:
    back = change.inverse()

    assert type(back) is type(change)
    assert (back.before, back.after) == (change.after, change.before)
    assert back.inverse() == change


def test_the_inverse_keeps_what_it_is_about() -> None:
    verdict = ImageLabelChange(image_id="i", label="sick", before=None, after=Verdict.YES).inverse()
    decision = DecisionChange(
        proposal_id="p",
        before=Decision.UNDECIDED,
        after=Decision.CORRECTED,
        annotation_before="x",
        annotation_after="y",
    ).inverse()

    assert (verdict.image_id, verdict.label) == ("i", "sick")
    assert (decision.proposal_id, decision.annotation_before, decision.annotation_after) == ("p", "y", "x")


def test_a_stroke_changes_its_pixels_and_none_beside_them() -> None:
    before = np.zeros((6, 8), bool)
    before[0, :] = before[:, 0] = True  # row 0 and column 0, beside the stroke
    before[2:4, 3:6] = [[True, False, True], [False, True, False]]
    stroke = MaskStroke(
        annotation_id="a", image_id="i",
        added=np.array([[2, 4, 5], [3, 3, 4], [3, 5, 6]], np.int32),
        removed=np.array([[2, 3, 4], [2, 5, 6], [3, 4, 5]], np.int32),
    )  # fmt: skip

    painted = stroke.apply(MaskRuns.from_array(before))

    expected = before.copy()
    expected[2:4, 3:6] = [[False, True, False], [True, False, True]]
    assert painted.to_array().tolist() == expected.tolist()
    assert stroke.inverse().apply(painted).to_array().tolist() == before.tolist()
    assert (stroke.inverse().annotation_id, stroke.inverse().image_id) == ("a", "i")


def test_an_edit_is_taken_back_last_change_first() -> None:
    first = LabelChange(before=None, after=LUNG)
    second = AnnotationChange(before=None, after=BOX)
    edit = Edit(text="draw Lung", changes=(first, second), image_id="i")

    back = edit.inverse()

    assert back.changes == (second.inverse(), first.inverse())
    assert (back.text, back.image_id) == ("draw Lung", "i")
