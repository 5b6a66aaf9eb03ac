"""Presentation states: what they are about, and one image through them, by the rules of PS3.4 annex N."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from tests.dicom_items import item
from tests.waiting import LIMIT_S
from viewer.core.errors import UnsupportedFile
from viewer.core.pixels import PixelFacts
from viewer.core.presentation import Presented
from viewer.core.windowing import default_voi, display_table
from viewer.reading.facts.presentation_state import presented, read_presentation_state, refers_to
from viewer.reading.frames import read_frame
from viewer.reading.scan import scan
from viewer.reading.series import FrameRef

MakeDicom = Callable[..., Path]
GREYSCALE = "1.2.840.10008.5.1.4.1.1.11.1"


def image_item(uid: str, frames: list[int] | None = None) -> Dataset:
    found = item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.7", ReferencedSOPInstanceUID=uid)
    if frames:
        found.ReferencedFrameNumber = frames
    return found


def table(values: list[int], bits: int, first: int = 0) -> Dataset:
    return item(LUTDescriptor=[len(values), first, bits], LUTData=np.array(values, "<u2").tobytes())


def write_state(
    folder: Path,
    uid: str,
    name: str = "state.dcm",
    *,
    frames: list[int] | None = None,
    syntax: str = ExplicitVRLittleEndian,
    sop_class: str = GREYSCALE,
    **attributes: Any,
) -> Path:
    """A presentation state about one image."""
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, f"1.2.826.{abs(hash(name)) % 10**9}"
    ds.Modality, ds.PatientID = "PR", "007"
    ds.ContentLabel, ds.ContentDescription, ds.ContentCreatorName = "MARKS", "made", "Reader^A"
    ds.PresentationCreationDate, ds.PresentationLUTShape = "20261121", "IDENTITY"
    ds.ReferencedSeriesSequence = Sequence(
        [item(SeriesInstanceUID="1.2.3", ReferencedImageSequence=Sequence([image_item(uid, frames)]))]
    )
    for keyword, value in attributes.items():
        if value is None:
            delattr(ds, keyword)
        else:
            setattr(ds, keyword, Sequence(value) if isinstance(value, list) and keyword.endswith("Sequence") else value)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = sop_class, ds.SOPInstanceUID
    path = folder / name
    ds.save_as(path, enforce_file_format=True)
    return path


def uid_of(path: Path) -> str:
    return str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID)


def through(image: Path, state: Path, frame: int = 0) -> Presented:
    facts = read_frame(FrameRef(path=image, frame_index=frame)).facts
    return presented(read_presentation_state(state), facts, uid_of(image), frame)


def levels(image: Path, facts: PixelFacts) -> list[int]:
    stored = read_frame(FrameRef(path=image)).stored
    return display_table(facts, default_voi(stored, facts), invert=False).apply(stored).ravel().tolist()


@pytest.fixture
def ramp(make_dicom: MakeDicom) -> Callable[..., Path]:
    """An image whose stored values are 0, 64, 128, 255 in 8 bits."""

    def write(**attributes: Any) -> Path:
        return make_dicom("image.dcm", np.array([[0, 64, 128, 255]], np.uint8), **attributes)

    return write


def test_a_state_says_what_it_is_about(tmp_path: Path) -> None:
    state = read_presentation_state(write_state(tmp_path, "1.2.9", frames=[2, 3]))

    assert (state.name, state.description, state.creator, state.created) == ("MARKS", "made", "Reader^A", "20261121")
    assert [(r.series_uid, r.sop_instance_uid, r.frames) for r in state.references] == [("1.2.3", "1.2.9", (2, 3))]
    assert [refers_to(state, "1.2.9", frame) for frame in range(4)] == [False, True, True, False]
    assert not refers_to(state, "1.2.8", 1) and not refers_to(state, "", 1)


def test_an_image_is_no_presentation_state(ramp: Callable[..., Path]) -> None:
    with pytest.raises(UnsupportedFile, match="is no presentation state"):
        read_presentation_state(ramp())


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("own_shape", ["", "IDENTITY", "INVERSE"])
@pytest.mark.parametrize("shape", ["IDENTITY", "INVERSE"])
def test_a_state_inverts_once_whatever_the_image_says(
    tmp_path: Path, ramp: Callable[..., Path], photometric: str, own_shape: str, shape: str
) -> None:
    image = ramp(PhotometricInterpretation=photometric, **({"PresentationLUTShape": own_shape} if own_shape else {}))
    window = item(WindowCenter="128", WindowWidth="256")
    state = write_state(tmp_path, uid_of(image), PresentationLUTShape=shape, SoftcopyVOILUTSequence=[window])

    shown = levels(image, through(image, state).facts)

    # PS3.4 N.2.1.4: the image's photometric interpretation is ignored; INVERSE alone inverts.
    assert shown == ([255, 191, 127, 0] if shape == "INVERSE" else [0, 64, 128, 255])


def test_steps_a_state_lacks_are_the_identity(tmp_path: Path, ramp: Callable[..., Path]) -> None:
    image = ramp(RescaleSlope="2", RescaleIntercept="-1000", WindowCenter="-900", WindowWidth="50")
    state = write_state(tmp_path, uid_of(image))

    made = through(image, state)

    assert levels(image, made.facts) == [0, 64, 128, 255]
    assert any("modality step is not the image's" in note for note in made.notes)


def test_modality_window_and_presentation_tables_follow_each_other(tmp_path: Path, ramp: Callable[..., Path]) -> None:
    image = ramp()
    random = np.random.default_rng(1)
    tables = [random.permutation(256).astype(np.uint16).tolist() for _ in range(3)]
    state = write_state(
        tmp_path,
        uid_of(image),
        ModalityLUTSequence=[table(tables[0], 8)],
        SoftcopyVOILUTSequence=[item(VOILUTSequence=Sequence([table(tables[1], 8)]))],
        PresentationLUTSequence=[table(tables[2], 8)],
        PresentationLUTShape=None,
    )

    expected = [tables[2][tables[1][tables[0][value]]] for value in (0, 64, 128, 255)]
    assert levels(image, through(image, state).facts) == expected


def test_a_window_with_references_is_for_those_images_and_frames_only(tmp_path: Path, make_dicom: MakeDicom) -> None:
    image = make_dicom("m.dcm", np.zeros((3, 2, 2), np.int16), NumberOfFrames=3)
    uid = uid_of(image)
    voi = [
        item(WindowCenter="1", WindowWidth="10", ReferencedImageSequence=Sequence([image_item("9.9")])),
        item(WindowCenter="2", WindowWidth="20", ReferencedImageSequence=Sequence([image_item(uid, [2])])),
        item(WindowCenter="3", WindowWidth="30", VOILUTFunction="SIGMOID"),
    ]
    state = write_state(tmp_path, uid, SoftcopyVOILUTSequence=voi)

    found = [through(image, state, frame).facts.windows[0] for frame in range(3)]

    assert [(w.center, w.width, w.function.value) for w in found] == [
        (3, 30, "SIGMOID"), (2, 20, "LINEAR"), (3, 30, "SIGMOID"),
    ]  # fmt: skip


def graphic(kind: str, points: list[float], *, units: str = "PIXEL", filled: str = "N") -> Dataset:
    return item(
        GraphicAnnotationUnits=units, GraphicDimensions=2, NumberOfGraphicPoints=len(points) // 2, GraphicData=points,
        GraphicType=kind, GraphicFilled=filled,
    )  # fmt: skip


def annotation(layer: str, *graphics: Dataset, texts: tuple[Dataset, ...] = ()) -> Dataset:
    found = item(GraphicLayer=layer)
    if graphics:
        found.GraphicObjectSequence = Sequence(graphics)
    if texts:
        found.TextObjectSequence = Sequence(texts)
    return found


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_graphics_stand_at_their_image_points_in_the_colour_of_their_layer(
    tmp_path: Path, make_dicom: MakeDicom, syntax: str
) -> None:
    image = make_dicom("i.dcm", np.zeros((20, 30), np.int16))
    state = write_state(
        tmp_path,
        uid_of(image),
        syntax=syntax,
        GraphicLayerSequence=[
            item(GraphicLayer="B", GraphicLayerOrder=2, GraphicLayerRecommendedDisplayRGBValue=[0, 65535, 0]),
            item(GraphicLayer="A", GraphicLayerOrder=1, GraphicLayerRecommendedDisplayGrayscaleValue=65535),
        ],
        GraphicAnnotationSequence=[
            annotation("B", graphic("POLYLINE", [1, 2, 10, 2, 10, 8, 1, 2], filled="Y"), graphic("POINT", [3.5, 4.5])),
            annotation("A", graphic("CIRCLE", [10, 10, 14, 10]), graphic("POLYLINE", [0, 0, 0.5, 1], units="DISPLAY")),
        ],
    )

    made = through(image, state)

    first, display, closed, point = made.outlines  # in the order of the layers, not of the file
    assert (first.color, closed.color) == ("#FFFFFF", "#00FF00")
    assert all(np.hypot(x - 10, y - 10) == pytest.approx(4) for x, y in first.points_px)
    assert display.points_px == ((0, 0), (15, 20))
    assert closed.points_px == ((1, 2), (10, 2), (10, 8)) and closed.closed and len(made.fills) == 1
    assert point.points_px == ((3.5, 4.5),)
    codes = made.fills[0].codes
    assert codes is not None and codes[3, 8] == 1 and codes[7, 2] == 0 and codes.shape == (20, 30)


def test_words_keep_their_lines_box_and_anchor(tmp_path: Path, make_dicom: MakeDicom) -> None:
    image = make_dicom("i.dcm", np.zeros((20, 30), np.int16))
    words = item(
        UnformattedTextValue="first\r\nsecond", BoundingBoxAnnotationUnits="PIXEL",
        BoundingBoxTopLeftHandCorner=[4.0, 5.0], BoundingBoxBottomRightHandCorner=[20.0, 9.0],
        BoundingBoxTextHorizontalJustification="RIGHT", AnchorPointAnnotationUnits="DISPLAY", AnchorPoint=[0.5, 0.5],
        AnchorPointVisibility="Y",
    )  # fmt: skip
    state = write_state(tmp_path, uid_of(image), GraphicAnnotationSequence=[annotation("A", texts=(words,))])

    (text,) = through(image, state).texts

    assert text.lines == ("first", "second") and text.box_px == (4, 5, 20, 9) and text.align == "right"
    assert text.anchor_px == (15, 10) and text.shows_anchor


def test_annotations_of_another_frame_are_not_drawn_on_this_one(tmp_path: Path, make_dicom: MakeDicom) -> None:
    image = make_dicom("m.dcm", np.zeros((2, 4, 4), np.int16), NumberOfFrames=2)
    marks = annotation("A", graphic("POLYLINE", [0, 0, 3, 3]))
    marks.ReferencedImageSequence = Sequence([image_item(uid_of(image), [2])])
    state = write_state(tmp_path, uid_of(image), GraphicAnnotationSequence=[marks])

    assert through(image, state, 0).outlines == () and len(through(image, state, 1).outlines) == 1


def test_turn_flip_and_displayed_area(tmp_path: Path, make_dicom: MakeDicom) -> None:
    image = make_dicom("i.dcm", np.zeros((20, 30), np.int16))
    area = item(
        DisplayedAreaTopLeftHandCorner=[5, 18], DisplayedAreaBottomRightHandCorner=[24, 3],
        PresentationSizeMode="SCALE TO FIT", PresentationPixelAspectRatio=[1, 1],
    )  # fmt: skip
    state = write_state(
        tmp_path, uid_of(image), ImageRotation=270, ImageHorizontalFlip="N", DisplayedAreaSelectionSequence=[area]
    )
    flipped = write_state(tmp_path, uid_of(image), "f.dcm", ImageRotation=90, ImageHorizontalFlip="Y")

    made, other = through(image, state), through(image, flipped)

    assert (made.quarter_turns, made.flipped) == (3, False)
    assert made.area_px == (4, 2, 24, 18)  # columns 5 to 24, rows 3 to 18, with their outer edges
    assert (other.quarter_turns, other.flipped) == (3, True) and other.area_px is None


def test_what_is_not_done_is_said(tmp_path: Path, make_dicom: MakeDicom) -> None:
    image = make_dicom("i.dcm", np.zeros((20, 30), np.int16))
    marks = annotation("A", graphic("NONSENSE", [0, 0, 3, 3]))
    marks.CompoundGraphicSequence = Sequence([item(CompoundGraphicType="RULER")])
    area = item(
        DisplayedAreaTopLeftHandCorner=[1, 1], DisplayedAreaBottomRightHandCorner=[30, 20],
        PresentationSizeMode="TRUE SIZE", PresentationPixelAspectRatio=[2, 1],
    )  # fmt: skip
    state = write_state(
        tmp_path, uid_of(image), GraphicAnnotationSequence=[marks], DisplayedAreaSelectionSequence=[area],
        MaskSubtractionSequence=[item(MaskOperation="AVG_SUB")],
    )  # fmt: skip

    notes = " ".join(through(image, state).notes)

    for words in ("true size", "shape of pixel", "cannot be drawn", "compound graphics", "mask image"):
        assert words in notes


def test_a_state_shows_the_planes_it_turns_on_and_its_own_shutter(tmp_path: Path, make_dicom: MakeDicom) -> None:
    image = make_dicom(
        "i.dcm", np.zeros((8, 8), np.int16), ShutterShape="RECTANGULAR", ShutterLeftVerticalEdge=3,
        ShutterRightVerticalEdge=5, ShutterUpperHorizontalEdge=3, ShutterLowerHorizontalEdge=5,
    )  # fmt: skip
    for group in (0x6000, 0x6002):
        put_plane(image, group)
    state = write_state(tmp_path, uid_of(image), ShutterShape="BITMAP", ShutterOverlayGroup=0x6004,
                        ShutterPresentationValue=0)  # fmt: skip
    put_plane(state, 0x6004)
    ds = pydicom.dcmread(state)
    ds.add_new((0x6002, 0x1001), "CS", "L1")
    ds.save_as(state)

    made = through(image, state)

    assert [(plane.group, plane.layer) for plane in made.facts.overlay_planes] == [(0x6002, "L1")]
    assert made.facts.shutter is not None and made.facts.shutter.rectangle is None
    assert made.facts.shutter.bitmap is not None and made.facts.shutter.bitmap.group == 0x6004


def put_plane(path: Path, group: int) -> None:
    ds = pydicom.dcmread(path)
    for element, vr, value in (
        (0x10, "US", 2), (0x11, "US", 8), (0x40, "CS", "G"), (0x50, "SS", [1, 1]), (0x100, "US", 1), (0x102, "US", 0),
        (0x3000, "OW", b"\xff\x0f"),
    ):  # fmt: skip
        ds.add_new((group, element), vr, value)
    ds.save_as(path)


# The scan


def test_a_scan_lists_states_of_images_that_are_there_and_names_the_others(
    tmp_path: Path, make_dicom: MakeDicom
) -> None:
    image = make_dicom("i.dcm", np.zeros((8, 8), np.int16))
    write_state(tmp_path, uid_of(image), "mine.dcm")
    write_state(tmp_path, "1.2.3.4.5", "lost.dcm")

    result = scan([tmp_path])

    assert [(state.path.name, state.label) for state in result.presentation_states] == [("mine.dcm", "MARKS")]
    (problem,) = result.problems
    assert problem.path.name == "lost.dcm" and "the images it is about are not here" in problem.reason


# Real files, against DCMTK's own rendering


@pytest.mark.parametrize(
    ("image", "state"),
    [("pixel/imageForPrLUTs.dcm", "pixel/prLUTs.dcm"), ("syntax/native/MR_small.dcm", "made/gsps_graphics.dcm")],
)
def test_grey_levels_of_real_states_agree_with_dcmtk(corpus: Path, tmp_path: Path, image: str, state: str) -> None:
    renderer = shutil.which("dcmp2pgm")
    if renderer is None:
        pytest.skip("DCMTK (dcmp2pgm) is not here")
    from PIL import Image

    out = tmp_path / "dcmtk.pgm"
    subprocess.run([renderer, "-p", str(corpus / state), str(corpus / image), str(out)], check=True, timeout=LIMIT_S)
    expected = np.asarray(Image.open(out)).astype(int)
    frame = read_frame(FrameRef(path=corpus / image))
    facts = presented(read_presentation_state(corpus / state), frame.facts, uid_of(corpus / image), 0).facts

    shown = display_table(facts, default_voi(frame.stored, facts), invert=False).apply(frame.stored).astype(int)

    # DCMTK draws graphics into its picture as well; they cover a small part of it.
    apart = np.abs(shown - expected) > 1
    assert apart.mean() < 0.01


def test_the_graphics_of_the_made_state_are_those_that_were_written(corpus: Path) -> None:
    made = through(corpus / "syntax/native/MR_small.dcm", corpus / "made/gsps_graphics.dcm")

    assert [len(line.points_px) for line in made.outlines] == [3, 72, 72, 1]
    assert made.outlines[0].points_px[:2] == ((5.5, 5.5), (54.0, 32.0))
    assert made.texts[0].lines == ("lesion A",) and made.texts[0].box_px == (4, 4, 40, 16)
    assert [(w.center, w.width) for w in made.facts.windows] == [(600, 1600)]
    # L* 60, a* 80, b* 60 as the layer says: a strong red.
    red, green, blue = (int(made.outlines[0].color[i : i + 2], 16) for i in (1, 3, 5))
    assert red > 220 and green < 90 and blue < 90
