"""How far two answer alike on the same cases, whoever is right: two models, or two readings of the same images.

What a table of cases holds says what can be told: labels have their kappa; of boxes and masks only whether there is any
is in it, of numbers the difference. Loads no torch.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

from ml.evaluation.figures.agreement import (
    LIMIT_HIGH,
    LIMIT_LOW,
    agreement_limits,
    kappa_columns,
    kappa_of_sums,
)
from ml.evaluation.intervals import Figure
from ml.evaluation.kept_cases import KeptCases
from ml.evaluation.leaving_out import Groups
from ml.evaluation.measures import Measure, OfSums, Share, figure_of
from ml.evaluation.outcome import NO, UNKNOWN, YES, Bools, Floats
from ml.metric_words import figure_text, number_text
from viewer.core.text.counting import counted

SAME, KAPPA = "same", "kappa"
ONE_ANSWER = "both give one and the same answer throughout, so chance agrees as often"
NO_SHAPES = (
    "A report keeps no {}, so how far those of the two lie over each other is not told: what is compared is whether "
    "any is proposed."
)
THERE, EMPTY = "present", "empty"
WAYS = ("both right", "only {first} right", "only {second} right", "both wrong")


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoAnswers:
    """One answer of both. label: whose, "" where labels exclude each other. apart: how far the two are from each other,
    0 alike. first_right, second_right: None where the truth is not known, or an answer is better or worse and not right
    or wrong."""

    image_id: str
    file: str
    label: str
    truth: str
    first: str
    second: str
    apart: float
    first_right: bool | None = None
    second_right: bool | None = None

    @property
    def way(self) -> int | None:
        """Its place in `WAYS`."""
        if self.first_right is None or self.second_right is None:
            return None
        return 2 * (not self.first_right) + (not self.second_right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """names: of the two. figures: by name ("same", "kappa", "kappa:LABEL"; of numbers "bias:LABEL" and its limits).

    said: them in sentences. note: what cannot be told, "" where all is. answers: every one, those furthest apart first.
    """

    names: tuple[str, str]
    said: str
    figures: Mapping[str, Figure]
    answers: tuple[TwoAnswers, ...]
    note: str = ""

    def of_way(self, way: int) -> tuple[TwoAnswers, ...]:
        """The answers of one of `WAYS`."""
        return tuple(one for one in self.answers if one.way == way)

    @property
    def ways(self) -> dict[str, int]:
        """How many answers there are of each of `WAYS`, with the names in it; {} where none is right or wrong."""
        if all(one.way is None for one in self.answers):
            return {}
        first, second = self.names
        return {words.format(first=first, second=second): len(self.of_way(way)) for way, words in enumerate(WAYS)}

    @property
    def differ(self) -> tuple[TwoAnswers, ...]:
        """The answers that are not alike, those furthest apart first."""
        return tuple(one for one in self.answers if one.apart)

    def to_json(self) -> dict[str, Any]:
        """Without the answers."""
        return {
            "sentence": self.said, "note": self.note, "differ": len(self.differ), "ways": self.ways,
            "figures": {name: figure.to_json() for name, figure in self.figures.items()},
        }  # fmt: skip


def agreement(first: KeptCases, second: KeptCases, *, exclusive: bool, names: tuple[str, str]) -> Agreed:
    """Of two tables of the same cases with the same truth, in the same order."""
    groups = Groups.of(first.patients)
    if not np.isnan(first.false).all():
        return _any_there(first, second, groups, names, "boxes")
    if all(cell in (THERE, EMPTY, "") for row in first.answer for cell in row):
        return _any_there(first, second, groups, names, "masks")
    if all(cell in (YES, NO, UNKNOWN) for table in (first, second) for row in table.answer for cell in row):
        return _labels(first, second, groups, names, exclusive=exclusive and len(first.labels) > 1)
    return _numbers(first, second, groups, names)


def label_figures(
    first: Bools, second: Bools, known: Bools, groups: Groups, labels: Sequence[str], *, exclusive: bool
) -> dict[str, Figure]:
    """Share of the same answers, and Cohen's kappa: one where labels exclude each other, else of each label.

    first, second: (case, label) what each says. known: (case, label) where both say something.
    """
    alike = (first == second) & known
    if exclusive:
        whole: Bools = np.asarray(known.all(axis=1))
        measures: dict[str, Measure] = {
            SAME: _share(alike.all(axis=1) & whole, whole),
            KAPPA: _kappa(first & whole[:, None], second & whole[:, None], whole),
        }
    else:
        measures = {SAME: _share(alike.sum(axis=1), known.sum(axis=1))}
        for i, label in enumerate(labels):
            there: Bools = np.asarray(known[:, i])
            one, other = (np.stack([~said[:, i] & there, said[:, i] & there], axis=1) for said in (first, second))
            measures[KAPPA if len(labels) == 1 else f"{KAPPA}:{label}"] = _kappa(one, other, there)
    return {name: figure_of(measure, groups) for name, measure in measures.items()}


def _share(same: Any, of: Any) -> Measure:
    return Share(top=np.asarray(same, np.float64), bottom=np.asarray(of, np.float64), counted=True)


def _kappa(first: Bools, second: Bools, there: Bools) -> Measure:
    return OfSums(
        columns=kappa_columns(first, second), function=kappa_of_sums, counts=there, undefined=ONE_ANSWER,
        span=(-1.0, 1.0),
    )  # fmt: skip


def label_sentence(names: tuple[str, str], figures: Mapping[str, Figure], answers: str) -> str:
    """answers: what was counted, such as "40 cases of 20 patients"."""
    kappas = [
        f"Cohen's kappa{name.removeprefix(KAPPA).replace(':', ' of ', 1)} is {figure_text(figure.to_json())}."
        for name, figure in figures.items()
        if name.startswith(KAPPA)
    ]
    same = figure_text(figures[SAME].to_json())
    return " ".join([f"Of {answers} {names[0]} and {names[1]} agree on {same}.", *kappas])


def _labels(
    first: KeptCases, second: KeptCases, groups: Groups, names: tuple[str, str], *, exclusive: bool
) -> Agreed:  # fmt: skip
    one, other = (np.array([[cell == YES for cell in row] for row in table.answer]) for table in (first, second))
    known = np.array([[UNKNOWN not in cells for cells in zip(x, y, strict=True)] for x, y in _both(first, second)])
    figures = label_figures(one, other, known, groups, first.labels, exclusive=exclusive)
    told = _exclusive(first, second) if exclusive else _each(first, second)
    return Agreed(
        names=names, said=label_sentence(names, figures, _counted(first, exclusive=exclusive)), figures=figures,
        answers=_ordered(told),
    )  # fmt: skip


def _exclusive(first: KeptCases, second: KeptCases) -> Iterator[TwoAnswers]:
    """An answer a case: the label that each says."""
    for case, image_id in enumerate(first.images):
        one, other = (_said(table.answer[case], table.labels) for table in (first, second))
        if UNKNOWN in (one, other):
            continue
        truth = _said(first.truth[case], first.labels)
        known = truth != UNKNOWN
        sure = max(first.score[case]) + max(second.score[case])
        yield TwoAnswers(
            image_id=image_id, file=first.files[case], label="", truth=truth, first=one, second=other,
            apart=0.0 if one == other else max(float(sure), 1e-9),
            first_right=one == truth if known else None, second_right=other == truth if known else None,
        )  # fmt: skip


def _said(cells: Sequence[str], labels: Sequence[str]) -> str:
    return labels[cells.index(YES)] if YES in cells else UNKNOWN


def _each(first: KeptCases, second: KeptCases) -> Iterator[TwoAnswers]:
    """An answer a case and label; the further the scores lie from each other, the further they are apart."""
    for case, image_id in enumerate(first.images):
        for i, label in enumerate(first.labels):
            one, other, truth = first.answer[case][i], second.answer[case][i], first.truth[case][i]
            if UNKNOWN in (one, other):
                continue
            known = truth != UNKNOWN
            apart = abs(float(first.score[case, i]) - float(second.score[case, i])) if one != other else 0.0
            yield TwoAnswers(
                image_id=image_id, file=first.files[case], label=label, truth=truth, first=one, second=other,
                apart=max(apart, 1e-9) if one != other else 0.0,
                first_right=one == truth if known else None, second_right=other == truth if known else None,
            )  # fmt: skip


def _any_there(
    first: KeptCases, second: KeptCases, groups: Groups, names: tuple[str, str], shapes: str
) -> Agreed:  # fmt: skip
    """Of what is drawn: whether any is proposed. A case is right where each true box is found and none is false, or
    where there is a mask if and only if there should be one."""
    note = NO_SHAPES.format(shapes)
    known = np.array([[bool(a and b) for a, b in zip(x, y, strict=True)] for x, y in _both(first, second)])
    if not known.any():
        why = f"The report keeps no {shapes}, nor whether any is proposed: evaluate both runs again."
        return Agreed(names=names, said=why, figures={}, answers=())
    one, other = (
        np.array([[cell not in ("0", EMPTY, "") for cell in row] for row in table.answer]) for table in (first, second)
    )
    figures = label_figures(one, other, known, groups, first.labels, exclusive=False)
    told = []
    for case, label in zip(*(place.tolist() for place in np.nonzero(known)), strict=True):
        truth = first.truth[case][label]
        right = [_is_right(table, case, label) for table in (first, second)]
        mine, its = first.answer[case][label], second.answer[case][label]
        told.append(TwoAnswers(
            image_id=first.images[case], file=first.files[case], label=first.labels[label], truth=truth, first=mine,
            second=its, apart=_apart(mine, its), first_right=right[0], second_right=right[1],
        ))  # fmt: skip
    said = label_sentence(names, figures, _counted(first, exclusive=False))
    return Agreed(names=names, said=said, figures=figures, answers=_ordered(told), note=note)


def _both(first: KeptCases, second: KeptCases) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    return zip(first.answer, second.answer, strict=True)


def _is_right(table: KeptCases, case: int, label: int) -> bool | None:
    truth, answer, false = table.truth[case][label], table.answer[case][label], float(table.false[case, label])
    if truth == UNKNOWN:
        return None
    if isnan(false):
        return truth == answer
    return not false and int(answer) == int(truth)


def _apart(one: str, other: str) -> float:
    if one.isdigit() and other.isdigit():
        return float(abs(int(one) - int(other)))
    return float(one != other)


def _numbers(first: KeptCases, second: KeptCases, groups: Groups, names: tuple[str, str]) -> Agreed:
    """The mean difference and the limits within which 95 % of the differences lie (Bland and Altman 1986)."""
    one, other = (np.array([[float(cell or "nan") for cell in row] for row in each.answer]) for each in (first, second))
    off: Floats = other - one
    known = ~np.isnan(off)
    figures: dict[str, Figure] = {}
    said = []
    for i, label in enumerate(first.labels):
        of = agreement_limits(np.nan_to_num(off[:, i]), known[:, i], label=label)
        figures |= {name: figure_of(measure, groups) for name, measure in of.items()}
        low, high = (number_text(figures[f"{end}:{label}"].value) for end in (LIMIT_LOW, LIMIT_HIGH))
        mean = figure_text(figures[f"bias:{label}"].to_json())
        said.append(
            f"{names[1]} less {names[0]} is {mean} for {label} on average over {_counted(first, exclusive=True)}; 95 % "
            f"of the differences lie between {low} and {high} where they are spread like a bell."
        )
    told = [
        TwoAnswers(
            image_id=first.images[case], file=first.files[case], label=first.labels[i], truth=first.truth[case][i],
            first=first.answer[case][i], second=second.answer[case][i], apart=float(abs(off[case, i])),
        )
        for case, i in zip(*(place.tolist() for place in np.nonzero(known)), strict=True)
    ]  # fmt: skip
    return Agreed(names=names, said=" ".join(said), figures=figures, answers=_ordered(told))


def _ordered(told: Any) -> tuple[TwoAnswers, ...]:
    return tuple(sorted(told, key=lambda one: -one.apart))


def _counted(cases: KeptCases, *, exclusive: bool) -> str:
    several = not exclusive and len(cases.labels) > 1
    answers = f"{counted(len(cases.images) * len(cases.labels), 'answer')} on " if several else ""
    patients = counted(len(set(cases.patients)), "patient")
    return f"{answers}{counted(len(cases.images), 'case')} of {patients}"
