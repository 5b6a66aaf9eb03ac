"""Frames in a snapshot's file: kept whole, refused where they were changed; without them all is as before."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.two_series import labelled_project, write_studies
from viewer.core.errors import Ambiguous, BadProject, BadRequest
from viewer.core.samples import SampleRule
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.snapshots import file as snapshot_file
from viewer.project.snapshots.card import read_card
from viewer.project.snapshots.snapshot import Snapshot, content_id, make_snapshot

HOT = Task(name="hot", kind="classification", labels=("hot", "cold"))
RULE = SampleRule(context=1, series=("PET",))
OLD_SETTINGS = {"format", "task", "split", "seed"}


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies")
    return labelled_project(folder / "p", write_studies(folder / "in", 4)).parent


@pytest.fixture
def made(studies: Path, tmp_path: Path) -> Path:
    """A project with its studies beside it, and a snapshot of samples."""
    shutil.copytree(studies, tmp_path / "all")
    with Project.open(tmp_path / "all" / "p", writable=True) as project:
        make_snapshot(project, HOT, rule=RULE)
    return tmp_path / "all"


def tables(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    return found


def test_a_snapshot_of_single_images_is_written_and_named_as_before(studies: Path, tmp_path: Path) -> None:
    shutil.copytree(studies, tmp_path / "all")
    with Project.open(tmp_path / "all" / "p", writable=True) as project:
        plain, same = make_snapshot(project, HOT), make_snapshot(project, HOT, rule=SampleRule())
        samples = make_snapshot(project, HOT, rule=RULE)
        fewer = make_snapshot(project, HOT, rule=SampleRule(context=1))

    assert plain.id == same.id and len({plain.id, samples.id, fewer.id}) == 3
    assert tables(plain.folder / "items.db") == {"items", "masks"}
    assert tables(samples.folder / "items.db") == {"items", "masks", "frame_paths"}
    assert all("frames" not in json.loads(snapshot_file.item_line(item)) for item in plain.items)
    assert {"sample", "sample_of"}.isdisjoint(plain.card) and samples.card["sample"] == RULE.to_json()
    unasked = {name: value for name, value in samples.card.items() if name != "sample"}
    assert content_id(unasked, map(snapshot_file.item_line, samples.items)) != samples.id


def test_frames_are_where_the_project_lies_now(made: Path, tmp_path: Path) -> None:
    made.rename(tmp_path / "moved")

    frames = [frame for item in Snapshot.load(tmp_path / "moved" / "p").items for frame in item.frames]
    assert frames and all(frame.path.is_file() and (tmp_path / "moved") in frame.path.parents for frame in frames)


def _no_role(facts: dict[str, Any]) -> None:
    facts["frames"][0][0] = "neighbour"


def _no_place(facts: dict[str, Any]) -> None:
    facts["frames"][0][2] = "1"


def _before_the_first(facts: dict[str, Any]) -> None:
    facts["frames"][0][4] = -1


def _short(facts: dict[str, Any]) -> None:
    facts["frames"][0] = facts["frames"][0][:3]


def _no_list(facts: dict[str, Any]) -> None:
    facts["frames"] = {"a": 1}


def _another_image(facts: dict[str, Any]) -> None:
    facts["frames"][0][3] = "0" * 32


def _other_pixels(facts: dict[str, Any]) -> None:
    facts["frames"][0][5] = "0" * 64


@pytest.mark.parametrize(
    "change", [_no_role, _no_place, _before_the_first, _short, _no_list, _another_image, _other_pixels]
)
def test_a_frame_that_was_changed_is_refused(made: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = Snapshot.load(made / "p").folder / "items.db"
    with sqlite3.connect(path) as connection:
        image_id, text = connection.execute("SELECT image_id, facts FROM items").fetchone()
        facts = json.loads(text)
        change(facts)
        connection.execute("UPDATE items SET facts = ? WHERE image_id = ?", (snapshot_file.canonical(facts), image_id))
    connection.close()

    with pytest.raises(BadProject, match=r"make it anew|make the snapshot anew"):
        # Other pixels are sound in themselves: the name of the snapshot tells.
        Snapshot.load(made / "p") if change is _other_pixels else snapshot_file.read(path)


@pytest.mark.parametrize(
    "sample", [{"context": -1}, {"context": 1, "series": "PET"}, {"context": 99}, [], {"series": [""]}]
)
def test_a_card_whose_rule_was_changed_is_refused(made: Path, sample: object) -> None:
    path = Snapshot.load(made / "p").folder / "card.json"
    card = json.loads(path.read_text())
    path.write_text(json.dumps({**card, "sample": sample}))

    with pytest.raises(BadProject, match="make the snapshot anew"):
        read_card(path.parent)


def test_words_that_no_study_has_or_that_are_ambiguous_are_refused(made: Path) -> None:
    with Project.open(made / "p", writable=True) as project:
        with pytest.raises(BadRequest, match="has no series “SPECT” in its study"):
            make_snapshot(project, HOT, rule=SampleRule(series=("SPECT",)))
        with pytest.raises(Ambiguous, match=r"“o” may be “Thorax .*” or “PET corrected .*”"):
            make_snapshot(project, HOT, rule=SampleRule(series=("o",)))
