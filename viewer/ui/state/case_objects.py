"""What the window knows of objects over several images: of which object a shape is, and on which slices that lies."""

from collections.abc import Mapping
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
        self._counted: tuple[AtHand, str, Mapping[str, ObjectAtHand]] | None = None

    def of_case(self, case_id: str) -> "Mapping[str, ObjectAtHand]":
        """Every object of a case by its key; what is not at hand of it is brought, and `work_arrived` follows."""
        from viewer.project.at_hand.objects import objects_of

        at_hand = self._keeping.at_hand
        if at_hand.cases.at_hand(case_id) is None and at_hand.cases.has(case_id):
            self._keeping.bring(case_ids=[case_id])
        counted = self._counted
        if counted is None or counted[0] is not at_hand or counted[1] != case_id:
            counted = self._counted = (at_hand, case_id, objects_of(at_hand, case_id))
        return counted[2]

    def of_shape(self, annotation: "Annotation") -> "ObjectAtHand | None":
        """The object that a shape is of; None where its image is not at hand."""
        record = self._keeping.at_hand.images.find(annotation.image_id)
        return None if record is None else self.of_case(record.case_id).get(annotation.object_key)

    def places(self, series: "Series") -> dict[str, int]:
        """The images of the project in a series, each with its index in it."""
        places = {(ref.path, ref.frame_index): index for index, ref in enumerate(series.frames)}
        found = {}
        for image_id, held in self._keeping.at_hand.held.items():
            index = None if held.record is None else places.get((held.record.path, held.record.frame_index))
            if index is not None:
                found[image_id] = index
        return found
