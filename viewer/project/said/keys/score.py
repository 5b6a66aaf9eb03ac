"""`score>0.8`, `score<0.2`, `score:0.4..0.6`, `score(LABEL)>0.8`: the score that stands for an answer, or a label's."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from viewer.core.errors import BadRequest
from viewer.project.said.keys.condition import (
    Condition,
    in_labels,
    label_and_rest,
    no_such_label,
    not_read,
    share,
)
from viewer.project.said.short import Short

FORM = "score>0.8, score<0.2, score:0.4..0.6 or score(LABEL)>0.8"
_COMPARES = re.compile(r"(?P<how>[<>]=?)(?P<number>.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """low, high: what a score lies between; with the ends where `ends` says so. label: "" of the whole answer."""

    low: float = 0.0
    high: float = 1.0
    ends: tuple[bool, bool] = (True, True)
    label: str = ""

    def fits(self, said: Short) -> bool:
        """Whether a case's score lies there; a case without one never does."""
        score = said.scores.get(in_labels(self.label, said.scores)) if self.label else said.score
        if score is None:
            return False
        above = score >= self.low if self.ends[0] else score > self.low
        return above and (score <= self.high if self.ends[1] else score < self.high)

    def why_not(self, labels: Collection[str]) -> str:
        """That the model has no such label."""
        return no_such_label(self.label, labels)


def read(typed: str) -> Condition | None:
    """What stands behind `score`; None where it is a word to find. Raises BadRequest."""
    if not typed or typed[0] not in "(<>:=":
        return None
    word = f"score{typed}"
    label, rest = label_and_rest(typed)
    compared = _COMPARES.fullmatch(rest)
    if compared is not None:
        number, equal = share(compared["number"], word, FORM), compared["how"].endswith("=")
        if compared["how"].startswith(">"):
            return Score(low=number, ends=(equal, True), label=label)
        return Score(high=number, ends=(True, equal), label=label)
    low, dots, high = rest.removeprefix(":").partition("..")
    if not rest.startswith(":") or not dots:
        raise BadRequest(not_read(word, "it does not say which scores", FORM))
    score = Score(low=share(low, word, FORM), high=share(high, word, FORM), label=label)
    if score.low > score.high:
        raise BadRequest(not_read(word, "it begins above its end", FORM))
    return score
