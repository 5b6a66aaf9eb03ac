"""A report as a page: what was judged, every figure with its interval and what it is, the controls, what to know.

Plain HTML of escaped parts, without a script or a link: a browser shows it, and the window's own page. Loads no torch.
"""

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ml.catalogue import title_of
from ml.evaluation.checklists.told import summary, there
from ml.evaluation.curve_picture import curve_svg
from ml.evaluation.curves import Curve, curve_words, read_curves
from ml.evaluation.shared_reasons import SharedReasons
from ml.evaluation.subgroups.forest_picture import forest_svg
from ml.metric_words import figure_text, grouped, metric_meaning, metric_title
from viewer.core.text.counting import counted
from viewer.core.text.shown_text import one_line
from viewer.core.text.titles import name_title, short_id

PAGE_FILE = "report.html"
MOST_BESIDE = 4  # columns of controls in one table: more are wider than a page
MODEL = "model"  # who answers, beside the controls
PART_WORDS = {"test": "the test part", "val": "the validation part", "train": "the training part"}
STYLE = """
body { font: 14px/1.45 Inter, system-ui, sans-serif; color: #14181B; background: #E8EBEE; margin: 0 auto; max-width: 960px; padding: 24px; }
h1, h3 { font-size: 20px; } h2, h4 { font-size: 14px; margin-top: 28px; }
pre { font: 12px/1.5 "JetBrains Mono", monospace; background: #fff; padding: 12px; overflow-x: auto; border: 1px solid #D3D8DD; }
table { border-collapse: collapse; background: #fff; } td, th { border: 1px solid #D3D8DD; padding: 4px 10px; text-align: left; }
figure { margin: 12px 0; } img { max-width: 100%; background: #000; display: block; } figcaption { color: #434B53; font-size: 12px; padding-top: 4px; }
.note { background: #FCEFCF; color: #8A5A00; padding: 8px 12px; }
"""  # noqa: E501
# A page that runs nothing and loads nothing but the pictures beside it, whatever a name in it may hold.
POLICY = "default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# Shown by a browser, and by Qt, which knows few style rules.
_TABLE = '<table border="1" cellspacing="0" cellpadding="5">'


def page_text(text: object) -> str:
    """A part of a page that is not ours."""
    return html.escape(one_line(str(text)))


def sentences(text: str) -> str:
    """A longer part of a page that is not ours: each sentence is cut where it is too long, not the whole."""
    return " ".join(page_text(f"{one}.") for one in text.split(". ")).removesuffix(".")


def clauses(text: str) -> str:
    """The same of enumerations: no number of one is cut in its middle."""
    return "; ".join(map(sentences, text.split("; ")))


def page_head(title: str) -> str:
    """Everything before the first words: the policy stands before what it is about."""
    return (
        f'<!doctype html><meta charset=utf-8><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{page_text(title)}</title><style>{STYLE}</style>"
    )


def report_page(document: Mapping[str, Any]) -> str:
    """A whole page of one report. document: as in figures.json."""
    return page_head(f"{document['task']}: report") + report_body(document)


def write_page(folder: Path, document: Mapping[str, Any]) -> None:
    """Put the page beside the figures."""
    from viewer.project.disk.replacing import replace_file

    replace_file(folder / PAGE_FILE, report_page(document).encode("utf-8"))


def judged_words(document: Mapping[str, Any]) -> str:
    """On what the figures are: "the test part: 40 cases of 20 patients"."""
    part = PART_WORDS.get(str(document["part"]), str(document["part"]))
    return f"{part}: {counted(int(document['cases']), 'case')} of {counted(int(document['patients']), 'patient')}"


def headline(document: Mapping[str, Any]) -> str:
    """The figure that decides, and on what: "AUC 0.981 (0.970 to 0.990) on the test part: 40 cases of 20 patients".

    Why it has no interval, or is none, is a sentence of its own behind that.
    """
    return figure_on(document, f" on {judged_words(document)}")


def figure_on(document: Mapping[str, Any], judged: str) -> str:
    """The figure that decides, what it was judged on, then why it has no interval, or is none, as a sentence."""
    name = str(document["decides"])
    figure = document["answers"]["model"].get(name) or {}
    mark = (document.get("seen") or {}).get("mark") or ""
    value, _, why = figure_text(figure).partition(": ")
    value, _, lacks = value.partition(", no ")
    words = f"{metric_title(name)} {value}{judged}"
    if lacks or why:
        words += f". {f'No {lacks}' if lacks else 'Not defined'}{f': {why}' if why else ''}"
    return f"{words} · {mark}" if mark else words


