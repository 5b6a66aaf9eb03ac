"""What may be done with a case as a whole, as a table: from which status, to which, and whether it needs a comment.

A case also begins with the first work on it, and opens again when it loses its answer: those are no acts of a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import CaseStatus

_OPEN = frozenset({CaseStatus.TO_DO, CaseStatus.IN_PROGRESS, CaseStatus.RETURNED})
_DONE = frozenset(status for status in CaseStatus if status.is_done)
# What every project shows, however few of its cases are there; the others are shown where they occur.
PLAIN = (CaseStatus.TO_DO, CaseStatus.IN_PROGRESS, CaseStatus.COMPLETE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAct:
    """One thing that a person does with a case.

    starts: the statuses that it leads from. ends: the one that it leads to. has_comment: it says why, and is refused
    without. words: as in "can be approved". help: one sentence for a menu and for --help.
    """

    name: str
    starts: frozenset[CaseStatus]
    ends: CaseStatus
    words: str
    help: str
    has_comment: bool = False

    def why_not(self, status: CaseStatus) -> str:
        """Why it cannot be done with a case of this status, as a sentence about "it"; "" where it can."""
        if status in self.starts:
            return ""
        return f"It is {status.value}; {self.condition[0].lower()}{self.condition[1:]}"

    @property
    def condition(self) -> str:
        """With which cases alone it can be done, as a sentence."""
        meant = [one.value for one in CaseStatus if one in self.starts]
        named = meant[0] if len(meant) == 1 else f"{', '.join(meant[:-1])} or {meant[-1]}"
        return f"Only a case that is {named} can be {self.words}."

    def checked_comment(self, comment: str) -> str:
        """The comment as it is kept. Raises BadRequest where one is missing, or is not asked for."""
        comment = comment.strip()
        if self.has_comment and not comment:
            raise BadRequest(f"A case is {self.words} with a comment that says why.")
        if comment and not self.has_comment:
            raise BadRequest(f"A case is {self.words} without a comment; only one that is returned has one.")
        return comment


ACTS = (
    CaseAct(
        name="complete", starts=_OPEN, ends=CaseStatus.COMPLETE, words="completed",
        help="Everything not marked on it then counts as seen and empty.",
    ),
    CaseAct(
        name="reopen", starts=_DONE, ends=CaseStatus.IN_PROGRESS, words="reopened",
        help="A case that is done becomes one in progress.",
    ),
    CaseAct(
        name="send", starts=_OPEN | {CaseStatus.COMPLETE}, ends=CaseStatus.NEEDS_REVIEW, words="sent to review",
        help="Its reader is through with it; no snapshot takes it before it is approved.",
    ),
    CaseAct(
        name="approve", starts=frozenset({CaseStatus.COMPLETE, CaseStatus.NEEDS_REVIEW}), ends=CaseStatus.APPROVED,
        words="approved", help="A second person has looked at it; snapshots take it.",
    ),
    CaseAct(
        name="return", starts=_DONE, ends=CaseStatus.RETURNED, words="returned", has_comment=True,
        help="Its reader shall look again, and sees the comment; no snapshot takes it before.",
    ),
)  # fmt: skip


def act_named(name: str) -> CaseAct:
    """One act. Raises BadRequest with the acts there are."""
    for act in ACTS:
        if act.name == name:
            return act
    raise BadRequest(f"There is no act {name} for a case; there are {', '.join(act.name for act in ACTS)}.")


# What a case is then, within a sentence.
SAID = {act.ends: act.words for act in ACTS} | {CaseStatus.COMPLETE: "complete"}


def shown_counts(counts: Mapping[CaseStatus, int]) -> dict[CaseStatus, int]:
    """How many cases have each status, without those beyond PLAIN that none has."""
    return {status: counts.get(status, 0) for status in CaseStatus if status in PLAIN or counts.get(status)}


def done_words(status: CaseStatus) -> str:
    """ "is complete", "needs review", as behind "This case"; "" where its reader is not through with it."""
    if not status.is_done:
        return ""
    return status.value if status is CaseStatus.NEEDS_REVIEW else f"is {status.value}"
