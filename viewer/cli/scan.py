"""`negatoscope scan`: what lies below some paths."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from viewer.cli.output import Output
    from viewer.reading.facts.presentation_state import PresentationState
    from viewer.reading.scan import Patient, Problem, ScanResult, Study
    from viewer.reading.series import Series

HELP = "List the patients, studies and series below files and folders."
EXAMPLE = "negatoscope scan /data/study --json --verify"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """PATH..., --verify and --no-index."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="file or folder, searched to any depth")
    parser.add_argument("--verify", action="store_true", help="decode every frame too; what fails becomes a problem")
    parser.add_argument(
        "--no-index", action="store_true", help="read every header anew, and keep none (NEGATOSCOPE_INDEX=off: always)"
    )


def run(args: argparse.Namespace, out: "Output") -> dict[str, Any]:
    """Scan and answer with the document of patients and problems."""
    from viewer.core.errors import NotFound
    from viewer.reading.header_index import HeaderIndex
    from viewer.reading.scan import scan
    from viewer.reading.sources.archive import is_there

    for path in args.paths:
        if not is_there(path):
            raise NotFound(f"{path} does not exist; check the path.")
    result = scan(
        args.paths,
        index=None if args.no_index else HeaderIndex.of_user(),
        progress=lambda done, total: out.event({"event": "scan", "done": done, "total": total}),
    )
    if args.verify:
        result = replace(result, problems=(*result.problems, *_verify(result, out)))
    _say(result, out)
    document: dict[str, Any] = {
        "patients": [_patient(patient) for patient in result.patients],
        "problems": [{"path": str(problem.path), "reason": problem.reason} for problem in result.problems],
    }
    if result.presentation_states:  # only where there are some: the document has two keys else
        document["presentation_states"] = [_state(state) for state in result.presentation_states]
    return document


def _verify(result: "ScanResult", out: "Output") -> list["Problem"]:
    """Decode every frame; one problem per file, naming the first frame that fails or is incomplete."""
    from viewer.core.errors import AppError
    from viewer.reading.dicom.second_sets import PIXELS_TWICE, SECOND_SET
    from viewer.reading.frames import read_frame
    from viewer.reading.pixels.cut_files import DAMAGED
    from viewer.reading.scan import Problem, all_series

    refs = [ref for series in all_series(result) for ref in series.frames]
    problems: dict[Path, Problem] = {}
    for number, ref in enumerate(refs):
        if number % 16 == 0:
            out.event({"event": "verify", "done": number, "total": len(refs)})
        if ref.path in problems:
            continue
        try:
            facts = read_frame(ref).facts
        except AppError as error:
            problems[ref.path] = Problem(path=ref.path, reason=str(error))
            continue
        told = any(words in facts.banner for words in ("cut short", SECOND_SET, PIXELS_TWICE))
        if told or DAMAGED in facts.doubts:
            problems[ref.path] = Problem(path=ref.path, reason=f"{ref.path}: {facts.banner}")
    return list(problems.values())


def _patient(patient: "Patient") -> dict[str, Any]:
    return {
        "source": patient.source,
        "patient_id": patient.patient_id,
        "patient_name": patient.patient_name,
        "studies": [_study(study) for study in patient.studies],
    }


def _study(study: "Study") -> dict[str, Any]:
    return {
        "study_uid": study.study_uid,
        "study_date": study.study_date,
        "description": study.description,
        "series": [_series(series) for series in study.series],
    }


def _series(series: "Series") -> dict[str, Any]:
    spacing = series.spacing
    return {
        "series_id": series.series_id,
        "series_uid": series.series_uid,
        "modality": series.modality,
        "description": series.description,
        "files": series.files,
        "frames": len(series.frames),
        "rows": series.rows,
        "cols": series.cols,
        "spacing_mm": None if spacing is None else [spacing.row_mm, spacing.col_mm],
        "spacing_source": None if spacing is None else spacing.source,
        "slice_spacing_mm": series.slice_spacing_mm,
        "is_volume": series.is_volume,
        # Only where a series UID is several series: what sets this one apart, and of which kind that is.
        **({"part": series.part, "split_by": series.split_by} if series.part else {}),
        "warnings": [{"code": warning.code, "text": warning.text} for warning in series.warnings],
    }


def _state(state: "PresentationState") -> dict[str, Any]:
    return {
        "path": str(state.path),
        "label": state.label,
        "description": state.description,
        "creator": state.creator,
        "date": state.created,
        "references": [
            {
                "series_uid": reference.series_uid,
                "sop_instance_uid": reference.sop_instance_uid,
                "frames": list(reference.frames),  # DICOM's own numbers, from 1; none: all of them
            }
            for reference in state.references
        ],
    }


def _say(result: "ScanResult", out: "Output") -> None:
    from viewer.cli.output import counted
    from viewer.reading.scan import all_series

    for patient in result.patients:
        out.line(f"{patient.patient_name or '(no name)'}  {patient.patient_id or '(no id)'}  from {patient.source}")
        for study in patient.studies:
            out.line(f"  study {study.study_date or '(no date)'}  {study.description}")
            for series in study.series:
                size = f"{counted(len(series.frames), 'image')} of {series.rows} rows × {series.cols} cols"
                kind = ", a volume" if series.is_volume else ""
                described = " · ".join(part for part in (series.part, series.description) if part)
                out.line(f"    {series.series_id}  {series.modality or '--'}  {size}{kind}  {described}")
                for warning in series.warnings:
                    out.line(f"      ! {warning.text}")
    for state in result.presentation_states:
        out.line(f"presentation state: {state.name}, for {counted(len(state.references), 'image')}: {state.path}")
    shown = {ref.path for series in all_series(result) for ref in series.frames}
    for problem in result.problems:  # --verify names files that are listed above too
        out.line(f"{'damaged' if problem.path in shown else 'not shown'}: {problem.reason}")
    if not result.patients:
        out.line("No images were found.")
