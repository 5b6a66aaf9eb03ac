"""The written page needs nothing and runs nothing, and says no figure that figures.json does not hold."""

import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from ml.evaluation.curves import FALSE_RATES, RECALLS, curve_words, read_curves
from ml.evaluation.page import POLICY, page_text, report_page
from tests.evaluation.test_evaluating import SIDE, evaluated, logits  # noqa: F401  # a fixture
from viewer.core.labels import Verdict
from viewer.jobs.reports import checked_report

EVIL = '"><script>alert(1)</script><img src=http://x.test/a onerror="x"><a href=\'http://x.test\'>'
FETCHED = ("action", "background", "data", "formaction", "href", "poster", "src", "srcset", "style", "xlink:href")
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


class Page(HTMLParser):
    """tags: each with its attributes. words: what is read outside of pictures and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("svg", "style"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag == self._inside[-1]:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.words.append(data)


def leaves(value: Any) -> Iterator[Any]:
    """Every number and text of a document, its names too."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value


def written_numbers(document: Any) -> set[str]:
    """As they may be written: whole ones as they are, others with the digits of a figure, and those within texts."""
    found = set()
    for value in leaves(document):
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, (int, float)):
            found |= {f"{value}", f"{abs(value):.3f}"}
        else:
            found |= set(NUMBER.findall(str(value)))
    return found


@pytest.fixture
def evil(evaluated, film_of, tmp_path: Path) -> tuple[str, dict[str, Any]]:  # noqa: F811
    """The page and the figures of a report whose labels, patients, sites and files are called so."""
    rng = np.random.default_rng(0)
    label = f"sick {EVIL}"

    def film(number: int):
        return film_of(
            number, labels={label: Verdict.YES if number % 2 else Verdict.NO}, source=f"set {EVIL}",
            tags={"InstitutionName": f"{'North' if number % 3 else 'South'} {EVIL}", "PatientSex": "FM"[number % 2],
                  "Manufacturer": EVIL, "PatientAge": f"{30 + number % 50:03d}Y", "StudyDate": "20200101"},
        )  # fmt: skip

    films = {"train": [film(i) for i in range(100, 140)], "val": [film(i) for i in range(140, 160)],
             "test": [film(i) for i in range(80)]}  # fmt: skip
    for part in films.values():
        for one in part:
            one.patient_id = f"{one.patient_id} {EVIL}"
            one.path = Path(f"film 'a' \"b\" {EVIL.replace('/', '')} {one.image_id[-3:]}.png")
    said = [torch.tensor([float(rng.normal() + (i % 2))]) for i in range(80)]
    document, _ = evaluated("classification", (label,), [films], [said], prevalence=0.1)
    page = (tmp_path / "out" / "report.html").read_text()
    assert json.loads((tmp_path / "out" / "figures.json").read_text()) == json.loads(json.dumps(document))
    return page, document


def assure_harmless(page: Page) -> None:
    """No tag and no attribute but those that the page is made of, and nothing to be fetched."""
    kinds = {tag for tag, _ in page.tags}
    assert kinds <= {
        "meta", "title", "style", "h3", "h4", "p", "b", "i", "br", "table", "tr", "th", "td",
        "svg", "rect", "line", "polyline", "path", "text", "circle", "g",
    }, kinds  # fmt: skip
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name in FETCHED], tag
        assert "url(" not in str(attributes) or tag == "meta"


def test_nothing_that_a_file_says_runs_or_is_fetched(evil) -> None:
    text, document = evil
    page = Page(text)

    assure_harmless(page)
    metas = [attributes for tag, attributes in page.tags if tag == "meta"]
    assert metas[1] == {"http-equiv": "Content-Security-Policy", "content": POLICY}
    assert "default-src 'none'" in POLICY and "script-src" not in POLICY and "connect-src" not in POLICY
    assert "By site" in text and "&lt;script&gt;alert(1)" in text  # what was planted is there, as words
    assert any("film 'a' \"b\"" in words for words in page.words)
    # What the window reads back is as harmless as what was written.
    assure_harmless(Page(report_page(checked_report(document, "figures.json"))))


def test_what_an_edited_figures_file_says_is_words_too(evil) -> None:
    """Every text of it, whoever wrote it."""
    _, document = evil

    def planted(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: planted(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [planted(inner) for inner in value]
        return f"{value}{EVIL}" if isinstance(value, str) else value

    document = json.loads(json.dumps(document))
    kept = {name: document[name] for name in ("part", "decides")}
    words = planted({name: document[name] for name in document if name not in kept and name != "curves"})
    for checklist in (words["claim"], words["tripod_ai"]):
        for item in checklist["items"]:
            item["by"] = item["by"].removesuffix(EVIL)
    words["groups"]["ranked_by"] = document["groups"]["ranked_by"]

    assure_harmless(Page(report_page(checked_report({**words, **kept, "curves": []}, "figures.json"))))


def test_every_number_of_the_page_stands_in_figures_json(evil) -> None:
    text, document = evil
    known = written_numbers(document)

    curves = {curve_words(curve): curve for curve in read_curves(document["curves"], "figures.json")}
    asked = {f"{value:g}" for value in (*FALSE_RATES, *RECALLS)}
    for words, curve in curves.items():  # with two digits, of its own points
        points = [value for line in curve.lines for value in (*line.x, *line.y)]
        assert set(NUMBER.findall(words.replace(curve.of, ""))) <= {f"{value:.2f}" for value in points} | asked
    shown = {unescape(page_text(words)) for words in curves}
    told = {number for words in Page(text).words if words not in shown for number in NUMBER.findall(words)}

    assert len(told) > 100
    assert told - known == set()
    assert f"{document['answers']['model']['auc']['value']:.3f}" in told
