"""What was opened can be taken out of everything that the program keeps for itself, to the last byte."""

import json
import sqlite3
import zipfile
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.conftest import (  # noqa: F401  # fixtures of the whole window
    _looked_through,
    garbage_on_this_thread,
    window,
    write_slice,
)
from tests.waiting import settled
from viewer.app import settings_folder
from viewer.cli.main import main
from viewer.reading.forgetting import forget_everything, forget_studies
from viewer.reading.header_index import HeaderIndex
from viewer.reading.sources.private_files import cache_folder, config_folder, log_folder
from viewer.reading.sources.remembered import without_names, without_studies
from viewer.ui.state.settings import Recent, Settings
from viewer.ui.window.main_window import MainWindow

NAME, ID, OTHER = "Zwetschgenbaum", "ZW-4711", "Birnbaum"


def write_study(folder: Path, name: str, patient: str) -> Path:
    for place in range(3):
        write_slice(
            folder / f"{name}_{place}.dcm", patient=patient, study=1, series=1, place=place, frame="1.2.7",
            PatientName=f"{name}^Anna", StudyDescription=f"Knie {name}",
        )  # fmt: skip
    return folder


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study that is to be forgotten, in a folder that is called by its patient."""
    return write_study(tmp_path / f"of {NAME}", NAME, ID)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A study that is to be kept, in a folder whose name begins like the other's."""
    return write_study(tmp_path / f"of {NAME}s neighbour", OTHER, "BB-1")


@pytest.fixture
def archive(study: Path, tmp_path: Path) -> Path:
    """The first study as a ZIP."""
    with zipfile.ZipFile(tmp_path / f"{NAME}.zip", "w") as opened:
        for path in sorted(study.iterdir()):
            opened.write(path, f"CT/{path.name}")
    return tmp_path / f"{NAME}.zip"


def held(home: Path, *secrets: str) -> list[str]:
    """Files below a home whose name or content holds a text."""
    found = []
    for path in home.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        content += content.replace(b"\0", b"")  # UTF-16 too
        found += [
            f"{path.relative_to(home)}: {secret}"
            for secret in secrets
            if secret in str(path.relative_to(home)) or secret.encode() in content
        ]
    return found


