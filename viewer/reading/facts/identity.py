"""Who and what a frame shows: the corner texts."""

from viewer.core.pixels import FrameIdentity
from viewer.reading.dicom.functional_groups import FrameHeader
from viewer.reading.facts.film_views import film_words

PIXEL_MEASURES, SLICE_THICKNESS = 0x00289110, 0x00180050


def frame_identity(frame: FrameHeader) -> FrameIdentity:
    """The identity of one frame; empty where the file gives nothing."""
    header = frame.header
    return FrameIdentity(
        patient_name=header.name(0x00100010),
        patient_id=header.text(0x00100020),
        birth_date=header.text(0x00100030),
        sex=header.text(0x00100040),
        age=header.text(0x00101010),
        study_date=header.text(0x00080020),
        study_description=header.text(0x00081030),
        series_number=header.text(0x00200011),
        series_description=header.text(0x0008103E),
        instance_number=header.text(0x00200013),
        modality=header.text(0x00080060),
        body_part=header.text(0x00180015),
        view_position=header.text(0x00185101),
        film=film_words(frame),
        slice_thickness_mm=frame.where(PIXEL_MEASURES, SLICE_THICKNESS).number(SLICE_THICKNESS),
        technique=_technique(frame),
        extra=_extra(frame),
    )


def _technique(frame: FrameHeader) -> str:
    header = frame.header
    parts = (
        ("{:g} kV", header.number(0x00180060)),
        ("{:g} mAs", header.number(0x00181152)),
        ("{:g} mA", header.number(0x00181151)),
        ("TR {:g} ms", header.number(0x00180080)),
        ("TE {:g} ms", header.number(0x00180081)),
    )
    return " · ".join(form.format(value) for form, value in parts if value)


def _extra(frame: FrameHeader) -> dict[str, str]:
    header = frame.header
    found = {
        "institution": header.text(0x00080080),
        "issuer": header.text(0x00100021),  # of the patient id
        "laterality": header.text(0x00200062) or header.text(0x00200060),
        "station": header.text(0x00081010),
        "manufacturer": header.text(0x00080070),
        "acquisition_time": header.text(0x00080032),
        "study_uid": header.text(0x0020000D),
        "series_uid": header.text(0x0020000E),
        "sop_instance_uid": header.text(0x00080018),
    }
    return {name: value for name, value in found.items() if value}
