"""The objects of a case that is at hand: which shapes are one, on how many images, and the how-manieth of its label."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewer.core.shapes.annotations import Annotation
from viewer.core.shapes.objects import UNSAID, ObjectNote
from viewer.core.text.counting import counted
from viewer.project.at_hand.values import AtHand, ImageAtHand

if TYPE_CHECKING:
    from viewer.project.objects.listing import LinkedObject


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectAtHand:
    """One object. shapes: in the order of the case's images. number, of: the how-manieth of its label, of how many, in
    the order of their first drawing. note: what is said of it. linked: the objects of other cases that are one with it.
    planes: on how many planes through volumes it lies beside.
    """

    key: str
    label: str
    shapes: tuple[Annotation, ...]
    number: int
    of: int
    note: ObjectNote = UNSAID
    linked: "tuple[LinkedObject, ...]" = ()
    planes: int = 0

    @property
    def is_of_several(self) -> bool:
        """Whether it has several shapes, on images or on planes."""
        return len(self.shapes) + self.planes > 1

    @property
    def image_ids(self) -> tuple[str, ...]:
        """The images that it lies on, each once."""
        return tuple(dict.fromkeys(one.image_id for one in self.shapes))

    @property
    def name(self) -> str:
        """Its label; with its number where several objects of the case bear it."""
        return self.label if self.of < 2 else f"{self.label} {self.number}"

    @property
    def slices(self) -> str:
        """On how many images and planes it lies: "5 slices", "1 slice and 1 plane"; "" where on one."""
        count = len(self.image_ids)
        if self.planes:
            return f"{counted(count, 'slice')} and {counted(self.planes, 'plane')}"
        return f"{count} slices" if count > 1 else ""

    @property
    def said(self) -> str:
        """What is said of it, in words: "in question · as in 2024-03-01"; "" where nothing is."""
        places = ", ".join(dict.fromkeys(one.place for one in self.linked))
        return " · ".join(part for part in (self.note.words, f"as in {places}" if places else "") if part)


def held_of(at_hand: AtHand, case_id: str) -> list[ImageAtHand]:
    """The images of a case that are at hand."""
    case = at_hand.cases.at_hand(case_id)
    if case is not None:
        return [at_hand.held[one.image_id] for one in case.images if one.image_id in at_hand.held]
    return [one for one in at_hand.held.values() if one.record is not None and one.record.case_id == case_id]


def objects_of(at_hand: AtHand, case_id: str) -> Mapping[str, ObjectAtHand]:
    """The objects of a case by their keys; of a case that is not at hand, as far as its images are."""
    case, held = at_hand.cases.at_hand(case_id), held_of(at_hand, case_id)
    shapes: dict[str, list[Annotation]] = defaultdict(list)
    first: dict[str, int] = {}
    notes: dict[str, ObjectNote] = {}
    linked: dict[str, tuple[LinkedObject, ...]] = {}
    for image in held:
        notes |= image.notes
        linked |= image.linked
        for annotation, place in zip(image.annotations, image.drawn, strict=True):
            key = annotation.object_key
            shapes[key].append(annotation)
            first[key] = min(place, first.get(key, place))
    lying = () if case is None else case.on_planes
    planes = {(one.object_key, one.plane) for one in lying if isinstance(one, Annotation)}
    on_planes = Counter(key for key, _ in planes)
    found: dict[str, ObjectAtHand] = {}
    by_label: dict[str, list[str]] = defaultdict(list)
    for key in sorted(shapes, key=first.__getitem__):
        by_label[shapes[key][0].label].append(key)
    for label, keys in by_label.items():
        for number, key in enumerate(keys, start=1):
            found[key] = ObjectAtHand(
                key=key, label=label, shapes=tuple(shapes[key]), number=number, of=len(keys),
                note=notes.get(key, UNSAID), linked=linked.get(key, ()), planes=on_planes[key],
            )  # fmt: skip
    return found
