"""Which column of a table plays which role, and what is said of those that play none."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from viewer.core.errors import BadRequest
from viewer.exchange.importer import Becomes, Item, Outcome, guessed, left_out, note
from viewer.exchange.options import ColumnMap
from viewer.exchange.table import Table, plain_column

RECOGNISED: dict[str, tuple[str, ...]] = {
    "image": ("path", "image_path", "image", "file_name", "filename", "file", "image index"),
    "sop": ("sop_instance_uid",),
    "patient": ("patient_id", "patient"),
    "reader": ("reader", "reader_id", "reader_name"),
    "object": (),
    "part": (),
    "label": ("label", "labels", "sublabel", "class", "finding", "finding labels"),
    "mask": ("mask_path", "mask"),
    "mask_label": (),
    "frame": ("frame_index", "frame"),
    "x0": ("x0_px", "x0", "xmin"),
    "y0": ("y0_px", "y0", "ymin"),
    "x1": ("x1_px", "x1", "xmax"),
    "y1": ("y1_px", "y1", "ymax"),
    "x": ("x",),
    "y": ("y",),
    "width": ("width", "w"),
    "height": ("height", "h"),
}
# What people read of a role, where that is more than its name; those of a box are told together.
_WORDS = {"sop": "image by its SOP Instance UID", "part": "part of a split", "mask_label": "label of the mask"}
_SEVERAL = ("label",)
_CORNERS = ("x0", "y0", "x1", "y1")
_EXTENT = ("x", "y", "width", "height")
_PLACES = frozenset((*_CORNERS, "x", "y"))  # a width and a height alone are rather the picture's


class Columns:
    """The columns of a table by their role: those that a person gave, else those that are recognised.

    Four columns make a box; fewer make none, and then they play no role. Raises BadRequest when a column that was
    given is not there, when two have its name, or when those given for a box are not enough for one.
    """

    def __init__(self, table: Table, given: ColumnMap) -> None:
        self.roles: dict[str, tuple[str, ...]] = {}
        self._given_reader = "reader" in given
        for role, names in RECOGNISED.items():
            if role in given:
                self.roles[role] = tuple(_column(table, name, role) for name in given[role])
            else:
                present = tuple(dict.fromkeys(found for name in names if (found := _found(table.columns, name))))
                self.roles[role] = present if role in _SEVERAL else present[:1]
        if not self.roles["image"] and not self.roles["sop"]:
            raise BadRequest(
                f"{table.path} has no column that names the image; say --map image=COLUMN ({_all(table)})."
            )
        self._half_a_box = self._without_half_boxes(table, given)
        self._used = {column for columns in self.roles.values() for column in columns}
        twice = [column for column in table.columns if column in self._used and table.columns.count(column) > 1]
        if twice:
            raise BadRequest(
                f"{table.path} has two columns {twice[0]}, and nothing tells which one is meant; rename one."
            )

    def _without_half_boxes(self, table: Table, given: ColumnMap) -> list[str]:
        """Take the roles of a box from columns that do not make one; those of them that name a place."""
        whole = next((kind for kind in (_CORNERS, _EXTENT) if all(self.roles[role] for role in kind)), ())
        said = [role for role in (*_CORNERS, *_EXTENT) if given.get(role)]
        if said and not whole:
            raise BadRequest(
                f"A box needs the columns x0, y0, x1 and y1, or x, y, width and height; --map names {', '.join(said)} "
                f"for {table.path}, and the others are not there."
            )
        half = [role for role in (*_CORNERS, *_EXTENT) if role not in whole and self.roles[role]]
        places = [] if whole else [self.roles[role][0] for role in half if role in _PLACES]
        for role in half:
            self.roles[role] = ()
        return places

    def _becomes(self, table: Table, answering: Mapping[str, str]) -> Becomes:
        roles = dict(self.roles)
        unused: list[str] = []
        boxes = [role for role in (*_CORNERS, *_EXTENT) if roles[role]]
        of_box = tuple(column for role in boxes for column in roles.pop(role))
        if of_box:  # its label is one, and whole images have none
            unused += roles["label"][1:]
            roles["label of the box"] = roles.pop("label")[:1]
        if not roles["mask"]:
            unused += roles.pop("mask_label")
        said = {_WORDS.get(role, role): columns for role, columns in roles.items() if role in RECOGNISED}
        said |= {"label of the box": roles.get("label of the box", ()), "box": of_box}
        said |= {f"answer to {question}": (column,) for column, question in answering.items()}
        return Becomes(
            roles=said,
            as_text=tuple(self._others(table, answering)),
            unused=tuple(column for column in unused if column in table.columns),
        )

    def _others(self, table: Table, answering: Collection[str]) -> list[str]:
        used = {*self._used, *answering}
        return [column for column in dict.fromkeys(table.further_columns) if column not in used]

    def remarks(self, table: Table, answering: Mapping[str, str]) -> Iterator[Item]:
        """What the columns become, and what is said of them as such. answering: the question that one answers, by the
        column."""
        yield self._becomes(table, answering)
        if self._half_a_box:
            sentence = (
                f"{table.path}: {', '.join(self._half_a_box)} may be part of a box, and the columns for the rest of it "
                "are not known; no box was read, and the labels are those of whole images."
            )
            yield left_out(
                None, sentence, rule="half of a box", outcome=Outcome.AMBIGUOUS, settle="--map x=COLUMN,...",
                of_record=False,
            )  # fmt: skip
        if self.roles["reader"] and not self._given_reader:
            sentence = (
                f"{table.path}: the column {self.roles['reader'][0]} was taken to say who read: what each says went "
                "into a reading of their own (--map reader= takes no column for that)."
            )
            yield guessed(sentence, rule="a column of readers")
        others = self._others(table, answering)
        if others:
            names = ", ".join(others[:20]) + (", ..." if len(others) > 20 else "")
            sentence = (
                f"{table.path}: these columns play no role and were kept with the images as text: {names} "
                f"(--map label=COLUMN reads one as labels{_of_a_split(others)})."
            )
            yield note(sentence, rule="columns kept as text", count=len(others))
        for column in others:
            if table.columns.count(column) > 1:
                sentence = f"{table.path} has two columns {column}; only the last was kept."
                yield note(sentence, rule="two columns of one name")


def _of_a_split(columns: Sequence[str]) -> str:
    """What keeps the division of the first of these columns that is called like one."""
    named = next((name for name in columns if plain_column(name) in ("split", "part", "fold", "subset")), "")
    return f", --map part={named} keeps the split" if named else ""


def _all(table: Table) -> str:
    text = ", ".join(table.columns)
    return text if len(text) <= 400 else f"{text[:397]}..."


def _column(table: Table, name: str, role: str) -> str:
    found = _found(table.columns, name)
    if found or role == "mask_label":
        return found or name
    raise BadRequest(f"{table.path} has no column {name}; it has {_all(table)}.")


def _found(columns: Sequence[str], name: str) -> str:
    """A column by its name: as it is written, else in other case and with other blanks, when that is one column."""
    if name in columns:
        return name
    alike = [column for column in columns if plain_column(column) == plain_column(name)]
    return alike[0] if len(alike) == 1 else ""
