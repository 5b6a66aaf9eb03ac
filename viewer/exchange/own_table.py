"""What the formats that read and write tables and lists share: our own columns and names, and the option for boxes."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from viewer.core.boundary import at_boundary
from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.values import TargetKind, Value
from viewer.exchange.importer import SHARED_READING, Asked, ReadBy
from viewer.exchange.options import Option, Options
from viewer.project.readings import SHARED, SHARED_WORD, Round, RoundKind
from viewer.project.store.stored_values import attribute_in, value_in, value_out

# A table that `csv` writes and reads back: one row per image, whole-image label and instance.
EXPORT_COLUMNS = (
    "path", "frame_index", "image_id", "source", "patient_id", "case_status", "kind", "label", "verdict",
    "x0_px", "y0_px", "x1_px", "y1_px", "points_px", "mask_runs", "author", "origin",
)  # fmt: skip

# What an object is called whose shapes lie on several images; empty for any other. Older exports have no such column.
OBJECT_COLUMN = "object_id"
# Where an image of our exports says what the format could not hold of it: an import leaves its case open then, since
# it would say of a complete case that nothing is there.
LEFT_OUT = "left_out"
# What a COCO file of ours says in its `info`.
EXPORTER_NAME = "negatoscope"

# What is said beside labels, by the question (JSON): on an image's row of the image, on a shape's of its object. What
# is asked has rows of its own (kind: attribute).
ANSWERS_COLUMN = "answers"
ATTRIBUTE_ROW = "attribute"
QUESTIONS_KEY = "questions"  # the list of what is asked in a COCO file

# What is said of the series, the study and the patient of an image, with the first image of each; as ANSWERS_COLUMN.
WIDER_COLUMNS = {
    TargetKind.SERIES: "series_answers", TargetKind.STUDY: "study_answers", TargetKind.PATIENT: "patient_answers",
}  # fmt: skip
# Of a measurement on a plane through an image's series (its row names the first of them): where the plane lies, as
# JSON in mm and cosines, and its points in the patient (LPS, PS3.3 C.7.6.2.1.1). What it measures is for people.
PLANE_SPACE, PLANE_COLUMN, POINTS_MM, MEASURED = "plane_frame_of_reference_uid", "plane", "points_mm", "measured"
PLANE_COLUMNS = (PLANE_SPACE, PLANE_COLUMN, POINTS_MM, MEASURED)

STATUS_COLUMN = "case_status"
_COUNTED = frozenset(status.value for status in CaseStatus if status.counts)
# The part of a snapshot that an image is in (train, validation, test), in a table and on a COCO image.
SPLIT_COLUMN = "split"

# Whose reading a row or annotation is, where each is written with its reader: a name ("" in the shared reading), what
# the reading is for (`RoundKind`, or "shared") and the how manieth of that kind it is.
READER_COLUMN, READING_COLUMN, READING_NUMBER = "reader", "reading", "reading_number"
READER_COLUMNS = (READER_COLUMN, READING_COLUMN, READING_NUMBER)
READINGS_KEY = "readings"  # the list of them on a COCO image, and how they were taken in a COCO file's `info`
# By which rule what several readers said was taken, where that was so.
RULE_COLUMN = "readings_rule"
# Which of our own columns say what, as the preview of an import tells it.
OWN_ROLES = {
    "image": ("path", "image_id"), "frame": ("frame_index",), "patient": ("patient_id",), "label": ("label",),
    "mask": ("mask_path",), "label of the mask": ("mask_label",), "reader": (READER_COLUMN,),
    "part of a split": (SPLIT_COLUMN,),
}  # fmt: skip


UNNAMED = Option(
    name="unnamed-reader",
    title="Empty reader cells",
    help="what names no reader, in a file that names readers, is of the reading that all share; without it, it is left "
    "out by name",
    choices=("shared",),
    unsaid="left out",
)
NO_READER = "nobody is named who read it"  # the rule of the remark


def named_reader(name: str, options: Options) -> ReadBy | None:
    """A reader whom a file of others names; None where it names none and nobody said whose that is."""
    if name.strip():
        return ReadBy(name=name.strip())
    return SHARED_READING if options.holds(UNNAMED.name, "shared") else None


def reader_facts(one: Round | None) -> dict[str, Any]:
    """What a file says of a reading; nothing where it names no reader."""
    if one is None:
        return {}
    kind = SHARED_WORD if one.round_id == SHARED else one.kind.value
    return {READER_COLUMN: one.reader, READING_COLUMN: kind, READING_NUMBER: one.number}


def reader_of(facts: Mapping[str, Any]) -> ReadBy | None:
    """Whose reading a row or annotation of ours is; None where it says nothing of one. Raises BadRequest."""
    kind, name = facts.get(READING_COLUMN), facts.get(READER_COLUMN)
    if not kind:
        return None
    if kind == SHARED_WORD:
        return SHARED_READING
    number = str(facts.get(READING_NUMBER) or 1)
    if kind not in set(RoundKind) or not (number.isascii() and number.isdigit() and 0 < len(number) < 7):
        raise BadRequest(f"its reading {kind!s:.40} {number:.40} is none that is known")
    if not isinstance(name, str) or not name.strip():
        raise BadRequest("it names no reader")
    return ReadBy(name=name, kind=RoundKind(kind), number=max(1, int(number)))


def answer_facts(answers: Mapping[str, Value]) -> dict[str, Any]:
    """What is said, as a file holds it."""
    return {name: value_out(value) for name, value in sorted(answers.items())}


def answers_in_file(said: Any) -> dict[str, Value]:
    """What `answer_facts` wrote. Raises ValueError, KeyError, TypeError, AttributeError for what is none."""
    found = {str(name): value_in(facts) for name, facts in (said or {}).items()}
    return {name: value for name, value in found.items() if value is not None}


def wider_facts(said: Mapping[TargetKind, Mapping[str, Value]]) -> dict[str, dict[str, Any]]:
    """What is said of series, study and patient, by the name that a file has for each."""
    return {WIDER_COLUMNS[kind]: answer_facts(of) for kind, of in said.items() if of}


def own_wider(facts: Any) -> dict[TargetKind, dict[str, Value]]:
    """What `wider_facts` wrote into an image or a reading of a file of ours. Raises BadRequest."""
    if not isinstance(facts, Mapping):
        return {}
    with at_boundary("its answers", error=BadRequest, advice="it was left out"):
        found = {kind: answers_in_file(facts.get(name)) for kind, name in WIDER_COLUMNS.items()}
    return {kind: said for kind, said in found.items() if said}


def own_answers(facts: Any) -> dict[str, Value]:
    """What an image, a reading or an object of a file of ours says. Raises BadRequest."""
    said = facts.get(ANSWERS_COLUMN) if isinstance(facts, Mapping) else None
    with at_boundary("its answers", error=BadRequest, advice="it was left out"):
        return answers_in_file(said)


def questions_in_file(entries: Any) -> Iterator[Asked]:
    """What a file of ours asks. Raises BadRequest for what is no question."""
    for facts in entries if isinstance(entries, list) else ():
        with at_boundary("a question", error=BadRequest, advice="it was left out"):
            attribute = attribute_in(facts)
        if attribute is not None:
            yield Asked(attribute=attribute)


def left_unsaid(words: str, differ: Collection[str]) -> str:
    """What the format could not hold of an image (`words`), and what its readers differ in."""
    said = f"what its readers differ in ({', '.join(sorted(differ))})" if differ else ""
    return " and ".join(filter(None, [words, said]))


def unfinished(status: Any) -> str:
    """Why an image of our export stays open, by its case's status there; "" where that counts, or is not said."""
    if not isinstance(status, str) or not status.strip() or status in _COUNTED:
        return ""
    return f"the project that it was exported from has it as {status:.40}, and not as complete"


BOXES = Option(
    name="boxes",
    title="Boxes",
    help="whether the four numbers of a box are two corners, or a corner with width and height; without it the "
    "format's or the columns' own way, and a file whose boxes fit their images only the other way is left out by name",
    choices=("corners", "extent"),
    unsaid="the format's own way",
)


def content_name(value: Any) -> str:
    """The image's name by its content, as our exports write it (32 hex digits); "" for anything else."""
    return value if isinstance(value, str) and re.fullmatch(r"[0-9a-f]{32}", value) else ""
