#!/usr/bin/env python3
"""Run every check in a Debian that has nothing but what start.py itself installs: no fonts, no services, no habits.

    python3 packaging/bare_root.py            as root; part of `start.py test --full`

A green run on the machine that wrote the tests says little. This makes a bare Debian with debootstrap in a folder,
clones the checkout into it, runs `start.py test` there as root, then the tests of window, store and jobs as an ordinary
user who has that checkout and environment to read and nothing to write. It takes from this machine only where packages
come from (the apt sources, pip's settings and certificates). The folder, 7 GB at the end, is removed; --keep leaves it.
"""

import argparse
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlparse

ROOT = Path(__file__).resolve().parent.parent
BARE = "python3,python3-venv,ca-certificates"  # what the README asks for, and the certificates of the package index
USERS_TESTS = ("tests/window", "tests/ui", "tests/project", "tests/jobs")
PIP_FILES = (Path("/etc/pip.conf"), Path("/etc/xdg/pip/pip.conf"), Path.home() / ".config/pip/pip.conf")
# Where packages come from, and whose word is trusted for it.
TAKEN = ("etc/apt/sources.list", "etc/apt/sources.list.d", "etc/apt/apt.conf.d", "etc/resolv.conf")
TAKEN += ("etc/ssl/certs/ca-certificates.crt",)
CHECKOUT, ENVIRONMENT, PERSON = "/srv/negatoscope", "/opt/negatoscope", "person"


class Stop(Exception):
    """One sentence for the person who started this."""


def say(text: str) -> None:
    """One line on the terminal."""
    print(text, flush=True)


def suite() -> str:
    """This Debian's code name."""
    facts = dict(line.split("=", 1) for line in Path("/etc/os-release").read_text().splitlines() if "=" in line)
    name = facts.get("VERSION_CODENAME", "").strip('"')
    if facts.get("ID", "").strip('"') != "debian" or not name:
        raise Stop("The bare root is made of this machine's own Debian, and this is none.")
    return name


def mirror() -> str:
    """Where this machine's own packages come from."""
    folder = Path("/etc/apt")
    for path in [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*"))]:
        for line in path.read_text().splitlines() if path.is_file() else []:
            words = line.split()
            if words[:1] == ["URIs:"]:
                return words[1]
            if words[:1] == ["deb"]:
                return next(word for word in words[1:] if "://" in word)
    raise Stop("The apt sources of this machine name no mirror.")


def make_root(folder: Path) -> None:
    """A Debian with Python and nothing else, that asks where this machine asks."""
    subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={BARE}", suite(), str(folder), mirror()],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    for name in TAKEN:
        there, here = Path("/") / name, folder / name
        if there.is_dir():
            shutil.copytree(there, here, dirs_exist_ok=True)
        elif there.is_file():
            here.unlink(missing_ok=True)  # a link in there leads to a file out here
            shutil.copy2(there, here)
    for path in PIP_FILES:
        if path.is_file():
            (folder / "etc").mkdir(exist_ok=True)
            shutil.copy2(path, folder / "etc" / "pip.conf")
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder) + CHECKOUT], check=True)


def package_folders() -> list[Path]:
    """The folders on this disk in which pip looks for packages; they are mounted at the same place, read only."""
    done = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False)
    words = done.stdout.replace("'", " ").replace('"', " ").split()
    words += [os.environ.get(name, "") for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL")]
    found = [Path(unquote(urlparse(word).path)) for word in words if word.startswith(("/", "file://"))]
    return sorted({Path("/", *path.parts[1:3]) for path in found if path.is_dir()})


def inside(folder: Path, commands: str) -> int:
    """Run shell commands in the root, with /proc and /dev of a namespace of their own: they are gone when it ends."""
    (folder / "checks.sh").write_text(f"set -e\n{commands}\n")
    mounts = ["mount -t proc proc {0}/proc", "mount --rbind /dev {0}/dev", "mount -t tmpfs tmpfs {0}/tmp"]
    mounts += [f"mkdir -p {{0}}{path} && mount --bind -o ro {path} {{0}}{path}" for path in package_folders()]
    script = "\n".join(
        ["set -e", *(line.format(folder) for line in mounts), f"exec chroot {folder} /bin/sh /checks.sh"]
    )
    env = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    env |= {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": pwd.getpwuid(0).pw_dir,
        "CI": "true",
    }
    return subprocess.run(["unshare", "--mount", "sh", "-c", script], env=env, check=False).returncode


def run(folder: Path) -> list[str]:
    """Make the root in `folder` and run the checks; the names of those that failed."""
    say(f"== bare root in {folder}")
    make_root(folder)
    failed = []
    if inside(folder, f"cd {CHECKOUT}\nNEGATOSCOPE_VENV={ENVIRONMENT} python3 packaging/start.py test"):
        failed.append("as root")
    say("== bare root: an ordinary user")
    tests = f"{ENVIRONMENT}/bin/python -m pytest -q -n 4 --dist worksteal -m 'not full' {' '.join(USERS_TESTS)}"
    (folder / "user.sh").write_text(f"cd {CHECKOUT}\nexport QT_QPA_PLATFORM=offscreen\n{tests}\n")
    if inside(folder, f"id {PERSON} 2>/dev/null || useradd -m {PERSON}\nexec su {PERSON} -c 'sh /user.sh'"):
        failed.append("as a user")
    return failed


def main() -> int:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--folder", type=Path, help="where to make the root; by default in the folder of temporary files"
    )
    parser.add_argument("--keep", action="store_true", help="leave the root there")
    args = parser.parse_args()
    try:
        if not sys.platform.startswith("linux") or os.geteuid() != 0:
            raise Stop("A bare root needs Linux and root; run this as root, in a container if need be.")
        missing = [name for name in ("debootstrap", "unshare", "git") if not shutil.which(name)]
        if missing:
            raise Stop(f"A bare root needs {', '.join(missing)}: apt-get install debootstrap util-linux git")
        folder = args.folder or Path(tempfile.mkdtemp(prefix="negatoscope-bare-"))
        try:
            failed = run(folder)
        finally:
            if not args.keep:
                shutil.rmtree(folder, ignore_errors=True)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    say(f"The bare root failed: {', '.join(failed)}" if failed else "The bare root passed all, as root and as a user.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
