"""What was chosen on validation, told on the cases that are judged: operating points, calibration, a prevalence.

Nothing here chooses anything. Loads no torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ml.card import Card
from ml.evaluation.case_tables import CaseTable
from ml.evaluation.figures.prevalence import at_prevalence, shifted
from ml.evaluation.leaving_out import Groups
from ml.evaluation.measures import figure_of
from ml.evaluation.outcome import Ints, Outcome
from ml.metric_words import figure_text, metric_title, number_text
from ml.operating_points import OperatingPoint, rule_words
from viewer.core.deciding import cut_words

SHOWN_SCORES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
SAME_MIX = "the same mix of cases assumed within those that have the label, and within those that do not"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """For figures.json, by name; and the tables of it."""

    parts: Mapping[str, Any]
    tables: tuple[CaseTable, ...]


def points_told(cards: Sequence[Card], outcome: Outcome, runs: Ints, groups: Groups) -> Told:
    """Every rule that all models keep a cut of, with what it reached on validation and what it reaches here.

    runs: (case,) the place of its card. groups: of the patients.
    """
    kept = [{} if card.chosen is None else card.chosen.points for card in cards]
    shared = [text for text in kept[0] if all(text in each for each in kept)]
    told, rows = [], []
    names: list[str] = []
    for text in shared:
        points = [each[text] for each in kept]
        measures = outcome.at_cuts(np.array([point.cut for point in points])[runs])
        if not measures:
            return Told(parts={"operating_points": []}, tables=())
        names = list(measures)
        figures = {name: figure_of(measure, groups).to_json() for name, measure in measures.items()}
        in_use = all(card.operating_point == text for card in cards)
        told.append(
            {"rule": text, "words": rule_words(text), "validation": [point.to_json() for point in points],
             "figures": figures, "in_use": in_use}
        )  # fmt: skip
        rows.append((
            rule_words(text) + (" (in use)" if in_use else ""),
            " or ".join(dict.fromkeys(cut_words(point.cut) for point in points)),
            " or ".join(dict.fromkeys(map(_reached, points))),
            *(figure_text(figures[name]) for name in names),
        ))  # fmt: skip
    if not rows:
        return Told(parts={"operating_points": []}, tables=())
    columns = ("Rule", "Cut", "Recall, precision on validation", *map(metric_title, names))
    note = "Each cut was chosen on validation and frozen; the figures are of the cases that are judged here."
    table = CaseTable(title="Operating points", columns=columns, rows=tuple(rows), note=note)
    return Told(parts={"operating_points": told}, tables=(table,))


def _reached(point: OperatingPoint) -> str:
    return f"{number_text(point.recall)}, {number_text(point.precision)}"


def calibration_words(cards: Sequence[Card]) -> list[str]:
    """How the scores were calibrated, or why they were not; nothing of models that keep nothing of it."""
    said = []
    for card in cards:
        if card.chosen is not None and card.chosen.calibration is not None:
            said.append(
                f"Calibrated figures: {card.chosen.calibration.words}. Scores are shown as the model gives them."
            )
        elif card.chosen is not None and card.chosen.uncalibrated:
            said.append(f"Not calibrated: {card.chosen.uncalibrated}.")
    return list(dict.fromkeys(said))


def prevalence_told(prevalence: float, cards: Sequence[Card], outcome: Outcome, groups: Groups) -> Told:
    """PPV and NPV where the label is as common as said, and what calibrated scores are worth there."""
    measures = at_prevalence(outcome, prevalence)
    figures = {name: figure_of(measure, groups).to_json() for name, measure in measures.items()}
    title = f"Where {prevalence:.3g} of the cases have the label"
    rows = [(metric_title(name), figure_text(figure)) for name, figure in figures.items()]
    (card, *others), scores = cards, []
    chosen = card.chosen
    if not others and chosen is not None and chosen.calibration is not None and chosen.share not in (None, 0.0, 1.0):
        assert chosen.share is not None
        raw = np.array(sorted({*SHOWN_SCORES, card.threshold}))
        each = raw[:, None] if len(card.labels) == 1 else np.stack([1 - raw, raw], axis=1)
        calibrated = chosen.calibration.applied(each)[:, -1]
        worth = shifted(calibrated, chosen.share, prevalence)
        scores = [
            {"score": float(a), "calibrated": float(b), "here": float(c)} for a, b, c in zip(raw, calibrated, worth)
        ]
        rows += [(f"a score of {cut_words(one['score'])}", f"{one['here']:.3f}") for one in scores]
    note = (
        f"By prior shift, {SAME_MIX}." if scores else
        f"By prior shift, {SAME_MIX}. Scores are not told: they need one model that was calibrated on validation."
    )  # fmt: skip
    table = CaseTable(title=title, columns=("What", "There"), rows=tuple(rows), note=note)
    document = {"prevalence": prevalence, "figures": figures, "scores": scores, "assumed": SAME_MIX}
    return Told(parts={"prevalence": document}, tables=(table,))
