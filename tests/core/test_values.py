"""What holds for every value of the core: it is frozen, made by name, and each error has its exit code."""

import importlib
import inspect
import math
import pkgutil
from dataclasses import MISSING, fields, is_dataclass
from typing import get_args

import pytest

import viewer.core
from viewer.core import errors
from viewer.core.errors import AppError
from viewer.core.registry import load

MODULES = [importlib.import_module(found.name) for found in pkgutil.walk_packages(viewer.core.__path__, "viewer.core.")]
VALUES = [
    thing
    for module in MODULES
    for thing in vars(module).values()
    if isinstance(thing, type) and is_dataclass(thing) and thing.__module__ == module.__name__
]
FAMILY = [thing for thing in vars(errors).values() if isinstance(thing, type) and issubclass(thing, AppError)]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{value.__module__}.{value.__name__}")
def test_a_value_is_frozen_slotted_and_made_by_name(value: type) -> None:
    assert value.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(value)
    assert all(field.kw_only for field in fields(value))


def test_a_value_that_holds_arrays_is_compared_by_identity() -> None:
    from viewer.core.edits import Edit, MaskStroke
    from viewer.core.volume import Reformat, Volume
    from viewer.core.windowing import DisplayTable

    for value in (Volume, Reformat, DisplayTable, MaskStroke, Edit):
        assert value.__eq__ is object.__eq__, value.__name__


def test_what_cannot_be_asked_for_has_exit_code_2_and_what_failed_1() -> None:
    codes = {kind.__name__: kind.exit_code for kind in FAMILY}

    assert {name for name, code in codes.items() if code == 2} == {"UnknownName", "Ambiguous", "BadRequest"}
    assert set(codes.values()) == {1, 2}


def test_what_is_missing_is_named_with_the_command_that_brings_it() -> None:
    assert str(errors.MissingExtra("Training")).startswith("Training needs torch")
    assert "python3 packaging/start.py" in str(errors.MissingExtra("Training"))


# What holds where nobody says otherwise. Of pixels: PS3.3 C.7.6.3 (one sample, not signed), C.11.1.1.2 (a slope of 1
# and an intercept of 0 change nothing), C.7.6.3.1.7 (square pixels), C.9.2 (an overlay begins at the first pixel).
UNSAID: dict[str, dict[str, object]] = {
    "shapes.annotations.Annotation": {"revision": 1, "proposal_id": None, "proposal_seen": False},
    "shapes.annotations.Proposal": {"shape": None, "annotation_id": None, "outside_domain": False},
    "shapes.annotations.Prediction": {"proposals": (), "outside_domain": ""},
    "compose.FrameView": {"covered": None, "cover_level": 0},
    "compose.Layer": {"codes": None, "row0": 0, "col0": 0, "colors": (), "outlines": (), "tags": ()},
    "compose.HeatLayer": {"opacity": 0.62, "hide_below": 0.12},
    "geometry.ViewTransform": {"quarter_turns": 0, "flipped": False},
    "geometry.Spacing": {"level": "mm", "note": ""},
    "shapes.outlines.Outline": {"closed": True, "dashed": False, "handles_px": (), "under": True, "ends": False},
    "overlays.OverlaySettings": {
        "mode": "all", "fill": 0.22, "show_proposals": True, "show_tags": True,
        "show_measurements": True, "selected_id": "",
    },
    "pixels.Window": {"name": "", "function": "LINEAR"},
    "pixels.OverlayPlane": {"row0": 0, "col0": 0, "is_region": False, "name": "", "group": 0x6000, "layer": ""},
    "pixels.Shutter": {"rectangle": None, "circle": None, "polygon": (), "bitmap": None, "level": 0},
    "pixels.RealWorldMapping": {"unit": "", "label": "", "first": -math.inf, "last": math.inf},
    "pixels.PixelFacts": {
        "samples": 1, "bits_stored": 16, "signed": False, "photometric": "MONOCHROME2", "rescale_slope": 1.0,
        "rescale_intercept": 0.0, "modality_lut": None, "unit": "", "windows": (), "voi_luts": (), "inverse": False,
        "padding": None, "palette": None, "spacing": None, "plane": None, "lossy": False, "banner": "", "doubts": (),
        "pixel_aspect": 1.0, "rows_there": None, "suv": None, "real_world": (), "regions": (),
    },
    "pixels.FrameIdentity": {"patient_name": "", "slice_thickness_mm": None},
    "presets.WindowPreset": {"center": 0.0, "width": 0.0},
    "regions.UltrasoundRegion": {
        "unit_x": "", "unit_y": "", "delta_x": 0.0, "delta_y": 0.0, "zero_x_px": None, "zero_y_px": None,
        "is_low_priority": False,
    },
    "suv.Suv": {"factor": None, "label": "SUVbw", "unit": "g/ml", "already": False},
    "suv.PetAttributes": {"injections": 1, "corrections": (), "weight_kg": None},
}  # fmt: skip


