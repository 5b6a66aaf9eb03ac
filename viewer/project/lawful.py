"""What a complete case may hold: of each exclusive task exactly one answer, and no pixel of it under two labels.

The journal asks here before an edit is kept: completing a case that is not answered is refused; an edit that takes the
answer out of a complete case opens the case again, as part of the same gesture. What a project held before its task was
made is left as it is until it is touched; snapshots leave it out by name.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import PurePath
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from viewer.core.answers import open_words
from viewer.core.case_acts import SAID
from viewer.core.edits import (
    AnnotationChange,
    CaseStatusChange,
    Edit,
    ImageLabelChange,
    LabelChange,
    MaskStroke,
)
from viewer.core.errors import BadRequest
from viewer.core.labels import Label, Verdict, keys_that_say
from viewer.core.shapes.annotations import Annotation, CaseStatus
from viewer.core.shapes.region_overlap import pixels_of
from viewer.project.image_rows import rows_of_cases
from viewer.project.readings import DONE, reading_of
from viewer.project.records import Task
from viewer.project.state import annotation_of, labels_of_task, verdict_of
from viewer.project.store.schema import (
    annotations,
    case_images,
    cases,
    image_labels,
    images,
    labels,
    readings,
    tasks,
)

if TYPE_CHECKING:
    from viewer.project.store.database import Database

_IDS_PER_QUERY = 500


class Unanswered(BadRequest):
    """A case cannot be complete: a label of an exclusive task is missing, or two hold at once.

    Raised before an edit is kept. words, way: of `open_question` and `way_out`, for a sentence of one's own; else "".
    """

    def __init__(self, sentence: str, *, words: str = "", way: str = "") -> None:
        super().__init__(sentence)
        self.words, self.way = words, way


Said = tuple[str, str]  # a round and an image, or a round and a case


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What of an edit may make cases unlawful: labels by round and image, and the cases that it completes."""

    answers: dict[Said, set[str]]
    regions: dict[Said, set[str]]
    completed: tuple[CaseStatusChange, ...]


def exclusive_tasks(connection: Connection) -> list[Task]:
    """The tasks whose labels exclude each other: of whole images, and of masks of several labels."""
    rows = connection.execute(select(tasks).where(tasks.c.exclusive).order_by(tasks.c.name)).all()
    found = (Task(name=row.name, kind=row.kind, labels=labels_of_task(row), exclusive=True) for row in rows)
    return [task for task in found if task.tells_apart]


def touched_by(connection: Connection, edit: Edit) -> Touched:
    """See `Touched`. What goes away is touched as well as what comes."""
    answers: dict[Said, set[str]] = defaultdict(set)
    regions: dict[Said, set[str]] = defaultdict(set)
    completed: list[CaseStatusChange] = []
    for change in edit.changes:
        if isinstance(change, ImageLabelChange):
            answers[change.round_id, change.image_id].add(change.label)
        elif isinstance(change, AnnotationChange):
            if change.after is not None and change.after.plane is None:  # a plane has no pixels
                regions[change.after.round_id, change.after.image_id].add(change.after.label)
        elif isinstance(change, MaskStroke):
            of = select(annotations.c.round_id, annotations.c.label)
            for row in connection.execute(of.where(annotations.c.annotation_id == change.annotation_id)):
                regions[row.round_id, change.image_id].add(row.label)
        elif isinstance(change, CaseStatusChange) and change.after.is_done:
            completed.append(change)
    return Touched(answers=answers, regions=regions, completed=tuple(completed))


