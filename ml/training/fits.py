"""Asked before a training starts, in a child of its own: whether weights fit a network. The window loads no torch.

`python -m ml.training.fits PROJECT QUESTION` reads {"model", "kind", "labels", "init", "channels" (where they are
not the model's own)} and says one JSON line: {"loaded", "total", "spread", "source"}, or {"error"}.
"""

import json
import sys
from pathlib import Path

from ml.catalogue import MOST_CHANNELS, load_spec
from ml.training.initial import head_names, resolve_init, start_from
from viewer.core.checked import Fields, parse_json
from viewer.core.errors import AppError


def fit_of(project_folder: Path, question: str) -> dict[str, object]:
    """How many tensors of the network would be taken over, the head apart. Raises AppError where none would be."""
    values = Fields(parse_json(question, "The question"), "The question")
    spec, labels = load_spec(values.text("model")), values.texts("labels")
    network = spec.build(len(labels), values.integer("channels", 1, MOST_CHANNELS, spec.preprocess.channels))
    source = resolve_init(project_folder, values.text("init"))
    loaded = start_from(network, spec, labels, source, project_folder / "cache" / "foreign", kind=values.text("kind"))
    body = set(network.state_dict()) - head_names(spec)
    return {
        "source": str(source), "loaded": len(body - set(loaded.skipped)), "total": len(body),
        "spread": len(loaded.spread),
    }  # fmt: skip


def main(project_folder: str, question: str) -> int:
    """Say the answer, a refusal too, as one line."""
    try:
        answer = fit_of(Path(project_folder), question)
    except AppError as error:
        answer = {"error": str(error)}
    sys.stdout.write(json.dumps(answer, allow_nan=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
