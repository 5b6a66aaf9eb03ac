"""One model's newest answer about an image in short, and those about a case taken together.

The score of a case is the highest of its images. It disagrees where one of its images does. How uncertain it is says
the image whose answer is nearest to another one.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from viewer.core.deciding import DecisionRule
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Prediction

# The first of them is what is said of several images.
_SEEN = ("trained on", "validated on", "patient trained on", "patient validated on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """scores: 0..1, the highest of each label under its present name. said: the labels that the answer says at the
    model's operating point. label: whose score stands for it (`DecisionRule.leading`), "" without scores.

    margin: `DecisionRule.margin`. differs: the labels of which people say otherwise; None where nothing that was said
    can be compared. seen: as `Prediction.seen`.
    """

    scores: Mapping[str, float]
    said: frozenset[str]
    label: str = ""
    margin: float | None = None
    differs: tuple[str, ...] | None = None
    seen: str = ""

    @property
    def score(self) -> float | None:
        """The one that stands for it; None without scores."""
        return self.scores.get(self.label)


def short_of(
    rule: DecisionRule, scores: Mapping[str, float], threshold: float, labelled: Mapping[str, bool], *,
    nearest: float | None = None, seen: str = "",
) -> Short:  # fmt: skip
    """An answer in short. scores: of the whole image by label, or the highest of each label's shapes.

    labelled: what people say of the image (`labelled_by`). nearest: of shapes, how far the nearest score is from the
    cut.
    """
    if rule.is_of_image:
        said = frozenset(rule.answer(scores, threshold))
    else:
        said = frozenset(name for name, score in scores.items() if rule.proposes(name, score, {}, threshold))
    return Short(
        scores=scores,
        said=said,
        label=rule.leading(scores),
        margin=rule.margin(scores, threshold) if rule.is_of_image else nearest,
        differs=tuple(name for name, holds in labelled.items() if holds is not (name in said)) if labelled else None,
        seen=seen,
    )


def short_of_prediction(prediction: Prediction, labelled: Mapping[str, bool]) -> Short:
    """The same of an answer under the present names of its labels."""
    rule, threshold = prediction.rule, prediction.threshold
    if rule.is_of_image:
        return short_of(rule, prediction.scores, threshold, labelled, seen=prediction.seen)
    best: dict[str, float] = {}
    for one in prediction.proposals:
        best[one.label] = max(one.score, best.get(one.label, 0.0))
    nearest = rule.margin({one.proposal_id: one.score for one in prediction.proposals}, threshold)
    return short_of(rule, best, threshold, labelled, nearest=nearest, seen=prediction.seen)


def labelled_by(
    rule: DecisionRule, labels: Iterable[str], verdicts: Mapping[str, Verdict], drawn: Collection[str], *,
    looked_at: bool, later: Collection[str] = (),
) -> dict[str, bool]:  # fmt: skip
    """What people say of an image that can be compared with a model's answer, by label.

    Of whole-image labels yes and no; of shapes what is drawn, and that nothing is where the case was completed. Where
    a shape lies is not compared. drawn: labels on the image. looked_at: whether the case is done, with nothing on
    planes through it. later: labels that were not asked for then. A number is never compared.
    """
    if rule.is_of_image:
        return {name: verdicts[name] is Verdict.YES for name in labels if name in verdicts and verdicts[name].tells}
    if rule.never_cuts:
        return {}
    return {name: name in drawn for name in labels if name in drawn or (looked_at and name not in later)}


def together(answers: Iterable[Short]) -> Short | None:
    """The answers about the images of a case as one; None of none."""
    several = list(answers)
    if len(several) < 2:
        return several[0] if several else None
    leading = max(several, key=lambda one: -1.0 if one.score is None else one.score)
    scores: dict[str, float] = {}
    for one in several:
        for name, score in one.scores.items():
            scores[name] = max(score, scores.get(name, 0.0))
    compared = [one.differs for one in several if one.differs is not None]
    return replace(
        leading,
        scores=scores,
        said=frozenset().union(*(one.said for one in several)),
        margin=min((one.margin for one in several if one.margin is not None), default=None),
        differs=tuple(dict.fromkeys(name for differs in compared for name in differs)) if compared else None,
        seen=next((word for word in _SEEN if any(one.seen == word for one in several)), ""),
    )
