"""A volume from a series, only where the series is one."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from viewer.core.errors import BadRequest, UnsupportedFile
from viewer.core.geometry import PointMm, Spacing, VoxelGrid
from viewer.core.volume import Volume, modality_facts
from viewer.core.windowing import apply_modality, no_image_mask
from viewer.reading.frame import Frame
from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef, Series

SAME_STEP = 0.02  # of the step: positions further from an even line would put values at wrong places

WHY_NOT = (
    "missing-slices", "uneven-gaps", "duplicate-position", "not-straight", "no-position", "no-spacing",
)  # fmt: skip


def read_volume(
    series: Series, *, read: Callable[[FrameRef], Frame] = read_frame, budget_bytes: int | None = None
) -> Volume:
    """Read every slice into one block. Raises UnsupportedFile where the series is no volume, BadFile, BadRequest."""
    frames = series.frames
    if not series.is_volume or len(frames) < 2:
        raise UnsupportedFile(f"{series.folder}: series {series.series_id} is no volume: {_why_not(series)}")
    _check_size(series, budget_bytes)
    first = read(frames[0])
    if first.stored.ndim != 2 or first.facts.palette is not None:
        raise UnsupportedFile(f"{series.folder}: series {series.series_id} is in colour; planes need grey values.")
    spacing = first.facts.spacing
    if spacing is None:
        raise UnsupportedFile(f"{series.folder}: series {series.series_id} gives no pixel spacing; it is no volume.")
    slices, positions, banners = [], [], []
    for ref in frames:
        frame = first if ref == frames[0] else read(ref)
        if frame.facts.plane is None or frame.stored.shape != first.stored.shape:
            raise UnsupportedFile(f"{ref.path} does not fit the other slices of its series; it is no volume.")
        values = apply_modality(frame.stored, frame.facts)
        padding = no_image_mask(frame.stored, frame.facts)
        if padding is not None:
            values[padding] = np.nan
        if frame.facts.banner:
            banners.append(f"{ref.path.name}: {frame.facts.banner}")
        slices.append(values)
        positions.append(frame.facts.plane.position_mm)
    facts = replace(modality_facts(first.facts), banner=_said(banners))
    return Volume(values=np.stack(slices), grid=_grid(first, positions, spacing), facts=facts)


def _said(banners: list[str]) -> str:
    """What is wrong with the first bad slice, and how many more there are."""
    more = f" ({len(banners) - 1} more like it)" if len(banners) > 1 else ""
    return banners[0] + more if banners else ""


def _why_not(series: Series) -> str:
    if len(series.frames) < 2:
        return "it has one image."
    told = [warning.text for warning in series.warnings if warning.code in WHY_NOT]
    return told[0] if told else "its images do not lie evenly one behind the other."


def _check_size(series: Series, budget_bytes: int | None) -> None:
    """Refuse before anything is allocated. Values take four bytes each while they are whole numbers, else eight."""
    if budget_bytes is None:
        from viewer.reading.store import default_budget_bytes

        budget_bytes = default_budget_bytes()
    size_bytes = len(series.frames) * series.rows * series.cols * 8
    if size_bytes > budget_bytes:
        raise BadRequest(
            f"{series.folder}: a volume of {len(series.frames)} x {series.rows} x {series.cols} needs "
            f"{size_bytes >> 20} MiB; this machine allows {budget_bytes >> 20} MiB for pixels."
        )


def _grid(first: Frame, positions: list[PointMm], spacing: Spacing) -> VoxelGrid:
    plane = first.facts.plane
    assert plane is not None
    places = np.array(positions)
    step = (places[-1] - places[0]) / (len(places) - 1)
    even = places[0] + np.arange(len(places))[:, None] * step
    largest = float(np.linalg.norm(places - even, axis=1).max())
    if largest > max(SAME_STEP * float(np.linalg.norm(step)), 0.25 * min(spacing.row_mm, spacing.col_mm)):
        raise UnsupportedFile(f"{first.ref.path}: the slices lie up to {largest:.2f} mm off an even line; no volume.")
    row, col = np.asarray(plane.row_cosines), np.asarray(plane.col_cosines)
    steps = [step, col * spacing.row_mm, row * spacing.col_mm]
    along, down, right = ((float(s[0]), float(s[1]), float(s[2])) for s in steps)
    return VoxelGrid(
        origin_mm=positions[0],
        slice_step_mm=along,
        row_step_mm=down,
        col_step_mm=right,
        shape=(len(places), *first.stored.shape),
    )
