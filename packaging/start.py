#!/usr/bin/env python3
"""Install Negatoscope into an environment of its own and start it. Needs nothing but Python 3.11 to 3.13.

    python3 packaging/start.py            install, open the window where it was left, at first on the sample study
                                          (no display: run the demo)
    python3 packaging/start.py test       install the test extras too and run every check; --full adds the campaigns
    python3 packaging/start.py demo       the main job on the phantom, with a report (--out FOLDER)
    python3 packaging/start.py study      the README's results table on real films (resumable)

The environment is .venv in the checkout, or what $NEGATOSCOPE_VENV names. Each call is idempotent: a stamp of the
constraints and pyproject.toml makes the second one skip pip.
"""

import os
import sys

if __name__ == "__main__":
    # Before anything else is imported. PYTHONPATH=...: (with nothing after the colon) puts the current folder on the
    # module path, and on Windows the current folder comes before the search path for programs too.
    INSTALLED = (os.path.dirname(os.__file__), sys.base_prefix, sys.prefix)  # noqa: PTH120  # pathlib could be theirs
    sys.path[:] = [path for path in sys.path if path.startswith(INSTALLED)]
    os.environ["NODEFAULTCURRENTDIRECTORYINEXEPATH"] = "1"

import argparse
import ctypes
import hashlib
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
VENV = Path(os.environ.get("NEGATOSCOPE_VENV") or ROOT / ".venv").absolute()
AI_STATUS = "NEGATOSCOPE_AI_STATUS"  # names the file in which the open window reads how far the installation is
AI_SIZE = "torch and what belongs to it: about 5.4 GB on disk on Linux, two to three minutes on a fast line"

# What a shared library or program is called, and its package in Debian. viewer/cli/screen.py, readable once Qt is
# there, has the libraries too.
PACKAGES: dict[str, dict[str, str]] = json.loads((ROOT / "packaging" / "debian_packages.json").read_text("utf-8"))
LIBRARIES, SCREEN_LIBRARIES = PACKAGES["libraries"], PACKAGES["screen_libraries"]
TEST_PROGRAMS = PACKAGES["test_programs"]
POSTGRESQL = Path("/usr/lib/postgresql")  # where Debian puts the server's programs, which are on no search path
COMPARED_WITH = ("dcm2img", "dcmj2pnm")  # the pictures of `render`; newer DCMTK calls it dcm2img
PYTHONS = ((3, 11), (3, 12), (3, 13))


class Stop(Exception):
    """One sentence for the person who started this."""


def say(text: str) -> None:
    """One line on the terminal."""
    print(text, flush=True)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """For what runs outside of this checkout: this one's, without what says where modules and plug-ins lie."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "LD_PRELOAD", "QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH"))
    }
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "PYTHONNOUSERSITE": "1", **(extra or {})}


def program(*words: str | Path) -> list[str]:
    """The command line of the program itself; nothing of where it stands is imported."""
    return [str(python()), "-P", "-s", "-m", "viewer.cli.main", *map(str, words)]


def python() -> Path:
    """The environment's interpreter."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def run(*words: str | Path, env: dict[str, str] | None = None) -> int:
    """Run a program in the checkout and hand back its exit code."""
    return subprocess.run([str(word) for word in words], cwd=ROOT, env=env, check=False).returncode


def beside(*words: str, env: dict[str, str]) -> Callable[[], int]:
    """Run a program in the checkout without what it says, beside all that follows; called, the answer waits for it."""
    return subprocess.Popen(words, cwd=ROOT, env=env, stdout=subprocess.DEVNULL).wait


def has_display() -> bool:
    """Whether a window can be seen here."""
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def use_a_python_that_fits() -> None:
    """Start again under Python 3.11 to 3.13 when this one is another."""
    if sys.version_info[:2] in PYTHONS:
        return
    for major, minor in reversed(PYTHONS):
        other = shutil.which(f"python{major}.{minor}")
        if other:
            raise SystemExit(subprocess.run([other, __file__, *sys.argv[1:]], check=False).returncode)
    found = ".".join(map(str, sys.version_info[:2]))
    raise Stop(
        f"This is Python {found}; Negatoscope needs Python 3.11, 3.12 or 3.13. Install one of them and start again."
    )


def missing_packages(libraries: dict[str, str], programs: dict[str, str]) -> list[str]:
    """Debian packages of what does not load or is not on the path."""
    missing = []
    for library, package in libraries.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    wanted = missing + [package for program, package in programs.items() if not shutil.which(program)]
    return list(dict.fromkeys(wanted))


def ensure_system(libraries: dict[str, str], programs: dict[str, str]) -> None:
    """Install what Qt needs from the system (Debian family, as root), or say the one command that does."""
    if not sys.platform.startswith("linux"):
        return
    missing = missing_packages(libraries, programs)
    if missing:
        apt_install(missing)


