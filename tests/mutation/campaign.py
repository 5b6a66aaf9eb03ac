"""Do the tests notice when the code is wrong? Draws mutants with a fixed seed and runs the tests against each.

    pip install cosmic-ray coverage
    python -m tests.mutation.campaign --out mutants.jsonl --copy COPY --count 150 --seed 14
    python -m tests.mutation.campaign --out figures.jsonl --copy COPY --count 200 --seed 14 \
        ml/evaluation ml/tasks viewer/project/snapshots/split.py \
        --tests tests/evaluation tests/ml tests/jobs tests/project/test_split.py \
        --load torch,torchvision,sklearn.linear_model,scipy.stats,faster_coco_eval

Each mutant is one small fault (an operator, a number, a comparison, a condition) at one place, made by cosmic-ray in a
copy of the checkout. Places are drawn first, each as likely as any other, then one of the faults possible there: else
an addition, which can be replaced in ten ways, would count ten times a comparison. Places in annotations are left out:
a fault there ends the import and says nothing of the tests. A mutant that no test kills is a line that no test reads;
`survivors.toml` lists those that were looked at, with the reason why they may live.

Which tests reach which line is recorded first, once, beside the output (`reached.py`). A mutant is then run by those
alone, the quickest first, until one fails; one that takes far longer than on the sound code has failed: a loop without
end. When a test fails for the first time, it is run on the sound code too, with those before it: one that fails there,
in this order, is left out. --most-s ends the list of a line that many slow tests reach; how many were left out stands
in the output, and --again with a larger one runs them. Every run is a fork of this process (so not on Windows), and
this Python needs what the tests need. Most of a short run is the loading of large libraries: with --load they are
loaded once, here. Not hypothesis: pytest wants to load that itself.
"""

import argparse
import ast
import json
import random
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from tests.mutation.reached import Reached, failing, record, tests_for

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {"VariableReplacer", "VariableInserter", "RemoveDecorator"}  # the first two need arguments of their own
TARGETS = (
    "viewer/core",
    "viewer/project/snapshots/split.py",
    "viewer/project/state.py",
    "viewer/project/snapshots/snapshot.py",
)
TESTS = ("tests/core", "tests/reading", "tests/project", "tests/exchange")
LEFT_OUT_TESTS = ("test_durable.py", "test_failing_io.py")  # these start children for minutes
MOST_S = 240.0  # of tests on the sound code, for one mutant


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


class Campaign:
    """The copy that is made wrong, and which tests reach what in it."""

    def __init__(self, copy: Path, found: list[Reached], files: list[str], most_s: float) -> None:
        self.copy, self.found, self.files, self.most_s = copy, found, files, most_s
        self._sound: set[str] = set()
        self._shaky: set[str] = set()

    def run(self, mutant: Mutant) -> dict[str, object]:
        """Whether it died, by which test ("" where the code could not be imported), and how many tests did not run."""
        reaching = self._reaching(mutant)
        costs: dict[str, float] = {}
        for test, seconds in reaching.items():
            if test not in self._shaky and (sum(costs.values()) + seconds <= self.most_s or not costs):
                costs[test] = seconds
        answer = {"tests": len(costs), "not_run": len(reaching) - len(costs)}
        while costs:
            by = self._failing(mutant, costs)
            if by is None:
                break
            names = tuple(costs)[: 1 + (tuple(costs).index(by) if by else 0)]
            if names[-1] in self._sound or failing(self.copy, {name: costs[name] for name in names}) is None:
                self._sound.add(names[-1])
                return {"killed": True, "by": by, **answer}
            self._shaky.add(names[-1])
            sys.stdout.write(f"not used, since it fails on the sound code in this order: {names[-1]}\n")
            del costs[names[-1]]
        return {"killed": False, "by": None, **answer}

    def _failing(self, mutant: Mutant, costs: dict[str, float]) -> str | None:
        """Make the fault in the copy, run the tests, mend the copy."""
        from cosmic_ray.mutating import mutate_code
        from cosmic_ray.plugins import get_operator

        path = self.copy / mutant.file
        sound = path.read_text(encoding="utf-8")
        wrong = mutate_code(sound, get_operator(mutant.operator)(), mutant.occurrence)
        if wrong is None or wrong == sound:
            raise ValueError(f"{mutant} makes no fault")
        path.write_text(wrong, encoding="utf-8")
        try:
            return failing(self.copy, costs)
        finally:
            path.write_text(sound, encoding="utf-8")

    def _reaching(self, mutant: Mutant) -> dict[str, float]:
        """The tests to run with their seconds; of what has no functions, those of who imports what imports it."""
        found, ask = set[str](), {mutant.file}
        while ask:
            new = self._importing(ask) - found
            found |= new
            ask = {file for file in new if "def " not in (self.copy / file).read_text(encoding="utf-8")}
        return tests_for(self.found, mutant.file, mutant.line, self.copy, sorted(found - {mutant.file}))

    def _importing(self, files: set[str]) -> set[str]:
        found = set()
        for file in files:
            module = file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
            parent, _, name = module.rpartition(".")
            # A registry names what is loaded at its first use as "module:attribute".
            words = re.compile(
                rf'^(from {module} import|import {module}$|from {parent} import .*\b{name}\b)|"{module}:', re.M
            )
            found |= {other for other in self.files if words.search((self.copy / other).read_text(encoding="utf-8"))}
        return found - files


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
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=14)
    parser.add_argument("--tests", nargs="+", default=list(TESTS), help="files and folders of the tests that may run")
    parser.add_argument("--most-s", type=float, default=MOST_S, help="seconds of tests for one mutant at most")
    parser.add_argument("--load", default="", help="modules to load once, with commas")
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
    names = [path.relative_to(ROOT).as_posix() for path in files]
    tests = [path for target in args.tests for path in _python_files(copy / target) if _is_used(path)]
    campaign = Campaign(copy, record(copy, tests, names, args.out.with_suffix(".reached")), names, args.most_s)
    for number, mutant in enumerate(chosen):
        name = json.dumps(asdict(mutant))
        if name in known and not (args.again and not known[name]):
            continue
        row = campaign.run(mutant)
        known[name] = bool(row["killed"])
        with args.out.open("a") as out:
            out.write(json.dumps({"mutant": asdict(mutant), **row}) + "\n")
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


def _is_used(path: Path) -> bool:
    return path.name.startswith("test_") and path.name not in LEFT_OUT_TESTS


if __name__ == "__main__":
    raise SystemExit(main())
