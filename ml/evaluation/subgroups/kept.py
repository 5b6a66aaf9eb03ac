"""Groups of cases read back from figures.json: only what a window shows, each of the type that it must be."""

from typing import Any

from ml.evaluation.subgroups.judging import AGAINST
from viewer.core.checked import Fields, is_text

MOST_COLUMNS, MOST_GROUPS = 50, 100
MOST_CASES = 10**9


def read_figures(fields: Fields) -> dict[str, dict[str, Any]]:
    """Figures by name, as `Figure.to_json` writes them. Raises the error of `fields`."""
    return {name: _figure(fields.inner(name)) for name in fields.names()}


def _figure(figure: Fields, *more: str) -> dict[str, Any]:
    return {
        **{each: figure.number_or_none(each) for each in ("value", "low", "high", *more)},
        **{each: _words(figure.plain_value(each)) for each in ("method", "why")},
    }


def read_gap(fields: Fields) -> dict[str, Any]:
    """A difference of two figures, as `difference` writes it. Raises the error of `fields`."""
    return _figure(fields, "p", "p_holm")


def _words(value: object) -> str:
    return str(value) if is_text(value, most=1000) else ""


def read_groups(report: Fields) -> dict[str, Any] | None:
    """What stands under "groups" in a report, as `told.told_groups` writes it; None without."""
    if report.plain_or_none("groups") is None:
        return None
    fields = report.inner("groups")
    columns = fields.plain_value("columns")
    if not isinstance(columns, list) or len(columns) > MOST_COLUMNS:
        raise fields.refuse("columns", f"a list of at most {MOST_COLUMNS} columns")
    return {
        "ranked_by": fields.text("ranked_by", most=500),
        "compared": fields.integer("compared", 0, MOST_CASES),
        "sentence": fields.text("sentence", most=5000),
        "columns": [_column(fields.among(column, "columns")) for column in columns],
    }


def _column(fields: Fields) -> dict[str, Any]:
    groups = fields.inner("groups")
    if len(groups.names()) > MOST_GROUPS:
        raise fields.refuse("groups", f"at most {MOST_GROUPS} groups")
    worst = fields.plain_value("worst")
    return {
        "column": fields.text("column", most=500),
        "worst": None if worst is None else fields.text("worst", most=500),
        "sentence": fields.text("sentence", most=5000),
        "not_judged": fields.integer("not_judged", 0, MOST_CASES, 0),
        "groups": {name: _group(groups.inner(name)) for name in groups.names()},
    }


def _group(fields: Fields) -> dict[str, Any]:
    return {
        "rows": fields.integer("rows", 0, MOST_CASES),
        "patients": fields.integer("patients", 0, MOST_CASES),
        "figures": read_figures(fields.inner("figures")),
        AGAINST: read_gap(fields.inner(AGAINST)),
    }
