"""A child of the campaign: reads mutants with our own code, one after the other, inside a memory limit.

A line of JSON in ({"seed": 7}), a line of JSON out. What is shown without a banner is put beside the mutant as
FRAME.npy, for the other child to compare with pydicom. A crash or a hang of this process is seen by the campaign.
"""

import contextlib
import faulthandler
import json
import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from mutants import base_files, make_mutant

from viewer.core.errors import AppError
from viewer.core.windowing import apply_modality, default_voi, display_table
from viewer.reading.frames import file_frames, header_tags, read_frame
from viewer.reading.scan import scan

MOST_FRAMES = 3
SLOW_S = 15
KINDS = ("Mask of ", "Label map, ", "Tile ")
CATCH_ALL = "omething unexpected"


def read_mutant(path: Path, keep: Path | None) -> dict[str, Any]:
    """What our code makes of one file: the scan's answer, each frame's, and whatever went wrong."""
    faults: list[str] = []
    result = guard(faults, "scan", lambda: scan([path]))
    scanned = ""
    if result is not None:
        scanned = "shown" if result.patients else "refused"
        if bool(result.patients) == bool(result.problems):
            faults.append("scan: neither shown nor refused")
        for problem in result.problems:
            _check_sentence(faults, "scan", problem.reason, path)
    guard(faults, "tags", lambda: refusable(faults, "tags", path, lambda: header_tags(path)))
    frames: list[dict[str, Any]] = []
    refs = guard(faults, "frames", lambda: refusable(faults, "frames", path, lambda: file_frames(path)))
    if isinstance(refs, str):
        return {"scan": scanned, "refused": refs, "frames": [], "faults": faults}
    chosen = list(refs or ())
    for ref in [*chosen[: MOST_FRAMES - 1], *chosen[MOST_FRAMES - 1 :][-1:]]:
        frame = guard(faults, "read", lambda ref=ref: refusable(faults, "read", path, lambda: read_frame(ref)))
        if frame is None:
            continue
        if isinstance(frame, str):
            frames.append({"index": ref.frame_index, "refused": frame})
            continue
        guard(faults, "display", lambda frame=frame: _display(frame))
        answer = {"index": ref.frame_index, "banner": _doubt(frame.facts.banner), "decoder": frame.decoder}
        if not answer["banner"] and keep is not None:
            np.save(keep / f"{ref.frame_index}.npy", frame.stored, allow_pickle=False)
        frames.append(answer)
    return {"scan": scanned, "refused": "", "frames": frames, "count": len(chosen), "faults": faults}


def _doubt(banner: str) -> str:
    """The banner without what only says what kind of object is shown: such pixels must still be right."""
    return "" if banner.startswith(KINDS) and ". " not in banner else banner


def _display(frame: Any) -> None:
    """What happens to a frame on its way to the screen must not fail either."""
    part = frame.stored[:64, :64]
    if frame.facts.samples == 1:
        values = apply_modality(part, frame.facts)
        assert values.shape == part.shape
    window = default_voi(part, frame.facts)
    shown = display_table(frame.facts, window, invert=False).apply(part)
    assert shown.dtype == np.uint8


def guard(faults: list[str], what: str, call: Any) -> Any:
    """What the call gives; what it raises is a fault, with its place."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001  # each is a fault that is told
        place = traceback.extract_tb(error.__traceback__)[-1]
        faults.append(
            f"{what}: {type(error).__name__} {str(error)[:200]} at {Path(place.filename).name}:{place.lineno}"
        )
        return None


def refusable(faults: list[str], what: str, path: Path | None, call: Any) -> Any:
    """What the call gives, or its refusal as a sentence, which must name `path`."""
    try:
        return call()
    except AppError as error:
        _check_sentence(faults, what, str(error), path)
        return str(error)


def _check_sentence(faults: list[str], what: str, sentence: str, path: Path | None) -> None:
    if path is not None and path.name not in sentence:
        faults.append(f"{what}: a refusal that does not name the file: {sentence}")
    if CATCH_ALL in sentence:
        faults.append(f"{what}: an error that nobody expected: {sentence}")


def _limit_memory(extra_bytes: int) -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + extra_bytes, now + extra_bytes))


def _peak_kib() -> int:
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1])
    return 0


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def main() -> None:
    """argv: folder for mutants, memory limit in MiB, base files of this campaign one a line in a file."""
    folder, limit_mib = Path(sys.argv[1]), int(sys.argv[2])
    corpus = Path(sys.argv[3]) if sys.argv[3] else None
    files = base_files(corpus, Path(sys.argv[4]))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # codecs that print to stdout must not be taken for answers
    warnings.simplefilter("ignore")
    import logging

    logging.disable(logging.CRITICAL)
    import imagecodecs
    import pydicom.pixels.decoders  # noqa: F401  # imported before the limit is set and before forks

    for name in ("jpeg8", "jpeg2k", "jpegls", "ljpeg", "jpegsof3", "jpegxl", "packbits"):
        getattr(imagecodecs, f"{name}_decode")  # loads the codec
    _limit_memory(4 * limit_mib << 20)
    for line in sys.stdin:
        seed = json.loads(line)["seed"]
        mutant = make_mutant(seed, files)
        path = folder / f"mutant-{seed}.dcm"
        path.write_bytes(mutant.data)
        _forget_peak()
        before = _peak_kib()
        faulthandler.dump_traceback_later(SLOW_S)  # where it hangs, when it does
        answer = read_mutant(path, folder)
        faulthandler.cancel_dump_traceback_later()
        answer |= {"seed": seed, "base": mutant.base, "steps": mutant.steps, "path": str(path)}
        answer["memory_mib"] = max(0, _peak_kib() - before) // 1024
        if answer["memory_mib"] > limit_mib:
            answer["faults"].append(f"memory: {answer['memory_mib']} MiB more than before")
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
