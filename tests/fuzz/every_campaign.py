"""Fuzz campaign over everything that is no DICOM: pictures, volumes, tables, weights, project databases.

    python tests/fuzz/every_campaign.py --seeds 0:100               # what the suite runs
    python tests/fuzz/every_campaign.py --seeds 17 --keep FOLDER    # one mutant again; its file stays in FOLDER
    python tests/fuzz/every_campaign.py --seeds 0:99 --kinds tiff   # of one kind (the same seed is another mutant then)

Prints one line a failure and a summary; exit code 1 when something failed.
"""

import argparse
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parents[1]))

from campaign import Child  # noqa: E402
from odd_bases import MUTATED, write_bases  # noqa: E402

NO_ANSWER_S = 300.0  # a hang is told by its processor time; this is for one that waits for nothing


@dataclass(slots=True)
class EveryReport:
    """counts: (kind, outcome) to mutants. failures: one line each."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    most_memory_mib: int = 0


def run_every(
    seeds: Iterable[int], *, folder: Path, kinds: Sequence[str] = tuple(MUTATED), lanes: int = 1,
    said: Callable[[str], None] = lambda _: None,
) -> EveryReport:  # fmt: skip
    """Every seed's mutant read in a child. folder: for base files and mutants; the last of each lane stays."""
    bases = folder / "bases"
    if not bases.exists():
        write_bases(bases)
    report, lock, waiting = EveryReport(), threading.Lock(), iter(list(seeds))

    def work(lane: int) -> None:
        words = [sys.executable, "-P", "-s", str(HERE / "every_reader.py"), str(bases), str(folder / f"lane-{lane}")]
        child = Child([*words, ",".join(kinds)], limit_s=NO_ANSWER_S)
        while True:
            with lock:
                seed = next(waiting, None)
            if seed is None:
                break
            answer = child.ask({"seed": seed})
            with lock:
                if "died" in answer:
                    answer |= {"faults": [f"the reader died: {answer['died']} {answer['said'][-700:]}"]}
                    answer |= {"kind": kinds[seed % len(kinds)], "outcome": "died"}
                report.most_memory_mib = max(report.most_memory_mib, answer.get("memory_mib", 0))
                report.counts[answer["kind"], answer["outcome"]] += 1
                for what in answer["faults"]:
                    steps = "; ".join(answer.get("steps", []))
                    line = f"seed {seed} ({answer['kind']} {answer.get('base', '')}; {steps[:300]}): {what}"
                    report.failures.append(line)
                    said(line)
        child.close()

    threads = [threading.Thread(target=work, args=(lane,)) for lane in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return report


def main() -> int:
    """See the module's first lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0:200", help="FIRST:END or one number")
    parser.add_argument("--kinds", default=",".join(MUTATED))
    parser.add_argument("--lanes", type=int, default=1, help="how many child processes")
    parser.add_argument("--keep", type=Path, help="a folder in which base files and the last mutant of a lane stay")
    args = parser.parse_args()
    first, _, end = args.seeds.partition(":")
    seeds = range(int(first), int(end) if end else int(first) + 1)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as temporary:
        folder = args.keep or Path(temporary)
        report = run_every(seeds, folder=folder, kinds=args.kinds.split(","), lanes=args.lanes, said=_say)
    for (kind, outcome), count in sorted(report.counts.items()):
        _say(f"{kind:12} {outcome:8} {count}")
    _say(f"{len(seeds)} mutants, most memory {report.most_memory_mib} MiB, {len(report.failures)} failures")
    return 1 if report.failures else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
