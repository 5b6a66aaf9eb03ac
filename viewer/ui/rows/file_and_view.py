"""Command rows of opening, viewing and reading, in menu order."""

from functools import partial
from typing import TYPE_CHECKING

from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import IMAGE, KEPT_PROJECT, VIEWS, WRITABLE, Need, fact
from viewer.ui.flows.closing import ANY_SHOWN_FACT, ROW_FACT, SERIES_FACT, STUDIES_FACT, STUDY_FACT
from viewer.ui.rows.image_and_tools import image_rows, tool_rows
from viewer.ui.state.situation import Situation

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.main_window import MainWindow

WORKSPACE_ROWS = (
    ("read", "&Read", "F5", "study", "Open a CT, MR or X-ray series: window, scroll, measure."),
    ("annotate", "&Annotate", "F6", "brush", "Boxes, masks and image labels by keyboard; every stroke is kept."),
    ("train", "&Train", "F7", "train", "Fine-tune a model on your labels while you go on reading."),
    ("review", "Review A&I", "F8", "heatmap", "Accept, correct or reject proposals; see their heatmaps."),
)

STUDY = fact(STUDY_FACT, "The active view shows no study that was opened: open a folder (Ctrl+O).", seen=True)
SHOWS = fact(SERIES_FACT, "The active view shows no study: open a folder (Ctrl+O).", seen=True)
STUDIES = fact(STUDIES_FACT, "No study is open: open a folder with Ctrl+O.")
TO_CLOSE = Need(holds=lambda s: s.has(STUDIES_FACT) or s.has(ANY_SHOWN_FACT), words=STUDIES.words)
OPENING = Need(holds=lambda s: s.scanning, words="Nothing is being opened.")
DONE = Need(holds=lambda s: bool(s.undo_text), words="There is nothing of yours in the project that can be taken back.")
OWN = Need(
    holds=lambda s: bool(s.undo_text) or not s.undo_author,
    words=lambda s: (
        f"What was done here last is by {s.undo_author}, and you are {s.author}. To take it back, choose Dataset, "
        f"Readers…, type {s.undo_author} and press “Open the shared reading”."
    ),
)
TAKEN_BACK = Need(holds=lambda s: bool(s.redo_text), words="Nothing was taken back that can be done again.")
NOT_KEPT = Need(holds=lambda s: s.blocked, words="Every gesture is kept; there is none to try again.")
CHOSEN_ROW = fact(ROW_FACT, "No study is chosen: click one in the list of studies.", seen=True)
SIZE_WORDS = "text font size scale bigger smaller zoom interface letters"
SIZE_KEYS = "Ctrl + larger, Ctrl − smaller, Ctrl 0 for 100 %"
# What people call the panels too.
PANEL_WORDS = {
    "tags": "header metadata dicom attributes",
    "window_level": "histogram brightness contrast presets",
    "measurements": "results mean sd",
    "report": "problems errors not shown",
    "jobs": "runs training progress",
}


def read_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """The rows, made for one session and window."""
    return (
        *_file_rows(session, window),
        *_edit_rows(session, window),
        *_view_rows(session, window),
        *image_rows(session, window),
        *tool_rows(session),
        *_dataset_rows(window),
        *_window_rows(window),
        *_help_rows(window),
    )


