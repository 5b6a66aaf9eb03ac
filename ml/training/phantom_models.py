"""Makes the three small models that ship with the program: `python -m ml.training.phantom_models [--out FOLDER]`.

They are trained on generated films of the phantom by the ordinary loop, chosen on validation patients, and tested on
patients that neither training nor validation has seen. They answer for phantom images only.
"""

import argparse
import hashlib
import json
import logging
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import resources
from ml.card import Card, Domain, write_json
from ml.catalogue import load_spec
from ml.data.cache import Reader, read_item
from ml.data.targets import ItemFrame, TaskFacts, class_index, true_boxes, true_mask
from ml.evaluation.boxes import BoxCase, mean_iou, mean_precision
from ml.evaluation.classes import guesses
from ml.evaluation.metrics import auc, dice
from ml.events import BEST_WEIGHTS, CONFIG_FILE
from ml.explain.measuring_scale import measure_scale
from ml.explain.scale import write_scale
from ml.inference.domain import PHANTOM_MANUFACTURER
from ml.inference.load import LoadedModel, load_model
from ml.inference.predict import predict
from ml.inference.store import write_model
from ml.recipe import Recipe, default_recipe
from ml.training.checkpoint import load_network, read_tensors
from ml.training.run import run_training
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict
from viewer.core.pixels import PixelFacts
from viewer.core.shapes.annotations import Prediction
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.text.nameless import log_without_names
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.phantom.sample import write_radiographs
from viewer.reading.phantom.truth import CLEAR, LUNG, NODULE, FilmTruth
from viewer.reading.series import FrameRef

SOURCE = "generated chest films of the phantom"
FILMS, FILM_PX, SEED = 400, 224, 11
VAL_SHARE, TEST_SHARE = 0.15, 0.15


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Film:
    """One phantom film as training reads it (see `ml.data.targets.Item`). part: "train", "val" or "test".

    cut: (x0, y0, side) of the square of it that is meant, None for the whole film.
    """

    image_id: str
    path: Path
    patient_id: str
    part: str
    labels: dict[str, Verdict]
    boxes: tuple[tuple[str, Box], ...]
    masks: tuple[tuple[str, MaskRuns], ...]
    tags: dict[str, str]
    numbers: dict[str, float] = field(default_factory=dict)
    frame_index: int = 0
    complete: bool = True
    modality: str = "DX"
    source: str = SOURCE
    pixel_sha256: str = ""
    frames: tuple[ItemFrame, ...] = ()
    cut: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Films:
    """The films of many patients, one each; what `ml.training.run.Images` asks for."""

    id: str
    card: dict[str, Any]
    items: tuple[Film, ...]

    def parts(self, fold: int | None = None) -> dict[str, list[Film]]:
        """By part; there are no folds."""
        return {part: [item for item in self.items if item.part == part] for part in ("train", "val", "test")}


def make_films(folder: Path, *, count: int, seed: int) -> Films:
    """Write the films and split them by patient."""
    folder.mkdir(parents=True, exist_ok=True)
    return films_of(write_radiographs(folder, count, size_px=FILM_PX, seed=seed).films, seed=seed)


def films_of(truths: Sequence[FilmTruth], *, seed: int) -> Films:
    """Items of the films, patients dealt to the parts by a fixed shuffle."""
    order = np.random.default_rng(seed).permutation(len(truths))
    cut = (round(len(truths) * TEST_SHARE), round(len(truths) * (TEST_SHARE + VAL_SHARE)))
    part = {int(i): "test" if at < cut[0] else "val" if at < cut[1] else "train" for at, i in enumerate(order)}
    items = tuple(_film(truth, part[i]) for i, truth in enumerate(truths))
    snapshot_id = hashlib.sha256("\n".join(f"{item.image_id} {item.part}" for item in items).encode()).hexdigest()
    return Films(
        id=snapshot_id, card={"notes": [f"{len(items)} films of as many patients, made by seed {seed}."]}, items=items
    )


