"""Every value of a folder that anybody may have written is data: a wrong one is a sentence, and costs its row alone."""

import json
import os
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset

from ml.card import Card, Domain, read_card
from ml.catalogue import PreprocessSpec
from ml.events import append_event, read_events
from ml.recipe import Recipe, default_recipe
from ml.training.run import read_recipe
from viewer.cli.main import main
from viewer.core.errors import AppError, BadModel, BadProject, BadRequest
from viewer.jobs.queue import enqueue
from viewer.jobs.runs import list_runs, read_run, tail
from viewer.project.snapshots import file as snapshot_file
from viewer.project.snapshots.snapshot import Snapshot, all_snapshots
from viewer.project.store.compressed_runs import inflated
from viewer.reading.facts.instance_facts import InstanceFacts
from viewer.reading.header_index import HeaderIndex
from viewer.reading.scan import scan

RECIPE = default_recipe(task="Mass", kind="classification", labels=("no", "yes"), model="simple_cnn", epochs=3)
CARD = Card(
    name="m",
    model="simple_cnn",
    kind="classification",
    labels=("no", "yes"),
    exclusive=True,
    preprocess=PreprocessSpec(size_px=64),
    domain=Domain(modality=("DX",), spacing_mm=(0.1, 0.2)),
    threshold=0.5,
    metrics={"auc": 0.9},
    snapshot_id="s",
    cam_layer="layers.3",
)
DEEP = "[" * 100_000
STRANGE: list[Any] = [None, True, -1, 0, 1e999, -1e999, 10**400, "", "x" * 200_000, "\ud800", "a\0b", [], {}, [[]]]


def film(path: Path, **tags: object) -> Path:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3.4"
    meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
    dataset = FileDataset(str(path), tags, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3.4"
    dataset.PatientID, dataset.Rows, dataset.Columns, dataset.Modality = "P1", 2, 2, "OT"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation, dataset.SamplesPerPixel = 7, 0, 1
    dataset.PhotometricInterpretation, dataset.PixelData = "MONOCHROME2", bytes(4)
    dataset.save_as(path)
    return path


def one_sentence(error: AppError, *names: str) -> None:
    text = str(error)
    assert text.endswith("."), text
    assert "\n" not in text
    assert len(text) < 1000
    for name in names:
        assert name in text


@pytest.mark.parametrize("name", [*RECIPE.to_json()])
def test_a_recipe_takes_no_value_of_another_type_or_range(name: str) -> None:
    for value in STRANGE:
        document = {**RECIPE.to_json(), name: value}
        try:
            read = Recipe.from_json(document)
        except BadRequest as error:
            one_sentence(error)
        else:
            assert type(getattr(read, name)) in (type(getattr(RECIPE, name)), int if name == "fold" else type(None))


@pytest.mark.parametrize("name", [*CARD.to_json()])
def test_a_card_takes_no_value_of_another_type_or_range(name: str, tmp_path: Path) -> None:
    for value in STRANGE:
        (tmp_path / "card.json").write_text(json.dumps({**CARD.to_json(), name: value}))
        try:
            card = read_card(tmp_path)
        except BadModel as error:
            one_sentence(error, "card.json")
        else:
            assert type(getattr(card, name)) in (type(getattr(CARD, name)), int if name == "fold" else type(None))


@pytest.mark.parametrize("part", ["preprocess", "domain"])
def test_nor_do_the_parts_of_a_card(part: str, tmp_path: Path) -> None:
    for name in CARD.to_json()[part]:
        for value in STRANGE:
            document = CARD.to_json()
            (tmp_path / "card.json").write_text(json.dumps({**document, part: {**document[part], name: value}}))
            try:
                card = read_card(tmp_path)
            except BadModel as error:
                one_sentence(error, "card.json")
            else:
                read, given = (getattr(getattr(one, part), name) for one in (card, CARD))
                assert type(read) in (type(given), type(None)), (name, value)


def test_a_card_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_text(json.dumps(CARD.to_json()))

    assert read_card(tmp_path) == CARD


@pytest.mark.parametrize("text", [DEEP, "{", "null", "[]", '"a"', "\udcff", "1" * 100_000, "{" + '"a":{' * 50_000])
@pytest.mark.parametrize("name", ["card.json", "config.json"])
def test_what_is_no_document_is_said_with_its_file(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))

    with pytest.raises(AppError) as error:
        (read_card if name == "card.json" else read_recipe)(tmp_path)

    one_sentence(error.value, name)


