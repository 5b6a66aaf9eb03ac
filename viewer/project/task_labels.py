"""What a task of each scope may be of: the labels of the catalogue, or the numbers that it asks of images."""

from collections.abc import Sequence
from typing import Protocol

from viewer.core.attributes import Attribute, numbers_of_images
from viewer.core.labels import Label
from viewer.project.combining import NUMBER


class Catalogue(Protocol):
    """The label catalogue of a project, or what of it is at hand."""

    @property
    def labels(self) -> Sequence[Label]: ...
    @property
    def attributes(self) -> Sequence[Attribute]: ...


def labels_to_learn(catalogue: Catalogue, scope: str) -> list[str]:
    """The names that a task of this scope may have, in the catalogue's order."""
    if scope == NUMBER:
        return [one.question for one in numbers_of_images(catalogue.attributes)]
    return [label.name for label in catalogue.labels if label.scope == scope]


def units_of(catalogue: Catalogue, names: Sequence[str]) -> dict[str, str]:
    """The units of those of the names that are numbers with one, as a snapshot's card keeps them."""
    return {
        one.question: one.unit for one in numbers_of_images(catalogue.attributes) if one.question in names and one.unit
    }
