"""The demo's report: one HTML page with what was done, measured and seen."""

import html
import os
import platform
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ml.evaluation.page import answers_table, page_head, page_text, sentences
from ml.metric_words import metric_meaning, metric_title
from viewer.core.heat import NOT_A_DIAGNOSIS
from viewer.core.text.shown_text import some_lines

COMMANDS_LIMIT = 20_000


@dataclass(slots=True)
class Report:
    """What the demo collects on its way."""

    sentences: list[tuple[str, str]] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    tables: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def say(self, step: str, sentence: str) -> None:
        """One line of the story."""
        self.sentences.append((step, sentence))

    def show(self, picture: Path, caption: str) -> None:
        """One picture."""
        self.pictures.append(picture)
        self.captions.append(caption)

    def command(self, words: Sequence[str]) -> None:
        """One command line, as a person would type it."""
        self.commands.append("negatoscope " + " ".join(f'"{w}"' if " " in w else w for w in words))

    def figures(self, task: str, document: Mapping[str, Any]) -> None:
        """The figures of one task, as `evaluate` gave them."""
        self.tables.append((task, document))


def write_report(page: Path, report: Report, *, seconds: int) -> Path:
    """Write the page; pictures are linked relative to it. Returns its path."""
    parts = [
        page_head("Negatoscope demo"),
        "<h1>Negatoscope: the main job on the phantom</h1>",
        f"<p>{seconds} s on {page_text(platform.processor() or platform.machine())}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}.</p><p class=note>{page_text(NOT_A_DIAGNOSIS)} "
        "The phantom is made up; these figures say that the parts work together, not how good a model is.</p>",
        "<h2>What was done</h2><table>",
        *(f"<tr><td>{page_text(a)}</td><td>{page_text(b)}</td></tr>" for a, b in report.sentences),
        "</table>",
        *(["<h2>What was measured</h2>"] if report.tables else ()),
        *(_figures(task, document) for task, document in report.tables),
        *(["<h2>What was seen</h2>"] if report.pictures else ()),
    ]
    for picture, caption in zip(report.pictures, report.captions, strict=True):
        # "./" before it: a name that holds a colon would else be taken for a scheme.
        source = "./" + urllib.parse.quote(picture.relative_to(page.parent).as_posix())
        parts.append(f'<figure><img src="{source}"><figcaption>{page_text(caption)}</figcaption></figure>')
    commands = "\n".join(report.commands).replace(str(page.parent) + os.sep, "")
    parts.append(
        f"<h2>The same by hand</h2><pre>{html.escape(some_lines(commands, COMMANDS_LIMIT, lines=COMMANDS_LIMIT))}</pre>"
    )
    page.write_text("\n".join(parts), encoding="utf-8")
    return page


def _figures(task: str, document: Mapping[str, Any]) -> str:
    """One task's table: model and controls on the same cases, every figure with its interval."""
    answers: Mapping[str, Mapping[str, Any]] = document["answers"]
    names = list(answers["model"])
    meanings = [f"{metric_title(name)}: {metric_meaning(name)}." for name in names if metric_meaning(name)]
    part = f"{document['model']}, {document['part']} part, {document['cases']} cases of {document['patients']} patients"
    mark = document.get("seen", {}).get("mark", "")
    seen = f" · <b>{page_text(mark)}</b>" if mark else ""
    return (
        f"<p><b>{page_text(task)}</b> · {page_text(part)}; {sentences(str(document['interval']))}{seen}</p>"
        f"{answers_table(answers, names)}<p>{page_text(document['sentence'])}</p>"
        f"<p class=note>{' '.join(map(page_text, [*document.get('notes', ()), *meanings]))}</p>"
    )
