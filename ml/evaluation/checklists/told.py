"""Checklists filled for a report, as figures.json has them, and read back."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ml.card import Card
from ml.data.targets import Item as Case
from ml.evaluation.checklists import CHECKLISTS
from ml.evaluation.checklists.item import Checklist, Item, Known
from viewer.core.checked import Fields
from viewer.core.registry import load

# Who tells what an item asks.
PROGRAM, BOTH, AUTHOR = "program", "program and author", "author"
MOST_ITEMS = 200


def add_checklists(
    document: dict[str, Any], cards: Sequence[Card], snapshot_card: Mapping[str, Any],
    parts: Mapping[str, Sequence[Case]], about: Mapping[str, str],
) -> None:  # fmt: skip
    """Put each checklist into a report's document, which is complete but for them: "claim", "tripod_ai".

    parts: the cases of what was judged by part, as `item.Known` has them. about: what the author wrote of the study
    (`viewer.project.disk.about`).
    """
    known = Known(document=document, cards=cards, snapshot_card=snapshot_card, parts=parts)
    document |= {name: filled(load(CHECKLISTS, name), known) for name in CHECKLISTS}
    document |= in_words_of(document, about)


def in_words_of(document: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """The checklists of a report with what the author wrote, now, beside what the program tells; counted anew.

    What the program fills by itself is counted apart and does not change.
    """
    return {
        name: None if document.get(name) is None else _in_words(load(CHECKLISTS, name), document[name], about)
        for name in CHECKLISTS
        if name in document
    }


def _in_words(checklist: Checklist, told: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    asked = {item.number: item.about for item in checklist.items}
    items = [
        {**item, "words": _words(asked.get(item["number"], ()), about) if item["by"] != PROGRAM else ""}
        for item in told["items"]
    ]
    by = [item["by"] for item in items if not item["words"]]
    return {
        **told,
        "answered": sum(bool(item["words"]) for item in items),
        "in_part": by.count(BOTH),
        "for_the_author": by.count(AUTHOR),
        "items": items,
    }


def _words(asked: Sequence[str], about: Mapping[str, str]) -> str:
    return "\n".join(about[name] for name in asked if about.get(name))


def filled(checklist: Checklist, known: Known) -> dict[str, Any]:
    """{"name", "source", "of", "filled", "answered", "in_part", "for_the_author", "items"}; an item is {"number",
    "asks", "by", "says", "author", "words"}: says what the program tells, author what a person is to write, "" where
    nothing is left, words what they wrote. answered: those with words, which are in none of the other counts."""
    items = [_item(item, known) for item in checklist.items]
    by = [item["by"] for item in items]
    return {
        "name": checklist.name,
        "source": checklist.source,
        "of": len(items),
        "filled": by.count(PROGRAM),
        "answered": 0,
        "in_part": by.count(BOTH),
        "for_the_author": by.count(AUTHOR),
        "items": items,
    }


def _item(item: Item, known: Known) -> dict[str, str]:
    says = item.says(known)
    by = AUTHOR if not says else PROGRAM if item.is_whole(known) else BOTH
    return {
        "number": item.number, "asks": item.asks, "by": by, "says": says,
        "author": "" if by == PROGRAM else item.author, "words": "",
    }  # fmt: skip


def summary(checklist: Mapping[str, Any]) -> str:
    """ "CLAIM 2024: 27 of 44 filled by the program, 3 answered by the author, 8 in part, 6 for the author"."""
    answered = f"{checklist['answered']} answered by the author, " if checklist.get("answered") else ""
    return (
        f"{checklist['name']}: {checklist['filled']} of {checklist['of']} filled by the program, {answered}"
        f"{checklist['in_part']} in part, {checklist['for_the_author']} for the author"
    )


def there(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Those of a report; an older one has none."""
    yield from (document[name] for name in CHECKLISTS if document.get(name))


def read_checklists(report: Fields) -> dict[str, Any]:
    """Those of a report, each of the type that it must be; None for one that an older report has not."""
    return {name: None if report.plain_or_none(name) is None else _read(report.inner(name)) for name in CHECKLISTS}


def _read(fields: Fields) -> dict[str, Any]:
    items = fields.plain_value("items")
    if not isinstance(items, list) or len(items) > MOST_ITEMS:
        raise fields.refuse("items", f"a list of at most {MOST_ITEMS} items")
    each = [fields.among(item, "items") for item in items]
    return {
        **{name: fields.text(name, most=1000) for name in ("name", "source")},
        **{name: fields.integer(name, 0, MOST_ITEMS) for name in ("of", "filled", "in_part", "for_the_author")},
        "answered": fields.integer("answered", 0, MOST_ITEMS, 0),  # an older report has none
        "items": [
            {
                **{name: one.text(name, most=20_000) for name in ("number", "asks", "says", "author")},
                "by": one.word("by", (PROGRAM, BOTH, AUTHOR)),
                "words": one.text("words", "", most=20_000),
            }
            for one in each
        ],
    }
