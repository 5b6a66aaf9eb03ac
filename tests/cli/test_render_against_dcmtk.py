"""What `render` shows, against DCMTK's dcmj2pnm (dcm2img in newer ones), within one grey level.

Every photometric interpretation with every kind of look-up: files that pydicom writes here, then real ones. Where DCMTK
itself does otherwise the case is named with its reason, and held to something else:
* YBR: DCMTK centres chroma on 127.5 (PS3.3 C.7.6.3.1.2: half full scale, 128 of 8 bits) and cuts fractions off.
* MONOCHROME1 with Presentation LUT Shape IDENTITY: DCMTK shows the least value black. The least of MONOCHROME1 is white
  (C.7.6.3.1.2), and IDENTITY says only that nothing follows (C.11.6.1.2), so it is given the file without the shape.
* LINEAR_EXACT is not known to dcmj2pnm: it is given the LINEAR window that is the same function (C.11.2.1.2.1, .3).
* VOI LUT Function and windows inside functional groups are not read by it: they are given on its command line.
* Dose Grid Scaling (C.8.8.3) is not known to it: it is given the window in stored values.
* Segmented palettes (C.7.9.2) are not read by it: it is given the same palette as plain tables.
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from tests.waiting import LIMIT_S
from viewer.cli.main import main
from viewer.core.compose import compose, native_view
from viewer.core.pixels import LookupTable, VoiFunction, Window
from viewer.core.windowing import default_voi, display_table, full_range
from viewer.reading.frame import Frame
from viewer.reading.frames import file_frames, read_frame
from viewer.reading.sources.data_folder import find_data

PROGRAM = shutil.which("dcm2img") or shutil.which("dcmj2pnm")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="DCMTK is not here (Debian package dcmtk)")

SIDE = 64  # so that 4096 values of 12 bits fill one picture


def all_of(bits: int, *, signed: bool = False) -> np.ndarray:
    """(64, 64) values spread over the whole range of `bits` bits."""
    values = np.linspace(0, (1 << bits) - 1, SIDE * SIDE).round().astype(np.int64).reshape(SIDE, SIDE)
    return (values - (1 << (bits - 1))).astype(np.int16) if signed else values.astype(np.uint16)


def lut_item(values: np.ndarray, first: int, bits: int) -> Dataset:
    """A Modality or VOI LUT item of unsigned entries (PS3.3 C.11.1, C.11.2)."""
    item = Dataset()
    item.add_new("LUTDescriptor", "US" if first >= 0 else "SS", [len(values) % 65536, first, bits])
    item.LUTExplanation, item.ModalityLUTType = "test", "US"
    item.add_new("LUTData", "OW", values.astype("<u2").tobytes())
    return item


CURVE = np.rint(4095 * (np.arange(4096) / 4095) ** 0.5)

# kind -> (pixels, attributes)
GREY: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
    "8 bits as they are": (all_of(8).astype(np.uint8), {}),
    "window": (all_of(12), {"WindowCenter": 1500, "WindowWidth": 2000}),
    "window of signed values": (all_of(12, signed=True), {"WindowCenter": 40, "WindowWidth": 400}),
    "window of 16 bits": (all_of(16), {"WindowCenter": 30000, "WindowWidth": 50000}),
    "window of width 1": (all_of(12), {"WindowCenter": 2000, "WindowWidth": 1}),
    "window between whole numbers": (all_of(12), {"WindowCenter": "1500.25", "WindowWidth": "333.5"}),
    "linear exact": (
        all_of(12),
        {"WindowCenter": 1500, "WindowWidth": 200, "VOILUTFunction": "LINEAR_EXACT"},
    ),
    "sigmoid": (all_of(12), {"WindowCenter": 1500, "WindowWidth": 900, "VOILUTFunction": "SIGMOID"}),
    "rescale": (
        all_of(12),
        {"RescaleSlope": 1, "RescaleIntercept": -1024, "WindowCenter": 50, "WindowWidth": 350},
    ),
    "rescale by fractions": (
        all_of(12),
        {"RescaleSlope": "0.37", "RescaleIntercept": "-12.5", "WindowCenter": 400, "WindowWidth": 900},
    ),
    "rescale downwards": (
        all_of(12),
        {"RescaleSlope": -2, "RescaleIntercept": 4000, "WindowCenter": 500, "WindowWidth": 6000},
    ),
    "modality table": (
        all_of(12),
        {"ModalityLUTSequence": [lut_item(CURVE, 0, 12)], "WindowCenter": 3000, "WindowWidth": 1500},
    ),
    "modality table that begins later": (
        all_of(12),
        {"ModalityLUTSequence": [lut_item(CURVE[::-1][:2000], 1000, 12)], "WindowCenter": 3000, "WindowWidth": 2500},
    ),
    "VOI table": (all_of(12), {"VOILUTSequence": [lut_item(CURVE, 0, 12)]}),
    "VOI table of 8 bits": (all_of(12), {"VOILUTSequence": [lut_item(CURVE // 16, 0, 8)]}),
    "VOI table of 16 bits": (all_of(12), {"VOILUTSequence": [lut_item(CURVE * 16, 0, 16)]}),
    "VOI table after a rescale": (
        all_of(12),
        {"RescaleSlope": 1, "RescaleIntercept": -1024, "VOILUTSequence": [lut_item(CURVE[:3000], -500, 12)]},
    ),
    "VOI table after a modality table": (
        all_of(12),
        {"ModalityLUTSequence": [lut_item(CURVE, 0, 12)], "VOILUTSequence": [lut_item(CURVE[::-1], 0, 12)]},
    ),
    "shape identity": (
        all_of(12),
        {"WindowCenter": 1500, "WindowWidth": 2000, "PresentationLUTShape": "IDENTITY"},
    ),
    "shape inverse": (all_of(12), {"WindowCenter": 1500, "WindowWidth": 2000, "PresentationLUTShape": "INVERSE"}),
}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def one(pixels: np.ndarray, name: str = "a.dcm", **attributes: Any) -> Path:
        ds = Dataset()
        ds.SOPClassUID, ds.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "1.2.3"
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = "1.2.4", "1.2.5", "OT"
        ds.Rows, ds.Columns = pixels.shape[:2]
        ds.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
        if pixels.ndim == 3:
            ds.PlanarConfiguration = 0
        ds.BitsAllocated = ds.BitsStored = 8 * pixels.dtype.itemsize
        top = int(pixels.max())
        if pixels.dtype == np.int16 or 255 < top < 4096:
            ds.BitsStored = 12
        ds.HighBit, ds.PixelRepresentation = ds.BitsStored - 1, int(pixels.dtype.kind == "i")
        ds.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
        for keyword, value in attributes.items():
            setattr(ds, keyword, value)
        ds["PixelData"].VR = "OW" if pixels.dtype.itemsize > 1 else "OB"
        ds.file_meta = FileMetaDataset()
        ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        ds.save_as(tmp_path / name, enforce_file_format=True)
        return tmp_path / name

    return one


def ours(frame: Frame, window: Window | LookupTable) -> np.ndarray:
    """(row, col, 3) as the canvas and `render` compose it."""
    view, transform = native_view(frame.stored, frame.facts)
    return compose(view, display_table(frame.facts, window, invert=False), (), None, transform).rgb


def dcmtk(path: Path, frame: Frame, window: Window | LookupTable, out: Path) -> np.ndarray:
    """(row, col, 3) of the first frame through the same window or table."""
    options = [] if frame.facts.samples == 3 or frame.facts.palette is not None else window_options(frame, window)
    # -O: our overlay planes are a choice of their own.
    command = [str(PROGRAM), "-q", "-O", "+op", *options, str(path), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    picture = read_pnm(out.read_bytes())
    return picture if picture.ndim == 3 else np.repeat(picture[:, :, None], 3, axis=2)


def window_options(frame: Frame, window: Window | LookupTable) -> list[str]:
    if isinstance(window, LookupTable):
        return ["+Wl", str(1 + frame.facts.voi_luts.index(window))]
    if window.function is VoiFunction.SIGMOID:
        return ["+Ww", repr(window.center), repr(window.width), "+Wfs"]
    if window.function is VoiFunction.LINEAR_EXACT:
        return ["+Ww", repr(window.center + 0.5), repr(window.width + 1)]
    if window in frame.facts.windows:
        return ["+Wi", str(1 + frame.facts.windows.index(window))]
    return ["+Ww", repr(window.center), repr(window.width)]


def read_pnm(data: bytes) -> np.ndarray:
    """A binary PGM or PPM."""
    words, position = [], 0
    while len(words) < 4:
        line = data[position : data.index(b"\n", position)]
        position += len(line) + 1
        words += line.partition(b"#")[0].split()
    shape = (int(words[2]), int(words[1]), 3) if words[0] == b"P6" else (int(words[2]), int(words[1]))
    return np.frombuffer(data, np.uint8, int(np.prod(shape)), position).reshape(shape)


def levels_apart(path: Path, out: Path, other: Path | None = None) -> int:
    """Largest difference between our picture of `path` and DCMTK's of it, or of `other`."""
    frame = read_frame(file_frames(path)[0])
    window = default_voi(frame.stored, frame.facts)
    return int(np.abs(ours(frame, window).astype(int) - dcmtk(other or path, frame, window, out)).max())


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("kind", GREY)
def test_grey_is_within_one_level_through_every_kind_of_look_up(
    write: Write, tmp_path: Path, kind: str, photometric: str
) -> None:
    pixels, attributes = GREY[kind]
    path = write(pixels, PhotometricInterpretation=photometric, **attributes)
    if (kind, photometric) == ("shape identity", "MONOCHROME1"):
        shapeless = {keyword: value for keyword, value in attributes.items() if keyword != "PresentationLUTShape"}
        other = write(pixels, "b.dcm", PhotometricInterpretation=photometric, **shapeless)
        assert levels_apart(path, tmp_path / "x.pnm", other) <= 1
        return

    assert levels_apart(path, tmp_path / "x.pnm") <= 1


