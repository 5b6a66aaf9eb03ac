"""The cases that hold images of a series, a study or a patient: by whose readings what is said of those is taken."""

from collections import defaultdict
from functools import cached_property

from sqlalchemy import select

from viewer.core.values import Target, TargetKind, patient_key
from viewer.project.project import Project
from viewer.project.store.schema import case_images, images


class WiderCases:
    """Of the images that are in the project. Read once, where somebody asks."""

    def __init__(self, project: Project) -> None:
        self._database = project.database

    def of(self, target: Target) -> tuple[str, ...]:
        """The cases, in the order of their ids."""
        return tuple(sorted(self._cases.get((target.kind, target.target_id), ())))

    @cached_property
    def _cases(self) -> dict[tuple[TargetKind, str], set[str]]:
        found: dict[tuple[TargetKind, str], set[str]] = defaultdict(set)
        query = select(
            images.c.series_id, images.c.study_uid, images.c.source, images.c.patient_id, case_images.c.case_id
        ).where(~images.c.taken_out)
        query = query.join(case_images, case_images.c.image_id == images.c.image_id).distinct()
        with self._database.reading() as connection:
            for row in connection.execute(query):
                patient = patient_key(row.source, row.patient_id) if row.patient_id else ""
                for kind, target_id in (
                    (TargetKind.SERIES, row.series_id),
                    (TargetKind.STUDY, row.study_uid),
                    (TargetKind.PATIENT, patient),
                ):
                    if target_id:
                        found[kind, target_id].add(row.case_id)
        return found
