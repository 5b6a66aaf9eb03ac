"""Unpacking ZIP archives into a private folder of the user's cache, once.

The folder is named after the archive's path, size and time. Folders that nobody used for a month go, and the oldest
ones where all together are too large; what was cleaned away is unpacked again when it is asked for. Nothing is ever
written beside the archive.

An archive is somebody else's: names that lead out of it, links, encrypted members and what inflates beyond reason are
refused by name, and an archive inside an archive is not opened.
"""

import hashlib
import json
import logging
import os
import re
import shutil
import stat
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from viewer.core.errors import BadFile, NotWritable
from viewer.reading.sources import private_files
from viewer.reading.sources.companions import is_companion
from viewer.reading.sources.remembered import is_within

log = logging.getLogger(__name__)

MEMBERS_FILE, FILES = "members.json", "files"
MAX_MEMBERS = 200_000
MAX_TOTAL_BYTES = 64 << 30
# Deflate shrinks zeros a thousandfold: blank slices do that too, so only what is large as well is taken for a bomb.
LARGE_BYTES, MAX_RATIO = 256 << 20, 200
KEPT_FREE_BYTES = 1 << 30
MAX_AGE_S = 30 * 86400
MAX_CACHE_BYTES = 32 << 30
AT_ONCE_BYTES = 1 << 20
# Volumes keep their values in such files, so they are unpacked though no image begins there.
DATA_OF_A_HEADER = (".raw", ".zraw", ".img", ".gz")
NESTED = (".zip", ".7z", ".rar", ".tar", ".tgz", ".tar.gz")
MEMBER_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """What an archive holds. members: names that were unpacked, in order; problems: (name, one sentence) of others."""

    archive: str
    size_bytes: int
    members: tuple[str, ...]
    problems: tuple[tuple[str, str], ...]


def _never() -> bool:
    return False


def unpack(archive: Path, *, cancelled: Callable[[], bool] = _never) -> tuple[Path, Unpacked]:
    """(folder of the cache, what lies in it), unpacked now where it was not yet.

    Raises BadFile for a broken archive or one that is refused as a whole, NotWritable, or Stopped.
    """
    try:
        entry = archive.stat()
    except OSError as error:
        raise BadFile(f"{archive} cannot be read: {error.strerror or error}.") from error
    named = f"{archive.absolute()}\n{entry.st_size}\n{entry.st_mtime_ns}".encode("utf-8", "surrogateescape")
    folder = cache_folder() / hashlib.sha256(named).hexdigest()[:32]
    with _LOCK:
        # Asked for every image that is read: the list itself is read once.
        known = _KNOWN.get(folder) if (folder / MEMBERS_FILE).is_file() else None
        if known is None:
            known = _recall(folder)
        if known is None:
            known = _unpack_into(archive, entry, folder, cancelled)
            _clean(folder)
        _KNOWN[folder] = known
    return folder, known


_LOCK = threading.Lock()
_KNOWN: dict[Path, Unpacked] = {}


class Stopped(Exception):
    """Unpacking was cancelled; nothing is left of it."""


def cache_folder() -> Path:
    """Where archives are unpacked."""
    return private_files.cache_folder() / "archives"


def forget(roots: Collection[Path], *, unpacked: list[Path]) -> int:
    """Remove what was unpacked of archives at or below `roots`; its folders are added to `unpacked`. Returns how many.

    Raises OSError where it cannot be removed.
    """
    gone = []
    for folder in _folders():
        known = _recall(folder)
        if known is not None and is_within(known.archive, roots):
            gone.append(folder)
    for folder in gone:
        _forget_folder(folder)
    unpacked += gone
    return len(gone)


def forget_all() -> int:
    """Remove everything that was ever unpacked. Returns how many archives. Raises OSError."""
    folders = _folders()
    known = sum((folder / MEMBERS_FILE).is_file() for folder in folders)
    for folder in folders:
        _forget_folder(folder)
    return known


def _folders() -> list[Path]:
    place = cache_folder()
    return [folder for folder in place.iterdir() if folder.is_dir()] if place.is_dir() else []


def _forget_folder(folder: Path) -> None:
    with _LOCK:
        _KNOWN.pop(folder, None)
        shutil.rmtree(folder)


