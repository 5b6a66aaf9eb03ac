"""Whether a window can open here, said before Qt is loaded: Qt ends the process with "Aborted" and names no library.

What Qt's part for a screen needs is read from its own file (ELF, System V ABI chapter 5), so no list of ours can fall
behind; the table below only says in which package a library lies.
"""

import ctypes
import importlib.util
import os
import shutil
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from viewer.core.errors import NotFound

# What a shared library is called, and Debian's package of it. packaging/start.py has the same names (a test compares).
PACKAGES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libz.so.1": "zlib1g",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libzstd.so.1": "libzstd1",
    "libstdc++.so.6": "libstdc++6",
    "libgcc_s.so.1": "libgcc-s1",
}
DISPLAYS = {"xcb": "DISPLAY", "wayland": "WAYLAND_DISPLAY"}  # Qt's part for a kind of screen, and what names a screen
_LOAD, _DYNAMIC = 1, 2  # kinds of program headers
_NEEDED, _STRINGS = 1, 5  # tags of the dynamic section
_MOST_BYTES = 1 << 16  # of one dynamic section or table of names; Qt's are below 10 KB


def ensure_window(environment: Mapping[str, str] = os.environ, *, platform: str = sys.platform) -> None:
    """Raise NotFound, in one sentence, when no window can open here. It loads no Qt but the part that Qt will load."""
    if not platform.startswith("linux"):
        return
    asked = environment.get("QT_QPA_PLATFORM", "").partition(":")[0].partition(";")[0]
    kinds = [asked] if asked and asked not in DISPLAYS else _kinds(environment, asked)
    if not kinds:
        raise NotFound(
            f"There is no display to open the window on ({' and '.join(DISPLAYS.values())} name none). Start it on a "
            "desktop, or over `ssh -X`; the commands in `negatoscope --help` need no display."
        )
    lacking = [missing_for(kind) for kind in kinds]
    if all(lacking):  # Qt takes the first of them that loads
        raise NotFound(missing_sentence(kinds[0], lacking[0]))
    if not any(_answers(kind, environment) for kind, none in zip(kinds, lacking) if not none):
        raise NotFound(
            f"The display {environment[DISPLAYS[kinds[0]]]} does not answer, so no window can open on it. Look whether "
            "it runs and lets you in (`xdpyinfo` says why not), or start on another display."
        )


def _kinds(environment: Mapping[str, str], asked: str = "") -> list[str]:
    """The parts of Qt that fit the displays there are; the one for X first, whichever Qt would take first."""
    return [kind for kind, name in DISPLAYS.items() if environment.get(name) and asked in ("", kind)]


def plugin_file(kind: str) -> Path | None:
    """The file of Qt's part for a kind of screen ("xcb"), None where PySide6 does not lie as its wheel lays it."""
    found = importlib.util.find_spec("PySide6")
    places = found.submodule_search_locations if found is not None else None
    for place in places or ():
        file = Path(place) / "Qt" / "plugins" / "platforms" / f"libq{kind}.so"
        if file.is_file():
            return file
    return None


def missing_for(kind: str) -> list[str]:
    """The system's libraries that Qt's part for a kind of screen needs and that do not load, by name."""
    file = plugin_file(kind)
    if file is None or _loads(str(file)):
        return []
    return missing_libraries(file, _loads) or [file.name]


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def missing_libraries(file: Path, loads: Callable[[str], bool]) -> list[str]:
    """What `file` needs, itself or through the libraries beside it, that `loads` finds nowhere; each once, in order."""
    own = {one.name: one for one in (file.parent.parent.parent / "lib").glob("lib*.so*")}
    missing: list[str] = []
    seen = {file.name}
    left = [file]
    while left:
        for name in needed_libraries(left.pop(0)):
            if name in seen:
                continue
            seen.add(name)
            if name in own:
                left.append(own[name])
            elif not loads(name):
                missing.append(name)
    return missing


def needed_libraries(file: Path) -> list[str]:
    """The names in the dynamic section of a 64-bit little-endian ELF file; of another file none."""
    with file.open("rb") as stream:
        head = stream.read(64)
        if len(head) < 64 or head[:6] != b"\x7fELF\x02\x01":
            return []
        table, size, count = *struct.unpack_from("<Q", head, 32), *struct.unpack_from("<HH", head, 54)
        stream.seek(table)
        rows = stream.read(size * count)
        parts = [struct.unpack_from("<IIQQQQ", rows, at) for at in range(0, len(rows) - 39, size or 56)]
        section = next(((offset, length) for kind, _, offset, _, _, length in parts if kind == _DYNAMIC), (0, 0))
        stream.seek(section[0])
        raw = stream.read(min(section[1], _MOST_BYTES))
        entries = list(struct.iter_unpack("<qQ", raw[: len(raw) // 16 * 16]))
        address = next((value for tag, value in entries if tag == _STRINGS), 0)
        # An address of the loaded file lies in one of its parts.
        loaded = [part for part in parts if part[0] == _LOAD and part[3] <= address < part[3] + part[5]]
        place = address - loaded[0][3] + loaded[0][2] if loaded else address
        names = []
        for tag, value in entries:
            if tag == _NEEDED:
                stream.seek(place + value)
                names.append(stream.read(256).partition(b"\0")[0].decode("ascii", "replace"))
    return names


def missing_sentence(kind: str, libraries: list[str]) -> str:
    """Which libraries are missing, and the command that mends it."""
    packages = list(dict.fromkeys(PACKAGES[name] for name in libraries if name in PACKAGES))
    if shutil.which("apt-get") and packages:
        mend = f"Run this once, then start again: sudo apt-get install -y {' '.join(packages)}"
    elif shutil.which("dnf"):
        quoted = " ".join(f"'{name}()(64bit)'" for name in libraries)  # what a package of Fedora says that it provides
        mend = f"Run this once, then start again: sudo dnf install {quoted}"
    else:
        mend = f"Install them with your system's package manager (on Debian: {' '.join(packages)}), then start again."
    one = len(libraries) == 1
    return (
        f"The window cannot open: Qt's part for this screen ({kind}) needs {'a library' if one else 'libraries'} that "
        f"{'is' if one else 'are'} missing here: {', '.join(libraries)}. {mend}"
    )


def _answers(kind: str, environment: Mapping[str, str]) -> bool:
    """Whether the display takes a connection, which is closed again."""
    if kind not in DISPLAYS:
        return True
    if kind == "wayland":
        name = Path(environment.get("XDG_RUNTIME_DIR", "/")) / environment["WAYLAND_DISPLAY"]
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.connect(str(name))
        except OSError:
            return False
        return True
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    made = xcb.xcb_connect(environment["DISPLAY"].encode(), None)
    refused = bool(xcb.xcb_connection_has_error(made))
    xcb.xcb_disconnect(made)
    return not refused
