"""What is said of a training before it starts."""

import json
from pathlib import Path
from typing import Any

import pytest

from ml.before import outlook
from ml.training.fits import main as fits
from ml.training.run import run_training
from viewer.core.errors import BadRequest
from viewer.core.labels import Verdict

NO, YES = Verdict.NO, Verdict.YES
OTHER = {"classification": "resnet18", "segmentation": "unet_resnet18"}


def parts(films: Any) -> Any:
    return films.parts()


def test_sound_films_raise_no_doubt(disc_films: Any, tiny_recipe: Any) -> None:
    for kind in ("classification", "detection", "segmentation"):
        found = outlook(tiny_recipe(kind), parts(disc_films(kind)))

        assert (found.refusals, found.doubts) == ((), ())


def test_one_class_is_refused_and_named(disc_films: Any, tiny_recipe: Any) -> None:
    films = disc_films()
    for film in films.items:
        film.labels = {"sick": NO, "well": YES}

    found = outlook(tiny_recipe(), parts(films))

    assert found.refusals == (
        "Every training image shows well: there is nothing to tell apart. Complete cases of sick, or split anew.",
    )


def test_independent_labels_need_a_yes_and_a_no_of_one_at_least(disc_films: Any, tiny_recipe: Any) -> None:
    films, recipe = disc_films(), tiny_recipe(exclusive=False)
    for film in films.items:
        film.labels = {"sick": NO, "well": YES}
    assert "nothing to tell apart" in outlook(recipe, parts(films)).refusals[0]

    films = disc_films()
    for film in films.items:
        film.labels |= {"well": YES}
    found = outlook(recipe, parts(films))
    assert found.refusals == ()
    assert found.doubts == ("No training image says no to well, so the model learns to say yes to it always.",)


@pytest.mark.parametrize(("kind", "thing"), [("detection", "box"), ("segmentation", "mask")])
def test_labels_without_objects(kind: str, thing: str, disc_films: Any, tiny_recipe: Any) -> None:
    films = disc_films(kind)
    recipe = tiny_recipe(kind).with_settings(["labels=disc,ring"])
    assert outlook(recipe, parts(films)).doubts == (
        "No training image shows ring: it has no weight in the loss, and the model cannot learn it.",
    )

    for film in films.items:
        film.boxes, film.masks = (), ()
    found = outlook(recipe, parts(films))
    assert found.refusals == (f"No training image holds a {thing} of disc or ring: there is nothing to learn.",)


def test_one_patient_no_validation_and_one_class_in_it_are_said(disc_films: Any, tiny_recipe: Any) -> None:
    films = disc_films()
    for film in films.items:
        if film.part == "val":
            film.labels = {"sick": NO, "well": YES}
    assert "Every validation image shows well" in outlook(tiny_recipe(), parts(films)).doubts[0]

    for film in films.items:
        film.part, film.patient_id = "train", "P"
    doubts = outlook(tiny_recipe(), parts(films)).doubts
    assert "All 32 training images are of one patient" in doubts[0]
    assert "no validation part" in doubts[1]


def test_settings_that_do_nothing_are_said(disc_films: Any, tiny_recipe: Any) -> None:
    found = outlook(tiny_recipe("segmentation", label_smoothing=0.1, class_weights=True, freeze_epochs=1),
                    parts(disc_films("segmentation")))  # fmt: skip

    assert [doubt.split(" ")[0] for doubt in found.doubts] == ["Label", "Class", "Frozen"]


def test_what_was_doubtful_stays_with_the_run_and_its_card(
    disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any
) -> None:
    films = disc_films(count=12)
    for film in films.items:
        film.part = "train"
    folder = new_run(tiny_recipe(epochs=1))

    card = run_training(folder, films, reader=film_reader)

    from viewer.jobs.runs import read_run

    run = read_run(folder)
    assert run.notes == card.notes
    assert "no validation part" in run.notes[0]
    assert run.why_no_figure == "No validation images"


def asked(capsys: Any, project: Path, **question: Any) -> dict[str, Any]:
    assert fits(str(project), json.dumps(question)) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_weights_of_another_network_are_found_out(
    disc_films: Any, film_reader: Any, tiny_recipe: Any, new_run: Any, tmp_path: Path, capsys: Any
) -> None:
    run_training(new_run(tiny_recipe(epochs=1), "base"), disc_films(count=12), reader=film_reader)
    project = tmp_path / "project"

    same = asked(capsys, project, kind="classification", model="simple_cnn", labels=["a", "b", "c"], init="base")
    assert same["loaded"] == same["total"] > 0
    other = asked(capsys, project, kind="classification", model="resnet18", labels=["a", "b"], init="base")
    assert "Nothing in" in other["error"] and "fits this network" in other["error"]
    assert (
        "no run, model or weights file"
        in asked(capsys, project, kind="classification", model="simple_cnn", labels=["a"], init="x")["error"]
    )


def test_an_image_that_contradicts_the_task_is_named(disc_films: Any, tiny_recipe: Any) -> None:
    films = disc_films()
    films.items[0].labels = {"sick": YES, "well": YES}

    with pytest.raises(BadRequest, match="is both"):
        outlook(tiny_recipe(), parts(films))
