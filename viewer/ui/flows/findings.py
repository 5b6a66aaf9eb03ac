"""What a model proposes on a case, as the reviewer meets it: which findings are shown, which one is next.

Nothing here knows a widget. What is proposed at a threshold is decided by the rule that the model was judged by
(`viewer.core.deciding`): of labels that exclude each other exactly one, whatever the threshold. What is not proposed is
not shown, but never thrown away; a decided finding stays in the list. "Nothing above the threshold" is all that may be
said of an empty list: never that an image is normal.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from viewer.core.deciding import DecisionRule, cut_words, score_words
from viewer.core.shapes.annotations import Decision, Prediction, Proposal
from viewer.ui.state.present_names import Called, as_called, as_it_is, rule_as_called

if TYPE_CHECKING:
    from viewer.project.at_hand.values import AtHand
    from viewer.project.objects.deciding import ProposedPart
    from viewer.project.project import Project
    from viewer.ui.flows.model_choices import ModelChoice

THRESHOLD_STEP = 0.01
NO_WHOLES: Mapping[str, float] = MappingProxyType({})
MOST_NAME = 24  # letters of a model's name in a row
STATE_WORDS = {
    Decision.UNDECIDED: "To review",
    Decision.ACCEPTED: "Accepted",
    Decision.CORRECTED: "Corrected",
    Decision.REJECTED: "Rejected",
}


class Operating(Protocol):
    """Whatever decides at an operating point: an answer, or a model that may be asked for one."""

    @property
    def kind(self) -> str:
        """Of its task."""

    @property
    def rule(self) -> DecisionRule:
        """How scores become an answer."""

    @property
    def threshold(self) -> float:
        """The operating point chosen on validation, in 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One proposal and where it stands. position: 0-based place of its image in the case, of `images`.

    other_model: it is of another model than the one that is chosen, so its row names that model. model_label: what the
    model calls its label, where the catalogue calls it otherwise now. model_title: what the model is called. parts: of
    one that spans several images, what is proposed on each, in their order; the proposal is the one of the highest
    score, with what was said of the whole.
    """

    proposal: Proposal
    prediction: Prediction
    position: int
    images: int
    other_model: bool = False
    model_label: str = ""
    model_title: str = ""
    parts: "tuple[Finding, ...]" = ()

    @property
    def image_ids(self) -> tuple[str, ...]:
        """The images that it is on."""
        return tuple(one.proposal.image_id for one in self.parts) or (self.proposal.image_id,)

    def score_words(self, threshold: float) -> str:
        """Its score beside the threshold that it may be held against; of several slices the highest, which is said."""
        words = score_words(self.proposal.score, self.prediction.cut_of(self.proposal.label, threshold))
        return f"up to {words}" if self.parts else words

    @property
    def place(self) -> str:
        """What the proposal marks and on which image, in words that the file gives."""
        shape = self.proposal.shape
        what = "whole image" if shape is None else shape.words()
        what = f"by {self.model_title} · {what}" if self.other_model else what
        what = f"{len(self.parts)} slices · {what}" if self.parts else what
        return what if self.images == 1 else f"{what} · image {self.position + 1} of {self.images}"


def short_model(name: str, called: Called = as_it_is) -> str:
    """A model's title in a row. What is longer is cut in its middle, since names of one task differ at their ends."""
    name = called.model(name)
    half = MOST_NAME // 2
    return name if len(name) <= MOST_NAME else f"{name[: half - 1]}…{name[-half:]}"


def answer_of(predictions: Sequence[Prediction], model_hash: str) -> Prediction | None:
    """The newest answer of the chosen model; where it gave none, the newest of any. predictions: oldest first."""
    own = [prediction for prediction in predictions if prediction.model_hash == model_hash]
    return next(iter(reversed(own or predictions)), None)


def image_findings(
    predictions: Sequence[Prediction], model_hash: str = "", *, position: int = 0, images: int = 1,
    called: Called = as_it_is,
) -> list[Finding]:  # fmt: skip
    """What `answer_of` proposes on one image and every decided proposal, highest score first."""
    answer = answer_of(predictions, model_hash)
    if answer is None:
        return []
    chosen = model_hash or answer.model_hash
    kept = [
        Finding(
            proposal=now, prediction=told, position=position, images=images,
            other_model=prediction.model_hash != chosen, model_label="" if now.label == was.label else was.label,
            model_title=short_model(prediction.model_name, called),
        )
        for prediction, told in ((one, as_called(one, called)) for one in predictions)
        for was, now in zip(prediction.proposals, told.proposals, strict=True)
        if prediction is answer or was.decision is not Decision.UNDECIDED
    ]  # fmt: skip
    return sorted(kept, key=lambda finding: -finding.proposal.score)


def as_wholes(findings: Sequence[Finding]) -> list[Finding]:
    """Each thing once, at the place of its first image. findings: image by image."""
    several: dict[str, list[Finding]] = {}
    for one in findings:
        if one.proposal.object_id:
            several.setdefault(one.proposal.object_id, []).append(one)
    several = {key: parts for key, parts in several.items() if len(parts) > 1}
    if not several:
        return list(findings)
    found: list[Finding] = []
    for one in findings:
        parts = several.get(one.proposal.object_id)
        if parts is None:
            found.append(one)
        elif parts[0] is one:
            found.append(_whole(parts))
    return found


