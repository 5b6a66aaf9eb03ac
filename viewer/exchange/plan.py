"""An import is a plan: what a file says, resolved against the disk and the project, shown before anything is written.

Nothing is settled that the file does not say: what is ambiguous or contradictory stays out by name, or an option that a
person gave settles it. `importing.carry_out` writes the plan.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

from viewer.core.boundary import at_boundary
from viewer.core.errors import BadRequest
from viewer.exchange.becoming import PatientCounts, becoming_document, becoming_words
from viewer.exchange.importer import Importer, Item, Outcome, Remark
from viewer.exchange.options import Option, Options, chosen
from viewer.exchange.pictures import Pictures
from viewer.exchange.plan_checks import Checks, Settled
from viewer.exchange.plan_images import Cancelled, ImageFinder
from viewer.exchange.plan_store import PlanStore, not_kept
from viewer.exchange.settling.patients import count_patients
from viewer.project.project import Project

# The options of every import, besides those of its format.
OPTIONS: tuple[Option, ...] = (
    Option(
        name="on-conflict",
        title="Where it contradicts itself",
        help="what holds where the import says two things of one image in one reading (two patients, yes and no): the "
        "first, the last, or not assessed (labels only); without it both are left out by name",
        choices=("first", "last", "not-assessed"),
        unsaid="left out",
    ),
    Option(
        name="images",
        leads=True,
        title="Folder of the pictures",
        help="where the pictures lie, when they are not beside the file; only these folders are searched then",
        several=True,
        metavar="FOLDER",
    ),
    Option(
        name="frame",
        title="Frame if none is named",
        help="the frame that is meant where a file has several and none is named, counted from 0",
        number="integer",
        metavar="N",
    ),
    Option(
        name="exif",
        title="Rotated pictures (EXIF)",
        help="whether shapes on a picture with an EXIF turn were drawn on it as it is shown or as it is stored; "
        "without it: as it is shown, and it is said",
        choices=("shown", "stored"),
        unsaid="as it is shown",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The quantities of a plan. read: records of the file. nothing: those that say no label, no shape and no answer, of
    which nothing is left out either. answers: to what is asked of images, and what is said of series,
    studies and patients. measurements: on planes through series. twice: shapes that stand there twice;
    there_already: what the project has; kept: labels that the project says otherwise. left_out, guessed: of the
    remarks."""

    read: int
    nothing: int
    images: int
    new_images: int
    pictures_twice: int
    annotations: int
    image_labels: int
    answers: int
    measurements: int
    open_images: int
    twice: int
    there_already: int
    kept: int
    left_out: int
    guessed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Alike remarks, counted together. first: the sentence of the first."""

    outcome: Outcome
    rule: str
    settle: str
    count: int
    first: str


class Plan:
    """What an import will do. A context manager: its temporary database goes when it closes.

    patients: those of the images that it takes.
    """

    def __init__(self, store: PlanStore, *, path: Path, source: str, settled: Settled) -> None:
        self.store = store
        self.path = path
        self.source = source
        self.settled = settled
        self.patients = PatientCounts()
        self._marks = (0, 0, 0)

    def __enter__(self) -> "Plan":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def complete(self) -> bool:
        """Whether its cases become complete."""
        return self.settled.complete

    def close(self) -> None:
        """Take the temporary database away; the plan is of no use then."""
        self.store.close()

    def noted(self, checks: Checks) -> None:
        """Keep what the checks counted."""
        self._marks = (checks.twice, checks.there_already, checks.kept)
        self.patients = count_patients(
            self.store.sql, checks.in_project, on_conflict=self.settled.on_conflict, source=self.source
        )

    def becoming(self) -> str:
        """What the file's columns become and of how many patients its images are, in one line."""
        return becoming_words(self.store.becomes, self.patients)

    def remarks(self, *outcomes: Outcome) -> Iterator[Remark]:
        """The remarks of these outcomes, of every outcome when none is named, in the order of coming."""
        for remark in self.store.remarks():
            if not outcomes or remark.outcome in outcomes:
                yield remark

    def groups(self) -> list[Group]:
        """Alike remarks together: what is left out first, then guesses, then notes."""
        query = (
            "SELECT outcome, rule, MAX(settle), SUM(count), sentence, MIN(seq) FROM remarks GROUP BY outcome, rule "
            "ORDER BY MIN(seq)"
        )
        found = [
            Group(outcome=Outcome(row[0]), rule=row[1], settle=row[2], count=row[3], first=row[4])
            for row in self.store.sql.execute(query)
        ]
        order = list(Outcome)
        return sorted(found, key=lambda group: order.index(group.outcome))

    def counts(self) -> Counts:
        """The quantities."""
        number = self.store.number
        held = "image_id NOT IN (SELECT image_id FROM held_back)"
        named = number("SELECT COUNT(*) FROM images JOIN names ON names.id = name WHERE recorded = 1")
        different = number(
            "SELECT COUNT(DISTINCT image_id) FROM images JOIN names ON names.id = name WHERE recorded = 1"
        )
        outs = ", ".join(f"'{outcome.value}'" for outcome in Outcome if outcome.is_left_out)
        twice, there_already, kept = self._marks
        return Counts(
            read=self.store.read,
            nothing=self.store.nothing,
            images=number(f"SELECT COUNT(DISTINCT image_id) FROM images WHERE {held}"),
            new_images=number(f"SELECT COUNT(DISTINCT image_id) FROM fresh WHERE {held} AND image_id NOT IN known"),
            pictures_twice=named - different,
            annotations=number("SELECT COUNT(*) FROM taken_shapes")
            + number("SELECT COUNT(*) FROM taken_beyond WHERE what = 'shape'"),
            image_labels=number("SELECT COUNT(*) FROM taken_verdicts"),
            answers=number("SELECT COUNT(*) FROM taken_answers")
            + number("SELECT COUNT(*) FROM taken_beyond WHERE what = 'answer'"),
            measurements=number("SELECT COUNT(*) FROM taken_beyond WHERE what = 'measurement'"),
            open_images=number("SELECT COUNT(*) FROM (SELECT image_id FROM open UNION SELECT image_id FROM held_back)"),
            twice=twice,
            there_already=there_already,
            kept=kept,
            left_out=number(f"SELECT SUM(count) FROM remarks WHERE outcome IN ({outs})"),
            guessed=number("SELECT SUM(count) FROM remarks WHERE outcome = ?", Outcome.GUESSED.value),
        )

    def readers(self) -> list[str]:
        """Whose readings it writes into, where the import says whose they are; in words, in the order of coming."""
        used = "SELECT DISTINCT reader FROM recorded ORDER BY reader"
        there = self.store.readers()
        found = (there[row[0]] for row in self.store.sql.execute(used))
        return [reader.words for reader in found if reader is not None]

    def taken(self) -> list[tuple[str, str, int]]:
        """What the import writes: (label or question, "shapes", "answers" or the verdict, how many), images first."""
        drawn = self.store.sql.execute("SELECT facts FROM taken_beyond WHERE what = 'shape'")
        on_planes = Counter(str(json.loads(facts)["label"]) for (facts,) in drawn)
        of_images = [
            (str(label), str(what), int(count))
            for table, label, column in (
                ("taken_verdicts", "label", "verdict"),
                ("taken_answers", "question", "'answers'"),
                ("taken_shapes", "label", "'shapes'"),
            )
            for label, what, count in self.store.sql.execute(
                f"SELECT {label}, {column}, COUNT(*) FROM {table} GROUP BY 1, 2 ORDER BY 1, 2 DESC"
            )
        ]
        return [*of_images, *((label, "shapes on planes", count) for label, count in sorted(on_planes.items()))]

    def document(self) -> dict[str, Any]:
        """The plan as JSON can hold it: read, taken, and every remark by what became of it."""
        counts = self.counts()
        by_outcome: dict[str, list[dict[str, Any]]] = {outcome.value.replace(" ", "_"): [] for outcome in Outcome}
        for remark in self.store.remarks():
            by_outcome[remark.outcome.value.replace(" ", "_")].append(
                {
                    "sentence": remark.sentence,
                    "rule": remark.rule,
                    "settle": remark.settle,
                    "image": None if remark.image is None else str(remark.image),
                    "count": remark.count,
                }
            )
        return {
            "columns": becoming_document(self.store.becomes),
            "patients": {"patients": self.patients.patients, "images_without_id": self.patients.without},
            "read": {"records": counts.read, "of_nothing": counts.nothing},
            "taken": {
                "images": counts.images,
                "new_images": counts.new_images,
                "annotations": counts.annotations,
                "image_labels": counts.image_labels,
                "answers": counts.answers,
                "measurements": counts.measurements,
                "labels": [{"label": label, "what": what, "count": count} for label, what, count in self.taken()],
            },
            "twice": counts.twice,
            "there_already": counts.there_already,
            "open_images": counts.open_images,
            **by_outcome,
        }


