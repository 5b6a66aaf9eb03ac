"""The words in a view's corners: who and what is shown, and how."""

from dataclasses import dataclass

from viewer.core.geometry import SpacingLevel
from viewer.core.overlays import OverlayMode
from viewer.core.pixels import FrameIdentity, LookupTable, PixelFacts, Window
from viewer.core.text.privacy import description_shown
from viewer.core.units import number, window_numbers
from viewer.ui.canvas.camera import Camera

NOT_CALIBRATED = "Not calibrated: lengths in pixels"
BY_REGION = "Lengths by ultrasound region"
HIDDEN = "Names hidden"
OF_PROJECT = " (project)"  # where an id comes from: where there is no room for both, the id alone stands
HIDDEN_BY_H, HIDDEN_BY_SPACE = "Overlays hidden (H)", "Overlays hidden (Space)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corners:
    """Lines of each corner, top line first. faults: in amber below the top right ones. who: of the top left ones, those
    that say who it is, of which nothing may be cut."""

    top_left: tuple[str, ...] = ()
    top_right: tuple[str, ...] = ()
    bottom_left: tuple[str, ...] = ()
    bottom_right: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    who: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewState:
    """What the corner texts need to know of the view.

    position: 0-based place in the series; count: its frames. faults: what is wrong with the series here. notes: what is
    said of presentation states and shutters. project_patient: the id that the project gives the patient; it stands
    where the file has none.
    """

    window: Window | LookupTable
    zoom: float
    position: int = 0
    count: int = 1
    names_hidden: bool = False
    inverted: bool = False
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    project_patient: str = ""


def corner_texts(facts: PixelFacts, identity: FrameIdentity, state: ViewState, *, anonymous: bool = False) -> Corners:
    """Everything the corners say; lines without content are left out. anonymous: nothing of patient or study."""
    who = () if anonymous else _kept(*_who(identity, state))
    what = () if anonymous else _what(identity, hidden=state.names_hidden)
    return Corners(
        top_left=_kept(*who, *what),
        who=who,
        top_right=_kept(_film(facts, identity), _place(identity, state), _thickness(identity), _position(facts)),
        bottom_left=_kept(
            *state.notes, window_text(state.window, facts, inverted=state.inverted), f"Zoom {state.zoom:.2f}×"
        ),
        bottom_right=_kept(
            facts.suv.missing_text if facts.suv is not None else "",
            "Lossy compression" if facts.lossy else "",
            technique(facts, identity),
        ),
        faults=_faults(facts, state),
    )


def altered_words(camera: Camera, mode: OverlayMode, *, bare: bool) -> tuple[str, ...]:
    """What a person has done to the view that can be taken for the image: turned, flipped, or with overlays hidden."""
    turned = f"turned {90 * camera.quarter_turns}°" if camera.quarter_turns else ""
    both = " and ".join(part for part in ("flipped" if camera.flipped else "", turned) if part)
    hidden = HIDDEN_BY_H if bare else HIDDEN_BY_SPACE if mode is OverlayMode.NONE else ""
    outlines = "Outlines only (Space)" if mode is OverlayMode.OUTLINES and not bare else ""
    return _kept(f"View {both}" if both else "", hidden, outlines)


def _faults(facts: PixelFacts, state: ViewState) -> tuple[str, ...]:
    """What is wrong with the series, then what the file says of itself and the series has not said, then its pixels."""
    own = (doubt for doubt in facts.doubts if not any(doubt in line for line in state.faults))
    return _kept(*state.faults, *own, facts.banner)


def window_text(window: Window | LookupTable, facts: PixelFacts, *, inverted: bool) -> str:
    """Such as "W 1500 C −400"; a table by its name; true colour has none."""
    suffix = " · inverted" if inverted else ""
    if facts.samples == 3 or facts.palette is not None:
        return f"Colour{suffix}"
    if isinstance(window, LookupTable):
        return f"LUT {window.name or 'from the file'}{suffix}"
    curve = " sigmoid" if window.function == "SIGMOID" else ""
    width, center = window_numbers(window.width, window.center)
    return f"W {width} C {center}{curve}{suffix}"


def technique(facts: PixelFacts, identity: FrameIdentity) -> str:
    """kV and the like with the matrix, or that nothing is calibrated, or how a millimetre is meant."""
    if facts.regions:
        has_mm = any(region.spacing is not None for region in facts.regions)
        return " · ".join((f"{facts.cols} × {facts.rows}", BY_REGION if has_mm else NOT_CALIBRATED))
    if facts.spacing is None:
        return NOT_CALIBRATED
    size = f"{facts.cols} × {facts.rows}"
    level = facts.spacing.level
    note = "" if level is SpacingLevel.PATIENT else f"Lengths in {level.value}"
    return " · ".join(part for part in (identity.technique, size, note) if part)


def date_text(dicom_date: str) -> str:
    """20260312 as 2026-03-12; anything else as it is."""
    if len(dicom_date) == 8 and dicom_date.isdigit():
        return f"{dicom_date[:4]}-{dicom_date[4:6]}-{dicom_date[6:]}"
    return dicom_date


def _who(identity: FrameIdentity, state: ViewState) -> tuple[str, ...]:
    if state.names_hidden:
        return (HIDDEN,)
    name = identity.patient_name.replace("^", " ").replace("=", " ").strip()
    born = f"* {date_text(identity.birth_date)}" if identity.birth_date else ""
    aged = " ".join(part for part in (identity.sex, identity.age) if part)
    of_project = (
        f"Patient {state.project_patient}{OF_PROJECT}" if state.project_patient and not identity.patient_id else ""
    )
    return (name, " · ".join(part for part in (identity.patient_id, of_project, born, aged) if part and part != name))


def _what(identity: FrameIdentity, *, hidden: bool) -> tuple[str, ...]:
    described, named = (
        description_shown(text, patient_id=identity.patient_id, patient_name=identity.patient_name, names_hidden=hidden)
        for text in (identity.study_description, identity.series_description)
    )
    if hidden and identity.extra.get("file"):
        named = ""  # the name of a file, which may say who it is
    study = described or " ".join(p for p in (identity.modality, identity.body_part) if p)
    series = f"Se {identity.series_number}" if identity.series_number else ""
    return (
        " · ".join(part for part in (study, date_text(identity.study_date)) if part),
        " · ".join(part for part in (series, named) if part),
    )


def _film(facts: PixelFacts, identity: FrameIdentity) -> str:
    """Side and view of a film. An image whose place in the patient is known has letters at its edges instead."""
    return identity.film if facts.plane is None else ""


def _place(identity: FrameIdentity, state: ViewState) -> str:
    own = f"Im {identity.instance_number}" if identity.instance_number else ""
    return " · ".join(part for part in (own, f"{state.position + 1} of {state.count}") if part)


def _thickness(identity: FrameIdentity) -> str:
    thickness = identity.slice_thickness_mm
    return f"Slice {thickness:.2f} mm" if thickness is not None else ""


def _position(facts: PixelFacts) -> str:
    return f"Pos {number(facts.plane.along_normal_mm, digits=1)} mm" if facts.plane is not None else ""


def _kept(*lines: str) -> tuple[str, ...]:
    return tuple(line for line in lines if line)
