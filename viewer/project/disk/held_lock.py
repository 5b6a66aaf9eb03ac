"""A lock that a process holds for as long as it lives: the system lets go of it, whatever the clock or the host says.

Where it can, the lock is the system's own (flock, LockFileEx; by `filelock`): it ends with its process, also with
SIGKILL, and holds across containers of one machine. Who holds it stands in the file for people to read; nothing is
decided by that. A file system without locks gets a file that is made exclusively and must be taken over by hand.
"""

import contextlib
import errno
import json
import os
import secrets
import socket
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakSet

from filelock import lock_descriptor, unlock_descriptor

from viewer.core.boundary import cannot_be_written
from viewer.core.errors import NotWritable

# Somebody who only asks whether it is held has it for a moment.
_TRIES = 10
_BETWEEN_TRIES_S = 0.02
_LONGEST_NOTE = 4096
# What a file system says that has no locks: fcntl(2) and flock(2), NFS without its lock service, some of FUSE.
_NO_LOCKS = {
    getattr(errno, name) for name in ("ENOSYS", "EOPNOTSUPP", "ENOTSUP", "ENOLCK", "EINVAL") if hasattr(errno, name)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a lock, as it said itself; pid 0 when it did not. no_locks: the file system knows no locks."""

    pid: int = 0
    host: str = ""
    no_locks: bool = False

    @property
    def words(self) -> str:
        """The holder as a sentence names it."""
        if not self.pid:
            return "another program"
        if self.pid == os.getpid() and self.host == socket.gethostname():
            return "this very program"
        return f"process {self.pid} on {self.host}"


class Held(NotWritable):
    """Another process holds the lock."""

    def __init__(self, sentence: str, holder: Holder) -> None:
        super().__init__(sentence)
        self.holder = holder


class HeldLock:
    """A lock that this process holds, until `release` or its end."""

    def __init__(self, path: Path, descriptors: tuple[int, ...], token: str = "") -> None:
        self.path = path
        self._descriptors = descriptors
        self._token = token
        _held.add(self)

    @classmethod
    def take(cls, path: Path, *, with_folder: bool = False) -> "HeldLock":
        """Take the lock of this file, which is made where it is missing and never removed.

        with_folder: lock the file's folder as well where the system can, so that removing the file lets nobody in.
        Raises Held with the holder; NotWritable where the file cannot be made or is a link.
        """
        descriptor, no_locks = _locked(path)
        if no_locks:
            return cls(path, (), token=_take_by_name(path))
        if descriptor is None:
            holder = _read_note(path)
            raise Held(f"{path} is held by {holder.words}.", holder)
        descriptors: tuple[int, ...] = (descriptor,)
        if with_folder:
            try:
                descriptors += _folder_locked(path)
            except BaseException:
                os.close(descriptor)
                raise
        lock = cls(path, descriptors)
        lock._say_who(os.getpid())
        return lock

    @classmethod
    def inherited(cls, path: Path, descriptors: tuple[int, ...]) -> "HeldLock":
        """The lock whose open descriptors the parent process handed to this one. Raises Held when they are none."""
        try:
            same = bool(descriptors) and _is_at(descriptors[0], path)
            same = same and all(lock_descriptor(descriptor, blocking=False) for descriptor in descriptors)
        except OSError:
            same = False
        if not same:
            raise Held(f"{path} was not handed to this process; start the run anew.", Holder())
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        lock = cls(path, descriptors)
        lock._say_who(os.getpid())
        return lock

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What `inherited` takes in a child (Popen's `pass_fds`); () where the file system has no locks."""
        return self._descriptors

    def hand_over(self, pid: int) -> None:
        """Let go here, after a child was started with the descriptors: the lock is the child's alone."""
        self._say_who(pid)
        self._close()

    def still_mine(self) -> bool:
        """Whether nobody else can have taken the lock meanwhile, also when its file was removed or replaced."""
        if self._token:
            return _token_of(_named_holder(self.path)) == self._token
        return len(self._descriptors) > 1 or (bool(self._descriptors) and _is_at(self._descriptors[0], self.path))

    def release(self) -> None:
        """Give the lock back."""
        if self._token and self.still_mine():
            with contextlib.suppress(OSError):
                _named_holder(self.path).unlink()
        self._token = ""
        if self._descriptors:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptors[0], 0)
        for descriptor in self._descriptors:
            # A process forked meanwhile may share the descriptor: closing it here would not be enough.
            with contextlib.suppress(OSError):
                unlock_descriptor(descriptor)
        self._close()

    def _close(self) -> None:
        descriptors, self._descriptors = self._descriptors, ()
        for descriptor in descriptors:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        _held.discard(self)

    def _say_who(self, pid: int) -> None:
        """For people. A full disk or a file of somebody else's takes nothing from the lock."""
        with contextlib.suppress(OSError):
            if os.fstat(self._descriptors[0]).st_nlink == 1:
                _write(self._descriptors[0], _facts(pid))


