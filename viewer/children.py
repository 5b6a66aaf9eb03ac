"""The one way in which a child process is started: nothing of where the person stands decides what it runs.

`python -m` puts the current folder first on the module path, so a `json.py` beside somebody's images would run. A child
gets no such path, no user site, an environment of known names and a working folder of its own; whoever hands it paths
makes them absolute first.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

# What its own command lines are started with: no current folder and no user site on the module path.
ISOLATED = ("-P", "-s")

# What a child may know of the surroundings: the machine, the person's folders, the screen, the accelerator, our own.
# fmt: off
KEPT_NAMES = frozenset([
    "PATH", "HOME", "USER", "LOGNAME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "SYSTEMROOT",
    "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "LANG", "LANGUAGE", "TZ", "TERM", "TMPDIR", "TEMP", "TMP", "DISPLAY",
    "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "QT_QPA_PLATFORM", "QT_SCALE_FACTOR", "QT_FONT_DPI",
    "QT_IM_MODULE", "QT_ACCESSIBILITY", "TORCH_HOME", "MPLCONFIGDIR", "CI",
])
KEPT_BEGINNINGS = (
    "LC_", "XDG_", "NEGATOSCOPE_", "CUDA_", "NVIDIA_", "HIP_", "ROCR_", "HSA_", "OMP_", "MKL_", "OPENBLAS_", "GOMP_",
    "HF_",
)
# fmt: on


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a child's environment is: the known names of this one's, our own module path, and `extra`."""
    kept = {name: value for name, value in os.environ.items() if name in KEPT_NAMES or name.startswith(KEPT_BEGINNINGS)}
    libraries = [part for part in os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep) if Path(part).is_absolute()]
    if libraries:
        kept["LD_LIBRARY_PATH"] = os.pathsep.join(libraries)
    # The parent's own packages, also where the environment was installed from another checkout.
    kept |= {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "PYTHONNOUSERSITE": "1"}
    return {**kept, **(extra or {})}


def command(module: str, *arguments: str | Path) -> list[str]:
    """The command line of a child that runs one of our modules. A path must be absolute: the child stands elsewhere."""
    relative = [word for word in arguments if isinstance(word, Path) and not word.is_absolute()]
    if relative:
        raise ValueError(f"a child stands in another folder; {relative[0]} is not an absolute path")
    return [sys.executable, *ISOLATED, "-m", module, *map(str, arguments)]


def start(
    module: str,
    *arguments: str | Path,
    folder: Path | None = None,
    extra: Mapping[str, str] | None = None,
    **options: Any,
) -> "subprocess.Popen[bytes]":
    """Start one of our modules. folder: where it stands, else one of this process' own. options: those of Popen."""
    return start_words(command(module, *arguments), folder=folder, extra=extra, **options)


def start_words(
    words: Sequence[str], *, folder: Path | None = None, extra: Mapping[str, str] | None = None, **options: Any
) -> "subprocess.Popen[bytes]":
    """Start a command line that was made here, never one that was read from a file; else like `start`."""
    return subprocess.Popen(list(words), cwd=folder or own_folder(), env=environment(extra), **options)


def run(
    module: str, *arguments: str | Path, extra: Mapping[str, str] | None = None, **options: Any
) -> "subprocess.CompletedProcess[Any]":
    """The same as `start`, waited for. options: those of subprocess.run, a timeout among them."""
    words = command(module, *arguments)
    return subprocess.run(words, cwd=own_folder(), env=environment(extra), check=False, **options)


def run_program(name: str, *arguments: str | Path, **options: Any) -> "subprocess.CompletedProcess[Any]":
    """Run another program to its end, found on the search path by an absolute folder only.

    Raises FileNotFoundError where there is none.
    """
    # Folder by folder: on Windows a bare name is looked for in the current folder first.
    folders = [folder for folder in os.get_exec_path() if Path(folder).is_absolute()]
    found = next(filter(None, (shutil.which(Path(folder) / name) for folder in folders)), None)
    if found is None:
        raise FileNotFoundError(f"there is no program {name}")
    words = [found, *map(str, arguments)]
    return subprocess.run(words, cwd=own_folder(), env=environment(), stdin=subprocess.DEVNULL, **options)


def a_group_of_its_own() -> dict[str, Any]:
    """Options of `start` for a child that a terminal's Ctrl+C does not reach; less urgent than a window on Windows.

    Not a session of its own: where the kernel groups by session, that would make its niceness useless (50 % of a core
    instead of 10 %).
    """
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    return {"process_group": 0}


def lasting_folder() -> Path:
    """An empty folder of the person's own (0700) in which a child may stand that outlives this process."""
    from platformdirs import user_cache_path

    folder = user_cache_path("negatoscope", appauthor=False) / "children"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:  # a home that cannot be written; a root folder is nobody's working folder
        return Path(ROOT.anchor)
    return folder


@cache
def own_folder() -> Path:
    """An empty folder of this process' own (0700), gone at its end."""
    folder = Path(tempfile.mkdtemp(prefix="negatoscope-child-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
