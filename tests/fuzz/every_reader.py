"""A child of `every_campaign`: reads mutants of pictures, volumes, tables, weights and databases with our own code.

A line of JSON in ({"seed": 7}), a line of JSON out. More than 10 s of processor time end it by a signal, as does a
crash; the campaign sees either.
"""

import contextlib
import json
import logging
import os
import random
import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from odd_bases import MUTATED, bases_of
from odd_bytes import mutant
from reader import guard, read_mutant, refusable

from viewer.core.registry import load
from viewer.exchange import IMPORTERS
from viewer.exchange.importing import carry_out
from viewer.exchange.mask_file import read_values
from viewer.exchange.mask_meaning import choice_of
from viewer.exchange.mask_picture import read_regions
from viewer.exchange.plan import make_plan
from viewer.project.lists.info import project_info
from viewer.project.project import DATABASE_NAME, Project
from viewer.project.verify import verify
from viewer.reading.scan import all_series, scan
from viewer.reading.volumes import read_volume

CPU_S = 10
MEMORY_MIB = 1024


def _picture(faults: list[str], path: Path, place: Path) -> str:
    answer = read_mutant(path, None)
    faults += answer["faults"]
    guard(faults, "mask", lambda: refusable(faults, "mask", path, lambda: read_values(path)))
    for kind in ("", "classes", "instances"):
        choice = choice_of(kind, (), "")
        told = guard(
            faults, "regions", lambda choice=choice: read_regions(path, label="lung", choice=choice, image=None)
        )
        for remark in told[1] if told else ():
            refusable(faults, "regions", None, lambda remark=remark: remark.sentence.index(path.name))
    return str(answer["scan"])


def _volume(faults: list[str], path: Path, place: Path) -> str:
    answer = read_mutant(path, None)
    faults += answer["faults"]
    result = guard(faults, "scan", lambda: scan([path]))
    for series in all_series(result) if result is not None else ():
        guard(faults, "volume", lambda series=series: refusable(faults, "volume", None, lambda: read_volume(series)))
    return str(answer["scan"])


def _table(kind: str) -> Callable[[list[str], Path, Path], str]:
    columns = {"csv": {"map": ["image=path,patient=patient_id,label=label"]}, "coco": {}}[kind]

    def read(faults: list[str], path: Path, place: Path) -> str:
        folder = place / "target"
        given = {} if path.name.startswith("own") else columns

        def bring_in() -> int:
            with (
                Project.open(folder, writable=True, author="Ada") as project,
                make_plan(project, load(IMPORTERS, kind), path, given) as plan,
            ):
                plan.document()
                return carry_out(project, plan).images

        answer = guard(faults, "import", lambda: refusable(faults, "import", path, bring_in))
        report = guard(faults, "verify", lambda: verify(folder))
        if report is not None and not report.ok:
            faults.append(f"the project after the import: {report.problems[:3]}")
        return "shown" if isinstance(answer, int) else "refused"

    return read


def _weights(faults: list[str], path: Path, place: Path) -> str:
    from ml.training.checkpoint import read_tensors

    answer = guard(faults, "weights", lambda: refusable(faults, "weights", path, lambda: read_tensors(path)))
    return "shown" if isinstance(answer, tuple) else "refused"


def _database(faults: list[str], path: Path, place: Path) -> str:
    folder = path.parent
    said = []

    def look(*, writable: bool) -> str:
        with Project.open(folder, writable=writable, author="Ada") as project:
            for ask in (
                lambda: project_info(project),
                lambda: [project.work.annotations(one.image_id) for one in project.images.all()],
                lambda: [project.work.image_labels(one.image_id) for one in project.images.all()],
                lambda: project.history.entries(),
                lambda: project.history.undo() if writable else project.history.next_undo(),
                lambda: project.history.redo() if writable else project.history.redo_text,
            ):
                guard(faults, "project", lambda ask=ask: refusable(faults, "project", None, ask))
        return "shown"

    for ask in (lambda: look(writable=False), lambda: look(writable=True)):
        said.append(guard(faults, "open", lambda ask=ask: refusable(faults, "open", None, ask)))
    guard(faults, "verify", lambda: refusable(faults, "verify", None, lambda: verify(folder)))
    return "shown" if said[0] == "shown" else "refused"


READERS: dict[str, Callable[[list[str], Path, Path], str]] = {
    "jpeg": _picture,
    "png": _picture,
    "tiff": _picture,
    "nifti": _volume,
    "nrrd": _volume,
    "metaimage": _volume,
    "coco": _table("coco"),
    "csv": _table("csv"),
    "safetensors": _weights,
    "project": _database,
}


def read_seed(seed: int, bases: Path, place: Path, kinds: list[str]) -> dict[str, Any]:
    """Make the mutant of a seed beside what its base names, read it, and say what went wrong."""
    chance = random.Random(seed)
    kind = kinds[seed % len(kinds)]
    base = chance.choice(bases_of(bases, kind))
    data, steps = mutant(kind, base, chance)
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(bases / kind, place)
    if kind in ("coco", "csv"):
        shutil.copytree(bases / "project", place / "target")
        for part in ("snapshots", "runs", "models"):
            (place / "target" / part).mkdir()
    path = place / (DATABASE_NAME if kind == "project" else base.name)
    path.write_bytes(data)
    faults: list[str] = []
    outcome = READERS[kind](faults, path, place)
    return {"seed": seed, "kind": kind, "base": base.name, "steps": steps, "outcome": outcome, "faults": faults}


def _peak_mib(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) // 1024
    return 0


def _processes() -> list[int]:
    import psutil

    return [os.getpid(), *(child.pid for child in psutil.Process().children(recursive=True))]


def _peaks_mib() -> int:
    """The highest of this process and of each child that lives: none may need more than is allowed to one."""
    return max(map(_peak_mib, _processes()))


def _forget_peaks() -> None:
    for pid in _processes():
        with contextlib.suppress(OSError):
            Path(f"/proc/{pid}/clear_refs").write_text("5")


def _seconds_from_now(seconds: int) -> None:
    """End this process by a signal after so much processor time: what a hang is does not depend on the load."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def main() -> None:
    """argv: folder of the base files, folder for mutants, the kinds of this campaign with commas between."""
    bases, place, kinds = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3].split(",")
    assert set(kinds) <= set(MUTATED)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # codecs that print to stdout must not be taken for answers
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    if "safetensors" in kinds:
        import ml.training.checkpoint  # noqa: F401  # torch takes seconds of processor time
    for line in sys.stdin:
        _seconds_from_now(CPU_S)
        _forget_peaks()
        answer = read_seed(json.loads(line)["seed"], bases, place, kinds)
        answer["memory_mib"] = _peaks_mib()
        if answer["memory_mib"] > MEMORY_MIB:
            answer["faults"].append(f"memory: {answer['memory_mib']} MiB")
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
