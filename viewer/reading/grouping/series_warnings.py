"""What a reader of a series must know before trusting it."""

from collections import Counter
from collections.abc import Sequence

from viewer.reading.facts.concatenation import missing_parts
from viewer.reading.facts.geometry import tilt_words
from viewer.reading.grouping.into_series import Stack, is_cine
from viewer.reading.grouping.parts import FileFacts, number_of
from viewer.reading.grouping.stack import SAME_PLACE_MM, SHEAR_DEGREES, StackGeometry
from viewer.reading.pixels.cut_files import CUT_SHORT
from viewer.reading.series import SeriesWarning

SPLIT_TEXTS = {
    "multi-frame": "The series also holds multi-frame files; each is listed as a series of its own.",
    "mixed-size": "The series mixes image sizes; each size is listed as a series of its own.",
    "mixed-orientation": "The series mixes orientations or lacks some; each is listed as a series of its own.",
    "mixed-spacing": "The series mixes pixel spacings; each is listed as a series of its own.",
    "several-stacks": "The series holds several stacks of frames; each is listed as a series of its own.",
    "b": "The series holds several b-values; each is listed as a series of its own.",
    "echo": "The series holds several echoes; each is listed as a series of its own.",
    "time": "The series holds several time points; each is listed as a series of its own.",
    "type": "The series holds several types of image; each is listed as a series of its own.",
    "direction": "The series holds several diffusion directions; each is listed as a series of its own.",
    "energy": "The series holds several energies or energy windows; each is listed as a series of its own.",
    "order": "The series holds several images at each place, and nothing known tells them apart: they are parted by "
    "their order, which is a guess.",
}
SPLIT_SHORTS = {
    "multi-frame": "split by file",
    "mixed-size": "split by size",
    "mixed-orientation": "split by orientation",
    "mixed-spacing": "split by pixel spacing",
    "several-stacks": "split by stack",
    "b": "split by b-value",
    "echo": "split by echo",
    "time": "split by time",
    "type": "split by image type",
    "direction": "split by direction",
    "energy": "split by energy",
    "order": "split by order, a guess",
}
SPLIT_CODES = {
    "echo": "several-echoes", "b": "several-b-values", "time": "several-time-points", "type": "several-image-types",
    "direction": "several-directions", "energy": "several-energies", "order": "several-time-points",
}  # fmt: skip
ASIDE_PX = 0.25  # a slice farther beside the line of the others would be shown at a wrong place in a reformat


def stack_warnings(
    stack: Stack, group: Sequence[FileFacts], geometry: StackGeometry | None, *, studies: int
) -> tuple[SeriesWarning, ...]:
    """All warnings of one stack. group: every file of its series UID; studies: how many studies use that UID."""
    found = [
        SeriesWarning(code=SPLIT_CODES.get(reason, reason), text=SPLIT_TEXTS[reason], short=SPLIT_SHORTS[reason])
        for reason in stack.reasons
    ]
    found += _uid_warnings(stack, group, studies)
    found += _place_warnings(stack, group)
    found += _page_warnings(stack)
    found += _part_warnings(stack, group)
    specials = dict.fromkeys(one for file in stack.files for one in file.facts.special)
    found += [SeriesWarning(code=one.code, text=one.text, short=one.short) for one in specials]
    found += _cut_warnings(stack)
    found += _odd_warnings(stack)
    if geometry is not None:
        found += _gap_warnings(stack, geometry)
        found += _shear_warnings(stack, geometry)
        found += _line_warnings(stack, geometry)
    moments = (file.facts.time_point for file in stack.files)
    if len({text if (number := number_of(text)) is None else number for text in moments}) > 1:
        text = f"The {len(stack.files)} images are as many time points; they are one series."
        found.append(SeriesWarning(code="several-time-points", text=text, short=f"{len(stack.files)} time points"))
    if len({file.facts.spacing is None for file in stack.files}) > 1:
        found.append(
            SeriesWarning(
                code="no-spacing", text="Some of the images give no pixel spacing.", short="pixel spacing missing"
            )
        )
    return tuple(found)


def _uid_warnings(stack: Stack, group: Sequence[FileFacts], studies: int) -> list[SeriesWarning]:
    facts = [file.facts for file in stack.files if file.facts.kind == "dicom"]
    if not facts:
        return []
    found = []
    if any(not f.study_uid for f in facts):
        text = "The study has no UID; grouped by folder."
        found.append(SeriesWarning(code="empty-study-uid", text=text, short="no UID"))
    if any(not f.series_uid for f in facts):
        text = "The series has no UID; grouped by folder."
        found.append(SeriesWarning(code="empty-series-uid", text=text, short="no UID"))
    if any(not f.sop_instance_uid for f in facts):
        text = "Images without a SOP Instance UID."
        found.append(SeriesWarning(code="empty-instance-uid", text=text, short="no UID"))
    counts = Counter(file.facts.sop_instance_uid for file in group if file.facts.sop_instance_uid)
    doubled = {uid for uid, count in counts.items() if count > 1}
    if any(f.sop_instance_uid in doubled for f in facts):
        text = "Several files say they are the same image (SOP Instance UID); all are shown."
        found.append(SeriesWarning(code="duplicate-instance-uid", text=text, short="one UID for several images"))
    if studies > 1:
        text = f"This series UID occurs in {studies} studies; each is listed on its own."
        found.append(SeriesWarning(code="several-studies", text=text, short=f"UID in {studies} studies"))
    return found


