"""What a label column of a table means: yes and no of one label, or names of labels; and what of it nobody can tell.

A column of numbers is never a column of names: 1.0, 0.0 and -1.0 are what pandas makes of yes, no and uncertain, and
which number means what beyond 1 and 0 a person says (--positive, --negative, --uncertain).
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from viewer.core.labels import Verdict
from viewer.exchange.options import Option, Options
from viewer.exchange.table import as_number

WORDS = {
    "1": Verdict.YES,
    "yes": Verdict.YES,
    "true": Verdict.YES,
    "0": Verdict.NO,
    "no": Verdict.NO,
    "false": Verdict.NO,
    "uncertain": Verdict.UNCERTAIN,
    "not assessed": Verdict.NOT_ASSESSED,
}
OPTIONS = (
    Option(
        name="positive", title="Means yes", several=True, metavar="WORD",
        help="a word or number that means yes in a label column, besides 1, yes, true",
    ),
    Option(
        name="negative", title="Means no", several=True, metavar="WORD",
        help="a word or number that means no in a label column, besides 0, no, false",
    ),
    Option(
        name="uncertain", title="Means uncertain", several=True, metavar="WORD",
        help="a word or number that means uncertain in a label column, e.g. -1",
    ),
    Option(
        name="numbers", title="Other numbers", choices=("names",), unsaid="left out",
        help='take other numbers in a label column (grades) as labels "COLUMN NUMBER"; without it they are left out by '
        "name",
    ),
)  # fmt: skip


class Kind(StrEnum):
    """What a label column holds."""

    YES_NO = "yes and no"
    NAMES = "names"
    NUMBERS = "numbers"


def _mark(text: str) -> str:
    """A cell for comparison: 1, 1.0 and "01" are one number, Yes and YES one word."""
    number = as_number(text)
    return f"{number:g}" if number is not None else text.casefold()


@dataclass(slots=True, kw_only=True)
class LabelColumn:
    """One label column. counts: its cells and how often each occurs, without the empty ones."""

    name: str
    options: Options
    counts: Counter[str] = field(default_factory=Counter)
    kind: Kind = Kind.NAMES
    _words: dict[str, Verdict] = field(default_factory=dict)
    _given: frozenset[str] = frozenset()

    def settle(self) -> None:
        """Decide what the column is, when every cell has been counted."""
        given: dict[str, Verdict] = {}
        for option, verdict in (
            ("positive", Verdict.YES),
            ("negative", Verdict.NO),
            ("uncertain", Verdict.UNCERTAIN),
        ):
            given |= {_mark(word): verdict for word in self.options.all(option)}
        self._words, self._given = {**WORDS, **given}, frozenset(given)
        answers = texts = others = 0
        for text, count in self.counts.items():
            if _mark(text) in self._words or _mark(text) == "-1":
                answers += count
            elif as_number(text) is not None:
                others += count
            else:
                texts += count
        if others and not texts:
            self.kind = Kind.NUMBERS
        elif answers > texts:
            self.kind = Kind.YES_NO
        else:
            self.kind = Kind.NAMES

    def labels(self) -> list[str]:
        """The whole-image labels that it can give, in alphabetical order."""
        if self.kind is Kind.YES_NO:
            return [self.name]
        if self.kind is Kind.NUMBERS:
            takes = self.options.one("numbers") == "names"
            return sorted({self._graded(text) for text in self.counts}) if takes else []
        return sorted({name for text in self.counts for name in self.names(text)})

    def denies(self, text: str) -> bool:
        """Whether a cell of names is a word that was given as no: none of the column's labels holds."""
        return self.kind is Kind.NAMES and _mark(text) in self._given and self.verdict(text) is Verdict.NO

    def verdict(self, text: str) -> Verdict | None:
        """What a cell of a yes-no column says; None when nobody can tell."""
        return self._words.get(_mark(text))

    def names(self, text: str) -> tuple[str, ...]:
        """The labels that a cell of another column names."""
        if self.kind is Kind.NUMBERS:
            return (self._graded(text),) if self.options.one("numbers") == "names" else ()
        if self.is_doubtful(text):
            return ()
        if _mark(text) in self._given:  # a word that means yes is the name of what holds
            return (text,) if self.verdict(text) is Verdict.YES and as_number(text) is None else ()
        if as_number(text) is not None:
            return (self._graded(text),)
        return tuple(name for part in text.split("|") if (name := part.strip()))

    def is_doubtful(self, text: str) -> bool:
        """Whether nobody can tell what a cell means in this column."""
        if self.kind is Kind.YES_NO:
            return self.verdict(text) is None
        if self.kind is Kind.NUMBERS:
            return self.options.one("numbers") != "names"
        if _mark(text) in self._given:
            return False
        if as_number(text) is not None:
            return self.options.one("numbers") != "names"
        return _mark(text) in self._words

    def settled_by(self, text: str) -> str:
        """The option that would settle a doubtful cell."""
        if self.kind is Kind.NUMBERS:
            return "--numbers names"
        return f"--{'uncertain' if self.kind is Kind.YES_NO else 'negative'} {text}"

    def _graded(self, text: str) -> str:
        return f"{self.name} {_mark(text)}"
