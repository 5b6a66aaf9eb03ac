"""`disagrees`, `disagrees(LABEL)`: the model's answer at its operating point is another than what people say."""

from collections.abc import Collection
from dataclasses import dataclass

from viewer.core.errors import BadRequest
from viewer.project.said.keys.condition import Condition, in_labels, label_and_rest, no_such_label, not_read
from viewer.project.said.short import Short

FORM = "disagrees or disagrees(LABEL)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagrees:
    """label: "" for any."""

    label: str = ""

    def fits(self, said: Short) -> bool:
        """Whether an answer differs; one that cannot be compared does not."""
        differs = said.differs or ()
        return bool(in_labels(self.label, differs)) if self.label else bool(differs)

    def why_not(self, labels: Collection[str]) -> str:
        """That the model has no such label."""
        return no_such_label(self.label, labels)


def read(typed: str) -> Condition | None:
    """What stands behind `disagrees`; None where it is a word to find. Raises BadRequest."""
    if typed and typed[0] not in "(<>:=":
        return None
    label, rest = label_and_rest(typed)
    if rest or (typed and not label):
        raise BadRequest(not_read(f"disagrees{typed}", "nothing is compared behind it", FORM))
    return Disagrees(label=label)
