"""What timm says of a few models, kept as if it had been asked: its child would load torch for each test."""

import json
from importlib import metadata
from typing import Any

from ml import library_facts

# As the child says it of timm's test_resnet (tests/ml/test_timm_family.py asks it).
RESNET = {
    "refused": "", "input_px": 160, "fixed_px": False, "multiple_px": 1, "least_px": 8, "parameters": 372882,
    "cam_layer": "layer4", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "licence": "apache-2.0",
}  # fmt: skip
ANSWERS: dict[str, dict[str, Any]] = {
    "names": {"rows": [{"name": name, "input_px": 160, "licence": "apache-2.0"} for name in
                       ("test_vit", "test_resnet", "test_resnet.r160_in1k", "odd_net")]},
    "test_resnet": RESNET,
    "odd_net": {"refused": "it takes 5 channels, and images have one or three"},
}  # fmt: skip


def keep_library_answers() -> None:
    """Put them where answers are kept, in this test's home."""
    version = metadata.version("timm")
    for question, answer in ANSWERS.items():
        path = library_facts.kept_at("timm", version, question)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(answer), encoding="utf-8")
