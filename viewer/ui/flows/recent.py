"""What was opened before, and where in it the person was."""

import datetime as dt
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

from viewer.core.checked import Fields, parse_json
from viewer.core.errors import BadFile, NotWritable
from viewer.reading.series import largest
from viewer.reading.sources.private_files import replaced
from viewer.reading.sources.remembered import THUMBNAILS, place_key, place_name, thumbnail_name
from viewer.ui.state.settings import Recent, Settings

if TYPE_CHECKING:
    from viewer.reading.scan import ScanResult
    from viewer.reading.series import Series
    from viewer.ui.state.session import Session

log = logging.getLogger(__name__)
OPEN_THEN = "open_then"  # the keys of the opened paths that were listed when the window was closed, in their order
LEFT_AT = "left_at"  # a word of the settings: the key of the opened path that was on the screen last, "" of a case


class RecentPlaces:
    """Of every folder that was opened: its row on the welcome page, its picture, the image that was shown last."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._roots: dict[str, str] = {}
        self.of_program: set[Path] = set()  # opened by the program and by nobody: not listed again beside the work

    def of(self, path: Path) -> dict[str, Any]:
        """Series and index of the image that was shown last below a path; empty when nothing is known."""
        word = self._session.settings.word(_name(path), "{}")
        try:
            found = Fields(parse_json(word, "the last place"), "the last place")
            return {"series": found.text("series"), "index": found.integer("index", 0, 10**9)}
        except BadFile:
            return {}

    def keep(self, series_id: str, index: int) -> None:
        """Remember where in an opened folder the person was."""
        root = self._roots.get(series_id)
        if root is not None:
            place = json.dumps({"series": series_id, "index": index}, allow_nan=False)
            self._session.settings.set_word(_name(Path(root)), place)

    def leave(self, series_id: str | None) -> None:
        """Remember which opened path the next start returns to; None where a case of the project was shown, or nothing.

        Its key alone: what takes a path off the list of what was opened takes it from here too.
        """
        root = self._roots.get(series_id) if series_id is not None else None
        self._session.settings.set_word(LEFT_AT, "" if root is None else place_key(Path(root)))

    def keep_open(self, further: Iterable[Path]) -> None:
        """Remember what is open, by its keys, for the next start's list. further: what is still to be listed."""
        roots = dict.fromkeys((*map(Path, self._roots.values()), *further))
        keys = [place_key(root) for root in roots if root not in self.of_program]
        self._session.settings.set_word(OPEN_THEN, json.dumps(keys, allow_nan=False))

    def roots_of(self, series_ids: Iterable[str]) -> tuple[Path, ...]:
        """The opened paths that these series came from."""
        return tuple(dict.fromkeys(Path(self._roots[one]) for one in series_ids if one in self._roots))

    def close(self, series_ids: Iterable[str]) -> tuple[Path, ...]:
        """These series are closed. Returns the opened paths of which no series is left."""
        roots = {self._roots.pop(series_id) for series_id in series_ids if series_id in self._roots}
        return tuple(Path(root) for root in roots.difference(self._roots.values()))

    def remember(self, paths: list[Path], result: "ScanResult") -> None:
        """Hang what a scan found on the welcome page's rail."""
        self.take(paths, result)
        patient = result.patients[0]
        series = largest(patient.studies[0].series)
        images = sum(len(s.frames) for p in result.patients for study in p.studies for s in study.series)
        words = " ".join(part for part in (series.modality, patient.studies[0].description.strip()) if part)
        title = patient.patient_id or patient.patient_name or paths[0].name
        more = len(result.patients) - 1
        entry = Recent(
            path=str(paths[0].absolute()),
            kind="study",
            title=title if not more else paths[0].name,
            detail=recent_detail(words, images, len(result.patients)),
            opened=dt.datetime.now().isoformat(timespec="seconds"),
            thumbnail=thumbnail_name(paths[0]),
        )
        self._session.settings.add_recent(entry)
        self._keep_picture(series, entry)

    def take(self, paths: list[Path], result: "ScanResult") -> None:
        """Note from where each series was opened."""
        for series in (s for p in result.patients for study in p.studies for s in study.series):
            self._roots[series.series_id] = str(paths[0])

    def _keep_picture(self, series: "Series", entry: Recent) -> None:
        """Draw the film that hangs from the rail; without one its place stays empty."""
        target = self._session.settings.folder / THUMBNAILS / entry.thumbnail

        def work() -> None:
            from viewer.ui.canvas.series_picture import series_picture

            with replaced(target) as beside:
                if not series_picture(series).save(str(beside)):
                    raise NotWritable(f"{target} cannot be written.")

        self._session.run_in_background(
            work, lambda _: None, lambda error: log.info("No picture was kept: %s", error), at_rest=True
        )


def left_at(settings: Settings) -> list[Path]:
    """What was opened and on the screen when the window was closed; empty where a case of a project was."""
    key = settings.word(LEFT_AT)
    return [Path(row.path) for row in settings.recent if row.kind == "study" and place_key(Path(row.path)) == key]


def open_then(settings: Settings) -> list[Path]:
    """What was listed when the window was closed, besides what was on the screen (`left_at`)."""
    try:
        keys = parse_json(settings.word(OPEN_THEN, "[]"), OPEN_THEN)
    except BadFile:
        return []
    known = {place_key(Path(row.path)): Path(row.path) for row in settings.recent if row.kind == "study"}
    on_screen = settings.word(LEFT_AT)
    return [known[key] for key in keys if key in known and key != on_screen] if is_texts(keys) else []


def is_texts(value: object) -> TypeGuard[list[str]]:
    """Whether it is a list of texts."""
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _name(path: Path) -> str:
    return place_name(path).removeprefix("word/")


def recent_detail(words: str, images: int, patients: int) -> str:
    """What hangs on the rail, such as "CT Chest · 134 images"; pictures have no modality to begin with."""
    parts = (words, f"{images} image{'s' if images != 1 else ''}", f"{patients} patients" if patients > 1 else "")
    return " · ".join(part for part in parts if part)