def cases_to_open(connection: Connection, edit: Edit) -> tuple[list[CaseStatusChange], list[CaseStatusChange]]:
    """Looks at what an edit, just applied, has left, in the rounds that it was said in.

    Returns (the changes that open complete cases again, those of its own that complete a case that is not answered).
    """
    everything = exclusive_tasks(connection)
    touched = touched_by(connection, edit) if everything else Touched(answers={}, regions={}, completed=())
    own = {(change.round_id, change.case_id): change for change in touched.completed}
    # A label that leaves the catalogue has left the task already, and took answers along.
    gone = {c.before.name for c in edit.changes if isinstance(c, LabelChange) and c.after is None and c.before}
    open_again: dict[Said, CaseStatus] = {}
    for task in everything:
        labels = touched.answers if task.scope == "image" else touched.regions
        hit: dict[str, list[str]] = defaultdict(list)
        for (round_id, image_id), names in labels.items():
            if names & (gone | set(task.labels)):
                hit[round_id].append(image_id)
        for round_id, image_ids in hit.items():
            done = _done_cases(connection, image_ids, round_id)
            asked = [case_id for case_id in done if (round_id, case_id) not in own]
            wrong = _faults(connection, [task], everything, asked, round_id)
            open_again |= {(round_id, case_id): done[case_id] for case_id, _, _ in wrong}
    faults = {
        (round_id, case_id)
        for round_id in {round_id for round_id, _ in own}
        for case_id, _, _ in _faults(
            connection, everything, everything, [case_id for by, case_id in own if by == round_id], round_id
        )
    }
    return (
        [
            CaseStatusChange(case_id=case_id, before=status, after=CaseStatus.IN_PROGRESS, round_id=round_id)
            for (round_id, case_id), status in open_again.items()
        ],
        [own[said] for said in own if said in faults],
    )


def open_question(database: "Database", case_id: str, round_id: str = "") -> str:
    """Why a case cannot be complete, in words such as "none of NORMAL, PNEUMONIA is said"; "" where it can."""
    with database.reading() as connection:
        return question_in(connection, case_id, round_id)


def question_in(connection: Connection, case_id: str, round_id: str = "") -> str:
    """The same, within a transaction."""
    everything = exclusive_tasks(connection)
    return next((words for _, words, _ in _faults(connection, everything, everything, [case_id], round_id)), "")


def way_out(database: "Database", case_id: str, round_id: str = "") -> str:
    """What is to be done about `open_question`, with the keys that do it; "" where there is none."""
    with database.reading() as connection:
        return way_out_in(connection, case_id, round_id)


def way_out_in(connection: Connection, case_id: str, round_id: str = "") -> str:
    """The same, within a transaction."""
    everything = exclusive_tasks(connection)
    task = next((task for _, _, task in _faults(connection, everything, everything, [case_id], round_id)), None)
    if task is None:
        return ""
    if task.scope == "region":
        return "Take those pixels away from one of them with the eraser."
    query = select(labels).where(labels.c.scope == "image", labels.c.name.in_(task.labels))
    there = {row.name: row.position for row in connection.execute(query)}
    named = [Label(name=name, scope="image", position=there[name]) for name in task.labels if name in there]
    keys = f": press {keys_that_say(named)}, until yes or not assessed stands there" if named else ", or “not assessed”"
    return f"Say which one holds{keys}."


def refusal(title: str, words: str, way: str, status: CaseStatus = CaseStatus.COMPLETE) -> str:
    """The sentence of a case that cannot be complete, or another one of its being done. words: of `open_question`; way:
    of `way_out`."""
    return f"{title} cannot be {SAID[status]} yet: {words}. {way}"


def opened_by(edit: Edit) -> tuple[str, ...]:
    """The cases that an edit of labels or shapes has opened again."""
    statuses = edit.of(CaseStatusChange)
    if len(statuses) == len(edit.changes):
        return ()  # a person opened it, and knows
    return tuple(
        change.case_id for change in statuses if change.before.is_done and change.after is CaseStatus.IN_PROGRESS
    )


def title_of(connection: Connection, case_id: str) -> str:
    """What the list calls a case."""
    return str(connection.scalar(select(cases.c.title).where(cases.c.case_id == case_id)) or "The case")


def _done_cases(connection: Connection, image_ids: Sequence[str], round_id: str) -> dict[str, CaseStatus]:
    found: dict[str, CaseStatus] = {}
    for chunk in _chunks(image_ids):
        query = (
            select(readings)
            .join(case_images, case_images.c.case_id == readings.c.case_id)
            .where(case_images.c.image_id.in_(chunk), readings.c.round_id == round_id)
            .where(readings.c.state.in_(DONE))
        )
        found |= {row.case_id: reading_of(row).state for row in connection.execute(query)}
    return found


