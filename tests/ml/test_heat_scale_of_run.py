"""A run measures once what full colour stands for, with the weights that it kept, and its model takes that along."""

import numpy as np
import pytest

from ml.explain.cams import CAMS
from ml.explain.heatmap import score_of
from ml.explain.scale import SCALE_FILE, read_scale
from ml.explain.tap import tap
from ml.inference.load import load_model
from ml.training.run import prepare, project_of, run_training
from viewer.core.registry import load


def test_a_finished_run_and_its_model_know_the_largest_map_of_the_validation_images(
    disc_films, film_reader, tiny_recipe, new_run
) -> None:
    films, recipe = disc_films("classification", count=24), tiny_recipe("classification", epochs=2, augment=False)
    folder = new_run(recipe)

    card = run_training(folder, films, reader=film_reader)

    model = load_model(project_of(folder) / "models" / card.model_hash[:16])
    scale = read_scale(model.folder)
    assert scale == read_scale(folder) and scale.images > 0
    prepared = prepare(recipe, films, project_of(folder), reader=film_reader)
    rows = prepared.rows["val"]
    assert scale.images == min(32, len(rows))
    label, largest = card.labels[0], dict.fromkeys(CAMS, 0.0)
    for row in rows[:32]:
        images = prepared.data.exact_batch(np.array([row])).images
        evidence = tap(model.network, card.cam_layer, images, score_of(card, model.network, label))
        for name in CAMS:
            largest[name] = max(largest[name], float(load(CAMS, name).weigh(evidence).max()))
    for name, value in largest.items():
        assert scale.of(label, name).top == (pytest.approx(value, rel=1e-4) if value > 0 else None)


def test_a_detector_in_two_stages_has_no_map_and_no_scale(disc_films, film_reader, tiny_recipe, new_run) -> None:
    folder = new_run(tiny_recipe("detection", epochs=1))

    run_training(folder, disc_films("detection", count=8), reader=film_reader)

    assert (folder / SCALE_FILE).is_file() == bool(read_scale(folder).tops)
