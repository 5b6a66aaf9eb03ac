"""Text reaches Qt through `viewer/ui/look/plain_text.py` only; a bare call outside it is found in the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
THE_PLACE = ROOT / "viewer" / "ui" / "look" / "plain_text.py"
SOURCES = sorted(path for path in [*ROOT.glob("viewer/ui/**/*.py"), ROOT / "viewer" / "app.py"] if path != THE_PLACE)

# Methods that show the text they are given. A literal of our own may go straight to them.
_SHOW = (
    "setToolTip setWhatsThis setStatusTip setText setPlainText appendPlainText setTitle setWindowTitle "
    "setPlaceholderText setAccessibleName setAccessibleDescription setItemText setTabText setTabToolTip "
    "addItem addItems addTab setLabel setHeaderLabels setInformativeText setDetailedText setPrefix "
    "setSuffix showMessage"
)
# Never outside the place, whatever they are given.
_NEVER = (
    "setHtml insertHtml setMarkdown appendHtml insertAdjacentHTML drawText drawStaticText elidedText "
    "showText addLegend setTextFormat"
)
# Classes that guess whether their text is HTML, or that show HTML.
_CLASSES = (
    "QLabel QMessageBox QErrorMessage QTextBrowser QTextEdit QTextDocument QStaticText QToolTip "
    "QInputDialog QCompleter QGraphicsTextItem QProgressDialog QSplashScreen QSystemTrayIcon LabelItem "
    "LegendItem QWizardPage"
)
# Made with a text, in which `&` is a key.
_MADE_WITH_TEXT = (
    "QPushButton QCheckBox QRadioButton QGroupBox QToolButton QCommandLinkButton QListWidgetItem QTableWidgetItem "
    "QStandardItem"
)
SHOW, NEVER, CLASSES, MADE_WITH_TEXT = (
    frozenset(names.split()) for names in (_SHOW, _NEVER, _CLASSES, _MADE_WITH_TEXT)
)
ROLES = frozenset(
    ["DisplayRole", "ToolTipRole", "WhatsThisRole", "StatusTipRole", "AccessibleTextRole", "AccessibleDescriptionRole"]
)
OURS = frozenset({"button_text", "one_line", "some_lines"})
# A layout's, a plot's and a view box's `addItem` take no text.
NOT_TEXT = ("_plot", "metric_plot", "loss", "view_box")
# The one that makes actions; it escapes what is not its table's.
COMMANDS = ROOT / "viewer" / "ui" / "commands" / "book.py"


def _is_ours(node: ast.expr) -> bool:
    """Whether the text is a literal of our own, or numbers in one."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Name):
        return node.id.isupper()
    if isinstance(node, ast.IfExp):
        return _is_ours(node.body) and _is_ours(node.orelse)
    if isinstance(node, ast.Tuple | ast.List):
        return all(map(_is_ours, node.elts))
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OURS


