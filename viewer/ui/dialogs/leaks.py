"""The leak audit of a snapshot: what stands in more than one part, pairs of films side by side."""

import contextlib
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from viewer.core.errors import AppError
from viewer.core.text.counting import counted
from viewer.reading.decoding.errand import Abandoned
from viewer.ui.dialogs.page_dialog import PageDialog
from viewer.ui.flows.snapshots import SnapshotRow
from viewer.ui.look.chips import ElidedLabel
from viewer.ui.look.plain_text import html_text, set_text

if TYPE_CHECKING:
    from viewer.project.leaks.document import Audit, Leak, Side
    from viewer.project.project import Project
    from viewer.ui.flows.desk import Desk

MOST_PAIRS = 30  # with their pictures
SIDE_PX = 200
ARE_ONE = (
    "Where two are one person, `negatoscope leaks` with --join makes one patient of them (it can be undone); a new "
    "snapshot then keeps them in one part."
)
Pictures = Mapping[str, NDArray[np.uint8]]
Found = tuple["Audit", Pictures]
Tell = Callable[[str, int, int], None]
CANCEL = "Cancel"


class LeaksDialog(PageDialog):
    """Reads the audit beside the window's thread; a snapshot without one is audited then, how far is told, and closing
    the dialog ends it. What was looked at is kept from time to time, so that it is not begun anew."""

    told = Signal(str, int, int)  # what is done, how much of it, of how much

    def __init__(self, session: "Desk", row: SnapshotRow, parent: QWidget | None = None) -> None:
        super().__init__(
            session, title=f"Leak audit of {row.name}", name="The snapshot's leak audit", size_px=(680, 620),
            copied="The leak audit is on the clipboard.", parent=parent,
        )  # fmt: skip
        self._images: dict[str, QImage] = {}
        project = session.project
        if project is not None:
            self.page.show_page("<p>Every film is looked at; this can take some minutes.</p>", {})
            self.shut.set_words(CANCEL)
            stopped = threading.Event()
            self.finished.connect(stopped.set)
            self.told.connect(self._on_told)
            self.read(lambda: audit_and_pictures(project, row.id, tell=partial(_told, self, stopped)))

    def beside_buttons(self) -> QWidget:
        """How far it is."""
        self.progress = ElidedLabel("second")
        return self.progress

    def _on_told(self, what: str, done: int, total: int) -> None:
        set_text(self.progress, f"{what[:1].upper()}{what[1:]}: {done} of {total}")

    def _on_read(self, facts: Found) -> None:
        self._has_ended()
        super()._on_read(facts)

    def _on_failed(self, error: Exception) -> None:
        self._has_ended()
        super()._on_failed(error)

    def _has_ended(self) -> None:
        set_text(self.progress, "")
        self.shut.set_words("Close")

    def html(self, facts: Found) -> str:
        """The sentences, then each pair."""
        audit, pictures = facts
        self._images = {
            name: QImage(grey.data, grey.shape[1], grey.shape[0], grey.shape[1], QImage.Format.Format_Grayscale8).copy()
            for name, grey in pictures.items()
        }
        return leaks_page(audit, frozenset(pictures), hidden=self._session.names_hidden)

    @property
    def pictures(self) -> Mapping[str, QImage]:
        return self._images


def _told(dialog: LeaksDialog, stopped: threading.Event, what: str, done: int, total: int) -> None:
    """On the thread that looks: end where nobody waits any more, else tell each hundredth."""
    if stopped.is_set():
        raise Abandoned
    if done % max(1, total // 100) == 0:
        with contextlib.suppress(RuntimeError):  # gone meanwhile
            dialog.told.emit(what, done, total)


def shown_first(audit: "Audit") -> tuple["Leak", ...]:
    """What the page has: that which crosses, then what lies within one part."""
    within = tuple(leak for leak in audit.found if not leak.crosses)
    return (*audit.crossing, *within)[:MOST_PAIRS]


def audit_and_pictures(project: "Project", snapshot_id: str, *, tell: Tell) -> Found:
    """The audit of a snapshot, and a small picture of each side of what is shown, by image id. tell: as `audit_of` has
    it; what it raises ends the work."""
    from viewer.project.leaks.audit import audit_of
    from viewer.project.snapshots.snapshot import Snapshot
    from viewer.reading.decoding.errand import current

    snapshot = Snapshot.load(project.folder, snapshot_id)
    errand = current()

    def watched(what: str, done: int, total: int) -> None:
        errand.check()
        tell(what, done, total)

    audit = audit_of(project, snapshot, tell=watched)
    items = {item.image_id: item for item in snapshot.items}
    pictures: dict[str, NDArray[np.uint8]] = {}
    for leak in shown_first(audit):
        for side in leak.sides[:2]:
            item = items.get(side.image_id)
            if item is not None and side.image_id not in pictures:
                try:
                    pictures[side.image_id] = _small_picture(item.path, item.frame_index)
                except AppError:
                    continue  # it is told among those that could not be looked at
    return audit, pictures


def _small_picture(path: "object", frame_index: int) -> NDArray[np.uint8]:
    """(row, col) uint8 in its ordinary window, no side longer than SIDE_PX."""
    from pathlib import Path

    from viewer.core.windowing import default_voi, display_table
    from viewer.reading.frames import read_frame
    from viewer.reading.series import FrameRef

    frame = read_frame(FrameRef(path=Path(str(path)), frame_index=frame_index))
    step = max(1, -(-max(frame.stored.shape[:2]) // SIDE_PX))
    table = display_table(frame.facts, default_voi(frame.stored, frame.facts), invert=False)
    shown = table.apply(np.ascontiguousarray(frame.stored[::step, ::step]))
    return np.ascontiguousarray(shown if shown.ndim == 2 else shown.mean(axis=2).astype(np.uint8))


def leaks_page(audit: "Audit", pictures: frozenset[str] = frozenset(), *, hidden: bool = False) -> str:
    """The audit as HTML. pictures: image ids whose picture is named. hidden: whether files and ids are not told."""
    from viewer.project.leaks.document import KINDS

    parts = [f"<p>{html_text(sentence)}</p>" for sentence in audit.sentences]
    if audit.found:
        parts.append(f"<p>{html_text(ARE_ONE)}</p>")
    for leak in shown_first(audit):
        turned = f", {leak.turned}" if leak.turned else ""
        where = "in more than one part" if leak.crosses else "within one part"
        parts.append(f"<h4>{html_text(f'{KINDS[leak.kind][2]}{turned}, {where}'.capitalize())}</h4>")
        cells = "".join(
            f'<td style="padding:4px 12px 4px 0px">{_picture(side, pictures)}<br>'
            f"{html_text(_words(side, leak.kind, hidden=hidden))}</td>"
            for side in leak.sides[:2]
        )
        parts.append(f'<table cellspacing="0"><tr>{cells}</tr></table>')
    more = len(audit.found) - len(shown_first(audit))
    if more > 0:
        parts.append(f"<p>And {counted(more, 'more', 'more')}: `negatoscope leaks` lists all.</p>")
    return "".join(parts)


def _picture(side: "Side", pictures: frozenset[str]) -> str:
    return f'<img src="{html_text(side.image_id)}" height="{SIDE_PX}">' if side.image_id in pictures else ""


def _words(side: "Side", kind: str, *, hidden: bool) -> str:
    images = f", {counted(side.images, 'image')}" if side.images > 1 else ""
    name = "" if hidden else f"{side.patient if kind == 'person' else side.file}, "
    return f"{name}in {side.part}{images}"
