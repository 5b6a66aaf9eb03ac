"""An image that a project does not know has nothing on it: two questions tell that, and a dozen others are not asked.

Of a folder that is opened no image is known, and each is read with what is on it: the questions held up the first
image, and every one that was read ahead.
"""

from viewer.project.at_hand.values import Fresh, ImageAtHand
from viewer.project.project import Project


def nothing_on(project: Project, image_id: str) -> Fresh | None:
    """That nothing is on an image which the project has never had; None where there may be something."""
    if image_id in project.predictions.held_images:
        return None
    with project.database.reading():  # both of one moment
        as_of = project.revision()
        if project.images.knows(image_id):
            return None
    return Fresh(as_of=as_of, images={image_id: ImageAtHand(as_of=as_of)})
