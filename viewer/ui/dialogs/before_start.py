"""What a training dialog says before the start, found out beside the window's thread."""

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ml.before import Outlook
from ml.catalogue import load_spec
from ml.recipe import Recipe
from viewer.core.errors import AppError
from viewer.core.text.counting import counted
from viewer.core.text.durations import about, duration_words, rate_words
from viewer.jobs.before_start import StartsRead
from viewer.ui.flows.run_words import memory_words

if TYPE_CHECKING:
    from viewer.jobs.runs import RunState
    from viewer.ui.flows.desk import Desk

REST_MS = 200  # a hand that types a number is waited for
PER = {"s": "a second", "min": "a minute", "h": "an hour"}
READS_THE_START = (
    "The weights that it starts from are being read, to see whether they fit this network; this may take a minute."
)


class BeforeStart(QObject):
    """Asks for the run that the fields say now, one look at a time; one that nobody waits for any more is stopped."""

    told = Signal()

    def __init__(self, session: "Desk", parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: list[Recipe] = []
        self._starts = StartsRead()
        self._answers: dict[tuple[Recipe, ...], Outlook] = {}
        self._looked_at: tuple[Recipe, ...] = ()  # by the look that works now
        self._stop = Event()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._look)

    def ask(self, recipes: list[Recipe]) -> None:
        """These are what would be started; `told` follows when there is an answer."""
        self._asked = recipes
        if tuple(recipes) != self._looked_at:
            self._stop.set()
        if self.known(recipes) is None:
            self._timer.start()

    def forget(self) -> None:
        """The fields say no run."""
        self._asked = []
        self._timer.stop()
        self._stop.set()

    def known(self, recipes: Sequence[Recipe]) -> Outlook | None:
        """What was found of these runs; None while it is not known."""
        return self._answers.get(tuple(recipes))

    @property
    def found(self) -> Outlook:
        """Of the runs that were asked for last; empty while it is not known."""
        return self.known(self._asked) or Outlook()

    @property
    def waits(self) -> str:
        """What is still being looked at, in words."""
        slow = any(recipe.init != "scratch" for recipe in self._asked)
        return READS_THE_START if slow and self.known(self._asked) is None else ""

    def _look(self) -> None:
        project = self._session.project
        if self._looked_at or project is None or not self._asked or self.known(self._asked) is not None:
            return  # the look that works now is followed by one at what is asked then
        folder, recipes, stop = project.folder, tuple(self._asked), Event()
        self._looked_at, self._stop, starts = recipes, stop, self._starts

        def done(answer: Outlook) -> None:
            self._looked_at = ()
            if stop.is_set():
                self._look()
                return
            self._answers[recipes] = answer
            self.told.emit()

        self._session.run_in_background(
            lambda: look_before(folder, recipes, stop.is_set, starts),
            done,
            lambda error: done(Outlook(refusals=(str(error),))),
            owner=self,
        )


def look_before(
    project_folder: Path,
    recipes: Sequence[Recipe],
    stopped: Callable[[], bool] = lambda: False,
    starts: StartsRead | None = None,
) -> Outlook:
    """Everything that can be said of these runs. Reads the disk; a child reads the weights they start from.

    stopped: whether nobody waits for the answer any more, which then means nothing. starts: what was read already.
    """
    from viewer.jobs.before_start import before_start
    from viewer.project.snapshots.card import sample_rule_of
    from viewer.project.snapshots.snapshot import Snapshot

    try:
        snapshot = Snapshot.load(project_folder, recipes[0].snapshot_id)
        found = before_start(project_folder, snapshot, recipes)
    except AppError as error:
        return Outlook(refusals=(str(error),))
    if found.refusals or stopped():
        return found
    start = (starts or StartsRead()).of(project_folder, recipes[0], sample_rule_of(snapshot.card), stopped)
    return Outlook(refusals=start.refusals, doubts=(*found.doubts, *start.doubts))


def measured_words(runs: "Sequence[RunState]", recipe: Recipe, images: int) -> str:
    """Time and memory as a run of this model at this size has measured them here; whose they are otherwise."""
    of_model = [run for run in runs if run.model == recipe.model and run.images_per_s]
    if not of_model:
        return "Time and memory are not known yet: no run of this model was measured here."
    alike = [run for run in of_model if _size(run) == _size_of(recipe) and _device_fits(run, recipe)]
    if not alike or not alike[0].images_per_s:
        px, cols_px, batch = _size(of_model[0])
        size = f"{px} px" if cols_px == px else f"{px} x {cols_px} px"
        return (
            f"Time and memory are not known for these settings: run {of_model[0].run_id[-4:]} was measured at {size}, "
            f"{batch} images a step, on {of_model[0].device or 'another device'}."
        )
    run, memory = alike[0], memory_words(alike[0].memory_bytes)
    epoch = about(duration_words(images / alike[0].images_per_s))
    rate, unit = rate_words(run.images_per_s)
    said = [
        f"{rate:.1f} images {PER[unit]}" if unit else "",
        f"{epoch} an epoch of {counted(images, 'image')}" if epoch and images else "",
        f"{memory} of memory" if memory else "",
    ]
    return f"Measured in run {run.run_id[-4:]} at this size: {', '.join(filter(None, said))}."


def _size_of(recipe: Recipe) -> tuple[int, int, int]:
    """(rows, cols, images of a batch)."""
    rows_px = recipe.input_px or load_spec(recipe.model).input_px
    return rows_px, recipe.input_cols_px or rows_px, recipe.batch_size


def _size(run: "RunState") -> tuple[int, int, int]:
    """`_size_of` a run, as its config.json says; 0 for what is not said."""
    px, cols, batch = (run.recipe.get(name, 0) for name in ("input_px", "input_cols_px", "batch_size"))
    px = px if isinstance(px, int) and px else load_spec(run.model).input_px
    return px, cols if isinstance(cols, int) and cols else px, batch if isinstance(batch, int) else 0


def _device_fits(run: "RunState", recipe: Recipe) -> bool:
    return recipe.device in ("auto", "") or run.device.partition(":")[0] == recipe.device.partition(":")[0]
