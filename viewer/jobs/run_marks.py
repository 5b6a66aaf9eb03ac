"""What a person writes on a run: a name, a note, tags. They lie in the run's own folder, in a small file of their own.

A name tells a run apart for people; it is not the `run_name` that the folds of one training share, and not the id by
which the disk knows it. Nothing here is read by a training.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ml.card import write_json
from ml.given_name import MARKS_FILE as MARKS_FILE
from ml.given_name import MOST_BYTES
from ml.given_name import MOST_TITLE as MOST_TITLE
from viewer.core.boundary import cannot_be_written
from viewer.core.checked import Fields, is_text
from viewer.core.errors import BadFile, BadRequest
from viewer.reading.sources.documents import read_json

ADVICE = "remove the file to name the run anew"
MOST_NOTE, MOST_TAG, MOST_TAGS = 5000, 40, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMarks:
    """title: the name that a person gave, "" for none. tags: in the order that they were given in, each once."""

    title: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()


def read_marks(run_folder: Path) -> RunMarks:
    """What stands on a run; nothing where nobody wrote anything. Raises BadFile."""
    path = run_folder / MARKS_FILE
    try:
        fields = Fields(read_json(path, most=MOST_BYTES, advice=ADVICE), str(path), advice=ADVICE)
    except FileNotFoundError:
        return RunMarks()
    marks = RunMarks(
        title=fields.text("title", "", most=MOST_TITLE),
        note=fields.text("note", "", most=MOST_NOTE),
        tags=fields.texts("tags", (), most=MOST_TAG),
    )
    try:
        return checked_marks(marks)
    except BadRequest as error:
        raise BadFile(f"{path}: {error}") from error


def checked_marks(marks: RunMarks) -> RunMarks:
    """As they are kept: without blanks around, each tag once. Raises BadRequest for what is too long or no text."""
    title, note = " ".join(marks.title.split()), marks.note.strip()
    for what, text, most in (("name", title, MOST_TITLE), ("note", note, MOST_NOTE)):
        if not is_text(text, most=most):
            raise BadRequest(f"The {what} of a run is a text of at most {most} characters.")
    return RunMarks(title=title, note=note, tags=checked_tags(marks.tags))


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Each once, whatever its case; the first spelling stays. A tag is one word, so that `tag:WORD` finds it."""
    kept: dict[str, str] = {}
    for tag in filter(None, (tag.strip() for tag in tags)):
        if not is_text(tag, most=MOST_TAG) or len(tag.split()) > 1 or "," in tag or '"' in tag:
            raise BadRequest(
                f"{tag[:60]!r} cannot be a tag: a tag is one word of at most {MOST_TAG} characters, without a comma."
            )
        kept.setdefault(tag.casefold(), tag)
    if len(kept) > MOST_TAGS:
        raise BadRequest(f"A run has at most {MOST_TAGS} tags, not {len(kept)}.")
    return tuple(kept.values())


def tags_typed(text: str) -> tuple[str, ...]:
    """Tags as a person types them into one field, with blanks or commas between. Raises BadRequest."""
    return checked_tags(text.replace(",", " ").split())


def write_marks(run_folder: Path, marks: RunMarks) -> RunMarks:
    """Keep them, whole or not at all; returns them as they are kept. Of two who write at once the last one counts.

    Raises BadRequest, NotWritable.
    """
    kept = checked_marks(marks)
    path = run_folder / MARKS_FILE
    try:
        write_json(path, {"title": kept.title, "note": kept.note, "tags": list(kept.tags)})
    except OSError as error:
        raise cannot_be_written(path, error) from error
    return kept


def change_marks(
    run_folder: Path, *, title: str | None = None, note: str | None = None, tags: Sequence[str] | None = None
) -> RunMarks:
    """Change what is given and leave the rest. Raises BadFile where what stands there cannot be read: it is not lost
    by being written over; BadRequest, NotWritable."""
    before = read_marks(run_folder)
    return write_marks(
        run_folder,
        RunMarks(
            title=before.title if title is None else title,
            note=before.note if note is None else note,
            tags=before.tags if tags is None else tuple(tags),
        ),
    )