def _faults(
    connection: Connection, asked: Sequence[Task], everything: Sequence[Task], case_ids: Sequence[str], round_id: str
) -> Iterator[tuple[str, str, Task]]:
    """(case, words, task) of each asked task that a case does not answer."""
    if not asked or not case_ids:
        return
    whole = [task for task in everything if task.scope == "image"]
    masks = [task for task in asked if task.scope == "region"]
    for chunk in _chunks(case_ids):
        query = rows_of_cases(chunk)
        by_case: dict[str, list[str]] = defaultdict(list)
        names: dict[str, str] = {}
        for row in connection.execute(query.order_by(images.c.position)):
            by_case[row.case_id].append(row.image_id)
            names[row.image_id] = PurePath(row.path).name
        said = _said(connection, list(names), round_id) if any(task.scope == "image" for task in asked) else {}
        for case_id, image_ids in by_case.items():
            for task in asked:
                if task.scope == "image":
                    words = _unanswered(task, whole, [(names[one], said.get(one, {})) for one in image_ids])
                    if words:
                        yield case_id, words, task
            for image_id in image_ids if masks else ():
                where = f" on {names[image_id]}" if len(image_ids) > 1 else ""
                yield from (
                    (case_id, f"{words}{where}", task)
                    for words, task in _overlaps(connection, masks, image_id, round_id)
                )


def _unanswered(task: Task, whole: Sequence[Task], images_said: Sequence[tuple[str, dict[str, Verdict]]]) -> str:
    """A case of several images is answered on one of them at least; the others may say nothing, but nothing wrong.

    images_said: of each image its file's name and what is said of it; of several, the one that is wrong is named.
    """
    groups = [other.labels for other in whole]
    found = [
        (open_words(task.labels, said, groups), name, any(label in said for label in task.labels))
        for name, said in images_said
    ]
    wrong = next(((words, name) for words, name, is_said in found if words and is_said), None)
    if wrong is not None:
        return f"{wrong[0]} on {wrong[1]}" if len(found) > 1 else wrong[0]
    if any(not words for words, _, _ in found):
        return ""
    return found[0][0] if found else ""


def _said(connection: Connection, image_ids: Sequence[str], round_id: str) -> dict[str, dict[str, Verdict]]:
    found: dict[str, dict[str, Verdict]] = defaultdict(dict)
    for chunk in _chunks(image_ids):
        here = image_labels.c.image_id.in_(chunk) & (image_labels.c.round_id == round_id)
        for row in connection.execute(select(image_labels).where(here)):
            found[row.image_id][row.label] = verdict_of(row)
    return found


def _overlaps(
    connection: Connection, masks: Sequence[Task], image_id: str, round_id: str
) -> Iterator[tuple[str, Task]]:
    names = {label for task in masks for label in task.labels}
    query = select(annotations).where(annotations.c.image_id == image_id, annotations.c.label.in_(names))
    query = query.where(annotations.c.round_id == round_id)
    drawn = [annotation_of(row) for row in connection.execute(query)]
    if len({annotation.label for annotation in drawn}) < 2:
        return
    size = connection.execute(select(images.c.rows, images.c.cols).where(images.c.image_id == image_id)).one()
    for task in masks:
        yield from ((words, task) for words in shared_words(task, drawn, size.rows, size.cols))


def shared_words(task: Task, drawn: Iterable[Annotation], rows: int, cols: int) -> Iterator[str]:
    """Words for each two labels of an exclusive task that hold the same pixels of one image."""
    drawn = list(drawn)
    of = {label: pixels_of([a.shape for a in drawn if a.label == label], rows, cols) for label in task.labels}
    for first, second in combinations(task.labels, 2):
        a, b = of[first], of[second]
        count = 0 if a is None or b is None else int((a & b).sum())
        if count:
            yield f"{first} and {second} share {count} pixels"


def _chunks(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), _IDS_PER_QUERY):
        yield ids[start : start + _IDS_PER_QUERY]
