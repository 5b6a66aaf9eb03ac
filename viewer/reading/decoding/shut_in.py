"""What a child gives up before it reads what came from outside: files to write and connections."""

import contextlib
import sys
from types import ModuleType

resource: ModuleType | None
try:
    import resource
except ImportError:  # Windows has no such limits; the parent's timer has to do
    resource = None


def shut_in(*, opens_files: bool) -> None:
    """Be unable to write a file, to leave a dump of somebody's pixels, and to connect to anything.

    opens_files: whether files may still be read; without it there is no new file and no new connection of any kind.
    """
    if sys.platform == "linux":
        from py_landlock import Landlock, LandlockError

        with contextlib.suppress(LandlockError, OSError):  # the system may have none, or only the older half
            Landlock(strict=False).allow_read("/").apply()
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        if not opens_files:
            resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def limit(what: str, most: int) -> None:
    """Set a limit ("RLIMIT_CPU") that may be raised again, within what this machine's user may have."""
    if resource is not None:
        number = getattr(resource, what)
        hard = resource.getrlimit(number)[1]
        resource.setrlimit(number, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
