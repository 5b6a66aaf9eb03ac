"""Whole-image labels that exclude each other: what one gesture says, and whether what is said holds together.

    groups = exclusive sets of label names that a label stands in, such as (("NORMAL", "PNEUMONIA"),)
    said   = {label: Verdict} of one image; a label that is not there is unknown

A set is answered when exactly one of its labels is yes, or when "uncertain" or "not assessed" is said to each of them:
then a person looked and could not tell. Everything else (none, several, nothing said) is open.
"""

from collections.abc import Mapping, Sequence

from viewer.core.labels import Verdict

Said = Mapping[str, Verdict]
Groups = Sequence[Sequence[str]]


def rivals(label: str, groups: Groups) -> tuple[str, ...]:
    """The labels that a label excludes, in order, each once."""
    return tuple(dict.fromkeys(name for group in groups if label in group for name in group if name != label))


def held(group: Sequence[str], said: Said) -> tuple[str, ...]:
    """The labels of a set that are yes."""
    return tuple(name for name in group if said.get(name) is Verdict.YES)


def saying(label: str, verdict: Verdict | None, said: Said, groups: Groups) -> dict[str, Verdict | None]:
    """What becomes another when a verdict is said of a label.

    Yes to one says no to those it excludes. "Not assessed" is said of the whole question, unless another label holds.
    """
    new: dict[str, Verdict | None] = {label: verdict}
    others = rivals(label, groups)
    if verdict is Verdict.YES:
        new |= dict.fromkeys(others, Verdict.NO)
    elif verdict is Verdict.NOT_ASSESSED and not held(others, said):
        new |= dict.fromkeys(others, Verdict.NOT_ASSESSED)
    return {name: after for name, after in new.items() if said.get(name) is not after}


def pressed(label: str, said: Said, groups: Groups) -> Verdict:
    """What the label's key says next: yes, again: no, again: not assessed. Where another label holds it says yes."""
    now = said.get(label)
    if now is Verdict.YES:
        return Verdict.NO
    if now is Verdict.NO and not held(rivals(label, groups), said):
        return Verdict.NOT_ASSESSED
    return Verdict.YES


def rejecting(label: str, said: Said, groups: Groups) -> dict[str, Verdict | None]:
    """What becomes another when a model's answer is rejected: no to its label.

    What a person has said already and what agrees with the rejection stays: another label that holds, "not assessed",
    "uncertain". Where the label held, its "no" to those it excludes goes with it: they are open again, and the key of
    one says yes.
    """
    now, others = said.get(label), rivals(label, groups)
    if (now is not None and not now.tells) or held(others, said):
        return {}
    new = saying(label, Verdict.NO, said, groups)
    if now is Verdict.YES:
        new |= {name: None for name in others if said.get(name) is Verdict.NO}
    return new


def _quoted(names: Sequence[str], between: str = ", ") -> str:
    """Names of labels in a sentence: one may be called "none"."""
    return between.join(f"“{name}”" for name in names)


def open_words(group: Sequence[str], said: Said, every_group: Groups = ()) -> str:
    """Why a set of labels is not answered, such as "none of NORMAL, PNEUMONIA is said"; "" where it is.

    every_group: all exclusive sets. A set whose every label is excluded by a yes of another set is answered too:
    bacteria or virus is no question where normal holds.
    """
    yes = held(group, said)
    untold = [name for name in group if (verdict := said.get(name)) is not None and not verdict.tells]
    if len(yes) == 1 or len(untold) == len(group):
        return ""
    if yes:
        return f"{_quoted(yes, ' and ')} are said at once"
    if all(any(held(rivals(name, [other]), said) for other in every_group) for name in group):
        return ""
    return f"none of {_quoted(group)} is said"
