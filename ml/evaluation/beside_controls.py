"""The best control beside a figure, in a few words: where there is no room for all, a figure never stands alone.

Loads no torch.
"""

from collections.abc import Mapping
from typing import Any

from ml.evaluation.comparing import BETTER, UNCLEAR, WORSE, is_behind, verdict
from ml.metric_words import lower_is_better, number_text

MODEL = "model"  # who answers, beside the controls
BEHIND = "ahead of the model, not clearly"
_SAID = {BETTER: "beaten", UNCLEAR: "not clearly beaten", WORSE: "better than the model"}


def best_control(document: Mapping[str, Any]) -> str:
    """ "best control view alone 0.812, not clearly beaten", by the figure that decides; "" where no control has it.

    document: as in figures.json.
    """
    decides = str(document["decides"])
    values = {
        who: figures[decides]["value"]
        for who, figures in document["answers"].items()
        if who != MODEL and (figures.get(decides) or {}).get("value") is not None
    }
    if not values:
        return ""
    best = (min if lower_is_better(decides) else max)(values, key=lambda who: values[who])
    gaps = document.get("against") or {}
    found = verdict(gaps[best], figure=decides) if best in gaps else ""
    behind = found == UNCLEAR and is_behind(gaps[best], figure=decides)
    told = BEHIND if behind else _SAID.get(found, "not compared")
    return f"best control {best} {number_text(values[best])}, {told}"
