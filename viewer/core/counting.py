"""A number with its noun, as sentences need it."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """ "1 image", "2 images". plural: where it is not the noun with an s."""
    return f"{count} {noun if count == 1 else plural or noun + 's'}"
