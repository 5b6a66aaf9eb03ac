"""What is known of the results: figures, groups, failures, and what they cannot say."""

from ml.evaluation.checklists.item import Known
from ml.evaluation.checklists.of_data import MOST_NAMED
from ml.evaluation.checklists.of_model import is_external
from ml.evaluation.page import headline, judged_words
from ml.evaluation.subgroups.judging import NOT_SAID
from ml.metric_words import figure_text, metric_title

FEW_PATIENTS = 100


def metrics(known: Known) -> str:
    """Which figures are told, and which one decides."""
    document = known.document
    names = dict.fromkeys(metric_title(name.partition(":")[0]) for name in document["figures"])
    return f"The figure that decides is {metric_title(str(document['decides']))}; told beside it: {', '.join(names)}."


def uncertainty(known: Known) -> str:
    """How intervals and comparisons are made."""
    return (
        f"Intervals: {known.document['interval']}. Comparisons of several are told with all of them allowed for (Holm)."
    )


def robustness(known: Known) -> str:
    """Which groups and which controls were looked at."""
    controls = [row["name"] for row in known.document.get("controls", ()) if not row["why"]]
    beside = f"Controls on the same cases: {', '.join(controls)}. {known.document['sentence']}" if controls else ""
    return f"{groups(known)} {beside}".strip()


def groups(known: Known) -> str:
    """What groups were judged alone, and what was found."""
    found = known.document.get("groups")
    if not found:
        return ""
    return " ".join([found["sentence"], *(column["sentence"] for column in found["columns"])])


def by_site(known: Known) -> str:
    """The figure of each site, scanner or source."""
    found = known.document.get("groups") or {"columns": ()}
    told = [
        f"{column['column']} {name or NOT_SAID} {figure_text(group['figures'][found['ranked_by']])}"
        for column in found["columns"]
        if column["column"] in ("site", "scanner", "source")
        for name, group in list(column["groups"].items())[:MOST_NAMED]
    ]
    return f"{metric_title(str(found['ranked_by']))} of {'; '.join(told)}." if told else ""


def fairness(known: Known) -> str:
    """What was done for it."""
    told = groups(known)
    return f"No group weighed more in training; groups were judged alone afterwards. {told}" if told else ""


def explanation(_known: Known) -> str:
    """Whether heatmaps are part of this."""
    return "None is part of these figures: heatmaps of the program show what moves a score, and were not judged here."


def internal(known: Known) -> str:
    """On which held-out cases."""
    document = known.document
    if is_external(known) or document["part"] == "train":
        return ""
    seen = document["seen"]["sentence"] or "of patients that were not learnt from"
    return f"On {judged_words(document)}; {seen.rstrip('.')}."


def external(known: Known) -> str:
    """On which other data; that there were none is said too."""
    if is_external(known):
        return f"On {judged_words(known.document)}, of {known.document['external']}."
    return "No data from elsewhere were tested."


def differences(known: Known) -> str:
    """How training and judged cases differ by what is known."""
    if is_external(known) or known.document["seen"]["mark"] or known.document["part"] == "train":
        return ""
    own = all(card.snapshot_id == known.document["snapshot"] for card in known.cards)
    of = "and snapshot as those that were learnt from" if own else "as those that were learnt from, in another snapshot"
    return f"The judged cases are of the same project {of}: other patients of it."


def performance(known: Known) -> str:
    """The deciding figure, and whether controls are beaten."""
    return f"{headline(known.document)}. {known.document['sentence']} {groups(known)}".strip()


def estimates(known: Known) -> str:
    """Every figure of all cases with its interval."""
    figures = known.document["answers"]["model"]
    told = [f"{metric_title(name)} {figure_text(figure)}" for name, figure in figures.items() if ":" not in name]
    return f"{'; '.join(told)}."


def failures(known: Known) -> str:
    """Where to see them; "" where no table tells them."""
    tables = known.document["tables"]
    counts = next((table for table in tables if table["title"].startswith("Truth and answers")), None)
    cases = next((table for table in tables if table["of_cases"]), None)
    if cases is None:
        return ""
    matrix = "Truth against answers stands in a table. " if counts else ""
    return f"{matrix}{cases['title']}: {cases['note']}"


def abstract(known: Known) -> str:
    """What of a summary is known."""
    return f"{headline(known.document)}. {known.document['sentence']}"


def sample_size(known: Known) -> str:
    """How many there are, and how wide that makes the interval."""
    figure = known.document["answers"]["model"][known.document["decides"]]
    return (
        f"The program computed no size beforehand. {judged_words(known.document)[:1].upper()}"
        f"{judged_words(known.document)[1:]}; {metric_title(str(known.document['decides']))} {figure_text(figure)}."
    )


def limitations(known: Known) -> str:
    """Those that the program can see."""
    document = known.document
    found = [external(known)] if not is_external(known) else []
    if int(document["patients"]) < FEW_PATIENTS:
        found.append(f"Few patients were judged ({document['patients']}).")
    leaks = document.get("leaks")
    if leaks and any(each["crossing"] for each in leaks["counts"].values()):
        found += leaks["sentences"]
    if document["seen"]["sentence"]:
        found.append(str(document["seen"]["sentence"]))
    if document.get("groups"):
        found.append(str(document["groups"]["sentence"]))
    return " ".join(found)


def updating(known: Known) -> str:
    """Whether weights or scores were fitted to the judged cases."""
    told = " ".join(note for note in known.document["notes"] if note.startswith(("Calibrated", "Not calibrated")))
    return f"Nothing was fitted to the judged cases. {told}".strip()
