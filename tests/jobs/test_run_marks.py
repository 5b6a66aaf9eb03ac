"""What a person writes on a run: kept in its folder, whole or not at all; what is damaged is named and not lost."""

import json
import threading
from pathlib import Path

import pytest

from ml.events import append_event
from ml.recipe import default_recipe
from viewer.core.errors import Ambiguous, BadFile, BadRequest
from viewer.jobs.queue import enqueue
from viewer.jobs.run_marks import MARKS_FILE, RunMarks, change_marks, read_marks, tags_typed, write_marks
from viewer.jobs.runs import find_run, list_runs, read_run
from viewer.ui.flows.model_choices import choice_of
from viewer.ui.flows.run_words import run_title

RECIPE = default_recipe(task="Lung mass", kind="classification", labels=("no", "yes"), model="simple_cnn", epochs=3)


def test_a_run_bears_what_was_written_on_it_and_its_shared_name_stays(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE.with_settings(["run_name=folds-of-monday"]))

    change_marks(folder, title="  The  good one ", note="lower rate\nagain\n", tags=["best", "Best", "to-show"])
    run = read_run(folder)

    assert (run.title, run.note, run.tags) == ("The good one", "lower rate\nagain", ("best", "to-show"))
    assert run.name == "folds-of-monday"
    assert run_title(run) == f"The good one · {folder.name[-4:]}"


def test_one_is_changed_and_the_others_stay(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    change_marks(folder, title="a", note="b", tags=["c"])

    change_marks(folder, note="d")

    assert read_marks(folder) == RunMarks(title="a", note="d", tags=("c",))
    assert run_title(read_run(enqueue(tmp_path, RECIPE))).startswith("Lung mass · ")


def test_a_report_has_no_marks_of_its_own(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    (folder / "report").mkdir()
    (folder / "report" / "config.json").write_text("{}")
    change_marks(folder / "report", title="not of a report")

    report = read_run(folder).report

    assert report is not None and report.title == ""


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("{", "is not JSON"),
        ("[]", "should be a JSON object"),
        ('{"title": 3}', "title should be a text"),
        ('{"tags": "best"}', "tags should be a list"),
        ('{"tags": ["two words"]}', "cannot be a tag"),
        (json.dumps({"title": "x" * 101}), "title should be a text of at most 100"),
    ],
)
def test_damaged_marks_are_named_the_run_is_listed_and_nothing_is_written_over(
    content: str, what: str, tmp_path: Path
) -> None:
    folder = enqueue(tmp_path, RECIPE)
    (folder / MARKS_FILE).write_text(content)

    (run,) = list_runs(tmp_path)
    assert str(folder / MARKS_FILE) in run.error and what in run.error
    assert (run.task, run.title, run.state) == ("Lung mass", "", "queued")
    with pytest.raises(BadFile, match=MARKS_FILE.replace(".", r"\.")):
        change_marks(folder, title="new")
    assert (folder / MARKS_FILE).read_text() == content


@pytest.mark.parametrize("tag", ["two words", "a,b", "x" * 41, 'a"b'])
def test_what_cannot_be_found_as_a_tag_is_refused(tag: str, tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)

    with pytest.raises(BadRequest, match="cannot be a tag"):
        change_marks(folder, tags=[tag])

    assert not (folder / MARKS_FILE).exists()


def test_typed_tags_stand_apart_by_blanks_and_commas() -> None:
    assert tags_typed(" best, to-show  2nd,,") == ("best", "to-show", "2nd")


def test_of_many_who_write_at_once_one_whole_word_lasts(tmp_path: Path) -> None:
    folder = enqueue(tmp_path, RECIPE)
    seen: list[RunMarks] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            seen.append(read_marks(folder))

    def write(word: str) -> None:
        for _ in range(40):
            write_marks(folder, RunMarks(title=word * 20, note=word * 3000, tags=(word,)))

    reader = threading.Thread(target=look)
    reader.start()
    writers = [threading.Thread(target=write, args=(word,)) for word in "abc"]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    stop.set()
    reader.join()

    words = {(one.title[:1], one.note[:1], "".join(one.tags)) for one in (*seen, read_marks(folder))}
    assert words <= {(word, word, word) for word in ("", "a", "b", "c")}
    assert read_marks(folder).title and [path.name for path in folder.glob(".*")] == []


def test_a_run_is_found_by_the_name_that_it_was_given(tmp_path: Path) -> None:
    first, second = enqueue(tmp_path, RECIPE), enqueue(tmp_path, RECIPE)
    change_marks(first, title="Low rate")

    assert find_run(tmp_path, "low rate") == first
    change_marks(second, title="LOW RATE")
    with pytest.raises(Ambiguous):
        find_run(tmp_path, "low rate")


def test_a_named_run_is_named_so_among_the_models(tmp_path: Path) -> None:
    from tests.cli.test_predict_explain import a_model

    folder = tmp_path / "runs" / "20261121-1415-lung-3f2a"
    folder.parent.mkdir()
    a_model(folder)
    append_event(folder, "finished")
    change_marks(folder, title="The good one")

    assert choice_of(folder, "run").title == "The good one · 3f2a"
    (folder / MARKS_FILE).write_text("{")
    assert choice_of(folder, "run").title.endswith("· 3f2a")
