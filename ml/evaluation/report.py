"""Evaluate a run, or the folds of one training pooled over their held-out cases, beside its controls."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.card import Card, read_card, write_json
from ml.data.batches import ImageData
from ml.data.cache import Reader, read_item
from ml.evaluation import controls
from ml.evaluation.boxes import BoxCase
from ml.evaluation.intervals import DRAWS, LEVEL, Figure, interval, patient_weights
from ml.evaluation.outcome import BoxOutcome, ClassOutcome, MaskOutcome, Outcome
from ml.evaluation.predicting import box_cases, case_dices, class_scores, load_trained
from ml.recipe import Recipe
from ml.training.run import Images, prepare
from viewer.core.errors import BadRequest
from viewer.core.table_text import comma_text
from viewer.project.replacing import replace_file

MODEL = "model"
CASE_COLUMNS = ("image", "patient", "fold", "part", "label", "score", "truth", "file")
Ints = NDArray[np.int64]


@dataclass(slots=True, kw_only=True, eq=False)
class Collected:
    """What the runs said, joined. answers: by who answered (the model or a control), one entry per run."""

    images: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    patients: list[str] = field(default_factory=list)
    folds: list[int] = field(default_factory=list)
    answers: dict[str, list[Any]] = field(default_factory=dict)
    truth: list[NDArray[np.float64]] = field(default_factory=list)
    thresholds: list[NDArray[np.float64]] = field(default_factory=list)


def evaluate_runs(
    runs: Sequence[Path],
    snapshot: Images,
    project_folder: Path,
    out: Path,
    *,
    part: str = "test",
    reader: Reader = read_item,
    command: Sequence[str] = (),
) -> dict[str, Any]:
    """Figures with intervals, controls, one CSV row per case; written to `out` and returned.

    runs: finished run folders of one task, each of another fold (or one run). Raises BadRequest when the part is empty
    or the runs do not belong together.
    """
    if part not in ("train", "val", "test"):
        raise BadRequest(f"A part is train, val or test, not {part!r}.")
    cards = [read_card(run) for run in runs]
    _check(cards, runs)
    collected = Collected()
    for run, card in zip(runs, cards, strict=True):
        _collect(collected, run, card, snapshot, project_folder, part, reader)
    if not collected.images:
        raise BadRequest(f"The {part} part of snapshot {snapshot.id[:12]} holds no case of this task; choose another.")
    first = cards[0]
    outcomes = {who: _outcome(first, collected, answers) for who, answers in collected.answers.items()}
    weights = patient_weights(collected.patients)
    document: dict[str, Any] = {
        "task": first.task,
        "kind": first.kind,
        "labels": list(first.labels),
        "model": first.model,
        "runs": [run.name for run in runs],
        "model_hashes": [card.model_hash for card in cards],
        "snapshot": snapshot.id,
        "part": part,
        "cases": len(collected.images),
        "patients": len(set(collected.patients)),
        "folds": len(set(collected.folds)),
        "thresholds": [card.threshold for card in cards],
        "threshold_from": "validation",
        "primary": outcomes[MODEL].primary,
        "interval": f"{LEVEL:.0%} patient bootstrap, {DRAWS} draws",
        "command": list(command),
        "answers": {who: _figures(outcome, weights) for who, outcome in outcomes.items()},
    }
    document["against"] = _against(outcomes, weights)
    document["sentence"] = _sentence(document)
    _write(out, document, collected, outcomes[MODEL], part)
    return document


def _check(cards: Sequence[Card], runs: Sequence[Path]) -> None:
    facts = {(card.task, card.kind, card.labels, card.exclusive) for card in cards}
    if len(facts) > 1:
        raise BadRequest("The runs belong to several tasks; evaluate them one task at a time.")
    folds = [card.fold for card in cards]
    if len(cards) > 1 and (None in folds or len(set(folds)) < len(folds)):
        raise BadRequest(f"Runs are pooled over different folds; {', '.join(run.name for run in runs)} are not.")


def _collect(
    collected: Collected,
    run: Path,
    card: Card,
    snapshot: Images,
    project_folder: Path,
    part: str,
    reader: Reader,
) -> None:
    recipe = Recipe.from_json(card.recipe)
    prepared = prepare(recipe, snapshot, project_folder, reader=reader, preprocess=card.preprocess)
    data, rows = prepared.data, prepared.rows[part]
    if not len(rows):
        return
    # The controls learn from what the model could see: never from the part that is judged.
    seen = [prepared.rows[name] for name in ("train", "val") if name != part or part == "train"]
    fit = np.concatenate(seen)
    network = load_trained(run, card, prepared.device)
    collected.images += [data.items[row].image_id for row in rows.tolist()]
    collected.names += [Path(data.items[row].path).name for row in rows.tolist()]
    collected.patients += data.patients(rows)
    collected.folds += [card.fold if card.fold is not None else 0] * len(rows)
    for who, answer in _answers(network, data, rows, fit, card).items():
        collected.answers.setdefault(who, []).append(answer)
    if card.kind == "classification":
        collected.truth.append(data.labels[rows].astype(np.float64))
        collected.thresholds.append(np.full(len(rows), card.threshold))


def _answers(network: Any, data: ImageData, rows: Ints, fit: Ints, card: Card) -> dict[str, Any]:
    if card.kind == "classification":
        scores = class_scores(network, data, rows, exclusive=card.exclusive)
        return {MODEL: scores, **controls.class_controls(data, fit, rows)}
    if card.kind == "segmentation":
        mine = case_dices(network, data, rows, exclusive=card.exclusive, threshold=card.threshold)
        return {MODEL: mine, controls.MEAN_MASK: controls.mean_mask(data, fit, rows)}
    return {MODEL: box_cases(network, data, rows), controls.MEAN_BOX: controls.mean_box(data, fit, rows)}


def _outcome(card: Card, collected: Collected, answers: list[Any]) -> Outcome:
    if card.kind == "classification":
        thresholds = np.concatenate(collected.thresholds)
        mine = answers is collected.answers[MODEL]
        return ClassOutcome(
            truth=np.concatenate(collected.truth),
            scores=np.concatenate(answers),
            thresholds=thresholds if mine else np.full(len(thresholds), 0.5),
            folds=np.array(collected.folds, np.int64),
            labels=card.labels,
            exclusive=card.exclusive,
        )
    if card.kind == "segmentation":
        return MaskOutcome(
            dice=np.concatenate([dices for dices, _ in answers]),
            present=np.concatenate([present for _, present in answers]),
            labels=card.labels,
        )
    cases: list[BoxCase] = [case for part in answers for case in part]
    return BoxOutcome(cases=cases, labels=card.labels)


def _figures(outcome: Outcome, weights: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    values = outcome.figures(np.ones((1, weights.shape[1])))
    drawn = outcome.figures(weights)
    return {name: interval(float(value[0]), drawn[name]).to_json() for name, value in values.items()}


def _headline(outcome: Outcome, figures: dict[str, Any]) -> str:
    """Over several folds the mean of their AUCs decides: scores of different networks do not mix in one ranking."""
    return "auc_fold_mean" if outcome.primary == "auc" and "auc_fold_mean" in figures else outcome.primary


def _against(outcomes: dict[str, Outcome], weights: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """Model minus control, on the same draws of patients, of the figure that decides."""
    ones = np.ones((1, weights.shape[1]))
    model, drawn = outcomes[MODEL].figures(ones), outcomes[MODEL].figures(weights)
    name = _headline(outcomes[MODEL], model)
    result = {}
    for who, outcome in outcomes.items():
        if who != MODEL:
            value = float(model[name][0] - outcome.figures(ones)[name][0])
            result[who] = interval(value, drawn[name] - outcome.figures(weights)[name]).to_json()
    return result


def _sentence(document: dict[str, Any]) -> str:
    """Does the model beat its controls, in words."""
    beaten, open_, better = [], [], []
    for who, gap in document["against"].items():
        if np.isnan(gap["low"]):
            open_.append(who)
        elif gap["low"] > 0:
            beaten.append(who)
        elif gap["high"] < 0:
            better.append(who)
        else:
            open_.append(who)
    parts = []
    if better:
        parts.append(f"does NOT beat {_list(better)}, which is better")
    if open_:
        parts.append(f"does NOT clearly beat {_list(open_)}: the interval of the difference holds 0")
    if beaten:
        parts.append(f"beats {_list(beaten)}")
    return f"The model {'; it '.join(parts)}." if parts else "There is no control to compare with."


def _list(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _write(out: Path, document: dict[str, Any], collected: Collected, outcome: Outcome, part: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    rows = (
        {
            "image": collected.images[i],
            "patient": collected.patients[i],
            "fold": collected.folds[i],
            "part": part,
            "label": label,
            "score": f"{score:.6f}",
            "truth": truth,
            "file": collected.names[i],
        }
        for i, answers in enumerate(outcome.rows())
        for label, score, truth in answers
    )
    replace_file(out / "cases.csv", comma_text(CASE_COLUMNS, rows).encode("utf-8"))
    write_json(out / "figures.json", json.loads(json.dumps(document)))


def as_text(figure: dict[str, float | None]) -> str:
    """0.981 (0.970 to 0.990)."""
    value, low, high = figure["value"], figure["low"], figure["high"]
    if value is None or np.isnan(value):
        return "not defined"
    if low is None or high is None or np.isnan(low):
        return f"{value:.3f}"
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


__all__ = ["Figure", "as_text", "evaluate_runs"]
