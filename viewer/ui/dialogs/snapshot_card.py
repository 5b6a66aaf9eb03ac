"""The card of a snapshot: what it took and left out, and how it is divided, part by part and label by label."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from viewer.core.text.counting import counted, percents
from viewer.project.combining import AGREED
from viewer.project.snapshots.card import PartCounts, part_counts, sample_words
from viewer.project.snapshots.parts import PART_WORDS, CaseParts, Tally
from viewer.ui.dialogs.page_dialog import PageDialog
from viewer.ui.dialogs.readings_rule import readings_words
from viewer.ui.flows.snapshots import SnapshotRow
from viewer.ui.look.plain_text import html_text

if TYPE_CHECKING:
    from viewer.project.project import Project
    from viewer.ui.flows.desk import Desk

FILES_NAMED = 5
NONE = Tally(images=0, patients=0, cases=0)
OF_EACH_LABEL = "Of each label: images / patients / cases that show it."
Tallies = Mapping[str, Mapping[str, Tally]]
Card = tuple[dict[str, Any], CaseParts, Tallies]
LEAKS = "leak audit"  # where the page has the sentences of the audit, which is no part of the card's file
METHODS = {"ratio": "by shares", "file": "as a file says"}


class SnapshotCardDialog(PageDialog):
    """Reads the card beside the window's thread and shows it as a page of our own, which loads nothing."""

    def __init__(self, session: "Desk", row: SnapshotRow, parent: QWidget | None = None) -> None:
        super().__init__(
            session, title=f"Snapshot {row.name}", name="The snapshot's card", size_px=(680, 520),
            copied="The card is on the clipboard.", parent=parent,
        )  # fmt: skip
        project = session.project
        if project is not None:
            self.read(lambda: _card_of(project, row.id))

    def html(self, facts: Card) -> str:
        """The card."""
        return card_page(*facts, several=self._session.readings.several)


def _card_of(project: "Project", snapshot_id: str) -> Card:
    from viewer.project.leaks.document import read_audit
    from viewer.project.snapshots.parts import case_parts, label_tallies
    from viewer.project.snapshots.snapshot import read_places, snapshot_folder

    folder = snapshot_folder(project.folder, snapshot_id)
    card, _ = read_places(folder)
    audit = read_audit(folder)
    said = ("Not made yet: choose Dataset, Leak audit",) if audit is None else audit.sentences
    card = {**card, LEAKS: said}
    return card, case_parts(project, snapshot_id), label_tallies(project, snapshot_id)


def card_page(card: Mapping[str, Any], parts: CaseParts, tallies: Tallies, *, several: bool = False) -> str:
    """The card as HTML. card: as `read_card` gives it. parts: where its cases are in the project now.

    several: whether the project has several readings, so that what is taken of them is said also where it is no choice.
    """
    facts = "".join(
        f'<tr><td style="padding-right:16px">{html_text(name)}</td><td>{html_text(words)}</td></tr>'
        for name, words in _facts(card, several=several)
    )
    # A card has a test part too where its snapshot has folds, with nothing in it unless earlier ones have tested.
    counts = {name: one for name, one in part_counts(card).items() if name in parts.names or one.images}
    named = [PART_WORDS.get(name, name).capitalize() for name in counts]
    head = "".join(f'<th style="padding:2px 12px">{html_text(one)}</th>' for one in ("", *named))
    body = "".join(
        f'<tr><td style="padding:2px 12px">{html_text(name)}</td>'
        + "".join(f'<td align="right" style="padding:2px 12px">{html_text(words)}</td>' for words in cells)
        + "</tr>"
        for name, cells in _table(counts, parts, tallies, exclusive=bool(card["task"]["exclusive"]))
    )
    return (
        f'<table cellspacing="0" cellpadding="3">{facts}</table><h4>How it is divided</h4>'
        f'<table border="1" cellspacing="0"><tr>{head}</tr>{body}</table><p>{OF_EACH_LABEL}</p>'
    )


