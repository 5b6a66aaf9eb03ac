"""Command rows of the project's cases: which are in it, and whose they are."""

from functools import partial
from typing import TYPE_CHECKING

from viewer.core.labels import Label
from viewer.core.text.counting import counted
from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import KEPT_PROJECT, UNBLOCKED, Need, fact
from viewer.ui.flows.membership import CASES_FACT
from viewer.ui.flows.projects import project_words
from viewer.ui.state.choosing import Question
from viewer.ui.state.situation import Situation

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.state.shown import ShownImage
    from viewer.ui.window.main_window import MainWindow

CHOSEN = fact(CASES_FACT, "No case is chosen: click one in the list of cases.", seen=True)
NO_ANSWERS = "The project has no whole-image label yet: choose Annotate, Add a whole-image label."


def case_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """The rows, made for one session and window."""
    session.person = AtTheWindow(session, window)

    def words(_situation: Situation) -> str:
        count = len(session.members.chosen)
        return f"Take {count} cases out of the project…" if count > 1 else "Take the case out of the project…"

    def give() -> None:
        from viewer.ui.dialogs.patients import PatientsDialog

        PatientsDialog(session, window).exec()

    def edit_answer() -> None:
        from viewer.ui.dialogs.choice import ChoiceDialog
        from viewer.ui.dialogs.labels import LabelDialog

        def then(label: Label) -> None:
            LabelDialog(session, scope="image", label=label, parent=window).exec()

        choices = tuple((one.name, one) for one in answers())
        ChoiceDialog(session, Question(title="Which whole-image label?", choices=choices), then, window).open()

    def answers() -> list[Label]:
        return [one for one in session.labels if one.scope == "image"]

    return (
        Command(
            id="annotate.edit_answer", text="Rename, colour or remove a who&le-image label…", menu="&Annotate",
            group="labels", icon="correct", workspaces=("annotate",), run=edit_answer,
            needs=(*KEPT_PROJECT, Need(holds=lambda _: bool(answers()), words=NO_ANSWERS)),
            words="order move class", help="What carries it follows a new name; what is removed is counted first.",
        ),
        Command(
            id="dataset.take_out", text="&Take the case out of the project…", menu="&Dataset", group="add",
            icon="close", run=partial(_take_out, session, window), text_when=words,
            needs=(*KEPT_PROJECT, UNBLOCKED, CHOSEN),
            words="remove delete cases images", help="The chosen rows of the case list. What goes with them is counted "
            "first; files, snapshots and runs stay, and undo brings all back.",
        ),
        Command(
            id="dataset.patients", text="Patient &ids from file names…", menu="&Dataset", group="add", icon="patient",
            run=give, needs=(*KEPT_PROJECT, UNBLOCKED),
            words="patient rule pattern split",
            help="By a rule such as {patient}_{view}, with a preview: films of one patient then stay in one part.",
        ),
        Command(
            id="dataset.relink", text="Find mo&ved pictures…", menu="&Dataset", group="add", icon="search",
            run=session.person.offer_relinking,
            needs=(*KEPT_PROJECT, UNBLOCKED),
            words="relink missing lost path folder drive",
            help="Pictures of the project that are not where they were are found in a folder by what they hold.",
        ),
    )  # fmt: skip


def _take_out(session: "Desk", window: "MainWindow") -> None:
    from viewer.project.taking_out import taking_out
    from viewer.ui.dialogs.agree import AgreeDialog

    project = session.project
    cases = session.members.chosen_cases()
    if project is None or not cases:
        return
    what = session.members.chosen_name or "this case"

    def ask(sentence: str) -> None:
        words = f"{sentence} Files, snapshots and runs stay as they are, and Ctrl+Z brings everything back."
        dialog = AgreeDialog(
            session, title=f"Take {what} out of the project?", words=words, verb="Take out", icon="close", parent=window
        )
        if dialog.exec():
            session.members.take_out(cases)

    session.edits.wait()
    session.run_in_background(lambda: taking_out(project, cases).sentence, ask, session.announce_failure)


class AtTheWindow:
    """The person before the window: asked by dialogs."""

    def __init__(self, session: "Desk", window: "MainWindow") -> None:
        self._session, self._window = session, window

    def offer_adding(self) -> None:
        """Ask what of all that is open shall enter the project."""
        self._window.file_dialogs.add_opened()

    def offer_relinking(self) -> None:
        """Ask for the folder in which missing pictures are looked for."""
        from viewer.ui.dialogs.relink import RelinkDialog

        RelinkDialog(self._session, self._window).exec()

    def offer_asking(self) -> None:
        """Ask about which cases the chosen model shall be asked, and ask it."""
        from viewer.project.lists.answered import answered_images
        from viewer.project.snapshots.openings import seal_words
        from viewer.ui.dialogs.ask_cases import AskCasesDialog
        from viewer.ui.flows.cases.scopes import scopes_of

        session, project = self._session, self._session.project
        model, case_ids = session.review.asking.model, session.cases.order()
        if project is None or model is None or not case_ids or session.list_questions.is_asking:
            return
        parts = session.snapshots.parts

        def start(chosen: tuple[str, ...], again: bool) -> None:  # noqa: FBT001  # of the dialog's one question
            session.list_questions.start(chosen, model, again=again)

        def look() -> tuple[dict[str, set[str]], str]:
            seal = "" if parts is None else seal_words(project.folder, parts.snapshot_id)
            return answered_images(project, model.model_hash), seal

        def ask(found: tuple[dict[str, set[str]], str]) -> None:
            if session.project is not project:  # another one was opened meanwhile
                return
            answered, seal = found
            cases = session.at_hand.cases
            listed = [one for one in case_ids if cases.has(one)]
            if listed:
                scopes = scopes_of(listed, cases.all(), answered, parts)
                AskCasesDialog(session, model, scopes, seal, start, self._window).open()

        session.edits.wait()
        session.run_in_background(look, ask, session.announce_failure, owner=self._window)

    def agrees_to_enter(self, shown: "ShownImage") -> bool:
        """Whether the shown image enters the project, so that its answer can be decided on."""
        from viewer.ui.dialogs.agree import AgreeDialog

        session = self._session
        count = len(session.members.entering_refs(shown))
        what = "This image is" if count == 1 else "This series is"
        words = (
            f"{what} not in the project yet, and a decision is kept with its image. {counted(count, 'image')} would be "
            f"added to: {project_words(session.project)}. Adding is a step of its own, and can be undone."
        )
        dialog = AgreeDialog(
            session, title="Add it to the project first?", words=words, verb="Add and go on", icon="plus",
            parent=self._window,
        )  # fmt: skip
        return bool(dialog.exec())
