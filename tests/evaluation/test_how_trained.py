"""A report says when a run was trained, from what, which epoch it kept and with which settings."""

from pathlib import Path

import pytest

from ml.card import Card, Domain
from ml.catalogue import PreprocessSpec
from ml.evaluation.how_trained import how_trained, seen_at_the_start
from ml.evaluation.page import report_body
from ml.events import append_event
from ml.recipe import default_recipe
from ml.starts import log_mark, start_mark, start_name
from tests.evaluation.test_page import DOCUMENT

START = "20261130-0507-findings-c6f8"
SEEN = (
    "Of the 8 images of the validation part, the start was trained on 6 (6 patients in all): figures on them will be "
    "too good."
)


def card(init: str = START, best_epoch: int = 1, **settings: object) -> Card:
    recipe = default_recipe(
        task="t", kind="classification", labels=("a", "b"), model="simple_cnn", **{"epochs": 8, **settings}
    )
    return Card(
        name="m", model="simple_cnn", kind="classification", labels=("a", "b"), exclusive=True,
        preprocess=PreprocessSpec(size_px=96), domain=Domain(), threshold=0.5, metrics={}, snapshot_id="s",
        cam_layer="", init=init, best_epoch=best_epoch, created="2026-11-30T05:20:11.123+00:00",
        notes=("Another note.", SEEN), recipe=recipe.to_json(),
    )  # fmt: skip


def test_start_epoch_date_and_settings_are_said(tmp_path: Path) -> None:
    run = tmp_path / "20261130-0518-findings-3d3a"
    run.mkdir()
    append_event(run, "started", first_epoch=1, epoch=0)

    first, settings = how_trained([run], [card(batch_size=5, seed=7, augment=False)])

    assert first == (
        "Findings · 3d3a: started from Findings · c6f8; the weights are those after epoch 1 of 8; trained until "
        "2026-11-30 05:20 UTC."
    )
    for words in ("number of epochs 8", "batch size 5", "seed 7", "input size in pixels 96", "augmentation off"):
        assert words in settings
    assert "best epoch chosen by its figure on validation" in settings and "what the" not in settings
    assert "class" not in settings  # as every new run has it


def test_epochs_that_were_counted_from_nought_are_told_from_one(tmp_path: Path) -> None:
    append_event(tmp_path, "started", epoch=0)

    assert "after epoch 4 of 8" in how_trained([tmp_path], [card(best_epoch=3)])[0]


def test_folds_share_the_sentence_of_their_settings(tmp_path: Path) -> None:
    runs = [tmp_path / "one", tmp_path / "two"]

    told = how_trained(runs, [card("scratch"), card("scratch")])

    assert [words.partition(";")[0] for words in told[:2]] == [
        f"{name}: started from scratch" for name in ("one", "two")
    ]
    assert len(told) == 3


def test_what_the_start_has_seen_stands_in_the_report_in_the_card_s_words() -> None:
    assert seen_at_the_start([card(), card()]) == [SEEN]


def test_the_page_holds_every_sentence() -> None:
    page = report_body({**DOCUMENT, "trained": ["<run> started from c6f8."]})

    assert "<h4>How it was trained</h4>" in page and "&lt;run&gt; started from c6f8." in page
    assert "How it was trained" not in report_body(DOCUMENT)


@pytest.mark.parametrize(
    ("init", "name", "mark"),
    [
        ("scratch", "", ""),
        (START, START, "c6f8"),
        ("/somewhere/of a person/weights.pth", "weights.pth", "weights.pth"),
        ("C:\\Users\\somebody\\weights.pth", "weights.pth", "weights.pth"),
    ],
)
def test_a_start_is_called_as_people_know_it_without_its_folder(init: str, name: str, mark: str) -> None:
    assert (start_name(init), start_mark(init)) == (name, mark)


def test_a_log_names_a_run_by_its_digits_and_no_file() -> None:
    assert log_mark(Path("p/runs") / START) == "run c6f8"
    assert log_mark(Path("p/models/0123456789abcdef")) == "model 0123456789abcdef"
    assert log_mark(Path("p/Jane Doe-c6f8")) == log_mark(Path("p/runs/Jane Doe")) == ""


def test_runs_and_cards_that_do_not_belong_together_are_no_sentence(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shorter"):
        how_trained([tmp_path, tmp_path], [card()])
