"""Edits that do one act of `core.case_acts` with cases: for the command line and the window alike."""

from collections.abc import Sequence

from viewer.core.case_acts import CaseAct
from viewer.core.edits import Edit
from viewer.core.errors import BadRequest
from viewer.project.edit_builders import set_statuses
from viewer.project.records import CaseRow


def move_cases(cases: Sequence[CaseRow], act: CaseAct, comment: str = "") -> Edit:
    """One gesture that does it with all of them, one at least.

    Raises BadRequest, naming the first one that it cannot be done with, or where a comment is missing or too much.
    """
    comment = act.checked_comment(comment)
    for case in cases:
        why_not = act.why_not(case.status)
        if why_not:
            raise BadRequest(f"{case.title} stays as it is. {why_not}")
    return set_statuses(cases, act.ends, comment)
