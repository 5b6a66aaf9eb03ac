"""What several readers drew on planes through volumes, taken together by the rule that takes their images.

Readers choose their planes: what one drew on this plane another may have drawn on the next one, or on slices. Nothing
compares those, so wherever it would decide whether a thing is there, its label is unknown.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.on_one_plane import on_one_plane, shared_on_plane
from viewer.core.values import Value
from viewer.project.answers import answers_of_shapes
from viewer.project.combining import Combined, same_objects
from viewer.project.lists.planes import drawn_on_planes
from viewer.project.membership import chunks
from viewer.project.project import Project
from viewer.project.readings import Round
from viewer.project.store.schema import annotations, case_images, images

OfObjects = Mapping[str, Mapping[str, Value]]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPlanes:
    """What stands on planes through a series. of_objects: what is said of its objects, by key. unknown: the labels of
    which nothing stands; unlike: the questions. shapes: how many were drawn of what stands or is unknown, by label."""

    drawn: tuple[Annotation, ...] = ()
    of_objects: OfObjects = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    unlike: frozenset[str] = frozenset()
    shapes: Mapping[str, int] = field(default_factory=dict)

    @property
    def labels(self) -> frozenset[str]:
        """The labels of what stands."""
        return frozenset(one.label for one in self.drawn)

    @property
    def differ(self) -> frozenset[str]:
        """The labels and questions that readers differ in."""
        return self.unknown | self.unlike


_NOTHING = OnPlanes()


class CombinedPlanes:
    """What a rule takes on planes, by series. Read once."""

    def __init__(self, project: Project, combined: Combined) -> None:
        self._combined = combined
        self._found: dict[str, OnPlanes] = {}
        drawn: dict[str, dict[str, list[Annotation]]] = defaultdict(lambda: defaultdict(list))
        said: dict[str, OfObjects] = {}
        with project.database.reading() as connection:
            for some in chunks(combined.round_ids):
                there = drawn_on_planes(connection, annotations.c.round_id.in_(some))
                for one in there:
                    assert one.plane is not None, "it was asked for by its plane"
                    drawn[one.plane.series_id][one.round_id].append(one)
                said |= answers_of_shapes(connection, there, some) if there else {}
            cases: dict[str, set[str]] = defaultdict(set)
            on_slices: set[tuple[str, str, str]] = set()  # series, round, label
            for some in chunks(list(drawn)):
                held = select(images.c.series_id, case_images.c.case_id).where(images.c.series_id.in_(some))
                held = held.join(case_images, case_images.c.image_id == images.c.image_id)
                for series_id, case_id in connection.execute(held.where(~images.c.taken_out).distinct()):
                    cases[series_id].add(case_id)
                slices = select(images.c.series_id, annotations.c.round_id, annotations.c.label).where(
                    images.c.series_id.in_(some), ~images.c.taken_out
                )
                slices = slices.join(annotations, annotations.c.image_id == images.c.image_id).distinct()
                on_slices.update((row.series_id, row.round_id, row.label) for row in connection.execute(slices))
        for series_id, of in drawn.items():
            rounds = combined.rounds_of(*cases[series_id])
            marked = {
                one: {label for s, r, label in on_slices if (s, r) == (series_id, one.round_id)} for one in rounds
            }
            self._found[series_id] = self._taken(rounds, of, said, marked)

    @property
    def series(self) -> list[str]:
        """The series on planes through which anything is drawn."""
        return list(self._found)

    def through(self, series_id: str) -> OnPlanes:
        """What stands on planes through a series: of the readings that count for any of its cases."""
        return self._found.get(series_id, _NOTHING)

    def _taken(
        self,
        rounds: Sequence[Round],
        of: Mapping[str, list[Annotation]],
        said: Mapping[str, OfObjects],
        marked: Mapping[Round, set[str]],
    ) -> OnPlanes:
        """of, said: by round. marked: the labels of what each reader drew on slices of the series."""
        taken = [of.get(one.round_id, []) for one in rounds]
        several = same_objects(taken, shared_on_plane)
        there = [self._is_there(found, several, rounds, marked) for found in several]
        unknown = {found[0].label for found, is_there in zip(several, there) if is_there is None}
        stand, unlike, of_objects = [], set[str](), {}
        shapes: dict[str, int] = defaultdict(int)
        for found, is_there in zip(several, there, strict=True):
            first = found[0]
            if first.label in unknown or is_there:
                shapes[first.label] += len(found)
            if first.label in unknown or not is_there:
                continue
            stand.append(first)
            answered = [said.get(one.round_id, {}).get(one.object_key, {}) for one in found]
            if any(answered):
                of_objects[first.object_key], others = self._combined.answers_settled(answered)
                unlike |= others
        return OnPlanes(
            drawn=tuple(stand), of_objects=of_objects, unknown=frozenset(unknown), unlike=frozenset(unlike),
            shapes=dict(shapes),
        )  # fmt: skip

    def _is_there(
        self,
        found: Sequence[Annotation],
        several: Sequence[Sequence[Annotation]],
        rounds: Sequence[Round],
        marked: Mapping[Round, set[str]],
    ) -> bool | None:
        """Whether what these shapes are of is there. It is not known either where it hangs on a reader who drew the
        label where nothing is compared with it."""
        keys = {one.round_id: one.object_key for one in found}
        have, may_have, label = len(found), 0, found[0].label
        asked = [one for one in rounds if one.round_id not in keys]
        if self._combined.is_there(have, len(rounds)) is self._combined.is_there(len(rounds), len(rounds)):
            asked = []  # the others change nothing
        for one in asked:
            elsewhere = [
                (shape, other) for other in several for shape in other
                if shape.round_id == one.round_id and shape.label == label and not on_one_plane(shape, found[0])
            ]  # fmt: skip
            same = [
                [keys[known.round_id] == known.object_key for known in other if known.round_id in keys]
                for _, other in elsewhere
            ]  # of who found this: whether what the reader drew elsewhere is this object of theirs, where they say so
            if any(map(any, same)):
                have += 1
            elif label in marked[one] or not all(same):
                may_have += 1
        least, most = (self._combined.is_there(count, len(rounds)) for count in (have, have + may_have))
        return least if least is most else None
