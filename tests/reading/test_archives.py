"""ZIP archives: what is in them is read under archive.zip/member; what is foul is refused by name."""

import os
import shutil
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from viewer.cli.main import main
from viewer.core.errors import AppError, BadFile
from viewer.project.project import Project
from viewer.project.register import add_to_project
from viewer.project.verify import verify
from viewer.reading.frames import file_frames, header_tags, read_frame
from viewer.reading.scan import all_series, scan
from viewer.reading.series import FrameRef
from viewer.reading.sources import unpacking
from viewer.reading.sources.archive import on_disk

MakeDicom = Callable[..., Path]
PIXELS = np.random.default_rng(4).integers(0, 4000, (9, 7), dtype=np.uint16)
PNG = imagecodecs.png_encode(PIXELS)


def write(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def study(make_slices: Callable[..., list[Path]], tmp_path: Path) -> Path:
    """An archive with a series of three slices, a 16-bit picture, a text and an archive inside."""
    slices = make_slices([0, 3, 6], folder="CT")
    inner = write(tmp_path / "inner.zip", {"x.png": PNG})
    members = {f"study/CT/{path.name}": path.read_bytes() for path in slices}
    members |= {"study/key.png": PNG, "study/readme.txt": b"hello", "study/more.zip": inner.read_bytes()}
    return write(tmp_path / "Study A.zip", members)


def test_an_archive_is_read_like_a_folder(study: Path, tmp_path: Path) -> None:
    result = scan([study])

    ct, picture = all_series(result)
    assert (len(ct.frames), ct.is_volume, ct.patient_id, ct.source) == (3, True, "007", "Study A.zip")
    assert [ref.path for ref in ct.frames] == [study / "study/CT" / f"00{n}.dcm" for n in range(3)]
    assert [int(read_frame(ref).stored[0, 0]) for ref in ct.frames] == [0, 1, 2]
    assert np.array_equal(read_frame(picture.frames[0]).stored, PIXELS)
    assert read_frame(picture.frames[0]).ref == picture.frames[0]
    assert [problem.reason for problem in result.problems] == [
        f"{study}/study/more.zip is an archive inside an archive; it is not opened."
    ]


def test_nothing_is_written_beside_the_archive_and_only_its_owner_reads_the_cache(study: Path, tmp_path: Path) -> None:
    before = sorted(path.name for path in tmp_path.iterdir())

    scan([study])

    assert sorted(path.name for path in tmp_path.iterdir()) == before
    if os.name == "posix":
        for folder in (unpacking.cache_folder(), *unpacking.cache_folder().iterdir()):
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_frames_and_tags_of_a_member_are_found_by_its_name(study: Path) -> None:
    member = study / "study/CT/001.dcm"

    assert [ref.path for ref in file_frames(member)] == [member]
    assert "PatientID" in {row.keyword for row in header_tags(member)}
    with pytest.raises(BadFile, match=r"Study A\.zip holds no study/CT/9\.dcm"):
        file_frames(study / "study/CT/9.dcm")


def test_errors_name_the_member_and_not_the_cache(tmp_path: Path) -> None:
    archive = write(tmp_path / "a.zip", {"cut.png": PNG[:60]})

    (problem,) = scan([archive]).problems
    with pytest.raises(AppError) as caught:
        read_frame(FrameRef(path=archive / "cut.png"))

    for text in (problem.reason, str(caught.value)):
        assert str(archive / "cut.png") in text
        assert "archives" not in text


def test_an_image_of_a_project_is_found_again_when_the_cache_is_gone(study: Path, tmp_path: Path) -> None:
    with Project.create(tmp_path / "project", name="P", case_unit="film") as project:
        ids, problems = add_to_project(project, scan([study]))
        assert (len(ids), problems) == (4, [])
        (record,) = project.images.find(path=study / "study/key.png")
        assert record.mtime_ns == study.stat().st_mtime_ns  # unpacked again it is no changed file
        shutil.rmtree(unpacking.cache_folder())

        again = read_frame(FrameRef(path=record.path, frame_index=record.frame_index))

        assert np.array_equal(again.stored, PIXELS)
        assert add_to_project(project, scan([study])) == (ids, [])
    report = verify(tmp_path / "project", pixels=True)
    assert list(report.problems) == []


def test_a_member_that_was_cleaned_away_is_unpacked_again(study: Path) -> None:
    member = study / "study/key.png"
    on_disk(member).unlink()

    assert np.array_equal(read_frame(FrameRef(path=member)).stored, PIXELS)


def test_a_changed_archive_is_unpacked_anew(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    for number, pixels in enumerate((PIXELS, PIXELS ^ 1)):  # the same length, another time
        with zipfile.ZipFile(archive, "w") as opened:
            opened.writestr(zipfile.ZipInfo("a.png"), imagecodecs.png_encode(pixels, level=0))
        os.utime(archive, (1_000_000 + number, 1_000_000 + number))

        assert np.array_equal(read_frame(FrameRef(path=archive / "a.png")).stored, pixels)


def test_volumes_of_two_files_are_read_from_an_archive(tmp_path: Path) -> None:
    header = "ObjectType = Image\nNDims = 3\nDimSize = 7 9 2\nElementType = MET_USHORT\nElementDataFile = v.raw\n"
    both = np.stack([PIXELS, PIXELS + 1])
    archive = write(tmp_path / "a.zip", {"v.mhd": header.encode(), "v.raw": both.tobytes()})

    (series,) = all_series(scan([archive]))

    assert np.array_equal(read_frame(series.frames[1]).stored, both[1])


CLIMBING = ["../evil.png", "a/../../evil.png", "/evil.png", "C:\\evil.png", "..\\evil.png", "C:/evil.png", "./evil.png"]


@pytest.mark.parametrize("name", CLIMBING)
def test_a_name_that_climbs_out_is_refused_and_the_rest_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    archive = write(tmp_path / "in" / "a.zip", {"b.png": PNG})
    with zipfile.ZipFile(archive, "a") as opened:
        info = zipfile.ZipInfo("x")
        info.filename = name
        opened.writestr(info, PNG)

    result = scan([archive])

    assert [series.description for series in all_series(result)] == ["b.png"]
    (problem,) = result.problems
    assert "leads out of the archive" in problem.reason
    assert name.replace("\\", "/") in problem.reason
    everywhere = [*tmp_path.rglob("evil.png"), *unpacking.cache_folder().rglob("evil.png")]
    assert everywhere == []


def test_links_and_encrypted_members_are_refused_by_name(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        link = zipfile.ZipInfo("link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(link, "/etc/passwd")
        opened.writestr("secret.png", PNG)
        opened.writestr("open.png", PNG)
    data = bytearray(archive.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            name_at = at + (30 if flags == 6 else 46)
            if data[name_at : name_at + 10] == b"secret.png":
                data[at + flags] |= 1
            at = data.find(signature, at + 4)
    archive.write_bytes(data)

    result = scan([archive])

    assert [series.description for series in all_series(result)] == ["open.png"]
    reasons = {problem.path.name: problem.reason for problem in result.problems}
    assert reasons["link.png"] == f"{archive}/link.png is a link; it is not opened."
    assert reasons["secret.png"] == f"{archive}/secret.png is encrypted; it is not opened."


def test_a_damaged_member_is_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as opened:
        opened.writestr("bad.png", b"A" * 500)
        opened.writestr("good.png", PNG)
    archive.write_bytes(archive.read_bytes().replace(b"A" * 500, b"B" * 500))

    result = scan([archive])

    assert [series.description for series in all_series(result)] == ["good.png"]
    assert [problem.path.name for problem in result.problems] == ["bad.png"]
    assert "cannot be unpacked" in result.problems[0].reason


@pytest.mark.parametrize("data", [b"", b"no archive at all", b"PK\x03\x04" + bytes(50)])
def test_a_broken_archive_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(data)

    (problem,) = scan([tmp_path / "a.zip"]).problems

    assert "no ZIP archive" in problem.reason
    assert not list(unpacking.cache_folder().glob("*"))


def test_a_zip_bomb_is_refused_before_it_is_inflated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "LARGE_BYTES", 1 << 20)
    bomb = write(tmp_path / "bomb.zip", {"zeros.dcm": bytes(4 << 20)})
    hidden = write(
        tmp_path / "hidden.zip",
        {"zeros.dcm": bytes(4 << 20), "noise.bin": np.random.default_rng(1).bytes(2 << 20), "a.png": PNG},
    )

    (problem,) = scan([bomb]).problems
    result = scan([hidden])

    assert "-fold to 4 MiB; it is taken for a zip bomb" in problem.reason
    assert str(bomb) in problem.reason
    assert [series.description for series in all_series(result)] == ["a.png"]
    assert "zeros.dcm inflates to 4 MiB" in result.problems[0].reason
    assert not list(unpacking.cache_folder().rglob("zeros.dcm"))


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    # Fifield's bomb: many entries of the directory point to one stream.
    archive = write(tmp_path / "a.zip", {"a.png": PNG})
    data = archive.read_bytes()
    start, end = data.find(b"PK\x01\x02"), data.find(b"PK\x05\x06")
    entry, tail = data[start:end], bytearray(data[end:])
    struct.pack_into("<HHL", tail, 8, 50, 50, 50 * len(entry))
    archive.write_bytes(data[:start] + entry * 50 + bytes(tail))

    (problem,) = scan([archive]).problems

    assert "overlap" in problem.reason


@pytest.mark.parametrize(
    ("limit", "value", "says"),
    [("MAX_MEMBERS", 2, "more than 2"), ("MAX_TOTAL_BYTES", 100, "more than"), ("KEPT_FREE_BYTES", 1 << 62, "no room")],
)
def test_too_much_is_refused_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, says: str
) -> None:
    monkeypatch.setattr(unpacking, limit, value)
    archive = write(tmp_path / "a.zip", {f"{n}.png": PNG for n in range(3)})

    (problem,) = scan([archive]).problems

    assert says in problem.reason
    assert not list(unpacking.cache_folder().glob("*"))


def test_a_member_that_is_larger_than_it_says_is_refused(tmp_path: Path) -> None:
    archive = write(tmp_path / "a.zip", {"a.png": PNG + bytes(5000)})
    data = bytearray(archive.read_bytes())
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<L", data, data.find(signature) + at, 50)
    archive.write_bytes(data)

    (problem,) = scan([archive]).problems

    assert "cannot be unpacked" in problem.reason


def test_names_that_meet_on_another_system_are_refused_by_name(tmp_path: Path) -> None:
    archive = write(tmp_path / "a.zip", {"A.png": PNG, "a.png": PNG, "dir": PNG, "dir/b.png": PNG})

    result = scan([archive])

    assert sorted(series.description for series in all_series(result)) == ["A.png", "dir"]
    assert {problem.path.name for problem in result.problems} == {"a.png", "b.png"}


def test_unpacking_can_be_stopped_and_leaves_nothing(tmp_path: Path) -> None:
    archive = write(tmp_path / "a.zip", {f"{n}.png": PNG for n in range(9)})
    asked = []

    def stop() -> bool:
        asked.append(True)
        return len(asked) > 5

    result = scan([archive], cancelled=stop)

    assert result.cancelled
    assert result.problems == ()
    assert not list(unpacking.cache_folder().glob("*"))


def test_archives_nobody_used_for_long_leave_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, recent = write(tmp_path / "old.zip", {"a.png": PNG}), write(tmp_path / "recent.zip", {"a.png": PNG})
    folder, _ = unpacking.unpack(old)
    os.utime(folder / unpacking.MEMBERS_FILE, (1, 1))
    kept, _ = unpacking.unpack(recent)
    assert (folder.exists(), kept.exists()) == (False, True)

    monkeypatch.setattr(unpacking, "MAX_CACHE_BYTES", 0)
    newest, _ = unpacking.unpack(write(tmp_path / "newest.zip", {"a.png": PNG}))

    assert (kept.exists(), newest.exists()) == (False, True)


def test_the_commands_take_an_archive_and_a_member(study: Path, tmp_path: Path) -> None:
    assert main(["scan", str(study), "--json"]) == 0
    assert main(["render", str(study / "study/key.png"), "--out", str(tmp_path / "key_.png")]) == 0
    assert main(["export", str(study), "--out", str(tmp_path / "arrays")]) == 0
    assert main(["export", str(study / "study/key.png"), "--out", str(tmp_path / "one.npy")]) == 0

    assert np.array_equal(np.load(tmp_path / "one.npy"), PIXELS)
    assert len(list((tmp_path / "arrays").glob("*.npy"))) == 2
    assert main(["render", str(study / "study/gone.png"), "--out", str(tmp_path / "no.png")]) == 1
