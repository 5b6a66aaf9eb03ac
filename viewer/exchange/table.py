"""A table as text: its columns, and its rows one at a time; a row that cannot be one is said and passed over."""

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from viewer.core.boundary import at_boundary
from viewer.core.errors import BadFile
from viewer.core.text.table_text import CELL_LIMIT, MARK_COLUMN, is_marked, unguarded
from viewer.exchange.importer import ImageName, Remark, left_out

ADVICE = "it must be UTF-8 text, or --encoding must say what else"
_LONGEST_HEADER = 1 << 20
_NAMED = 3  # images, in a sentence
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")  # xlsx, ods (ZIP); xls (compound file)
# What tools write into a cell that has nothing (pandas, R, Excel).
EMPTY_WORDS = frozenset(("nan", "<na>", "nat", "#n/a", "#na", "null", "none", "na", "n/a"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row. line: where it ends in the file, from 1. cells: by column; a column without a cell is ""."""

    line: int
    cells: dict[str, str]

    def get(self, column: str) -> str:
        """The cell's text; "" for an empty one, and for what tools write instead of nothing."""
        text = self.cells.get(column, "")
        return "" if is_for_nothing(text) else text


def is_for_nothing(text: str) -> bool:
    """Whether it is one of the words that tools write instead of nothing."""
    return text.casefold() in EMPTY_WORDS


class Table:
    """A CSV file. columns: as in its first line. encoding: "" for UTF-8, or UTF-16 and UTF-32 with their mark.

    Raises BadFile when it has no columns or is no text of its encoding.
    """

    def __init__(self, path: Path, encoding: str = "") -> None:
        self.path = path
        self._words: dict[int, set[str]] = {}  # of rows that cannot be read, by their first line
        self._named: dict[int, tuple[ImageName, ...]] = {}
        self._encoding = encoding or _encoding(path)
        with at_boundary(path, what="a table", advice=ADVICE), self._open() as stream:
            first = stream.readline(_LONGEST_HEADER)
            said = re.fullmatch(r'"?sep=(.)"?\s*', first)  # what Excel writes and reads above the names
            self._lines_above = 1 if said else 0
            header = _header(stream, stream.readline(_LONGEST_HEADER) if said else first)
        self._check_header(header)
        outside = re.sub(r'"[^"]*"', "", header)
        self.delimiter = said[1] if said else max(",;\t", key=outside.count)
        with at_boundary(path, what="a table"):
            names = next(iter(csv.reader([header], delimiter=self.delimiter)), [])
        self.marked = is_marked(names)
        self.columns = [unguarded(name) if self.marked else name.strip() for name in names]
        if not any(self.columns):
            raise BadFile(f"The table {path} is empty; it needs a line of column names and a line per image.")

    def _check_header(self, header: str) -> None:
        if "\0" in header:
            raise BadFile(f"{self.path} cannot be read as a table (it holds zero bytes); {ADVICE}.")
        if header.count('"') % 2:
            raise BadFile(f"The table {self.path} opens a quotation mark in its line of names and does not close it.")

    def _open(self) -> TextIO:
        return self.path.open(encoding=self._encoding, newline="")

    def rows(self) -> Iterator[Row | Remark]:
        """Every row after the first line. A row that has more cells than the table has columns is a remark."""
        csv.field_size_limit(CELL_LIMIT)
        with at_boundary(self.path, what="a table", advice=ADVICE), self._open() as stream:
            for _ in range(self._lines_above):
                stream.readline()
            reader = csv.reader(stream, delimiter=self.delimiter)
            next(reader, None)
            before = self._lines_above + reader.line_num
            for cells in reader:
                first, before = before + 1, self._lines_above + reader.line_num
                if not any(cell.strip() for cell in cells):
                    continue
                problem = self._problem(cells, first, before)
                if problem is not None:
                    apart = re.split(rf"[\n\r\"{re.escape(self.delimiter)}]", self.delimiter.join(cells))
                    self._words[first] = {word.strip() for word in apart if word.strip()}
                    yield _with_images(problem, self._named.get(first, ()))
                    continue
                plain = unguarded if self.marked else str.strip
                yield Row(line=before, cells=dict(zip(self.columns, map(plain, cells), strict=False)))

    def blame_bad_rows(self, columns: Mapping[str, str]) -> None:
        """Find the images that rows which cannot be read name as well as others do: `rows` has them with the remark.

        columns: what a column names an image by ("path", "sop_instance_uid", "image_id"). After a first time through.
        """
        if not self._words:
            return
        every = set[str]().union(*self._words.values())
        known = {
            (by, name)
            for row in self.rows()
            if isinstance(row, Row)
            for column, by in columns.items()
            if (name := row.cells.get(column, "").strip()) in every
        }
        for line, words in self._words.items():
            found = [ImageName(**{by: name}) for by, name in sorted(known) if name in words]  # type: ignore[arg-type]
            self._named[line] = tuple(found)

    @property
    def further_columns(self) -> list[str]:
        """The columns with a name that are no mark of ours."""
        return [name for name in self.columns if name and name != MARK_COLUMN]

    def _problem(self, cells: list[str], first: int, last: int) -> Remark | None:
        if any("\0" in cell for cell in cells):
            sentence = f"{self.path}, line {first}: it holds a zero byte, which no text has; the row was left out."
            return left_out(None, sentence, rule="a row with a zero byte")
        extra = [cell for cell in cells[len(self.columns) :] if cell.strip()]
        if extra:
            sentence = (
                f"{self.path}, line {first}: {len(cells)} cells for {len(self.columns)} columns (is a comma inside a "
                "cell that is not quoted?); the row was left out."
            )
            return left_out(None, sentence, rule="a row with more cells than columns")
        swallowed = [cell for cell in cells if cell.count("\n") and cell.count(self.delimiter) >= len(self.columns) - 1]
        if swallowed and len(self.columns) > 1:
            sentence = f"{self.path}, lines {first} to {last}: a quotation mark is not closed; they were left out."
            return left_out(None, sentence, rule="a quotation mark that is not closed", count=last - first + 1)
        return None


def _with_images(problem: Remark, images: Sequence[ImageName]) -> Remark:
    """A row that cannot be read, with the images that it names: those stay open."""
    if not images:
        return problem
    names = " and ".join(map(str, images[:_NAMED])) + (f" and {len(images) - _NAMED} more" * (len(images) > _NAMED))
    sentence = f"{problem.sentence} It names {names}: {'that stays' if len(images) == 1 else 'those stay'} open."
    return replace(problem, sentence=sentence, also=tuple(images))


def _header(stream: TextIO, line: str) -> str:
    """The line of names, whole where a name in quotation marks has line breaks."""
    while line.count('"') % 2 and len(line) < _LONGEST_HEADER and (more := stream.readline(_LONGEST_HEADER)):
        line += more
    return line


def _encoding(path: Path) -> str:
    """By its mark. Raises BadFile for what a table was made with and is none itself."""
    with at_boundary(path, what="a table"), path.open("rb") as file:
        head = file.read(8)
    if head.startswith(_WORKBOOKS):
        raise BadFile(f"{path} is a workbook or an archive and no table of text; save it as CSV.")
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    return "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"


def plain_column(name: str) -> str:
    """A column's name for comparison: "Image Index", "image_index" and "IMAGE-INDEX" are one."""
    return re.sub(r"[\W_]+", "", name.casefold())


def as_number(text: str) -> float | None:
    """The cell's number, with a point; None when it is none."""
    try:
        return float(text) if not set(text) & set("_") else None
    except ValueError:
        return None


def as_whole(text: str) -> int | None:
    """A whole number, also as pandas writes one ("2.0"); None when it is none."""
    number = as_number(text)
    if number is None or not math.isfinite(number) or not number.is_integer() or abs(number) >= 2**31:
        return None
    return int(number)


class Numbers:
    """Numbers of a table's cells, in which a comma may be the decimal point or part thousands.

    decimal: "comma" or "point" as a person said, "" to go by the cells: one comma that does not stand before exactly
    three digits tells that commas are decimal.
    """

    def __init__(self, decimal: str) -> None:
        self._decimal = decimal
        self._commas_are_decimal = decimal == "comma"
        self.with_comma = 0

    def look(self, text: str) -> None:
        """See one cell before the table is read."""
        if not self._decimal and re.fullmatch(r"[+-]?\d+,\d+", text) and not re.fullmatch(r"[+-]?\d{1,3},\d{3}", text):
            self._commas_are_decimal = True

    def read(self, text: str) -> float:
        """The cell's number. Raises ValueError with the reason."""
        number = as_number(text)
        if number is None and re.fullmatch(r"[+-]?\d+,\d+", text):
            if not self._commas_are_decimal:
                raise ValueError(f"{text!r} may be a decimal comma or a thousand (--decimal comma settles it)")
            self.with_comma += 1
            number = float(text.replace(",", "."))
        if number is None:
            raise ValueError(f"{text!r} is no number")
        if not math.isfinite(number):
            raise ValueError(f"{text!r} is not a finite number")
        return number
