"""What `evaluate` prints: short sections, each under its heading; all of it stands in the report."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ml.evaluation.beside_controls import MODEL
from ml.evaluation.checklists.told import summary, there
from ml.evaluation.page import PAGE_FILE
from ml.evaluation.subgroups.judging import NOT_SAID
from ml.metric_words import figure_text, metric_meaning, metric_title, number_text
from viewer.core.deciding import cut_words
from viewer.core.text.counting import counted

INDENT = "  "
WIDEST = 44  # of a name beside its figure


def report_lines(document: Mapping[str, Any], out: Path) -> Iterator[str]:
    """The whole text. document: as `evaluate_runs` gives it. out: the folder of the report."""
    yield (
        f"{document['task']}, {document['part']}: {counted(document['cases'], 'case')} of "
        f"{counted(document['patients'], 'patient')}{seen_mark(document)}"
    )
    sections = (
        ("Figures", figure_lines(document)),
        ("Controls, on the same cases", control_lines(document)),
        ("Operating points", point_lines(document)),
        ("Groups", group_lines(document)),
        ("To be known", [*document["notes"], f"Intervals: {document['interval']}."]),
        ("What the figures are", meaning_lines(document)),
        ("Report", _written(document, out)),
    )
    for heading, lines in sections:
        if lines:
            yield ""
            yield heading
            yield from (INDENT + line for line in lines)


def seen_mark(document: Mapping[str, Any]) -> str:
    """What stands behind every figure of cases that the model has seen; "" otherwise."""
    mark = document.get("seen", {}).get("mark", "")
    return f" · {mark}" if mark else ""


def figure_lines(document: Mapping[str, Any]) -> list[str]:
    """The model's figures, a line each."""
    figures = document["answers"][MODEL]
    titles = {name: document["figures"][name]["title"] for name in figures}
    mark = seen_mark(document)
    return _beside([(titles[name], f"{figure_text(figure)}{mark}") for name, figure in figures.items()])


def control_lines(document: Mapping[str, Any]) -> list[str]:
    """The figure that decides, of each control and of the model, then what they say together."""
    decides, mark = str(document["decides"]), seen_mark(document)
    rows = [
        (who, f"{metric_title(decides)} {figure_text(figures[decides])}{mark}")
        for who, figures in document["answers"].items()
        if decides in figures
    ]
    lacking = [f"{row['name']} is not there: {row['why']}." for row in document.get("controls") or () if row["why"]]
    return [*(_beside(rows) if len(rows) > 1 else ()), *lacking, str(document["sentence"])]


def point_lines(document: Mapping[str, Any]) -> list[str]:
    """The operating points with what they reach, then what is told of a prevalence."""
    lines = []
    for one in document.get("operating_points", ()):
        cuts = " or ".join(dict.fromkeys(cut_words(point["cut"]) for point in one["validation"]))
        reached = ", ".join(f"{metric_title(name)} {figure_text(figure)}" for name, figure in one["figures"].items())
        lines.append(f"Chosen on validation for {one['words']}, cut {cuts}: {reached}.")
    at = document.get("prevalence")
    if at:
        told = [f"{metric_title(name)} {figure_text(figure)}" for name, figure in at["figures"].items()]
        told += [f"a score of {cut_words(one['score'])} is {number_text(one['here'])}" for one in at["scores"]]
        lines.append(f"At a prevalence of {at['prevalence']:g} ({at['assumed']}): {', '.join(told)}.")
    return lines


def group_lines(document: Mapping[str, Any]) -> list[str]:
    """Each column of groups with a line for each, then the worst of them."""
    groups = document.get("groups") or {"columns": ()}
    lines = []
    for column in groups["columns"]:
        rows = []
        for name, group in column["groups"].items():
            of = f"{counted(group['rows'], 'case')} of {counted(group['patients'], 'patient')}"
            figure = f"{metric_title(groups['ranked_by'])} {figure_text(group['figures'][groups['ranked_by']])}"
            rows.append((f"{column['column']} {name or NOT_SAID}", f"{of}, {figure}"))
        lines += [*_beside(rows), str(column["sentence"])]
    return lines


def meaning_lines(document: Mapping[str, Any]) -> list[str]:
    """What each figure is; of single labels once."""
    told: dict[str, list[str]] = {}
    for name, facts in document["figures"].items():
        kind, _, label = name.partition(":")
        told.setdefault(metric_meaning(f"{kind}:each label") if label else facts["is"], []).append(facts["title"])
    return [f"{', '.join(names)}: {meaning}." for meaning, names in told.items() if meaning]


def _written(document: Mapping[str, Any], out: Path) -> list[str]:
    about = ["`negatoscope project about DIR` writes what only you know into it."] if document.get("claim") else []
    return [
        f"Written to {out}: figures.json, cases.csv and {PAGE_FILE}, the same as a page",
        *(f"{summary(checklist)}." for checklist in there(document)),
        *about,
    ]


def _beside(rows: list[tuple[str, str]]) -> list[str]:
    wide = min(WIDEST, max((len(name) for name, _ in rows), default=0))
    return [f"{name:<{wide}}  {words}" for name, words in rows]
