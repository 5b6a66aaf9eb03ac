"""What a model says under the names that the catalogue has for its labels now.

A model keeps the names that it was trained with. Whatever lists, draws or counts its answers takes them from here, so
that a label which was renamed since stands under one name everywhere; what the model is asked keeps its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from viewer.core.deciding import DecisionRule
from viewer.core.shapes.annotations import Prediction
from viewer.core.task_kinds.kind import task_kind
from viewer.core.text.titles import name_title

if TYPE_CHECKING:
    from viewer.ui.state.session import Session


class Called(Protocol):
    """(kind of task, the model's label) to what it is called now; and what a model is called."""

    def __call__(self, kind: str, label: str, /) -> str:
        """The name; the model's own where it has no other."""

    def model(self, name: str, /) -> str:
        """The title of the model that answers name."""


class ToldApart(Protocol):
    """Whatever tells labels apart: a model that may be asked."""

    @property
    def kind(self) -> str:
        """Of its task."""

    @property
    def labels(self) -> tuple[str, ...]:
        """In the order of its outputs."""


class AsItIs:
    """`Called` without a project."""

    def __call__(self, _kind: str, label: str) -> str:
        """The model's own name."""
        return label

    def model(self, name: str) -> str:
        """The title that the name alone gives."""
        return name_title(name)


as_it_is = AsItIs()


class PresentNames:
    """`Called` of the open project."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def __call__(self, kind: str, label: str) -> str:
        """What the catalogue calls a label now that a model of this kind of task was trained with."""
        from viewer.project.deciding_proposals import name_now

        return name_now(self._session.at_hand, task_kind(kind).scope, label)

    def model(self, name: str) -> str:
        """A run by its task, as the project writes it, and its digits: as the list of models has it."""
        return name_title(name, [task.name for task in self._session.at_hand.tasks.all()])


def as_called(prediction: Prediction, called: Called) -> Prediction:
    """An answer with every label under its present name; itself where none was renamed."""
    names = _present(prediction.kind, _labels_of(prediction), called)
    if not names:
        return prediction
    return replace(
        prediction,
        labels=tuple(names.get(label, label) for label in prediction.labels),
        scores={names.get(label, label): score for label, score in prediction.scores.items()},
        numbers={names.get(label, label): number for label, number in prediction.numbers.items()},
        proposals=tuple(replace(one, label=names.get(one.label, one.label)) for one in prediction.proposals),
    )


def labels_as_called(kind: str, labels: Sequence[str], called: Called) -> tuple[str, ...]:
    """A model's labels under their present names, in their order. kind: of its task."""
    names = _present(kind, labels, called)
    return tuple(names.get(label, label) for label in labels)


def rule_as_called(kind: str, rule: DecisionRule, called: Called) -> DecisionRule:
    """How a model decides, under the present names of its labels."""
    return replace(rule, labels=labels_as_called(kind, rule.labels, called))


def first_explained(prediction: Prediction | None, labels: Sequence[str], called: Called) -> str:
    """The one of a model's labels that is explained first: what an answer (as called now) says; before one, its first.

    "" without labels. The model knows it under the name that is returned.
    """
    if prediction is None:
        return next(iter(labels), "")
    own = dict(zip(labels_as_called(prediction.kind, labels, called), labels, strict=True))
    return own.get(prediction.first_label(tuple(own)), "")


def explained_name(model: ToldApart | None, label: str, called: Called) -> str:
    """What a class that a model explains is called now."""
    if model is None:
        return label
    names = labels_as_called(model.kind, model.labels, called)
    return dict(zip(model.labels, names, strict=True)).get(label, label)


def _labels_of(prediction: Prediction) -> tuple[str, ...]:
    return (*prediction.labels, *prediction.scores, *prediction.numbers, *(one.label for one in prediction.proposals))


def _present(kind: str, labels: Iterable[str], called: Called) -> dict[str, str]:
    """The labels that are called otherwise now. Two that would come to one name keep theirs: they are told apart."""
    own = list(dict.fromkeys(labels))
    now = [called(kind, label) for label in own]
    return {
        label: name
        for label, name in zip(own, now, strict=True)
        if name != label and name not in own and now.count(name) == 1
    }
