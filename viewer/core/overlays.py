"""From the work on an image to the layers that are drawn over it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from viewer.core.compose import FILL, Layer
from viewer.core.labels import LABEL_COLORS, Label
from viewer.core.shapes.annotations import Annotation, Decision, Proposal
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.core.shapes.outlines import SELECTED_WIDTH_PX, Outline, Tag, annotation_lines, proposal_lines


class OverlayMode(StrEnum):
    """How much is drawn over the image; Space steps through them."""

    ALL = "all"
    OUTLINES = "outlines"
    NONE = "none"

    def next(self) -> "OverlayMode":
        """The following one, round and round."""
        steps = list(OverlayMode)
        return steps[(steps.index(self) + 1) % len(steps)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlaySettings:
    """What of the work is drawn.

    fill: opacity of masks in 0..1. hidden_ids: annotations or proposals switched off one by one. selected_id: drawn
    thicker, with handles. also_selected: further ones, drawn thicker too, without handles. cut: what the scores of
    proposals are held against, None where they are not.
    """

    mode: OverlayMode = OverlayMode.ALL
    fill: float = FILL
    show_proposals: bool = True
    show_tags: bool = True
    show_measurements: bool = True
    hidden_ids: frozenset[str] = field(default_factory=frozenset)
    selected_id: str = ""
    also_selected: frozenset[str] = field(default_factory=frozenset)
    cut: float | None = None


def label_color(name: str, labels: Iterable[Label]) -> str:
    """The catalogue's colour of a region label; a steady one for a name that is not in it."""
    for label in labels:
        if label.name == name and label.scope == "region":
            return label.color
    # Not Python's hash(), which changes with every start.
    return LABEL_COLORS[sum(name.encode()) % len(LABEL_COLORS)]


def overlay_layers(
    annotations: Sequence[Annotation],
    proposals: Sequence[Proposal],
    labels: Sequence[Label],
    settings: OverlaySettings,
) -> tuple[Layer, ...]:
    """Label maps of the masks (overlapping ones in further layers), then one layer of outlines and tags."""
    if settings.mode is OverlayMode.NONE:
        return ()
    shown = [a for a in annotations if a.annotation_id not in settings.hidden_ids]
    outlines: list[Outline] = []
    tags: list[Tag] = []
    for annotation in shown:
        color = label_color(annotation.label, labels)
        selected = annotation.annotation_id == settings.selected_id
        lines, tag = annotation_lines(annotation, color, selected=selected)
        if annotation.annotation_id in settings.also_selected:
            lines = [replace(line, width_px=SELECTED_WIDTH_PX) for line in lines]
        outlines.extend(lines)
        tags.extend([tag] if tag is not None else [])
    for proposal in drawn_proposals(proposals, settings):
        color = label_color(proposal.label, labels)
        selected = proposal.proposal_id == settings.selected_id
        lines, tag = proposal_lines(proposal, color, selected=selected, cut=settings.cut)
        outlines.extend(lines)
        tags.extend([tag] if tag is not None else [])
    layers: list[Layer] = []
    if settings.mode is OverlayMode.ALL and settings.fill > 0:
        masks = [(m, label_color(a.label, labels)) for a in shown if (m := a.shape.painted()) is not None]
        layers.extend(label_maps(masks, settings.fill))
    top = Layer(outlines=tuple(outlines), tags=tuple(tags) if settings.show_tags else ())
    return (*layers, top)


def drawn_proposals(proposals: Sequence[Proposal], settings: OverlaySettings) -> list[Proposal]:
    """Undecided ones of those that are given (`Prediction.answer`); accepted and corrected ones are annotations."""
    if not settings.show_proposals:
        return []
    return [p for p in proposals if p.decision is Decision.UNDECIDED and p.proposal_id not in settings.hidden_ids]


def label_maps(masks: Sequence[tuple[MaskRuns, str]], fill: float) -> list[Layer]:
    """Masks with their colours to as few label maps as overlap allows."""
    placed = [(mask, color, mask.bounds()) for mask, color in masks]
    boxes = [bounds for _, _, bounds in placed if bounds is not None]
    if not boxes:
        return []
    row0, col0 = min(b[0] for b in boxes), min(b[1] for b in boxes)
    row1, col1 = max(b[2] for b in boxes), max(b[3] for b in boxes)
    maps: list[tuple[NDArray[np.uint8], list[str]]] = []
    for mask, color, bounds in placed:
        if bounds is None:
            continue
        here = (slice(bounds[0] - row0, bounds[2] - row0), slice(bounds[1] - col0, bounds[3] - col0))
        inside = mask.to_array()[bounds[0] : bounds[2], bounds[1] : bounds[3]]
        for codes, colors in maps:
            if len(colors) < 255 and not (codes[here] * inside).any():
                break
        else:
            codes, colors = np.zeros((row1 - row0, col1 - col0), np.uint8), []
            maps.append((codes, colors))
        colors.append(color)
        codes[here][inside] = len(colors)
    return [Layer(codes=codes, row0=row0, col0=col0, colors=tuple(colors), fill=fill) for codes, colors in maps]
