"""A kind of task that the program does not know: grades of an image, in order, of which the one said is a mean.

Its two rows stand here and nowhere else; `test_a_kind_of_its_own` puts them into the registries.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.card import Card, NumberScale
from ml.data.batches import Batch, ImageData
from ml.data.preprocess import Inverse
from ml.data.targets import Item, TaskFacts, label_rows
from ml.evaluation.case_tables import CaseTable, Told, cases_table
from ml.evaluation.control_rows.seen import Learnt
from ml.evaluation.curves import Curve
from ml.evaluation.kept_cases import KeptCases
from ml.evaluation.measures import Measure, Share
from ml.evaluation.outcome import CaseRow, Outcome
from ml.evaluation.predicting import network_numbers
from ml.explain.score import Score
from ml.inference.outputs import Found, proposal_id
from ml.recipe import Recipe
from ml.tasks.outputs import MODEL, Ints, Tell
from ml.training.objective import Validation
from viewer.core.deciding import Decides
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import Proposal
from viewer.core.task_kinds.kind import ItemSays, Said, Taken

NAME = "grading"
STEPS = "grades"  # what its heatmap counts


class Grading:
    """`viewer.core.task_kinds.kind.TaskKind`: exactly one grade is said of an image."""

    name = NAME
    word = "Grading"
    help = "Grades in their order."
    access_key = "a"
    first_name = "Grades"
    scope = "image"
    can_exclude = True
    each_alone = False
    asks_exclusive = False
    must_show = ""
    asked = "of each image its grade of {labels}"

    def least_labels(self, *, exclusive: bool) -> int:
        return 3

    def decides(self, labels: Sequence[str], *, exclusive: bool) -> Decides:
        return Decides.HIGHEST

    def take(self, labels: Sequence[str], said: Said, *, exclusive: bool) -> Taken:
        yes = [label for label in labels if said.verdicts.get(label) is Verdict.YES]
        if len(yes) != 1:
            return Taken(left_out="no single grade")
        return Taken(labels={label: Verdict.YES if label == yes[0] else Verdict.NO for label in labels})

    def strata(self, item: ItemSays, labels: Sequence[str]) -> tuple[str, ...]:
        return tuple(label for label in labels if item.labels[label] is Verdict.YES)

    def counts(self, items: Sequence[ItemSays], labels: Sequence[str]) -> dict[str, Any]:
        return {"instances": {label: sum(item.labels[label] is Verdict.YES for item in items) for label in labels}}

    def how_words(self, *, exclusive: bool) -> str:
        return "in this order:"

    def task_words(self, labels: Sequence[str], *, exclusive: bool) -> str:
        return f"grading from {labels[0]} to {labels[-1]}"


class LearntGrading:
    """`ml.tasks.task.LearntTask`."""

    networks = "classification"
    outputs = "tests.ml.grading:OUTPUTS"
    defaults: Mapping[str, Any] = MappingProxyType({"epochs": 2})
    keeps_masks = False
    keeps_boxes = False
    fp32_on_cpu = ""

    def targets(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.float32]:
        return label_rows(items, task)

    def useful(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.bool_]:
        return np.ones(len(items), np.bool_)

    def shown(self, items: Sequence[Item], task: TaskFacts) -> NDArray[np.float64]:
        return label_rows(items, task).astype(np.float64)

    def uses(self, setting: str, recipe: Recipe) -> bool:
        return False

    def checks(self, recipe: Recipe, train: Sequence[Item], val: Sequence[Item]) -> tuple[list[str], list[str]]:
        return [], ["Grades are no measurement."]

    def decides(self, cases: KeptCases, *, exclusive: bool) -> Measure:
        return Share(top=(cases.score[:, 0] < 0.5).astype(float), bottom=np.ones(len(cases.images)), counted=True)


def mean_grade(outputs: Tensor) -> Tensor:
    """(image,) from 0. outputs: (image, grade)."""
    return torch.softmax(outputs.float(), dim=1) @ torch.arange(outputs.shape[1], dtype=torch.float32)


class GradeObjective:
    """`ml.training.objective.Objective`: the squared distance in grades."""

    metric = "agreement"

    def __init__(self) -> None:
        self.scales: dict[str, NumberScale] = {}

    def loss(self, network: nn.Module, batch: Batch) -> Tensor:
        return ((mean_grade(network(batch.images)) - batch.labels.argmax(dim=1)) ** 2).mean()

    def validate(self, network: nn.Module, data: ImageData, rows: Ints, batch_size: int) -> Validation:
        grades = mean_grade(network(data.exact_batch(rows).images)).numpy()
        off = np.abs(grades - data.labels[rows].argmax(axis=1))
        agreement = float((off < 0.5).mean())
        return Validation(
            loss=float((off**2).mean()), metrics={"agreement": agreement}, score=-float(off.mean()), threshold=0.5
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GradeOutcome(Outcome):
    """truth, grades: (case,)."""

    truth: NDArray[np.float64]
    grades: NDArray[np.float64]
    labels: tuple[str, ...]
    primary: str = "agreement"

    def measures(self) -> dict[str, Measure]:
        off = np.abs(self.grades - self.truth)
        every = np.ones(len(off))
        return {
            "agreement": Share(top=(off < 0.5).astype(float), bottom=every, counted=True),
            "grades off": Share(top=off, bottom=every),
        }

    def rows(self) -> list[list[CaseRow]]:
        pairs = zip(self.truth.tolist(), self.grades.tolist(), strict=True)
        return [
            [CaseRow(label="grade", score=abs(truth - grade), truth=self.labels[int(truth)], answer=f"{grade:.2f}")]
            for truth, grade in pairs
        ]

    def tables(self, names: Sequence[str]) -> tuple[CaseTable, ...]:
        told = [
            Told(cells=(name, row.truth, row.answer), wrong=False, place=-(row.score or 0.0))
            for name, (row,) in zip(names, self.rows(), strict=True)
        ]
        return (cases_table(("Case", "Truth", "Answer"), told, title="Grades", note="The furthest off first."),)

    def curves(self) -> tuple[Curve, ...]:
        return ()


class GradingOutputs:
    """`ml.tasks.outputs.TaskOutputs`."""

    def objective(self, recipe: Recipe, data: ImageData, train_rows: Ints) -> GradeObjective:
        return GradeObjective()

    def found(
        self, network: nn.Module, images: Tensor, inverse: Inverse, card: Card, image_id: str, prediction_id: str
    ) -> Found:
        scores = dict(zip(card.labels, torch.softmax(network(images)[0], dim=0).tolist(), strict=True))
        proposals = tuple(
            Proposal(
                proposal_id=proposal_id(prediction_id, label, 0), prediction_id=prediction_id, image_id=image_id,
                label=label, score=score,
            )
            for label, score in scores.items()
        )  # fmt: skip
        return Found(scores=scores, proposals=proposals)

    def judge(
        self, network: nn.Module, data: ImageData, rows: Ints, learnt: Learnt, card: Card, *, run: str, tell: Tell
    ) -> dict[str, Any]:
        truth = data.labels.argmax(axis=1).astype(np.float64)
        grades = mean_grade(torch.from_numpy(network_numbers(network, data, rows))).numpy().astype(np.float64)
        middle = np.full(len(rows), np.median(truth[learnt.fit]))
        return {MODEL: (truth[rows], grades), "the middle grade": (truth[rows], middle)}

    def outcome(self, card: Card, answers: Sequence[Any], folds: Ints) -> Outcome:
        truth, grades = (np.concatenate(part) for part in zip(*answers, strict=True))
        return GradeOutcome(truth=truth, grades=grades, labels=card.labels)

    def notes(self, outcome: Outcome) -> list[str]:
        return ["A grade is a judgement."]

    def score(self, card: Card, network: nn.Module, label: str) -> Score:
        index = card.labels.index(label)
        return lambda net, images: net(images)[0, index]

    def score_unit(self, card: Card, label: str) -> str:
        return STEPS


GRADING, LEARNT_GRADING, OUTPUTS = Grading(), LearntGrading(), GradingOutputs()
