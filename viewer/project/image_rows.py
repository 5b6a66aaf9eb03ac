"""Rows of images with the case that each is in: an image may be in several, and in none."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from viewer.project.store.schema import case_images, images

_FIRST = (
    select(func.min(case_images.c.case_id))
    .where(case_images.c.image_id == images.c.image_id)
    .correlate(images)
    .scalar_subquery()
)
CASE_ID = func.coalesce(_FIRST, "").label("case_id")


def image_rows() -> Select[Any]:
    """Every known image, once, with one of its cases; "" where it is in none."""
    return select(images, CASE_ID)


def rows_of_cases(case_ids: Sequence[str]) -> Select[Any]:
    """The images of these cases, each as often as it is in one, with that case."""
    return (
        select(images, case_images.c.case_id)
        .join(case_images, case_images.c.image_id == images.c.image_id)
        .where(case_images.c.case_id.in_(case_ids))
    )