def _recall(folder: Path) -> Unpacked | None:
    list_file = folder / MEMBERS_FILE
    try:
        known = json.loads(list_file.read_text(encoding="utf-8"))
        os.utime(list_file)
        return Unpacked(
            archive=known["archive"],
            size_bytes=known["size_bytes"],
            members=tuple(known["members"]),
            problems=tuple((name, reason) for name, reason in known["problems"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _unpack_into(archive: Path, entry: os.stat_result, folder: Path, cancelled: Callable[[], bool]) -> Unpacked:
    """Unpack beside `folder`, then rename: what is there is whole."""
    beside: Path | None = None
    try:
        beside = private_files.temporary_folder(folder.parent, prefix=f"{folder.name}.", suffix=".part")
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            _check_whole(archive, entry.st_size, members, shutil.disk_usage(folder.parent).free)
            done, problems = _members(archive, opened, members, beside / FILES, entry.st_mtime_ns, cancelled)
        size = sum(member.file_size for member in members)
        unpacked = Unpacked(archive=str(archive.absolute()), size_bytes=size, members=done, problems=problems)
        private_files.private_file(beside / MEMBERS_FILE).write_text(
            json.dumps(asdict(unpacked), allow_nan=False), encoding="utf-8"
        )
        shutil.rmtree(folder, ignore_errors=True)
        beside.rename(folder)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, ValueError, NotImplementedError) as error:
        raise BadFile(f"{archive} is no ZIP archive that can be read ({error}); copy it again.") from error
    except OSError as error:
        if _recall(folder) is not None:  # another window was quicker
            return _recall_or_fail(folder, archive)
        raise NotWritable(f"{archive} cannot be unpacked: {error.strerror or error}.") from error
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)
    return unpacked


def _recall_or_fail(folder: Path, archive: Path) -> Unpacked:
    known = _recall(folder)
    if known is None:
        raise NotWritable(f"{archive} cannot be unpacked: another window is at it; try again.")
    return known


def _check_whole(archive: Path, size_bytes: int, members: list[zipfile.ZipInfo], free_bytes: int) -> None:
    """Refuse a bomb before a byte of it is inflated. Raises BadFile."""
    if len(members) > MAX_MEMBERS:
        raise BadFile(f"{archive} holds {len(members)} files, more than {MAX_MEMBERS}; unpack it yourself.")
    total = sum(member.file_size for member in members)
    if sum(member.compress_size for member in members) > size_bytes:
        raise BadFile(f"{archive} is made so that its members overlap; it is not opened.")
    if total > LARGE_BYTES and total > MAX_RATIO * size_bytes:
        raise BadFile(
            f"{archive} inflates {total // max(1, size_bytes)}-fold to {total >> 20} MiB; it is taken for a zip bomb "
            "and not opened."
        )
    if total > MAX_TOTAL_BYTES:
        raise BadFile(
            f"{archive} inflates to {total >> 30} GiB, more than {MAX_TOTAL_BYTES >> 30}; unpack it yourself."
        )
    if total + KEPT_FREE_BYTES > free_bytes:
        raise BadFile(f"{archive} inflates to {total >> 20} MiB, for which the disk has no room; make some.")


def _members(
    archive: Path,
    opened: zipfile.ZipFile,
    members: list[zipfile.ZipInfo],
    target: Path,
    mtime_ns: int,
    cancelled: Callable[[], bool],
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Unpack every member that may be of interest. Returns (names, problems). Raises Stopped."""
    done: list[str] = []
    problems: list[tuple[str, str]] = []
    taken: set[str] = set()
    private_files.private_folder(target)
    for member in sorted(members, key=lambda one: one.filename):
        if cancelled():
            raise Stopped
        name = member.filename.replace("\\", "/")
        reason = _refusal(member, name)
        if not reason and (member.is_dir() or _is_beside_the_point(name)):
            continue
        if not reason and name.casefold() in taken:
            reason = "is there twice"
        if not reason:
            taken.add(name.casefold())
            try:
                _unpack_member(opened, member, target / name, mtime_ns, cancelled)
            except MEMBER_ERRORS as error:
                log.debug("a member", exc_info=True)
                reason = f"cannot be unpacked ({error})"
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                reason = "is a file and a folder at once"
        if reason:
            shown = name if name.isprintable() else ascii(name)
            problems.append((name, f"{archive}/{shown} {reason}; it is not opened."))
        else:
            done.append(name)
    return tuple(done), tuple(problems)


def _is_beside_the_point(name: str) -> bool:
    return is_companion(PurePosixPath(name)) and not name.lower().endswith(DATA_OF_A_HEADER)


def _refusal(member: zipfile.ZipInfo, name: str) -> str:
    """Why a member is not unpacked, "" when nothing speaks against it."""
    parts = name.rstrip("/").split("/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or any(part in ("", ".", "..") for part in parts):
        return "has a name that leads out of the archive"
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return "is a link"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is no plain file"
    if member.flag_bits & 1:
        return "is encrypted"
    if name.lower().endswith(NESTED):
        return "is an archive inside an archive"
    if member.file_size > LARGE_BYTES and member.file_size > MAX_RATIO * max(1, member.compress_size):
        return f"inflates to {member.file_size >> 20} MiB and is taken for a zip bomb"
    return ""


def _unpack_member(
    opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, mtime_ns: int, cancelled: Callable[[], bool]
) -> None:
    if not target.parent.is_dir():
        private_files.private_folder(target.parent)
    try:
        # zipfile stops at the size that the member's header gives, and checks its sum there.
        with opened.open(member) as source, open(target, "xb", opener=private_files.opener) as file:
            while data := source.read(AT_ONCE_BYTES):
                if cancelled():
                    raise Stopped
                file.write(data)
    except MEMBER_ERRORS:
        target.unlink(missing_ok=True)
        raise
    # The same when it is unpacked again, so that nothing takes it for a changed file.
    os.utime(target, ns=(mtime_ns, mtime_ns))


def _clean(kept: Path) -> None:
    """Throw away what was not used for long, then the oldest until the rest is small enough. kept: stays anyway."""
    rows: list[tuple[float, int, Path]] = []
    now = time.time()
    try:
        folders = [folder for folder in kept.parent.iterdir() if folder != kept and folder.is_dir()]
    except OSError:
        return
    for folder in folders:
        list_file = folder / MEMBERS_FILE
        try:
            used = (list_file if list_file.exists() else folder).stat().st_mtime
            size = int(json.loads(list_file.read_text(encoding="utf-8"))["size_bytes"]) if list_file.exists() else 0
        except (OSError, ValueError, KeyError, TypeError):
            used, size = 0.0, 0
        if now - used > (MAX_AGE_S if list_file.exists() else 86400):
            shutil.rmtree(folder, ignore_errors=True)
        else:
            rows.append((used, size, folder))
    total = sum(size for _, size, _ in rows)
    for _, size, folder in sorted(rows):
        if total <= MAX_CACHE_BYTES:
            break
        shutil.rmtree(folder, ignore_errors=True)
        total -= size
