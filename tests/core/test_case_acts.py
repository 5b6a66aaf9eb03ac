"""What may be done with a case from which status: a table of all pairs, written out by hand."""

import pytest

from viewer.core.case_acts import ACTS, SAID, act_named, shown_counts
from viewer.core.edits import CaseStatusChange
from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import CaseStatus

ENDS = {"complete": "complete", "reopen": "in progress", "send": "needs review", "approve": "approved",
        "return": "returned"}  # fmt: skip
ALLOWED = {
    "to do": "complete send",
    "in progress": "complete send",
    "complete": "reopen send approve return",
    "needs review": "reopen approve return",
    "approved": "reopen return",
    "returned": "complete send",
}


@pytest.mark.parametrize("status", CaseStatus)
@pytest.mark.parametrize("name", ENDS)
def test_each_act_leads_from_the_statuses_it_may_and_says_why_from_no_other(name: str, status: CaseStatus) -> None:
    act = act_named(name)
    why_not = act.why_not(status)

    assert (why_not == "") == (name in ALLOWED[status.value].split())
    assert act.ends.value == ENDS[name]
    assert why_not == "" or why_not.startswith(f"It is {status.value}; only a case that is ")


def test_the_reason_names_what_it_takes() -> None:
    assert act_named("approve").why_not(CaseStatus.TO_DO) == (
        "It is to do; only a case that is complete or needs review can be approved."
    )
    assert {act.name for act in ACTS} == set(ENDS)
    with pytest.raises(BadRequest, match="complete, reopen, send, approve, return"):
        act_named("burn")


def test_only_what_is_returned_has_a_comment_and_it_must_have_one() -> None:
    assert act_named("return").checked_comment("  look left ") == "look left"
    with pytest.raises(BadRequest, match="says why"):
        act_named("return").checked_comment(" ")
    with pytest.raises(BadRequest, match="without a comment"):
        act_named("approve").checked_comment("fine")


def test_what_is_done_and_what_counts() -> None:
    assert [one.value for one in CaseStatus if one.is_done] == ["complete", "needs review", "approved"]
    assert [one.value for one in CaseStatus if one.counts] == ["complete", "approved"]
    assert all(one in SAID for one in CaseStatus if one.is_done)


def test_counts_name_what_occurs_beyond_the_three_that_every_project_has() -> None:
    assert shown_counts({}) == {CaseStatus.TO_DO: 0, CaseStatus.IN_PROGRESS: 0, CaseStatus.COMPLETE: 0}
    assert list(shown_counts({CaseStatus.RETURNED: 2, CaseStatus.APPROVED: 0}).values()) == [0, 0, 0, 2]


def test_the_inverse_of_a_change_brings_the_comment_back() -> None:
    change = CaseStatusChange(
        case_id="c", before=CaseStatus.RETURNED, after=CaseStatus.COMPLETE, comment_before="look left"
    )
    assert change.inverse().comment_after == "look left" and change.inverse().comment_before == ""
    assert change.inverse().inverse() == change