def report_body(
    document: Mapping[str, Any],
    picture: Callable[[Curve], str] = curve_svg,
    forest: Callable[[Mapping[str, Any], float | None], str] = forest_svg,
) -> str:
    """What the page says, for whatever shows it: Qt makes its first two headings huge, so they are the next two.

    picture, forest: a curve, and the intervals of groups, as HTML; Qt's page knows no SVG. What
    each shows stands below them in words.
    """
    answers: Mapping[str, Mapping[str, Any]] = document["answers"]
    older = (name_title(str(run), [str(document["task"])]) for run in document["runs"])
    runs = ", ".join(map(str, document.get("titles") or older))
    reasons = SharedReasons(figure or {} for figure in answers["model"].values())
    rule = _rule(document)
    parts = [
        f"<h3>{page_text(document['task'])}: figures on {page_text(judged_words(document))}</h3>",
        f"<p>{page_text(title_of(str(document['model'])))} · {page_text(runs)} · snapshot "
        f"{page_text(short_id(str(document['snapshot'])))}</p>",
        f"<p><b>{page_text(headline(document))}</b></p><p>{page_text(document['sentence'])}</p>",
        "<h4>The model</h4>",
        *figures_of_model(answers["model"], reasons),
        f"{_reasons(reasons)}<p>Intervals: {sentences(str(document['interval']))}.</p>",
        *_curves(document, picture),
        *_controls(document),
        *_groups(document, forest),
        *_tables(document),
        *_trained(document),
        *_section("To be known", [note for note in document.get("notes", ()) if note != rule]),
        *_checklists(document),
    ]
    return "\n".join(parts)


def figures_of_model(figures: Mapping[str, Mapping[str, Any]], reasons: SharedReasons) -> Iterator[str]:
    """Every figure under the heading of its group, then those of single labels: a row for each."""
    alone = _of_each_label(figures)
    yield f"{_TABLE}<tr><th>Figure</th><th>Value (interval)</th><th>What it is</th></tr>"
    for group, names in grouped(name for name in figures if name not in set(alone)):
        yield f'<tr><th colspan="3">{page_text(group)}</th></tr>'
        for name in names:
            yield _row(metric_title(name), reasons.cell(figures[name] or {}), metric_meaning(name))
    yield "</table>"
    if not alone:
        return
    labels = list(dict.fromkeys(name.partition(":")[2] for name in alone))
    kinds = [kind for _, each in grouped(dict.fromkeys(name.partition(":")[0] for name in alone)) for kind in each]
    yield "<h4>Each label alone</h4>"
    yield f"{_TABLE}<tr><th></th>{''.join(f'<th>{page_text(metric_title(kind))}</th>' for kind in kinds)}</tr>"
    for label in labels:
        told = (f"{kind}:{label}" for kind in kinds)
        yield _row(label, *(reasons.cell(figures[name] or {}) if name in figures else "" for name in told))
    yield "</table>"
    unsaid = [kind for kind in kinds if kind not in figures]
    yield from (f"<p>{page_text(_told_kind(kind))}</p>" for kind in unsaid if metric_meaning(kind))


def _of_each_label(figures: Mapping[str, Any]) -> list[str]:
    """The names that are told of each of several labels."""
    parts = [name.partition(":") for name in figures]
    several = len({label for _, colon, label in parts if colon}) > 1
    return ["".join(each) for each in parts if each[1]] if several else []


def _told_kind(kind: str) -> str:
    title, meaning = metric_title(kind), metric_meaning(f"{kind}:each label")
    return f"{title[:1].upper()}{title[1:]}: {meaning}."


