"""The window in each of its work spaces with real content: long names, many labels, a run that works, findings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from ml.evaluation.agreeing.two_answers import Agreed, TwoAnswers
from ml.events import append_event
from ml.recipe import default_recipe
from tests.ui.conftest import series_named
from tests.ui.kept_library import keep_library_answers
from tests.ui.test_review_ai import MODEL, FakeInference, prediction
from tests.waiting import handled, settled
from viewer.app import make_application
from viewer.core.labels import Verdict
from viewer.core.shapes.annotations import CaseStatus
from viewer.core.shapes.kinds.box import Box
from viewer.core.shapes.objects import ObjectNote, ObjectState
from viewer.jobs.agreeing import AgreeingRuns
from viewer.jobs.queue import enqueue
from viewer.project.at_hand.objects import ObjectAtHand
from viewer.project.edit_builders import add_annotation, add_label, say_image_label, set_status
from viewer.project.project import Project
from viewer.project.records import Task
from viewer.project.snapshots.snapshot import make_snapshot
from viewer.ui.dialogs.about import AboutDialog
from viewer.ui.dialogs.about_study import AboutStudyDialog
from viewer.ui.dialogs.add_images import AddImagesDialog
from viewer.ui.dialogs.agree import AgreeDialog
from viewer.ui.dialogs.ask_cases import AskCasesDialog
from viewer.ui.dialogs.attributes import AttributeDialog
from viewer.ui.dialogs.choice import ChoiceDialog
from viewer.ui.dialogs.dataset import DatasetDialog
from viewer.ui.dialogs.delete_runs import DeleteRunsDialog
from viewer.ui.dialogs.exchange import ExportDialog
from viewer.ui.dialogs.forget import ForgetDialog
from viewer.ui.dialogs.importing import ImportDialog
from viewer.ui.dialogs.keys import KeysDialog
from viewer.ui.dialogs.labels import LabelDialog
from viewer.ui.dialogs.learning_curve import LearningCurveDialog
from viewer.ui.dialogs.library_models import LibraryModelsDialog
from viewer.ui.dialogs.object_notes import ObjectNotesDialog
from viewer.ui.dialogs.open_project import OpenProjectDialog
from viewer.ui.dialogs.patients import PatientsDialog
from viewer.ui.dialogs.readers import ReadersDialog
from viewer.ui.dialogs.relink import RelinkDialog
from viewer.ui.dialogs.run_columns import RunColumnsDialog
from viewer.ui.dialogs.run_marks import RunMarksDialog, TagsOfRunsDialog
from viewer.ui.dialogs.run_report import RunReportDialog
from viewer.ui.dialogs.second_read import SecondReadDialog
from viewer.ui.dialogs.snapshot_card import SnapshotCardDialog
from viewer.ui.dialogs.train import TrainDialog
from viewer.ui.flows.cases.scopes import Scope
from viewer.ui.flows.desk import Desk
from viewer.ui.run_table.agreement import AgreementDialog
from viewer.ui.run_table.comparison import CompareSeveralDialog
from viewer.ui.state.choosing import Question
from viewer.ui.window.main_window import MainWindow

SCOPES = [
    Scope(words="The list as it stands: 420 cases", asked="the 420 cases of this list", case_ids=("c",) * 420, known=12,
          tested=(2, 60)),
    Scope(words="The validation part: 1 case", asked="the case in the validation part of the snapshot T 3f2a",
          case_ids=("c",), known=0),
]  # fmt: skip
LONG_WORDS = "Its 1,204 objects on 318 images go. The files of the study stay where they are, and nothing is sent."
LONG_TASK = "Findings of the chest on postero-anterior films, second reading of the year"
MORE_LABELS = ("Consolidation of the lower lobe", "Pleural effusion", "Nodule")
MORE_ANSWERS = ("pneumonia, bacterial", "pneumonia, viral", "no finding")


@dataclass(frozen=True, slots=True)
class Scenes:
    """A window, and the ways to what it can show."""

    window: MainWindow
    bot: QtBot

    def __iter__(self) -> "Iterator[tuple[str, QWidget]]":
        """(name, what is judged) of one scene after the other; each is on the screen when it is handed out."""
        window = self.window
        window.show_welcome()
        yield "welcome", self._settled()
        for space in ("read", "annotate", "train", "review"):
            window.enter(space)
            yield space, self._settled()
            if space == "train":
                window.pages.train.show_page("All runs")
                yield "all runs", self._settled()
                window.pages.train.show_page("Run")
        window.enter("read")
        for panel in ("tags", "report", "history"):
            if not window.docks.is_open(panel):
                window.docks.toggle(panel)
            yield f"read with {panel}", self._settled()
            window.docks.toggle(panel)
        window.open_palette()
        yield "palette", self._settled()
        window.session.set_workspace("annotate")  # the palette goes

    def dialogs(self, *, as_they_come: bool = False) -> "Iterator[tuple[str, QDialog]]":
        """(name, dialog) of one after the other; each is on the screen when it is handed out, and gone after.
        as_they_come: in the size that each gives itself."""
        window, session = self.window, self.window.session
        for make in self.makers():
            dialog: QDialog = make()
            dialog.show()
            settled(session)
            # What the smallest screen gives it, wherever the test runs.
            most = QSize(2 * window.width() // 3, 2 * window.height() // 3)
            if not as_they_come:
                dialog.resize(dialog.sizeHint().boundedTo(most).expandedTo(dialog.minimumSize()))
            handled()
            yield type(dialog).__name__, dialog
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.close()
            handled()

    def makers(self) -> "tuple[Callable[[], QDialog], ...]":
        """How each dialog is made."""
        window, session = self.window, self.window.session
        return (
            lambda: AboutDialog(session, window),
            lambda: AboutStudyDialog(session, session.project.folder, window),
            lambda: AddImagesDialog(session, window),
            lambda: AgreeDialog(
                session, title="Remove Consolidation of the lower lobe?", words=LONG_WORDS, verb="Remove", icon="close",
                parent=window,
            ),
            lambda: AgreementDialog(session, (two_that_agree(session), two_that_agree(session)), window),
            lambda: AskCasesDialog(session, MODEL, SCOPES, "opened 2 times (2 evaluations)", print, window),
            lambda: AttributeDialog(session, scope="image", label="", parent=window),
            lambda: ChoiceDialog(
                session, Question(title="Which label?", choices=tuple((one, one) for one in MORE_LABELS)), str, window
            ),
            lambda: CompareSeveralDialog(session, (session.jobs.runs[0],) * 2, window),
            lambda: DatasetDialog(session, window),
            lambda: ExportDialog(session, window),
            lambda: ForgetDialog(session, "Forget this study?", LONG_WORDS, window),
            lambda: ImportDialog(session, window),
            lambda: KeysDialog(session, window.book, window),
            lambda: LabelDialog(session, scope="region", parent=window),
            lambda: LabelDialog(session, scope="image", parent=window),
            lambda: LearningCurveDialog(session, session.jobs.runs[0], window),
            lambda: LibraryModelsDialog(session, "classification", print, window),
            lambda: ObjectNotesDialog(session, some_object(session), lambda *_: None, window),
            lambda: OpenProjectDialog(session, window),
            lambda: PatientsDialog(session, window),
            lambda: ReadersDialog(session, window),
            lambda: RelinkDialog(session, window),
            lambda: RunReportDialog(session, session.jobs.runs[0], window),
            lambda: RunColumnsDialog(session, ("name", "tags", "epochs"), lambda _: None, window),
            lambda: RunMarksDialog(session, session.jobs.runs[0], parent=window),
            lambda: TagsOfRunsDialog(session, session.jobs.runs, window),
            lambda: DeleteRunsDialog(session, session.jobs.runs, window),
            lambda: SecondReadDialog(session, session.snapshots.rows[0], window),
            lambda: SnapshotCardDialog(session, session.snapshots.rows[0], window),
            lambda: TrainDialog(session, parent=window),
        )  # fmt: skip

    def _settled(self) -> MainWindow:
        handled()
        return self.window


def two_that_agree(session: Desk) -> AgreeingRuns:
    """The first run beside itself, of which one answer differs."""
    run, names = session.jobs.runs[0], ("3f2a", "c6f8")
    answer = TwoAnswers(image_id="i", file="a.png", label=MORE_LABELS[0], truth="yes", first="yes", second="no",
                        apart=0.4, first_right=True, second_right=False)  # fmt: skip
    agreed = Agreed(names=names, said=LONG_WORDS, figures={}, answers=(answer,))
    return AgreeingRuns(first=run, second=run, said=LONG_WORDS, agreed=agreed)


def some_object(session: Desk) -> ObjectAtHand:
    """One with a shape, of which something is said at length."""
    held = next(one for one in session.at_hand.held.values() if one.annotations)
    note = ObjectNote(state=ObjectState.IN_QUESTION, comment=LONG_WORDS)
    key, label = held.annotations[0].object_key, MORE_LABELS[0]
    return ObjectAtHand(key=key, label=label, shapes=held.annotations[:1], number=1, of=12, note=note)


def complete_some(session: Desk) -> None:
    """Four of the eight cases are complete, one of them with a box."""
    project = session.project
    assert project is not None
    for place, case in enumerate(project.cases.all()[:6]):
        box = Box(x0_px=20, y0_px=10 + place, x1_px=40, y1_px=30 + place)
        assert session.do(add_annotation(case.first_image_id, "Square", box, author="tester"))
        for name, said in (("Bright", Verdict.YES), ("Dark", Verdict.NO)):
            assert session.do(say_image_label(case.first_image_id, name, before=None, after=said))
        assert session.do(set_status(project.cases.get(case.case_id), CaseStatus.COMPLETE))
    session.edits.wait()


def fill_project(session: Desk) -> None:
    """Long labels, complete cases, a snapshot and a run in the middle of its thirteenth epoch."""
    project = session.project
    assert project is not None
    for scope, names in (("region", MORE_LABELS), ("image", MORE_ANSWERS)):
        for name in names:
            assert session.do(add_label(name, scope, project.labels))
    complete_some(session)
    squares = Task(name=LONG_TASK, kind="detection", labels=("Square",), exclusive=False)
    make_snapshot(project, squares, split=(0.6, 0.2, 0.2))
    recipe = default_recipe(task=LONG_TASK, kind="detection", labels=("Square",), model="center_point", epochs=30)
    folder = enqueue(project.folder, recipe)
    append_event(folder, "started", device="cpu", device_reason="no GPU was found", precision="bf16", threads=2,
                 steps_per_epoch=117, epochs=30, epoch=0, metric="map50")  # fmt: skip
    for epoch in range(12):
        append_event(
            folder, "epoch", epoch=epoch, train_loss=1.4, val_loss=1.2, metrics={"map50": 0.4321}, best=True, seconds=9
        )
    append_event(folder, "step", epoch=12, step=3, loss=1.53217, images_per_s=130.3, left_s=7500.0,
                 memory_bytes=2 << 30)  # fmt: skip


@pytest.fixture
def program_fonts(qapp: QApplication) -> None:
    """The fonts that the program ships, before the first text is laid out: no other machine's fonts are judged."""
    make_application([])