def _film(truth: FilmTruth, part: str) -> Film:
    return Film(
        image_id=hashlib.sha256(truth.path.read_bytes()).hexdigest()[:32],
        path=truth.path,
        patient_id=truth.patient_id,
        part=part,
        labels={NODULE: _verdict(yes=bool(truth.nodules)), CLEAR: _verdict(yes=not truth.nodules)},
        boxes=tuple((NODULE, box) for box in truth.nodules),
        masks=((LUNG, truth.lungs),),
        tags={"Modality": "DX", "BodyPartExamined": "CHEST", "Manufacturer": PHANTOM_MANUFACTURER, "source": SOURCE},
    )


def _verdict(*, yes: bool) -> Verdict:
    return Verdict.YES if yes else Verdict.NO


def train(name: str, films: Films, work: Path, out: Path, *, settings: Sequence[str] = ()) -> Card:
    """Train one of the three and write it to out/name; returns its card."""
    shipped = SHIPPED[name]
    recipe = shipped.recipe.with_settings(settings)
    for number, (side_px, input_px, per_film, own) in enumerate(shipped.cuttings):
        smaller = recipe.with_settings([f"input_px={input_px}", *own])
        run_name = f"{name}-{side_px}"
        _run(smaller, run_name, work, cuttings(films, side_px, per_film=per_film, seed=number), reader=read_cutting)
        recipe = replace(recipe, init=run_name)
    trained, folder = _run(recipe, name, work, films, reader=read_item)
    card = replace(
        trained,
        name=shipped.title,
        domain=Domain(
            modality=("DX",),
            # With a window from the image itself both kinds of grey look the same to the network; a fixed one does not
            # fit values that run the other way.
            photometric=("MONOCHROME2",) if recipe.window == "fixed" else ("MONOCHROME1", "MONOCHROME2"),
            body_part=("CHEST",),
            phantom=True,
            source=SOURCE,
        ),
        model_hash="",
    )
    spec = load_spec(card.model)
    network = spec.build(len(card.labels), card.preprocess.channels)
    load_network(network, read_tensors(folder / BEST_WEIGHTS)[0])
    write_model(work / "untested" / name, network, card)
    tested = film_figures(name, load_model(work / "untested" / name), films.parts()["test"])
    words = ", ".join(f"{key} {value:.3f}" for key, value in tested.items())
    patients = len(films.parts()["test"])
    notes = (*card.notes, f"On {patients} held-out phantom patients: {words}.", "Works on phantom images only.")
    done = write_model(out / name, network, replace(card, notes=notes))
    keep_scale(out / name, films)
    return done


def keep_scale(folder: Path, films: Films) -> None:
    """Write beside a model what full colour stands for in its heatmaps, over the validation films."""
    loaded = load_model(folder)
    frames = (read(film) for film in films.parts()["val"])
    inputs = (torch.from_numpy(loaded.preprocess.forward(frame.stored, frame.facts)[0])[None] for frame in frames)
    write_scale(folder, measure_scale(loaded.card, loaded.network, inputs))


