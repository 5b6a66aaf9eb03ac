"""What is known of the shown image, and what of it is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from viewer.core.compose import Layer
from viewer.core.geometry import PointMm, ViewTransform, along
from viewer.core.labels import Label
from viewer.core.overlays import OverlayMode, OverlaySettings, overlay_layers
from viewer.core.pixels import PixelFacts
from viewer.core.shapes.annotations import Annotation, Measurement, Proposal
from viewer.core.shapes.outlines import Outline, cross_lines
from viewer.ui.gestures.tool import LiveMask, ToolContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A place of the patient that is pointed at. within_mm: a slice farther away does not show it."""

    point_mm: PointMm
    within_mm: float

    def lines(self, facts: PixelFacts) -> tuple[Outline, ...]:
        """The cross on one image, nothing where its slice does not go through the point."""
        if facts.plane is None or facts.spacing is None:
            return ()
        if abs(along(self.point_mm, facts.plane.normal) - facts.plane.along_normal_mm) > self.within_mm:
            return ()
        x_px, y_px = facts.plane.patient_to_image(self.point_mm, facts.spacing)
        if not (0 <= x_px <= facts.cols and 0 <= y_px <= facts.rows):
            return ()
        return cross_lines(x_px, y_px, facts.rows, facts.cols)


class Work:
    """Annotations, proposals, labels and measurements of one image, with the drawing settings of its view."""

    def __init__(self) -> None:
        self.image_id = ""
        self.annotations: tuple[Annotation, ...] = ()
        self.proposals: tuple[Proposal, ...] = ()
        self.labels: tuple[Label, ...] = ()
        self.measurements: tuple[Measurement, ...] = ()
        self.settings = OverlaySettings()
        self.layers: tuple[Layer, ...] = ()
        self.label: Label | None = None
        self.author = ""
        self.may_draw = True
        self.proposal_seen = False
        self.brush_radius_px = 10.0
        self.begins_object = False
        self.object_in_hand = ""
        self.live: LiveMask | None = None
        self.mark: Mark | None = None
        self._values: dict[Measurement, tuple[str, ...]] = {}

    def clear(self, image_id: str) -> None:
        """Another image, of which nothing is known yet."""
        self.image_id = image_id
        self.annotations, self.proposals, self.measurements = (), (), ()
        self.settings = replace(self.settings, selected_id="", also_selected=frozenset())
        self.live = None
        self.layers = ()
        self._values.clear()

    def set(
        self,
        annotations: Sequence[Annotation],
        proposals: Sequence[Proposal],
        labels: Sequence[Label],
        measurements: Sequence[Measurement],
        settings: OverlaySettings,
    ) -> None:
        """All that is known of the image."""
        self.annotations, self.proposals = tuple(annotations), tuple(proposals)
        self.labels, self.measurements = tuple(labels), tuple(measurements)
        self.change_settings(settings)

    def change_settings(self, settings: OverlaySettings) -> None:
        """Draw more or less of it."""
        self.settings = settings
        self._build()

    def with_mode(self, mode: OverlayMode) -> OverlaySettings:
        """The settings with another mode."""
        return replace(self.settings, mode=mode)

    def with_selected(self, shape_ids: Sequence[str]) -> OverlaySettings:
        """The settings with other shapes selected: the last one with its handles, the others beside it."""
        last = shape_ids[-1] if shape_ids else ""
        return replace(self.settings, selected_id=last, also_selected=frozenset(shape_ids) - {last, ""})

    def with_turned(self, shape_id: str) -> OverlaySettings:
        """The settings with one more shape selected, or one less where it was."""
        chosen = [*sorted(self.settings.also_selected), *filter(None, (self.settings.selected_id,))]
        left = [one for one in chosen if one != shape_id]
        return self.with_selected(left if shape_id in chosen else [*left, shape_id])

    def set_live(self, live: LiveMask | None) -> bool:
        """The mask being painted takes the place of the stored one. Returns whether that changed."""
        if live is self.live:
            return False
        self.live = live
        self._build()
        return True

    def hidden_ids(self, *, bare: bool) -> frozenset[str]:
        """Of what is on this image, that which is not drawn now. bare: every overlay is hidden."""
        measured = frozenset(one.measurement_id for one in self.measurements)
        if bare or self.settings.mode is OverlayMode.NONE:
            return measured | {one.annotation_id for one in self.annotations}
        return self.settings.hidden_ids if self.settings.show_measurements else self.settings.hidden_ids | measured

    def context(
        self, stored: NDArray[Any], facts: PixelFacts, transform: ViewTransform, ratio: float, *, bare: bool = False
    ) -> ToolContext:
        """What a tool may know now."""
        return ToolContext(
            image_id=self.image_id,
            rows=int(stored.shape[0]),
            cols=int(stored.shape[1]),
            facts=facts,
            stored=stored,
            transform=transform,
            label=self.label,
            labels=self.labels,
            annotations=self.annotations,
            measurements=self.measurements,
            hidden_ids=self.hidden_ids(bare=bare),
            selected_id=self.settings.selected_id,
            also_selected=self.settings.also_selected,
            begins_object=self.begins_object,
            object_in_hand=self.object_in_hand,
            author=self.author,
            brush_radius_px=self.brush_radius_px,
            device_ratio=ratio,
            proposal_seen=self.proposal_seen,
            may_draw=self.may_draw,
        )

    def values(self, measurement: Measurement, stored: NDArray[Any], facts: PixelFacts) -> tuple[str, ...]:
        """A measurement's lines, computed when first drawn on this frame."""
        if measurement not in self._values:
            self._values[measurement] = measurement.shape.quantities(stored, facts)
        return self._values[measurement]

    def _build(self) -> None:
        shown = [a for a in self.annotations if self.live is None or a.annotation_id != self.live.annotation_id]
        self.layers = overlay_layers(shown, self.proposals, self.labels, self.settings)
