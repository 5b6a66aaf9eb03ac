"""Words that tools write into an empty cell, where a label may stand: a class can be called "none" as well.

Such a word is taken as empty, and said of each column with the option that makes it a label: half of a set would lose
its class in silence. A word that a person gave a meaning, or that is a label of the project, is no word for nothing.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from viewer.core.text.counting import counted
from viewer.exchange.importer import Item, guessed
from viewer.exchange.options import Options
from viewer.exchange.table import Row, is_for_nothing

WORDS_SAID = 3
ANSWERS = ("positive", "negative", "uncertain")  # the options that give a word its meaning


@dataclass(slots=True, kw_only=True)
class WordsForNothing:
    """Counts them, by column where the column names labels."""

    options: Options
    _meant: frozenset[str] = frozenset()  # words that a person gave a meaning, in small letters
    _of_labels: dict[str, Counter[str]] = field(default_factory=dict)  # column: words
    _others: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._meant = frozenset(word.casefold() for option in ANSWERS for word in self.options.all(option))

    def name(self, row: Row, column: str) -> str:
        """What a cell says in a column of labels."""
        text = row.cells.get(column, "")
        return text if text.casefold() in self._meant or text in self.options.labels else row.get(column)

    def see(self, row: Row, column: str, *, of_labels: bool) -> None:
        """Count a cell that is taken as empty."""
        text = row.cells.get(column, "")
        if not is_for_nothing(text) or (of_labels and self.name(row, column)):
            return
        if of_labels:
            self._of_labels.setdefault(column, Counter())[text] += 1
        else:
            self._others[text] += 1

    def remarks(self, path: Path, yes_no: frozenset[str]) -> Iterator[Item]:
        """What is said of them. yes_no: the columns that are one label of their name each."""
        for column, words in self._of_labels.items():
            is_answer = column in yes_no
            option, becomes = ("negative", "a no") if is_answer else ("positive", "a label")
            is_read = f"is read as nothing {'said' if is_answer else 'there'}"
            for word, count in words.most_common(WORDS_SAID):
                yield guessed(
                    f'{path}: "{word}" in {counted(count, "cell")} of the column {column} is taken as an empty cell; '
                    f"where it is {'an answer' if is_answer else 'the name of a class'}, say --{option} {word}.",
                    rule=f'"{word}" {is_read}; --{option} makes it {becomes}',
                    settle=f"--{option} {word}",
                    count=count,
                )
        if self._others:
            count = self._others.total()
            said = ", ".join(word for word, _ in self._others.most_common(WORDS_SAID))
            cells = counted(count, "cell holds", "cells hold")
            sentence = f"{path}: {cells} a word for nothing ({said}), taken as empty."
            yield guessed(sentence, rule=f"words for an empty cell: {said}", count=count)