def best_scores_of_wholes(findings: Sequence[Finding]) -> dict[str, float]:
    """The highest score of each thing that spans images."""
    return {one.proposal.object_id: one.proposal.score for one in findings if one.parts}


def parts_to_decide(finding: Finding) -> "list[ProposedPart]":
    """What a decision on a finding is about: each of its parts, of most findings the one."""
    from viewer.project.objects.deciding import ProposedPart

    return [ProposedPart(proposal=one.proposal, prediction=one.prediction) for one in finding.parts or (finding,)]


def is_at_hand(at_hand: "AtHand", image_ids: Sequence[str]) -> bool:
    """Whether all that is proposed on these images is known: of a thing that is known in part nothing is decided."""
    return all(at_hand.images.known(image_id) for image_id in image_ids)


def _whole(parts: Sequence[Finding]) -> Finding:
    from viewer.project.objects.deciding import decision_on

    best = max(parts, key=lambda one: one.proposal.score)
    said = decision_on([one.proposal for one in parts])
    return replace(best, proposal=replace(best.proposal, decision=said), parts=tuple(parts))


def best_scores(prediction: Prediction) -> dict[str, float]:
    """The score of each label on an image: the class probability, or the best proposal's."""
    if prediction.scores:
        return dict(prediction.scores)
    best: dict[str, float] = {}
    for proposal in prediction.proposals:
        best[proposal.label] = max(proposal.score, best.get(proposal.label, 0.0))
    return best


def is_shown(finding: Finding, threshold: float) -> bool:
    """A decided finding stays; an undecided one is shown where its model's rule proposes it at this threshold."""
    decided = finding.proposal.decision is not Decision.UNDECIDED
    return decided or finding.prediction.proposes(finding.proposal, threshold)


def why_proposed(finding: Finding, threshold: float) -> str:
    """Why an undecided finding is proposed at this threshold, by the one rule of its model; of a decided one "" ."""
    answer, label = finding.prediction, finding.proposal.label
    if finding.proposal.decision is not Decision.UNDECIDED or not answer.proposes(finding.proposal, threshold):
        return ""
    cut = threshold if answer.rule.has_cut else answer.threshold
    return answer.rule.why(label, answer.scores, cut, beside=answer.held)


def shown_findings(findings: Sequence[Finding], threshold: float) -> list[Finding]:
    """The findings of the list."""
    return [finding for finding in findings if is_shown(finding, threshold)]


def undecided(findings: Sequence[Finding], threshold: float) -> list[Finding]:
    """What is left to decide at this threshold."""
    return [f for f in shown_findings(findings, threshold) if f.proposal.decision is Decision.UNDECIDED]


def step_finding(findings: Sequence[Finding], current_id: str | None, step: int) -> Finding | None:
    """The finding `step` places on from the current one, held at the ends; the first one when none is current."""
    if not findings:
        return None
    ids = [finding.proposal.proposal_id for finding in findings]
    if current_id not in ids:
        return findings[0] if step >= 0 else findings[-1]
    return findings[min(len(findings) - 1, max(0, ids.index(current_id) + step))]


def next_undecided(findings: Sequence[Finding], current_id: str | None, threshold: float) -> Finding | None:
    """The next one to decide after the current one, from the top again at the end; None when none is left."""
    ids = [finding.proposal.proposal_id for finding in findings]
    start = ids.index(current_id) + 1 if current_id in ids else 0
    turned = [*findings[start:], *findings[:start]]
    return next((f for f in turned if is_shown(f, threshold) and f.proposal.decision is Decision.UNDECIDED), None)


def visible_proposals(
    findings: Sequence[Finding], image_id: str, threshold: float, wholes: Mapping[str, float] = NO_WHOLES
) -> tuple[Proposal, ...]:
    """The proposals to draw on one image: undecided and proposed at the threshold (decided ones are annotations).

    wholes: the highest score of each object that spans images, which is proposed as one.
    """

    def drawn(finding: Finding) -> bool:
        one = finding.proposal
        best = replace(finding, proposal=replace(one, score=max(one.score, wholes.get(one.object_id, 0.0))))
        return is_shown(best if one.object_id else finding, threshold)

    return tuple(
        f.proposal
        for f in findings
        if f.proposal.image_id == image_id
        and f.proposal.decision is Decision.UNDECIDED
        and f.proposal.shape is not None
        and drawn(f)
    )


def count_words(shown: int, below: int) -> str:
    """ "6 shown · 4 below threshold"; what an empty list says is in `empty_words`.

    A label that another one excludes is not below anything, so it is not counted.
    """
    return f"{shown} shown" + (f" · {below} below threshold" if below else "")


