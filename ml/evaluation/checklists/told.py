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
    parts: Mapping[str, Sequence[Case]],
) -> None:  # fmt: skip
    """Put each checklist into a report's document, which is complete but for them: "claim", "tripod_ai".

    parts: the cases of what was judged by part, as `item.Known` has them.
    """
    known = Known(document=document, cards=cards, snapshot_card=snapshot_card, parts=parts)
    document |= {name: filled(load(CHECKLISTS, name), known) for name in CHECKLISTS}


def filled(checklist: Checklist, known: Known) -> dict[str, Any]:
    """{"name", "source", "of", "filled", "in_part", "for_the_author", "items"}; an item is {"number", "asks", "by",
    "says", "author"}: says what the program tells, author what a person is to write, "" where nothing is left."""
    items = [_item(item, known) for item in checklist.items]
    by = [item["by"] for item in items]
    return {
        "name": checklist.name,
        "source": checklist.source,
        "of": len(items),
        "filled": by.count(PROGRAM),
        "in_part": by.count(BOTH),
        "for_the_author": by.count(AUTHOR),
        "items": items,
    }


def _item(item: Item, known: Known) -> dict[str, str]:
    says = item.says(known)
    by = AUTHOR if not says else PROGRAM if item.is_whole(known) else BOTH
    return {
        "number": item.number, "asks": item.asks, "by": by, "says": says,
        "author": "" if by == PROGRAM else item.author,
    }  # fmt: skip


def summary(checklist: Mapping[str, Any]) -> str:
    """ "CLAIM 2024: 27 of 44 filled by the program, 9 in part, 8 for the author"."""
    return (
        f"{checklist['name']}: {checklist['filled']} of {checklist['of']} filled by the program, "
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
        "items": [
            {
                **{name: one.text(name, most=20_000) for name in ("number", "asks", "says", "author")},
                "by": one.word("by", (PROGRAM, BOTH, AUTHOR)),
            }
            for one in each
        ],
    }
