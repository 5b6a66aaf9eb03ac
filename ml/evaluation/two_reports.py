"""Two reports compared by the figure that decides: on the same cases with the same truth, or not at all.

Loads no torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ml.evaluation.comparing import BETTER, NONE, UNCLEAR, WORSE, difference, verdict
from ml.evaluation.kept_cases import AGAIN, CASES_FILE, KeptCases, read_cases
from ml.evaluation.leaving_out import Groups
from ml.evaluation.measures import Measure
from ml.metric_words import metric_title, number_text
from ml.tasks.task import learnt
from viewer.core.errors import BadFile, BadRequest
from viewer.core.text.counting import counted

# A figure has three digits; scores are kept with six.
ROUNDED = 1e-3
MOST_NAMED = 3
NOT_COMPARED = "No comparison: {}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Whether the second is better by the figure that decides. said: the sentence. gap: second minus first, as
    `Figure.to_json`; None where the two are not compared. apart: they are not, for they are judged on two snapshots."""

    said: str
    verdict: str = NONE
    gap: Mapping[str, Any] | None = None
    apart: bool = False


class ApartError(BadRequest):
    """Two reports hold other cases, or other truth of them."""


def compare_reports(
    kind: str, folders: Sequence[Path], documents: Sequence[Mapping[str, Any]], *, exclusive: bool,
    names: Sequence[str],
) -> Compared:  # fmt: skip
    """folders, documents, names: of the two reports. Raises BadFile where a table is not that of its figures."""
    try:
        return _compare(kind, folders, documents, exclusive=exclusive, names=names)
    except ApartError as why:
        apart = documents[0]["snapshot"] != documents[1]["snapshot"]
        return Compared(said=NOT_COMPARED.format(why), apart=apart)
    except BadRequest as why:
        return Compared(said=NOT_COMPARED.format(why))


def _compare(
    kind: str, folders: Sequence[Path], documents: Sequence[Mapping[str, Any]], *, exclusive: bool,
    names: Sequence[str],
) -> Compared:  # fmt: skip
    if len({document["decides"] for document in documents}) > 1:
        raise BadRequest("the two are judged by different figures")
    figure = str(documents[0]["decides"])
    first, second = same_cases(kind, folders, documents, names=names)
    measures = [
        _checked(kind, cases, document["answers"]["model"].get(figure) or {}, folder, exclusive=exclusive)
        for cases, document, folder in zip((first, second), documents, folders, strict=True)
    ]
    gap = difference(measures[0], measures[1], Groups.of(first.patients)).to_json()
    found = verdict(gap, figure=figure)
    on = f"on the same {counted(len(first.images), 'case')} of {counted(len(set(first.patients)), 'patient')}"
    if found == NONE:
        raise BadRequest(str(gap["why"] or "the difference has no interval"))
    apart = f"{number_text(gap['value'])} ({number_text(gap['low'])} to {number_text(gap['high'])})"
    less = f"{names[1]} less {names[0]} is"
    words = {
        BETTER: f"{names[1]} is better than {names[0]} by {metric_title(figure)} {on}: {less} {apart}.",
        WORSE: f"{names[1]} is worse than {names[0]} by {metric_title(figure)} {on}: {less} {apart}.",
        UNCLEAR: f"By {metric_title(figure)} there is no clear difference {on}: {less} {apart}, which holds 0.",
    }
    return Compared(said=words[found], verdict=found, gap=gap)


def same_cases(
    kind: str, folders: Sequence[Path], documents: Sequence[Mapping[str, Any]], *, names: Sequence[str]
) -> tuple[KeptCases, KeptCases]:  # fmt: skip
    """The tables of two reports, where these are of the same cases with the same truth, unseen by either model.

    Raises BadRequest, of it ApartError where they are of others; BadFile where a table cannot be read.
    """
    for document, name in zip(documents, names, strict=True):
        if document["seen"]["mark"]:
            raise BadRequest(f"{name} has seen cases that it is judged on")
    drawn = learnt(kind).keeps_masks or learnt(kind).keeps_boxes  # a table of cases does not hold what was drawn
    if drawn and documents[0]["snapshot"] != documents[1]["snapshot"]:
        raise ApartError("the two are judged on two snapshots, between which shapes may have been drawn anew")
    first, second = (read_cases(folder) for folder in folders)
    _check_same(first, second)
    return first, second


def _check_same(first: KeptCases, second: KeptCases) -> None:
    """Raises ApartError where two tables are of other cases, or hold other truth of them."""
    apart = set(first.images) ^ set(second.images)
    if apart:
        raise ApartError(f"the two are not judged on the same test cases, {counted(len(apart), 'image')} in one only")
    if first.patients != second.patients:
        raise ApartError("the two name other patients for the same cases")
    if first.folds.tolist() != second.folds.tolist():
        raise ApartError("the two have other folds")
    other = [
        second.files[place] or second.images[place]
        for place, (a, b) in enumerate(zip(first.truth, second.truth, strict=True))
        if a != b
    ]
    if other:
        told = ", ".join(other[:MOST_NAMED]) + (f" and {len(other) - MOST_NAMED} more" if other[MOST_NAMED:] else "")
        raise ApartError(f"the labels of {counted(len(other), 'test case')} were changed between the two ({told})")


def _checked(kind: str, cases: KeptCases, figure: Mapping[str, Any], folder: Path, *, exclusive: bool) -> Measure:
    """The figure that decides. Raises BadFile where a table does not give what its report tells of it."""
    said, value = figure.get("value"), float("nan")
    try:
        measure = learnt(kind).decides(cases, exclusive=exclusive)
        if cases.images:
            value = float(measure.values(np.ones((1, len(cases.images))))[0])
    except ValueError as error:  # a word where its kind writes a number
        raise BadFile(f"{folder / CASES_FILE} is no table of cases; {AGAIN}.") from error
    if (said is None and np.isfinite(value)) or (
        said is not None and not abs(value - said) <= ROUNDED * max(1.0, abs(said))
    ):
        raise BadFile(f"{folder / CASES_FILE} is not the table of the figures beside it; {AGAIN}.")
    return measure
