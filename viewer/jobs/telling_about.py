"""What the author wrote of a study, put into the reports that are there already: nothing is judged anew, and no seal of
a test part is opened for it."""

from collections.abc import Sequence
from pathlib import Path

from ml.card import write_json
from ml.evaluation.checklists.told import in_words_of
from ml.evaluation.page import write_page
from ml.report_job import REPORT_FOLDER
from viewer.core.boundary import cannot_be_written
from viewer.core.errors import AppError, BadFile, NotFound
from viewer.jobs.reports import FIGURES_FILE, checked_report
from viewer.project.disk.about import read_about
from viewer.project.project import RUNS
from viewer.reading.sources.documents import read_json


def tell_reports(project: Path, more: Sequence[Path] = ()) -> tuple[list[Path], list[str]]:
    """(folders of the reports that say it now, why others do not). more: reports elsewhere, by their folders."""
    about = read_about(project)
    own = sorted(path.parent for path in (project / RUNS).glob(f"*/{REPORT_FOLDER}/{FIGURES_FILE}"))
    done: list[Path] = []
    problems: list[str] = []
    for folder in (*own, *more):
        try:
            _tell(folder, about)
        except AppError as error:
            problems.append(str(error))
        else:
            done.append(folder)
    return done, problems


def _tell(folder: Path, about: dict[str, str]) -> None:
    path = folder / FIGURES_FILE
    try:
        document = read_json(path)
    except FileNotFoundError as error:
        raise NotFound(f"{path} is not there; name the folder of a report.") from error
    checked_report(document, str(path))
    words = in_words_of(document, about)
    if not words:
        raise BadFile(f"{path} is of a report from before checklists; evaluate the run again.")
    if all(document[name] == told for name, told in words.items()):
        return
    document |= words
    try:
        write_json(path, document)
        write_page(folder, document)
    except OSError as error:
        raise cannot_be_written(folder, error) from error