def apt_install(packages: Sequence[str]) -> None:
    """apt-get install as root; otherwise stop with the command."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if not shutil.which("apt-get"):
        raise Stop(
            f"Qt needs system libraries that are missing here (on Debian: {' '.join(packages)}). "
            "Install them and start again."
        )
    if os.geteuid() != 0:
        raise Stop(f"Qt needs system libraries. Run this once, then start again:\n  sudo {' '.join(command)}")
    say(f"Installing system packages: {' '.join(packages)}")
    # At run level 1 a server that comes along (PostgreSQL) is not started in a container; the tests start their own.
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    quiet = {"stdout": subprocess.DEVNULL, "env": env, "check": False}
    subprocess.run(["apt-get", "update", "-q"], **quiet)  # type: ignore[call-overload]
    if subprocess.run([*command, "-q"], **quiet).returncode:  # type: ignore[call-overload]
        raise Stop(f"apt-get could not install {' '.join(packages)}. Run this to see why: {' '.join(command)}")


def ensure_venv() -> None:
    """Make the environment when it is not there."""
    if python().exists():
        return
    say(f"Making the environment {VENV}")
    if run(sys.executable, "-m", "venv", VENV):
        shutil.rmtree(VENV, ignore_errors=True)
        if Path("/etc/debian_version").exists():
            apt_install([f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"])
        if run(sys.executable, "-m", "venv", VENV):
            raise Stop(f"{sys.executable} could not make an environment in {VENV}.")


def stamp_of(extra: str) -> str:
    """What an installation rests on: constraints, pyproject, extra, Python. The checkout's place is kept apart."""
    digest = hashlib.sha256()
    for file in (CONSTRAINTS, ROOT / "pyproject.toml"):
        digest.update(file.read_bytes())
    digest.update(f"{extra} {sys.version_info[:2]}".encode())
    return digest.hexdigest()


def stamps() -> dict[str, str]:
    """What is installed, by extra."""
    try:
        return dict(json.loads((VENV / "negatoscope.json").read_text()))
    except (OSError, ValueError):
        return {}


def set_stamp(name: str, value: str) -> None:
    """Remember an installation."""
    text = json.dumps({**stamps(), name: value}, indent=1, allow_nan=False)
    (VENV / "negatoscope.json").write_text(text)


def installed(extra: str) -> bool:
    """Whether this extra is there, for this checkout."""
    return stamps().get(extra or "reading") == stamp_of(extra)


def install(extra: str, watch: Callable[[str], None] | None = None) -> None:
    """pip install the project with an extra ("" = the reading part) under the constraints; skipped when stamped."""
    if not installed(extra):
        target = f".[{extra}]" if extra else "."
        pip(["-e", target], watch)
        set_stamp(extra or "reading", stamp_of(extra))
        set_stamp("checkout", str(ROOT))
    elif stamps().get("checkout") != str(ROOT):  # an environment shared between checkouts
        pip(["--no-deps", "-e", "."], watch)
        set_stamp("checkout", str(ROOT))


