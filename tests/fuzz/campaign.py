"""Fuzz campaign: mutants of DICOM files are read by our code and by pydicom, each in a process of its own.

    python tests/fuzz/campaign.py --seeds 0:300            # what the suite runs
    python tests/fuzz/campaign.py --seeds 17 --keep FOLDER # one mutant again; its file stays in FOLDER

Prints one line a failure and a summary; exit code 1 when something failed.
"""

import argparse
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parents[1]))

from known_differences import reason_for  # noqa: E402
from stand_ins import write_stand_ins  # noqa: E402

LIMIT_S = 600.0  # a mutant takes 0.05 s; a busy machine is not taken for a hang
MEMORY_MIB = 512


class Child:
    """One child process, started when first asked and again after it died."""

    def __init__(self, command: list[str], *, limit_s: float = LIMIT_S) -> None:
        self._command = command
        self._limit_s = limit_s
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """The answer, or {"died": why}."""
        process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(question).encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            return self._end("ended before it was asked")
        if not select.select([process.stdout], [], [], self._limit_s)[0]:
            return self._end(f"no answer in {self._limit_s:.0f} s")
        line = process.stdout.readline()
        if not line:
            return self._end("")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> "subprocess.Popen[bytes]":
        environment = {**os.environ, "PYTHONFAULTHANDLER": "1", "OMP_NUM_THREADS": "1"}
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the child
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, env=environment
        )
        return self._process

    def _end(self, why: str) -> dict[str, Any]:
        process, self._process = self._process, None
        assert process is not None
        if why:
            process.kill()
        code = process.wait()
        self._let_go(process)
        self._said.seek(max(0, self._said.seek(0, os.SEEK_END) - 1500))
        said = self._said.read().decode("utf-8", "replace")
        self._said.close()
        return {"died": why or f"exit code {code}", "said": said}

    def close(self) -> None:
        """End the child; its input ends first, so that it ends by itself."""
        if self._process is not None:
            self._let_go(self._process)
            self._said.close()

    def _let_go(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin is not None and process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.wait()
        process.stdout.close()


@dataclass(slots=True)
class Report:
    """counts: mutants by outcome. failures: (seed, base, steps, what is wrong)."""

    counts: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str, list[str], str]] = field(default_factory=list)
    most_memory_mib: int = 0


def run_campaign(
    seeds: Iterable[int], *, corpus: Path | None, folder: Path, lanes: int = 1, keep: bool = False,
    said: Callable[[str], None] = lambda _: None,
) -> Report:  # fmt: skip
    """Every seed's mutant judged. folder: for stand-ins and mutants, which are removed unless `keep`."""
    stand_ins = folder / "stand-ins"
    stand_ins.mkdir(parents=True, exist_ok=True)
    write_stand_ins(stand_ins)
    report, lock = Report(), threading.Lock()
    waiting = iter(list(seeds))

    def work(lane: int) -> None:
        mine = folder / f"lane-{lane}"
        mine.mkdir(exist_ok=True)
        reader = Child(
            [sys.executable, str(HERE / "reader.py"), str(mine), str(MEMORY_MIB), str(corpus or ""), str(stand_ins)]
        )
        reference = Child([sys.executable, str(HERE / "reference.py")])
        while True:
            with lock:
                seed = next(waiting, None)
            if seed is None:
                break
            outcomes, failures, answer = judge(seed, reader, reference)
            with lock:
                report.most_memory_mib = max(report.most_memory_mib, answer.get("memory_mib", 0))
                report.counts.update(outcomes[0])
                report.known.update(outcomes[1])
                for what in failures:
                    report.failures.append((seed, answer.get("base", "?"), answer.get("steps", []), what))
                    said(f"seed {seed}: {what} | {answer.get('base', '?')} | {'; '.join(answer.get('steps', []))}")
            for path in [*mine.glob("*.npy"), *([] if keep else mine.glob("mutant-*"))]:
                path.unlink()
        reader.close()
        reference.close()

    threads = [threading.Thread(target=work, args=(lane,)) for lane in range(lanes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return report


def judge(seed: int, reader: Child, reference: Child) -> tuple[tuple[list[str], list[str]], list[str], dict[str, Any]]:
    """((outcomes of frames, known classes met), what is wrong, the reader's answer)."""
    answer = reader.ask({"seed": seed})
    if "died" in answer:
        return (["died"], []), [f"the reader died: {answer['died']} {answer['said']}"], answer
    failures = list(answer["faults"])
    outcomes, known = [], []
    if answer["refused"]:
        outcomes.append("refused")
    for frame in answer["frames"]:
        if "refused" in frame or frame["banner"]:
            outcomes.append("refused" if "refused" in frame else "banner")
            continue
        array = Path(answer["path"]).parent / f"{frame['index']}.npy"
        found = reference.ask({"path": answer["path"], "index": frame["index"], "array": str(array)})
        if "died" in found:
            found = {"verdict": "refused", "why": f"pydicom's decoder died: {found['died']}", "syntax": ""}
        if found["verdict"] in ("equal", "near"):
            outcomes.append(found["verdict"])
            continue
        reason = reason_for(found, answer["steps"])
        if reason:
            known.append(reason)
            outcomes.append("known")
        else:
            outcomes.append("wrong")
            failures.append(f"frame {frame['index']} without a banner, pydicom {found['verdict']} {found}")
    return (outcomes, known), failures, answer


def main() -> int:
    """See the module's first lines."""
    from viewer.reading.sources.data_folder import find_data

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0:300", help="FIRST:END or one number")
    parser.add_argument("--lanes", type=int, default=1, help="how many pairs of child processes")
    parser.add_argument("--keep", type=Path, help="a folder in which the mutants stay")
    parser.add_argument("--stand-ins-only", action="store_true", help="leave the real files out")
    args = parser.parse_args()
    first, _, end = args.seeds.partition(":")
    seeds = range(int(first), int(end) if end else int(first) + 1)
    data = None if args.stand_ins_only else find_data()
    folder = args.keep or Path(tempfile.mkdtemp(prefix="fuzz-"))
    report = run_campaign(
        seeds, corpus=data / "dicom" if data else None, folder=folder, lanes=args.lanes, keep=bool(args.keep), said=_say
    )
    if not args.keep:
        shutil.rmtree(folder)
    _say(f"{len(seeds)} mutants: {dict(report.counts)}; most memory {report.most_memory_mib} MiB")
    for reason, count in report.known.most_common():
        _say(f"  known, {count} times: {reason}")
    _say(f"{len(report.failures)} failures")
    return 1 if report.failures else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
