"""What an import says, held against itself, the images and the project: what is taken, and what stays out and why."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from viewer.core.labels import Verdict
from viewer.core.text.counting import counted
from viewer.exchange.importer import Outcome
from viewer.exchange.plan_findings import HELD, JOINS, Findings
from viewer.exchange.plan_shapes import ShapeChecks
from viewer.exchange.plan_store import EVERY_READER, PlanStore
from viewer.exchange.settling.answers import AnswerChecks
from viewer.exchange.settling.beyond import BeyondChecks
from viewer.exchange.settling.geometry import GeometryChecks
from viewer.exchange.settling.open_series import STAYS_OPEN, OpenSeries
from viewer.exchange.settling.readers import Readers
from viewer.project.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a person chose for what a file cannot say. on_conflict, exif: as in `plan.OPTIONS`, or ""."""

    on_conflict: str = ""
    exif: str = ""
    complete: bool = False


class Checks:
    """Fills `taken_shapes`, `taken_verdicts`, `taken_answers`, `taken_beyond`, `held_back` and `open` of a store.

    in_project: the project's images by their name.
    """

    def __init__(self, project: Project, store: PlanStore, settled: Settled) -> None:
        self._project = project
        self._store = store
        self._settled = settled
        self._findings = Findings(store)
        self._say = self._findings.say
        self._readers = Readers(project, store)
        self.in_project = {record.image_id: record for record in project.images.all()}
        self._groups: dict[str, list[str]] = {}
        query = "SELECT DISTINCT grp FROM declared WHERE exclusive = 1 AND scope = 'image'"
        self._exclusive = [row[0] for row in store.sql.execute(query)]
        self.twice = 0
        self.there_already = 0
        self.kept = 0

    def run(self) -> None:
        """Every check, in the order in which one rests on the other."""
        self._readers.settle()
        self._labels_alike()
        self._patients()
        GeometryChecks(self._store, self.in_project).run()
        self._empty_patients()
        self._open_by_remarks()
        self._open_unfinished()
        shapes = ShapeChecks(self._store, self._readers, self._settled.exif, set(self.in_project))
        shapes.run()
        self.twice, self.there_already = shapes.twice, shapes.there_already
        self._verdicts()
        answers = AnswerChecks(self._project, self._store, self._readers, self._settled.on_conflict)
        answers.run()
        self.there_already += answers.there_already
        self.kept += answers.kept
        series = OpenSeries(self._store, self.in_project, completes=self._settled.complete)
        beyond = BeyondChecks(
            self._project, self._store, self._readers, self.in_project, self._settled.on_conflict, series
        )  # fmt: skip
        beyond.run()
        self.there_already += beyond.there_already
        self.kept += beyond.kept
        self._tags_that_differ()

    def _one_of(self, values: list[str]) -> str | None:
        """Of values that contradict each other, the one that a person's choice takes."""
        if self._settled.on_conflict == "first":
            return values[0]
        return values[-1] if self._settled.on_conflict == "last" else None

    # -- names

    def _labels_alike(self) -> None:
        """One name written with composed letters and with letters and accents apart is one label."""
        there = {(label.scope, label.name) for label in self._project.labels}
        for scope, tables in (("region", ("shapes",)), ("image", ("verdicts", "named"))):
            query = " UNION ".join(f"SELECT label FROM {table} WHERE label <> ''" for table in tables)
            names = [name for (name,) in self._store.sql.execute(query)]
            alike: dict[str, list[str]] = {}
            for name in dict.fromkeys((*(one for one_scope, one in there if one_scope == scope), *names)):
                alike.setdefault(unicodedata.normalize("NFC", name), []).append(name)
            for first, *others in alike.values():
                for other in others:
                    for table in tables:
                        self._store.sql.execute(
                            f"UPDATE OR REPLACE {table} SET label = ? WHERE label = ?", (first, other)
                        )
                    sentence = f"The label {first} is written in two ways (its accents apart or not); it is one label."
                    self._say(Outcome.GUESSED, sentence, rule="one label, written in two ways")
            self._differ_in_capitals(alike)

    def _differ_in_capitals(self, names: Iterable[str]) -> None:
        by_letters: dict[str, list[str]] = {}
        for name in names:
            by_letters.setdefault(name.casefold(), []).append(name)
        for several in by_letters.values():
            if len(several) > 1:
                sentence = f"The labels {' and '.join(several)} differ by capitals alone; they stay several labels."
                self._say(Outcome.NOTE, sentence, rule="labels that differ by capitals alone")

    # -- patients

    def _patients(self) -> None:
        """One image of two patients is left out whole: whose label it is, nobody can tell."""
        for rows in self._findings.by_image(_PATIENTS):
            said = list(dict.fromkeys(row[3] for row in rows if row[3]))
            image_id, path, name_id = rows[0][0], rows[0][1], rows[0][2]
            patient = said[0] if said else None
            if len(said) > 1:
                patient = self._one_of(said)
                places = [f"{row[3]} ({row[4] or row[1]})" for row in rows if row[3]]
                sentence = f"{path}: the import says patient {' and patient '.join(dict.fromkeys(places))}."
                if patient is None:
                    self._say(
                        Outcome.CONTRADICTORY, f"{sentence} The image was left out.", rule="two patients for one image",
                        settle="--on-conflict first", name_id=name_id,
                    )  # fmt: skip
                    self._store.sql.execute("INSERT OR IGNORE INTO held_back VALUES (?)", (image_id,))
                    continue
                word = self._settled.on_conflict
                self._say(Outcome.GUESSED, f"{sentence} The {word} was taken.", rule=f"of two patients, the {word}")
            self._patient_in_the_project(image_id, path, patient, name_id)
            own = rows[0][5]
            if patient and own and patient != own and image_id not in self.in_project:
                sentence = f"{path} says in its header that it is of patient {own}; the import's {patient} was taken."
                self._say(Outcome.GUESSED, sentence, rule="the import's patient id before the header's")

    def _patient_in_the_project(self, image_id: str, path: str, patient: str | None, name_id: int) -> None:
        there = self.in_project.get(image_id)
        if there is not None and patient is not None and there.patient_id != patient:
            sentence = (
                f"{path} is in the project as a picture of patient {there.patient_id or '(none)'}, the import says "
                f"{patient}; the first was kept."
            )
            self._say(Outcome.CONTRADICTORY, sentence, rule="another patient in the project", name_id=name_id)

    def _empty_patients(self) -> None:
        """Where some images have a patient and others none: the others' may stand above (merged cells)."""
        if not self._store.number("SELECT EXISTS (SELECT 1 FROM patients WHERE patient <> '')"):
            return
        for image_id, path, name_id in self._store.sql.execute(_EMPTY_PATIENTS).fetchall():
            if image_id in self.in_project:
                continue
            self._say(
                Outcome.AMBIGUOUS,
                f"{path} has an empty patient cell while others have a patient: it may be the one above, or none. "
                "The image was left out.",
                rule="a patient that is not said", settle="--patients above", name_id=name_id,
            )  # fmt: skip
            self._store.sql.execute("INSERT OR IGNORE INTO held_back VALUES (?)", (image_id,))

    def _open_by_remarks(self) -> None:
        outs = ", ".join(f"'{outcome.value}'" for outcome in Outcome if outcome.is_left_out)
        self._store.sql.execute(
            "INSERT OR IGNORE INTO open (image_id) "
            "SELECT image_id FROM remarks JOIN images ON images.name = remarks.name "
            f"WHERE outcome IN ({outs})"
            f" UNION SELECT image_id FROM remarks JOIN meant ON meant.name = remarks.name WHERE outcome IN ({outs})"
            " UNION SELECT image_id FROM also JOIN images ON images.name = also.name"
            " UNION SELECT image_id FROM also JOIN meant ON meant.name = also.name"
        )

    def _open_unfinished(self) -> None:
        """Images that the import itself calls not looked at to the end; said where their cases would be completed."""
        if not self._settled.complete:
            return
        for why, count, _, path in self._store.sql.execute(_UNFINISHED).fetchall():
            more = f" and {count - 1} more stay" if count > 1 else " stays"
            self._say(Outcome.NOTE, f"{path}{more} open: {why}.", rule=STAYS_OPEN, count=count)
        self._store.sql.execute(
            "INSERT OR IGNORE INTO open SELECT image_id, reader FROM unfinished JOIN images ON images.name = "
            "unfinished.name"
        )

    # -- whole-image labels

    def _verdicts(self) -> None:
        for rows in self._findings.by_image(_VERDICTS):
            for reader in dict.fromkeys(row[7] for row in rows):
                self._verdicts_of([row for row in rows if row[7] == reader], reader)

    def _verdicts_of(self, rows: list[tuple[Any, ...]], reader: int) -> None:
        """rows: (image id, path, name id, group, label, verdict, place); group "" where it is said outright."""
        image_id = rows[0][0]
        work = self._readers.work(reader) if image_id in self.in_project else None
        now = {} if work is None else work.image_labels(image_id)
        said: dict[str, list[tuple[Any, ...]]] = {}
        for row in rows:
            if row[4]:
                said.setdefault(row[4], []).append(row)
        several = self._of_exclusive_groups(rows)
        for label, lines in said.items():
            verdict = None if label in several else self._agreed(label, lines)
            if verdict is not None:
                self._keep_verdict(image_id, reader, label, Verdict(verdict), now)
        query = "SELECT EXISTS (SELECT 1 FROM open WHERE image_id = ? AND reader IN (?, ?))"
        is_open = self._store.number(query, image_id, reader, EVERY_READER)
        groups = dict.fromkeys(row[3] for row in rows if row[3])
        if self._settled.complete and not is_open:
            for group in groups:
                for label in self._labels_of(group):
                    if label not in said:
                        self._keep_verdict(image_id, reader, label, Verdict.NO, now)
                        said[label] = []

    def _of_exclusive_groups(self, rows: list[tuple[Any, ...]]) -> set[str]:
        """The labels of a group of which an image can have one only, and has several."""
        found: set[str] = set()
        for group in self._exclusive:
            names = list(dict.fromkeys(row[4] for row in rows if row[3] == group and row[4]))
            if len(names) > 1:
                chosen = self._one_of(names)
                path, name_id = rows[0][1], rows[0][2]
                sentence = f"{path}: the import says {' and '.join(names)} of one picture"
                if chosen is None:
                    self._say(
                        Outcome.CONTRADICTORY, f"{sentence}; they were left out.",
                        rule="two classes for one picture", settle="--on-conflict first", name_id=name_id,
                    )  # fmt: skip
                else:
                    sentence = f"{sentence}; {chosen} was taken."
                    self._say(Outcome.GUESSED, sentence, rule="two classes, settled by --on-conflict")
                found |= {name for name in names if name != chosen}
        return found

    def _labels_of(self, group: str) -> list[str]:
        if group not in self._groups:
            self._groups[group] = [row[0] for row in self._store.sql.execute(_GROUP, (group, group))]
        return self._groups[group]

    def _agreed(self, label: str, lines: list[tuple[Any, ...]]) -> str | None:
        verdicts = list(dict.fromkeys(line[5] for line in lines))
        if len(verdicts) == 1:
            return str(verdicts[0])
        path, name_id = lines[0][1], lines[0][2]
        places = ", ".join(f"{line[5]}{f' ({line[6]})' if line[6] else ''}" for line in lines[:6])
        if self._settled.on_conflict == "not-assessed":
            verdict: str | None = Verdict.NOT_ASSESSED.value
        else:
            verdict = self._one_of([line[5] for line in lines])
        sentence = f"{path}: the import says of {label}: {places}"
        if verdict is None:
            self._say(
                Outcome.CONTRADICTORY, f"{sentence}; it was left unknown.",
                rule="two answers for one label", settle="--on-conflict not-assessed", name_id=name_id,
            )  # fmt: skip
        else:
            sentence = f"{sentence}; {verdict} was taken (--on-conflict {self._settled.on_conflict})."
            self._say(Outcome.GUESSED, sentence, rule="two answers, settled by --on-conflict")
        return verdict

    def _keep_verdict(
        self, image_id: str, reader: int, label: str, verdict: Verdict, now: Mapping[str, Verdict]
    ) -> None:
        before = now.get(label)
        if before is None:
            self._store.sql.execute(
                "INSERT INTO taken_verdicts (image_id, reader, label, verdict) VALUES (?, ?, ?, ?)",
                (image_id, reader, label, verdict.value),
            )
        elif before is verdict:
            self.there_already += 1
        else:
            self.kept += 1

    def _tags_that_differ(self) -> None:
        for key, count in self._store.sql.execute(_TAGS).fetchall():
            sentence = f"The column {key} differs between the rows of {counted(count, 'image')}; it is not kept."
            self._say(Outcome.NOTE, sentence, rule="a column that differs within an image", count=count)


