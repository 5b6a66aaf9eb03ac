"""Do the tests notice when the code is wrong? Draws mutants with a fixed seed and runs the tests against each.

    pip install -c packaging/constraints.txt cosmic-ray
    python -m tests.mutation.campaign --out mutants.jsonl --copy COPY --count 150 --seed 14
    python -m tests.mutation.campaign --out figures.jsonl --copy COPY --count 100 --seed 14 ml/evaluation \
        --load torch,torchvision,sklearn.linear_model,scipy.stats,faster_coco_eval

Each mutant is one small fault (an operator, a number, a comparison, a condition) at one place, made by cosmic-ray in a
copy of the checkout. Places are drawn first, each as likely as any other, then one of the faults possible there: else
an addition, which can be replaced in ten ways, would count ten times a comparison. Places in annotations are left out:
a fault there ends the import and says nothing of the tests. A mutant that no test kills is a line that no test reads;
`survivors.toml` lists those that were looked at, with the reason why they may live.

Most of a short run is the loading of large libraries. With --load they are loaded once, here, and each run is a fork:
then this Python needs what the tests need. Not hypothesis: pytest wants to load that itself.
"""

import argparse
import ast
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {"VariableReplacer", "VariableInserter", "RemoveDecorator"}  # the first two need arguments of their own
SLOW = ("benchmarks", "fuzz", "window/", "durable", "mutation", "failing_io", "ml/", "jobs/", "cli/")
TARGETS = (
    "viewer/core",
    "viewer/project/snapshots/split.py",
    "viewer/project/state.py",
    "viewer/project/snapshots/snapshot.py",
)
PYTEST = ("-q", "-x", "-m", "not full")
HANGS_S = 1800.0  # far above what a room takes on a busy machine: sound tests took 350 s on one
FEW = 12  # test files beyond the module's room; a module that more of them name is held by its room or not at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One fault. line, column: where it stands, from 1 and 0. occurrence: which place of its operator in the file."""

    file: str
    line: int
    column: int
    operator: str
    occurrence: int


def all_mutants(files: list[Path]) -> Iterator[Mutant]:
    """Every fault that can be made in these files."""
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.plugins import get_operator, operator_names

    operators = {
        name: get_operator(name)() for name in sorted(operator_names()) if name.partition("/")[2] not in LEFT_OUT
    }
    for path in files:
        source = path.read_text(encoding="utf-8")
        annotated, nodes = _annotations(source), list(ast_nodes(get_ast(source)))
        for name, operator in operators.items():
            occurrence = -1
            for node in nodes:
                for start, _ in operator.mutation_positions(node):
                    occurrence += 1
                    if not any(first <= start <= last for first, last in annotated):
                        yield Mutant(
                            file=path.relative_to(ROOT).as_posix(), line=start[0], column=start[1], operator=name,
                            occurrence=occurrence,
                        )  # fmt: skip


def _annotations(source: str) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where the file's annotations begin and end."""
    found = []
    for node in ast.walk(ast.parse(source)):
        parts = [getattr(node, "annotation", None), getattr(node, "returns", None)]
        for part in parts:
            if isinstance(part, ast.expr):
                found.append(((part.lineno, part.col_offset), (part.end_lineno or 0, part.end_col_offset or 0)))
    return found


