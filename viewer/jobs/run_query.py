"""What a person asks a table of runs for: words, and keys such as `tag:best state:finished`. No Qt."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from viewer.core.errors import BadRequest
from viewer.jobs.run_columns import snapshot_words, start_words, state_words, title_words
from viewer.jobs.runs import RunState, RunStatus

_WORD = re.compile(r'(?:(?P<key>[A-Za-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S*))')

KEYS: dict[str, Callable[[RunState, str], bool]] = {
    "tag": lambda run, wanted: any(tag.casefold() == wanted for tag in run.tags),
    "state": lambda run, wanted: run.state.startswith(wanted) or state_words(run).startswith(wanted),
    "task": lambda run, wanted: wanted in run.task.casefold(),
    "model": lambda run, wanted: wanted in run.model.casefold() or wanted in _model_title(run),
    "start": lambda run, wanted: wanted in start_words(run).casefold(),
    "snapshot": lambda run, wanted: str(run.recipe.get("snapshot_id", "")).casefold().startswith(wanted),
    "name": lambda run, wanted: wanted in title_words(run).casefold(),
    "note": lambda run, wanted: wanted in run.note.casefold(),
}
_STATES = {*RunStatus, "waiting", "queued elsewhere"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunQuery:
    """words: each must stand somewhere in a run. keyed: (key, the values of which one must fit), all must hold."""

    words: tuple[str, ...] = ()
    keyed: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def fits(self, run: RunState) -> bool:
        """Whether it is asked for."""
        if not all(any(KEYS[key](run, one) for one in wanted) for key, wanted in self.keyed):
            return False
        if not self.words:
            return True
        told = _told(run)
        return all(word in told for word in self.words)


def read_run_query(text: str) -> RunQuery:
    """`tag:best state:finished,failed task:"Lung mass" resnet`: a comma between two values means either.

    Raises BadRequest for a key that there is not, and for a state that none is in.
    """
    words, keyed = [], []
    for found in _WORD.finditer(text):
        key = (found["key"] or "").casefold()
        value = (found["quoted"] if found["quoted"] is not None else found["plain"] or "").casefold()
        if key and key not in KEYS:
            raise BadRequest(f"Runs have no {key!r} to be found by; write one of {', '.join(f'{k}:' for k in KEYS)}.")
        if not key:
            words.append(value)
            continue
        several = (value,) if found["quoted"] is not None else tuple(filter(None, value.split(",")))
        if key == "state":
            _refuse_states(several)
        if several:
            keyed.append((key, several))
    return RunQuery(words=tuple(filter(None, words)), keyed=tuple(keyed))


def _refuse_states(several: tuple[str, ...]) -> None:
    for wanted in several:
        if not any(state.startswith(wanted) for state in _STATES):
            raise BadRequest(f"No run can be {wanted[:40]!r}; a state is one of {', '.join(RunStatus)}.")


def _model_title(run: RunState) -> str:
    from ml.catalogue import title_of

    return title_of(run.model).casefold()


def _told(run: RunState) -> str:
    """All that a word may stand in."""
    parts = (
        title_words(run), run.run_id, run.name, run.task, run.model, _model_title(run), state_words(run),
        start_words(run), snapshot_words(run), run.note, *run.tags,
    )  # fmt: skip
    return "\n".join(parts).casefold()
