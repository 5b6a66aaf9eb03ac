"""From paths to patients, studies and series; whatever is no image is named with its reason."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from viewer.core.boundary import at_boundary
from viewer.core.errors import Ambiguous, AppError, BadFile, UnknownName
from viewer.core.text.privacy import description_shown
from viewer.reading.dicom.opening import open_dicom
from viewer.reading.dicom.parsed_file import NotDicom
from viewer.reading.facts.instance_facts import InstanceFacts
from viewer.reading.grouping.instance import Directory, PresentationStateFile, instance_facts
from viewer.reading.grouping.into_series import series_groups, split_group
from viewer.reading.grouping.parts import FileFacts, first_key, natural_key
from viewer.reading.grouping.series_of import series_of
from viewer.reading.grouping.volume_series import VOLUME_KINDS, volume_series
from viewer.reading.header_index import HeaderIndex, Stamp
from viewer.reading.pictures.raster import raster_kind
from viewer.reading.pictures.scanned import raster_facts
from viewer.reading.series import Series
from viewer.reading.sources.archive import is_archive, on_disk, under_its_name
from viewer.reading.sources.companions import is_companion
from viewer.reading.sources.folder import asked_for, files_below
from viewer.reading.volume_files.header import HEAD_BYTES, volume_kind

if TYPE_CHECKING:
    from viewer.reading.facts.presentation_state import PresentationState

LISTED_AT_ONCE = 256
MANY_FILES = 64  # from here on the first image is given before the rest is even listed
PARTLY_S = 0.5  # and what there is so far, at the earliest after this
PARTLY_SHARE = 0.1  # of the time: grouping what there is takes longer the more there is


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A file that is not shown. reason: one sentence. is_state: it is a presentation state."""

    path: Path
    reason: str
    is_state: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One examination. study_date: as in the file (YYYYMMDD), "" when unknown."""

    study_uid: str
    study_date: str
    description: str
    series: tuple[Series, ...]

    def described(self, *, names_hidden: bool) -> str:
        """Its description; "" where names are hidden and it says who the patient is."""
        who = self.series[0]
        return description_shown(
            self.description, patient_id=who.patient_id, patient_name=who.patient_name, names_hidden=names_hidden
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One person. source: where patient_id is valid; patient_id is text, leading zeros kept."""

    source: str
    patient_id: str
    patient_name: str
    studies: tuple[Study, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """What lies below the paths. cancelled: the scan was stopped, so there may be more.

    presentation_states: those about images that are there; others are problems.
    """

    patients: tuple[Patient, ...]
    problems: tuple[Problem, ...]
    cancelled: bool = False
    presentation_states: "tuple[PresentationState, ...]" = ()


def scan(
    paths: Sequence[Path],
    *,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    index: HeaderIndex | None = None,
    partly: Callable[[ScanResult], None] | None = None,
) -> ScanResult:
    """Read the header of every file below `paths`. Never raises for a file; see `problems`.

    progress: called with (files done, files in all), and with (0, files found so far) while folders are listed.
    cancelled: asked between files and while folders are listed. index: headers read before. partly: called with what is
    there so far, first with one image while folders are still listed, then seldom; never for a few files.
    """
    unreadable: list[tuple[Path, str]] = []
    reading = _Reading(index=index)
    listed: list[tuple[Path, Path]] = []
    for pair in files_below([asked_for(path) for path in paths], unreadable, cancelled=cancelled):
        listed.append(pair)
        if progress is not None and len(listed) % LISTED_AT_ONCE == 0:
            progress(0, len(listed))
        if partly is not None and len(listed) == MANY_FILES:
            partly(ScanResult(patients=_patients(reading.first_of(listed)), problems=()))
    reading.problems += [Problem(path=path, reason=reason) for path, reason in unreadable]
    stopped = cancelled()
    if index is not None and not stopped:
        reading.known |= index.recall([file for _, file in listed])
    due = time.monotonic() + PARTLY_S
    for number, (asked, file) in enumerate(listed):
        if stopped or cancelled():
            stopped = True
            break
        if progress is not None and (number % 16 == 0 or number + 1 == len(listed)):
            progress(number + 1, len(listed))
        reading.read(asked, file)
        if partly is not None and number % 16 == 0 and time.monotonic() > due:
            began = time.monotonic()
            # A presentation state's images may still come: it is no problem yet.
            problems = tuple(problem for problem in reading.problems if not problem.is_state)
            partly(ScanResult(patients=_patients(reading.found), problems=problems))
            due = time.monotonic() + max(PARTLY_S, (time.monotonic() - began) / PARTLY_SHARE)
    reading.keep()
    return with_states(
        ScanResult(patients=_patients(reading.found), problems=tuple(reading.problems), cancelled=stopped)
    )


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What a scan has read so far. known: facts by file, None for a file that was read and is no image."""

    index: HeaderIndex | None
    found: list[FileFacts] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    known: dict[Path, InstanceFacts | None] = field(default_factory=dict)
    _fresh: list[tuple[Path, Stamp, InstanceFacts]] = field(default_factory=list)
    _sources: dict[Path, str] = field(default_factory=dict)

    def read(self, asked: Path, file: Path) -> None:
        """Add the facts of one file to `found`, or a problem."""
        facts = self._facts(asked, file)
        if facts is not None:
            self.found.append(FileFacts(path=file, source=self._source(asked, file), facts=facts))

    def first_of(self, listed: Sequence[tuple[Path, Path]]) -> list[FileFacts]:
        """The first image among some files; what was read for it is not read again."""
        for asked, file in listed:
            facts = self._facts(asked, file)
            self.known[file] = facts
            if facts is not None:
                return [FileFacts(path=file, source=self._source(asked, file), facts=facts)]
        return []

    def keep(self) -> None:
        """Remember in the index what was read."""
        if self.index is not None and self._fresh:
            self.index.keep(self._fresh)

    def _facts(self, asked: Path, file: Path) -> InstanceFacts | None:
        if file in self.known:
            return self.known[file]
        stamp = Stamp.of(file) if self.index is not None else None  # before: what is written meanwhile is read again
        facts = _read_facts(file, self.problems, named=file == asked)
        if facts is not None and stamp is not None:
            self._fresh.append((file, stamp, facts))
        return facts

    def _source(self, asked: Path, file: Path) -> str:
        source = self._sources.get(asked)
        if source is None:
            whole = asked.is_dir() or is_archive(asked)
            source = asked.resolve().name if whole else file.parent.resolve().name
            self._sources[asked] = source
        return source


def with_states(result: ScanResult) -> ScanResult:
    """Presentation states of images that are there are no problems."""
    paths = [problem.path for problem in result.problems if problem.is_state]
    if not paths:
        return result
    from viewer.reading.facts.presentation_state import states_among

    instances = {ref.sop_instance_uid for series in all_series(result) for ref in series.frames} - {""}
    states = states_among(paths, instances)
    known = {state.path for state in states}
    problems = tuple(problem for problem in result.problems if problem.path not in known)
    return replace(result, problems=problems, presentation_states=states)


def _read_facts(file: Path, problems: list[Problem], *, named: bool) -> InstanceFacts | None:
    """The facts of one file, or None with a problem added where a person should hear of it."""
    try:
        with at_boundary(file), under_its_name(file) as place:
            return _facts_on_disk(place, named=named)
    except Directory:
        if named:
            problems.append(Problem(path=file, reason=f"{file} is a list of images (DICOMDIR); open its folder."))
        problems.extend(_media_problems(file))
    except AppError as error:
        state = isinstance(error, PresentationStateFile)
        problems.append(Problem(path=file, reason=str(error), is_state=state))
    return None


def _facts_on_disk(place: Path, *, named: bool) -> InstanceFacts | None:
    """The facts of a DICOM file, a picture or a volume; None for what is no image and was not asked for by name."""
    if named and place.exists() and not place.is_file():  # folders list files only; opening a pipe could wait for ever
        raise BadFile(f"{place} is neither a file nor a folder (a pipe, socket or device) and was not opened.")
    try:
        return instance_facts(open_dicom(place))
    except NotDicom:
        with place.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
        if raster_kind(head):
            return raster_facts(place)
        if volume_kind(head):
            from viewer.reading.volume_files.file import volume_facts

            return volume_facts(place)
        if is_companion(place) and not named:
            return None
        raise


def _media_problems(list_file: Path) -> list[Problem]:
    from viewer.reading.dicom.media import media_faults

    try:
        faults = media_faults(on_disk(list_file), shown_as=list_file)
    except AppError as error:
        faults = [(list_file, str(error))]
    return [Problem(path=path, reason=reason) for path, reason in faults]


def _patients(files: Sequence[FileFacts]) -> tuple[Patient, ...]:
    studies_of_uid: dict[tuple[str, str], set[str]] = defaultdict(set)
    for file in files:
        if file.facts.series_uid:
            studies_of_uid[file.source, file.facts.series_uid].add(file.facts.study_uid)
    people: dict[tuple[str, ...], dict[str, list[_Member]]] = defaultdict(lambda: defaultdict(list))
    for group in series_groups(files):
        if group[0].facts.kind in VOLUME_KINDS:
            for file in group:
                every = volume_series(file)
                people[_person(file)][""].extend(_Member(file, file, series) for series in every)
            continue
        studies = len(studies_of_uid.get((group[0].source, group[0].facts.series_uid), ()))
        stacks = split_group(group)
        for number, stack in enumerate(stacks):
            first = stack.files[0]
            series = series_of(stack, group, studies=studies, part_number=number)
            people[_person(first)][first.facts.study_uid].append(_Member(stacks[0].files[0], first, series))
    patients = [_patient(studies) for studies in people.values()]
    return tuple(sorted(patients, key=lambda p: (p.source, natural_key(p.patient_id), p.patient_name)))


def _person(file: FileFacts) -> tuple[str, ...]:
    facts = file.facts
    if facts.patient_id:
        return file.source, facts.patient_id
    # Without an id nothing says that two studies show one person.
    return file.source, "", facts.patient_name, facts.study_uid or str(file.path.parent)


class _Member(NamedTuple):
    """A series on its way into a study. head: the first file of all that share its series UID."""

    head: FileFacts
    first: FileFacts
    series: Series


def _listing_key(member: _Member) -> tuple[Any, ...]:
    """Series by number, description and time; the parts of one follow each other in their own order.

    Nothing is left to UIDs: they are in no order that a person knows.
    """
    facts, series = member.head.facts, member.series
    return (
        natural_key(facts.series_number),
        natural_key(facts.series_description),
        first_key([member.head]),
        series.series_uid,
        series.part_number,
        series.series_id,
    )


def _patient(studies: dict[str, list[_Member]]) -> Patient:
    listed = []
    for uid, members in studies.items():
        ordered = sorted(members, key=_listing_key)
        facts = [member.first.facts for member in members]
        description = next((fact.study_description for fact in facts if fact.study_description), "")
        series = tuple(member.series for member in ordered)
        study = Study(study_uid=uid, study_date=facts[0].study_date, description=description, series=series)
        listed.append((study, first_key([member.head for member in members])))
    listed.sort(key=lambda pair: (pair[0].study_date, pair[1], pair[0].study_uid))
    every = [series for study, _ in listed for series in study.series]
    return Patient(
        source=every[0].source,
        patient_id=every[0].patient_id,
        patient_name=next((s.patient_name for s in every if s.patient_name), ""),
        studies=tuple(study for study, _ in listed),
    )


def all_series(result: ScanResult) -> list[Series]:
    """Every series, in the order of the result."""
    return [series for patient in result.patients for study in patient.studies for series in study.series]


def find_series(result: ScanResult, id_or_uid: str) -> Series:
    """The series with this series_id (or its beginning) or series UID. Raises UnknownName or Ambiguous."""
    every = all_series(result)
    exact = [s for s in every if id_or_uid in (s.series_id, s.series_uid)]
    matches = exact or [s for s in every if len(id_or_uid) >= 4 and s.series_id.startswith(id_or_uid)]
    if not matches:
        names = ", ".join(s.series_id for s in every[:8]) or "none"
        raise UnknownName(f"There is no series {id_or_uid!r}; there are {names}.")
    if len(matches) > 1:
        names = ", ".join(
            f"{s.series_id} ({f'{s.part}, ' if s.part else ''}{len(s.frames)} images)" for s in matches[:8]
        )
        raise Ambiguous(f"{id_or_uid!r} names {len(matches)} series; choose one by its id: {names}.")
    return matches[0]
