"""Asking a model: from a request to an answer on the window's thread.

A request goes to the inference child by `InferenceClient`; its answer comes on a reader thread and is brought here by
a signal. An answer for an image that is no longer shown is dropped, unless it was asked for as part of a series; one
that was asked in another project, or of another model than the one that is chosen now, is dropped always.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from viewer.core.errors import AppError, LacksFrames, OutsideDomain
from viewer.core.heat import HeatMap
from viewer.core.shapes.annotations import Prediction
from viewer.core.text.counting import counted_are
from viewer.ui.flows.asking_model import ask_model
from viewer.ui.flows.model_choices import Ask, ModelChoice, default_model, is_same, model_choices
from viewer.ui.flows.run_words import report_said
from viewer.ui.state.announcing import OVER, announce_here
from viewer.ui.state.joining import join_slices_of
from viewer.ui.state.present_names import PresentNames, explained_name

if TYPE_CHECKING:
    from pathlib import Path

    from viewer.jobs.runs import RunState
    from viewer.project.samples.stacks import Slice
    from viewer.reading.series import FrameRef, Series
    from viewer.ui.flows.job_watch import JobWatch
    from viewer.ui.flows.membership import Members
    from viewer.ui.state.session import Session
    from viewer.ui.state.shown import ShownImage

FINDINGS_FACT = "findings_seen"  # the panel Findings is in sight, and with it why an image was refused
IN_PANEL = " The panel Findings (View menu) has the button."


class ModelQueries(QObject):
    """Which model is asked, about what, and what came back."""

    models_found = Signal()
    model_chosen = Signal(object)  # ModelChoice | None
    asking_changed = Signal(str)  # what is being done, "" when nothing
    mismatch_found = Signal(str)  # the sentence of an image outside the domain; "" when none stands any more
    predicted = Signal(object)  # Prediction
    explained = Signal(object)  # HeatMap
    heat_refused = Signal(str)  # why there is no heatmap, in one sentence
    _answered = Signal(object, object)  # Ask, answer; emitted on the reader thread

    def __init__(self, session: "Session", members: "Members", jobs: "JobWatch") -> None:
        super().__init__(session)
        self._session, self._members, self._jobs = session, members, jobs
        self._opening = members.opening
        self._called = PresentNames(session)
        self.models: list[ModelChoice] = []
        self.model: ModelChoice | None = None
        self.mismatch = ""
        self._chosen: Path | None = None  # the folder of the model that a person chose
        self._chosen_in = self._folder
        self._before: ModelChoice | None = None  # the model of the project before, for as long as none is found here
        self._era = 0  # rises with every other project and every other model
        self._look = 0  # of the looks for models, the last one
        self._named: list[object] = []  # questions whose images are being read, so that they can be named
        self._newer_waits = False  # a model was found while another one is being asked
        self._finished: set[tuple[str, str, str | None]] = set()  # runs, each with its name and its report's figure
        self._refused: Ask | None = None
        self._waiting: list[Ask] = []  # of a series, in order
        self._asked = 0  # of a series, those that wait among them
        self._lacking: list[str] = []  # what is said of those of a series that lack frames beside them
        self._stacks: list[tuple[Series, list[str]]] = []  # that are asked about, with their images
        self._flying: list[Ask] = []  # sent to the child, not answered yet
        self.asking_changed.connect(lambda words: session.set_fact("asking", holds=bool(words)))
        self.model_chosen.connect(lambda model: session.set_fact("model_chosen", holds=model is not None))
        self._answered.connect(self._on_answered, Qt.ConnectionType.QueuedConnection)
        session.image_shown.connect(self._on_image_shown)
        session.image_gone.connect(self._on_image_shown)
        session.project_opened.connect(self._on_project_opened)
        session.workspace_changed.connect(self._on_workspace_changed)
        jobs.runs_changed.connect(self._on_runs_changed)

    # Models

    def find_models(self) -> None:
        """List the runs, models and bundled models that can answer, off the window's thread."""
        folder = self._folder
        self._look += 1
        look = self._look

        def done(models: list[ModelChoice]) -> None:
            # An earlier look, or one in another project, may lack the model that is asked by now.
            if folder == self._folder and look == self._look:
                self._on_models_found(models)

        self._session.run_in_background(lambda: model_choices(folder), done, self._session.announce_failure)

    @property
    def _folder(self) -> "Path | None":
        return None if self._session.project is None else self._session.project.folder

    def _on_models_found(self, models: list[ModelChoice]) -> None:
        self.models = models
        known = [model.folder for model in models]
        if self._chosen is not None and self._chosen not in known:
            self._chosen = None
        if self._chosen is None:
            # A run that ends takes no question away that a person asked of another model.
            self._newer_waits = self._is_asking
            if not self._newer_waits:
                self._ask_from_now_on(default_model(models, self.model or self._before))
        self.models_found.emit()

    def choose_model(self, model: ModelChoice) -> None:
        """Ask this model from now on; a person's choice stays while the model is there and the project is open."""
        self._chosen, self._chosen_in = model.folder, self._folder
        self._ask_from_now_on(model)

    def _ask_from_now_on(self, model: ModelChoice | None) -> None:
        if model is not None and self.model is not None and model.folder == self.model.folder:
            self.model = model  # its card may have been read anew
            return
        self._begin_era(model)

    def _begin_era(self, model: ModelChoice | None) -> None:
        """Nothing that was asked until now is waited for, and nothing that was said of it stays."""
        self._era += 1
        self.model, self._newer_waits = model, False
        self.cancel()
        self._say_mismatch("", None)
        self.model_chosen.emit(model)

    def _on_project_opened(self, _project: object) -> None:
        if self._chosen_in != self._folder:  # the same project says it again when it gets images
            self._chosen, self._chosen_in = None, self._folder
            self._before, self.models = self.model or self._before, []
            self._begin_era(None)  # until its own models are found: those of the project before are none of its
        self.find_models()

    def _on_workspace_changed(self, workspace: str) -> None:
        if workspace == "review":
            self.find_models()

    def _on_runs_changed(self, runs: "tuple[RunState, ...]") -> None:
        # What stands of a model is of its report too, which is made after the run.
        finished = {(run.run_id, run.title, report_said(run)) for run in runs if run.state == "finished"}
        if finished != self._finished:
            self._finished = finished
            self.find_models()

    def _need_model(self) -> ModelChoice | None:
        if self.model is None:
            announce_here(self._session, "warn", "There is no model yet: train one from the Train menu.")
        return self.model

    # Questions

    def predict_image(self) -> None:
        """Ask the chosen model about the image that is shown."""
        shown, model = self._session.shown, self._need_model()
        if shown is None or model is None:
            return
        ref, era = shown.ref, self._era
        self._with_ids([ref], lambda ids: self._ask_one(Ask(ref=ref, image_id=ids[0], model=model, era=era)))

    def predict_series(self) -> None:
        """Ask the chosen model about every frame of the series that is shown, one after the other."""
        shown, model = self._session.shown, self._need_model()
        if shown is None or model is None or shown.series is None:
            return
        series, era = shown.series, self._era
        refs = list(series.frames)

        def asks(ids: list[str]) -> list[Ask]:
            self._stacks.append((series, ids))
            return [Ask(ref=ref, image_id=i, model=model, era=era, series=True) for ref, i in zip(refs, ids)]

        self._with_ids(refs, lambda ids: self._start(asks(ids)))

    def run_anyway(self) -> None:
        """Ask again about an image outside the model's domain; the answer says so wherever it is shown."""
        refused, waiting = self._refused, self._waiting
        if refused is None:
            return
        self._say_mismatch("", None)
        asks = [refused, *waiting]
        if refused.label:
            self._explain(replace(refused, run_anyway=True))
        elif refused.series:
            self._waiting, self._asked = [], 0
            self._start([replace(ask, run_anyway=True) for ask in asks])
        else:
            self._ask_one(replace(refused, run_anyway=True))

    def cancel(self) -> None:
        """Stop asking; what was answered stays."""
        self._waiting, self._asked, self._flying, self._named = [], 0, [], []
        self._lacking, self._stacks = [], []
        self._tell()

    @property
    def _is_asking(self) -> bool:
        """Whether a person waits for an answer."""
        return bool(self._named or self._flying or self._waiting)

    def explain(self, label: str, method: str, *, layer: str = "", run_anyway: bool) -> None:
        """Ask for the heatmap of a class on the shown image. layer: "" is the model's own."""
        shown, model = self._session.shown, self._need_model()
        if shown is None or shown.image_id is None or model is None:
            return
        self._explain(
            Ask(
                ref=shown.ref, image_id=shown.image_id, model=model, era=self._era,
                run_anyway=run_anyway, label=label, method=method, layer=layer,
            )
        )  # fmt: skip

    def _explain(self, ask: Ask) -> None:
        if not self._is_asked(ask):
            self._send(ask)

    def _with_ids(self, refs: "list[FrameRef]", then: Callable[[list[str]], None]) -> None:
        question = object()
        self._named.append(question)
        self._tell()

        def done(ids: list[str]) -> None:
            if question in self._named:  # else nobody waits for it any more
                self._named.remove(question)
                then(ids)

        def failed(error: Exception) -> None:
            self._named = [other for other in self._named if other is not question]
            self._tell()
            self._session.announce_failure(error)

        self._session.run_in_background(lambda: self._members.image_ids(refs), done, failed)

    def _ask_one(self, ask: Ask) -> None:
        """Beside a series that is being asked about, not in its place; one of it that waits comes next."""
        if self._is_asked(ask):
            self._waiting.sort(key=lambda other: not is_same(ask, other))
            self._tell()
        else:
            self._send(ask)

    def _start(self, asks: list[Ask]) -> None:
        """A series, one after the other, after what waits already."""
        fresh = [ask for ask in asks if not self._is_asked(ask)]
        idle = not any(ask.series for ask in self._flying)
        self._asked += len(fresh)
        self._waiting += fresh
        if idle:
            self._send_next()
        else:
            self._tell()

    def _is_asked(self, ask: Ask) -> bool:
        """Whether the same question is on its way."""
        return any(is_same(ask, other) for other in (*self._flying, *self._waiting))

    def _send_next(self) -> None:
        if self._waiting:
            self._send(self._waiting.pop(0))
            return
        if self._lacking:
            left_out = f"{len(self._lacking)} of {counted_are(self._asked, 'image')} not asked about"
            self._session.announced.emit("warn", f"{left_out}: {self._lacking[0]}")
        self._asked, self._lacking = 0, []
        self._tell()
        self._join()

    def _join(self) -> None:
        """All of a series was answered, and is being kept."""
        stacks, self._stacks = self._stacks, []
        model = self.model
        if model is not None:
            for series, image_ids in stacks:
                join_slices_of(self._session, series, image_ids, model.model_hash)

    def _send(self, ask: Ask) -> None:
        self._flying.append(ask)
        self._tell()
        if ask.model.reads.is_plain:
            self._put(ask, ())
            return
        session, project = self._session, self._session.project

        def found(sample: "tuple[Slice, ...]") -> None:
            if any(other is ask for other in self._flying):
                self._put(ask, sample)

        def failed(error: Exception) -> None:
            if isinstance(error, AppError):
                self._on_answered(ask, error)
            else:
                self.cancel()
                session.announce_failure(error)

        if self._opening.is_arriving_with(ask.ref) and not session.at_hand.images.find(ask.image_id):
            failed(LacksFrames(f"{ask.ref.path.name} is of a study that is still being read; ask again then."))
            return
        from viewer.project.samples.asking import frames_beside

        opened, reader = self._opening.series_list(), ask.model.reader
        look = partial(frames_beside, project, opened, reader, ask.ref, ask.image_id)
        session.run_in_background(look, found, failed)

    def _put(self, ask: Ask, sample: "tuple[Slice, ...]") -> None:
        """Hand a question to the child, with every frame of its sample where there are several."""
        session, done = self._session, partial(self._answered.emit, ask)
        try:
            if ask.label:
                session.inference.explain(
                    ask.ref, ask.image_id, ask.model.folder, label=ask.label, method=ask.method, layer=ask.layer,
                    run_anyway=ask.run_anyway, sample=sample, done=done,
                )  # fmt: skip
            else:
                ask_model(session, ask.ref, ask.image_id, ask.model.folder, run_anyway=ask.run_anyway, sample=sample,
                          done=done)  # fmt: skip
        except AppError as error:
            self._on_answered(ask, error)

    def _tell(self) -> None:
        """Say what is being done: a prediction before a heatmap."""
        asked = next((ask for ask in self._flying if not ask.label), None)
        heat = next((ask for ask in self._flying if ask.label), None)
        if asked is not None:
            done = self._asked - len(self._waiting)
            place = f": {done} of {self._asked}" if asked.series and self._asked > 1 else ""
            self.asking_changed.emit(f"Asking {asked.model.title}{place}")
        elif self._named:
            self.asking_changed.emit("Reading the images")
        else:
            name = "" if heat is None else explained_name(heat.model, heat.label, self._called)
            self.asking_changed.emit("" if heat is None else f"Explaining {name}")
        if self._newer_waits and not self._is_asking:
            self._newer_waits = False
            self.find_models()

    # Answers

    def _on_image_shown(self, shown: "ShownImage | None" = None) -> None:
        here = "" if shown is None else shown.image_id
        if self._refused is not None and self._refused.image_id != here and not self._refused.series:
            self._say_mismatch("", None)

    def _on_answered(self, ask: Ask, answer: object) -> None:
        from viewer.jobs.inference import Dropped

        if ask.era != self._era:
            return  # of another project or model: nothing of it is said here
        shown = self._session.shown
        still_shown = shown is not None and shown.image_id == ask.image_id
        waited_for = ask in self._flying
        self._flying = [other for other in self._flying if other is not ask]
        if isinstance(answer, Dropped):  # by newer questions: no error, and what is still wanted is asked again
            if waited_for and not ask.label and (ask.series or still_shown):
                self._send(ask)
            else:
                self._tell()
        elif isinstance(answer, OutsideDomain):
            self._tell()
            if ask.label and still_shown:
                self.heat_refused.emit(str(answer))
            if ask.series or still_shown:
                self._say_mismatch(str(answer), ask)
                if self._session.workspace != "review":  # what says it, and runs it anyway, is not on the screen here
                    announce_here(self._session, "warn", f"{answer} Both are in Review AI (F8).")
        elif isinstance(answer, LacksFrames) and ask.series and waited_for:
            self._lacking.append(str(answer))  # the ends of one series beside another: the rest is asked about
            self._send_next()
        elif isinstance(answer, AppError):
            if ask.label:
                self._tell()
                if still_shown:
                    self.heat_refused.emit(str(answer))
            else:
                self.cancel()
            self._session.announced.emit("error", str(answer))
        elif isinstance(answer, Prediction):
            if ask.series or still_shown:
                self.predicted.emit(answer)
            if ask.series and waited_for:
                self._send_next()
            else:
                self._tell()
        elif isinstance(answer, HeatMap):
            self._tell()
            if still_shown:
                self.explained.emit(answer)

    def _say_mismatch(self, sentence: str, ask: Ask | None) -> None:
        before, (self.mismatch, self._refused) = self.mismatch, (sentence, ask)
        self.mismatch_found.emit(sentence)
        if before and not sentence:
            self._session.announced.emit(OVER, before + IN_PANEL)
        elif sentence and self._session.workspace == "review" and not self._session.situation().has(FINDINGS_FACT):
            announce_here(self._session, "warn", sentence + IN_PANEL)