def _facts(card: Mapping[str, Any], *, several: bool) -> Iterator[tuple[str, str]]:
    """(name, words) of each line above the table."""
    task, split = card["task"], card["split"]
    yield "Task", f"{task['name']}, {task['kind']}"
    yield "Labels", " · ".join(task["labels"])  # a label may hold a comma
    yield "Rule", "exactly one label per image" if task["exclusive"] else "each label for itself"
    if several or "readings" in task:  # a card without a rule has that of all
        yield "Of several readings", readings_words(str(task.get("readings", AGREED)))
    if sample_words(card):
        yield "Sample", sample_words(card)
    yield "Split", split_words(split, card.get("split_file", {}))
    yield "Seed", str(card["seed"])
    yield "Took", f"{counted(card['images'], 'image')} of {counted(card['patients'], 'patient')}, complete cases only"
    for reason, count in card.get("left_out", {}).items():
        yield "Left out", f"{counted(count, 'image')}: {reason}{_files(card.get('left_out_of', {}).get(reason, ()))}"
    for note in card.get("notes", ()):
        yield "Note", note
    kept = card.get("pinned_test_images", 0)
    if isinstance(kept, int) and kept:
        yield "Kept in test", f"{counted(kept, 'image')} that an earlier snapshot of this task has tested on"
    for sentence in card.get(LEAKS, ()):
        yield "Leak audit", sentence.removeprefix("Leak audit: ")
    yield "Made", _moment(str(card["created"]))
    yield "Id, of its content", str(card["id"])


def _moment(time: str) -> str:
    """A time of a card as this computer's clock shows it; as it stands where it is none."""
    try:
        return f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return time


def split_words(split: Mapping[str, Any], file: object = None) -> str:
    """How patients were divided: "by patient, by shares: 70, 15 and 15 %"."""
    method = METHODS.get(split.get("method", ""), "")
    how = f"by patient, {method}" if method else "by patient"
    shares = percents(split.get("shares", ()))
    if len(shares) == len(PART_WORDS):
        return f"{how}: {shares[0]} % train, {shares[1]} % validation, {shares[2]} % test"
    folds = int(split.get("folds", 0))
    if split.get("method") == "folds":
        return f"by patient, into {counted(folds, 'fold')}"
    name = str(file.get("name", "")) if isinstance(file, Mapping) else ""
    return ": ".join(filter(None, (how, name))) + (f", {counted(folds, 'fold')}" if folds else "")


def _files(names: Sequence[str]) -> str:
    more = f" and {len(names) - FILES_NAMED} more" if len(names) > FILES_NAMED else ""
    return f" ({', '.join(names[:FILES_NAMED])}{more})" if names else ""


def _table(
    counts: Mapping[str, PartCounts], parts: CaseParts, tallies: Tallies, *, exclusive: bool
) -> Iterator[tuple[str, list[str]]]:
    """(what is counted, its words for each part)."""
    cases = parts.counts()
    yield "Cases in the project now", [str(cases.get(name, 0)) for name in counts]
    yield "Patients", [str(one.patients) for one in counts.values()]
    yield "Images", [str(one.images) for one in counts.values()]
    for label, of_part in tallies.items():
        found = [of_part.get(name, NONE) for name in counts]
        yield label, [f"{one.images} / {one.patients} / {one.cases}" for one in found]
        words = dict.fromkeys(word for one in counts.values() for word in one.of_label.get(label, {}))
        for word in words:
            numbers = [one.of_label.get(label, {}).get(word, 0) for one in counts.values()]
            said = word == "yes" or (exclusive and word != "objects")  # above, or by the other labels
            if not said and any(numbers):
                yield f"{label}: {word}", list(map(str, numbers))
    if any(one.with_none is not None for one in counts.values()):
        yield "Images with none of them", [str(one.with_none or 0) for one in counts.values()]
