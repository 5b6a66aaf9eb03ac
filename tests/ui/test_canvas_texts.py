"""The words on a view: who, what, where and how; broken into lines, hidden, left out of copies."""

from dataclasses import replace

from tests.ui.painted import words_on
from tests.ui.pictures import FACTS, IDENTITY, frame, pixels, replace_identity
from viewer.core.pixels import FrameIdentity, Window
from viewer.ui.canvas.texts import NOT_CALIBRATED, ViewState, corner_texts
from viewer.ui.canvas.view import ImageView
from viewer.ui.canvas.words import text_size, wrapped


def test_corner_texts_say_who_what_where_and_how(view: ImageView) -> None:
    state = ViewState(window=Window(center=-400, width=1500), zoom=1.06, position=75, count=134)

    corners = corner_texts(FACTS, IDENTITY, state)

    assert corners.top_left == ("Doe Jane", "0042 · * 1958-01-02", "CT Chest · 2026-03-12", "Se 3 · Lung 3.0")
    assert corners.top_right == ("Im 212 · 76 of 134", "Slice 3.00 mm", "Pos −112.5 mm")
    assert corners.bottom_left == ("W 1500 C −400", "Zoom 1.06×")
    assert corners.bottom_right == ("120 kV · 200 × 200",)


def test_side_and_view_of_a_film_stand_first_at_its_right_also_on_a_copy_and_with_names_hidden(view: ImageView) -> None:
    view.show_frame(replace_identity(frame(spacing=None, plane=None), film="L CC"))

    state = ViewState(window=view.window, zoom=1, names_hidden=True)
    assert corner_texts(view.facts, replace(IDENTITY, film="L CC"), state).top_right[0] == "L CC"
    assert "L CC" in words_on(view, without_patient_text=True)
    view.show_frame(frame(spacing=None, plane=None))
    assert "L CC" not in words_on(view)  # nothing is said where the header does not say
    # A slice whose place is known has letters at its edges, which say more.
    assert "L CC" not in corner_texts(FACTS, replace(IDENTITY, film="L CC"), state).top_right


def test_an_uncalibrated_image_says_so_and_has_no_scale_bar(view: ImageView) -> None:
    calibrated = pixels(view.grab_view())
    view.show_frame(frame(spacing=None, plane=None))
    film = pixels(view.grab_view())

    assert NOT_CALIBRATED in corner_texts(view.facts, IDENTITY, ViewState(window=view.window, zoom=1)).bottom_right
    bar = (slice(270, 336), slice(380, 389))
    ramp = pixels(view.grab_view())[200, 380:389]
    assert (film[bar] == ramp).all() and not (calibrated[bar] == ramp).all()


def test_lossy_pixels_and_faults_of_the_file_are_said() -> None:
    facts = replace(FACTS, lossy=True, banner="Only 61 % of the pixels are there", doubts=("gantry tilt 18.5°",))
    state = ViewState(window=Window(center=40, width=400), zoom=1)

    corners = corner_texts(facts, IDENTITY, state)

    assert corners.bottom_right[0] == "Lossy compression"
    assert corners.faults == ("gantry tilt 18.5°", "Only 61 % of the pixels are there")
    of_series = replace(state, faults=("1 slice missing · gantry tilt 18.5°",))
    assert corner_texts(facts, IDENTITY, of_series).faults == (
        "1 slice missing · gantry tilt 18.5°", "Only 61 % of the pixels are there",
    )  # fmt: skip


def test_a_narrow_view_breaks_the_identity_into_lines_and_cuts_none_of_it_off(view: ImageView) -> None:
    line = "0042 · * 1958-01-02 · F 068Y"

    assert wrapped(line, 12, 500) == (line,)
    narrow = wrapped(line, 12, text_size("0042 · * 1958-01-02", 12)[0])
    assert narrow == ("0042 · * 1958-01-02", "F 068Y")
    assert wrapped(line, 12, 10) == ("0042", "* 1958-01-02", "F 068Y")


def test_a_sentence_about_the_pixels_is_broken_at_spaces_and_not_cut() -> None:
    said = "The file is cut short: 30 of 40 rows are there, the rest is blank."

    narrow = wrapped(said, 12, 200)

    assert " ".join(narrow) == said and len(narrow) > 1
    assert all(text_size(line, 12)[0] <= 200 for line in narrow)
    assert wrapped(said, 12, 2000) == (said,)


def test_the_project_s_patient_stands_where_the_file_names_none() -> None:
    state = ViewState(window=Window(center=40, width=400), zoom=1, project_patient="P012")

    film = corner_texts(FACTS, FrameIdentity(), state)
    own = corner_texts(FACTS, IDENTITY, state)
    hidden = corner_texts(FACTS, FrameIdentity(), replace(state, names_hidden=True))
    copied = corner_texts(FACTS, FrameIdentity(), state, anonymous=True)

    assert film.top_left == ("Patient P012 (project)",)
    assert own.top_left[1] == "0042 · * 1958-01-02"
    assert hidden.top_left == ("Names hidden",)
    assert copied.top_left == ()


def test_hidden_names_leave_no_trace_of_the_patient() -> None:
    state = ViewState(window=Window(center=40, width=400), zoom=1, names_hidden=True)

    said = " ".join(line for corner in (corner_texts(FACTS, IDENTITY, state),) for line in corner.top_left)

    assert "Doe" not in said and "0042" not in said and "1958" not in said and "CT Chest" in said


def test_a_picture_for_the_clipboard_has_no_patient_text(view: ImageView) -> None:
    with_text = " ".join(words_on(view, without_patient_text=False))
    without = " ".join(words_on(view))

    for word in ("Doe Jane", "0042", "1958-01-02"):
        assert word in with_text and word not in without
    assert "W " in without, "what is no patient's stays"
