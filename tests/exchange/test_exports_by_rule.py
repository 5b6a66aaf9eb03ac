"""What an export takes of several readings is a rule that the file names; else readers who differ are unknown."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.project.test_readings import complete, say
from viewer.core.errors import BadRequest, UnknownName
from viewer.core.labels import Verdict
from viewer.core.registry import load
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.exchange import EXPORTERS
from viewer.exchange.exporter import dataset_of
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.register import FrameToAdd, add_frames
from viewer.reading.series import FrameRef

YES, NO = Verdict.YES, Verdict.NO
ROWS, COLS = 37, 23


def mask(row: int) -> MaskRuns:
    pixels = np.zeros((ROWS, COLS), np.bool_)
    pixels[row : row + 4, 3:11] = True
    return MaskRuns.from_array(pixels)


@pytest.fixture
def films(project: Project, tmp_path: Path, write_picture: Callable[..., Path]) -> list[str]:
    """Of the first film Ada and Bob are through, and differ in "sick" and in a scar; of the second Ada alone; the third
    Bob has only begun."""
    ids: list[str] = []
    for number in range(3):
        path = write_picture(tmp_path / "set" / f"{number}.png", seed=number)
        ids += add_frames(project, [FrameToAdd(ref=FrameRef(path=path), source="s", patient_id=f"P{number}")])[0]
    first, second, third = ids

    def draw(own: Project, image_id: str, label: str, row: int) -> None:
        own.history.do(edits.add_annotation(image_id, label, mask(row), author=own.author))

    ada = project.in_reading("Ada")
    say(ada, first, "sick", YES)
    draw(ada, first, "spot", 2)
    draw(ada, first, "scar", 20)
    say(ada, second, "sick", NO)
    complete(ada, first)
    complete(ada, second)
    ada.close()
    bob = project.in_reading("Bob")
    say(bob, first, "sick", NO)
    draw(bob, first, "spot", 2)
    complete(bob, first)
    say(bob, third, "sick", YES)
    draw(bob, third, "spot", 9)
    bob.close()
    return ids


def written(project: Project, name: str, path: Path, rule: str = "") -> list[str]:
    """Returns what was said before."""
    exporter = load(EXPORTERS, name)
    dataset = dataset_of(project, exporter, {"readings": [rule]})
    said: list[str] = exporter.losses(dataset)
    exporter.write(path, dataset)
    return said


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [row for row in csv.DictReader(stream) if row.get("kind") != "label"]


def said_of(rows: list[dict[str, str]], image_id: str) -> set[tuple[str, str]]:
    """(label, verdict or "drawn") of an image."""
    return {(row["label"], row["verdict"] or "drawn") for row in rows if row["image_id"] == image_id and row["label"]}


AGREED = [{("spot", "drawn")}, {("sick", "no")}, set()]
UNION = [{("sick", "yes"), ("spot", "drawn"), ("scar", "drawn")}, {("sick", "no")}, set()]
BOB = [{("sick", "no"), ("spot", "drawn")}, set(), set()]


@pytest.mark.parametrize(
    ("rule", "expected", "named"),
    [("", AGREED, "agreed"), ("agreed", AGREED, "agreed"), ("majority", AGREED, "majority"), ("union", UNION, "union"),
     ("reader:Bob", BOB, "reader:Bob"), ("shared", [set(), set(), set()], "shared")],
)  # fmt: skip
def test_a_table_holds_what_the_rule_takes_and_names_it(
    project: Project, films: list[str], tmp_path: Path, rule: str, expected: list[set[tuple[str, str]]], named: str
) -> None:
    written(project, "csv", tmp_path / "out.csv", rule)

    rows = rows_of(tmp_path / "out.csv")
    assert [said_of(rows, one) for one in films] == expected
    assert {row["readings_rule"] for row in rows} == {named}
    assert [row["case_status"] for row in rows if row["kind"] == "image"] == {
        "reader:Bob": ["complete", "to do", "to do"], "shared": ["to do"] * 3,
    }.get(named, ["complete", "complete", "to do"])  # fmt: skip


def test_what_readers_differ_in_is_said_and_keeps_the_image_open(
    project: Project, films: list[str], tmp_path: Path
) -> None:
    for name, out in (("csv", "out.csv"), ("coco", "out.json"), ("masks", "out")):
        said = written(project, name, tmp_path / out)
        assert (
            "1 image is without what readers differ in (scar, sick), which is unknown by the rule agreed; the other "
            "rules are majority, union, shared, reader:NAME, each." in said
        )
        assert (
            "1 image is without labels and shapes: no reading of the case that the rule agreed takes is complete."
            in said
        )

    words = "what its readers differ in (scar, sick)"
    table = {row["image_id"]: row for row in rows_of(tmp_path / "out.csv") if row["kind"] == "image"}
    index = {row["image_id"]: row for row in rows_of(tmp_path / "out" / "index.csv")}
    document: dict[str, Any] = json.loads((tmp_path / "out.json").read_text())
    listed = {one["image_id"]: one for one in document["images"]}
    for found in (table, index, listed):
        assert [found[one].get("left_out", "") for one in films] == [words, "", ""]
    assert document["info"]["readings"] == {"rule": "agreed", "words": "what all readers say alike"}
    assert {row["readings_rule"] for row in index.values()} == {"agreed"}


def test_every_reading_is_written_with_its_reader(project: Project, films: list[str], tmp_path: Path) -> None:
    for name, out in (("csv", "out.csv"), ("coco", "out.json"), ("masks", "out")):
        assert not [one for one in written(project, name, tmp_path / out, "each") if "differ" in one]

    first, second, third = films
    rows = rows_of(tmp_path / "out.csv")
    assert {(row["reader"], row["reading"], row["reading_number"]) for row in rows} == {
        ("Ada", "own", "1"), ("Bob", "own", "1"),
    }  # fmt: skip
    of = {reader: [row for row in rows if row["reader"] == reader] for reader in ("Ada", "Bob")}
    assert [said_of(of["Ada"], one) for one in films] == [
        {("sick", "yes"), ("spot", "drawn"), ("scar", "drawn")}, {("sick", "no")}, set(),
    ]  # fmt: skip
    assert [said_of(of["Bob"], one) for one in films] == [
        {("sick", "no"), ("spot", "drawn")}, set(), {("sick", "yes"), ("spot", "drawn")},
    ]  # fmt: skip
    states = {(row["reader"], row["image_id"]): row["case_status"] for row in rows if row["kind"] == "image"}
    assert states == {
        ("Ada", first): "complete", ("Ada", second): "complete", ("Bob", first): "complete", ("Bob", third): "to do",
    }  # fmt: skip
    document: dict[str, Any] = json.loads((tmp_path / "out.json").read_text())
    assert [[one["reader"] for one in image["readings"]] for image in document["images"]] == [
        ["Ada", "Bob"], ["Ada"], ["Bob"],
    ]  # fmt: skip
    assert [one["attributes"]["reader"] for one in document["annotations"]] == ["Ada", "Ada", "Bob", "Bob"]
    index = rows_of(tmp_path / "out" / "index.csv")
    assert [(row["reader"], row["mask_label"]) for row in index] == [
        ("Ada", "spot"), ("Ada", "scar"), ("Bob", "spot"), ("Ada", ""), ("Bob", "spot"),
    ]  # fmt: skip
    assert len({row["mask_path"] for row in index if row["mask_path"]}) == 4


def test_where_all_work_in_one_reading_and_where_a_reader_has_theirs_open_it_is_written_as_it_stands(
    project: Project, films: list[str], tmp_path: Path
) -> None:
    bob = project.in_reading("Bob")
    assert not [one for one in written(bob, "csv", tmp_path / "bob.csv") if "rule" in one]
    bob.close()
    rows = rows_of(tmp_path / "bob.csv")
    assert "readings_rule" not in rows[0] and "reader" not in rows[0]
    assert [said_of(rows, one) for one in films] == [*BOB[:2], {("sick", "yes"), ("spot", "drawn")}]


def test_a_rule_that_is_none_and_a_reader_who_is_none_are_refused(project: Project, films: list[str]) -> None:
    with pytest.raises(UnknownName, match="There is no rule newest"):
        dataset_of(project, load(EXPORTERS, "csv"), {"readings": ["newest"]})
    with pytest.raises(BadRequest, match="Nobody reads this project as Eve; there are Ada, Bob"):
        dataset_of(project, load(EXPORTERS, "csv"), {"readings": ["reader:Eve"]})


def test_of_complete_cases_alone_each_readers_unfinished_ones_are_left_out(
    project: Project, films: list[str], tmp_path: Path
) -> None:
    bob = project.in_reading("Bob")
    say(bob, films[1], "sick", YES)  # begun, beside Ada who is through with it
    bob.close()
    exporter = load(EXPORTERS, "csv")
    dataset = dataset_of(project, exporter, {"readings": ["each"], "only-complete": ["yes"]})
    exporter.write(tmp_path / "out.csv", dataset)

    rows = [row for row in rows_of(tmp_path / "out.csv") if row["kind"] == "image"]
    assert [(row["image_id"], row["reader"]) for row in rows] == [
        (films[0], "Ada"), (films[0], "Bob"), (films[1], "Ada"),
    ]  # fmt: skip
    assert dataset_of(project, exporter, {"readings": ["union"]}).images.counts().annotations == 2
