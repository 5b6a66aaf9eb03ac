"""The series of a volume file: one per time point, its slices in the file's own order."""

import hashlib

from viewer.reading.grouping.parts import FileFacts
from viewer.reading.series import FrameRef, Series, SeriesWarning

VOLUME_KINDS = frozenset(("nifti", "nrrd", "metaimage"))


def volume_series(file: FileFacts) -> list[Series]:
    """A volume for each time point. The frame index of slice k at time t is t * slices + k."""
    facts = file.facts
    slices = facts.frames // facts.time_points
    warnings = _warnings(file, slices)
    every = []
    for time in range(facts.time_points):
        places = facts.along_normal_mm if len(facts.along_normal_mm) == slices else (None,) * slices
        frames = tuple(
            FrameRef(path=file.path, frame_index=time * slices + number, along_normal_mm=place)
            for number, place in enumerate(places)
        )
        name = file.path.name
        every.append(
            Series(
                series_id=_series_id(file, time),
                series_uid="",
                study_uid="",
                source=file.source,
                patient_id="",
                patient_name="",
                modality="",
                description=f"{name} · time {time + 1}" if facts.time_points > 1 else name,
                number="",
                frames=frames,
                files=1,
                rows=facts.rows,
                cols=facts.cols,
                spacing=facts.spacing_value(),
                slice_spacing_mm=facts.slice_spacing_mm,
                is_volume=facts.slice_spacing_mm is not None and len(facts.along_normal_mm) == slices,
                warnings=warnings,
                frame_of_reference="",
                folder=file.path.parent,
                part=f"time {time + 1} of {facts.time_points}" if facts.time_points > 1 else "",
                split_by="time" if facts.time_points > 1 else "",
                part_number=time,
            )
        )
    return every


def _warnings(file: FileFacts, slices: int) -> tuple[SeriesWarning, ...]:
    facts, name, found = file.facts, file.path.name, []
    if slices > 1 and not facts.along_normal_mm:
        text = f"{name} does not say where its slices lie in the patient: no letters, no planes through it."
        found.append(SeriesWarning(code="no-position", text=text, short="no position"))
    if slices > 1 and facts.spacing is None:
        text = f"{name} does not say how large its voxels are."
        found.append(SeriesWarning(code="no-spacing", text=text, short="pixel spacing missing"))
    if facts.note:
        text = f"In {name} {facts.note}; shown is the one that SimpleITK prefers."
        found.append(SeriesWarning(code="two-geometries", text=text, short="two positions given"))
    return tuple(found)


def _series_id(file: FileFacts, time: int) -> str:
    # Nothing in the file names it, so its place does.
    parts = (str(file.path.parent.resolve()), file.path.name, str(time))
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]