def pip(words: Sequence[str], watch: Callable[[str], None] | None = None) -> None:
    """Run pip under the constraints; `watch` is given each line it prints."""
    command = [str(python()), "-P", "-s", "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["-c", str(CONSTRAINTS), *words]
    tail: list[str] = []
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as child:
        assert child.stdout
        for line in child.stdout:
            tail = [*tail[-25:], line.rstrip()]
            if watch:
                watch(line.strip())
    if child.returncode:
        say("\n".join(tail))
        raise Stop(
            "pip could not install the packages above. Check the connection to the package index, then start again."
        )


def install_reading() -> None:
    """The part that opens the window."""
    ensure_venv()
    if not installed(""):
        say("Installing the reading part (about one minute)")
    install("")


def install_ai() -> None:
    """The reading part, then torch and what belongs to it, on the terminal."""
    install_reading()
    if not installed("ai"):
        say(f"Installing {AI_SIZE}")
    install("ai")


def install_ai_behind(window: "subprocess.Popen[bytes]", status: Path) -> None:
    """The same, with its progress in `status` for the open window."""
    pins = max(1, sum("==" in line for line in CONSTRAINTS.read_text().splitlines()))
    seen: set[str] = set()

    def write(state: str, text: str) -> None:
        beside = status.with_suffix(".new")
        beside.write_text(
            json.dumps({"state": state, "text": text, "fraction": min(0.95, len(seen) / pins)}, allow_nan=False)
        )
        beside.replace(status)

    def watch(line: str) -> None:
        word = line.split(" ")[0]
        if word in ("Collecting", "Requirement"):
            seen.add(line)
            write("installing", f"Installing {AI_SIZE}: {line.split(' (')[0]}")
        elif line.startswith("Installing collected"):
            write("installing", "Installing the AI part: unpacking")

    write("installing", f"Installing {AI_SIZE}")
    say(f"The window is open. Behind it: installing {AI_SIZE}. Train and Review wait for it.")
    try:
        install("ai", watch)
    except Stop as stop:
        write("failed", str(stop))
        say(str(stop))
    else:
        write("ready", "The AI part is installed.")
        say("The AI part is installed.")
    window.wait()


def open_window() -> int:
    """The default: the window at once, the `ai` extra behind it; without a display the demo.

    It opens on what was open last, and on the sample study where nothing was opened before.
    """
    if not has_display():
        say("There is no display here, so the demo runs instead of the window.")
        return demo(new_demo_folder())
    ensure_system({**LIBRARIES, **SCREEN_LIBRARIES}, {})
    install_reading()
    with tempfile.TemporaryDirectory(prefix="negatoscope-") as folder:
        status = Path(folder) / "ai-status.json"
        env = environment({} if installed("ai") else {AI_STATUS: str(status)})
        window = subprocess.Popen(program("--sample-at-first"), env=env, cwd=folder)
        if not installed("ai"):
            install_ai_behind(window, status)
        return window.wait()


def new_demo_folder() -> Path:
    """negatoscope-demo, or with a number when an earlier demo lies there."""
    names = ["negatoscope-demo", *(f"negatoscope-demo-{number}" for number in range(2, 1000))]
    return next(Path(name) for name in names if not Path(name).exists())


def demo(out: Path, rest: Sequence[str] = ()) -> int:
    """Install all and run the whole main job on the phantom."""
    ensure_system(LIBRARIES, {})
    install_ai()
    return run(*program("demo", "--out", out.absolute(), *rest), env=environment())


def study(rest: Sequence[str]) -> int:
    """Install all and make the README's results table."""
    ensure_system(LIBRARIES, {})
    install_ai()
    words = list(rest) if "--out" in rest else ["--out", str(ROOT / ".study"), *rest]
    return run(*program("study", *words), env=environment())


def can_make_a_bare_root() -> bool:
    """Whether `bare_root.py` can run here."""
    return sys.platform.startswith("linux") and Path("/etc/debian_version").exists() and os.geteuid() == 0


def test(*, full: bool) -> int:
    """Install all and run every check; each step's time is printed, and all run even when one fails."""
    compared_with = next((name for name in COMPARED_WITH if shutil.which(name)), COMPARED_WITH[0])
    server = {} if any(POSTGRESQL.glob("*/bin/initdb")) else {"initdb": "postgresql"}
    ensure_system({**LIBRARIES, **SCREEN_LIBRARIES}, {**TEST_PROGRAMS, **server, compared_with: "dcmtk"})
    install_ai()
    install("test")
    # Half of a test's time is waiting for children and timers; more than four processes want much memory.
    py, processes = str(python()), str(min(4, 2 * (os.cpu_count() or 1)))
    quick = [py, "-m", "pytest", "-q", "-m", "not full"]
    # Compiled files are kept: thousands of tests and their children read the same ones.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env |= {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ""}
    steps: list[tuple[str, list[str]]] = [
        ("ruff check", [py, "-m", "ruff", "check", "."]),
        ("ruff format", [py, "-m", "ruff", "format", "--check", "."]),
        ("mypy", [py, "-m", "mypy"]),
        ("import contracts", [str(python().with_name("lint-imports"))]),
        ("tests", [*quick, "-n", processes, "--dist", "worksteal", "--ignore=tests/benchmarks"]),
        ("benchmarks", [*quick, "tests/benchmarks"]),
    ]
    if full:
        steps.append(("long campaigns", [py, "-m", "pytest", "-q", "-s", "-m", "full"]))
        if can_make_a_bare_root():
            ensure_system({}, {"debootstrap": "debootstrap"})
            steps.append(("bare root", [py, str(ROOT / "packaging" / "bare_root.py")]))
        else:
            say("== bare root: not run; it needs a Debian and root")
    failed = []
    # Beside the checks before the tests, which keep one core: pytest compiles the tests once instead of once a process.
    gathered = beside(*quick, "--collect-only", env=env)
    for name, words in steps:
        if name == "tests":
            gathered()  # the tests say themselves what cannot be read of them
        say(f"== {name}")
        began = time.monotonic()
        if run(*words, env=env):
            failed.append(name)
        say(f"== {name}: {'FAILED' if name in failed else 'ok'} after {time.monotonic() - began:.0f} s")
    say(f"Failed: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def main() -> int:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["test", "demo", "study"], help="nothing opens the window")
    parser.add_argument("--full", action="store_true", help="test: the long campaigns too; study: one fold of each row")
    parser.add_argument("--out", type=Path, default=None, help="demo, study: the folder to write into")
    args, rest = parser.parse_known_args()
    if rest and args.what != "study":
        parser.error(f"unknown option {rest[0]}")
    try:
        use_a_python_that_fits()
        if args.what == "test":
            return test(full=args.full)
        if args.what == "demo":
            return demo(args.out or new_demo_folder())
        if args.what == "study":
            out = ["--out", str(args.out.absolute())] if args.out else []
            return study([*out, *(["--full"] if args.full else []), *rest])
        return open_window()
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
