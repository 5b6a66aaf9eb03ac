"""`negatoscope models DIR`: what can be trained, and what has been."""

import argparse
from pathlib import Path
from typing import Any

from ml.card import read_card
from ml.catalogue import FAMILIES, find_in_families, specs
from viewer.cli.output import Output
from viewer.core.errors import AppError
from viewer.core.samples import PLAIN

HELP = "List the models that can be trained and, with DIR, those a project has trained."
EXAMPLE = "negatoscope models my-project"
MOST_FOUND = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """[DIR] [--search WORDS]."""
    parser.add_argument("project", type=Path, nargs="?", metavar="DIR", help="project folder")
    parser.add_argument(
        "--search", default="", metavar="WORDS", help="also models of libraries whose names hold these words: resnet"
    )


def run(args: argparse.Namespace, out: Output) -> Any:
    """Print both lists; returns {"catalogue", "found" (with --search), "models", "problems"}, each a list."""
    catalogue: list[dict[str, Any]] = [
        {
            "name": spec.name,
            "title": spec.title,
            "kind": spec.kind,
            "input_px": spec.input_px,
            "parameters": spec.parameters,
            "default": spec.default,
            "licence": spec.licence,
        }
        for spec in specs()
    ]
    out.line("Can be trained:")
    for row in catalogue:
        mark = "  (default)" if row["default"] else ""
        out.line(f"  {row['name']:<28} {row['kind']:<15} {row['parameters'] / 1e6:6.2f} M parameters{mark}")
    found = _found(args.search, out)
    models, problems = _trained(args.project) if args.project else ([], [])
    if args.project:
        out.line("Trained:" if models else "No trained models yet; start a run with `negatoscope train`.")
    for model in models:
        reads = "" if model["reads"] == PLAIN.words() else f"  reads {model['reads']}"
        labels = ", ".join(model["labels"])
        out.line(f"  {model['model_hash'][:16]}  {model['name']}  {model['model']}  {labels}{reads}")
    for problem in problems:
        out.note(problem["reason"])
    return {"catalogue": catalogue, **found, "models": models, "problems": problems}


def _found(words: str, out: Output) -> dict[str, Any]:
    """Models of libraries; that there are more, where nothing was searched for."""
    if not words.strip():
        out.line(f"And every classifier of {' and '.join(FAMILIES)}: `negatoscope models --search WORD` lists them.")
        return {}
    rows = find_in_families(words)
    out.line(
        f"Of libraries, {len(rows)} with {words}:" if rows else f"No model of {' or '.join(FAMILIES)} has {words}."
    )
    for row in rows[:MOST_FOUND]:
        out.line(f"  {row.name:<50} {row.kind:<15} {row.input_px:5} px  {row.licence}")
    if len(rows) > MOST_FOUND:
        out.line(f"  and {len(rows) - MOST_FOUND} more; write more of the name.")
    return {
        "found": [
            {"name": row.name, "kind": row.kind, "input_px": row.input_px, "licence": row.licence} for row in rows
        ]
    }


def _trained(project: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    models, problems = [], []
    for path in sorted((project / "models").glob("[!.]*/card.json")):
        try:
            card = read_card(path.parent)
        except AppError as error:
            problems.append({"path": path.parent, "reason": str(error)})
            continue
        models.append(
            {
                "folder": path.parent,
                "model_hash": card.model_hash,
                "name": card.name,
                "model": card.model,
                "task": card.task,
                "kind": card.kind,
                "labels": card.labels,
                "fold": card.fold,
                "metrics": card.metrics,
                "threshold": card.threshold,
                "created": card.created,
                "reads": card.preprocess.rule.words(card.domain.modality),
            }
        )
    return models, problems
