"""The one style sheet, filled from the token table.

`$token` is a colour, `$px13` a font size after the font size setting, `$pictures` the folder of coloured drawings that
the sheet needs as files (check marks, arrows).
"""

from math import ceil
from pathlib import Path
from string import Template

from viewer.reading.sources.private_files import private_folder, replaced
from viewer.ui.look.theme import MONO, SANS, THEMES, Theme

# The height of every field without its border: of itself Qt gives number boxes, lines and choices three of them, and
# with large text one that grows when the field is entered.
FIELD_PX, FIELD_LINES = 24, 1.4  # at least; of the size of its text

# Number boxes have no arrows. Their room, left and right, keeps the digits off the border: padding does not reach the
# field inside.
_SHEET = """
* { font-family: "$sans"; font-size: ${px13}px; outline: none; }
QWidget { color: $hi; }
QMainWindow, QDialog, QWidget[surface="win"] { background: $win; }
QDialog { background: $panel; border: 1px solid $line2; }
QWidget[surface="panel"] { background: $panel; }
QWidget[surface="raise"] { background: $raise; }
QFrame[surface="card"] { background: $card; border: 1px solid $line; border-radius: 6px; }
QFrame[surface="warn"] { background: $warnbg; border: 1px solid $warn; border-radius: 4px; }
QFrame[surface="err"] { background: $errbg; border: 1px solid $err; border-radius: 4px; }
QFrame[surface="palette"] { background: $raise; border: 1px solid $line2; border-radius: 6px; }
QFrame[surface="palette"] QListView { background: $raise; }
QFrame[surface="card"] QListView, QFrame[surface="card"] QTableView { background: $card; }
QTableCornerButton::section { background: transparent; border: none; }
QFrame[surface="line"] { background: $line; border: none; }
QToolTip { background: $raise; color: $hi; border: 1px solid $line2; padding: 4px 6px; font-size: ${px12}px; }

QLabel { background: transparent; }
QLabel[role="title"] { font-size: ${px14}px; font-weight: 600; }
QLabel[role="figure"] { font-size: ${px20}px; font-weight: 600; }
QLabel[role="welcome"] { font-size: ${px28}px; font-weight: 600; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="section"] { font-weight: 600; font-size: ${px12}px; color: $mid; }
QLabel[role="second"] { color: $mid; }
QLabel[role="row"] { font-size: ${px12}px; }
QLabel[role="rowmid"] { font-size: ${px12}px; color: $mid; }
QLabel[role="rowlow"] { font-size: ${px12}px; color: $low; }
QLabel[role="dock"] { font-size: ${px12}px; font-weight: 600; }
QLabel[role="caption"] { font-size: ${px11}px; color: $low; }
QLabel[role="doubt"] { font-size: ${px11}px; color: $warn; }
QLabel[role="mono"], QPlainTextEdit[role="mono"] { font-family: "$mono"; font-size: ${px11}px; color: $mid; }
QLabel[role="told"] { background: $raise; color: $hi; font-size: ${px12}px; padding: 4px 12px; }
QLabel[role="ok"] { color: $ok; font-size: ${px12}px; }
QLabel[role="warn"] { color: $warn; font-size: ${px12}px; }
QLabel[role="err"] { color: $err; font-size: ${px12}px; }
QLabel:disabled { color: $low; }
QLabel[pill="acc"], QLabel[pill="ok"], QLabel[pill="warn"], QLabel[pill="err"], QLabel[pill="mute"] {
  border-radius: 8px; padding: 1px 7px; font-size: ${px11}px; font-weight: 500; }
QLabel[pill="acc"] { background: $accbg; color: $acctx; }
QLabel[pill="ok"] { background: $okbg; color: $ok; }
QLabel[pill="warn"] { background: $warnbg; color: $warn; }
QLabel[pill="err"] { background: $errbg; color: $err; }
QLabel[pill="mute"] { background: $ctl; color: $mid; }

QMenuBar { background: $panel; border-bottom: 1px solid $line; padding: 0; spacing: 0; }
QMenuBar::item { background: transparent; color: $mid; padding: 7px 9px; border-radius: 4px; }
QMenuBar::item:selected { background: $raise; color: $hi; }
QMenuBar::item:pressed { background: $accbg; color: $acctx; }
QMenu { background: $raise; border: 1px solid $line2; padding: 4px 0; }
QMenu::item { padding: 5px 24px 5px 30px; color: $hi; background: transparent; }
QMenu::item:selected { background: $accbg; color: $acctx; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $line; margin: 4px 0; }
QMenu::icon { left: 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 9px; }
QMenu::indicator:checked { image: url("$pictures/check-menu.svg"); }
QMenu::right-arrow { image: url("$pictures/right.svg"); width: 14px; height: 14px; right: 6px; }

QToolBar { background: $panel; border: none; border-bottom: 1px solid $line; spacing: 2px; padding: 0 8px; }
QToolBar#toolRail { border-bottom: none; border-right: 1px solid $line; padding: 6px 0; }
QToolBar::separator { background: $line; width: 1px; margin: 10px 6px; }
QToolBar#toolRail::separator { height: 1px; width: 32px; margin: 5px 8px; }
QFrame[surface="segments"] { background: $win; border: 1px solid $line; border-radius: 5px; }
QStatusBar { background: $panel; border-top: 1px solid $line; }
QStatusBar::item { border: none; }
QSplitter::handle { background: $line; }
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $acc; }

QPushButton, QToolButton[kind="plain"] { background: $ctl; color: $hi; border: 1px solid $line2; border-radius: 4px;
  min-height: 26px; padding: 0 12px; }
QPushButton:hover, QToolButton[kind="plain"]:hover { background: $ctlh; }
QPushButton:pressed, QPushButton:checked { background: $accbg; color: $acctx; border-color: $acc; }
QPushButton:focus, QToolButton[kind="plain"]:focus { border: 2px solid $acc; padding: 0 11px; min-height: 24px; }
QPushButton:disabled { color: $faint; }
QPushButton[kind="primary"] { background: $acc; color: $onacc; border: 1px solid $acc; font-weight: 600; }
QPushButton[kind="primary"]:hover { background: $acchover; }
QPushButton[kind="primary"]:focus { border: 2px solid $hi; }
QPushButton[kind="primary"]:disabled { background: $ctl; border-color: $line2; color: $faint; }
QPushButton[kind="review"] { min-height: 32px; }
QPushButton[kind="review"]:focus { min-height: 30px; }
QPushButton[kind="quiet"], QToolButton { background: transparent; border: 1px solid transparent;
  border-radius: 4px; color: $mid; }
QPushButton[kind="quiet"]:hover, QPushButton[kind="small"]:hover, QToolButton:hover { background: $ctl; color: $hi; }
QPushButton[kind="small"] { background: transparent; border: 1px solid transparent; padding: 0; min-height: 20px; }
QPushButton[kind="small"]:focus { border: 1px solid $acc; padding: 0; min-height: 20px; }
QToolButton:checked { background: $accbg; color: $acctx; border-color: $acc; }
QToolButton:focus { border-color: $acc; }
QToolButton::menu-indicator { image: none; }
QToolButton[kind="choice"] { background: $field; color: $hi; border: 1px solid $line2; border-radius: 4px;
  min-height: 26px; padding: 0 6px; margin: 0 4px; }
QToolButton[kind="choice"]::menu-indicator { image: url("$pictures/down.svg"); width: 12px; height: 12px;
  subcontrol-position: right center; right: 7px; }
QPushButton[kind="link"] { background: transparent; border: none; color: $acc; padding: 0 2px; min-height: 20px; }
QPushButton[kind="link"]:hover { text-decoration: underline; }
QPushButton[kind="link"]:focus { border: 1px solid $acc; }
QPushButton[kind="danger"] { color: $err; border-color: $err; }

QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit { background: $field; color: $hi;
  border: 1px solid $line2; border-radius: 4px; selection-background-color: $accbg; selection-color: $acctx; }
QLineEdit, QAbstractSpinBox, QComboBox { min-height: ${field_px}px; max-height: ${field_px}px; padding: 0 7px; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus {
  border: 2px solid $acc; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus { min-height: ${focus_px}px;
  max-height: ${focus_px}px; padding: 0 6px; }
QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus { min-height: 0; border: none; padding: 0; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { color: $faint; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("$pictures/down.svg"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $raise; border: 1px solid $line2; selection-background-color: $accbg;
  selection-color: $acctx; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { width: 7px; height: 0; border: none;
  subcontrol-origin: border; }
QAbstractSpinBox::up-button { subcontrol-position: top right; }
QAbstractSpinBox::down-button { subcontrol-position: top left; }
QPlainTextEdit[role="mono"] { background: $win; border: none; }
QCheckBox, QRadioButton { spacing: 7px; background: transparent; }
QCheckBox::indicator, QRadioButton::indicator { width: ${mark_px}px; height: ${mark_px}px; border: 1px solid $line2;
  background: $field; border-radius: 3px; }
QRadioButton::indicator { border-radius: ${round_px}px; }
QCheckBox::indicator:checked { background: $acc; border-color: $acc; image: url("$pictures/check.svg"); }
QRadioButton::indicator:checked { background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
  stop: 0 $acc, stop: 0.55 $acc, stop: 0.65 $field, stop: 1 $field); }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $acc; }
QCheckBox:disabled, QRadioButton:disabled { color: $faint; }

QSlider { min-height: 16px; }
QSlider::groove:horizontal { height: 4px; background: $ctlh; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $acc; border-radius: 2px; }
QSlider::handle:horizontal { background: $acc; width: 12px; height: 12px; margin: -4px 0; border-radius: 6px; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $hi; }
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled { background: $line2; }
QProgressBar { background: $ctlh; border: none; border-radius: 2px; max-height: 6px; min-height: 6px;
  color: transparent; }
QProgressBar::chunk { background: $acc; border-radius: 2px; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $ctlh; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 24px; }
QScrollBar::handle:horizontal { min-width: 24px; }
QScrollBar::handle:hover { background: $line2; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QScrollArea, QAbstractScrollArea { border: none; background: transparent; }
QPlainTextEdit[kind="field"] { background: $field; border: 1px solid $line2; }
QPlainTextEdit[kind="field"]:focus { border: 2px solid $acc; }
QAbstractItemView { background: $panel; border: none; color: $hi; font-size: ${px12}px;
  alternate-background-color: $panel; }
QAbstractItemView::item { min-height: 24px; padding: 1px 4px; border: none; }
QAbstractItemView::item:hover { background: $raise; }
QAbstractItemView::item:selected { background: $accbg; color: $acctx; }
QTreeView::branch { background: transparent; }
QTreeView::branch:selected { background: $accbg; }
QTreeView::branch:has-children:closed { image: url("$pictures/right.svg"); }
QTreeView::branch:has-children:open { image: url("$pictures/down.svg"); }
QHeaderView { background: $panel; border: none; }
QHeaderView::section { background: $panel; color: $low; border: none; border-bottom: 1px solid $line; padding: 4px 6px;
  font-size: ${px11}px; }
QTabBar { background: $panel; font-size: ${px12}px; }
QTabBar::tab { background: $panel; color: $mid; padding: 5px 10px; border: none;
  border-top: 2px solid transparent; font-size: ${px12}px; }
QTabBar::tab:selected { color: $hi; background: $raise; border-top-color: $acc; }
QTabBar::tab:hover { color: $hi; }
QTabWidget::pane { border: none; }
QDockWidget { font-size: ${px12}px; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QTextBrowser { background: $panel; border: none; }
"""

