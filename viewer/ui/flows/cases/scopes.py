"""About which cases of a project a model can be asked: those of the list, all, or one part of the chosen snapshot."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from viewer.core.text.counting import counted

if TYPE_CHECKING:
    from viewer.project.records import CaseRow
    from viewer.project.snapshots.parts import CaseParts


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """words: which cases, as a row of a choice. asked: the same within a question. known: how many of the cases this
    very model has answered whole. tested: of those that it has, and those that it has not, how many are in the test
    part."""

    words: str
    asked: str
    case_ids: tuple[str, ...]
    known: int
    tested: tuple[int, int] = (0, 0)

    def left(self, *, again: bool) -> int:
        """How many cases would be asked about."""
        return len(self.case_ids) if again else len(self.case_ids) - self.known

    def left_of_test(self, *, again: bool) -> int:
        """How many of them are in the test part."""
        return sum(self.tested) if again else self.tested[1]


def scopes_of(
    listed: Sequence[str], rows: Sequence["CaseRow"], answered: Mapping[str, Collection[str]],
    parts: "CaseParts | None" = None,
) -> list[Scope]:  # fmt: skip
    """Each of them that holds a case, the list as it is filtered first. rows: every case of the project. answered: the
    images of each case that the model has answered."""
    known = {row.case_id for row in rows if len(answered.get(row.case_id, ())) >= row.images}
    tested = {row.case_id for row in rows if parts is not None and "test" in parts.of_case(row.case_id)}

    def scope(words: str, asked: str, case_ids: Sequence[str]) -> Scope:
        of_test = [case_id for case_id in case_ids if case_id in tested]
        known_ones = sum(case_id in known for case_id in of_test)
        return Scope(
            words=f"{words}: {counted(len(case_ids), 'case')}", asked=asked, case_ids=tuple(case_ids),
            known=sum(case_id in known for case_id in case_ids), tested=(known_ones, len(of_test) - known_ones),
        )  # fmt: skip

    here = "the case" if len(listed) == 1 else f"the {len(listed)} cases"
    found = [scope("The list as it stands", f"{here} of this list", listed)]
    every = [row.case_id for row in rows]
    if set(every) != set(listed):
        found.append(scope("All of the project", f"all {counted(len(every), 'case')} of the project", every))
    if parts is None:
        return found
    for name in (*parts.names, ""):
        inside = [one for one in every if (name in parts.of_case(one) if name else not parts.of_case(one))]
        if inside and set(inside) != set(listed):
            found.append(scope(*_part_words(name, parts, len(inside)), inside))
    return found


def _part_words(name: str, parts: "CaseParts", count: int) -> tuple[str, str]:
    from viewer.project.snapshots.parts import PART_WORDS

    cases = "the case" if count == 1 else f"the {count} cases"
    if not name:
        return "In no part", f"{cases} in no part of the snapshot {parts.snapshot_words}"
    word = PART_WORDS.get(name, name)
    where = word if word.startswith("fold") else f"the {word} part"
    return where[:1].upper() + where[1:], f"{cases} in {where} of the snapshot {parts.snapshot_words}"
