"""What is known of the data: where they are from, what was taken, how they were divided, and who they show."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from statistics import median

from ml.data.header_numbers import header_number
from ml.data.targets import Item as Case
from ml.evaluation.checklists.item import Known
from ml.evaluation.subgroups.columns import COLUMNS, OLDEST_YEARS
from viewer.core.errors import UnknownName
from viewer.core.text.counting import counted
from viewer.core.text.titles import short_id
from viewer.project.combining import AGREED, rule_words

MOST_NAMED = 8
PART_NAMES = {"train": "training", "val": "validation", "test": "test", "all": "all cases"}
_OF = {column.name: column.of for column in COLUMNS}


def named(counts: Counter[str], most: int = MOST_NAMED) -> str:
    """ "A (12), B (3) and 4 more", those of most cases first."""
    told = [f"{name} ({count})" for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:most]]
    return ", ".join(told) + (f" and {len(counts) - most} more" if len(counts) > most else "")


def counts_of(cases: Iterable[Case], of: Callable[[Case], str]) -> Counter[str]:
    """How many cases there are of each word; one without is counted nowhere."""
    return Counter(word for word in map(of, cases) if word)


def sources(known: Known) -> str:
    """Which sources and kinds of image, as the project has them."""
    cases = known.cases
    if not cases:
        return ""
    modalities, places = counts_of(cases, lambda case: case.modality), counts_of(cases, _OF["source"])
    of = f" of {named(modalities)}" if modalities else ""
    where = f", from {named(places)}" if places else ""
    return f"{counted(len(cases), 'image')}{of}{where}; snapshot {short_id(str(known.document['snapshot']))}."


def eligibility(known: Known) -> str:
    """What was taken of the project, and what was left out for which reason."""
    card = known.snapshot_card
    if "images" not in card:
        return ""
    left = Counter({str(reason): int(count) for reason, count in card.get("left_out", {}).items() if count})
    lacking = f"Left out: {named(left)}." if left else "No image of the project was left out."
    taken = f"{counted(int(card['images']), 'image')} of {counted(int(card['patients']), 'patient')}"
    return f"Taken: {taken}, whose case is complete and says something of the task. {lacking}"


def subsets(known: Known) -> str:
    """What of each image a sample holds."""
    card = known.cards[0]
    rule = card.preprocess.rule
    what = "one whole image" if rule.is_plain else rule.words(card.domain.modality)
    cut = " What lies outside of the input's field around the centre is cut off." if card.preprocess.spacing_mm else ""
    return f"Each sample is {what}; no region was chosen by hand.{cut}"


def identity(known: Known) -> str:
    """What the program does with names, and what the headers say was done before."""
    told = (
        "The program keeps no patient's name and no birth date in a project and tells patients apart by their ids; "
        "files of images are not changed, and their names stand in the report as they are."
    )
    removed = _removed(known)
    if not removed:
        return told
    methods = counts_of(known.cases, lambda case: case.tags.get("DeidentificationMethod", ""))
    by = f", by the method {named(methods)}" if methods else ""
    return f"{told} Identities were removed before, as the headers of {removed} of {len(known.cases)} images say{by}."


def _removed(known: Known) -> int:
    return sum(case.tags.get("PatientIdentityRemoved", "").strip().upper() == "YES" for case in known.cases)


def is_identity_known(known: Known) -> bool:
    """Whether every header says that identities were removed, and how."""
    by = counts_of(known.cases, lambda case: case.tags.get("DeidentificationMethod", ""))
    return bool(known.cases) and _removed(known) == len(known.cases) == by.total()


def missing(known: Known) -> str:
    """What became of unknown labels, unknown facts and images that cannot be read."""
    left = next((note for note in known.document["notes"] if "cannot be read or have no known label" in note), "")
    return (
        "A label that is unknown, uncertain or not assessed counts in no loss and in no figure; nothing was imputed. "
        f"A fact that a header does not say is a group of its own. {left}"
    ).rstrip()


def acquisition(known: Known) -> str:
    """Devices, views and spacing as the headers have them."""
    cases = known.cases
    told = [
        f"{title}: {named(found)}"
        for title, of in (("Scanners", _OF["scanner"]), ("views", _OF["view"]), ("sites", _OF["site"]),
                          ("tube voltage in kV", lambda case: case.tags.get("KVP", "")))
        if (found := counts_of(cases, of))
    ]  # fmt: skip
    spacing = known.cards[0].domain.spacing_mm
    if spacing is not None and told:
        told.append(f"pixel spacing {spacing[0]:.3g} to {spacing[1]:.3g} mm")
    return f"{'; '.join(told)}." if told else ""


def study_dates(known: Known) -> list[str]:
    """YYYYMMDD of each image that has a date, in order."""
    each = (case.tags.get("StudyDate", "").strip() for case in known.cases)
    return sorted(date for date in each if len(date) == 8 and date.isdigit())


def dates(known: Known) -> str:
    """First and last study date."""
    found = study_dates(known)
    if not found:
        return ""
    first, last = (f"{one[:4]}-{one[4:6]}-{one[6:]}" for one in (found[0], found[-1]))
    return f"Studies from {first} to {last}, as far as headers have a date."


def sites(known: Known) -> str:
    """How many places the headers name."""
    found = counts_of(known.cases, _OF["site"])
    return f"The headers name {counted(len(found), 'institution')}: {named(found)}." if found else ""


def reference(known: Known) -> str:
    """Whose word the reference standard is."""
    readings = str(known.snapshot_card.get("task", {}).get("readings", AGREED))
    try:
        words = rule_words(readings)
    except UnknownName:
        return ""
    return f"What people said of each case in the project, as of the snapshot; of several readers {words}."


def program() -> str:
    """This program with its version."""
    return f"Negatoscope {metadata.version('negatoscope')}"


def partition(known: Known) -> str:
    """How parts were made, and how large they are."""
    split = known.snapshot_card.get("split", {})
    method = str(split.get("method", ""))
    shares = ":".join(f"{share:g}" for share in split.get("shares", ()))
    folds = int(split.get("folds", 0) or 0)
    how = {
        "ratio": f"by chance (seed {known.snapshot_card.get('seed', 0)}) in the shares {shares}, strata of the labels",
        "file": "as a file of the project says",
    }.get(method, f"into {folds} folds by chance (seed {known.snapshot_card.get('seed', 0)})" if folds else "")
    sizes = ", ".join(f"{PART_NAMES[name]} {_size(cases)}" for name, cases in known.parts.items())
    return f"Divided by patient{f', {how}' if how else ''}: {sizes}."


def _size(cases: Sequence[Case]) -> str:
    return f"{counted(len(cases), 'image')} of {counted(len({whose(case) for case in cases}), 'patient')}"


def whose(case: Case) -> str:
    """The patient of a case; one without is a patient of its own."""
    return case.patient_id or case.image_id


def disjoint(known: Known) -> str:
    """On which level parts are apart, and what the audit found."""
    leaks = known.document.get("leaks")
    if leaks is None:
        return ""
    return f"Apart by patient: no patient id is in two parts. {' '.join(leaks['sentences'])}"


def imbalance(known: Known) -> str:
    """Whether rarer classes weighed more, and whether scores were calibrated after it."""
    weighed = bool(known.cards[0].recipe.get("class_weights"))
    how = "Rarer classes weighed more in the loss" if weighed else "Classes weighed alike in the loss"
    return f"{how}. {calibration(known)}".rstrip()


def calibration(known: Known) -> str:
    """What the report says of it."""
    return " ".join(note for note in known.document["notes"] if note.startswith(("Calibrated", "Not calibrated")))


def numbers(known: Known) -> str:
    """The flow of images, from the project to those that were judged."""
    told = eligibility(known)
    document = known.document
    judged = f"{counted(int(document['cases']), 'case')} of {counted(int(document['patients']), 'patient')}"
    return f"{told} {partition(known)} Judged: {judged}. {missing(known).partition('own. ')[2]}".strip() if told else ""


def demographics(known: Known) -> str:
    """Age and sex of the patients of each part; "" where no header says any."""
    told = [f"{PART_NAMES[name]}: {words}" for name, cases in known.parts.items() if (words := _people(cases))]
    return f"{'; '.join(told)}." if told else ""


def _people(cases: Sequence[Case]) -> str:
    """ "12 patients, 5 female, 6 male; age 61 (23 to 90), of 2 unknown"."""
    ages, sexes = defaultdict(list), {}
    people = {whose(case) for case in cases}
    for case in cases:
        years = header_number(case.tags.get("PatientAge", ""))
        if 0 <= years <= OLDEST_YEARS:
            ages[whose(case)].append(years)
        if sex := _OF["sex"](case):
            sexes[whose(case)] = sex
    if not ages and not sexes:
        return ""
    words = [
        counted(len(people), "patient"),
        *(f"{count} {sex}" for sex, count in sorted(Counter(sexes.values()).items())),
    ]
    words += [f"{len(people) - len(sexes)} of unknown sex"] if sexes and len(sexes) < len(people) else []
    first = [min(each) for each in ages.values()]
    if first:
        words.append(f"median age {median(first):.0f} ({min(first):.0f} to {max(first):.0f})")
        words += [f"{len(people) - len(ages)} of unknown age"] if len(ages) < len(people) else []
    return ", ".join(words)


def outcomes(known: Known) -> str:
    """How many images of each part have each label, or an object of it."""
    told = []
    for name, cases in known.parts.items():
        counts = Counter(label for case in cases for label, verdict in case.labels.items() if verdict.value == "yes")
        counts.update(label for case in cases for label, _ in (*case.boxes, *case.masks))
        told.append(f"{PART_NAMES[name]} {_size(cases)}" + (f", {named(counts)}" if counts else ""))
    return f"{'; '.join(told)}."
