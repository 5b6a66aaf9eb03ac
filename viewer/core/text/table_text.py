"""Tables as text that a spreadsheet cannot take for formulas, and back, cell for cell.

A spreadsheet runs what begins with =, +, - or @ (also after a tab, a line break or blanks, or written full width), and
where the list separator is the semicolon it cuts cells at one. OWASP, "CSV Injection": an apostrophe before it makes
it text. Here the apostrophe stands before every such place of a cell, and before every apostrophe that stands at one,
so that taking one off gives back what was there; a column of its own says that they were put in, and only a table with
that column is read so. A plain number is no formula and stays one. RFC 4180 otherwise.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

MARK_COLUMN, MARK = "formula_guard", "apostrophe"
# A mask of a large image is one cell; the library's own limit is 131,072 characters (C long: 31 bits everywhere).
CELL_LIMIT = (1 << 31) - 1

_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_STARTS = r"(^|[;\t\r\n])"
# Lazily: of many line breaks each is looked at once.
_DANGER = re.compile(_STARTS + r"""(?=[\s"\x00]*?[=+\-@\uff1d\uff0b\uff0d\uff20'\t\r\n\x00])""")
_GUARD = re.compile(_STARTS + "'")


def guarded(cell: str) -> str:
    """The cell with an apostrophe wherever a spreadsheet could begin a formula."""
    return cell if _NUMBER.fullmatch(cell) else _DANGER.sub(r"\1'", cell)


def unguarded(cell: str) -> str:
    """What `guarded` was given."""
    return _GUARD.sub(r"\1", cell)


def comma_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    """A table as comma separated text, one column more than `columns`: the mark that its cells are guarded.

    A cell that a row lacks is empty. Raises ValueError when a row holds what is no column.
    """
    return "".join(comma_lines(columns, rows))


def comma_lines(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> Iterator[str]:
    """The lines of `comma_text`, each with its end, as the rows come."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")

    def line(cells: list[str]) -> str:
        writer.writerow(cells)
        text = out.getvalue()
        out.seek(0)
        out.truncate()
        return text

    yield line([*map(guarded, columns), MARK_COLUMN])
    known = set(columns)
    for row in rows:
        if not known.issuperset(row):
            raise ValueError(f"no column for {', '.join(sorted(set(row) - known))}")
        yield line([*(guarded(str(row.get(column, ""))) for column in columns), MARK])


def tab_text(rows: Iterable[Iterable[str]]) -> str:
    """Rows for the clipboard: a tab between cells, a line each; what is pasted into a spreadsheet is text."""
    return "\n".join("\t".join(guarded(" ".join(cell.split())) for cell in row) for row in rows)


def cells_of(text: str, delimiter: str = ",") -> Iterator[list[str]]:
    """The lines of a table as lists of cells, cells of any length. Raises csv.Error."""
    csv.field_size_limit(CELL_LIMIT)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def is_marked(columns: Sequence[str]) -> bool:
    """Whether a table with these columns was written by `comma_text`, so that its cells are to be `unguarded`."""
    return MARK_COLUMN in columns


def columns_of(text: str, delimiter: str = ",") -> list[str]:
    """The names in the first line, without the mark. Raises csv.Error."""
    header = next(cells_of(text, delimiter), [])
    return [unguarded(name) for name in header if name != MARK_COLUMN] if is_marked(header) else header


def rows_of(text: str, delimiter: str = ",") -> Iterator[dict[str, str]]:
    """The rows of a table that this program wrote, as they were given to `comma_text`, or of another one, as it is.

    A line with fewer cells than columns has empty ones; cells beyond the columns are dropped. Raises csv.Error.
    """
    lines = cells_of(text, delimiter)
    header = next(lines, [])
    marked = is_marked(header)
    columns = [unguarded(name) for name in header] if marked else header
    for line in lines:
        if line:
            padded = [*line, *[""] * (len(columns) - len(line))]
            cells = map(unguarded, padded) if marked else padded
            yield {column: cell for column, cell in zip(columns, cells, strict=False) if column != MARK_COLUMN}
