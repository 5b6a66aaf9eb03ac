"""What the window knows of objects over several images: of which object a shape is, and on which slices that lies."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viewer.core.shapes.annotations import Annotation
    from viewer.project.at_hand.objects import ObjectAtHand
    from viewer.project.at_hand.values import AtHand
    from viewer.reading.series import Series
    from viewer.ui.state.keeping import Keeping


class CaseObjects:
    """The objects of cases that are looked at, counted once for each state of what is at hand."""

    def __init__(self, keeping: "Keeping") -> None:
        self._keeping = keeping
        self._seen: tuple[AtHand, str] | None = None
        self._made_of: tuple[object, ...] = ()  # the images of the case and what lies on planes, as they were counted
        self._counted: Mapping[str, ObjectAtHand] = {}

    def of_case(self, case_id: str) -> "Mapping[str, ObjectAtHand]":
        """Every object of a case by its key; what is not at hand of it is brought, and `work_arrived` follows."""
        from viewer.project.at_hand.objects import held_of, objects_of

        at_hand = self._keeping.at_hand
        if at_hand.cases.at_hand(case_id) is None and at_hand.cases.has(case_id):
            self._keeping.bring(case_ids=[case_id])
        seen = self._seen
        if seen is None or seen[0] is not at_hand or seen[1] != case_id:
            self._seen = (at_hand, case_id)
            made_of = (case_id, at_hand.cases.at_hand(case_id), *held_of(at_hand, case_id))
            if not _are_same(made_of, self._made_of):  # most of what arrives is of other cases
                self._made_of, self._counted = made_of, objects_of(at_hand, case_id)
        return self._counted

    def of_shape(self, annotation: "Annotation") -> "ObjectAtHand | None":
        """The object that a shape is of; None where its image is not at hand."""
        record = self._keeping.at_hand.images.find(annotation.image_id)
        return None if record is None else self.of_case(record.case_id).get(annotation.object_key)

    def of_shapes(self, annotations: "Sequence[Annotation]") -> "dict[str, ObjectAtHand]":
        """The objects that the shapes of one image are of, by the shapes' ids."""
        record = self._keeping.at_hand.images.find(annotations[0].image_id) if annotations else None
        objects = {} if record is None else self.of_case(record.case_id)
        return {one.annotation_id: objects[one.object_key] for one in annotations if one.object_key in objects}

    def places(self, series: "Series") -> dict[str, int]:
        """The images of the project in a series, each with its index in it."""
        places = {(ref.path, ref.frame_index): index for index, ref in enumerate(series.frames)}
        found = {}
        for image_id, held in self._keeping.at_hand.held.items():
            index = None if held.record is None else places.get((held.record.path, held.record.frame_index))
            if index is not None:
                found[image_id] = index
        return found


def _are_same(made_of: tuple[object, ...], before: tuple[object, ...]) -> bool:
    """Whether both are of these very things, which never change and are held as long as they are compared."""
    return len(made_of) == len(before) and all(map(_is, made_of, before))


def _is(one: object, other: object) -> bool:
    return one is other or (isinstance(one, str) and one == other)