def _file_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    return (
        Command(
            id="file.open_folder", text="Open &folder…", menu="&File", group="open", icon="folder", toolbar="open",
            shortcut="Ctrl+O", run=window.file_dialogs.open_folder, help="Finds every series in it, at any depth.",
            words="load import dicom study directory",
        ),
        Command(
            id="file.open_files", text="Open f&iles…", menu="&File", group="open", icon="file",
            shortcut="Ctrl+Shift+O", run=window.file_dialogs.open_files,
            help="DICOM, NIfTI, NRRD, MetaImage, pictures, ZIP.", words="load import image dicom",
        ),
        Command(
            id="file.open_sample", text="Open the &sample study", menu="&File", group="open", icon="sample",
            shortcut="Ctrl+1", run=window.file_dialogs.open_sample,
            help="A chest CT phantom with nodules and its films; no download.",
        ),
        Command(
            id="file.stop_opening", text="S&top opening", menu="&File", group="open", icon="stop",
            run=session.opening.cancel, needs=(OPENING,), help="What was open before stays.",
        ),
        *_closing_rows(session, window),
        Command(
            id="file.open_project", text="Open or make a &project…", menu="&File", group="project", icon="dataset",
            shortcut="Ctrl+P", run=window.file_dialogs.open_project,
            help="A project keeps annotations, snapshots, runs and models in one folder.",
            words="new create start load",
        ),
        Command(
            id="file.personal_project", text="Open the p&ersonal project", menu="&File", group="project",
            run=session.projects.open_personal, help="Work goes there while no project of yours is open.",
        ),
        Command(
            id="file.welcome", text="&Welcome page", menu="&File", group="page", icon="app", run=window.show_welcome,
            help="Recent studies and projects.",
        ),
        Command(id="file.quit", text="&Quit", menu="&File", group="quit", shortcut="Ctrl+Q", run=window.leave),
    )  # fmt: skip


def _closing_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    closing, forgetting = session.closing, window.file_dialogs.forgetting
    return (
        Command(
            id="file.close_study", text="&Close study", menu="&File", group="close", icon="close", shortcut="Ctrl+W",
            run=closing.close_shown, needs=(SHOWS,),
            help="The study in the active view; its memory is given back, and what was drawn stays in the project.",
        ),
        Command(
            id="file.close_all", text="Close &all studies", menu="&File", group="close", icon="close",
            shortcut="Ctrl+Shift+W", run=closing.close_all, needs=(TO_CLOSE,),
            help="Everything that is open; what is being opened stops. What was drawn stays in the project.",
        ),
        Command(
            id="studies.close_row", text="Close the chosen study", menu="", icon="close", run=closing.close_row,
            needs=(CHOSEN_ROW,), text_when=lambda s: closing.row_words(), tool_key="Del",
            help="The study or patient chosen in the list of studies; Delete does it there.",
        ),
        Command(
            id="file.forget_study", text="For&get this study…", menu="&File", group="forget",
            run=forgetting.forget_shown, needs=(STUDY,), words="privacy remove history",
            help="Removes what this computer keeps of it: headers, picture, entry, what was unpacked. Its files stay.",
        ),
        Command(
            id="file.forget_all", text="F&orget everything…", menu="&File", group="forget",
            run=forgetting.forget_everything, words="privacy remove recent history logs cache",
            help="The same of every study, and the logs. The studies and every project stay.",
        ),
        Command(
            id="studies.forget_row", text="Forget the chosen study…", menu="", run=forgetting.forget_row,
            needs=(CHOSEN_ROW,), words="privacy remove recent history",
            help="The study or patient chosen in the list of studies.",
        ),
    )  # fmt: skip


