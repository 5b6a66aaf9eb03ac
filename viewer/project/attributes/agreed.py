"""What all who said something of an image said alike, in words: for whatever compares groups of images."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

from sqlalchemy import select

from viewer.core.errors import AppError
from viewer.project.membership import chunks
from viewer.project.readings import SHARED
from viewer.project.store.database import Database
from viewer.project.store.dialect import dialect_of
from viewer.project.store.schema import answers

TOLD = ("yes", "no")  # of the verdicts: the others say nothing


def agreed_words(path: Path, image_ids: Collection[str], *, texts: Collection[str]) -> dict[str, dict[str, str]]:
    """By question the word of each image: a choice, or "yes" or "no" of a whole-image label.

    path: of a project's database file. texts: questions, in small letters, that free words may answer too. The shared
    reading goes before its readers; of readers who differ nothing stands. Empty where there is no database, or none
    that can be read.
    """
    try:
        database = Database(dialect_of(path, ""), writable=False)
    except AppError:
        return {}
    said: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    try:
        with database.reading() as connection:
            for some in chunks(sorted(image_ids)):
                here = (answers.c.target == "image") & answers.c.target_id.in_(some) & (answers.c.kind != "number")
                for row in connection.execute(select(answers).where(here)):
                    word = row.verdict if row.kind == "verdict" else row.words
                    if word in TOLD or row.kind == "choice" or (row.kind == "text" and row.label.casefold() in texts):
                        said[row.label][row.target_id][row.round_id] = word
    except AppError:
        return {}
    finally:
        database.close()
    found = {question: {image: _one(by) for image, by in of.items()} for question, of in said.items()}
    return {question: {image: word for image, word in of.items() if word} for question, of in found.items()}


def _one(by_round: Mapping[str, str]) -> str:
    if SHARED in by_round:
        return by_round[SHARED]
    words = set(by_round.values())
    return words.pop() if len(words) == 1 else ""