_UNFINISHED = (
    "SELECT why, COUNT(DISTINCT images.image_id), MIN(rank), path FROM unfinished "
    f"{JOINS.format('unfinished')} WHERE {HELD} GROUP BY why ORDER BY MIN(rank)"
)
_PATIENTS = (
    "SELECT images.image_id, path, names.id, patients.patient, place, images.patient FROM patients "
    f"{JOINS.format('patients')} ORDER BY rank, patients.seq"
)
_EMPTY_PATIENTS = (
    "SELECT images.image_id, path, names.id FROM patients "
    f"{JOINS.format('patients')} GROUP BY images.image_id "
    "HAVING MAX(patients.patient) = '' AND MAX(images.patient) = '' ORDER BY rank"
)
_VERDICTS = (
    "SELECT images.image_id, path, names.id, '' AS grp, label, verdict, place, reader, rank, seq FROM verdicts "
    f"{JOINS.format('verdicts')} WHERE {HELD} "
    "UNION ALL SELECT images.image_id, path, names.id, grp, label, 'yes', '', reader, rank, 0 FROM named "
    f"{JOINS.format('named')} WHERE {HELD} ORDER BY rank, seq"
)
_GROUP = (
    "SELECT name FROM declared WHERE grp = ? AND scope = 'image' "
    "UNION SELECT label FROM named WHERE grp = ? AND label <> ''"
)
_TAGS = (
    "SELECT key, COUNT(*) FROM (SELECT image_id, key FROM tags JOIN images ON images.name = tags.name "
    "GROUP BY image_id, key HAVING COUNT(DISTINCT value) > 1) GROUP BY key"
)
