"""Command rows of the image and its tools: moving, windowing, turning, measuring and drawing."""

from functools import partial
from typing import TYPE_CHECKING

from viewer.core.registry import load
from viewer.reading.window_presets import FROM_FILE_KEY
from viewer.ui.commands.command import Command
from viewer.ui.commands.needs import IMAGE, SERIES, Need, fact
from viewer.ui.flows.closing import SERIES_FACT
from viewer.ui.flows.presentation_states import SHUTTER_FACT, STATE_FACT, WINDOWS_FACT
from viewer.ui.state.situation import Situation
from viewer.ui.tools import TOOLS

if TYPE_CHECKING:
    from viewer.core.presets import WindowPreset
    from viewer.ui.flows.desk import Desk
    from viewer.ui.window.main_window import MainWindow

READ = ("read",)
DRAW = ("annotate",)
# Of each work space with tools: its menu, and the bar on which they stand.
TOOL_MENUS = (
    ("read", "&Image/Tools", "tools"),
    ("annotate", "&Annotate/Tools", "rail"),
    ("review", "A&I/Tools", "tools"),
)
# Numbers for CT mean nothing elsewhere.
HOUNSFIELD = fact(
    "hounsfield", "This window is in Hounsfield units, and the image has none: drag with the window tool.", seen=True
)
# From an image that cannot be shown one moves on as well.
TO_MOVE = Need(holds=lambda s: s.has_image or s.has(SERIES_FACT), words=IMAGE.words, seen=True)
WINDOWS = fact(WINDOWS_FACT, "The file of this image offers no second window.", seen=True)
STATE = fact(STATE_FACT, "No presentation state about this image was opened.", seen=True)
SHUTTER = fact(SHUTTER_FACT, "This image has no display shutter.", seen=True)
LIST_HELP = "In the list at the left."
WAY_HELP = "The way of the wheel: down is towards the feet in axial stacks, else the next image."
NUDGE_HELP = "Whatever is selected; Ctrl+arrows nudge that, with Shift by ten."
STRIP_HELP = "In the order of the series, as the strip beside the image."


def _is_tool(name: str, s: Situation) -> bool:
    return s.tool == name


def image_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    """Moving through images and changing how they are shown."""
    look = window.image_commands
    return (
        *_move_rows(session, window),
        Command(
            id="image.invert", text="&Invert", menu="&Image", group="window", icon="invert", shortcut="I",
            workspaces=READ, toolbar="image", run=look.invert, needs=(IMAGE,),
            checked_when=lambda s: look.is_inverted(),
        ),
        Command(
            id="image.restore", text="&Restore window, zoom and turn", menu="&Image", group="window", shortcut="R",
            workspaces=READ, run=look.restore, needs=(IMAGE,), help="Every image follows its file again.",
            words="reset",
        ),
        *_preset_rows(window),
        Command(
            id="image.file_window", text="&Next window of the file", menu="&Image/Window presets", group="file",
            shortcut="N", workspaces=READ, run=look.next_file_window, needs=(IMAGE, WINDOWS),
            help="Windows and VOI LUTs that the file itself offers, by turns.",
        ),
        Command(
            id="image.presentation_state", text="Presentation &state", menu="&Image", group="presentation",
            shortcut="Shift+P", workspaces=READ, run=look.step_state, needs=(IMAGE, STATE),
            checked_when=lambda s: look.is_presented(),
            help="Shows the image as a stored state says, the next one, then as the file says. Nothing is written.",
        ),
        Command(
            id="image.shutter", text="S&hutter", menu="&Image", group="presentation", shortcut="Shift+S",
            workspaces=READ, run=look.toggle_shutter, needs=(IMAGE, SHUTTER),
            checked_when=lambda s: look.is_shuttered(),
            help="Off shows what the display shutter of the file covers; values count in either case.",
        ),
        Command(
            id="image.fit", text="&Fit to view", menu="&Image", group="zoom", run=look.fit, needs=(IMAGE,),
            words="zoom whole",
        ),
        Command(
            id="image.one_to_one", text="&One image pixel to one screen pixel", menu="&Image", group="zoom",
            run=look.one_to_one, needs=(IMAGE,), words="zoom 100 % actual size",
        ),
        Command(
            id="image.turn_left", text="Turn &left", menu="&Image", group="turn", shortcut=",", workspaces=READ,
            run=look.turn_left, needs=(IMAGE,), help="By 90 degrees.", words="rotate",
        ),
        Command(
            id="image.turn_right", text="Turn ri&ght", menu="&Image", group="turn", icon="rotate", shortcut=".",
            workspaces=READ, toolbar="image", run=look.turn_right, needs=(IMAGE,), help="By 90 degrees.",
            words="rotate",
        ),
        Command(
            id="image.flip", text="Fli&p", menu="&Image", group="turn", icon="flip", shortcut="F", workspaces=READ,
            toolbar="image", run=look.flip, needs=(IMAGE,),
            help="Left and right change sides; the letters follow.", words="mirror",
        ),
        Command(
            id="image.cine", text="&Cine", menu="&Image", group="cine", icon="cine", shortcut="C", workspaces=READ,
            toolbar="image", run=window.cine.toggle, needs=(IMAGE, SERIES),
            checked_when=lambda s: s.has("cine"), help="Plays the series; any move stops it.",
            words="play movie loop animate",
        ),
    )  # fmt: skip


