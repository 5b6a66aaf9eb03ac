"""The options of an import or export: declared in a format's row, shown by --help and the dialog, checked here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from viewer.core.attributes import Attribute
from viewer.core.errors import BadRequest

# Columns map: role ("image", "patient", "label", ...) to the column names given for it.
ColumnMap = Mapping[str, tuple[str, ...]]
YES = "yes"  # the value of a flag that was given


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of an import or export.

    name: without the dashes ("mask-value"). title: beside the dialog's field. choices: the values it may have; none
    for free text. default: what holds when it is not given ("" = nothing). several: it may be repeated. roles: it is a
    map of these roles to columns ("image=path,label=finding"). number: "integer" refuses what is none. flag: it
    is given or not, and takes no value. hint: what stands in the dialog's empty field. leads: most imports need
    it, so the dialog shows it where it folds others away. note: one line about it in the dialog, "" for none; each
    of an export has one. unsaid: of choices, what holds where none is made, as the dialog's field calls it.
    """

    name: str
    title: str
    help: str
    choices: tuple[str, ...] = ()
    default: str = ""
    several: bool = False
    roles: tuple[str, ...] = ()
    number: str = ""
    flag: bool = False
    hint: str = ""
    leads: bool = False
    note: str = ""
    unsaid: str = ""
    metavar: str = "VALUE"

    def checked(self, values: Sequence[str]) -> tuple[str, ...]:
        """The values, or BadRequest with a sentence that names the option."""
        said = tuple(value for value in values if value.strip())
        if len(said) > 1 and not (self.several or self.roles):
            raise BadRequest(f"--{self.name} takes one value, not {len(said)}.")
        for value in said:
            if self.choices and value not in self.choices:
                raise BadRequest(f"--{self.name} is one of {', '.join(self.choices)}, not {value!r}.")
            if self.number == "integer" and not re.fullmatch(r"[+-]?\d{1,9}", value.strip()):
                raise BadRequest(f"--{self.name} takes a whole number, not {value!r}.")
        if self.roles:
            parse_map(said, self.roles, name=f"--{self.name}")
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The values chosen for one import or export: those given, else each option's default.

    labels: the whole-image labels that the project has; such a word is never one for an empty cell. asked: what it asks
    of images.
    """

    declared: tuple[Option, ...] = ()
    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: frozenset[str] = frozenset()
    asked: tuple[Attribute, ...] = ()

    def one(self, name: str) -> str:
        """The single value of an option, its default when it was not given ("" = nothing)."""
        values = self.given.get(name, ())
        return values[0] if values else self._option(name).default

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of an option that may be repeated."""
        values = self.given.get(name, ())
        default = self._option(name).default
        return values or ((default,) if default else ())

    def holds(self, name: str, value: str = YES) -> bool:
        """Whether an option was given with this value; a flag, whether it was given."""
        return value in self.given.get(name, ())

    def columns(self, name: str) -> dict[str, tuple[str, ...]]:
        """The map of roles to columns that an option with roles holds."""
        return parse_map(self.given.get(name, ()), self._option(name).roles, name=f"--{name}")

    def _option(self, name: str) -> Option:
        for option in self.declared:
            if option.name == name:
                return option
        raise BadRequest(f"This format has no option --{name}.")


def chosen(declared: Sequence[Option], given: Mapping[str, Sequence[str]]) -> Options:
    """The options of a format with what a person gave. Raises BadRequest for a value or name it does not know."""
    by_name = {option.name: option for option in declared}
    checked: dict[str, tuple[str, ...]] = {}
    for name, values in given.items():
        said = [value for value in values if value.strip()]
        if not said:
            continue
        if name not in by_name:
            names = ", ".join(f"--{one}" for one in by_name) or "none"
            raise BadRequest(f"This format has no option --{name}; it has {names}.")
        checked[name] = by_name[name].checked(said)
    return Options(declared=tuple(declared), given=checked)


def parse_map(texts: str | Sequence[str], roles: tuple[str, ...], *, name: str = "--map") -> dict[str, tuple[str, ...]]:
    """`image=path,patient=group_id,label=label,label=sublabel` as a map of role to columns.

    A role may be given several times; `label=` with nothing after it means "no such column". The whole may be given in
    several texts. A comma stands between two roles only where the next one follows it, so a column's name may have
    one: `label=opacity, left`. Raises BadRequest.
    """
    found: dict[str, tuple[str, ...]] = {}
    pieces = [piece for text in ([texts] if isinstance(texts, str) else texts) for piece in _pieces(text)]
    for part in filter(None, (piece.strip() for piece in pieces)):
        role, equals, column = (piece.strip() for piece in part.partition("="))
        if not equals or role not in roles:
            names = ", ".join(roles) if roles else "none"
            raise BadRequest(f"{name} does not understand {part!r}; this format knows {names} (as role=column).")
        found[role] = (*found.get(role, ()), *([column] if column else []))
    return found


def _pieces(text: str) -> list[str]:
    return re.split(r",(?=\s*\w+\s*=)|,\s*$", text)
