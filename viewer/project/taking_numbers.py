"""Taking what a model of numbers says of an image: the answers that the catalogue asks for, as one edit."""

from collections.abc import Mapping

from viewer.core.attributes import Attribute, numbers_of_images
from viewer.core.edits import AnswerChange, Edit
from viewer.core.errors import BadRequest
from viewer.core.shapes.annotations import Prediction, four_digits
from viewer.core.values import Quantity, Target, TargetKind, Value, value_words
from viewer.project.facts import NumberFacts


def to_take_numbers(project: NumberFacts, prediction: Prediction) -> tuple[Edit, str]:
    """(the edit that says a model's numbers of its image, what it has taken the place of in words).

    What is said is what a person saw: four digits. Raises BadRequest where the catalogue asks for no such number, or
    for one in another unit, and where all of them are said already.
    """
    target = Target(kind=TargetKind.IMAGE, target_id=prediction.image_id)
    there = project.work.answers(prediction.image_id)
    asked = {one.question: one for one in numbers_of_images(project.attributes)}
    changes: list[AnswerChange] = []
    for name, said in prediction.numbers.items():
        value = Quantity(number=float(four_digits(said.number)), unit=said.unit)
        refuse_another_unit(asked.get(name), name, value)
        if there.get(name) != value:
            changes.append(AnswerChange(target=target, name=name, before=there.get(name), after=value))
    if not changes:
        raise BadRequest(f"{prediction.number_words} is said of this image already.")
    lost = [f"{one.name} was {value_words(one.before)} before" for one in changes if one.before is not None]
    edit = Edit(text=f"accept {prediction.number_words}", changes=tuple(changes), image_id=prediction.image_id)
    return edit, f"{', '.join(lost)}." if lost else ""


def refuse_another_unit(attribute: Attribute | None, name: str, value: Quantity) -> None:
    """Raises BadRequest where a number is not what an attribute asks for."""
    if attribute is None:
        raise BadRequest(f"The project does not ask for {name} of an image: add it in the panel Labels first.")
    if attribute.unit != value.unit:
        raise BadRequest(
            f"The model says {name} in {value.unit or 'no unit'}, and the project asks for it in "
            f"{attribute.unit or 'no unit'}: ask a model that was trained on this project's numbers."
        )


def said_now(prediction: Prediction, said: Mapping[str, Value]) -> str:
    """What stands of a model's numbers now, such as "age 40 a"; "" where nothing does."""
    return ", ".join(f"{name} {value_words(said[name])}" for name in prediction.numbers if name in said)
