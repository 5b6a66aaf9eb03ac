"""From a stack of files to the series that is shown."""

from collections.abc import Sequence

from viewer.reading.grouping.into_series import Stack, series_id
from viewer.reading.grouping.parts import FileFacts
from viewer.reading.grouping.series_warnings import stack_warnings
from viewer.reading.grouping.stack import StackGeometry, along_normal, stack_geometry
from viewer.reading.series import FrameRef, Series


def series_of(stack: Stack, group: Sequence[FileFacts], *, studies: int, part_number: int = 0) -> Series:
    """The series of one stack. group: every file of its series UID; studies: how many studies use that UID.

    part_number: which of the stacks of its series UID it is.
    """
    first = stack.files[0]
    facts = first.facts
    placed = all(along_normal(file.facts) is not None for file in stack.files)
    geometry = stack_geometry([file.facts for file in stack.files]) if placed else None
    warnings = stack_warnings(stack, group, geometry, studies=studies)
    return Series(
        series_id=series_id(stack),
        series_uid=facts.series_uid,
        study_uid=facts.study_uid,
        source=first.source,
        patient_id=facts.patient_id,
        patient_name=facts.patient_name,
        modality=facts.modality,
        description=facts.series_description,
        number=facts.series_number,
        frames=_frames(stack),
        files=len({file.path for file in stack.files}),
        rows=facts.rows,
        cols=facts.cols,
        spacing=next((file.facts.spacing_value() for file in stack.files if file.facts.spacing), None),
        slice_spacing_mm=geometry.slice_spacing_mm if geometry is not None else None,
        is_volume=_is_volume(geometry, {warning.code for warning in warnings}),
        warnings=warnings,
        frame_of_reference=facts.frame_of_reference,
        folder=first.path.parent,
        part=", ".join(trait.text for trait in stack.traits),
        split_by=", ".join(dict.fromkeys(trait.by for trait in stack.traits)),
        part_number=part_number,
    )


def _is_volume(geometry: StackGeometry | None, codes: set[str]) -> bool:
    return geometry is not None and geometry.uniform and not codes & {"missing-slices", "no-spacing", "not-straight"}


def _frames(stack: Stack) -> tuple[FrameRef, ...]:
    """Placed images in their sorted order; the frames of a file without places in the file's own order."""
    return tuple(
        FrameRef(
            path=file.path,
            frame_index=file.frame_index + number,
            sop_instance_uid=file.facts.sop_instance_uid,
            instance_number=file.facts.instance_number,
            along_normal_mm=along_normal(file.facts),
        )
        for file in stack.files
        for number in range(file.facts.frames)
    )