def _made_badly() -> dict[str, Callable[[Path], object]]:
    """Ways in which a run folder is not as it should be."""
    step = {"event": "step", "t": "2026-01-01T00:00:00+00:00", "epoch": 0, "step": 1}

    def line(**facts: Any) -> Callable[[Path], object]:
        added = json.dumps({**step, **facts}) + "\n"
        return lambda run: (run / "events.jsonl").write_text((run / "events.jsonl").read_text() + added)

    def text(name: str, content: str) -> Callable[[Path], object]:
        return lambda run: (run / name).write_text(content)

    return {
        "epoch is a list": line(epoch=[1]),
        "step is a text": line(step="1"),
        "loss is a text": line(loss="low"),
        "left is negative": line(left_s=-5),
        "memory is huge": line(memory_bytes=10**300),
        "metrics is a list": line(event="epoch", metrics=[1]),
        "a metric is a text": line(event="epoch", metrics={"auc": "best"}),
        "best is a text": line(event="epoch", best="yes"),
        "started without numbers": line(event="started", steps_per_epoch="many", threads=None),
        "finished with a list": line(event="finished", best_epoch=[], model_hash={}),
        "no config": text("config.json", "{}"),
        "config is a list": text("config.json", "[]"),
        "config is deep": text("config.json", DEEP),
        "recipe is a list": text("config.json", '{"recipe": []}'),
        "recipe of texts": text("config.json", '{"recipe": {"epochs": "many", "fold": "one", "task": 7}}'),
        "events are deep": text("events.jsonl", DEEP + "\n"),
        "events are binary": lambda run: (run / "events.jsonl").write_bytes(bytes(range(256)) * 100),
        "event is a list": text("events.jsonl", '{"event": ["queued"], "t": 1}\n'),
        "event without a time": text("events.jsonl", '{"event": "finished"}\n'),
        "lock of texts": text("lock.json", '{"pid": "1", "started": "now"}'),
        "lock of infinities": text("lock.json", '{"pid": 1e999, "started": NaN}'),
        "lock of a negative process": text("lock.json", '{"pid": -1, "started": 0}'),
        "control is a list": text("control.json", "[]"),
    }


