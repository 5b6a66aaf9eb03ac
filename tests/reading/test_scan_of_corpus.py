"""Scanning each folder of the real files agrees with series.json and manifest.csv."""

import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from viewer.reading.scan import all_series, scan
from viewer.reading.series import Series


def stacks_of_folder(corpus: Path) -> dict[str, list[dict[str, Any]]]:
    folders: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for series in json.loads((corpus / "series.json").read_text(encoding="utf-8"))["series"]:
        folders[series["folder"]].append(series)
    return folders


def names(corpus: Path, series: Series) -> list[str]:
    return list(dict.fromkeys(ref.path.relative_to(corpus).as_posix() for ref in series.frames))


def test_every_stack_is_one_series_in_its_order_or_split_by_echo_or_time(corpus: Path) -> None:
    faults = []
    for folder, expected in stacks_of_folder(corpus).items():
        result = scan([path for path in (corpus / folder).iterdir() if path.is_file()])
        left_out = {problem.path.relative_to(corpus).as_posix() for problem in result.problems}
        for want in expected:
            mine = [
                s for s in all_series(result) if (s.study_uid, s.series_uid) == (want["study_uid"], want["series_uid"])
            ]
            for stack in want["stacks"]:
                files = [name for name in stack["files_in_order"] if name not in left_out]
                faults += [f"{folder}: {fault}" for fault in stack_faults(corpus, mine, stack, files)]
            if want["warnings"] and any(not s.warnings for s in mine):
                faults.append(f"{folder}: silent about {want['warnings']}")

    assert faults == []


def stack_faults(corpus: Path, mine: list[Series], stack: dict[str, Any], files: list[str]) -> list[str]:
    if not files:
        return []
    holders = [s for s in mine if set(names(corpus, s)) & set(files)]
    if len(holders) > 1:
        # Taken apart by echo or time point: nothing lost, and each part says why.
        codes = {"several-echoes", "several-time-points"}
        lost = set(files) - {name for s in holders for name in names(corpus, s)}
        silent = [s for s in holders if not codes & {w.code for w in s.warnings}]
        return [f"lost {lost}, silent {len(silent)}"] if lost or silent else []
    found = holders[0]
    order = [name for name in names(corpus, found) if name in files]
    faults = [] if order == files else [f"order {order} not {files}"]
    if found.files != len(files):
        return faults  # a file that the list's makers could not read joins the stack
    if found.is_volume != stack["is_volume"]:
        faults.append(f"is_volume {found.is_volume}")
    median = stack.get("slice_spacing_median")
    if median and (found.slice_spacing_mm is None or abs(found.slice_spacing_mm - median) > 1e-3):
        faults.append(f"slice spacing {found.slice_spacing_mm} not {median}")
    return faults


@pytest.mark.parametrize("columns", [("rows", "cols", "frames")])
def test_sizes_and_frames_are_those_of_the_manifest(corpus: Path, columns: tuple[str, ...]) -> None:
    with (corpus / "manifest.csv").open(encoding="utf-8") as file:
        rows = {row["path"]: row for row in csv.DictReader(file)}
    result = scan([corpus])
    frames: dict[str, int] = defaultdict(int)
    other = []
    for series in all_series(result):
        for ref in series.frames:
            name = ref.path.relative_to(corpus).as_posix()
            frames[name] += 1
            row = rows[name]
            if row["rows"] and (series.rows, series.cols) != (int(row["rows"]), int(row["cols"])):
                other.append(name)
    counted = {name: int(rows[name]["frames"] or 1) for name in frames if rows[name]["rows"]}

    assert other == []
    assert {name: frames[name] for name in counted} == counted


def test_spacings_are_those_of_series_json(corpus: Path) -> None:
    faults = []
    for folder, expected in stacks_of_folder(corpus).items():
        found = all_series(scan([path for path in (corpus / folder).iterdir() if path.is_file()]))
        for want in expected:
            if not want["row_spacing"]:
                continue
            pair = want["row_spacing"], want["col_spacing"]
            mine = [s.spacing for s in found if s.series_uid == want["series_uid"] and s.spacing]
            if not any(abs(s.row_mm - pair[0]) < 1e-6 and abs(s.col_mm - pair[1]) < 1e-6 for s in mine):
                faults.append(f"{folder}: {mine} not {pair}")

    assert faults == []


def test_every_file_is_in_a_series_or_named_as_a_problem(corpus: Path) -> None:
    result = scan([corpus])

    shown = {ref.path for series in all_series(result) for ref in series.frames}
    named = {problem.path for problem in result.problems} | {state.path for state in result.presentation_states}
    quiet = {path.name for path in corpus.rglob("*") if path.is_file() and path not in shown | named}
    assert quiet <= {"README.md", "manifest.csv", "series.json", "sources.csv"} | {
        name for name in quiet if name.startswith("DICOMDIR")
    }
    assert not shown & named