def test_the_second_window_of_a_file_is_the_second_there_too(write: Write, tmp_path: Path) -> None:
    path = write(all_of(12), PhotometricInterpretation="MONOCHROME2", WindowCenter=[500, 3000], WindowWidth=[100, 1000])

    frame = read_frame(file_frames(path)[0])
    second = frame.facts.windows[1]
    difference = ours(frame, second).astype(int) - dcmtk(path, frame, second, tmp_path / "x.pnm")

    assert np.abs(difference).max() <= 1


def colours() -> np.ndarray:
    """(64, 64, 3) uint8: every mixture of 16 steps of red, green and blue."""
    steps = (np.arange(16) * 17).astype(np.uint8)
    return np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(SIDE, SIDE, 3)


@pytest.mark.parametrize("planar", [0, 1])
def test_rgb_is_the_same(write: Write, tmp_path: Path, planar: int) -> None:
    rgb = colours()
    ordered = np.ascontiguousarray(rgb.transpose(2, 0, 1)) if planar else rgb
    path = write(rgb, PhotometricInterpretation="RGB", PlanarConfiguration=planar, PixelData=ordered.tobytes())

    assert levels_apart(path, tmp_path / "x.pnm") == 0


@pytest.mark.parametrize("bits", [16, 32])
def test_deeper_rgb_is_scaled_by_its_whole_range(write: Write, tmp_path: Path, bits: int) -> None:
    rgb = (colours().astype(np.uint64) * (((1 << bits) - 1) // 255)).astype(f"u{bits // 8}")
    path = write(rgb, PhotometricInterpretation="RGB", BitsStored=bits, HighBit=bits - 1)

    assert levels_apart(path, tmp_path / "x.pnm") <= 1


@pytest.mark.parametrize("photometric", ["YBR_FULL", "YBR_FULL_422"])
def test_ybr_is_the_standards_formula_and_dcmtk_differs_as_it_rounds(
    write: Write, tmp_path: Path, photometric: str
) -> None:
    ybr = colours()
    pixels = ybr.tobytes()
    if photometric == "YBR_FULL_422":
        ybr[:, 1::2, 1:] = ybr[:, ::2, 1:]
        pairs = ybr.reshape(-1, 2, 3)
        pixels = np.stack([pairs[:, 0, 0], pairs[:, 1, 0], pairs[:, 0, 1], pairs[:, 0, 2]], axis=1).tobytes()
    path = write(ybr, PhotometricInterpretation=photometric, PixelData=pixels)
    frame = read_frame(file_frames(path)[0])
    window = default_voi(frame.stored, frame.facts)

    picture, other = ours(frame, window), dcmtk(path, frame, window, tmp_path / "x.pnm")

    assert np.abs(picture - rgb_of(ybr)).max() <= 1
    assert np.abs(other - rgb_as_dcmtk(ybr)).max() <= 1
    assert np.abs(picture.astype(int) - other).max() <= 2


def rgb_of(ybr: np.ndarray) -> np.ndarray:
    """The inverse of the matrix of PS3.3 C.7.6.3.1.2."""
    forward = np.array([[0.299, 0.587, 0.114], [-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]])
    return np.clip((ybr - np.array([0, 128, 128])) @ np.linalg.inv(forward).T, 0, 255)


def rgb_as_dcmtk(ybr: np.ndarray) -> np.ndarray:
    """Whole-number products about 127.5: red and blue of DCMTK 3.6.7 exactly, green within 1."""
    y, cb, cr = (ybr[..., place].astype(float) for place in range(3))
    red, blue = y + np.trunc(1.402 * (cr - 127.5)), y + np.trunc(1.772 * (cb - 127.5))
    green = y + np.trunc(1.0582 * 127.5) - np.trunc(0.3441 * cb) - np.trunc(0.7141 * cr)
    return np.clip(np.stack([red, green, blue], axis=-1), 0, 255)


def palette(entries: np.ndarray, first: int, bits: int) -> dict[str, Any]:
    """entries: (n, 3). The attributes of PS3.3 C.7.6.3 for plain tables."""
    made: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for place, name in enumerate(("Red", "Green", "Blue")):
        made[f"{name}PaletteColorLookupTableDescriptor"] = [len(entries) % 65536, first, bits]
        made[f"{name}PaletteColorLookupTableData"] = entries[:, place].astype("<u2").tobytes()
    return made


def ramps(count: int) -> np.ndarray:
    """(count, 3) uint16 entries of 16 bits: red up, green down, blue up and down."""
    up = np.linspace(0, 65535, count).round()
    return np.stack([up, up[::-1], 65535 - np.abs(2 * up - 65535)], axis=1).astype(np.uint16)


@pytest.mark.parametrize(("pixels", "count", "first"), [
    (all_of(8).astype(np.uint8), 256, 0),
    (all_of(8).astype(np.uint8), 100, 50),
    (all_of(12), 4096, 0),
    (all_of(16), 65536, 0),
])  # fmt: skip
def test_palettes_are_within_one_level(
    write: Write, tmp_path: Path, pixels: np.ndarray, count: int, first: int
) -> None:
    path = write(pixels, **palette(ramps(count), first, 16))

    assert levels_apart(path, tmp_path / "x.pnm") <= 1


def test_a_segmented_palette_is_what_the_same_plain_one_shows(write: Write, tmp_path: Path) -> None:
    pixels = all_of(8).astype(np.uint8)
    plain_entries = np.zeros((256, 3), np.uint16)
    plain_entries[1:] = np.linspace(0, 65280, 256)[1:, None].round()
    segmented = palette(plain_entries, 0, 16)
    words = np.array([0, 1, 0, 1, 255, 65280], "<u2")  # one entry of 0, then 255 on a line to 65280 (C.7.9.2)
    for name in ("Red", "Green", "Blue"):
        del segmented[f"{name}PaletteColorLookupTableData"]
        segmented[f"Segmented{name}PaletteColorLookupTableData"] = words.tobytes()
    plain = write(pixels, "plain.dcm", **palette(plain_entries, 0, 16))
    path = write(pixels, "segmented.dcm", **segmented)
    frame, other = read_frame(file_frames(path)[0]), read_frame(file_frames(plain)[0])
    window = default_voi(frame.stored, frame.facts)

    difference = ours(frame, window).astype(int) - dcmtk(plain, other, window, tmp_path / "x.pnm")

    assert np.abs(difference).max() <= 1


REAL = [
    "objects/dicomdir/77654033/CR1/6154",  # MONOCHROME1, rescale
    "pixel/dx_image.dcm",  # MONOCHROME1, presentation shape
    "pixel/vlut_04.dcm",  # VOI LUT
    "pixel/mlut_18.dcm",  # modality LUT
    "pixel/examples_overlay.dcm",  # two windows
    "pixel/OutOfBoundsOverlay.dcm",  # JPEG lossless, rescale, padding, shape
    "broken/bad_sequence.dcm",  # JPEG lossless, rescale, two windows
    "pixel/decimal_rescale.dcm",
    "pixel/12bitUnsigned_0x0F0F.dcm",
    "objects/1.dcm",  # PET
    "syntax/native/CT_small.dcm",
    "syntax/native/MR_small_bigendian.dcm",
    "syntax/native/MR_small_implicit.dcm",
    "syntax/rle/MR_small_RLE.dcm",
    "syntax/rle/SC_rgb_rle_16bit.dcm",
    "syntax/rle/SC_rgb_rle_32bit_2frame.dcm",
    "syntax/deflated/6.dcm",
    "syntax/jpeg_lossless/SC_rgb_jpeg_gdcm.dcm",
    "syntax/jpeg/JPEGBaseline_1s_1f_u_08_08.dcm",
    "pixel/color-pl.dcm",
    "pixel/examples_palette.dcm",
    "objects/no-pixel-spacing.dcm",  # palette in RLE
    "pixel/seg_image_sm_control_labelmap_palette_color.dcm",
]


@pytest.mark.parametrize("name", REAL)
def test_real_files_are_within_one_level(tmp_path: Path, name: str) -> None:
    data = find_data()
    if data is None or not (data / "dicom" / name).exists():
        pytest.skip("the real images are not here (NEGATOSCOPE_DATA)")

    assert levels_apart(data / "dicom" / name, tmp_path / "x.pnm") <= 1


def test_a_real_dose_is_within_one_level(tmp_path: Path) -> None:
    data = find_data()
    if data is None:
        pytest.skip("the real images are not here (NEGATOSCOPE_DATA)")
    path = data / "dicom" / "objects" / "rtdose_1frame.dcm"  # 32 bits
    frame = read_frame(file_frames(path)[0])
    scale = float(dcmread(path).DoseGridScaling)

    window = full_range(frame.stored, frame.facts)
    stored = replace(window, center=window.center / scale, width=window.width / scale)

    difference = ours(frame, window).astype(int) - dcmtk(path, frame, stored, tmp_path / "x.pnm")
    assert np.abs(difference).max() <= 1


def test_the_picture_that_render_writes_is_the_one_compared_here(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    pixels, attributes = GREY["rescale"]
    path = write(pixels, PhotometricInterpretation="MONOCHROME1", **attributes)
    frame = read_frame(file_frames(path)[0])

    assert main(["render", str(path), "--out", str(tmp_path / "x.png")]) == 0

    other = dcmtk(path, frame, frame.facts.windows[0], tmp_path / "x.pnm")
    with Image.open(tmp_path / "x.png") as picture:
        assert np.abs(np.asarray(picture.convert("RGB")).astype(int) - other).max() <= 1
