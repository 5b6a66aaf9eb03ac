"""What runs said of the cases that are judged, joined, and how it is written down beside the figures."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from ml.card import write_json
from ml.data.targets import Item
from ml.evaluation.outcome import UNKNOWN, CaseRow, Outcome
from ml.evaluation.page import write_page
from ml.evaluation.seen_cases import SeenCases
from ml.evaluation.several.out_of_fold import OUT_OF_FOLD, out_of_fold_text
from viewer.core.text.table_text import comma_text
from viewer.project.disk.replacing import replace_file

# score: that of a label, its Dice, the mean overlap of its true boxes, how far its number is off; "" where the
# case does not count for it.
# truth and answer: yes, no or unknown; present or empty; the number of boxes; the number. false: of the boxes, those
# without truth.
CASE_COLUMNS = ("image", "patient", "fold", "part", "label", "score", "truth", "answer", "false", "seen", "file")
FIGURES_FILE = "figures.json"
CLASSIFICATION = "classification"


@dataclass(slots=True, kw_only=True, eq=False)
class Collected:
    """What the runs said, joined. answers: by who answered (the model or a control), one entry per run."""

    seen: SeenCases
    images: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    patients: list[str] = field(default_factory=list)
    folds: list[int] = field(default_factory=list)
    answers: dict[str, list[Any]] = field(default_factory=dict)
    counts: list[int] = field(default_factory=list)  # of each run's cases
    # Of the part, but with no known label of the task, or no pixels: (image, patient, fold, file, "").
    left_out: list[tuple[str, str, int, str, str]] = field(default_factory=list)


def write_report(out: Path, document: dict[str, Any], collected: Collected, outcome: Outcome, part: str) -> None:
    """The table of cases, the page, and last the figures: where they are, the others are beside them. Of folds whose
    scores are probabilities those out of fold too."""
    out.mkdir(parents=True, exist_ok=True)
    text = comma_text(CASE_COLUMNS, _case_rows(collected, outcome, part))
    replace_file(out / "cases.csv", text.encode("utf-8"))
    if document.get("kind") == CLASSIFICATION and len(set(collected.folds)) > 1:
        heads = list(zip(collected.images, collected.patients, collected.folds, strict=True))
        table = out_of_fold_text(heads, list(outcome.rows()), outcome.labels)
        replace_file(out / OUT_OF_FOLD, table.encode("utf-8"))
    write_page(out, document)
    write_json(out / FIGURES_FILE, document)


def _case_rows(collected: Collected, outcome: Outcome, part: str) -> Iterator[dict[str, Any]]:
    """The table: every case of the part with each label, those that count for no figure last."""
    heads = zip(
        collected.images, collected.patients, collected.folds, collected.names, collected.seen.marks, strict=True
    )
    rows = [(head, row) for head, each in zip(heads, outcome.rows(), strict=True) for row in each]
    nothing = [CaseRow(label=label, score=None, truth=UNKNOWN, answer="") for label in outcome.labels]
    for (image, patient, fold, file, seen), row in [*rows, *product(collected.left_out, nothing)]:
        yield {
            "image": image,
            "patient": patient,
            "fold": fold,
            "part": part,
            "label": row.label,
            "score": "" if row.score is None else f"{row.score:.6f}",
            "truth": row.truth,
            "answer": row.answer,
            "false": "" if row.false is None else row.false,
            "seen": seen,
            "file": file,
        }
