"""One writer per project: a lock that its process holds for as long as the project is open."""

from pathlib import Path

from viewer.core.errors import BadRequest, NotWritable
from viewer.project.disk.held_lock import Held, HeldLock, Holder, holder_of, take_over

LOCK_NAME = "project.lock"
RUN_LOCKS = ("runs/*/lock.json", "runs/.starting")


def current_holder(folder: Path) -> Holder | None:
    """The process that writes to the project now, None when there is none."""
    return holder_of(folder / LOCK_NAME)


class WriterLock:
    """The right to write to a project folder, until `release`."""

    def __init__(self, folder: Path, held: HeldLock) -> None:
        self._folder = folder
        self._held = held

    @classmethod
    def take(cls, folder: Path) -> "WriterLock":
        """Take the lock; one whose process is gone is free. Raises NotWritable with the holder's name."""
        try:
            return cls(folder, HeldLock.take(folder / LOCK_NAME, with_folder=True))
        except Held as held:
            raise NotWritable(_refusal(folder, held.holder)) from held
        except NotWritable as error:
            raise NotWritable(
                f"The project {folder} cannot be changed from here, only looked at, exported and verified: {error}"
            ) from error

    def assure(self) -> None:
        """Before each change: raise NotWritable when the lock was taken from this process by removing its file.

        Where nobody has taken it yet it is taken anew.
        """
        if self._held.still_mine():
            return
        try:
            fresh = HeldLock.take(self._folder / LOCK_NAME, with_folder=True)
        except Held as held:
            raise NotWritable(
                f"The project {self._folder} is being written by {held.holder.words} since its {LOCK_NAME} was removed "
                "here; nothing more is written from here. Close it, and open it again when the other is done."
            ) from held
        self._held.release()
        self._held = fresh

    def release(self) -> None:
        """Give the lock back."""
        self._held.release()


def _refusal(folder: Path, holder: Holder) -> str:
    said = f"The project {folder} is being written by {holder.words}; close it there first."
    if holder.no_locks:
        said += (
            " The disk it lies on has no locks: when that program is gone for certain, "
            f"`negatoscope project take-over {folder}` frees it."
        )
    return said


def take_over_project(folder: Path) -> int:
    """Free a project on a disk without locks from programs that are gone. Returns how many locks were freed.

    Raises BadRequest where the disk has locks: there a lock ends with its process.
    """
    paths = [folder / LOCK_NAME, *(path for pattern in RUN_LOCKS for path in sorted(folder.glob(pattern)))]
    freed = sum(take_over(path) for path in paths)
    holder = current_holder(folder)
    if not freed and holder is not None:
        raise BadRequest(
            f"The project {folder} is being written by {holder.words}; this disk has locks, so it is free as soon as "
            "that program ends."
        )
    return freed
