"""An export holds a few images at a time, however many there are; a COCO file written so is whole."""

import csv
import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from tests.exchange import many_boxes
from viewer.core.registry import load
from viewer.exchange import EXPORTERS
from viewer.exchange.exporter import dataset_of
from viewer.project import in_batches
from viewer.project.project import Project

MIB = 1 << 20
IMAGES, BOXES = 50, 100
MORE_MIB = 1.0  # than an export of next to nothing: as one list the boxes take 2.5 MiB more


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("many") / "project"
    with Project.create(folder, author="Ada") as project:
        many_boxes.fill(project, images_count=IMAGES, boxes_of_each=BOXES)
    return folder


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few") / "project"
    with Project.create(folder, author="Ada") as project:
        many_boxes.fill(project, images_count=3, boxes_of_each=2)
    return folder


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_an_export_holds_a_few_images_at_a_time(
    many: Path, few: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Pieces a tenth of theirs, so that a tenth of the boxes is many: each takes long while memory is traced.
    monkeypatch.setattr(in_batches, "MOST_BYTES", in_batches.MOST_BYTES // 10)
    many_boxes.export(few, name, tmp_path / "first")  # what is loaded once
    most = []
    for project in (few, many):
        tracemalloc.start()
        try:
            many_boxes.export(project, name, tmp_path / f"out of {project.parent.name}")
            most.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()

    assert (most[1] - most[0]) / MIB < MORE_MIB


def test_what_is_written_piece_by_piece_is_all_there(many: Path, tmp_path: Path) -> None:
    many_boxes.export(many, "coco", tmp_path / "out.json")
    many_boxes.export(many, "csv", tmp_path / "out.csv")

    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert list(document) == ["info", "categories", "images", "annotations"]
    assert document["categories"] == [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
    assert [one["id"] for one in document["images"]] == list(range(1, IMAGES + 1))
    assert [one["id"] for one in document["annotations"]] == list(range(1, IMAGES * BOXES + 1))
    assert [one["image_id"] for one in document["annotations"]] == [
        n for n in range(1, IMAGES + 1) for _ in range(BOXES)
    ]
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        kinds = [row["kind"] for row in csv.DictReader(stream)]
    assert kinds == ["label"] * 2 + (["image"] + ["box"] * BOXES) * IMAGES


def test_an_empty_project_is_a_whole_document_too(tmp_path: Path) -> None:
    with Project.create(tmp_path / "project") as project:
        load(EXPORTERS, "coco").write(tmp_path / "out.json", dataset_of(project))

    document = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert (document["categories"], document["images"], document["annotations"]) == ([], [], [])


def test_images_can_be_gone_through_again_and_say_what_is_drawn_then(many: Path) -> None:
    with Project.open(many, writable=False) as project:
        dataset = dataset_of(project)

        first, again = ([one.record.image_id for one in dataset.images] for _ in range(2))
        assert first == again == [f"{number:032x}" for number in range(IMAGES)]
        assert len(dataset.images) == IMAGES
        assert dataset.images.counts().annotations == IMAGES * BOXES


@pytest.mark.full
@pytest.mark.parametrize("name", list(EXPORTERS))
def test_a_million_boxes_are_exported_within_200_mib(million: Path, tmp_path: Path, name: str) -> None:
    child = subprocess.run(
        [sys.executable, "-m", "tests.exchange.many_boxes", str(million), name, str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert child.returncode == 0, child.stderr
    assert int(child.stdout) / MIB < 200


@pytest.fixture(scope="module")
def million(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("million") / "project"
    with Project.create(folder, author="Ada") as project:
        many_boxes.fill(project, images_count=5_000, boxes_of_each=200)
    return folder