def test_one_study_goes_to_the_last_byte_and_the_other_stays(
    home: Path, study: Path, other: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (study, other, archive):
        assert main(["scan", str(path)]) == 0
    assert held(cache_folder(), ID) and held(cache_folder(), OTHER)
    capsys.readouterr()

    assert main(["forget", str(study), str(archive), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)

    assert said["headers"] == 3 and said["archives"] == 1
    assert held(home, ID, f"{NAME}^Anna", f"{NAME}_0") == []
    assert held(cache_folder(), OTHER), "the neighbour's headers are kept"
    assert len(list(study.iterdir())) == 3 and archive.is_file(), "the studies themselves are left alone"


def test_a_file_and_a_study_that_is_gone_can_be_forgotten(home: Path, study: Path, other: Path) -> None:
    main(["scan", str(study)])
    main(["scan", str(other)])
    assert forget_studies([study / f"{NAME}_1.dcm"]).headers == 1
    for path in study.iterdir():
        path.unlink()
    study.rmdir()
    assert forget_studies([study]).headers == 2
    assert forget_studies([study]).headers == 0
    assert held(home, NAME + "_") == []


def test_a_damaged_index_is_thrown_away_whole(home: Path, study: Path) -> None:
    main(["scan", str(study)])
    index = cache_folder() / "headers.sqlite"
    content = bytearray(index.read_bytes())
    content[100:400] = b"\xff" * 300
    index.write_bytes(bytes(content))
    index.with_name("headers.sqlite.damaged").write_bytes(bytes(content))

    forget_studies([study])
    assert held(cache_folder(), NAME, ID) == [] and not list(cache_folder().glob("headers*"))


def test_everything_is_forgotten_and_the_look_stays(home: Path, study: Path, archive: Path) -> None:
    main(["scan", str(study)])
    main(["scan", str(archive)])
    main(["render", str(study / "gone.dcm"), "--out", str(home / "x.png")])
    settings = Settings(settings_folder() / "window.json")
    settings.set_flag("names_hidden", on=True)
    settings.set_word("author", "reader")
    settings.set_word("panels/read", "studies tags")
    settings.set_word("last_folder", str(study))
    settings.set_word("last_project", str(study))
    settings.add_recent(Recent(path=str(study), kind="study", title=ID))
    (config_folder() / "window.ini").write_text(f"[recent]\nrows={NAME}\n")
    (config_folder() / "thumbnails").mkdir()
    (config_folder() / "thumbnails" / "0123456789abcdef.png").write_bytes(b"a picture")
    qt = config_folder().parent / "QtProject.conf"
    qt.write_text(
        f"[FileDialog]\nhistory=file:///x/{NAME}\nlastVisited=file:///x/{NAME}\nviewMode=List\n[Other]\nhistory=1\n"
    )

    assert main(["forget", "--all"]) == 0

    assert held(home, NAME, ID) == []
    assert not (config_folder() / "thumbnails").exists()
    assert not list(log_folder().glob("*")) if log_folder().is_dir() else True
    assert not (cache_folder() / "archives").exists() or not list((cache_folder() / "archives").iterdir())
    assert qt.read_text() == "[FileDialog]\nviewMode=List\n[Other]\nhistory=1\n"
    again = Settings(settings_folder() / "window.json")
    assert again.flag("names_hidden") and again.word("author") == "reader"
    assert again.word("panels/read") == "studies tags" and again.recent == []


def test_forget_asks_for_one_of_both(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["forget"]) == 2 and main(["forget", "x", "--all"]) == 2
    assert "--all" in capsys.readouterr().err


def test_forgetting_nothing_makes_nothing(home: Path, tmp_path: Path) -> None:
    forget_studies([tmp_path / "never opened"])
    forget_everything()
    assert not cache_folder().exists() and not config_folder().exists()


def test_entries_are_taken_out_by_path_not_by_how_it_begins(tmp_path: Path) -> None:
    a, below, like = tmp_path / "a", tmp_path / "a" / "b", tmp_path / "ab"
    rows = [
        {"path": str(path), "kind": "study", "title": "", "thumbnail": f"{path.name}.png"} for path in (a, below, like)
    ]
    left = without_studies({"recent/rows": json.dumps(rows), "look/theme": "dark"}, [a])
    assert [row["path"] for row in json.loads(left.values["recent/rows"])] == [str(like)]
    assert left.entries == 2 and left.values["look/theme"] == "dark"


@pytest.mark.parametrize("rows", ["", "{", "[1, null]", '{"path": 1}', '[{"path": 7}]'])
def test_a_damaged_list_is_no_reason_to_keep_names(rows: str, tmp_path: Path) -> None:
    assert without_studies({"recent/rows": rows}, [tmp_path]).entries == 0
    assert without_names({"recent/rows": rows, "look/theme": "dark"}) == {"look/theme": "dark"}


def test_what_falls_off_the_list_takes_its_picture_along(home: Path, tmp_path: Path) -> None:
    settings = Settings(config_folder() / "window.json")
    pictures = config_folder() / "thumbnails"
    pictures.mkdir()
    for number in range(14):
        (pictures / f"{number}.png").write_bytes(b"x")
        settings.add_recent(Recent(path=str(tmp_path / str(number)), kind="study", title="", thumbnail=f"{number}.png"))
    settings.forget_recent(str(tmp_path / "13"))
    assert sorted(path.stem for path in pictures.iterdir()) == sorted(map(str, range(2, 13)))


def test_an_index_that_is_used_on_afterwards_is_whole(home: Path, study: Path, other: Path) -> None:
    main(["scan", str(study)])
    forget_studies([study])
    main(["scan", str(other)])
    index = HeaderIndex.of_user()
    assert index is not None and len(index.recall(sorted(other.iterdir()))) == 3
    with sqlite3.connect(cache_folder() / "headers.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


class Answering:
    """Answers the one question of forgetting, and keeps what it said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from viewer.ui.dialogs.forget import ForgetDialog

        self.said: list[str] = []
        self.answer = True

        def answered(dialog: ForgetDialog) -> int:
            self.said.append(dialog.words.text().replace("\N{ZERO WIDTH SPACE}", ""))  # where a long path may break
            assert not dialog.forget.isDefault(), "Return forgets nothing"
            return int(self.answer)

        monkeypatch.setattr(ForgetDialog, "exec", answered)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Answering:
    return Answering(monkeypatch)


def open_in(main_window: MainWindow, path: Path, qtbot: QtBot) -> None:
    session = main_window.session
    before = session.series_list()
    session.open_paths([path])
    qtbot.waitUntil(lambda: len(session.series_list()) > len(before) and not session.opening.scanning)
    settled(session)


def test_the_window_forgets_the_study_in_the_active_view(
    window: MainWindow,  # noqa: F811
    study: Path,
    other: Path,
    asked: Answering,
    home: Path,
    qtbot: QtBot,
) -> None:
    open_in(window, other, qtbot)
    open_in(window, study, qtbot)
    assert held(home, ID) and len(window.session.settings.recent) == 2

    asked.answer = False
    window.book.run("file.forget_study")
    assert len(window.session.series_list()) == 2, "who says no keeps everything"

    asked.answer = True
    with qtbot.waitSignal(window.file_dialogs.forgetting.forgotten):
        window.book.run("file.forget_study")
    settled(window.session)

    assert str(study) in asked.said[-1] and "cannot be undone" in asked.said[-1]
    assert [series.frames[0].path.parent for series in window.session.series_list()] == [other]
    assert [row.path for row in window.session.settings.recent] == [str(other)]
    assert held(home, ID, f"{NAME}_", str(study) + "/") == []
    assert (
        not (window.session.settings.folder / "thumbnails").exists()
        or len(list((window.session.settings.folder / "thumbnails").iterdir())) <= 1
    )


def test_the_window_forgets_everything(
    window: MainWindow,  # noqa: F811
    study: Path,
    other: Path,
    asked: Answering,
    home: Path,
    qtbot: QtBot,
) -> None:
    open_in(window, study, qtbot)
    open_in(window, other, qtbot)
    with qtbot.waitSignal(window.file_dialogs.forgetting.forgotten):
        window.book.run("file.forget_all")
    settled(window.session)

    assert window.session.series_list() == [] and window.session.settings.recent == []
    assert held(home, NAME, ID, OTHER) == []
    assert len(list(study.iterdir())) == 3


def test_the_question_names_no_path_while_names_are_hidden(
    window: MainWindow,  # noqa: F811
    study: Path,
    asked: Answering,
    qtbot: QtBot,
) -> None:
    open_in(window, study, qtbot)
    window.session.set_names_hidden(hidden=True)
    asked.answer = False
    window.book.run("file.forget_study")
    assert NAME not in asked.said[-1] and "the chosen study" in asked.said[-1]


def test_the_list_of_studies_offers_it(window: MainWindow, study: Path, asked: Answering, qtbot: QtBot) -> None:  # noqa: F811
    open_in(window, study, qtbot)
    assert not window.book.may_run("studies.forget_row")
    window.session.closing.choose(window.session.opening.patients[0])
    assert window.book.may_run("studies.forget_row")
    with qtbot.waitSignal(window.file_dialogs.forgetting.forgotten):
        window.book.run("studies.forget_row")
    assert window.session.series_list() == []


def test_what_was_dropped_before_leaves_no_trace_either(home: Path, study: Path, other: Path) -> None:
    """SQLite leaves deleted rows in its free pages, unless it was built or told to overwrite them."""
    main(["scan", str(study)])
    main(["scan", str(other)])
    with sqlite3.connect(cache_folder() / "headers.sqlite") as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        (table,) = connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'headers_%'").fetchone()
        connection.execute(f'DELETE FROM "{table}" WHERE facts LIKE ?', (f"%{ID}%",))
    connection.close()
    assert held(cache_folder(), f"{NAME}_")

    forget_studies([study])
    assert held(cache_folder(), f"{NAME}_") == [] and held(cache_folder(), OTHER)
