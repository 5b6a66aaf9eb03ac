"""What is known of the results: figures, groups, failures, and what they cannot say."""

from ml.evaluation.checklists.item import Known
from ml.evaluation.checklists.of_data import MOST_NAMED, partition, sources
from ml.evaluation.checklists.of_model import goal, is_external, start, technology
from ml.evaluation.checklists.of_readers import is_variability_known
from ml.evaluation.page import headline, judged_words
from ml.evaluation.subgroups.judging import NOT_SAID
from ml.metric_words import figure_text, metric_title
from viewer.core.text.counting import counted

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
    """Purpose, methods, results and conclusion, as far as all of them are known."""
    document = known.document
    if not known.cases:
        return f"{headline(document)}. {document['sentence']}"
    controls = [row["name"] for row in document.get("controls", ()) if not row["why"]]
    beside = f", beside {counted(len(controls), 'control')} on the same cases" if controls else ""
    return (
        (
            f"Purpose: {goal(known)} Methods: {sources(known)} {partition(known)} {technology(known)} "
            f"{start(known)} Judged on {judged_words(document)}{beside}, with intervals over patients. "
            f"Results: {headline(document)}. {groups(known)} Conclusion: {document['sentence']} "
            f"{_generalizes(known)}"
        )
        .replace("  ", " ")
        .strip()
    )


def is_abstract_known(known: Known) -> bool:
    """Whether the cases are, from which its methods are told."""
    return bool(known.cases)


def sample_size(known: Known) -> str:
    """How many there are, how that came, and how wide it makes the interval."""
    figure = known.document["answers"]["model"][known.document["decides"]]
    shares = known.snapshot_card.get("split", {}).get("shares", ())
    words = judged_words(known.document)
    came = (
        f"It was not computed beforehand: it is what the shares {':'.join(f'{share:g}' for share in shares)} for "
        "training, validation and test give of all patients that were there"
        if has_shares(known)
        else "The program computed no size beforehand"
    )
    return (
        f"{words[:1].upper()}{words[1:]}. {came}. How wide that makes the interval: "
        f"{metric_title(str(known.document['decides']))} {figure_text(figure)}."
    )


def has_shares(known: Known) -> bool:
    """Whether the size of the judged part is a share that the program took."""
    split = known.snapshot_card.get("split", {})
    return split.get("method") == "ratio" and not is_external(known)


def _generalizes(known: Known) -> str:
    """To what else this may be taken."""
    if is_external(known):
        return external(known)
    sites = {case.tags.get("InstitutionName", "").strip() for case in known.cases} - {""}
    of = f"{counted(len(sites), 'institution')} by the headers" if sites else "sites that the headers do not name"
    return f"{external(known)} What was found holds for images like these, of {of}."


def limitations(known: Known) -> str:
    """Those that the program can see: of methods, material, bias, uncertainty, what was not expected, other data."""
    return " ".join(filter(None, (_of_methods(known), _of_material(known), _of_bias(known), _of_uncertainty(known),
                                  _not_expected(known), f"Other data: {_generalizes(known)}")))  # fmt: skip


def _of_methods(known: Known) -> str:
    count = len(known.cards)
    spread = (
        "one training with one seed was judged; another would give other figures by chance"
        if count == 1
        else f"{count} trainings were judged, one a fold; their spread is not in the intervals"
    )
    return f"Methods: {spread}, and in this report no setting was varied to see what it does."


def _of_material(known: Known) -> str:
    patients = int(known.document["patients"])
    few = f"few patients were judged ({patients})" if patients < FEW_PATIENTS else f"{patients} patients were judged"
    once = ", and every case was read once" if is_variability_known(known) else ""
    return f"Material: {few}{once}."


def _of_bias(known: Known) -> str:
    document, told = known.document, []
    leaks = document.get("leaks")
    if leaks is None:
        told.append("whether parts share images or patients was not audited")
    elif any(each["crossing"] for each in leaks["counts"].values()):
        told += [str(one).rstrip(".") for one in leaks["sentences"]]
    else:
        told.append("the leak audit found nothing in two parts")
    told += filter(None, [str(document["seen"]["sentence"]).rstrip(".")])
    told.append("who came into the project at all is not known to the program")
    return f"Bias: {'; '.join(told)}."


def _of_uncertainty(known: Known) -> str:
    figures = known.document["answers"]["model"]
    lacking = sum(figure["value"] is None or figure.get("low") is None for figure in figures.values())
    told = f"; {counted(lacking, 'figure')} of {len(figures)} have no interval" if lacking else ""
    return f"Uncertainty: intervals are over patients, not over trainings{told}."


def _not_expected(known: Known) -> str:
    document = known.document
    worst = (document.get("groups") or {}).get("sentence", "")
    return f"Results: {document['sentence']} {worst}".rstrip()


def updating(known: Known) -> str:
    """Whether weights or scores were fitted to the judged cases."""
    told = " ".join(note for note in known.document["notes"] if note.startswith(("Calibrated", "Not calibrated")))
    return f"Nothing was fitted to the judged cases. {told}".strip()
