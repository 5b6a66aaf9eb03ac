"""Runs, models and snapshots are called in sentences as the lists have them. Expected by hand."""

import pytest

from viewer.core.text.titles import model_title, name_title, run_title, short_id, task_word

RUN, MODEL = "20261130-1805-chest-x-ray-4688", "9e4f7ba10ac08e15"


def test_a_run_bears_its_task_as_people_write_it_and_its_last_digits() -> None:
    assert task_word("Chest X-ray") == "chest-x-ray"
    assert name_title(RUN, ["Lungs", "Chest X-ray"]) == run_title("Chest X-ray", RUN) == "Chest X-ray · 4688"
    assert name_title(RUN, ["Lungs"]) == "Chest-x-ray · 4688", "of a task that has gone its plain letters are known"
    assert name_title("phantom-squares", ["Lungs"]) == "phantom-squares"
    assert short_id(MODEL) == "9e4f7ba1"


@pytest.mark.parametrize(
    ("task", "name", "folder", "fold", "title"),
    [
        ("Chest X-ray", RUN, "20261130-1806-chest-x-ray-00f1", 1, "Chest X-ray fold 1 · 00f1"),
        ("Chest X-ray", RUN, MODEL, None, "Chest X-ray · 8e15"),
        ("", "phantom-squares", "phantom-squares", None, "phantom-squares"),
        ("Chest X-ray", RUN, "a copy", None, "Chest X-ray · 4688"),
        ("Chest X-ray", "mine", "a copy", None, "mine"),
    ],
)
def test_a_model_is_called_as_its_list_calls_it(
    task: str, name: str, folder: str, fold: int | None, title: str
) -> None:
    assert model_title(task, name, folder, fold) == title
