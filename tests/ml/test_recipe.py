"""Recipes: read back as written, and every setting read as its type."""

import pytest

from ml.recipe import Recipe, default_recipe, read_recipe_file
from viewer.core.errors import BadRequest


def recipe() -> Recipe:
    return default_recipe(task="t", kind="classification", labels=("a", "b"), model="resnet18")


def test_a_recipe_is_read_back_as_it_was_written() -> None:
    one = recipe().with_settings(["fold=3", "epochs=7", "augment=no", "learning_rate=1e-4", "labels=x,y,z"])

    assert Recipe.from_json(one.to_json()) == one
    assert (one.fold, one.epochs, one.augment, one.learning_rate, one.labels) == (3, 7, False, 1e-4, ("x", "y", "z"))
    assert one.with_settings(["fold=none"]).fold is None


@pytest.mark.parametrize(
    "setting", ["epoch=3", "epochs", "epochs=three", "augment=maybe", "epochs=0", "precision=int8"]
)
def test_a_setting_that_does_not_fit_is_refused(setting: str) -> None:
    with pytest.raises(BadRequest):
        recipe().with_settings([setting])


def test_a_recipe_of_another_version_is_refused_by_name() -> None:
    with pytest.raises(BadRequest, match="mixup"):
        Recipe.from_json({**recipe().to_json(), "mixup": 0.2})


def test_exclusive_classification_needs_two_labels() -> None:
    with pytest.raises(BadRequest, match="two labels"):
        default_recipe(task="t", kind="classification", labels=("a",), model="resnet18")


def test_chest_films_are_not_mirrored_unless_asked() -> None:
    assert recipe().augment_flip is False


def test_a_config_file_is_a_recipe_or_a_runs_config() -> None:
    assert read_recipe_file('{"epochs": 3}', "f") == {"epochs": 3}
    assert read_recipe_file('{"recipe": {"epochs": 4}, "command": []}', "f") == {"epochs": 4}
    with pytest.raises(BadRequest):
        read_recipe_file("epochs: 3", "f")
