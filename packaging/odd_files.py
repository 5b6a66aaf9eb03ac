"""Files that other viewers show wrongly, for `pictures.py`: each is opened by hand, its words pointed at."""

import time
from pathlib import Path
from typing import Any

from hand import Hand


def with_a_state(film: Path, folder: Path) -> None:
    """A copy of a MONOCHROME1 film, and a presentation state that windows it and marks the heart."""
    from pydicom import dcmread
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    folder.mkdir()
    (folder / "film.dcm").write_bytes(film.read_bytes())
    image = dcmread(film, force=True)
    state = Dataset()
    state.SOPClassUID, state.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.11.1", generate_uid()
    for keyword in ("PatientName", "PatientID", "StudyInstanceUID"):
        setattr(state, keyword, image.get(keyword, ""))
    state.Modality, state.SeriesInstanceUID, state.InstanceNumber = "PR", generate_uid(), 1
    state.ContentLabel, state.ContentCreatorName = "HEART", "Reader^One"
    state.PresentationCreationDate, state.PresentationCreationTime = "20261121", "120000"
    reference = _item(ReferencedSOPClassUID=image.SOPClassUID, ReferencedSOPInstanceUID=image.SOPInstanceUID)
    series = _item(SeriesInstanceUID=image.get("SeriesInstanceUID", ""), ReferencedImageSequence=[reference])
    state.ReferencedSeriesSequence = [series]
    state.SoftcopyVOILUTSequence = [_item(WindowCenter=480, WindowWidth=620)]
    state.PresentationLUTShape = "INVERSE"  # as MONOCHROME1 asks: inverted once, not twice
    ring = _item(GraphicAnnotationUnits="PIXEL", GraphicDimensions=2, NumberOfGraphicPoints=2)
    ring.GraphicData, ring.GraphicType, ring.GraphicFilled = [245.0, 300.0, 320.0, 300.0], "CIRCLE", "N"
    words = _item(BoundingBoxAnnotationUnits="PIXEL", UnformattedTextValue="Heart")
    words.BoundingBoxTopLeftHandCorner, words.BoundingBoxBottomRightHandCorner = [300.0, 340.0], [390.0, 360.0]
    words.BoundingBoxTextHorizontalJustification = "LEFT"
    marks = _item(GraphicLayer="MARKS", ReferencedImageSequence=[reference])
    marks.GraphicObjectSequence, marks.TextObjectSequence = [ring], [words]
    state.GraphicAnnotationSequence = [marks]
    state.GraphicLayerSequence = [_item(GraphicLayer="MARKS", GraphicLayerOrder=1)]
    state.file_meta = FileMetaDataset()
    state.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    state.save_as(folder / "state.dcm", enforce_file_format=True)


def _item(**attributes: Any) -> Any:
    from pydicom.dataset import Dataset

    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, value)
    return made


class OddFiles:
    """Presentation states, palettes, overlays, tilt, SUV, ultrasound regions, no calibration, broken files."""

    def __init__(self, hand: Hand, window: Any, data: Path, folder: Path) -> None:
        self.hand, self.window, self.session = hand, window, window.session
        self.data, self.folder = data / "dicom", folder

    def run(self) -> None:
        """Every file."""
        self.hand.until(lambda: self.session.project is not None, "the personal project")
        self.tilted()
        self.palette()
        self.overlay()
        self.suv()
        self.ultrasound()
        self.film()
        self.presentation_state()
        self.broken()
        self.hand.key("ctrl+q")

    def open(self, path: Path, *, shows: bool = True) -> None:
        """Open a file or folder by typing its path."""
        hand, session = self.hand, self.session
        before = hand.ask(lambda: session.shown)
        hand.key("F5")
        hand.key("ctrl+o" if path.is_dir() else "ctrl+shift+o")
        time.sleep(1.5)
        hand.type(str(path))
        hand.key("Return")
        if shows:
            hand.until(lambda: session.shown is not None and session.shown is not before, f"an image of {path.name}")
        time.sleep(1.5)

    def view(self) -> Any:
        """The active view."""
        return self.hand.ask(lambda: self.session.active_view)

    def tilted(self) -> None:
        """A tilted CT says so on the image."""
        self.open(self.data / "series" / "ct_gantry_tilt_ge")
        self.hand.picture("odd_tilted_ct.png")

    def palette(self) -> None:
        """A palette picture: colours as the file has them, no window."""
        self.open(self.data / "pixel" / "examples_palette.dcm")
        self.hand.picture("odd_palette.png")

    def overlay(self) -> None:
        """An overlay plane of group 6000."""
        self.open(self.data / "pixel" / "examples_overlay.dcm")
        self.hand.picture("odd_overlay.png")

    def suv(self) -> None:
        """A PET in becquerel per millilitre, with an ellipse that says SUV."""
        self.open(self.data / "series" / "pet_raw_suv")
        self.hand.key("e")
        self.hand.drag(self.view(), [(0.45, 0.40), (0.56, 0.52)])
        self.hand.key("w")
        self.hand.xdo("mousemove", *self.hand.at(self.view(), 0.5, 0.45))
        time.sleep(0.5)
        self.hand.picture("odd_pet_suv.png")

    def ultrasound(self) -> None:
        """A length inside an ultrasound region in its unit; one across two and one outside in pixels."""
        self.open(self.data / "pixel" / "gdcm-US-ALOKA-16.dcm")
        self.hand.key("l")
        self.hand.drag(self.view(), [(0.15, 0.62), (0.32, 0.72)])
        self.hand.drag(self.view(), [(0.45, 0.40), (0.60, 0.60)])
        self.hand.drag(self.view(), [(0.40, 0.05), (0.60, 0.05)])
        self.hand.key("w")
        self.hand.picture("odd_ultrasound.png")

    def film(self) -> None:
        """An old film, MONOCHROME1, not calibrated: no scale bar, a length in pixels."""
        self.open(self.data / "pixel" / "CR-MONO1-10-chest")
        self.hand.key("l")
        self.hand.drag(self.view(), [(0.40, 0.50), (0.60, 0.50)])
        self.hand.key("w")
        self.hand.picture("odd_film.png")

    def presentation_state(self) -> None:
        """The same film with a presentation state: its window, its polarity, its marks; one key puts it on."""
        folder = self.folder / "film with a state"
        with_a_state(self.data / "pixel" / "CR-MONO1-10-chest", folder)
        self.open(folder)
        self.hand.key("shift+p")
        time.sleep(1.0)
        self.hand.picture("odd_presentation_state.png")

    def broken(self) -> None:
        """A file cut in its pixels shows the rows that are there and says so; a hopeless one is refused by name."""
        self.open(self.data / "made" / "cut_in_pixels.dcm")
        self.hand.picture("odd_cut_file.png")
        self.open(self.data / "made" / "zero_length.dcm", shows=False)
        self.hand.picture("odd_refused.png")