def _run(recipe: Recipe, name: str, work: Path, films: Films, *, reader: Reader) -> tuple[Card, Path]:
    """One run of the ordinary loop in work/runs/name."""
    folder = work / "runs" / name
    (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
    (work / "models").mkdir(exist_ok=True)
    write_json(folder / CONFIG_FILE, {"recipe": recipe.to_json()})
    return run_training(folder, films, reader=reader), folder


def cuttings(films: Films, side_px: int, *, per_film: int, seed: int) -> Films:
    """Squares out of the lungs, half of them around nodules where there are some; each stays in its patient's part."""
    rng = np.random.default_rng(seed)
    items: dict[str, Film] = {}
    for film in films.items:
        lungs = film.masks[0][1]
        inside = np.argwhere(lungs.to_array())
        centers = [((box.x0_px + box.x1_px) / 2, (box.y0_px + box.y1_px) / 2) for _, box in film.boxes]
        for number in range(per_film):
            if centers and number % 2 == 0:
                x, y = np.array(centers[number // 2 % len(centers)]) + rng.uniform(-0.3, 0.3, 2) * side_px
            else:
                y, x = inside[rng.integers(len(inside))]
            x0 = int(np.clip(x - side_px / 2, 0, lungs.cols - side_px))
            y0 = int(np.clip(y - side_px / 2, 0, lungs.rows - side_px))
            whole = any(x0 <= cx < x0 + side_px and y0 <= cy < y0 + side_px for cx, cy in centers)
            if not whole and any(_touches(box, x0, y0, side_px) for _, box in film.boxes):
                continue  # part of a nodule: neither yes nor no
            image_id = f"{film.image_id[:20]}{x0:06d}{y0:06d}"
            labels = {NODULE: _verdict(yes=whole), CLEAR: _verdict(yes=not whole)}
            items[image_id] = replace(film, image_id=image_id, labels=labels, cut=(x0, y0, side_px))
    digest = hashlib.sha256("\n".join(items).encode()).hexdigest()
    return Films(id=digest, card=films.card, items=tuple(items.values()))


def _touches(box: Box, x0: int, y0: int, side_px: int) -> bool:
    return box.x1_px > x0 and box.x0_px < x0 + side_px and box.y1_px > y0 and box.y0_px < y0 + side_px


def read_cutting(item: ItemFrame) -> tuple[NDArray[Any], PixelFacts]:
    """The stored pixels of one cutting."""
    assert isinstance(item, Film) and item.cut is not None
    frame, (x0, y0, side_px) = read(item), item.cut
    stored = np.ascontiguousarray(frame.stored[y0 : y0 + side_px, x0 : x0 + side_px])
    return stored, replace(frame.facts, rows=side_px, cols=side_px)


def read(film: Film) -> Frame:
    """The film's frame."""
    return read_frame(FrameRef(path=film.path))


def film_figures(name: str, loaded: LoadedModel, films: Sequence[Film]) -> dict[str, float]:
    """Figures of whole predictions, in the films' own pixels, at the card's threshold. name: of SHIPPED."""
    answers = [predict(loaded, read(film), film.image_id) for film in films]
    return SHIPPED[name].figures(loaded.card, films, answers)


def _task(card: Card) -> TaskFacts:
    return TaskFacts(kind=card.kind, labels=card.labels, exclusive=card.exclusive)


def _class_figures(card: Card, films: Sequence[Film], answers: Sequence[Prediction]) -> dict[str, float]:
    truth = np.array([class_index(film, _task(card)) for film in films]) == 1
    scores = np.array([[answer.scores[label] for label in card.labels] for answer in answers])
    said = guesses(scores, card.threshold, exclusive=card.exclusive)[:, 1]
    return {"auc": auc(truth, scores[:, 1]), "accuracy": float((said == truth).mean())}


def _mask_figures(card: Card, films: Sequence[Film], answers: Sequence[Prediction]) -> dict[str, float]:
    values = [_dice(film, answer, card.labels[0]) for film, answer in zip(films, answers, strict=True)]
    return {"dice": float(np.mean(values)), "smallest dice": float(np.min(values))}


def _box_figures(card: Card, films: Sequence[Film], answers: Sequence[Prediction]) -> dict[str, float]:
    cases = [_case(film, answer, _task(card)) for film, answer in zip(films, answers, strict=True)]
    return {**mean_precision(cases, 1), "iou": mean_iou(cases)}


def _dice(film: Film, answer: Prediction, label: str) -> float:
    (shape,) = [p.shape for p in answer.proposals if p.label == label] or [None]
    truth = film.masks[0][1]
    seen = np.zeros((truth.rows, truth.cols), np.bool_) if shape is None else shape.inside(truth.rows, truth.cols)
    return dice(true_mask(film, label, truth.rows, truth.cols), seen)


def _case(film: Film, answer: Prediction, task: TaskFacts) -> BoxCase:
    truth, truth_labels = true_boxes(film, task)
    found = [(p, p.shape.as_box()) for p in answer.proposals if p.shape is not None]
    placed, boxes = [p for p, _ in found], [box.extent() for _, box in found if box is not None]
    return BoxCase(
        truth=truth,
        truth_labels=truth_labels,
        boxes=np.array(boxes, np.float64).reshape(-1, 4),
        labels=np.array([task.labels.index(p.label) for p in placed], np.int64),
        scores=np.array([p.score for p in placed], np.float64),
    )


# A film's nodules are one cell in a hundred of the last map: from scratch the classifier finds none of them in 280
# films (measured: AUC 0.46 after 30 epochs). So it begins on cuttings of a quarter, then of half a film's width, and is
# fine-tuned on whole films. (side of the cutting in film px, input px, cuttings per film, recipe settings)
CUTTINGS = (
    (FILM_PX // 4, 40, 12, ("epochs=10", "batch_size=32", "learning_rate=2e-3")),
    (FILM_PX // 2, 80, 4, ("epochs=10",)),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shipped:
    """One of the models. figures: (card, films, answers) to figures by name. cuttings: what it begins on."""

    title: str
    recipe: Recipe
    figures: Callable[[Card, Sequence[Film], Sequence[Prediction]], dict[str, float]]
    cuttings: tuple[tuple[int, int, int, Sequence[str]], ...] = ()


SHIPPED: dict[str, Shipped] = {
    "phantom_classifier": Shipped(
        title="Phantom: nodule or clear", figures=_class_figures, cuttings=CUTTINGS,
        recipe=default_recipe(
            task="nodule", kind="classification", labels=(CLEAR, NODULE), model="simple_cnn", epochs=20, batch_size=16,
            learning_rate=1e-3, input_px=160, window="fixed", window_center=1550, window_width=1800,
        ),
    ),
    "phantom_detector": Shipped(
        title="Phantom: nodule boxes", figures=_box_figures,
        recipe=default_recipe(
            task="nodule boxes", kind="detection", labels=(NODULE,), model="center_point", epochs=32, batch_size=16,
            learning_rate=2e-3, input_px=192, window="fixed", window_center=1550, window_width=1800,
        ),
    ),
    "phantom_segmenter": Shipped(
        title="Phantom: lungs", figures=_mask_figures,
        recipe=default_recipe(
            task="lungs", kind="segmentation", labels=(LUNG,), model="small_unet", exclusive=False, epochs=6,
            batch_size=8, learning_rate=2e-3,
        ),
    ),
}  # fmt: skip


def main(words: Sequence[str]) -> int:
    """Make the films, train, test, write. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ml.training.phantom_models", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(resources.__file__).parent / "models")
    parser.add_argument("--films", type=int, default=FILMS, help="how many to generate")
    parser.add_argument("--only", choices=list(SHIPPED), action="append", help="train this one (may be repeated)")
    parser.add_argument(
        "--scales", action="store_true", help="train nothing: measure the heatmap scales of the models that are there"
    )
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="recipe settings, for trials")
    args = parser.parse_args(words)
    if args.films < 20:
        raise BadRequest("At least 20 films are needed for three parts.")
    log_without_names("%(asctime)s %(message)s", logging.INFO)
    with tempfile.TemporaryDirectory(prefix="phantom-models-") as place:
        films = make_films(Path(place) / "films", count=args.films, seed=SEED)
        for name in args.only or SHIPPED:
            if args.scales:
                keep_scale(args.out / name, films)
                continue
            card = train(name, films, Path(place), args.out, settings=args.set)
            sys.stdout.write(
                json.dumps({"name": name, "validation": card.metrics, "notes": card.notes}, allow_nan=False) + "\n"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
