"""Side and view of a film as its header says them, by the codes of the standard; nothing where it says nothing."""

import io

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr._snomed_dict import mapping
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian

from viewer.reading.frames import read_frame
from viewer.reading.series import FrameRef


def film(tmp_path, **said: object) -> str:
    ds = Dataset()
    ds.SOPClassUID, ds.SOPInstanceUID, ds.Modality = "1.2.840.10008.5.1.4.1.1.1.2", "1.2.3", "MG"
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = 4, 5, 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.PixelData = bytes(2 * 20)
    for keyword, value in said.items():
        setattr(ds, keyword, value)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = io.BytesIO()
    ds.save_as(stream, enforce_file_format=True)
    path = tmp_path / "film.dcm"
    path.write_bytes(stream.getvalue())
    return read_frame(FrameRef(path=path)).identity.film


def code(value: str, scheme: str = "SCT", meaning: str = "", *more: Dataset) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    if more:
        item.ViewModifierCodeSequence = list(more)
    return item


CC_MAGNIFIED = code("399162004", "SCT", "cranio-caudal", code("R-102D6", "SRT", "magnification"))

FRAME_ANATOMY, ANATOMY_LEFT = Dataset(), Dataset()
FRAME_ANATOMY.FrameLaterality = "L"
ANATOMY_LEFT.FrameAnatomySequence = [FRAME_ANATOMY]

# The abbreviations that people write on films, by the names of pydicom's copy of CID 4014 and 4010 (PS3.16).
NAMES = {
    "CC": "CranioCaudal", "MLO": "MedioLateralObliqueProjection", "ML": "MedioLateralProjection",
    "LM": "LateralMedial", "LMO": "LateroMedialOblique", "FB": "CaudoCranial",
    "SIO": "SuperolateralToInferomedialOblique", "ISO": "InferomedialToSuperolateralOblique",
    "XCCL": "CranioCaudalExaggeratedLaterally", "XCCM": "CranioCaudalExaggeratedMedially",
    "AP": "AnteroPosterior", "PA": "PosteroAnterior", "LL": "LeftLateral", "RL": "RightLateral",
    "LPO": "LeftPosteriorOblique", "RPO": "RightPosteriorOblique", "LAO": "LeftAnteriorOblique",
    "RAO": "RightAnteriorOblique",
}  # fmt: skip


@pytest.mark.parametrize(("view", "name"), NAMES.items())
def test_a_view_s_code_is_said_as_people_write_it(tmp_path, view: str, name: str) -> None:
    cid = next(cid for cid in (4010, 4014) if name in cid_concepts[cid]["SCT"])
    concept = getattr(getattr(codes, f"cid{cid}"), name)
    older = mapping["SCT"][concept.value]

    for value, scheme in ((concept.value, "SCT"), (older, "SRT")):
        item = code(value, scheme, concept.meaning)
        assert film(tmp_path, ImageLaterality="L", ViewCodeSequence=[item]) == f"L {view}"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({}, ""),
        ({"ViewPosition": "PA"}, "PA"),
        ({"Laterality": "R"}, "R"),
        ({"Laterality": "R", "ImageLaterality": "L", "ViewPosition": "MLO"}, "L MLO"),
        ({"ImageLaterality": "B", "ViewPosition": "AP"}, "L+R AP"),
        ({"ImageLaterality": "U", "ViewPosition": "PA"}, "PA"),
        ({"ImageLaterality": "LEFT", "ViewPosition": ""}, ""),
        ({"ImageLaterality": "R", "ViewCodeSequence": [code("99", "99X", "spot view")]}, "R spot view"),
        ({"ViewPosition": "MLO", "ViewCodeSequence": [code("99", "99X", "spot view")]}, "MLO"),
        ({"ImageLaterality": "R", "SharedFunctionalGroupsSequence": [ANATOMY_LEFT]}, "L"),  # PS3.3 C.7.6.16.2.8
        (
            {"ImageLaterality": "R", "ViewCodeSequence": [CC_MAGNIFIED]},
            "R CC · magnification",
        ),
    ],
)  # fmt: skip
def test_side_and_view_are_what_the_header_says(tmp_path, said: dict[str, object], words: str) -> None:
    assert film(tmp_path, **said) == words


def test_a_view_of_many_lines_is_one_short_line(tmp_path) -> None:
    found = film(tmp_path, ViewCodeSequence=[code("99", "99X", "<b>one</b>\r\ntwo" + "x" * 40)])

    assert "\n" not in found and "\r" not in found and len(found) <= 41 and "<b>" in found
