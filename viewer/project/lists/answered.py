"""What a model has answered of the cases of a project, and which images are left to ask it about."""

from collections import defaultdict

from sqlalchemy import select

from viewer.project.membership import cases_of
from viewer.project.project import Project
from viewer.project.records import ImageRecord
from viewer.project.store.schema import case_images, images, predictions

NO_LABELS = "[]"  # of answers from before a model's labels were kept with them: it is asked again


def answered_images(project: Project, model_hash: str) -> dict[str, set[str]]:
    """The images of each case that this very model has answered; no case of which it has answered none."""
    query = (
        select(case_images.c.case_id, case_images.c.image_id)
        .join(images, images.c.image_id == case_images.c.image_id)
        .join(predictions, predictions.c.image_id == case_images.c.image_id)
        .where(~images.c.taken_out, predictions.c.model_hash == model_hash, predictions.c.labels != NO_LABELS)
    )
    found: dict[str, set[str]] = defaultdict(set)
    with project.database.reading() as connection:
        for case_id, image_id in connection.execute(query):
            found[case_id].add(image_id)
        for image_id in project.predictions.held_by(model_hash):  # of a project that may only be read
            for case_id in cases_of(connection, [image_id]):
                found[case_id].add(image_id)
    return dict(found)


def images_to_ask(
    project: Project, case_id: str, model_hash: str, *, again: bool
) -> tuple[list[ImageRecord], list[ImageRecord]]:
    """(every image of a case, those of them to ask this model about), in its order. An image is named by its pixels:
    one that was answered is not asked about, unless `again`."""
    every = project.images.by_case(case_id)
    if again:
        return every, every
    answers = project.predictions.of_images([one.image_id for one in every])
    known = {
        image_id
        for image_id, several in answers.items()
        if any(one.model_hash == model_hash and one.rule.remembered for one in several)
    }
    return every, [one for one in every if one.image_id not in known]
