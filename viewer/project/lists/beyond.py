"""What a project says of more than one image: of a series, a study, a patient, and on planes through a series.

A list of images writes it once, with the first of them that is of the series, the study or the patient.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from viewer.core.shapes.annotations import Annotation, Measurement
from viewer.core.values import Target, TargetKind, Value, patient_key
from viewer.project.answers import answers_of_shapes
from viewer.project.lists.planes import drawn_on_planes, measured_on_planes
from viewer.project.membership import chunks
from viewer.project.project import Project
from viewer.project.records import ImageRecord, NewImage
from viewer.project.store.schema import annotations, answers, measurements
from viewer.project.store.stored_values import value_of

WIDER = (TargetKind.SERIES, TargetKind.STUDY, TargetKind.PATIENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beyond:
    """What one reading says of the series, the study and the patient of an image, by the question, and has measured and
    drawn on planes through its series. of_objects: what is said of the objects drawn there, by key."""

    answers: Mapping[TargetKind, Mapping[str, Value]] = field(default_factory=dict)
    measured: tuple[Measurement, ...] = ()
    drawn: tuple[Annotation, ...] = ()
    of_objects: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """How many answers it has."""
        return sum(map(len, self.answers.values())) + sum(map(len, self.of_objects.values()))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said."""
        return not self.answered and not self.measured and not self.drawn


NOTHING = Beyond()


def targets_of(record: ImageRecord | NewImage) -> dict[TargetKind, Target]:
    """The series, the study and the patient of an image, as far as each is known."""
    found = {}
    if record.series_id:
        found[TargetKind.SERIES] = Target(kind=TargetKind.SERIES, target_id=record.series_id)
    if record.study_uid:
        found[TargetKind.STUDY] = Target(kind=TargetKind.STUDY, target_id=record.study_uid)
    if record.patient_id:
        key = patient_key(record.source, record.patient_id)
        found[TargetKind.PATIENT] = Target(kind=TargetKind.PATIENT, target_id=key)
    return found


class BeyondImages:
    """All of it in some rounds of a project, given out with the images that are written. Read once."""

    def __init__(self, project: Project, round_ids: Sequence[str]) -> None:
        self._answers: dict[Target, dict[str, dict[str, Value]]] = defaultdict(dict)
        self._measured: dict[str, dict[str, list[Measurement]]] = defaultdict(dict)
        self._drawn: dict[str, dict[str, list[Annotation]]] = defaultdict(dict)
        self._of_objects: dict[str, Mapping[str, Mapping[str, Value]]] = {}
        with project.database.reading() as connection:
            for some in chunks(round_ids):
                said = answers.c.target.in_([one.value for one in WIDER]) & answers.c.round_id.in_(some)
                for row in connection.execute(select(answers).where(said).order_by(answers.c.label)):
                    target = Target(kind=TargetKind(row.target), target_id=row.target_id)
                    self._answers[target].setdefault(row.round_id, {})[row.label] = value_of(row)
                for one in measured_on_planes(connection, measurements.c.round_id.in_(some)):
                    if one.plane is not None:
                        self._measured[one.plane.series_id].setdefault(one.round_id, []).append(one)
                drawn = drawn_on_planes(connection, annotations.c.round_id.in_(some))
                for shape in drawn:
                    if shape.plane is not None:
                        self._drawn[shape.plane.series_id].setdefault(shape.round_id, []).append(shape)
                self._of_objects |= answers_of_shapes(connection, drawn, some) if drawn else {}
        self._written: set[Target] = set()

    @property
    def has_answers(self) -> bool:
        """Whether anything is said of a series, a study or a patient."""
        return bool(self._answers)

    @property
    def has_planes(self) -> bool:
        """Whether anything is measured or drawn on a plane."""
        return bool(self._measured or self._drawn)

    def labels_through(self, record: ImageRecord) -> frozenset[str]:
        """The labels of what is drawn on planes through an image's series."""
        return frozenset(one.label for several in self._drawn.get(record.series_id, {}).values() for one in several)

    def of(self, record: ImageRecord) -> dict[str, Beyond]:
        """By round what goes with an image, of what no image before it was given."""
        if not self._answers and not self.has_planes:
            return {}
        said: dict[str, dict[TargetKind, Mapping[str, Value]]] = defaultdict(dict)
        for kind, target in targets_of(record).items():
            if target in self._answers and target not in self._written:
                for round_id, of in self._answers[target].items():
                    said[round_id][kind] = of
        series = targets_of(record).get(TargetKind.SERIES)
        is_first = series is not None and series not in self._written
        lies = self._measured.get(record.series_id, {}) if is_first else {}
        drawn = self._drawn.get(record.series_id, {}) if is_first else {}
        return {
            round_id: Beyond(
                answers=said.get(round_id, {}), measured=tuple(lies.get(round_id, ())),
                drawn=tuple(drawn.get(round_id, ())), of_objects=self._said_of(drawn.get(round_id, ()), round_id),
            )
            for round_id in dict.fromkeys([*said, *lies, *drawn])
        }  # fmt: skip

    def _said_of(self, drawn: Sequence[Annotation], round_id: str) -> dict[str, Mapping[str, Value]]:
        there = self._of_objects.get(round_id, {})
        return {one.object_key: there[one.object_key] for one in drawn if one.object_key in there}

    def given(self, record: ImageRecord) -> None:
        """The image was written with it."""
        self._written.update(targets_of(record).values())


def any_answered(project: Project, round_ids: Sequence[str]) -> bool:
    """Whether a question of an image or an object is answered in any of these rounds; whole-image labels are none."""
    narrow = (answers.c.target == TargetKind.OBJECT.value) | (
        (answers.c.target == TargetKind.IMAGE.value) & (answers.c.kind != "verdict")
    )
    with project.database.reading() as connection:
        return any(
            connection.execute(select(answers.c.label).where(narrow, answers.c.round_id.in_(some)).limit(1)).first()
            for some in chunks(round_ids)
        )
