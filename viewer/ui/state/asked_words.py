"""What is said of asking a model about the cases of a list: how far it is, and how it ended, each in one sentence."""

from collections import Counter
from dataclasses import dataclass, field

from viewer.core.text.counting import counted

MOST_REASONS = 3  # that are told apart in the sentence of the end
MOST_NAMED = 3  # cases of one reason


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of the cases. model: its title. total: how many the list had. asked: of how many cases every image
    that was to be asked about was answered. before: how many had all their answers. failed: the names of the cases
    that could not be asked about, or in part only, by the reason. seen: how many the model has learned from, in words.
    """

    model: str
    total: int
    asked: int = 0
    before: int = 0
    failed: dict[str, list[str]] = field(default_factory=dict)
    partly: int = 0
    seen: Counter[str] = field(default_factory=Counter)

    @property
    def done(self) -> int:
        """How many cases are over with."""
        return self.asked + self.before + self.not_asked

    @property
    def not_asked(self) -> int:
        """How many could not be asked about, or in part only."""
        return sum(map(len, self.failed.values()))

    def fail(self, name: str, reason: str, *, in_part: bool = False) -> None:
        """A case could not be asked about; in_part: some of its images could."""
        self.failed.setdefault(reason.rstrip("."), []).append(name)
        self.partly += in_part

    def words(self, stopped: str = "") -> str:
        """How it ended. stopped: why before its end, "" where it did not."""
        said = [f"{self.asked} of {counted(self.total, 'case')} asked"]
        said += [f"{count} of them {where}" for where, count in self.seen.items()]
        said += [f"{self.before} answered before"] if self.before else []
        sentence = f"{self.model}: {', '.join(said)}"
        if self.failed:
            none, part = self.not_asked - self.partly, self.partly
            could = [f"{none} could not be"] * bool(none) + [f"{part} only in part"] * bool(part)
            sentence += f"; {', '.join(could)}: {self._reasons()}"
        return f"Stopped: {stopped}. {sentence}." if stopped else f"{sentence}."

    def _reasons(self) -> str:
        several = sorted(self.failed.items(), key=lambda one: -len(one[1]))
        told = [f"{_names(names)}: {reason}" for reason, names in several[:MOST_REASONS]]
        if len(several) > MOST_REASONS:
            told.append(f"and {counted(len(several) - MOST_REASONS, 'other reason')}")
        return "; ".join(told)


def _names(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {counted(more, 'other')}" if more > 0 else "")