def options_of(importer: Importer) -> tuple[Option, ...]:
    """Every option of an import with this format."""
    return (*importer.options, *OPTIONS)


def _silent(done: int, total: int) -> None:
    """Nobody watches."""


def _never() -> bool:
    return False


def make_plan(
    project: Project,
    importer: Importer,
    path: Path,
    given: Mapping[str, Sequence[str]],
    *,
    source: str = "",
    complete: bool = False,
    progress: Callable[[int, int], None] = _silent,
    cancelled: Callable[[], bool] = _never,
) -> Plan:
    """Read the file and every image it names; nothing of the project is changed.

    given: options by name, as a person gave them. source: where its patient ids are valid, else the folder's name.
    complete: every case in it was looked at; a case of which something is left out stays open all the same.
    Raises BadFile where the file cannot be read at all, BadRequest for an option that does not fit.
    """
    known = frozenset(label.name for label in project.labels if label.scope == "image")
    asked = tuple(one for one in project.attributes if one.scope == "image")
    options = replace(chosen(options_of(importer), given), labels=known, asked=asked)
    path = path.resolve()
    if not importer.reads_folder and path.is_dir():
        raise BadRequest(f"{path} is a folder; {importer.title} reads a file.")
    if importer.reads_folder and path.is_file():
        raise BadRequest(f"{path} is a file; {importer.title} reads a folder.")
    source = source or (path.name if path.is_dir() else path.parent.name)
    store = PlanStore()
    try:
        store.gather(_items(importer, path, options, cancelled))
        settled = Settled(on_conflict=options.one("on-conflict"), exif=options.one("exif"), complete=complete)
        plan = Plan(store, path=path, source=source, settled=settled)
        _resolve(project, plan, options, progress, cancelled)
    except sqlite3.Error as error:
        store.close()
        raise not_kept(error) from error
    except BaseException:
        store.close()
        raise
    return plan


def _items(importer: Importer, path: Path, options: Options, cancelled: Callable[[], bool]) -> Iterator[Item]:
    """What the format yields; whatever a library raises meanwhile becomes a sentence with the file's name."""
    with at_boundary(path, advice="nothing was imported"):
        items = importer.read(path, options)
    for number in count():
        if number % 256 == 0 and cancelled():
            raise Cancelled()
        with at_boundary(path, advice="nothing was imported"):
            item = next(items, None)
        if item is None:
            return
        yield item


def _resolve(
    project: Project,
    plan: Plan,
    options: Options,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
) -> None:
    folders = [Path(folder).expanduser() for folder in options.all("images")]
    for folder in folders:
        if not folder.is_dir():
            raise BadRequest(f"{folder} is no folder; --images takes the folder in which the pictures lie.")
    frame = options.one("frame")
    finder = ImageFinder(
        project,
        plan.store,
        Pictures(plan.path, folders),
        source=plan.source,
        frame=int(frame) if frame else None,
    )
    finder.find(progress=progress, cancelled=cancelled)
    checks = Checks(project, plan.store, plan.settled)
    checks.run()
    plan.noted(checks)
