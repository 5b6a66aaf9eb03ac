"""What an import of ours says of series, studies and patients, and on planes: against itself and the project.

Each stands with an image in the file; the project knows of which series, study and patient that image is.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from viewer.core.boundary import at_boundary
from viewer.core.edits import AnnotationChange, AnswerChange, MeasurementChange
from viewer.core.errors import AppError, BadRequest
from viewer.core.shapes.anchors import PlaneAnchor, plane_of
from viewer.core.shapes.annotations import Annotation, Measurement, Origin
from viewer.core.shapes.outlined import Points
from viewer.core.shapes.shape import shape_kind
from viewer.core.values import Target, TargetKind, Value, value_words
from viewer.exchange.importer import Outcome
from viewer.exchange.plan_findings import HELD, JOINS, Findings
from viewer.exchange.plan_images import new_image_in
from viewer.exchange.plan_store import ON_PLANE, PlanStore
from viewer.exchange.settling.answers import TWO_ANSWERS
from viewer.exchange.settling.open_series import OpenSeries
from viewer.exchange.settling.readers import Readers
from viewer.project.answers import answers_of
from viewer.project.edit_builders import new_id
from viewer.project.lists.beyond import targets_of
from viewer.project.lists.planes import lying_on_planes
from viewer.project.project import Project
from viewer.project.records import ImageRecord, NewImage
from viewer.project.store.stored_values import plane_in, plane_out, value_in

NOT_KNOWN = "answers about what the project does not know"  # the rules of the remarks
NO_PLANE = "planes that are none here"

_SAME_MM = 1e-6  # a point that was written and read lies where it lay
_ADVICE = "; add its folder to the project first (project add), and import again"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """One row of the import. value: JSON. place: in the file."""

    path: str
    name_id: int
    reader: int
    value: str
    place: str


class BeyondChecks:
    """Fills `taken_beyond` of a store. on_conflict: as in `plan.OPTIONS`. there_already, kept: as of AnswerChecks.
    series: leaves those open through which a shape is refused."""

    def __init__(
        self,
        project: Project,
        store: PlanStore,
        readers: Readers,
        in_project: Mapping[str, ImageRecord],
        on_conflict: str,
        series: OpenSeries,
    ) -> None:
        self._series = series
        self._project, self._store, self._readers, self._on_conflict = project, store, readers, on_conflict
        self._in_project = in_project
        self._findings = Findings(store)
        self._say = self._findings.say
        self.there_already = 0
        self.kept = 0

    def run(self) -> None:
        """Everything of one target and question together, wherever it stands."""
        said: dict[tuple[Target, str, int], list[_Said]] = defaultdict(list)
        for image_id, path, name_id, what, question, value, place, reader in self._store.sql.execute(_ROWS).fetchall():
            one = _Said(path=path, name_id=name_id, reader=reader, value=value, place=place)
            if what == ON_PLANE:
                self._on_plane(image_id, one)
                continue
            target = self._targets(image_id).get(TargetKind(what))
            if target is None:
                self._left_out(one, f"{path}: its {what} is not known, so {question} of it was left out{_ADVICE}.")
            else:
                said[target, question, reader].append(one)
        for (target, question, reader), rows in said.items():
            self._answer(target, question, reader, rows)
        self._series.of_what_is_lost()

    def _left_out(self, one: _Said, sentence: str, rule: str = NOT_KNOWN) -> None:
        self._say(Outcome.LEFT_OUT, sentence, rule=rule, name_id=one.name_id)

    def _targets(self, image_id: str) -> dict[TargetKind, Target]:
        image = self._image(image_id)
        found = targets_of(image)
        if not isinstance(image, ImageRecord):
            # It enters with the patient and the source that the import says.
            found.pop(TargetKind.PATIENT, None)
            patient = self._first(_PATIENT, image_id) or image.patient_id
            source = self._first(_SOURCE, image_id) or image.source
            if patient:
                key = f"{source}\n{patient}"
                found[TargetKind.PATIENT] = Target(kind=TargetKind.PATIENT, target_id=key)
        return found

    def _image(self, image_id: str) -> ImageRecord | NewImage:
        there = self._in_project.get(image_id)
        return there or new_image_in(self._first("SELECT facts FROM fresh WHERE image_id = ?", image_id))

    def _first(self, query: str, image_id: str) -> str:
        row = self._store.sql.execute(query, (image_id,)).fetchone()
        return str(row[0]) if row is not None and row[0] is not None else ""

    def _answer(self, target: Target, question: str, reader: int, rows: list[_Said]) -> None:
        values = list(dict.fromkeys(row.value for row in rows))
        if len(values) > 1 and self._on_conflict not in ("first", "last"):
            words = " and ".join(value_words(one) for text in values if (one := value_in(json.loads(text))))
            self._say(
                Outcome.CONTRADICTORY, f"{rows[0].path}: the import says of {question} of its {target.kind.value}: "
                f"{words}; it was left unknown.", rule=TWO_ANSWERS, settle="--on-conflict first",
                name_id=rows[0].name_id,
            )  # fmt: skip
            return
        text = values[-1] if self._on_conflict == "last" else values[0]
        value, now = value_in(json.loads(text)), self._now(target, reader).get(question)
        if now is None:
            facts = {"target": target.kind.value, "target_id": target.target_id, "name": question}
            self._take("answer", reader, {**facts, "value": json.loads(text)})
        elif now == value:
            self.there_already += 1
        else:
            self.kept += 1

    def _now(self, target: Target, reader: int) -> Mapping[str, Value]:
        round_id = self._readers.round_id(reader)
        return {} if round_id is None else answers_of(self._project, [target], round_id)[target]

    def _take(self, what: str, reader: int, facts: Mapping[str, Any]) -> None:
        query = "INSERT OR IGNORE INTO taken_beyond (what, reader, facts) VALUES (?, ?, ?)"
        self._store.sql.execute(query, (what, reader, json.dumps(facts, sort_keys=True, allow_nan=False)))

    # -- on planes

    def _on_plane(self, image_id: str, one: _Said) -> None:
        image = self._image(image_id)
        if not image.series_id:
            self._left_out(one, f"{one.path}: its series is not known, so a plane through it has no place{_ADVICE}.")
            return
        what = f"{one.path}, {one.place}"
        try:
            with at_boundary(what, error=BadRequest, advice="it was left out"):
                facts = json.loads(one.value)
                plane = plane_of(facts["space"], image.series_id, facts["plane"])
                own = image.tags.get("FrameOfReferenceUID", "")
                if own and own != plane.frame_of_reference_uid:
                    raise BadRequest(f"its file lies in the frame of reference {own}, and not in that of the plane")
                points = plane.on_it([(x, y, z) for x, y, z in facts["points_mm"]])
                came = _made(facts, points, plane)
        except AppError as error:
            sentence = str(error) if str(error).startswith(what) else f"{what}: {error}"
            self._left_out(one, sentence, NO_PLANE)
            if json.loads(one.value)["label"]:
                self._series.of_image(image_id)
            return
        if any(_is_same(came, other) for other in self._there(plane, one.reader)):
            self.there_already += 1
            return
        kept = {"kind": came.shape.kind, "points_px": [list(point) for point in points], "author": came.author}
        if facts["label"]:
            kept |= {name: facts[name] for name in ("label", "object_name", "answers")}
        self._take("shape" if facts["label"] else "measurement", one.reader, {**kept, **plane_out(plane)})

    def _there(self, plane: PlaneAnchor, reader: int) -> list[Annotation | Measurement]:
        round_id = self._readers.round_id(reader)
        if round_id is None:
            return []
        with self._project.database.reading() as connection:
            return lying_on_planes(connection, [plane.series_id], [round_id])


def _made(facts: Mapping[str, Any], points: Points, plane: PlaneAnchor) -> Annotation | Measurement:
    """What comes, without an object yet. Raises AppError, ValueError, TypeError, KeyError for what is none."""
    if not facts["label"]:
        return Measurement(
            measurement_id=new_id(), image_id="", kind=facts["kind"], points_px=points, plane=plane,
            author=facts["author"],
        )  # fmt: skip
    return Annotation(
        annotation_id=new_id(), image_id="", label=facts["label"], shape=shape_kind(facts["kind"]).of_points(points),
        plane=plane, author=facts["author"], origin=Origin.IMPORTED,
    )  # fmt: skip


def _label(one: Annotation | Measurement) -> str:
    return one.label if isinstance(one, Annotation) else ""


def _is_same(one: Annotation | Measurement, other: Annotation | Measurement) -> bool:
    """Whether two things are of one kind and label, and go through the same points."""
    return (
        (one.shape.kind, _label(one)) == (other.shape.kind, _label(other))
        and len(one.points_mm) == len(other.points_mm)
        and all(
            max(abs(a - b) for a, b in zip(here, there, strict=True)) <= _SAME_MM
            for here, there in zip(one.points_mm, other.points_mm, strict=True)
        )
    )


def beyond_of_plan(store: PlanStore, rounds: Mapping[int, str]) -> Iterator[AnswerChange | MeasurementChange]:
    """What the import says beyond images. rounds: of each reader of the plan."""
    for what, reader, text in store.sql.execute("SELECT what, reader, facts FROM taken_beyond ORDER BY seq"):
        facts = json.loads(text)
        if what == "answer":
            target = Target(kind=TargetKind(facts["target"]), target_id=facts["target_id"])
            after = value_in(facts["value"])
            yield AnswerChange(target=target, name=facts["name"], before=None, after=after, round_id=rounds[reader])
        if what != "measurement":
            continue
        line = Measurement(
            measurement_id=new_id(), image_id="", kind=facts["kind"],
            points_px=tuple((x, y) for x, y in facts["points_px"]), plane=plane_in(facts), author=facts["author"],
            round_id=rounds[reader],
        )  # fmt: skip
        yield MeasurementChange(before=None, after=line)


def shapes_of_plan(
    store: PlanStore, rounds: Mapping[int, str], objects: Mapping[tuple[int, str], str]
) -> Iterator[tuple[AnnotationChange, str]]:
    """What the import draws on planes, each with what it says of its object. objects: of `objects_of_plan`."""
    query = "SELECT reader, facts FROM taken_beyond WHERE what = 'shape' ORDER BY seq"
    for reader, text in store.sql.execute(query):
        facts = json.loads(text)
        plane = plane_in(facts)
        assert plane is not None, "what lies on a plane is kept with it"
        one = _made(facts, tuple((x, y) for x, y in facts["points_px"]), plane)
        assert isinstance(one, Annotation), "it has a label"
        object_id = objects.get((reader, facts["object_name"]), "")
        after = replace(one, round_id=rounds[reader], object_id=object_id)
        yield AnnotationChange(before=None, after=after), facts["answers"]


_ROWS = (
    "SELECT images.image_id, path, names.id, what, question, value, place, reader FROM beyond "
    f"{JOINS.format('beyond')} WHERE {HELD} ORDER BY rank, seq"
)
_PATIENT = (
    "SELECT patients.patient FROM patients JOIN images ON images.name = patients.name "
    "WHERE patients.patient <> '' AND image_id = ? ORDER BY seq"
)
_SOURCE = "SELECT source FROM sources JOIN images ON images.name = sources.name WHERE image_id = ?"
