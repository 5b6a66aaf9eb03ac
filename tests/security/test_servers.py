"""A path in a file makes no connection: a server that the person has not named is not even asked."""

import os
from pathlib import Path, PurePath
from typing import Any

import pytest

from ml.training.initial import resolve_init
from viewer.cli.main import main
from viewer.core.errors import BadFile
from viewer.exchange.pictures import Pictures
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef
from viewer.reading.sources import servers
from viewer.reading.sources.archive import is_there, on_disk
from viewer.reading.sources.servers import is_foreign, name_server, server_of

HAS_SHARES = servers.has_shares  # as it is before any test


@pytest.fixture(autouse=True)
def as_on_windows(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths may name servers here; gives what was looked for on the disk that names one."""
    asked: list[str] = []
    monkeypatch.setattr(servers, "has_shares", lambda: True)
    monkeypatch.setenv(servers.VARIABLE, "")
    for name in ("exists", "is_file", "is_dir", "stat", "resolve", "open"):
        plain = getattr(Path, name)

        def watched(path: Path, *words: Any, _plain: Any = plain, **options: Any) -> Any:
            if "evil" in str(path):
                asked.append(str(path))
            return _plain(path, *words, **options)

        monkeypatch.setattr(Path, name, watched)
    return asked


@pytest.mark.parametrize(
    ("path", "server"),
    [
        (r"\\evil\share\film.dcm", "evil"),
        ("//evil/share/film.dcm", "evil"),
        (r"\\EVIL.example\c$\x", "evil.example"),
        (r"\\?\UNC\evil\share\x", "evil"),
        (r"\\.\UNC\evil\share\x", "evil"),
        (r"\/evil/share", "evil"),
        (r"\\192.0.2.7@8080\DavWWWRoot\x", "192.0.2.7@8080"),
        (r"C:\films\1.dcm", ""),
        (r"\\?\C:\films\1.dcm", ""),
        (r"\\.\PhysicalDrive0", ""),
        ("/films/1.dcm", ""),
        ("films/1.dcm", ""),
    ],
)
def test_the_server_of_a_path(path: str, server: str) -> None:
    assert server_of(path) == server


def test_a_path_on_a_server_nobody_named_is_refused_and_not_looked_for(as_on_windows: list[str]) -> None:
    path = Path("//evil/share/film.dcm")

    assert not is_there(path)
    with pytest.raises(BadFile, match="open its folder yourself"):
        on_disk(path)
    with pytest.raises(BadFile, match="the server evil"):
        read_frame(FrameRef(path=path, frame_index=0))

    assert as_on_windows == []


def test_weights_of_a_recipe_are_not_fetched_from_a_server(tmp_path: Path, as_on_windows: list[str]) -> None:
    with pytest.raises(BadFile, match="evil"):
        resolve_init(tmp_path, "//evil/share/weights.pt")

    assert as_on_windows == []


@pytest.mark.parametrize("name", ["//evil/share/1.png", r"\\evil\share\1.png"])
def test_a_table_that_names_pictures_on_a_server_is_not_followed(
    name: str, tmp_path: Path, as_on_windows: list[str]
) -> None:
    Pictures(tmp_path / "boxes.json").find(name)

    assert [path for path in as_on_windows if PurePath(path).as_posix().startswith("//")] == []


def test_what_the_person_opens_is_theirs_and_children_know_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from viewer.children import environment

    name_server(r"\\nas\films")

    assert not is_foreign(r"\\NAS\other\1.dcm")
    assert is_foreign(r"\\evil\films")
    assert environment()[servers.VARIABLE] == "nas"


def test_a_server_on_the_command_line_is_named(as_on_windows: list[str]) -> None:
    main(["scan", "//evil/share"])

    assert not is_foreign("//evil/share/1.dcm")


def test_where_paths_name_no_servers_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "has_shares", lambda: False)

    assert not is_foreign("//films/1.dcm")


def test_two_slashes_name_a_server_on_windows_alone() -> None:
    """Elsewhere they are one (POSIX 4.13), and a share is mounted by whoever runs the machine."""
    assert HAS_SHARES() == (os.name == "nt")
