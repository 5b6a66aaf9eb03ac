"""A run as the start of a new one: the same recipe, in which only what a person changes is another."""

from dataclasses import replace

from ml.recipe import Recipe
from viewer.core.errors import BadRequest
from viewer.jobs.runs import RunState


def cloned_recipe(run: RunState) -> Recipe:
    """The recipe of a run for a new one: its snapshot, its start and all settings; the name that folds share is the
    old training's own. Raises BadRequest where its settings cannot be read or are of another version."""
    if not run.recipe:
        raise BadRequest(f"The settings of {run.run_id} cannot be read, so no run can be made like it.")
    try:
        return replace(Recipe.from_json(run.recipe), run_name="")
    except BadRequest as error:
        raise BadRequest(f"No run can be made like {run.run_id}: {error}") from error