def empty_words(
    prediction: Prediction | None, threshold: float, *, explained: bool = False, said: str = ""
) -> str:  # fmt: skip
    """What stands in an empty list: never that an image is normal. explained: a heatmap of this image is shown.

    said: what stands of a model's numbers now, in words.
    """
    if prediction is None and explained:
        return "The heatmap of this image was asked for, its prediction not yet: Ctrl+R asks."
    if prediction is None:
        return "No prediction for this image yet."
    seen = f" This image is {prediction.seen_words}." if prediction.seen_words else ""
    if prediction.numbers:
        now = f" Said of this image: {said}." if said else ""
        return f"Predicted {prediction.number_words}.{now}{seen}"
    if prediction.rule.cuts_pixels:  # no threshold here could bring one back
        return f"No pixel at or above {cut_words(prediction.threshold)}, where the masks are cut.{seen}"
    return f"Nothing above the threshold {cut_words(threshold, prediction.held)}.{seen}"


def instead_words(prediction: Prediction | None, chosen: "ModelChoice | None", called: Called = as_it_is) -> str:
    """Whose answer is shown where the chosen model gave none; "" where it is its own."""
    if prediction is None or chosen is None or prediction.model_hash == chosen.model_hash:
        return ""
    return f"Not asked about this image: below is {short_model(prediction.model_name, called)}"


def threshold_words(
    prediction: Prediction | None, threshold: float, *, moved: str, model: Operating | None = None,
    called: Called = as_it_is, model_hash: str = "",
) -> str:  # fmt: skip
    """What the threshold decides and where it comes from; why there is none. moved: how a person set it, "Set here"; ""
    where it is the model's own.

    model: the one that is asked next; its own rule and operating point stand where it has not answered yet.
    called: what its labels are called now. model_hash: of the model that is chosen; the answer of another is said to
    be that one's, for what stands beside it is about the chosen one.
    """
    if prediction is not None and model_hash and prediction.model_hash != model_hash:
        other = short_model(prediction.model_name, called)
        words = threshold_words(prediction, threshold, moved=moved, called=called)
        return f"{'Operating point of' if prediction.rule.has_cut and not moved else 'Answer of'} {other}: {words}"
    said = prediction if prediction is not None else model
    if said is None:
        return "No operating point: there is no model."
    held = () if prediction is None else prediction.held
    rule, chosen = rule_as_called(said.kind, said.rule, called), cut_words(said.threshold, held)
    decides = rule.words(threshold, beside=held)
    if rule.never_cuts:
        return f"No threshold: the answer is {decides}"
    if not rule.has_cut:
        when = "were cut at {} when the model was asked" if prediction is not None else "are cut at {}"
        return f"No threshold: masks {when.format(chosen)}"
    if prediction is not None and rule.is_of_image and not rule.remembered:
        return f"{_upper(decides)} · answered by an earlier version: ask again"
    if moved:
        return f"{moved}: {decides} · chosen on validation: {chosen}"
    return f"{_upper(decides)} · chosen on validation"


def told_words(
    several: Sequence[Prediction], model_hash: str, threshold: float, chosen: float | None
) -> tuple[str, ...]:  # fmt: skip
    """What stands on an image beside `answer_of` it: that its model has seen the image, and both values of a threshold
    that a person has moved. chosen: the operating point; None where nobody has."""
    answer = answer_of(several, model_hash)
    if answer is None:
        return ()
    seen = (answer.seen_sentence,) if answer.seen_sentence else ()
    if chosen is None or not answer.rule.has_cut:
        return seen
    cut, before = cut_words(threshold, answer.held), cut_words(chosen, answer.held)
    return (*seen, f"Threshold {cut} · operating point {before}")


def detail_words(
    answer: Prediction | None, chosen: "ModelChoice | None", detail: str, called: Called = as_it_is
) -> tuple[str, bool]:  # fmt: skip
    """(What is known of the model and of its answer for this image, whether it is a doubt): first that the model has
    seen the image, then whose answer it is. detail: of the chosen model, which may not be the one that answered."""
    seen = "" if answer is None else answer.seen_sentence
    return " · ".join(filter(None, (seen, instead_words(answer, chosen, called), detail))), bool(seen)


def short_words(words: str) -> str:
    """The same of `threshold_words` for a narrow line: "none from 0.37, else disc · on validation"."""
    for long in ("when its score is at least", "whose score is at least"):
        words = words.replace(long, "from")
    return words.replace("chosen on validation", "on validation")


def _upper(words: str) -> str:
    """Of a sentence, its first letter as one; a label keeps its own."""
    return words if not words.startswith(("each ", "of each ", "the ")) else words[0].upper() + words[1:]


def why_not_decided(project: "Project | None", selected: Finding | None, shown: Sequence[Finding]) -> str:
    """Why nothing can be decided now. selected: the current finding. shown: those of the list."""
    if project is None:
        return "A decision is kept in a project: open one first"
    if project.read_only:
        return "The project is open for reading only"
    if selected is not None:
        return f"“{selected.proposal.label}” is {selected.proposal.decision.value} already: undo that first"
    return "Click a finding first" if shown else "There is no finding to decide here"
