"""A snapshot's card read back: settings and counts, each of its type and range."""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from viewer.core.checked import Fields
from viewer.core.errors import AppError, BadProject
from viewer.core.samples import SampleRule, read_rule
from viewer.core.task_kinds import TASK_KINDS
from viewer.core.task_kinds.regions import WITH_NONE
from viewer.project.combining import AGREED
from viewer.project.records import Task
from viewer.project.snapshots.how_said import COUNTS, HOW_SAID
from viewer.reading.sources.documents import read_json

log = logging.getLogger(__name__)

CARD_NAME = "card.json"
_MOST_IMAGES = 10**9
SAMPLE = "sample"  # where a card says which frames make a sample; not there where each is one image
SAMPLE_OF = "sample_of"  # the modalities of the images themselves
_ADVICE = "make the snapshot anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCounts:
    """Of one part. of_label: how many images say what of a label ("yes", "known", ...), or how many "objects" it has.
    with_none: images on which nothing of the task is drawn; None where nothing is drawn in it at all."""

    images: int
    patients: int
    of_label: Mapping[str, Mapping[str, int]]
    with_none: int | None


def part_counts(card: Mapping[str, Any]) -> dict[str, PartCounts]:
    """The counts of each part or fold of a card that was read, in its order. Raises BadProject."""
    parts = Fields(card, "The snapshot's card", error=BadProject, advice=_ADVICE).inner("parts")
    return {name: _part_counts(parts.inner(name)) for name in parts.names()}


def _part_counts(part: Fields) -> PartCounts:
    said, drawn, numbers = (part.inner(name, {}) for name in ("labels", "instances", "numbers"))
    answers = {label: _numbers(said.inner(label)) for label in said.names()}
    known = {label: _numbers(numbers.inner(label)) for label in numbers.names()}
    objects = {label: {"objects": drawn.integer(label, 0, _MOST_IMAGES)} for label in drawn.names()}
    return PartCounts(
        images=part.integer("images", 0, _MOST_IMAGES, 0), patients=part.integer("patients", 0, _MOST_IMAGES, 0),
        of_label={**answers, **objects, **known},
        with_none=part.integer(WITH_NONE, 0, _MOST_IMAGES) if part.has(WITH_NONE) else None,
    )  # fmt: skip


def _numbers(values: Fields) -> dict[str, int]:
    return {name: values.integer(name, 0, _MOST_IMAGES) for name in values.names()}


def read_card(folder: Path) -> dict[str, Any]:
    """The card of a snapshot's folder. Raises BadProject in a sentence that says what is wrong in it."""
    path = folder / CARD_NAME
    try:
        document = read_json(path, error=BadProject, advice=_ADVICE)
    except FileNotFoundError as error:
        raise BadProject(f"{path} is not there; {_ADVICE}.") from error
    values = Fields(document, str(path), error=BadProject, advice=_ADVICE)
    _task(values)
    values.integer("seed", -(2**63), 2**63 - 1)
    split = values.inner("split")
    split.text("method", "", most=100)
    split.integer("folds", 0, 10_000, 0)
    split.numbers("shares", 0, 1e9, ())
    for name in ("id", "created"):
        values.text(name, most=200)
    for name in ("images", "patients"):
        values.integer(name, 0, _MOST_IMAGES)
    values.texts("notes", (), most=5000)
    read_rule(values, SAMPLE)
    values.texts(SAMPLE_OF, ())
    units = values.inner("units", {})
    for name in units.names():
        units.text(name, most=100)
    parts = values.inner("parts")
    for name in parts.names():
        part = parts.inner(name)
        part.integer("images", 0, _MOST_IMAGES, 0)
        part.integer("patients", 0, _MOST_IMAGES, 0)
    _counts(values.inner("left_out", {}))
    said = values.inner(HOW_SAID, {})
    said.text("project_created", "", most=200)
    for name in COUNTS:
        said.integer(name, 0, _MOST_IMAGES, 0)
    left_out_of = values.inner("left_out_of", {})
    for reason in left_out_of.names():
        left_out_of.texts(reason, most=1000)
    card: dict[str, Any] = document
    return card


def task_of(card: Mapping[str, Any]) -> Task:
    """The task of a card that was read. Raises BadProject."""
    return _task(Fields(card, "The snapshot's card", error=BadProject, advice=_ADVICE))


def sample_rule_of(card: Mapping[str, Any]) -> SampleRule:
    """Which frames make a sample. Raises BadProject."""
    return read_rule(Fields(card, "The snapshot's card", error=BadProject, advice=_ADVICE), SAMPLE)


def sample_words(card: Mapping[str, Any]) -> str:
    """What each sample is made of; "" where it is one image."""
    rule = sample_rule_of(card)
    return "" if rule.is_plain else f"each sample is {rule.words(card.get(SAMPLE_OF, ()))}"


def sample_facts(rule: SampleRule) -> dict[str, Any]:
    """A rule as a card and an id hold it: a snapshot of single images keeps its id."""
    return {} if rule.is_plain else {SAMPLE: rule.to_json()}


def task_facts(task: Task) -> dict[str, Any]:
    """A task as a card and an id hold it."""
    facts = {**asdict(task), "labels": list(task.labels)}
    if task.readings == AGREED:  # a snapshot of what one reader said keeps its id
        del facts["readings"]
    return facts


def sound_cards(root: Path) -> dict[str, dict[str, Any]]:
    """The cards of every snapshot below `root`, by folder name; one that cannot be read is logged and costs itself."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(root.glob(f"*/{CARD_NAME}")):
        try:
            found[path.parent.name] = read_card(path.parent)
        except BadProject as error:
            log.warning("A snapshot is left out: %s", error)
    return found


def _task(values: Fields) -> Task:
    task = values.inner("task")
    try:
        return Task(
            name=task.text("name", most=1000),
            kind=task.word("kind", tuple(TASK_KINDS)),
            labels=task.texts("labels"),
            exclusive=task.flag("exclusive"),
            readings=task.text("readings", AGREED, most=1000),
        )
    except BadProject:
        raise
    except AppError as error:
        raise BadProject(f"{values.where}: {str(error).rstrip('.')}; {_ADVICE}.") from error


def _counts(values: Fields) -> None:
    for name in values.names():
        values.integer(name, 0, _MOST_IMAGES)
