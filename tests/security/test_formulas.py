"""Names that a spreadsheet would run (OWASP, "CSV Injection"): every table this program writes holds them as text."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from viewer.core.labels import Verdict
from viewer.core.registry import load
from viewer.core.shapes.kinds.mask import MaskRuns
from viewer.exchange import EXPORTERS
from viewer.exchange.exporter import dataset_of
from viewer.project import edit_builders as edits
from viewer.project.project import Project
from viewer.project.register import FrameToAdd, add_frames
from viewer.reading.series import FrameRef

FORMULA = "=cmd|' /C calc'!A0"
HIDDEN = (f"a;{FORMULA}", f'a";"{FORMULA}', f"a\t{FORMULA}", f"a\n{FORMULA}", "\uff1dSUM(1)", "@SUM(1)", "+1+1", "-1+1")


@pytest.mark.parametrize("name", ["csv", "masks"])
@pytest.mark.parametrize("planted", [FORMULA, *HIDDEN])
def test_no_cell_of_an_export_is_a_formula_however_it_is_cut(tmp_path: Path, name: str, planted: str) -> None:
    from PIL import Image

    file = tmp_path / f"{planted.replace('/', '').replace(chr(10), '')}.png"
    Image.fromarray(np.eye(9, dtype=np.uint8) * 255).save(file)
    with Project.create(tmp_path / "project", author=planted) as project:
        frame = FrameToAdd(ref=FrameRef(path=file), source=planted, patient_id=planted, tags={planted: planted})
        (image_id,), _ = add_frames(project, [frame])
        mask = MaskRuns.from_array(np.eye(9, dtype=np.bool_))
        project.history.do(edits.add_annotation(image_id, planted, mask, author=planted))
        project.history.do(edits.say_image_label(image_id, planted, before=None, after=Verdict.YES))
        load(EXPORTERS, name).write(tmp_path / "out", dataset_of(project))

    table = (tmp_path / "out" / "index.csv") if name == "masks" else tmp_path / "out"
    text = table.read_text(encoding="utf-8")
    assert any(word in text for word in ("cmd", "SUM", "1+1"))
    for separator in (",", ";", "\t"):
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            for cell in row:
                seen = cell.lstrip(' "\u00a0')
                assert not seen.startswith(("=", "+", "@", "\t", "\r", "\uff1d", "-1+")), (separator, cell)
