"""A run as the start of a new one keeps all but the name of the old training."""

from dataclasses import replace
from pathlib import Path

from ml.recipe import default_recipe
from viewer.jobs.cloning import cloned_recipe
from viewer.jobs.queue import enqueue
from viewer.jobs.runs import read_run


def test_a_clone_keeps_its_fold_and_has_no_name_of_other_folds(tmp_path: Path) -> None:
    recipe = default_recipe(
        task="Lung", kind="classification", labels=("no", "yes"), model="simple_cnn", epochs=3, fold=2,
        run_name="folds-of-monday", init="20261121-1415-lung-3f2a", snapshot_id="ab" * 32, learning_rate=0.02,
    )  # fmt: skip
    folder = enqueue(tmp_path, recipe)

    assert cloned_recipe(read_run(folder)) == replace(recipe, run_name="")
