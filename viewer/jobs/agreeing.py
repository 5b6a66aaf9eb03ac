"""How far the models of several runs answer alike on their test cases, each two of them. No torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ml.evaluation.agreeing.two_answers import Agreed, agreement
from ml.evaluation.two_reports import same_cases
from ml.recipe import Recipe
from ml.report_job import REPORT_FOLDER
from viewer.core.errors import AppError, BadRequest
from viewer.jobs.runs import RunState

NONE = "No agreement of {} and {}: {}."


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeingRuns:
    """first, second: the runs. agreed: None where it cannot be told; said: it in sentences, or that it cannot be.
    why: it cannot be, as the end of a sentence."""

    first: RunState
    second: RunState
    said: str
    agreed: Agreed | None = None
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """For the command line."""
        head = {"runs": [self.first.run_id, self.second.run_id], "sentence": self.said}
        return head if self.agreed is None else {**self.agreed.to_json(), **head}


def agreement_of_runs(
    runs: Sequence[RunState], documents: Sequence[dict[str, Any] | None], said: dict[str, str]
) -> tuple[AgreeingRuns, ...]:  # fmt: skip
    """Each two of them. documents: of their reports, None of none. said: of a run by its id, why it has none."""
    return tuple(
        _pair((first, second), (one, other), said)
        for (first, one), (second, other) in combinations(zip(runs, documents, strict=True), 2)
    )


def _pair(
    runs: tuple[RunState, RunState], documents: tuple[dict[str, Any] | None, dict[str, Any] | None],
    said: dict[str, str],
) -> AgreeingRuns:  # fmt: skip
    first, second = runs
    names = first.run_id[-4:], second.run_id[-4:]
    try:
        for run, document, name in zip(runs, documents, names, strict=True):
            if document is None:
                raise BadRequest(said.get(run.run_id) or f"{name} is not judged on the test part yet")
        if any(first.recipe.get(key) != second.recipe.get(key) for key in ("task", "kind", "labels", "exclusive")):
            raise BadRequest("the two answer different tasks")
        recipe = Recipe.from_json(first.recipe)
        there = [document for document in documents if document is not None]
        cases = same_cases(recipe.kind, [run.folder / REPORT_FOLDER for run in runs], there, names=names)
        agreed = agreement(*cases, exclusive=recipe.exclusive, names=names)
    except AppError as error:
        why = str(error).removesuffix(".")
        return AgreeingRuns(first=first, second=second, said=NONE.format(*names, why), why=why)
    return AgreeingRuns(
        first=first, second=second, agreed=agreed, said=" ".join(filter(None, (agreed.said, agreed.note)))
    )
