"""How the judged runs were trained, in sentences: when, from what, which epoch was kept, with which settings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from ml.card import Card
from ml.events import FIRST_EPOCH, read_events
from ml.given_name import title_of_run
from ml.recipe import FROM_THE_SNAPSHOT, Recipe, default_recipe, setting_words
from ml.starts import start_name, validation_seen
from viewer.core.text.titles import name_title

# Said of every run; the others where they are not as a training of this kind has them.
ALWAYS = ("epochs", "batch_size", "learning_rate", "input_px", "seed", "select")
# A setting whose words are a clause and not a name, with its value.
CLAUSES = {
    ("select", "metric"): "best epoch chosen by its figure on validation",
    ("select", "loss"): "best epoch chosen by its loss on validation",
}
_SAID_ELSEWHERE = {*FROM_THE_SNAPSHOT, "model", "init", "fold", "run_name", "device", "checkpoint_every_s"}


def how_trained(runs: Sequence[Path], cards: Sequence[Card]) -> list[str]:
    """One sentence for each run, then the settings, once where the runs share them."""
    said = [_one(run, card) for run, card in zip(runs, cards, strict=True)]
    return [*said, *dict.fromkeys(filter(None, map(_sample, cards))), *dict.fromkeys(map(_settings, cards))]


def seen_at_the_start(cards: Sequence[Card]) -> list[str]:
    """What of their validation parts their starts had learnt, in the sentences of their cards."""
    return list(dict.fromkeys(filter(None, (validation_seen(card.notes) for card in cards))))


def _one(run: Path, card: Card) -> str:
    start = name_title(start_name(card.init), [card.task])
    epoch, asked = _best_epoch(run, card), card.recipe.get("epochs")
    parts = [f"started from {start}" if start else "started from scratch"]
    if epoch > 0:
        parts.append(f"the weights are those after epoch {epoch}" + (f" of {asked}" if asked else ""))
    if card.created:
        parts.append(f"trained until {_moment(card.created)}")
    return f"{title_of_run(run, card.task)}: {'; '.join(parts)}."


def _moment(created: str) -> str:
    """To the minute, with its zone; as it stands where it is no moment."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return created
    return f"{moment:%Y-%m-%d %H:%M} {moment.tzname() or ''}".strip()


def _best_epoch(run: Path, card: Card) -> int:
    """From 1; 0 where it is not known. Runs from before epochs were counted from 1 say so in their events."""
    started = [event for event in read_events(run) if event.get("event") == "started"]
    earlier = bool(started) and started[-1].get("first_epoch") != FIRST_EPOCH
    return card.best_epoch + earlier


def _sample(card: Card) -> str:
    """What it reads, where that is more than one image."""
    rule = card.preprocess.rule
    return "" if rule.is_plain else f"Each sample is {rule.words(card.domain.modality)}."


def _settings(card: Card) -> str:
    words = [
        CLAUSES.get((name, value)) or f"{setting_words(name).removeprefix('the ')} {value}"
        for name, value in _told(card)
    ]
    return f"Settings: {'; '.join(words)}. All others are those of a new run." if words else ""


def _told(card: Card) -> Iterator[tuple[str, Any]]:
    recipe = Recipe.from_json(card.recipe)
    usual: Mapping[str, Any] = default_recipe(
        task=recipe.task, kind=recipe.kind, labels=recipe.labels, model=recipe.model, exclusive=recipe.exclusive
    ).to_json()
    for name in (field.name for field in fields(Recipe) if field.name not in _SAID_ELSEWHERE):
        value = getattr(recipe, name)
        if name == "input_px" and not value:
            value = card.preprocess.size_px
        if name in ALWAYS or value != usual[name]:
            yield name, _word(value)


def settings_apart(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(what, of the first, of the second) of each setting in which two recipes differ, where both have it. Its size and
    its epochs a comparison says as they came out."""
    rows = []
    for name in (field.name for field in fields(Recipe) if field.name not in {*_SAID_ELSEWHERE, "input_px", "epochs"}):
        if name in first and name in second and first[name] != second[name]:
            title = setting_words(name).removeprefix("the ")
            rows.append((title[:1].upper() + title[1:], _word(first[name]), _word(second[name])))
    return rows


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)
