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
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

# What a child may know of the surroundings: the machine, the person's folders, the screen, the accelerator, our own.
KEPT_NAMES = frozenset(
    "PATH HOME USER LOGNAME USERPROFILE APPDATA LOCALAPPDATA PROGRAMDATA SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT "
    "LANG LANGUAGE TZ TERM TMPDIR TEMP TMP DISPLAY WAYLAND_DISPLAY XAUTHORITY DBUS_SESSION_BUS_ADDRESS "
    "QT_QPA_PLATFORM QT_SCALE_FACTOR QT_FONT_DPI QT_IM_MODULE QT_ACCESSIBILITY TORCH_HOME MPLCONFIGDIR CI".split()
)
KEPT_BEGINNINGS = ("LC_", "XDG_", "NEGATOSCOPE_", "CUDA_", "NVIDIA_", "OMP_", "MKL_", "OPENBLAS_", "GOMP_", "HF_")


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
    return [sys.executable, "-P", "-s", "-m", module, *map(str, arguments)]


def start(
    module: str,
    *arguments: str | Path,
    folder: Path | None = None,
    extra: Mapping[str, str] | None = None,
    **options: Any,
) -> "subprocess.Popen[bytes]":
    """Start one of our modules. folder: where it stands, else one of this process' own. options: those of Popen."""
    words = command(module, *arguments)
    return subprocess.Popen(words, cwd=folder or own_folder(), env=environment(extra), **options)


def run(
    module: str, *arguments: str | Path, extra: Mapping[str, str] | None = None, **options: Any
) -> "subprocess.CompletedProcess[Any]":
    """The same as `start`, waited for. options: those of subprocess.run, a timeout among them."""
    words = command(module, *arguments)
    return subprocess.run(words, cwd=own_folder(), env=environment(extra), check=False, **options)


@cache
def own_folder() -> Path:
    """An empty folder of this process' own (0700), gone at its end."""
    folder = Path(tempfile.mkdtemp(prefix="negatoscope-child-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
