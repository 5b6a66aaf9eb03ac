"""The child that reads volumes: one slice alone where it can, a whole volume once, and its death harms nobody."""

import os
import signal
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.reading.made_volumes import VALUES, write_volume
from tests.waiting import LIMIT_S, until
from viewer.core.errors import BadFile
from viewer.reading.decoding.errand import Abandoned
from viewer.reading.frames import file_frames, read_frame
from viewer.reading.store import PixelStore
from viewer.reading.volume_files import file as volume_file
from viewer.reading.volume_files.child import Volumes


def test_one_slice_of_an_uncompressed_volume_is_read_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the whole volume was read")

    volumes = Volumes()
    monkeypatch.setattr(volumes, "_from_whole", refuse)
    monkeypatch.setattr(volume_file.READER, "ask", lambda **question: volumes.answer(question))
    for name in ("v.nii", "v.mha", "v.mhd"):
        ref = file_frames(write_volume(tmp_path / name))[2]
        assert np.array_equal(read_frame(ref).stored, VALUES[2])


def test_a_volume_held_whole_is_read_once_and_let_go_with_its_last_slice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    volumes = Volumes()
    monkeypatch.setattr(volume_file.READER, "ask", lambda **question: volumes.answer(question))
    frames = file_frames(write_volume(tmp_path / "v.nii.gz"))

    read_frame(frames[0])
    held = volumes._held
    for ref in frames[1:-1]:
        read_frame(ref)
    assert held is not None
    assert volumes._held is held
    read_frame(frames[-1])
    assert volumes._held is None


def test_a_reader_that_dies_of_a_file_takes_nothing_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound, deadly = write_volume(tmp_path / "v.mha"), write_volume(tmp_path / "deadly.mha")
    ask = volume_file.READER.ask

    def dying(**question: object) -> object:
        # What SimpleITK does by itself on some damaged headers: the process is gone in the midst of the answer.
        if "deadly" in str(question["path"]):
            ask(**{**question, "path": str(sound)})
            child = volume_file.READER._child
            assert child is not None
            monkeypatch.setattr(child, "poll", lambda: None)
            os.kill(child.pid, signal.SIGKILL)
        return ask(**question)

    monkeypatch.setattr(volume_file.READER, "ask", dying)

    with pytest.raises(BadFile, match=r"deadly\.mha cannot be read"):
        file_frames(deadly)
    assert len(file_frames(sound)) == 4


@pytest.mark.skipif(sys.platform == "win32", reason="the reader is held up by a signal")
def test_a_reader_that_stands_still_is_left_when_its_study_is_closed(tmp_path: Path) -> None:
    frames = file_frames(write_volume(tmp_path / "v.nii"))
    read_frame(frames[0])
    child = volume_file.READER._child
    assert child is not None
    os.kill(child.pid, signal.SIGSTOP)
    store, caught = PixelStore(), []

    def read() -> None:
        try:
            store.load(frames[1])
        except Abandoned as error:
            caught.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    until(volume_file.READER._lock.locked, "a question under way")
    store.close()  # returns, though the reader stands still
    thread.join(LIMIT_S)

    assert len(caught) == 1
    assert np.array_equal(read_frame(frames[1]).stored, VALUES[1])