@pytest.mark.parametrize("name", UNSAID)
def test_what_is_not_said_means_what_the_standard_or_the_look_gives_it(name: str) -> None:
    module, _, value = name.rpartition(".")
    kind = getattr(importlib.import_module(f"viewer.core.{module}"), value)

    given = {field.name: field.default for field in fields(kind) if field.default is not MISSING}
    assert {field: given[field] for field in UNSAID[name]} == UNSAID[name]


def test_every_argument_can_be_named_and_a_flag_has_to_be() -> None:
    functions = [
        thing
        for module in MODULES
        for holder in (module, *(kind for kind in vars(module).values() if isinstance(kind, type)))
        for thing in vars(holder).values()
        if inspect.isfunction(thing) and thing.__module__ == module.__name__ and not thing.__name__.startswith("__")
    ]
    assert len(functions) > 150
    for function in functions:
        for argument in inspect.signature(function).parameters.values():
            assert argument.kind is not inspect.Parameter.POSITIONAL_ONLY, (function, argument)
            if argument.annotation is bool and not function.__name__.startswith("_"):
                assert argument.kind is inspect.Parameter.KEYWORD_ONLY, (function, argument)


def test_shapes_and_changes_are_those_that_a_project_keeps() -> None:
    from viewer.core.edits import Change
    from viewer.core.shapes.kinds import KINDS
    from viewer.core.shapes.shape import shape_kind

    drawn = [name for name in KINDS if not load(KINDS, name).measures]
    assert [shape_kind(name).__name__ for name in drawn] == ["Box", "Polygon", "MaskRuns", "SinglePoint", "Polyline"]
    assert {kind.__name__ for kind in get_args(Change)} == {
        "AnnotationChange", "MaskStroke", "ImageLabelChange", "AnswerChange", "CaseStatusChange", "LabelChange",
        "ObjectNoteChange", "ObjectLinkChange", "AttributeChange",
        "MeasurementChange", "DecisionChange", "ImagesChange", "PatientChange",
    }  # fmt: skip


def test_a_measurement_has_the_points_of_its_kind() -> None:
    from viewer.core.shapes.kinds import KINDS

    points = {name: (kind.fewest, kind.most) for name in KINDS if (kind := load(KINDS, name)).measures}
    assert points == {"length": (2, 2), "angle": (3, 3), "rectangle": (2, 2), "ellipse": (2, 2)}


def test_the_look_is_the_one_that_was_agreed_on() -> None:
    from viewer.core import compose, planes
    from viewer.core.shapes import outlines

    assert (outlines.SHAPE_WIDTH_PX, outlines.CONTOUR_WIDTH_PX, outlines.SELECTED_WIDTH_PX) == (1.75, 1.5, 2.5)
    assert outlines.DASH == (7.0, 4.0)
    assert (planes.GRAPHICS_ALPHA, planes.REGION_ALPHA) == (0.9, 0.4)
    assert (compose.FILL, compose.PLASMA_FROM) == (0.22, 0.12)


def test_limits_are_far_above_any_image_and_far_below_what_takes_all_memory() -> None:
    from viewer.core import volume
    from viewer.core.shapes.kinds import mask as masks
    from viewer.core.text import table_text

    assert 1 << 22 < masks.LARGEST_SIDE <= 1 << 25
    assert 1 << 24 < volume.MOST_PIXELS <= 1 << 28
    assert 1 << 27 <= table_text.CELL_LIMIT <= (1 << 31) - 1, "a C long has 31 bits everywhere"
