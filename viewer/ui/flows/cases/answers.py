"""What models have answered of the images of one case: read whole when it is shown, and one image when an answer came.

A series of hundreds of images is answered image by image: read again whole for each, the cost of one answer would grow
with those before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import is_
from typing import TYPE_CHECKING

from viewer.core.shapes.annotations import Decision
from viewer.ui.flows.findings import Finding, answer_of, as_wholes, count_words, image_findings, is_shown
from viewer.ui.state.present_names import Called, as_called

if TYPE_CHECKING:
    from viewer.core.shapes.annotations import Prediction
    from viewer.project.at_hand.values import AtHand
    from viewer.ui.flows.membership import Members
    from viewer.ui.state.shown import ShownImage


@dataclass(frozen=True, slots=True, kw_only=True)
class AtThreshold:
    """What of one image's findings a threshold shows. below: how many are below it (`findings.count_words`)."""

    threshold: float
    shown: tuple[Finding, ...]
    undecided: int
    below: int


class ImageAnswers:
    """The findings of one image, and the answer that they are of; kept while neither it nor a name changes."""

    def __init__(
        self, several: "Sequence[Prediction]", position: int, findings: list[Finding], answer: "Prediction | None"
    ) -> None:
        self.several, self.position, self.findings, self.answer = several, position, findings, answer
        self._at: AtThreshold | None = None

    def at(self, threshold: float) -> AtThreshold:
        """What the threshold shows; worked out once for each."""
        if self._at is None or self._at.threshold != threshold:
            seen = [(finding, is_shown(finding, threshold)) for finding in self.findings]
            shown = tuple(finding for finding, is_in in seen if is_in)
            self._at = AtThreshold(
                threshold=threshold,
                shown=shown,
                undecided=sum(finding.proposal.decision is Decision.UNDECIDED for finding in shown),
                below=sum(not is_in and not finding.prediction.rule.is_one_of for finding, is_in in seen),
            )
        return self._at


class CaseAnswers:
    """images: ids of the case, in order. findings: of all of them; predictions: the answer for each that has one.

    called: under which names both stand.
    """

    def __init__(self, members: "Members", called: Called) -> None:
        self._members, self._called = members, called
        self._kept: dict[str, ImageAnswers] = {}
        self._made_with: tuple[object, ...] = ()
        self.clear()

    def clear(self) -> None:
        """Nothing is shown."""
        self.images: list[str] = []
        self.findings: list[Finding] = []
        self.predictions: dict[str, Prediction] = {}
        self._of_images: list[ImageAnswers] = []
        self._counted = self._of_images
        self._by_id: dict[str, Finding] | None = None

    def read(self, at_hand: "AtHand", shown: "ShownImage", model_hash: str) -> None:
        """The case of the shown image. model_hash: of the model that is chosen, "" for none.

        Of an image that has not changed what was made of it stays: the cost follows the change, not the case.
        """
        if shown.case_id is None:
            self.images = self._members.asked_with(shown)
        else:
            case = [record.image_id for record in at_hand.images.by_case(shown.case_id)]
            self.images = case or [one for one in (shown.image_id,) if one is not None]  # the rest is on its way
        held, count = at_hand.work.held, len(self.images)
        made_with = (at_hand.names, at_hand.labels, count, model_hash)
        is_same = self._made_with[2:] == made_with[2:] and all(map(is_, self._made_with[:2], made_with[:2]))
        kept, self._kept, self._made_with = self._kept if is_same else {}, {}, made_with
        for position, image_id in enumerate(self.images):
            here = held.get(image_id)
            if here is not None and here.predictions:
                before = kept.get(image_id)
                if before is None or before.several is not here.predictions or before.position != position:
                    before = self._make(here.predictions, position, count, model_hash)
                self._kept[image_id] = before
        self._of_images = list(self._kept.values())
        self._by_id = None
        one_by_one: list[Finding] = []
        for one in self._of_images:
            one_by_one += one.findings
        self.findings = as_wholes(one_by_one)
        # What spans images is counted once, over all of them.
        spans = len(self.findings) < len(one_by_one)
        self._counted = [ImageAnswers((), 0, self.findings, None)] if spans else self._of_images
        self.predictions = {name: one.answer for name, one in self._kept.items() if one.answer is not None}

    def _make(self, several: "Sequence[Prediction]", position: int, count: int, model_hash: str) -> ImageAnswers:
        answer = answer_of(several, model_hash)
        findings = image_findings(several, model_hash, position=position, images=count, called=self._called)
        return ImageAnswers(several, position, findings, None if answer is None else as_called(answer, self._called))

    def find(self, proposal_id: str | None) -> Finding | None:
        """A finding by its proposal."""
        if self._by_id is None:
            self._by_id = {
                part.proposal.proposal_id: finding for finding in self.findings for part in finding.parts or (finding,)
            }
        return self._by_id.get(proposal_id or "")

    # At a threshold

    def shown(self, threshold: float) -> list[Finding]:
        """The rows of the list."""
        found: list[Finding] = []
        for one in self._counted:
            found += one.at(threshold).shown
        return found

    def undecided(self, threshold: float) -> int:
        """How many of them are left to decide."""
        return sum(one.at(threshold).undecided for one in self._counted)

    def words(self, threshold: float) -> str:
        """ "6 shown · 4 below threshold"."""
        at = [one.at(threshold) for one in self._counted]
        return count_words(sum(len(one.shown) for one in at), sum(one.below for one in at))