_held: "WeakSet[HeldLock]" = WeakSet()


def _forked() -> None:
    """A forked process has the descriptors too and would keep the locks when its parent is gone."""
    for lock in list(_held):
        lock._close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


def holder_of(path: Path) -> Holder | None:
    """Who holds the lock now, None when nobody does. Asks the system; never waits and leaves no trace.

    A lock that was taken with its folder is seen also when its file is gone.
    """
    for of_folder in (False, True):
        try:
            descriptor = os.open(path.parent, os.O_RDONLY) if of_folder else _open(path, make=False)
        except (OSError, NotWritable):
            continue
        try:
            if not lock_descriptor(descriptor, blocking=False):
                return _read_note(path)
            unlock_descriptor(descriptor)
        except OSError:
            named = _named_holder(path)
            if named.exists():
                return _read_note(named, no_locks=True)
        finally:
            os.close(descriptor)
    return None


def take_over(path: Path) -> bool:
    """Where the file system has no locks: forget who held this one. Returns whether there was anything to forget.

    A lock of the system is not touched: it ends with its process.
    """
    named = _named_holder(path)
    if not named.exists():
        return False
    named.unlink(missing_ok=True)
    return True


def _locked(path: Path) -> tuple[int | None, bool]:
    """(an open descriptor with the lock or None, whether the file system has no locks). Raises NotWritable."""
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_BETWEEN_TRIES_S)
        try:
            descriptor = _open(path, make=True)
        except OSError as error:
            raise cannot_be_written(path, error) from error
        kept = False
        try:
            if lock_descriptor(descriptor, blocking=False) and _is_at(descriptor, path):
                kept = True
                return descriptor, False
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return None, True
            raise cannot_be_written(path, error) from error
        finally:
            if not kept:
                os.close(descriptor)
    return None, False


def _folder_locked(path: Path) -> tuple[int, ...]:
    """The folder's lock, () where a folder has none (Windows, NFS). Raises Held."""
    try:
        descriptor = os.open(path.parent, os.O_RDONLY)
    except OSError:
        return ()
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_BETWEEN_TRIES_S)
        try:
            if lock_descriptor(descriptor, blocking=False):
                return (descriptor,)
        except OSError:
            os.close(descriptor)
            return ()
    os.close(descriptor)
    raise Held(f"{path.parent} is held by another program.", Holder())


def _open(path: Path, *, make: bool) -> int:
    """A descriptor of the lock file itself: a link in a folder that came from elsewhere leads to somebody's file."""
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, os.O_RDWR | flags | (os.O_CREAT if make else 0), 0o666)
    except PermissionError:
        # Another person of the group made it: it can be locked all the same.
        descriptor = os.open(path, os.O_RDONLY | flags)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EISDIR):
            raise NotWritable(f"{path} is a link or a folder instead of a lock file; remove it.") from error
        if make or error.errno != errno.EROFS:
            raise
        descriptor = os.open(path, os.O_RDONLY | flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotWritable(f"{path} is not a plain file; remove it.")
    return descriptor


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether the open file is the one that lies there now."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat(follow_symlinks=False))
    except OSError:
        return False


def _facts(pid: int) -> dict[str, Any]:
    return {"pid": pid, "host": socket.gethostname()}


def _write(descriptor: int, facts: dict[str, Any]) -> None:
    # Windows locks the first byte, so that nobody else can read it.
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, b"\n" + json.dumps(facts, allow_nan=False).encode("utf-8"))
    os.ftruncate(descriptor, os.lseek(descriptor, 0, os.SEEK_CUR))


def _read_note(path: Path, *, no_locks: bool = False) -> Holder:
    facts = _note(path)
    pid, host = facts.get("pid"), facts.get("host")
    if isinstance(pid, int) and isinstance(host, str) and 0 < pid < 1 << 32 and host.isprintable():
        return Holder(pid=pid, host=host[:100], no_locks=no_locks)
    return Holder(no_locks=no_locks)


def _note(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            file.seek(1)
            facts = json.loads(file.read(_LONGEST_NOTE).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _named_holder(path: Path) -> Path:
    """The file that stands for the lock where the system has none."""
    return path.with_name(path.name + ".holder")


def _token_of(path: Path) -> str:
    return str(_note(path).get("token", ""))


def _take_by_name(path: Path) -> str:
    """Make the file that stands for the lock. Returns what tells it from another's. Raises Held."""
    named, token = _named_holder(path), secrets.token_hex(16)
    try:
        descriptor = os.open(named, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError as error:
        holder = _read_note(named, no_locks=True)
        raise Held(f"{path} is held by {holder.words}.", holder) from error
    except OSError as error:
        raise cannot_be_written(named, error) from error
    try:
        _write(descriptor, {**_facts(os.getpid()), "token": token})
    except OSError as error:
        named.unlink(missing_ok=True)
        raise cannot_be_written(named, error) from error
    finally:
        os.close(descriptor)
    return token