def _owner(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def bare_calls(source: str) -> Iterator[str]:
    """One line for every place of a module where text goes to Qt by itself."""
    tree = ast.parse(source)
    defaults: set[ast.AST] = set()
    annotations = {inner for node in ast.walk(tree) for inner in _annotations(node)}
    for node in ast.walk(tree):
        if node in annotations:
            continue
        if isinstance(node, ast.Call):
            name = _owner(node.func)
            if name in NEVER or name in CLASSES:
                yield f"{node.lineno}: {name}(…)"
            elif name in MADE_WITH_TEXT and node.args and not _is_ours(node.args[0]):
                yield f"{node.lineno}: {name}(…) with a text that is not ours"
            elif name == "clipboard":
                yield f"{node.lineno}: the clipboard" if not _is_image(tree, node) else ""
            elif name in SHOW and isinstance(node.func, ast.Attribute):
                texts = [*node.args, *(word.value for word in node.keywords)]
                if not all(map(_is_ours, texts)) and not (name == "addItem" and _owner(node.func.value) in NOT_TEXT):
                    yield f"{node.lineno}: {name}(…) with a text that is not ours"
            elif name == "QTreeWidgetItem" and any(isinstance(a, ast.List | ast.Tuple) for a in node.args):
                yield f"{node.lineno}: a tree row with texts"
        elif isinstance(node, ast.FunctionDef):
            # A model's own `role: int = ...DisplayRole` is the one that Qt asks for where nothing is said.
            defaults |= {inner for default in node.args.defaults for inner in ast.walk(default)}
        elif (
            isinstance(node, ast.Attribute)
            and node not in defaults
            and (node.attr in ROLES or _owner(node.value) in CLASSES)
        ):
            yield f"{node.lineno}: {_owner(node.value)}.{node.attr}"
        elif isinstance(node, ast.ClassDef) and {_owner(base) for base in node.bases} & CLASSES:
            yield f"{node.lineno}: class {node.name} is one that guesses"


def _annotations(node: ast.AST) -> Iterator[ast.AST]:
    for part in ("annotation", "returns"):
        said = getattr(node, part, None)
        if said is not None:
            yield from ast.walk(said)


def _is_image(tree: ast.Module, call: ast.Call) -> bool:
    """Whether the clipboard gets a picture."""
    return any(
        isinstance(node, ast.Attribute) and node.value is call and node.attr == "setImage" for node in ast.walk(tree)
    )


def test_text_goes_to_qt_through_one_place() -> None:
    """Others use viewer/ui/look/plain_text.py."""
    found = []
    for path in SOURCES:
        lines = [line for line in bare_calls(path.read_text(encoding="utf-8")) if line]
        if path == COMMANDS:
            lines = [line for line in lines if "setText" not in line]  # see test_rich_text for what it makes of names
        found += [f"{path.relative_to(ROOT).as_posix()}: {line}" for line in lines]
    assert found == []


@pytest.mark.parametrize(
    "planted",
    [
        "row.setToolTip(name)",
        "row.setToolTip(f'{name}, from the file')",
        "row.setToolTip('Window ' + name)",
        "item.setToolTip(3, value)",
        "label.setText(series.description)",
        "label = QLabel()",
        "label = QtWidgets.QLabel(name)",
        "class Words(QLabel): pass",
        "QMessageBox.warning(self, 'No', str(error))",
        "box.addItem(task.name, 1)",
        "button = QPushButton(label.name)",
        "page.setHtml('<b>ours</b>')",
        "document = QTextDocument()",
        "painter.drawText(rect, 0, 'x')",
        "painter.drawStaticText(0, 0, text)",
        "QToolTip.showText(place, name)",
        "value = name if role == Qt.ItemDataRole.ToolTipRole else None",
        "def data(self, index, role=0): return name if role == Qt.ItemDataRole.DisplayRole else None",
        "window.setWindowTitle(project)",
        "bar.showMessage(sentence)",
        "QGuiApplication.clipboard().setText(name)",
        "item = QTreeWidgetItem(tree, [name, value])",
        "plot.addLegend()",
    ],
)
def test_a_planted_bare_call_is_found(planted: str) -> None:
    assert [line for line in bare_calls(planted) if line]


@pytest.mark.parametrize(
    "kept",
    [
        "row.setToolTip('Close')",
        "row.setToolTip(WAITS)",
        "row.setToolTip('' if fits else 'This window is in HU')",
        "def shown(label: QLabel) -> QLabel: ...",
        "def data(self, index, role=Qt.ItemDataRole.DisplayRole): return role_text(role, name)",
        "button = QPushButton('Copy')",
        "QGuiApplication.clipboard().setImage(image)",
        "set_tip(row, name)",
    ],
)
def test_what_is_ours_may_go_straight_to_qt(kept: str) -> None:
    assert [line for line in bare_calls(kept) if line] == []
