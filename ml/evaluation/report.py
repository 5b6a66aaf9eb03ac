"""Evaluate a run, or the folds of one training pooled over their held-out cases, beside its controls."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

from ml.card import Card, read_card
from ml.chosen import Chosen
from ml.data.batches import ImageData
from ml.data.cache import Reader, read_item
from ml.data.targets import Item
from ml.evaluation.case_tables import in_order
from ml.evaluation.checklists.told import add_checklists
from ml.evaluation.collected import Collected, write_report
from ml.evaluation.comparing import difference, sentence
from ml.evaluation.confusion import add_confusion
from ml.evaluation.control_rows.seen import Learnt
from ml.evaluation.controls import told_controls
from ml.evaluation.curves import as_json, report_curves
from ml.evaluation.figures.prevalence import assure_prevalence
from ml.evaluation.how_trained import how_trained, seen_at_the_start
from ml.evaluation.intervals import FEWEST_OF_A_CLASS, FEWEST_PATIENTS, FEWEST_TO_COMPARE, LEVEL, holm
from ml.evaluation.leak_lines import add_leaks
from ml.evaluation.leaving_out import MOST_GROUPS, Groups
from ml.evaluation.measures import figure_of
from ml.evaluation.outcome import Ints, Outcome
from ml.evaluation.points_told import calibration_words, points_told, prevalence_told
from ml.evaluation.predicting import load_trained
from ml.evaluation.seen_cases import ANYWAY, SeenCases
from ml.evaluation.several.as_one import take_as_one
from ml.evaluation.several.each_fold import add_folds
from ml.evaluation.several.elsewhere import Elsewhere
from ml.evaluation.subgroups.columns import group_values
from ml.evaluation.subgroups.told import add_groups
from ml.given_name import title_of_run
from ml.learning_curve.told import told_beside
from ml.metric_words import metric_meaning, metric_title
from ml.operating_points import choose, lacking_words, read_rule, rule_words
from ml.recipe import Recipe
from ml.tasks.outputs import MODEL, Tell, outputs_of
from ml.training.device import use_threads
from ml.training.run import Images, prepare
from viewer.core.errors import BadRequest
from viewer.core.text.counting import counted
from viewer.core.text.titles import short_id
from viewer.project.disk.about import read_about
from viewer.project.snapshots.openings import EVALUATION, part_digest, record_opening

INTERVALS = (
    f"{LEVEL:.0%}, of patients, not of trainings. Where one says exact binomial, it is computed without chance: so are "
    f"shares of cases where each patient has one, and figures that are 0 or 1; it takes 2 patients. Every other one "
    f"comes of leaving each patient out in turn (at most {MOST_GROUPS} groups of patients), on a scale without ends; "
    f"it takes {FEWEST_PATIENTS} patients, and {FEWEST_OF_A_CLASS} of each class where it needs classes. A comparison "
    f"takes as many, {FEWEST_TO_COMPARE}, and says better only where the interval of the difference of the same "
    "patients does not hold 0"
)
CUT_OF_CONTROLS = "Each control learnt from the training part, and has a cut of its own, from validation."
INTERVALS_NOW = "the intervals"


def _silent(_what: str, _done: int, _total: int) -> None:
    """Nobody is told."""


def evaluate_runs(
    runs: Sequence[Path],
    snapshot: Images,
    project_folder: Path,
    out: Path,
    *,
    part: str = "test",
    reader: Reader = read_item,
    command: Sequence[str] = (),
    seen_anyway: bool = False,
    anyway: str = ANYWAY,
    operating_point: str = "",
    prevalence: float | None = None,
    by: Sequence[str] | None = None,
    tell: Tell = _silent,
) -> dict[str, Any]:
    """Figures with intervals, controls, one CSV row per case, a page; written to `out` and returned.

    runs: finished run folders of one task, each of another fold (or one run). anyway: how a person asks for figures of
    seen cases all the same, for the refusal. operating_point: the rule that chooses each cut on validation, "" for the
    one that the model was trained with. prevalence: of a label, where its worth is told too. by: the columns whose
    groups are judged alone (`subgroups.columns`), None for all that there are. tell: called with what is
    being done, how much of it is done and of how much; what it raises ends the work. Raises BadRequest when the part is
    empty, the runs do not belong together, or no cut does what is asked; SeenInTraining where a run has seen cases of
    the test part and not `seen_anyway`.
    """
    use_threads()
    if part not in ("train", "val", "test"):
        raise BadRequest(f"A part is train, val or test, not {part!r}.")
    if operating_point:
        read_rule(operating_point)
    if prevalence is not None:
        assure_prevalence(prevalence)
    about = read_about(project_folder)  # what cannot be read is said before anything is computed
    cards = [read_card(run) for run in runs]
    _check(cards, runs)
    collected = Collected(seen=SeenCases(part=part, anyway=anyway))
    for place, (run, card) in enumerate(zip(runs, cards, strict=True)):
        cards[place] = _collect(
            collected, run, card, snapshot, project_folder, part, reader,
            seen_anyway=seen_anyway, operating_point=operating_point, tell=tell,
        )  # fmt: skip
    if not collected.images:
        raise BadRequest(
            f"The {part} part of snapshot {short_id(snapshot.id)} holds no case of this task; choose another."
        )
    tell(INTERVALS_NOW, 0, 0)
    outputs, trained, ensemble = outputs_of(cards[0].kind), cards, ""
    if len(runs) > 1 and getattr(snapshot, "shared", False):
        one, ensemble = take_as_one(collected, cards, outputs)
        cards = [one]
    first, folds = cards[0], np.array(collected.folds, np.int64)
    # What some of the runs alone have is nothing to compare all their cases with.
    complete = {
        who: answers for who, answers in collected.answers.items() if len(answers) == len(collected.answers[MODEL])
    }
    outcomes = {who: outputs.outcome(first, answers, folds) for who, answers in complete.items()}
    held = outcomes[MODEL].held().tolist()
    rule = _rule_note(cards, held)
    groups = Groups.of(collected.patients)
    whose = np.repeat(np.arange(len(cards), dtype=np.int64), collected.counts)
    more = [points_told(cards, outcomes[MODEL], whose, groups)]
    if prevalence is not None:
        more.append(prevalence_told(prevalence, cards, outcomes[MODEL], groups))
    document: dict[str, Any] = {
        "task": first.task,
        "kind": first.kind,
        "labels": list(first.labels),
        "model": first.model,
        "runs": [run.name for run in runs],
        "titles": [title_of_run(run, first.task) for run in runs],
        "model_hashes": [card.model_hash for card in trained],
        "snapshot": snapshot.id,
        "trained": how_trained(runs, trained),
        "ensemble": ensemble,
        "part": part,
        "cases": len(collected.images),
        "patients": len(set(collected.patients)),
        "folds": len(set(collected.folds)),
        "thresholds": [card.threshold for card in cards],
        "threshold_from": " or ".join(dict.fromkeys(card.cut_from for card in cards)),
        "threshold_by": [card.operating_point for card in cards],
        "chosen": [None if card.chosen is None else card.chosen.to_json() for card in cards],
        "decides_by": first.rule.by.value,
        "rules": {
            run.name: card.rule.words(card.threshold, beside=held)
            for run, card in zip(runs, cards if len(cards) > 1 else cards * len(runs), strict=True)
        },
        "rule": rule,
        "notes": [
            *filter(None, [collected.seen.sentence, ensemble]),
            rule,
            *_notes(first, collected, part),
            *outputs.notes(outcomes[MODEL]),
            *calibration_words(cards),
            *collected.seen.notes,
            *seen_at_the_start(trained),
            *told_beside(runs, project_folder, snapshot.id),
        ],
        "seen": collected.seen.to_json(),
        "interval": INTERVALS,
        "command": list(command),
        "tables": [
            table.to_json()
            for table in in_order(
                outcomes[MODEL].tables(collected.names), [one for told in more for one in told.tables]
            )
        ],
        "curves": as_json(report_curves(outcomes[MODEL].curves(), runs, first.task)),
        **judged(outcomes, collected.patients, tell),
        "controls": told_controls(outcomes),
        **{name: each for told in more for name, each in told.parts.items()},
    }
    if collected.seen.mark:
        document["sentence"] = f"{collected.seen.mark}. {document['sentence']}"
    home = snapshot.home if isinstance(snapshot, Elsewhere) else project_folder
    values = group_values(collected.items, home, first.labels, by)
    add_groups(document, values, outcomes[MODEL], collected.patients, tell)
    names = {card.fold or 0: run.name for run, card in zip(runs, trained, strict=True)}
    add_folds(document, outcomes[MODEL], folds, collected.patients, names)
    _add_origin(document, snapshot, project_folder)
    if part == "test":
        tests = [part_digest(item.image_id for item in snapshot.parts(card.fold)[part]) for card in trained]
        # Before anybody can see a figure: what cannot be counted is not shown.
        opened = record_opening(
            project_folder, EVALUATION, tests, snapshot_id=snapshot.id, runs=[run.name for run in runs]
        )
        document["opened"] = opened.to_json()
        document["notes"].append(opened.sentence)
    add_confusion(document, outcomes[MODEL].confusion(), collected.images)
    add_checklists(document, trained, getattr(snapshot, "card", {}), _parts(snapshot, trained), about)
    write_report(out, document, collected, outcomes[MODEL], part)
    return document


def _add_origin(document: dict[str, Any], snapshot: Images, project_folder: Path) -> None:
    """Where the cases are from: another project, which is named, or the own one, whose leaks are told."""
    if isinstance(snapshot, Elsewhere):
        document |= {"external": snapshot.words, "leaks": None}
        document["notes"].insert(0, snapshot.note)
        return
    document["external"] = ""
    add_leaks(document, project_folder, snapshot.id)


def _parts(snapshot: Images, cards: Sequence[Card]) -> dict[str, list[Item]]:
    """The cases of a snapshot by part; of folds, which share them, all together."""
    each = [snapshot.parts(card.fold) for card in cards]
    if len(each) == 1:
        return {name: part for name, part in each[0].items() if part}
    every = {item.image_id: item for parts in each for part in parts.values() for item in part}
    return {"all": list(every.values())}


def _check(cards: Sequence[Card], runs: Sequence[Path]) -> None:
    facts = {(card.task, card.kind, card.labels, card.exclusive) for card in cards}
    if len(facts) > 1:
        raise BadRequest("The runs belong to several tasks; evaluate them one task at a time.")
    folds = [card.fold for card in cards]
    if len(cards) > 1 and (None in folds or len(set(folds)) < len(folds)):
        named = ", ".join(title_of_run(run, cards[0].task) for run in runs)
        raise BadRequest(f"Runs are pooled over different folds; {named} are not.")


def _collect(
    collected: Collected,
    run: Path,
    card: Card,
    snapshot: Images,
    project_folder: Path,
    part: str,
    reader: Reader,
    *,
    seen_anyway: bool,
    operating_point: str,
    tell: Tell,
) -> Card:
    """Judge one run; returns its card, with the cut that it was judged at."""
    recipe = Recipe.from_json(card.recipe)
    loading = partial(tell, "loading the images")
    prepared = prepare(
        recipe, snapshot, project_folder, reader=reader, preprocess=card.preprocess, progress=loading
    )  # fmt: skip
    data, rows = prepared.data, prepared.rows[part]
    fold = card.fold if card.fold is not None else 0
    judged_ids = {data.items[row].image_id for row in rows.tolist()}
    collected.left_out += [
        (item.image_id, item.patient_id or item.image_id, fold, Path(item.path).name, "")
        for item in snapshot.parts(recipe.fold)[part]
        if item.image_id not in judged_ids
    ]
    collected.counts.append(len(rows))
    if not len(rows):
        return card
    title = title_of_run(run, card.task)
    collected.seen.add(run, data, rows, project_folder, title=title, seen_anyway=seen_anyway)
    # As the network: what it learns from is the training part, and validation, where that is not judged, gives the cut.
    learnt = Learnt.of(prepared.rows["train"], rows[:0] if part == "val" else prepared.rows["val"])
    network = load_trained(run, card, prepared.device)
    if operating_point:
        card = _cut_by(operating_point, card, network, data, prepared.rows["val"], title)
    collected.images += [data.items[row].image_id for row in rows.tolist()]
    collected.items += [data.items[row] for row in rows.tolist()]
    collected.names += [Path(data.items[row].path).name for row in rows.tolist()]
    collected.patients += data.patients(rows)
    collected.folds += [fold] * len(rows)
    answers = outputs_of(card.kind).judge(network, data, rows, learnt, card, run=run.name, tell=tell)
    for who, answer in answers.items():
        collected.answers.setdefault(who, []).append(answer)
    return card


def _cut_by(rule: str, card: Card, network: nn.Module, data: ImageData, rows: Ints, title: str) -> Card:
    """The card with the cut that a rule chooses on validation, and on nothing else. rows: of validation."""
    counts = outputs_of(card.kind).counts(network, data, rows, card, run=title) if card.rule.has_cut else None
    if counts is None:
        raise BadRequest(f"{title} has no operating point to choose: its answer is {card.rule.words(card.threshold)}.")
    point = choose(rule, counts)
    if point is None:
        raise BadRequest(f"No cut of {title} gives {rule_words(rule)} on validation; ask for less, or train anew.")
    chosen = card.chosen or Chosen()
    kept = replace(chosen, points={**chosen.points, rule: point})
    return replace(card, threshold=point.cut, operating_point=rule, chosen=kept)


def judged(outcomes: Mapping[str, Outcome], patients: Sequence[str], tell: Tell = _silent) -> dict[str, Any]:
    """The figures of the model and its controls, what they are, and the comparison of the one that decides.

    patients: (case,) whose each case is. tell: as in `evaluate_runs`.
    """
    mine = outcomes[MODEL].measures()
    names = list(mine)
    done, total = count(), len(names) * len(outcomes)
    at = next(done)

    def tick() -> None:
        tell(INTERVALS_NOW, at, total)

    groups = Groups.of(patients, tick=tick)
    primary = outcomes[MODEL].primary
    # Over several folds the mean of theirs decides where there is one: scores of different networks do not mix in one
    # ranking.
    decides = f"{primary}_fold_mean" if f"{primary}_fold_mean" in mine else primary
    deciding = mine[decides]
    answers: dict[str, dict[str, Any]] = {}
    against: dict[str, dict[str, Any]] = {}
    for who, outcome in outcomes.items():
        theirs = mine if who == MODEL else outcome.measures()
        if who != MODEL:
            against[who] = difference(theirs[decides], deciding, groups).to_json()
        answers[who] = {}
        for name in list(theirs):
            tick()
            # None is kept longer than it is looked at: each holds columns of all cases.
            answers[who][name] = figure_of(theirs.pop(name), groups).to_json()
            at = next(done)
    chances = holm([gap.get("p", float("nan")) for gap in against.values()])
    for gap, chance in zip(against.values(), chances, strict=True):
        if np.isfinite(chance):
            gap["p_holm"] = chance
    named = {name: {"title": metric_title(name), "is": metric_meaning(name)} for name in names}
    return {
        "primary": primary,
        "decides": decides,
        "figures": named,
        "answers": answers,
        "against": against,
        "sentence": sentence(decides, against, {who: figures[decides]["value"] for who, figures in answers.items()}),
    }


def _rule_note(cards: Sequence[Card], held: Sequence[float] = ()) -> str:
    """How scores become the answers that are judged. held: the scores that stand beside the cut."""
    words = {card.fold: card.rule.words(card.threshold, beside=held) for card in cards}
    one = len(set(words.values())) == 1
    said = next(iter(words.values())) if one else "; ".join(f"fold {fold}: {each}" for fold, each in words.items())
    if cards[0].rule.never_cuts:
        return f"The answer: {said}."
    by = dict.fromkeys(rule_words(card.operating_point) for card in cards if card.operating_point)
    chosen = f" The cut was chosen on validation for {' or '.join(by)}." if by else ""
    asked = [str(card.recipe.get("operating_point", "")) for card in cards if not card.operating_point]
    chosen += "".join(f" {words}" for words in dict.fromkeys(lacking_words(text, None) for text in asked) if words)
    default = [card for card in cards if card.cut_from == "default"]
    of_these = "" if len(default) == len(cards) else f" of {', '.join(f'fold {card.fold}' for card in default)}"
    from_none = (
        f" No validation case gave the cut{of_these}: it is the one that a model begins with." if default else ""
    )
    return f"The answer: {said}.{chosen}{from_none} {CUT_OF_CONTROLS}"


def _notes(card: Card, collected: Collected, part: str) -> list[str]:
    """What a reader of the figures must know."""
    notes = []
    if part == "val":
        chosen = "The best epoch was" if card.rule.never_cuts else "The operating point and the best epoch were"
        notes.append(f"{chosen} chosen on these very cases; the figures are too good.")
    if collected.left_out:
        notes.append(
            f"{counted(len(collected.left_out), 'image')} of this part cannot be read or have no known label of the "
            f"task (the first is {collected.left_out[0][3]}): in cases.csv, but in no figure."
        )
    return notes