def _row(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{page_text(cell)}</td>' for cell in cells)}</tr>"


def _curves(document: Mapping[str, Any], picture: Callable[[Curve], str]) -> Iterator[str]:
    """Pictures beside each other as far as there is room, then what they show."""
    curves = read_curves(document.get("curves", ()), "the report")
    if curves:
        yield "<h4>Curves</h4>"
        yield f"<p>{' '.join(map(picture, curves))}</p>"
        yield from (f"<p>{page_text(curve_words(curve))}</p>" for curve in curves)


def _controls(document: Mapping[str, Any]) -> Iterator[str]:
    """What can be had without the network, on the same cases."""
    answers: Mapping[str, Mapping[str, Any]] = document["answers"]
    if len(answers) < 2:
        return
    others = {who: figures for who, figures in answers.items() if who != MODEL}
    yield "<h4>The same cases without the network</h4>"
    names = list(others)
    for start in range(0, len(names), MOST_BESIDE):
        some = {who: others[who] for who in names[start : start + MOST_BESIDE]}
        yield answers_table(some, list(answers[MODEL]))
    rows = document.get("controls") or ()
    yield from (f"<p>{page_text(_told_control(row))}</p>" for row in rows if not row["why"])
    lacking = "; ".join(f"{row['name']}: {row['why']}" for row in rows if row["why"])
    if lacking:
        yield f"<p>{page_text(f'Not there: {lacking}.')}</p>"


def _groups(
    document: Mapping[str, Any], forest: Callable[[Mapping[str, Any], float | None], str]
) -> Iterator[str]:  # fmt: skip
    """The intervals of the groups as bars; their tables stand with the others."""
    groups = document.get("groups")
    if not groups:
        return
    of_all = (document["answers"][MODEL].get(groups["ranked_by"]) or {}).get("value")
    drawn = forest(groups, of_all)
    if drawn:
        yield f"<h4>Groups of cases</h4><p>{page_text(groups['sentence'])}</p><p>{drawn}</p>"


def _told_control(row: Mapping[str, Any]) -> str:
    name = str(row["name"])
    return f"{name[:1].upper()}{name[1:]}: {row['tells']}."


def _trained(document: Mapping[str, Any]) -> Iterator[str]:
    """What each run started from, its epoch and its settings; an older report does not say it."""
    yield from _section("How it was trained", document.get("trained") or ())


def _checklists(document: Mapping[str, Any]) -> Iterator[str]:
    """What a publication must say, as far as the program knows it; an older report has none."""
    for checklist in there(document):
        yield f"<h4>{page_text(summary(checklist))}</h4><p>{page_text(checklist['source'])}.</p>"
        yield f"{_TABLE}<tr><th>Item</th><th>What is asked</th><th>What is told</th></tr>"
        for item in checklist["items"]:
            left = f"For the author: {item['author']}." if item["author"] and not item.get("words") else ""
            words = [f"<i>The author: {page_text(line)}</i>" for line in item.get("words", "").splitlines() if line]
            told = "<br>".join(filter(None, (clauses(item["says"]), *words, page_text(left))))
            yield f"<tr><td>{page_text(item['number'])}</td><td>{page_text(item['asks'])}</td><td>{told}</td></tr>"
        yield "</table>"


def _section(heading: str, sentences: Sequence[str]) -> Iterator[str]:
    """Sentences under their heading; without any it does not stand."""
    if sentences:
        yield f"<h4>{heading}</h4>"
    yield from (f"<p>{page_text(sentence)}</p>" for sentence in sentences)


def _rule(document: Mapping[str, Any]) -> str:
    """How scores become the answers of the tables; "" where there are none, or a report from before does not say it."""
    return str(document.get("rule") or "") if document.get("tables") else ""


def _reasons(reasons: SharedReasons) -> str:
    return "".join(f"<p>{page_text(line)}</p>" for line in reasons.lines)


def _tables(document: Mapping[str, Any]) -> Iterator[str]:
    """How scores become answers, truth against answers, and the cases; an older report has none."""
    if rule := _rule(document):
        yield f"<p>{page_text(rule)}</p>"
    for table in document.get("tables", ()):
        if not table["rows"] and not table["note"]:
            continue
        yield f"<h4>{page_text(table['title'])}</h4>"
        head = "".join(f"<th>{page_text(cell)}</th>" for cell in table["columns"])
        rows = ("".join(f"<td>{page_text(cell)}</td>" for cell in row) for row in table["rows"])
        yield f"{_TABLE}<tr>{head}</tr>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"
        if table["note"]:
            yield f"<p>{page_text(table['note'])}</p>"


def answers_table(answers: Mapping[str, Mapping[str, Any]], names: list[str]) -> str:
    """One row for each figure, under the heading of its group, and one column for each who answers."""
    reasons = SharedReasons(figures.get(name) or {} for figures in answers.values() for name in names)
    heads = "".join(f"<th>{page_text(who)}</th>" for who in answers)
    parts = [f"{_TABLE}<tr><th>Figure</th>{heads}</tr>"]
    for group, each in grouped(name for name in names if any(name in figures for figures in answers.values())):
        parts.append(f'<tr><th colspan="{1 + len(answers)}">{page_text(group)}</th></tr>')
        for name in each:
            cells = (reasons.cell(figures.get(name) or {}) for figures in answers.values())
            parts.append(_row(metric_title(name), *cells))
    return f"{''.join(parts)}</table>{_reasons(reasons)}"
