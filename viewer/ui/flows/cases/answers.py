"""What models have answered of the images of one case: read whole when it is shown, and one image when an answer came.

A series of hundreds of images is answered image by image: read again whole for each, the cost of one answer would grow
with those before it.
"""

from dataclasses import dataclass
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

    def __init__(self, made_of: tuple[object, ...], findings: list[Finding], answer: "Prediction | None") -> None:
        self.made_of, self.findings, self.answer = made_of, findings, answer
        self._at: AtThreshold | None = None

    def is_of(self, made_of: tuple[object, ...]) -> bool:
        """Whether it was made of these very things. Of whole numbers two alike may be two things."""
        return all(
            one is other or (isinstance(one, int) and one == other)
            for one, other in zip(self.made_of, made_of, strict=True)
        )

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
        work, count, kept = at_hand.work, len(self.images), self._kept
        self._kept = {}
        for position, image_id in enumerate(self.images):
            several = work.predictions(image_id)
            if several:
                made_of = (several, position, count, model_hash, at_hand.names, at_hand.labels)
                before = kept.get(image_id)
                self._kept[image_id] = before if before is not None and before.is_of(made_of) else self._make(made_of)
        self._of_images = list(self._kept.values())
        self._by_id = None
        one_by_one = [finding for one in self._of_images for finding in one.findings]
        self.findings = as_wholes(one_by_one)
        # What spans images is counted once, over all of them.
        spans = len(self.findings) < len(one_by_one)
        self._counted = [ImageAnswers((), self.findings, None)] if spans else self._of_images
        self.predictions = {name: one.answer for name, one in self._kept.items() if one.answer is not None}

    def _make(self, made_of: "tuple[object, ...]") -> ImageAnswers:
        several, position, count, model_hash, *_ = made_of
        answer = answer_of(several, model_hash)  # type: ignore[arg-type]  # of `read`
        findings = image_findings(
            several, model_hash, position=position, images=count, called=self._called  # type: ignore[arg-type]
        )  # fmt: skip
        return ImageAnswers(made_of, findings, None if answer is None else as_called(answer, self._called))

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
        return [finding for one in self._counted for finding in one.at(threshold).shown]

    def undecided(self, threshold: float) -> int:
        """How many of them are left to decide."""
        return sum(one.at(threshold).undecided for one in self._counted)

    def words(self, threshold: float) -> str:
        """ "6 shown · 4 below threshold"."""
        at = [one.at(threshold) for one in self._counted]
        return count_words(sum(len(one.shown) for one in at), sum(one.below for one in at))