@pytest.fixture
def scenes(
    program_fonts: None,
    reading: MainWindow,
    project_folder: object,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> Scenes:
    """A window on a CT study and a project in use."""
    keep_library_answers()
    monkeypatch.setattr(QScreen, "availableSize", lambda self: QSize(1280, 720))
    monkeypatch.setattr(QScreen, "availableGeometry", lambda self: QRect(0, 0, 1280, 720))
    monkeypatch.setattr("viewer.jobs.queue.start_next", lambda folder: None)
    monkeypatch.setattr("viewer.jobs.runs.is_alive", lambda folder: True)
    monkeypatch.setattr("viewer.ui.flows.model_queries.model_choices", lambda folder: [MODEL])
    monkeypatch.setattr(Desk, "inference", FakeInference())
    session = reading.session
    project = Project.open(project_folder, writable=True, author="tester")  # type: ignore[arg-type]
    session.open_project(project)
    fill_project(session)
    case = project.cases.all()[0]
    reading.enter("review")
    review = session.review
    review.asking.choose_model(MODEL)
    session.open_case(case.case_id)
    qtbot.waitUntil(lambda: session.shown is not None and session.shown.image_id == case.first_image_id)
    said = prediction(case.first_image_id, tuple(0.93 - 0.04 * n for n in range(12)))
    review.asking.predict_image()
    inference = Desk.inference
    assert isinstance(inference, FakeInference)
    qtbot.waitUntil(lambda: bool(inference.asked))
    inference.asked.pop()["done"](said)
    qtbot.waitUntil(lambda: review.prediction is not None)
    session.jobs.look()
    session.snapshots.read()
    qtbot.waitUntil(lambda: bool(session.jobs.runs and session.snapshots.parts))
    series_named(reading, "Series 1")
    return Scenes(reading, qtbot)