def _move_rows(session: "Desk", window: "MainWindow") -> tuple[Command, ...]:
    moves = window.navigation
    rows = (
        ("image.up", "One image up", "Up", lambda: moves.down(-1), f"{WAY_HELP} {NUDGE_HELP}"),
        ("image.down", "One image down", "Down", lambda: moves.down(1), f"{WAY_HELP} {NUDGE_HELP}"),
        ("image.ten_up", "Ten images up", "Shift+Up", lambda: moves.down(-10), WAY_HELP),
        ("image.ten_down", "Ten images down", "Shift+Down", lambda: moves.down(10), WAY_HELP),
        ("image.first", "First image", "Home", moves.first, STRIP_HELP),
        ("image.last", "Last image", "End", moves.last, STRIP_HELP),
        ("image.row_before", "Series or case before", "PgUp", lambda: moves.row(-1), LIST_HELP),
        ("image.row_after", "Series or case after", "PgDown", lambda: moves.row(1), LIST_HELP),
    )  # fmt: skip
    return tuple(
        Command(
            id=id_, text=text, menu="&Image/Go to", group="move", shortcut=key, run=run, repeats=True,
            needs=(TO_MOVE,) if not id_.startswith("image.row") else (), help=words,
        )
        for id_, text, key, run, words in rows
    )  # fmt: skip


def _preset_rows(window: "MainWindow") -> tuple[Command, ...]:
    rows = []
    for preset in window.image_commands.presets():
        for prefix, spaces, mark in (("", READ, ""), ("Alt+", ("annotate", "review"), ".alt")):
            rows.append(
                Command(
                    id=f"image.preset_{preset.key}{mark}", text=preset.name, menu="&Image/Window presets",
                    group="window", shortcut=prefix + preset.key, workspaces=spaces,
                    needs=(IMAGE, HOUNSFIELD) if preset.width else (IMAGE,),
                    run=partial(window.image_commands.use_preset, preset),
                    help=_preset_help(preset),
                    full_text=f"Window: {preset.name}", words="preset level",
                )
            )  # fmt: skip
    return tuple(rows)


def _preset_help(preset: "WindowPreset") -> str:
    if preset.width:
        return f"Width {preset.width:g}, centre {preset.center:g}."
    return "Where the file names none, a window made from its values." if preset.key == FROM_FILE_KEY else ""


def tool_rows(session: "Desk") -> tuple[Command, ...]:
    """One row per tool and work space that offers it."""
    rows = []
    for space, menu, bar in TOOL_MENUS:
        for name in TOOLS:
            tool = load(TOOLS, name)
            if space not in tool.workspaces:
                continue
            rows.append(
                Command(
                    id=f"tool.{name}" + ("" if space == "read" else f".{space}"), text=tool.title, menu=menu,
                    group="tools", icon=tool.icon.removesuffix(".svg"), toolbar=bar, workspaces=(space,),
                    shortcut=tool.shortcut, run=partial(session.set_tool, name), checked_when=partial(_is_tool, name),
                    help=tool.help, words=tool.words,
                )
            )  # fmt: skip
    rows += [
        Command(
            id="tool.brush_smaller", text="Smaller brush", menu="&Annotate/Tools", group="brush", shortcut="[",
            workspaces=DRAW,
            run=lambda: session.set_brush_radius(session.brush_radius_px / 1.15), repeats=True,
        ),
        Command(
            id="tool.brush_larger", text="Larger brush", menu="&Annotate/Tools", group="brush", shortcut="]",
            workspaces=DRAW,
            run=lambda: session.set_brush_radius(session.brush_radius_px * 1.15), repeats=True,
        ),
    ]  # fmt: skip
    return tuple(rows)