@pytest.mark.parametrize("way", [*_made_badly()])
def test_a_run_folder_with_a_wrong_value_is_one_row_among_the_others(
    way: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "project"
    assert main(["project", "create", str(project)]) == 0
    bad, good = enqueue(project, RECIPE), enqueue(project, RECIPE)
    append_event(bad, "started", steps_per_epoch=4, epochs=3, epoch=0, device="cpu", metric="auc")
    _made_badly()[way](bad)
    capsys.readouterr()

    runs = {run.run_id: run for run in list_runs(project)}

    assert runs.keys() == {bad.name, good.name}
    assert runs[good.name].state == "queued"
    assert main(["runs", str(project), "--json"]) == 0
    assert main(["runs", str(project)]) == 0
    said = capsys.readouterr()
    assert "nexpected" not in said.out + said.err


def test_a_wrong_line_is_said_and_the_sound_ones_count(tmp_path: Path) -> None:
    run = enqueue(tmp_path, RECIPE)
    append_event(run, "started", steps_per_epoch=4, epochs=3, epoch=0)
    append_event(run, "epoch", epoch=0, train_loss=0.5, val_loss=0.4, metrics={"auc": 0.7}, best=True)
    append_event(run, "epoch", epoch="one", train_loss=0.5)
    append_event(run, "epoch", epoch=1, train_loss=0.3, val_loss=0.3, metrics={"auc": 0.8}, best=True)
    append_event(run, "finished", best_epoch=1)

    state = read_run(run)

    assert [point.epoch for point in state.curves] == [1, 2]
    assert "events.jsonl" in state.error
    assert "epoch should be a whole number" in state.error


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes of POSIX")
@pytest.mark.parametrize("name", ["config.json", "events.jsonl", "lock.json", "control.json", "log.txt"])
def test_a_pipe_in_a_run_folder_is_not_waited_for(name: str, tmp_path: Path) -> None:
    run = enqueue(tmp_path, RECIPE)
    (run / name).unlink(missing_ok=True)
    os.mkfifo(run / name)

    read_run(run)
    tail(run, 5)
    list_runs(tmp_path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="devices of POSIX")
@pytest.mark.parametrize("name", ["config.json", "events.jsonl", "card.json"])
def test_a_device_in_a_run_folder_is_not_read(name: str, tmp_path: Path) -> None:
    run = enqueue(tmp_path, RECIPE)
    (run / name).unlink(missing_ok=True)
    (run / name).symlink_to("/dev/zero")

    read_run(run)
    with pytest.raises(AppError):
        read_card(run) if name == "card.json" else [*read_events(run), read_recipe(run)]


def snapshot_of(project: Path, **changes: Any) -> Path:
    """A snapshot's folder as a stranger writes it; only its id fits, where nothing is changed."""
    folder = project / "snapshots" / ("ab" * 32)
    folder.mkdir(parents=True)
    task = {"name": "Mass", "kind": "classification", "labels": ["no", "yes"], "exclusive": True}
    card = {"id": folder.name, "created": "2026", "task": task, "split": {"method": "ratio"}, "seed": 1}
    card |= {"images": 1, "patients": 1, "parts": {}}
    (folder / "card.json").write_text(json.dumps({**card, **changes}))
    return folder


@pytest.mark.parametrize("name", ["id", "created", "task", "split", "seed", "images", "patients", "parts", "notes"])
def test_a_snapshots_card_takes_no_value_of_another_type_and_costs_itself(name: str, tmp_path: Path) -> None:
    for number, value in enumerate(STRANGE):
        project = tmp_path / str(number)
        snapshot_of(project, **{name: value})

        assert len(all_snapshots(project)) <= 1
        with pytest.raises(AppError) as error:
            Snapshot.load(project)
        one_sentence(error.value)


FACTS = {
    "image_id": "i", "frame_index": 0, "patient_id": "p", "part": "train", "fold": None, "labels": {"no": "yes"},
    "boxes": [["no", 0, 0, 1, 1]], "masks": [], "complete": True, "tags": {"Modality": "DX"}, "rows": 2, "cols": 2,
    "source": "", "modality": "DX", "pixel_sha256": "",
}  # fmt: skip


def items_of(path: Path, facts: object, block: object = b"") -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(snapshot_file._SCHEMA)
    text = facts if isinstance(facts, str) else json.dumps(facts)
    connection.execute("INSERT INTO items VALUES (0, 'i', '/a.dcm', 0, ?)", (text,))
    connection.execute("INSERT INTO masks VALUES ('i', 0, ?)", (block,))
    connection.commit()
    connection.close()
    return path


@pytest.mark.parametrize("name", [*FACTS])
def test_a_snapshots_item_takes_no_value_of_another_type_or_range(name: str, tmp_path: Path) -> None:
    assert snapshot_file.read(items_of(tmp_path / "items.db", FACTS))[0].rows == 2
    for number, value in enumerate([*STRANGE, [["no", "0", 0, 1, 1]], [["no", 1, 0, 0, 1]], [["no", -1, 2, "x"]]]):
        path = items_of(tmp_path / f"{number}.db", {**FACTS, name: value})
        try:
            item = snapshot_file.read(path)[0]
        except BadProject as error:
            one_sentence(error, path.name)
        else:
            assert type(getattr(item, name)) in (int, str, bool, tuple, dict, type(None))


@pytest.mark.parametrize("facts", [DEEP, "{", "null", "[]", "1e999"])
def test_a_snapshots_item_that_is_no_document_is_said(facts: str, tmp_path: Path) -> None:
    with pytest.raises(BadProject) as error:
        snapshot_file.read(items_of(tmp_path / "items.db", facts))
    one_sentence(error.value, "items.db")


@pytest.mark.parametrize("value", ["many", None, [1], {"a": 1}, 1.5, "deep"])
def test_a_wrong_value_in_the_index_of_headers_is_not_believed(value: object, tmp_path: Path) -> None:
    """The index is a cache: with a wrong value in it, the files are read again."""
    films = tmp_path / "films"
    films.mkdir()
    film(films / "1.dcm")
    index = HeaderIndex(tmp_path / "headers.sqlite")
    first = scan([films], index=index)
    with sqlite3.connect(index._path) as connection:
        (table,) = connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'headers_%'").fetchone()
        (text,) = connection.execute(f"SELECT facts FROM {table}").fetchone()
        facts = json.loads(text)
        facts[InstanceFacts.__slots__.index("frames")] = value
        changed = DEEP if value == "deep" else json.dumps(facts)
        connection.execute(f"UPDATE {table} SET facts = ?", (changed,))
    connection.close()

    assert scan([films], index=index) == first


def test_a_few_bytes_that_stand_for_all_memory_are_refused() -> None:
    bomb = zlib.compress(bytes(64 << 20), 9)
    assert len(bomb) < 100_000

    with pytest.raises(ValueError, match="more than 1 MiB"):
        inflated(bomb, 1 << 20)
    assert inflated(zlib.compress(b"abc"), 3) == b"abc"