# Small drawings that a style sheet can only take as files; @ is the colour.
_PICTURES = {
    "down": ("low", '<path d="M6 9.5l6 6 6-6" stroke="@"/>'),
    "right": ("low", '<path d="M9.5 6l6 6-6 6" stroke="@"/>'),
    "check": ("onacc", '<path d="M5 12.5l4.5 4.5L19 7.5" stroke="@" stroke-width="3"/>'),
    "check-menu": ("acc", '<path d="M5 12.5l4.5 4.5L19 7.5" stroke="@" stroke-width="2.2"/>'),
}


def _write_pictures(theme: Theme, folder: Path) -> Path:
    """Write the drawings in a theme's colours; the folder is named after the theme so that two do not mix."""
    target = folder / theme.name
    private_folder(target)
    for name, (token, body) in _PICTURES.items():
        text = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke-width="2" '
            f'stroke-linecap="round" stroke-linejoin="round">{body.replace("@", theme.hex(token))}</svg>'
        )
        path = target / f"{name}.svg"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            with replaced(path) as beside:
                beside.write_text(text, encoding="utf-8")
    return target


def _blend(theme: Theme, token: str, over: str, share: float) -> str:
    """`token` at `share` opacity over another token, as #RRGGBB."""
    a, b = theme.color(token), theme.color(over)
    parts = [
        round(x * share + y * (1 - share))
        for x, y in ((a.red(), b.red()), (a.green(), b.green()), (a.blue(), b.blue()))
    ]
    return "#{:02X}{:02X}{:02X}".format(*parts)


def style_sheet(theme: Theme, pictures: Path) -> str:
    """The whole sheet for a theme. pictures: a folder this may write its small drawings into."""
    sizes = {f"px{size}": str(theme.px(size)) for size in (11, 12, 13, 14, 20, 28)}
    field_px = max(FIELD_PX, ceil(FIELD_LINES * theme.px(13)))
    return Template(_SHEET).substitute(
        THEMES[theme.name],
        **sizes,
        field_px=field_px,
        mark_px=theme.icon_px(14),
        round_px=theme.icon_px(14) // 2,  # of a larger radius than half its side Qt makes none
        focus_px=field_px - 2,  # its border is 1 px wider on each side
        sans=SANS,
        mono=MONO,
        faint=_blend(theme, "hi", "panel", 0.4),
        acchover=_blend(theme, "acc", "hi", 0.85),
        pictures=_write_pictures(theme, pictures).as_posix(),
    )
