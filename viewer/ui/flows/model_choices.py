"""The models a person can ask: finished runs of the project, its kept models, and the small ones that ship with it; and
a question to one of them.

What reads cards and reports is loaded when the first list is made, on the thread that makes it: the window stands
before it asks for one.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ml.metric_words import metric_title
from ml.starts import SEEN_BY_START, validation_seen
from viewer.core.deciding import DecisionRule, decision_rule
from viewer.core.errors import AppError
from viewer.core.samples import PLAIN, SampleRule
from viewer.core.task_kinds.kind import task_kind
from viewer.core.text.titles import run_title
from viewer.ui.flows.operating_points import Point, points_of
from viewer.ui.flows.run_words import test_words

if TYPE_CHECKING:
    from ml.card import Card
    from viewer.project.samples.asking import Reader
    from viewer.reading.series import FrameRef

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """One model. source: "run", "model" or "bundled". metric: its figures in words, on the test part where
    that was reported, then on validation; "" when unknown."""

    name: str
    title: str
    folder: Path
    kind: str
    source: str
    labels: tuple[str, ...]
    model: str
    model_hash: str
    cam_layer: str
    threshold: float
    phantom: bool
    metric: str = ""
    created: str = ""  # when its training ended, as its card says
    seen: str = ""  # what of its validation part its start had learnt, in a sentence; "" where nothing is known of it
    exclusive: bool = False  # whether its labels exclude each other
    reads: SampleRule = PLAIN  # which frames it sees of an image
    modalities: tuple[str, ...] = ()  # of the images that it was trained on
    snapshot_id: str = ""  # of the snapshot that it was trained on; "" where that is not known
    networks: int = 1  # more: the folds of a training as one model
    points: tuple[Point, ...] = ()  # operating points that a person may choose between

    @property
    def rule(self) -> DecisionRule:
        """How its scores become an answer."""
        return decision_rule(self.kind, self.labels, exclusive=self.exclusive)

    @property
    def reader(self) -> "Reader":
        """What it reads."""
        from viewer.project.samples.asking import Reader

        return Reader(name=self.title, rule=self.reads, modalities=self.modalities)

    @property
    def detail(self) -> str:
        """What kind of model it is and where it comes from."""
        origin = {"run": "run", "model": "kept model", "bundled": "ships with the program, for the phantom only"}
        reads = "" if self.reads.is_plain else f"reads {self.reads.words(self.modalities)}"
        several = "" if self.networks == 1 else f"mean of {self.networks} networks"
        return " · ".join(filter(None, (task_kind(self.kind).word, origin[self.source], several, reads)))


def choice_of(folder: Path, source: str) -> ModelChoice:
    """A model's folder as a choice. Raises AppError when its card cannot be read."""
    from ml.card import read_card

    card = read_card(folder)
    return ModelChoice(
        name=folder.name,
        title=_title(card, folder, source),
        folder=folder,
        kind=card.kind,
        source=source,
        labels=card.labels,
        model=card.model,
        model_hash=card.model_hash,
        cam_layer=card.cam_layer,
        threshold=card.threshold,
        phantom=card.domain.phantom,
        metric=" · ".join(filter(None, (_test_figure(folder) if source == "run" else "", metric_words(card)))),
        created=card.created,
        seen=validation_seen(card.notes),
        exclusive=card.exclusive,
        reads=card.preprocess.rule,
        modalities=card.domain.modality,
        snapshot_id=card.snapshot_id,
        networks=card.networks,
        points=points_of(card),
    )


def _title(card: "Card", folder: Path, source: str) -> str:
    if source == "bundled":
        return card.name  # as every sentence about it calls it
    if source == "run" and (given := _given_name(folder)):
        return run_title(given, folder.name, card.fold)
    return run_title(card.called or card.name, folder.name, card.fold)


def _given_name(folder: Path) -> str:
    """The name that a person gave the run; "" without one, and where it cannot be read, which the list of runs says."""
    from viewer.jobs.run_marks import read_marks

    try:
        return read_marks(folder).title
    except AppError:
        return ""


def _test_figure(folder: Path) -> str:
    """What a run's report has found on the test part; "" without one."""
    from ml.evaluation.beside_controls import best_control
    from ml.evaluation.page import headline
    from viewer.jobs.reports import read_report

    try:
        report = read_report(folder)
        words = test_words(headline(report))
        return " · ".join((words, *filter(None, [best_control(report)]))) if words else ""
    except (AppError, OSError):
        return ""


def metric_words(card: "Card") -> str:
    """The first figure of the card and the part it was measured on."""
    for name, value in card.metrics.items():
        if isinstance(value, (int, float)):
            mark = f", {SEEN_BY_START}" if validation_seen(card.notes) else ""
            of = "" if card.networks == 1 else f", mean of {card.networks} folds"
            return f"{metric_title(name)} {value:.3f} on validation{of}{mark}"
    return ""


def model_choices(project_folder: Path | None) -> list[ModelChoice]:
    """Every model with a readable card: runs newest first, kept models, bundled ones. Reads the disk."""
    folders: list[tuple[Path, str]] = []
    if project_folder is not None:
        runs = sorted((project_folder / "runs").glob("*/card.json"), reverse=True)
        folders += [(card.parent, "run") for card in runs]
        folders += [(card.parent, "model") for card in sorted((project_folder / "models").glob("*/card.json"))]
    folders += [(folder, "bundled") for folder in bundled_models()]
    choices: dict[str, ModelChoice] = {}
    for folder, source in folders:
        try:
            choice = choice_of(folder, source)
        except (AppError, OSError) as error:
            log.warning("A model is left out: %s", error)
            continue
        # The copy that is kept of a run's model is that model: it is listed once, as its run.
        choices.setdefault(choice.model_hash or str(folder), choice)
    return list(choices.values())


def default_model(models: Sequence[ModelChoice], before: ModelChoice | None = None) -> ModelChoice | None:
    """The model to ask where nobody chose one: the newest of the project; one that ships with the program, which
    knows the phantom only, where there is nothing else. before: the bundled one asked until now, which stays."""
    own = [model for model in models if model.source != "bundled"]
    if own:
        return max(own, key=lambda model: model.created)  # the first of equals: a run stands before its kept copy
    kept = [model for model in models if before is not None and model.folder == before.folder]
    return next(iter([*kept, *models]), None)


def bundled_models() -> list[Path]:
    """The folders of the small phantom models."""
    import resources

    root = Path(str(resources.__path__[0])) / "models"
    return sorted(card.parent for card in root.glob("*/card.json"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ask:
    """One question to a model. series: part of a series asked for as a whole, so kept even when it is not shown.

    label, method, layer: for a heatmap; empty for a prediction, and the layer for the model's own. era: which project
    and model it was asked in, as `ModelQueries` counts them.
    """

    ref: "FrameRef"
    image_id: str
    model: ModelChoice
    era: int
    run_anyway: bool = False
    series: bool = False
    label: str = ""
    method: str = ""
    layer: str = ""


def is_same(ask: Ask, other: Ask) -> bool:
    """Whether two questions have the same answer; that of a series is kept whatever is shown, that of an image not."""
    return (
        (ask.image_id, ask.model.folder, ask.label, ask.method, ask.layer, ask.run_anyway)
        == (other.image_id, other.model.folder, other.label, other.method, other.layer, other.run_anyway)
    ) and (other.series or not ask.series)