def drawn(mutants: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """`count` places drawn evenly, and one fault at each."""
    places: dict[tuple[str, int, int], list[Mutant]] = {}
    for mutant in mutants:
        places.setdefault((mutant.file, mutant.line, mutant.column), []).append(mutant)
    chance = random.Random(seed)
    chosen = chance.sample(sorted(places), min(count, len(places)))
    return [chance.choice(places[place]) for place in chosen]


def tests_of(file: str) -> list[list[str]]:
    """Which tests to run against a fault in `file`: those of its room first, then all that name the module."""
    module = file.removesuffix(".py").replace("/", ".")
    room = f"tests/{Path(file).parts[1]}"
    naming = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        name = path.relative_to(ROOT).as_posix()
        slow = any(part in name for part in SLOW)
        if not slow and not name.startswith(room) and module in path.read_text(encoding="utf-8"):
            naming.append(name)
    own = [room, "--ignore=tests/project/test_durable.py", "--ignore=tests/project/test_failing_io.py"]
    return [own, naming] if 0 < len(naming) <= FEW else [own]


def is_killed(
    mutant: Mutant, copy: Path, passes: Callable[[list[str]], bool], red: Collection[tuple[str, ...]]
) -> bool:
    """Make the fault in the copy, run the tests, mend the copy."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    path = copy / mutant.file
    sound = path.read_text(encoding="utf-8")
    wrong = mutate_code(sound, get_operator(mutant.operator)(), mutant.occurrence)
    if wrong is None or wrong == sound:
        raise ValueError(f"{mutant} makes no fault")
    path.write_text(wrong, encoding="utf-8")
    try:
        used = [words for words in tests_of(mutant.file) if tuple(words) not in red]
        return any(not passes(words) for words in used)
    finally:
        path.write_text(sound, encoding="utf-8")


def _pass_in_fork(words: list[str], copy: Path) -> bool:
    """As `_pass`, in a child of this process, which has the large libraries and nothing of the project."""
    child = os.fork()
    if not child:
        import pytest

        signal.alarm(int(HANGS_S))  # which ends a child that hangs
        os.chdir(copy)
        os.environ |= {"QT_QPA_PLATFORM": "offscreen", "PYTHONDONTWRITEBYTECODE": "1"}
        sys.dont_write_bytecode = True
        sys.path[:] = [str(copy), *(path for path in sys.path if Path(path or ".").resolve() not in (ROOT, copy))]
        for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
            del sys.modules[name]
        with Path(os.devnull).open("w") as nothing:
            os.dup2(nothing.fileno(), 1)
            os.dup2(nothing.fileno(), 2)
        os._exit(int(pytest.main([*PYTEST, *words])))
    _, status = os.waitpid(child, 0)
    return status == 0


def _pass(words: list[str], copy: Path, python: str) -> bool:
    env = {**os.environ, "PYTHONPATH": str(copy), "QT_QPA_PLATFORM": "offscreen", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [python, "-m", "pytest", *PYTEST, *words]
    try:
        done = subprocess.run(command, cwd=copy, env=env, capture_output=True, timeout=HANGS_S, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def looked_at(mutant: Mutant, known: list[dict[str, str]]) -> str:
    """The reason why it may live, "" where nobody gave one. known: the rows of `survivors.toml`."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator

    sound = (ROOT / mutant.file).read_text(encoding="utf-8")
    wrong = mutate_code(sound, get_operator(mutant.operator)(), mutant.occurrence) or sound
    pairs = zip(sound.splitlines(), wrong.splitlines(), strict=False)
    line, becomes = next(((old.strip(), new.strip()) for old, new in pairs if old != new), ("", ""))
    for row in known:
        words = ((row["file"], mutant.file), (row["line"], line), (row["becomes"], becomes))
        same_fault = row["fault"] == "*" or mutant.operator.endswith(row["fault"])
        if same_fault and all(wanted in ("*", found) for wanted, found in words):
            return row["reason"]
    return ""


def survivors() -> list[dict[str, str]]:
    """The rows of `survivors.toml`."""
    text = (Path(__file__).parent / "survivors.toml").read_text(encoding="utf-8")
    return list(tomllib.loads(text)["survivor"])


def copy_of_checkout(folder: Path) -> Path:
    """The files that git knows or would know, in `folder`."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def main() -> int:
    """Run the campaign; a line for each mutant in the output, the share that died at the end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="a line of JSON for each; goes on where it ended")
    parser.add_argument("--copy", type=Path, required=True, help="an empty folder for the copy that is made wrong")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has what the tests need")
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=14)
    parser.add_argument("--room", action="store_true", help="only the tests of the fault's own room: quicker, stricter")
    parser.add_argument("--load", default="", help="modules to load once, with commas: each run is then a fork")
    parser.add_argument("--again", action="store_true", help="only those that lived in the last run")
    parser.add_argument("targets", nargs="*", default=list(TARGETS))
    args = parser.parse_args()
    files = [path for target in args.targets for path in _python_files(ROOT / target)]
    chosen = drawn(list(all_mutants(files)), args.count, args.seed)
    lines = args.out.read_text().splitlines() if args.out.exists() else []
    known = {json.dumps(row["mutant"]): bool(row["killed"]) for row in map(json.loads, lines)}
    copy = copy_of_checkout(args.copy).resolve()
    for module in filter(None, args.load.split(",")):
        import_module(module)

    def passes(words: list[str]) -> bool:
        return _pass_in_fork(words, copy) if args.load else _pass(words, copy, args.python)

    sets = {tuple(words) for mutant in chosen for words in tests_of(mutant.file)}
    beyond = {words for words in sets if args.room and words[0].endswith(".py")}
    red = beyond | {words for words in sets - beyond if not passes(list(words))}  # they would kill every mutant
    for words in sorted(red - beyond):
        sys.stdout.write(f"not used, since they fail on the sound code: {' '.join(words)}\n")
    for number, mutant in enumerate(chosen):
        name = json.dumps(asdict(mutant))
        if name in known and not (args.again and not known[name]):
            continue
        known[name] = is_killed(mutant, copy, passes, red)
        with args.out.open("a") as out:
            out.write(json.dumps({"mutant": asdict(mutant), "killed": known[name]}) + "\n")
        sys.stdout.write(f"{number + 1}/{len(chosen)} {'killed' if known[name] else 'LIVES '} {mutant}\n")
        sys.stdout.flush()
    ends = [known[json.dumps(asdict(mutant))] for mutant in chosen]
    sys.stdout.write(f"{sum(ends)} of {len(ends)} died ({sum(ends) / len(ends):.1%})\n")
    rows = survivors()
    lives = {mutant: looked_at(mutant, rows) for mutant, killed in zip(chosen, ends, strict=True) if not killed}
    sys.stdout.write(f"{sum(map(bool, lives.values()))} of the {len(lives)} that live are listed in survivors.toml\n")
    for mutant, reason in lives.items():
        sys.stdout.write(f"{reason or 'NOT LISTED'}: {mutant}\n")
    return 0


def _python_files(target: Path) -> list[Path]:
    return [target] if target.is_file() else sorted(target.rglob("*.py"))


if __name__ == "__main__":
    raise SystemExit(main())