def _place_warnings(stack: Stack, group: Sequence[FileFacts]) -> list[SeriesWarning]:
    singles = [file for file in group if file.facts.kind == "dicom" and file.facts.frames == 1]
    without = [file for file in singles if not file.facts.along_normal_mm]
    if not without or len(singles) < 2:
        return []
    placed_here = any(file.facts.along_normal_mm for file in stack.files)
    short = f"{len(without)} without position apart" if placed_here else "position unknown"
    if len(without) < len(singles):
        text = f"{len(without)} of {len(singles)} images have no position and are listed apart."
    else:
        text = "The images have no position; they are in the order of their Instance Number."
    return [SeriesWarning(code="no-position", text=text, short=short)]


def _page_warnings(stack: Stack) -> list[SeriesWarning]:
    facts = stack.files[0].facts
    if facts.kind == "dicom" or not facts.note:
        return []
    text = f"The pages have several sizes ({facts.note}); each is shown in its own."
    return [SeriesWarning(code="mixed-page-sizes", text=text, short="pages of several sizes")]


def _part_warnings(stack: Stack, group: Sequence[FileFacts]) -> list[SeriesWarning]:
    own = stack.files[0].facts.part
    if own is None:
        return []
    parts = [(part, file.facts.frames) for file in group if (part := file.facts.part) and part.uid == own.uid]
    text, short = missing_parts(parts)
    return [SeriesWarning(code="missing-parts", text=text, short=short)] if text else []


def _cut_warnings(stack: Stack) -> list[SeriesWarning]:
    cut = {file.path: file.facts.lacking for file in stack.files if file.facts.lacking}
    if not cut:
        return []
    path, lacking = next(iter(cut.items()))
    more = f" ({len(cut) - 1} more like it)" if len(cut) > 1 else ""
    text = f"{path.name} is cut short: {lacking}{more}."
    short = CUT_SHORT if len(cut) == 1 else f"{len(cut)} files cut short"
    return [SeriesWarning(code="cut-short", text=text, short=short)]


def _odd_warnings(stack: Stack) -> list[SeriesWarning]:
    """What of the headers was left because it is odd; the images say it themselves, so it has no short form."""
    odd = {file.path: file.facts.odd for file in stack.files if file.facts.odd}
    if not odd:
        return []
    path, said = next(iter(odd.items()))
    more = f" ({len(odd) - 1} more files have such values.)" if len(odd) > 1 else ""
    return [SeriesWarning(code="value-not-used", text=f"{path.name}: {said}{more}")]


def _gap_warnings(stack: Stack, geometry: StackGeometry) -> list[SeriesWarning]:
    found = []
    if geometry.duplicates and not is_cine(stack.files):
        text = f"{geometry.duplicates + 1} or more images lie at the same place ({geometry.duplicates} too many)."
        short = f"{geometry.duplicates} doubled place{'s' if geometry.duplicates > 1 else ''}"
        found.append(SeriesWarning(code="duplicate-position", text=text, short=short))
    real = [gap for gap in geometry.gaps_mm if gap > SAME_PLACE_MM]
    if geometry.missing:
        text = f"{geometry.missing} slice(s) seem to be missing: gaps of {min(real):.3f} to {max(real):.3f} mm."
        found.append(SeriesWarning(code="missing-slices", text=text, short=_missing(geometry.missing)))
    elif real and not geometry.uniform and max(real) - min(real) > 0.01 * min(real):
        text = f"The gaps between slices differ: {min(real):.3f} to {max(real):.3f} mm."
        found.append(SeriesWarning(code="uneven-gaps", text=text, short=f"gaps {min(real):.1f} to {max(real):.1f} mm"))
    lacking = len(stack.siblings_places) - (len(geometry.gaps_mm) + 1 - geometry.duplicates)
    if stack.siblings_places and lacking > 0:
        text = f"{lacking} place(s) that other echoes or time points show are missing here."
        found.append(SeriesWarning(code="missing-slices", text=text, short=_missing(lacking)))
    return found


def _missing(count: int) -> str:
    return f"{count} slice{'s' if count > 1 else ''} missing"


def _line_warnings(stack: Stack, geometry: StackGeometry) -> list[SeriesWarning]:
    spacing = stack.files[0].facts.spacing
    finest_mm = min(spacing[:2]) if spacing is not None else 1.0
    if geometry.duplicates or geometry.aside_mm <= ASIDE_PX * finest_mm:
        return []
    text = f"The slices do not lie on one line: up to {geometry.aside_mm:.1f} mm beside it."
    return [SeriesWarning(code="not-straight", text=text, short=f"slices up to {geometry.aside_mm:.1f} mm aside")]


def _shear_warnings(stack: Stack, geometry: StackGeometry) -> list[SeriesWarning]:
    tilt = max((file.facts.gantry_tilt_degrees for file in stack.files), key=abs)
    found = []
    if abs(tilt) >= SHEAR_DEGREES:
        text = f"The gantry was tilted by {tilt:g} degrees."
        found.append(SeriesWarning(code="gantry-tilt", text=text, short=tilt_words(tilt)))
    if geometry.shear_degrees >= SHEAR_DEGREES:
        text = f"The slices are shifted sideways: the stack is sheared by {geometry.shear_degrees:.1f} degrees."
        # Where the tilt is named, the shear that it makes is no second fault.
        same = abs(abs(tilt) - geometry.shear_degrees) < 0.5
        short = "" if same else f"sheared {geometry.shear_degrees:.1f}°"
        found.append(SeriesWarning(code="sheared", text=text, short=short))
    return found
