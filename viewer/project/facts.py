"""What a rule about labels and proposals may ask of a project: the project itself answers, or what of it is at hand."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from viewer.core.attributes import Attribute
from viewer.core.labels import Label, Verdict
from viewer.core.shapes.annotations import Annotation
from viewer.core.values import Value
from viewer.project.records import ImageRecord, Task


class TaskFacts(Protocol):
    """The tasks of a project."""

    def all(self) -> list[Task]:
        """Every task, by name."""


class ImageFacts(Protocol):
    """The images of a project."""

    def get(self, image_id: str) -> ImageRecord:
        """One image. Raises NotFound."""


class WorkFacts(Protocol):
    """What is on them."""

    def annotations(self, image_id: str) -> tuple[Annotation, ...]:
        """In the order of their first drawing."""

    def image_labels(self, image_id: str) -> dict[str, Verdict]:
        """What was said of the whole image."""


class AnswerFacts(Protocol):
    """What is said of images."""

    def answers(self, image_id: str) -> Mapping[str, Value]:
        """By the question's name."""


class NumberFacts(Protocol):
    """What taking a number needs of a project. attributes: what the catalogue asks for."""

    @property
    def attributes(self) -> Sequence[Attribute]: ...
    @property
    def work(self) -> AnswerFacts: ...


class ProjectFacts(Protocol):
    """author: who decides where nobody else is named. labels: the catalogue."""

    @property
    def author(self) -> str: ...
    @property
    def labels(self) -> Sequence[Label]: ...
    @property
    def tasks(self) -> TaskFacts: ...
    @property
    def images(self) -> ImageFacts: ...
    @property
    def work(self) -> WorkFacts: ...

    def called_now(self, scope: str, name: str) -> str:
        """What a label is called now that was called so once; the name itself where none was."""
