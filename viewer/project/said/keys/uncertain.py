"""`uncertain`, `uncertain<0.05`: the answer is near another one (`DecisionRule.margin`)."""

from collections.abc import Collection
from dataclasses import dataclass

from viewer.project.said.keys.condition import Condition, share
from viewer.project.said.short import Short

FORM = "uncertain, or uncertain<0.05 for another distance than 0.1"
NEAR = 0.1  # said in FORM


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertain:
    """near: how far an answer may be from another one."""

    near: float = NEAR

    def fits(self, said: Short) -> bool:
        """Whether it is as near; where no score decides it never is."""
        return said.margin is not None and said.margin < self.near

    def why_not(self, labels: Collection[str]) -> str:
        """Any model's may be."""
        return ""


def read(typed: str) -> Condition | None:
    """What stands behind `uncertain`; None where it is a word to find. Raises BadRequest."""
    if not typed:
        return Uncertain()
    if typed[0] not in "(<>:=":
        return None
    return Uncertain(near=share(typed.removeprefix("<"), f"uncertain{typed}", FORM))
