"""What the run is: its data, its settings, where and for how long it worked."""

from typing import TYPE_CHECKING

from viewer.core.text.counting import counted
from viewer.core.text.durations import duration_words
from viewer.ui.flows.run_words import STATE_LOOKS, elapsed_s, epoch_words, model_and_start, run_title
from viewer.ui.look.chips import pill
from viewer.ui.look.plain_text import set_text
from viewer.ui.run_page.card import READS, Card, Told
from viewer.ui.run_page.rows import Rows, first_up

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk
    from viewer.ui.run_page.facts import RunFacts

DEVICES = {"cpu": "CPU", "cuda": "CUDA", "mps": "Apple GPU"}
TWO_READINGS = "Two readings, all parts"  # which is no figure of the validation part


class HeadCard(Card):
    """Its name, its state, and rows of what was given to it."""

    title = "Run"

    def __init__(self, session: "Desk") -> None:
        super().__init__(session)
        self.state = pill("", "mute")
        self.head.insertWidget(1, self.state)
        self.rows = Rows()
        self.body.addWidget(self.rows)

    def tell(self, told: Told) -> None:
        """Name, state and rows."""
        run = told.run
        self.call(run_title(run))
        word, kind = STATE_LOOKS[run.state]
        set_text(self.state, word)
        self.state.setProperty("pill", kind)
        self.state.style().unpolish(self.state)
        self.state.style().polish(self.state)
        self.say_beside("" if run.name == run.run_id else run.name)
        self.rows.show_rows(head_rows(told))


def _groups(facts: "RunFacts | None") -> str:
    """The worst group of each column, once the run is judged; "" where there are none."""
    groups = None if facts is None or facts.report is None else facts.report.get("groups")
    return " ".join(column["sentence"] for column in groups["columns"]) if groups else ""


def head_rows(told: Told) -> list[tuple[str, str]]:
    """(caption, words) of all that is known of a run; what is not known is said, or is no row."""
    run, facts = told.run, told.facts
    return [
        row
        for row in (
            ("Data", READS if facts is None else data_words(facts)),
            ("Model", model_and_start(run)),
            ("Its card", "" if facts is None else facts.no_card),
            ("Epochs", _epochs(run)),
            ("Groups", _groups(facts)),
            (TWO_READINGS, "" if facts is None else facts.ceiling),
            ("Settings", READS if facts is None else facts.no_settings or settings_words(facts)),
            ("Computed on", computed_words(run)),
            ("Time", time_words(run)),
            ("Why it ended", run.error),
        )
        if row[1]
    ]


def data_words(facts: "RunFacts") -> str:
    """The snapshot and how much is in each of its parts; why that is not known."""
    if facts.no_snapshot:
        return facts.no_snapshot
    of = (f"{part.name} {counted(part.images, 'image')} of {counted(part.patients, 'patient')}" for part in facts.parts)
    return f"Snapshot {facts.snapshot}: {'; '.join(of)}"


def settings_words(facts: "RunFacts") -> str:
    """Those that are told, in a sentence."""
    words = first_up("; ".join(facts.settings))
    return f"{words}. All others are those of a new run." if words else ""


def computed_words(run: "RunState") -> str:
    """Device, why it, precision and threads."""
    device = DEVICES.get(run.device, run.device)
    precision = f"precision {run.precision.replace('_', ' ')}" if run.precision else ""
    threads = counted(run.threads, "thread") if run.threads else ""
    words = ", ".join(filter(None, (device, precision, threads)))
    why = "; ".join(dict.fromkeys(filter(None, (run.device_reason, run.precision_reason))))
    return f"{words} ({why})" if words and why else words


def time_words(run: "RunState") -> str:
    """When it began, and how long it worked."""
    began = run.started[:16].replace("T", " ")
    worked = duration_words(elapsed_s(run))
    return ", ".join(filter(None, (f"began {began}" if began else "", f"worked {worked}" if worked else "")))


def _epochs(run: "RunState") -> str:
    best = f"the best is epoch {run.best_epoch}" if run.best_epoch else ""
    words = epoch_words(run)
    return ", ".join(filter(None, (words[:1].upper() + words[1:], best)))
