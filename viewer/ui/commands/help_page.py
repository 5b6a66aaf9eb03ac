"""The help page, made from the command table."""

from collections.abc import Iterable
from html import escape

from viewer.ui.commands.command import Command
from viewer.ui.look.chips import key_text
from viewer.ui.look.theme import Theme
from viewer.ui.state.situation import WORKSPACES

SPACE_NAMES = {"read": "Read", "annotate": "Annotate", "train": "Train", "review": "Review AI"}
# What hands do on the image; keys are in the table of commands.
MOUSE = (
    ("Left drag", "The active tool"),
    ("Middle drag", "Move the image"),
    ("Right drag, right click", "Zoom; menu of the view"),
    ("Wheel", "Scroll: down is towards the feet in axial stacks, else the next image"),
    ("Ctrl + wheel", "Zoom at the cursor"),
    ("Shift + wheel", "Size of brush and eraser"),
    ("Double click", "One view over all, and back"),
    ("Hold W, Z or Space", "Borrow window, zoom or pan from any other tool"),
    ("Tap Space", "Step through overlays: all, outlines, none"),
    ("Hold H", "The bare image"),
)


def help_html(rows: Iterable[Command], theme: Theme, text: str = "") -> str:
    """Every command with its keys, by work space. text: keep only rows that hold it."""
    rows = [row for row in rows if _fits(row, text)]
    parts = [] if text else [_table("Mouse, in every work space", list(MOUSE), theme)]
    everywhere = [row for row in rows if not row.workspaces]
    parts.append(_commands("Everywhere", everywhere, theme))
    for space in WORKSPACES:
        parts.append(_commands(f"In {SPACE_NAMES[space]}", [row for row in rows if space in row.workspaces], theme))
    return "".join(parts) or f"<p>No command holds “{escape(text)}”.</p>"


def _fits(row: Command, text: str) -> bool:
    low = text.lower()
    texts = (row.plain_text, row.whole_text, row.help, row.words, key_text(row.shortcut))
    return any(low in text.lower() for text in texts)


def _commands(title: str, rows: list[Command], theme: Theme) -> str:
    lines = []
    for row in sorted(rows, key=lambda row: not row.shortcuts):
        keys = ", ".join(key_text(shortcut) for shortcut in row.shortcuts)
        name = row.whole_text + (f" — {row.help}" if row.help else "")
        lines.append((keys, name))
    return _table(title, lines, theme) if lines else ""


def _table(title: str, lines: list[tuple[str, str]], theme: Theme) -> str:
    low, high, line = theme.hex("low"), theme.hex("hi"), theme.hex("line")
    body = []
    for keys, words in lines:
        name, _, rest = words.partition(" — ")
        body.append(
            f'<tr><td width="190" style="color:{theme.hex("acctx")};padding:3px 12px 3px 0">{escape(keys)}</td>'
            f'<td style="padding:3px 0;color:{high}">{escape(name)}'
            + (f' <span style="color:{low}">{escape(rest)}</span>' if rest else "")
            + "</td></tr>"
        )
    head = f'<p style="font-weight:600;margin-top:14px;margin-bottom:4px;color:{high}">{escape(title)}</p>'
    return f'{head}<hr style="background-color:{line}"/><table cellspacing="0" width="100%">{"".join(body)}</table>'
