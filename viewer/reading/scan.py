"""From paths to patients, studies and series; whatever is no image is named with its reason."""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from viewer.core.errors import Ambiguous, AppError, NotFound
from viewer.reading.dicom_file import NotDicom, open_dicom
from viewer.reading.folder import files_below, is_companion
from viewer.reading.grouping import FileFacts, natural_key, series_groups, split_group
from viewer.reading.header_index import HeaderIndex, Stamp
from viewer.reading.instance import Directory, InstanceFacts, instance_facts, raster_facts
from viewer.reading.raster import raster_kind
from viewer.reading.series import Series
from viewer.reading.series_of import series_of

log = logging.getLogger(__name__)
LISTED_AT_ONCE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A file that is not shown. reason: one sentence."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One examination. study_date: as in the file (YYYYMMDD), "" when unknown."""

    study_uid: str
    study_date: str
    description: str
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One person. source: where patient_id is valid; patient_id is text, leading zeros kept."""

    source: str
    patient_id: str
    patient_name: str
    studies: tuple[Study, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """What lies below the paths. cancelled: the scan was stopped, so there may be more."""

    patients: tuple[Patient, ...]
    problems: tuple[Problem, ...]
    cancelled: bool = False


def scan(
    paths: Sequence[Path],
    *,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    index: HeaderIndex | None = None,
) -> ScanResult:
    """Read the header of every file below `paths`. Never raises for a file; see `problems`.

    progress: called with (files done, files in all), and with (0, files found so far) while folders are listed.
    cancelled: asked between files and while folders are listed. index: headers read before.
    """
    unreadable: list[tuple[Path, str]] = []
    listed: list[tuple[Path, Path]] = []
    for pair in files_below([_asked(path) for path in paths], unreadable, cancelled=cancelled):
        listed.append(pair)
        if progress is not None and len(listed) % LISTED_AT_ONCE == 0:
            progress(0, len(listed))
    problems = [Problem(path=path, reason=reason) for path, reason in unreadable]
    found: list[FileFacts] = []
    stopped = cancelled()
    known = index.recall([file for _, file in listed]) if index is not None and not stopped else {}
    fresh: list[tuple[Path, Stamp, InstanceFacts]] = []
    for number, (asked, file) in enumerate(listed):
        if stopped or cancelled():
            stopped = True
            break
        if progress is not None and (number % 16 == 0 or number + 1 == len(listed)):
            progress(number + 1, len(listed))
        facts = known.get(file)
        if facts is None:
            facts = _read_facts(file, problems, named=file == asked)
            stamp = Stamp.of(file)
            if facts is not None and stamp is not None and index is not None:
                fresh.append((file, stamp, facts))
        if facts is not None:
            source = asked.resolve().name if asked.is_dir() else file.parent.resolve().name
            found.append(FileFacts(path=file, source=source, facts=facts))
    if index is not None and fresh:
        index.keep(fresh)
    return ScanResult(patients=_patients(found), problems=tuple(problems), cancelled=stopped)


def _asked(path: Path) -> Path:
    # A DICOMDIR stands for the folder it lists.
    return path.parent if path.name.upper() == "DICOMDIR" and path.is_file() else path


def _read_facts(file: Path, problems: list[Problem], *, named: bool) -> InstanceFacts | None:
    """The facts of one file, or None with a problem added where a person should hear of it."""
    try:
        try:
            return instance_facts(open_dicom(file))
        except NotDicom:
            with file.open("rb") as stream:
                kind = raster_kind(stream.read(8))
            if kind:
                return raster_facts(file)
            if is_companion(file) and not named:
                return None
            raise
    except Directory:
        if named:
            problems.append(Problem(path=file, reason=f"{file} is a list of images (DICOMDIR); open its folder."))
    except AppError as error:
        problems.append(Problem(path=file, reason=str(error)))
    except OSError as error:
        problems.append(Problem(path=file, reason=f"{file} cannot be read: {error.strerror or error}."))
    except Exception:
        log.exception("a file could not be scanned")
        problems.append(Problem(path=file, reason=f"{file} could not be read; the log says why."))
    return None


def _patients(files: Sequence[FileFacts]) -> tuple[Patient, ...]:
    studies_of_uid: dict[tuple[str, str], set[str]] = defaultdict(set)
    for file in files:
        if file.facts.series_uid:
            studies_of_uid[file.source, file.facts.series_uid].add(file.facts.study_uid)
    people: dict[tuple[str, ...], dict[str, list[tuple[InstanceFacts, Series]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for group in series_groups(files):
        studies = len(studies_of_uid.get((group[0].source, group[0].facts.series_uid), ()))
        for stack in split_group(group):
            facts = stack.files[0].facts
            series = series_of(stack, group, studies=studies)
            people[_person(stack.files[0])][facts.study_uid].append((facts, series))
    patients = [_patient(studies) for studies in people.values()]
    return tuple(sorted(patients, key=lambda p: (p.source, natural_key(p.patient_id), p.patient_name)))


def _person(file: FileFacts) -> tuple[str, ...]:
    facts = file.facts
    if facts.patient_id:
        return file.source, facts.patient_id
    # Without an id nothing says that two studies show one person.
    return file.source, "", facts.patient_name, facts.study_uid or str(file.path.parent)


def _patient(studies: dict[str, list[tuple[InstanceFacts, Series]]]) -> Patient:
    listed = []
    for uid, members in studies.items():
        series = sorted(
            (s for _, s in members), key=lambda s: (natural_key(s.number), natural_key(s.description), s.series_id)
        )
        first = members[0][0]
        description = next((f.study_description for f, _ in members if f.study_description), "")
        listed.append(Study(study_uid=uid, study_date=first.study_date, description=description, series=tuple(series)))
    every = [s for study in listed for s in study.series]
    return Patient(
        source=every[0].source,
        patient_id=every[0].patient_id,
        patient_name=next((s.patient_name for s in every if s.patient_name), ""),
        studies=tuple(sorted(listed, key=lambda study: (study.study_date, study.study_uid))),
    )


def all_series(result: ScanResult) -> list[Series]:
    """Every series, in the order of the result."""
    return [series for patient in result.patients for study in patient.studies for series in study.series]


def find_series(result: ScanResult, id_or_uid: str) -> Series:
    """The series with this series_id (or its beginning) or series UID. Raises NotFound or Ambiguous."""
    every = all_series(result)
    exact = [s for s in every if id_or_uid in (s.series_id, s.series_uid)]
    matches = exact or [s for s in every if len(id_or_uid) >= 4 and s.series_id.startswith(id_or_uid)]
    if not matches:
        names = ", ".join(s.series_id for s in every[:8]) or "none"
        raise NotFound(f"There is no series {id_or_uid!r}; there are {names}.")
    if len(matches) > 1:
        names = ", ".join(f"{s.series_id} ({len(s.frames)} images)" for s in matches[:8])
        raise Ambiguous(f"{id_or_uid!r} names {len(matches)} series; choose one by its id: {names}.")
    return matches[0]