def _edit_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    return (
        Command(
            id="edit.undo", text="&Undo", menu="&Edit", group="undo", icon="undo", toolbar="edit", shortcut="Ctrl+Z",
            run=session.undo, needs=(OWN, DONE, WRITABLE),
            text_when=lambda s: f"Undo {s.undo_text}".strip(), help="Goes on after a restart.",
        ),
        Command(
            id="edit.redo", text="&Redo", menu="&Edit", group="undo", icon="redo", toolbar="edit",
            shortcut="Ctrl+Y Ctrl+Shift+Z", run=session.redo,
            needs=(TAKEN_BACK, WRITABLE),
            text_when=lambda s: f"Redo {s.redo_text}".strip(),
        ),
        Command(
            id="edit.retry", text="&Try again to keep the last gesture", menu="&Edit", group="undo",
            run=partial(_retry, session), needs=(NOT_KEPT,),
            help="After the disk is mended: writes the gesture that could not be kept and opens drawing again.",
        ),
        Command(
            id="edit.copy_view", text="&Copy view", menu="&Edit", group="copy", shortcut="Ctrl+C",
            run=window.file_dialogs.copy_view, needs=(IMAGE,),
            help="The active view as a picture, without patient text.", words="print screenshot save image clipboard",
        ),
        Command(
            id="edit.search", text="&Search the list at the left", menu="&Edit", group="search", icon="search",
            shortcut="Ctrl+F", run=window.focus_search, words="filter find part train validation test",
            help="Patient, study, series; or cases: words, and their part as part:train, part:validation, part:test or "
            "part:none.",
        ),
        Command(
            id="edit.palette", text="Co&mmands…", menu="&Edit", group="search", icon="keyboard", shortcut="Ctrl+K",
            run=window.open_palette, help="Every command, series and label by typing.",
        ),
        Command(
            id="edit.cancel", text="Ca&ncel the stroke, then the tool", menu="", shortcut="Esc",
            run=window.cancel_gesture,
            help="Drops the stroke that is being drawn; again goes back to the first tool.",
        ),
    )  # fmt: skip


def _retry(session: "Desk") -> None:
    session.edits.retry()


def _is_space(name: str, situation: Situation) -> bool:
    return situation.workspace == name


def _is_layout(window: "MainWindow", name: str, _: Situation) -> bool:
    return window.grid.layout_name == name


def _is_open(window: "MainWindow", name: str, _: Situation) -> bool:
    return window.docks.is_open(name)


def _view_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    spaces = tuple(
        Command(
            id=f"view.{name}", text=text, menu="&View", group="space", icon=icon, shortcut=key, toolbar="space",
            help=words,
            run=partial(window.enter, name), checked_when=partial(_is_space, name),
        )
        for name, text, key, icon, words in WORKSPACE_ROWS
    )  # fmt: skip
    layouts = tuple(
        Command(
            id=f"view.layout_{name}", text=text, menu="&View/Layout", group="layout", icon="layout",
            full_text=f"Layout: {text.replace('&', '').lower()}", words="grid split screen views",
            run=partial(window.grid.set_layout, name),
            checked_when=partial(_is_layout, window, name),
        )
        for name, text in (("1x1", "&One view"), ("1x2", "&Two side by side"), ("2x2", "&Four, 2 × 2"))
    )  # fmt: skip
    return (
        *spaces,
        *layouts,
        Command(
            id="view.maximise", text="&Maximise the view and back", menu="&View", group="layout", icon="layout",
            run=window.maximise_active, needs=(VIEWS,), help="Or double click the view.",
        ),
        Command(
            id="view.next_view", text="&Next view", menu="&View", group="layout", shortcut="Ctrl+Tab",
            run=lambda: window.grid.activate_next(1), needs=(VIEWS,),
        ),
        Command(
            id="view.link", text="&Link scrolling", menu="&View", group="layout", icon="link", toolbar="layout",
            run=lambda: window.grid.set_linked(linked=not window.grid.linked),
            checked_when=lambda s: s.has("linked"), needs=(VIEWS,),
            help="By millimetres within one frame of reference, else by the offset of this moment.",
        ),
        Command(
            id="view.hide_overlays", text="&Bare image", menu="&View", group="overlays", icon="eye-off", shortcut="H",
            toolbar="image",
            run=window.image_commands.toggle_bare,
            checked_when=lambda s: window.image_commands.is_bare(),
            help="While held; a tap hides or shows every overlay.",
        ),
        Command(
            id="view.hide_names", text="Hide &names", menu="&View", group="overlays", icon="patient", shortcut="F9",
            run=lambda: session.set_names_hidden(hidden=not session.names_hidden),
            checked_when=lambda s: session.names_hidden, words="anonymous anonymise privacy patient",
            help="Names, ids and birth dates, and descriptions that hold one, everywhere in the window.",
        ),
        Command(
            id="view.theme_dark", text="&Dark", full_text="Dark theme", words="night colours mode",
            menu="&View/Theme", group="look",
            run=partial(window.choose_theme, "dark"),
            checked_when=lambda s: session.theme.name == "dark",
        ),
        Command(
            id="view.theme_light", text="&Light", full_text="Light theme", words="day colours mode",
            menu="&View/Theme", group="look",
            run=lambda: window.choose_theme("light"), checked_when=lambda s: session.theme.name == "light",
        ),
        Command(
            id="view.text_larger", text="&Larger", menu="&View/Text size", group="look", shortcut="Ctrl++ Ctrl+=",
            run=partial(_scale_text, session, window, 0.1), full_text="Larger text", words=SIZE_WORDS,
            help="Of the whole window, words on the image too: up to 150 %.",
        ),
        Command(
            id="view.text_smaller", text="&Smaller", menu="&View/Text size", group="look", shortcut="Ctrl+-",
            run=partial(_scale_text, session, window, -0.1), full_text="Smaller text", words=SIZE_WORDS,
            help="Of the whole window, words on the image too: down to 90 %.",
        ),
        Command(
            id="view.text_reset", text="&As it was: 100 %", menu="&View/Text size", group="look", shortcut="Ctrl+0",
            run=partial(_scale_text, session, window, None), full_text="Text size 100 %", words=SIZE_WORDS,
            help="The size that the window begins with.",
            text_when=lambda _s: f"As it was: 100 % (now {100 * session.theme.font_scale:.0f} %)",
        ),
        Command(
            id="view.full_screen", text="F&ull screen", menu="&View", group="look", shortcut="F11",
            run=window.toggle_full_screen, checked_when=lambda s: window.isFullScreen(),
        ),
    )  # fmt: skip


