"""From a name to a model's folder or weights file: RUN, MODEL, a bundled model, WEIGHTS, in that order.

No torch here: the window and the command line ask before they start a child.
"""

from pathlib import Path

import resources
from ml.card import read_card
from ml.events import CARD_FILE
from viewer.core.errors import Ambiguous, AppError, BadModel, UnknownName

WEIGHTS_SUFFIX = ".safetensors"
# What torch writes by itself is a pickle, and reading one can run any code.
PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin", ".joblib")


def bundled_models() -> dict[str, Path]:
    """The models that ship with the program, by name."""
    try:
        folder = resources.path("models")
    except FileNotFoundError:
        return {}
    return {path.parent.name: path.parent for path in sorted(folder.glob(f"*/{CARD_FILE}"))}


def resolve_model(project_folder: Path | None, name: str) -> Path:
    """The folder (or weights file) that `name` means.

    name: a run or model of the project, whole or its beginning, or a model's name on its card; a bundled model; the
    path of such a folder, or of a .safetensors file that has its card beside it. Raises UnknownName, Ambiguous or
    BadModel.
    """
    if not name.strip():
        raise UnknownName("No model was named; give a run, a model or a weights file.")
    if project_folder is not None:
        for parent in ("runs", "models"):
            found = _in_folder(project_folder / parent, name)
            if found is not None:
                return found
        found = _by_card(project_folder / "models", name)
        if found is not None:
            return found
    bundled = bundled_models()
    if name in bundled:
        return bundled[name]
    return _by_path(Path(name).expanduser(), name, project_folder)


def _in_folder(parent: Path, name: str) -> Path | None:
    if not parent.is_dir() or "/" in name or "\\" in name:
        return None
    folders = sorted(path for path in parent.iterdir() if path.is_dir())
    exact = [path for path in folders if path.name == name]
    return _only(name, exact or [path for path in folders if path.name.startswith(name)])


def _by_card(parent: Path, name: str) -> Path | None:
    if not parent.is_dir():
        return None
    found = []
    for path in sorted(parent.glob(f"*/{CARD_FILE}")):
        try:
            if read_card(path.parent).name == name:
                found.append(path.parent)
        except AppError:
            continue  # a model that cannot be read cannot be the one meant
    return _only(name, found)


def _only(name: str, found: list[Path]) -> Path | None:
    if len(found) > 1:
        names = ", ".join(path.name for path in found[:5]) + (" ..." if len(found) > 5 else "")
        raise Ambiguous(f"{name!r} could be {names}; write more of the name.")
    return found[0] if found else None


def kept_name(project_folder: Path, name: str) -> str:
    """The name to keep: a path whole, since what reads it later stands in another folder; any other name as it is."""
    path = Path(name).expanduser()
    try:
        found = resolve_model(project_folder, name)
    except AppError:  # weights that are converted before they are read
        found = path
    return str(path.absolute()) if found == path and path.exists() else name


def _by_path(path: Path, name: str, project_folder: Path | None) -> Path:
    if path.is_dir() and (path / CARD_FILE).is_file():
        return path
    if path.is_file() or path.suffix.lower() in PICKLES:
        if path.suffix.lower() != WEIGHTS_SUFFIX:
            raise BadModel(
                f"{path} is no {WEIGHTS_SUFFIX} file; other kinds of weights can run code when they are read, so it "
                "was not opened. Start a training from it with --init, which converts it."
            )
        return path
    where = "" if project_folder is None else f" in {project_folder}"
    bundled = ", ".join(bundled_models()) or "none"
    raise UnknownName(f"There is no run, model or weights file {name!r}{where}; bundled models are {bundled}.")
