"""An image that a project does not know has nothing on it: two questions tell that, and a dozen others are not asked.

Of a folder that is opened no image is known, and each is read with what is on it: the questions held up the first
image, and every one that was read ahead. A project that holds no image, as one that nobody has worked in, is asked once
for each revision that is followed.
"""

from viewer.project.at_hand.values import Fresh, ImageAtHand
from viewer.project.project import Project


class Unknown:
    """Tells it of the images of one project, on any thread that may wait."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._empty_as_of = -1  # a revision at which there was no image at all

    def nothing_on(self, image_id: str, followed: int) -> Fresh | None:
        """That nothing is on an image which the project has never had; None where there may be something.

        followed: the revision up to which the caller has followed the project; what comes later it will be told.
        """
        project, as_of = self.project, self._empty_as_of
        if image_id in project.predictions.held_images:
            return None
        if as_of < 0 or as_of != followed:
            with project.database.reading():  # both of one moment
                as_of = project.revision()
                is_empty = not project.images.knows_any()
                self._empty_as_of = as_of if is_empty else -1
                if not is_empty and project.images.knows_any(image_id):
                    return None
        return Fresh(as_of=as_of, images={image_id: ImageAtHand(as_of=as_of)})
