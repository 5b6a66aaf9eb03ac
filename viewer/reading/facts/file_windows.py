"""The windows that a file or a presentation state gives (VOI LUT Module, PS3.3 C.11.2)."""

from viewer.core.pixels import VoiFunction, Window
from viewer.reading.dicom.header import Header

CENTER, WIDTH, EXPLANATION, FUNCTION = 0x00281050, 0x00281051, 0x00281055, 0x00281056


def read_windows(holder: Header) -> tuple[tuple[Window, ...], str]:
    """(the windows in their order, what of them is not used, as a sentence, or "").

    A LINEAR width under 1 is none by C.11.2.1.2, but maps of tiny values (ADC) have them: the window is taken without
    the half and the minus one, which are about whole numbers (LINEAR_EXACT). A width that is not above 0 shows nothing.
    """
    centers, widths = holder.each_number(CENTER), holder.each_number(WIDTH)
    names = holder.texts(EXPLANATION)
    said = holder.text(FUNCTION).upper()
    function = VoiFunction(said) if said in list(VoiFunction) else VoiFunction.LINEAR
    found = []
    for number, (center, width) in enumerate(zip(centers, widths)):
        if center is None or width is None or width <= 0:
            continue
        narrow = function is VoiFunction.LINEAR and width < 1
        found.append(
            Window(
                center=center,
                width=width,
                name=names[number] if number < len(names) else "",
                function=VoiFunction.LINEAR_EXACT if narrow else function,
            )
        )
    return tuple(found), _note(holder, said, len(found), max(len(centers), len(widths)))


def _note(holder: Header, function: str, used: int, given: int) -> str:
    notes = []
    if used < given:
        center, width = (_said(holder, tag) for tag in (CENTER, WIDTH))
        which = "A window" if used else "The window"
        notes.append(f"{which} of the file (center {center}, width {width}) cannot be shown and is not used.")
    if function and function not in list(VoiFunction):
        notes.append(f"The window's function {function[:16]} is not known; it is taken as LINEAR.")
    # They are spoken of here, so not again among the values that were left.
    holder.ignored.difference_update((CENTER, WIDTH))
    return " ".join(notes)


def _said(holder: Header, tag: int) -> str:
    found = holder.numbers_or_none(tag)
    text = "\\".join(f"{number:g}" for number in found) if found else holder.text(tag)
    return text[:24] if text and text.isprintable() else "missing"
