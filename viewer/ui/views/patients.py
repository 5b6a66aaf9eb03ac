"""Whose the views on the screen are: what may be compared, and who is said to be there."""

from typing import TYPE_CHECKING

from viewer.core.patients import PatientSigns, patient_groups, same_patient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from viewer.ui.state.screen import Cell


def signs_of(cell: "Cell") -> PatientSigns | None:
    """What the image in a cell says of its patient; None where it shows none."""
    shown, series = cell.shown, cell.series
    if shown is None or series is None:
        return None
    identity = shown.frame.identity
    return PatientSigns(
        patient_id=identity.patient_id or series.patient_id or cell.project_patient,
        issuer=identity.extra.get("issuer", ""),
        source=series.source,
        name=identity.patient_name,
        birth_date=identity.birth_date,
        study_uid=identity.extra.get("study_uid", "") or series.study_uid,
    )


def is_on_screen(cell: "Cell") -> bool:
    """Whether a person can see this cell: one behind a maximised view counts for nothing."""
    return not cell.isHidden()


def may_compare(one: "Cell", other: "Cell") -> bool:
    """Whether two views are of one patient; two views of one series are, whatever it says."""
    if one.series is not None and one.series is other.series:
        return True
    mine, theirs = signs_of(one), signs_of(other)
    return mine is not None and theirs is not None and same_patient(mine, theirs)


def patients_on_screen(cells: "Sequence[Cell]") -> list[str]:
    """One name for each patient on the screen; of one who has none, the id, else the folder."""
    found = [(cell, signs) for cell in cells if is_on_screen(cell) and (signs := signs_of(cell)) is not None]
    groups = patient_groups([signs for _, signs in found])
    series: dict[int, list[str]] = {}
    for number, group in enumerate(groups):
        series[number] = [shown.series_id for place in group if (shown := found[place][0].series) is not None]
    names = []
    taken: set[str] = set()
    for number, group in enumerate(groups):
        if taken & set(series[number]):
            continue  # two views of one series without any id are of one patient all the same
        taken |= set(series[number])
        cell, signs = found[group[0]]
        names.append(signs.name or signs.patient_id or (cell.series.folder.name if cell.series is not None else ""))
    return names