def _scale_text(session: "Desk", window: "MainWindow", step: float | None) -> None:
    """Larger or smaller by a step, None: as at the beginning; how large it is now is said, with the keys."""
    window.scale_text(1.0 - session.theme.font_scale if step is None else step)
    session.tell_situation()
    session.said.emit(f"The text is at {100 * session.theme.font_scale:.0f} %: {SIZE_KEYS}.")


def _dataset_rows(window: "MainWindow") -> tuple[Command, ...]:
    return (
        Command(
            id="dataset.add_opened", text="&Add images to the project…", menu="&Dataset", group="add", icon="plus",
            run=window.file_dialogs.add_opened,
            needs=(*KEPT_PROJECT, STUDIES),
            help="The study in the active view, or everything that is open; how many images it is, is said first.",
            words="new cases films dataset",
        ),
    )  # fmt: skip


def _window_rows(window: "MainWindow") -> tuple[Command, ...]:
    panels = tuple(
        Command(
            id=f"window.{name}", text=title, menu="&Window", group="panels", run=partial(window.docks.toggle, name),
            checked_when=partial(_is_open, window, name),
            full_text=f"{title} panel", words=PANEL_WORDS.get(name, ""), help="Show or hide it.",
        )
        for name, title in window.docks.titles()
    )  # fmt: skip
    return (
        *panels,
        Command(
            id="window.reset_layout", text="&Reset this work space's panels", menu="&Window", group="reset",
            run=window.docks.reset,
        ),
    )  # fmt: skip


def _help_rows(window: "MainWindow") -> tuple[Command, ...]:
    return (
        Command(
            id="help.keys", text="&Keys and commands", menu="&Help", group="help", icon="keyboard", shortcut="F1",
            run=window.show_keys, help="Every command with its key, by work space.",
            words="shortcuts manual",
        ),
        Command(
            id="help.about", text="&About Negatoscope", menu="&Help", group="about", icon="info", run=window.show_about,
            help="What it is, and what it is not.",
        ),
    )  # fmt: skip
