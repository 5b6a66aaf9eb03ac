"""A project is closed while other threads read it: they end with a sentence, and no connection is used that is gone."""

import threading
from pathlib import Path

import pytest

from viewer.core.errors import BadProject
from viewer.project.project import Project


def test_closing_ends_what_other_threads_read(project: Project) -> None:
    """A long query is given up; it does not hold the window, and does not crash the process (it did: SIGSEGV)."""
    begun, ended = threading.Event(), []

    def read() -> None:
        forever = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        try:
            with project.database.reading() as connection:
                begun.set()
                connection.exec_driver_sql(forever)
        except BadProject as error:
            ended.append(str(error))

    thread = threading.Thread(target=read)
    thread.start()
    begun.wait()
    project.close()
    thread.join()
    assert ended == [f"The project {project.database.dialect.project} was closed."]


def test_a_closed_project_answers_with_a_sentence(project: Project, folder: Path) -> None:
    project.close()
    with pytest.raises(BadProject, match="was closed"):
        project.images.all()
    with pytest.raises(BadProject, match="was closed"):
        project.images.register([])
    assert Project.open(folder, writable=True).cases.all()
