"""The demo's report: one HTML page with what was done, measured and seen."""

import html
import os
import platform
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ml.metric_words import figure_text, metric_meaning, metric_title
from viewer.core.heat import NOT_A_DIAGNOSIS
from viewer.core.shown_text import one_line, some_lines

_STYLE = """
body { font: 14px/1.45 Inter, system-ui, sans-serif; color: #14181B; background: #E8EBEE; margin: 0 auto; max-width: 960px; padding: 24px; }
h1 { font-size: 20px; } h2 { font-size: 14px; margin-top: 28px; }
pre { font: 12px/1.5 "JetBrains Mono", monospace; background: #fff; padding: 12px; overflow-x: auto; border: 1px solid #D3D8DD; }
table { border-collapse: collapse; background: #fff; } td, th { border: 1px solid #D3D8DD; padding: 4px 10px; text-align: left; }
figure { margin: 12px 0; } img { max-width: 100%; background: #000; display: block; } figcaption { color: #434B53; font-size: 12px; padding-top: 4px; }
.note { background: #FCEFCF; color: #8A5A00; padding: 8px 12px; }
"""  # noqa: E501


# A page that runs nothing and loads nothing but the pictures beside it, whatever a name in it may hold.
_POLICY = "default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
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
        f'<!doctype html><meta charset=utf-8><meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>Negatoscope demo</title><style>{_STYLE}</style><h1>Negatoscope: the main job on the phantom</h1>",
        f"<p>{seconds} s on {_text(platform.processor() or platform.machine())}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}.</p><p class=note>{_text(NOT_A_DIAGNOSIS)} "
        "The phantom is made up; these figures say that the parts work together, not how good a model is.</p>",
        "<h2>What was done</h2><table>",
        *(f"<tr><td>{_text(a)}</td><td>{_text(b)}</td></tr>" for a, b in report.sentences),
        "</table><h2>What was measured</h2>",
        *(_figures(task, document) for task, document in report.tables),
        "<h2>What was seen</h2>",
    ]
    for picture, caption in zip(report.pictures, report.captions, strict=True):
        # "./" before it: a name that holds a colon would else be taken for a scheme.
        source = "./" + urllib.parse.quote(picture.relative_to(page.parent).as_posix())
        parts.append(f'<figure><img src="{source}"><figcaption>{_text(caption)}</figcaption></figure>')
    commands = "\n".join(report.commands).replace(str(page.parent) + os.sep, "")
    parts.append(
        f"<h2>The same by hand</h2><pre>{html.escape(some_lines(commands, COMMANDS_LIMIT, lines=COMMANDS_LIMIT))}</pre>"
    )
    page.write_text("\n".join(parts), encoding="utf-8")
    return page


def _text(text: object) -> str:
    """A part of the page that is not ours."""
    return html.escape(one_line(str(text)))


def _figures(task: str, document: Mapping[str, Any]) -> str:
    """One task's table: model and controls on the same cases, every figure with its interval."""
    answers: Mapping[str, Mapping[str, Any]] = document["answers"]
    names = list(answers["model"])
    head = "".join(f"<th>{_text(metric_title(name))}</th>" for name in names)
    cells = {who: [figure_text(figures.get(name) or {}) for name in names] for who, figures in answers.items()}
    rows = [
        f"<tr><td>{_text(who)}</td>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>"
        for who, row in cells.items()
    ]
    meanings = [f"{metric_title(name)}: {metric_meaning(name)}." for name in names if metric_meaning(name)]
    part = f"{document['model']}, {document['part']} part, {document['cases']} cases of {document['patients']} patients"
    mark = document.get("seen", {}).get("mark", "")
    seen = f" · <b>{_text(mark)}</b>" if mark else ""
    return (
        f"<p><b>{_text(task)}</b> · {_text(part)}; {_text(document['interval'])}{seen}</p>"
        f"<table><tr><th></th>{head}</tr>{''.join(rows)}</table><p>{_text(document['sentence'])}</p>"
        f"<p class=note>{' '.join(map(_text, [*document.get('notes', ()), *meanings]))}</p>"
    )
