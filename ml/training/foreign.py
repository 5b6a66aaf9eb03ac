"""Foreign .pt files: read in a child process with `weights_only`, converted to safetensors, or refused.

A pickle can run any code when it is read. `weights_only` refuses everything but tensors and plain containers; before
torch 2.10 it had holes of its own (CVE-2025-32434, CVE-2026-24747), so an older torch refuses the file outright. There
is no fall-back. The child's words are IN OUT.
"""

import hashlib
import sys
from pathlib import Path
from subprocess import TimeoutExpired

import torch

from viewer import children
from viewer.core.errors import BadModel
from viewer.reading.sources.private_files import beside as name_beside

SAFE_TORCH = (2, 10)
TIMEOUT_S = 300


def convert_foreign(source: Path, folder: Path) -> Path:
    """A safetensors copy of a foreign file in `folder`. Raises BadModel; nothing in the file ever runs."""
    version = tuple(int(part) for part in torch.__version__.split("+")[0].split(".")[:2])
    if version < SAFE_TORCH:
        raise BadModel(f"{source} is not read: torch {torch.__version__} is not safe for it; update to 2.10 or newer.")
    if not source.is_file():
        raise BadModel(f"{source} is no file; check the path.")
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    target = folder / f"{name}.safetensors"
    if not target.is_file():
        words = (source.absolute(), target.absolute())
        try:
            done = children.run("ml.training.foreign", *words, capture_output=True, text=True, timeout=TIMEOUT_S)
        except TimeoutExpired as error:
            raise BadModel(f"{source} was refused: reading it took more than {TIMEOUT_S} s.") from error
        if done.returncode != 0 or not target.is_file():
            last = (done.stderr.strip().splitlines() or ["it cannot be read"])[-1]
            raise BadModel(
                f"{source} was refused and nothing in it was run: {last[:200]}; ask its author for a .safetensors file."
            )
    return target


def _tensors(document: object) -> dict[str, torch.Tensor]:
    """The state dict, also where a checkpoint keeps it one level down."""
    if isinstance(document, dict):
        for key in ("state_dict", "model_state_dict", "model"):
            if isinstance(document.get(key), dict):
                document = document[key]
                break
    if not isinstance(document, dict):
        return {}
    return {
        str(name): value.detach().contiguous().clone()
        for name, value in document.items()
        if isinstance(value, torch.Tensor)
    }


def main(source: str, target: str) -> int:
    """Convert one file; the last line on stderr says why not."""
    from safetensors.torch import save_file

    try:
        document = torch.load(source, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001 - whatever a hostile file raises, the answer is the same refusal
        kind = "it holds more than weights" if "weights_only" in str(error).lower() else "it cannot be read"
        sys.stderr.write(f"{kind} ({type(error).__name__})\n")
        return 1
    tensors = _tensors(document)
    if not tensors:
        sys.stderr.write("it holds no tensors\n")
        return 1
    beside = name_beside(Path(target))
    try:
        save_file(tensors, beside)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
