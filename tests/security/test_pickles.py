"""No pickle that came in a file is ever read: weights, arrays, settings."""

import base64
import io
import json
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ml.data.cache import _open
from ml.inference.load import load_model
from ml.inference.resolve import resolve_model
from ml.training.foreign import convert_foreign
from viewer.core.errors import AppError
from viewer.ui.state.settings import Recent, Settings


class Bait:
    """Makes a file when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.marker), "w")


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "it-ran"


def zipped(bait: bytes) -> bytes:
    """What torch.save writes: a ZIP whose data.pkl is a pickle."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("archive/data.pkl", bait)
        archive.writestr("archive/version", "3\n")
    return out.getvalue()


@pytest.mark.parametrize(
    ("suffix", "form"), [(".pt", "plain"), (".pt", "zipped"), (".ckpt", "twice"), (".bin", "zipped")]
)
def test_weights_that_are_a_pickle_are_refused_and_not_run(
    suffix: str, form: str, tmp_path: Path, marker: Path
) -> None:
    bait = pickle.dumps(Bait(marker), protocol=2)
    content = {"plain": bait, "zipped": zipped(bait), "twice": pickle.dumps({"model": bait}, protocol=2) + bait}[form]
    file = tmp_path / f"weights{suffix}"
    file.write_bytes(content)

    with pytest.raises(AppError, match=str(file)):
        convert_foreign(file, tmp_path / "cache")
    with pytest.raises(AppError):
        load_model(file)
    with pytest.raises(AppError):
        resolve_model(tmp_path, str(file))

    assert not marker.exists()


def test_a_pickle_named_safetensors_is_refused_and_not_run(tmp_path: Path, marker: Path) -> None:
    folder = tmp_path / "models" / "evil"
    folder.mkdir(parents=True)
    (folder / "weights.safetensors").write_bytes(pickle.dumps(Bait(marker)))
    (folder / "card.json").write_text("{}")

    with pytest.raises(AppError, match="card"):
        load_model(folder)

    assert not marker.exists()


def test_an_array_of_objects_in_the_training_cache_is_refused_and_not_run(tmp_path: Path, marker: Path) -> None:
    document = {"rows": [], "missing": []}
    (tmp_path / "cache.json").write_text(json.dumps(document))
    for name in ("train.npy", "exact.npy"):
        with (tmp_path / name).open("wb") as file:
            np.save(file, np.array([Bait(marker)], dtype=object), allow_pickle=True)

    with pytest.raises((AppError, ValueError)):
        _open(tmp_path)

    assert not marker.exists()


def as_qt_writes_it(bait: bytes) -> str:
    """QSettings' text of a QVariant that holds a Python object: PySide's stream of it is a pickle."""
    name = b"PySide::PyObjectWrapper\0"
    stream = b"\0\0\0\x7f" + len(name).to_bytes(4, "big") + name + len(bait).to_bytes(4, "big") + bait
    return "@Variant(" + "".join(f"\\x{byte:x}" for byte in stream) + ")"


@pytest.mark.parametrize("key", ["look/theme", "recent/rows", "window/geometry", "layout/read", "flag/names_hidden"])
def test_a_python_object_in_the_settings_is_not_unpickled(key: str, tmp_path: Path, marker: Path) -> None:
    group, name = key.split("/")
    file = tmp_path / "window.ini"
    text = as_qt_writes_it(pickle.dumps(Bait(marker)))
    file.write_text(f"[{group}]\n{name}={text}\n")

    settings = Settings(file)
    read = (settings.theme, settings.recent, settings.geometry, settings.layout("read"), settings.flag("names_hidden"))
    settings.set_flag("names_hidden", on=True)
    settings.sync()

    assert read is not None
    assert not marker.exists()


@pytest.mark.parametrize(
    "rows",
    [
        [{"path": "/a", "kind": "study", "title": "a"}, {"path": ["/a"], "kind": "study", "title": "b"}],
        [{"path": "/a", "kind": "study", "title": "a"}, {"path": "/b", "kind": "command", "title": "b"}],
        [
            {"path": "/a", "kind": "study", "title": "a"},
            7,
            None,
            {},
            {"path": "/b", "title": "\ud800", "kind": "study"},
        ],
        [{"path": "/a", "kind": "study", "title": "a", "more": 1}],
    ],
)
def test_a_wrong_entry_of_what_was_opened_costs_itself(rows: object, tmp_path: Path) -> None:
    file = tmp_path / "window.json"
    file.write_text(json.dumps({"recent/rows": json.dumps(rows)}))

    assert Settings(file).recent == [Recent(path="/a", kind="study", title="a")]


@pytest.mark.parametrize("name", ["../../evil.png", "/etc/evil.png", "..\\evil.png", "a/b.png"])
def test_a_thumbnail_of_the_settings_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    row = {"path": "/a", "kind": "study", "title": "a", "thumbnail": name}
    file = tmp_path / "window.json"
    file.write_text(json.dumps({"recent/rows": json.dumps([row])}))

    assert Settings(file).recent[0].thumbnail == ""


@pytest.mark.parametrize(
    "document",
    [
        [],
        {"look/theme": 7, "look/font_scale": {}, "window/geometry": 1, "recent/rows": [1]},
        {"look/font_scale": "nan", "window/geometry": "no base64", "layout/read": "A" * 9, "recent/rows": "[" * 5000},
        {"look/font_scale": "inf", "recent/rows": "{}", "flag/names_hidden": True},
    ],
)
def test_wrong_values_of_the_settings_fall_back_each_for_itself(document: object, tmp_path: Path) -> None:
    file = tmp_path / "window.json"
    file.write_text(json.dumps(document))

    settings = Settings(file)

    assert 0.9 <= settings.theme.font_scale <= 1.5
    assert settings.recent == []
    assert settings.geometry.isEmpty()
    assert not settings.flag("names_hidden")


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_the_settings_are_their_persons_alone(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "own" / "window.json")
    settings.set_word("author", "R. Reader")

    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "own" / "window.json").stat().st_mode & 0o777 == 0o600


def test_what_was_remembered_comes_back(tmp_path: Path) -> None:
    from PySide6.QtCore import QByteArray

    settings = Settings(tmp_path / "window.json")
    settings.geometry = QByteArray(bytes(range(256)))
    settings.set_word("author", 'Jürgen \u2028 "quoted" @Variant(x)')

    again = Settings(tmp_path / "window.json")

    assert again.geometry.data() == bytes(range(256))
    assert again.word("author") == 'Jürgen \u2028 "quoted" @Variant(x)'
    assert base64.b64encode(bytes(range(256))).decode() in (tmp_path / "window.json").read_text()
