"""The HTML that we write holds no script, whatever the names in it are, and links only what lies beside it."""

from html.parser import HTMLParser
from pathlib import Path

import pytest

from viewer.cli.demo_report import Report, write_report

EVIL = "</td><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\u202e\0"
FIGURE = {"value": 0.5, "low": None, "high": None}


class Page(HTMLParser):
    """What a browser would make of the page: its tags with their attributes, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture
def page(tmp_path: Path) -> Page:
    report = Report()
    report.say(EVIL, EVIL)
    report.show(tmp_path / f"javascript:alert(1) {EVIL.replace('/', '')[:40]}.png".replace("\0", ""), EVIL)
    report.command(["scan", EVIL])
    document = {
        "model": EVIL, "part": EVIL, "cases": EVIL, "patients": 1, "interval": EVIL, "sentence": EVIL,
        "answers": {"model": {EVIL: FIGURE}, EVIL: {EVIL: FIGURE}},
    }  # fmt: skip
    report.figures(EVIL, document)
    read = Page()
    read.feed(write_report(tmp_path / "report.html", report, seconds=1).read_text(encoding="utf-8"))
    return read


def test_no_name_becomes_a_tag_or_an_attribute(page: Page) -> None:
    assert {tag for tag, _ in page.tags} <= {
        "meta", "title", "style", "h1", "h2", "p", "b", "table", "tr", "td", "th", "figure", "img", "figcaption", "pre",
    }  # fmt: skip
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert page.words.count("<script>alert(1)</script>") >= 10, "the names stand there, as text"
    assert not {"\0", "\u202e"} & set(page.words)


def test_the_page_forbids_itself_to_run_or_load_anything(page: Page) -> None:
    policies = [
        a["content"] for tag, a in page.tags if tag == "meta" and a.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies and "default-src 'none'" in str(policies[0]) and "script-src" not in str(policies[0])
    place = [tag for tag, _ in page.tags].index("style")
    assert any(a.get("http-equiv") for _, a in page.tags[:place]), "the policy stands before what it is about"


def test_links_lead_to_files_beside_the_page(page: Page) -> None:
    sources = [str(a["src"]) for tag, a in page.tags if tag == "img"]
    assert sources and all(source.startswith("./") for source in sources)
    assert not [a for _, a in page.tags if "href" in a]


def test_the_study_s_table_holds_no_tag_and_no_cell_of_a_name() -> None:
    from viewer.cli.study import as_markdown

    evil = "a | b <script>alert(1)</script>\n| c | `d`"
    row = {
        "title": evil, "cases": 1, "patients": 1, "model": evil, "baseline": evil, "train_seconds": 60.0,
        "device": [evil], "figures": ["auc"], "sentence": evil, "command": evil,
        "answers": {"model": {"auc": FIGURE | {"value": 0.5}}, evil: {"auc": FIGURE}},
    }  # fmt: skip
    lines = as_markdown({"rows": [row]}).splitlines()
    assert [line.replace("\\|", "").count("|") for line in lines[:3]] == [8, 8, 8]
    assert "<script>" not in "\n".join(line.rpartition("`a")[0] or line for line in lines), "but in the command's code"
    assert len(lines) == 5 and lines[-1].count("`") == 2, "the command's own"
