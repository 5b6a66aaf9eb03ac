"""CLAIM, the update of 2024: 44 items for studies of artificial intelligence in medical imaging."""

from ml.evaluation.checklists import of_data, of_model, of_readers, of_results
from ml.evaluation.checklists.item import Checklist, Item

CLAIM = Checklist(
    name="CLAIM 2024",
    source="Tejani et al., Radiology: Artificial Intelligence 6(4), 2024, e240300; numbers and subjects as there, "
    "our wording",
    items=(
        Item(
            number="1",
            asks="technology named in the title",
            author="a title that names it and what it is for",
            says=of_model.technology,
            whole=True,
        ),
        Item(
            number="2",
            asks="summary of design, methods, results and conclusions",
            author="a structured summary with your conclusions",
            says=of_results.abstract,
            whole=of_results.is_abstract_known,
        ),
        Item(
            number="3",
            asks="background, and what the model is for",
            author="the clinical question, what is done today, and where the model would stand in it",
        ),
        Item(
            number="4",
            asks="aims and hypotheses",
            author="what you wanted to know, and what you expected before you looked",
        ),
        Item(
            number="5",
            asks="collected before or after the question was asked",
            author="whether the images were collected for this study (prospective) or before it (retrospective)",
            says=of_readers.design,
            whole=of_readers.is_design_known,
        ),
        Item(
            number="6", asks="goal of the study", author="what the model is meant for", says=of_model.goal, whole=True
        ),
        Item(
            number="7",
            asks="sources of the data",
            author="links to public sets, and how the images came to you",
            says=of_data.sources,
            whole=True,
        ),
        Item(
            number="8",
            asks="who was taken and who was left out",
            author="which patients and images were looked for, where and when, before they came into the project",
            says=of_data.eligibility,
        ),
        Item(
            number="9",
            asks="preparation of the images",
            author="what was done to the images before they came into the project",
            says=of_model.preprocessing,
            whole=True,
        ),
        Item(
            number="10",
            asks="parts of the data that were used",
            author="why parts of images or of series were chosen",
            says=of_data.subsets,
            whole=True,
        ),
        Item(
            number="11",
            asks="removal of identities",
            author="how files were de-identified before they came into the project, and by which rule",
            says=of_data.identity,
            whole=of_data.is_identity_known,
        ),
        Item(
            number="12",
            asks="missing data",
            author="what may be biased by what is missing",
            says=of_data.missing,
            whole=True,
        ),
        Item(
            number="13",
            asks="acquisition of the images",
            author="devices, protocols and settings",
            says=of_data.acquisition,
            whole=True,
        ),
        Item(
            number="14",
            asks="definition of the reference standard",
            author="what each label means, so that another reader would give the same",
            says=of_data.reference,
        ),
        Item(
            number="15",
            asks="why this reference standard",
            author="why it was chosen before others, and its known errors",
        ),
        Item(
            number="16",
            asks="who made the reference standard",
            author="how many people of which training and years, and what they were told",
            says=of_readers.readers,
        ),
        Item(
            number="17",
            asks="annotation of the test cases",
            author="what readers saw and were asked, and what an automatic step did",
            says=of_readers.tool,
            whole=of_readers.was_said_here,
        ),
        Item(
            number="18",
            asks="variability of readers",
            author="agreement between readers and of one reader with themselves, and how differences were settled",
            says=of_readers.variability,
            whole=of_readers.is_variability_known,
        ),
        Item(number="19", asks="assignment to parts", author="why these shares", says=of_data.partition, whole=True),
        Item(
            number="20",
            asks="level on which parts are apart",
            author="on which level parts are apart",
            says=of_data.disjoint,
            whole=True,
        ),
        Item(
            number="21",
            asks="intended size of the test part",
            author="how the size was decided beforehand",
            says=of_results.sample_size,
            whole=of_results.has_shares,
        ),
        Item(
            number="22",
            asks="the model in full",
            author="layers, inputs and outputs",
            says=of_model.architecture,
            whole=True,
        ),
        Item(number="23", asks="software", author="other software that was used", says=of_model.software, whole=True),
        Item(
            number="24",
            asks="first values of the weights",
            author="from where weights came",
            says=of_model.start,
            whole=True,
        ),
        Item(
            number="25",
            asks="training in full",
            author="settings, augmentation, stopping",
            says=of_model.training,
            whole=True,
        ),
        Item(
            number="26",
            asks="choice of the final model",
            author="how the final model was chosen",
            says=of_model.selection,
            whole=True,
        ),
        Item(
            number="27",
            asks="ensembles",
            author="how answers of several models are joined",
            says=of_model.ensemble,
            whole=True,
        ),
        Item(number="28", asks="figures", author="which figures and why", says=of_results.metrics, whole=True),
        Item(
            number="29",
            asks="uncertainty and significance",
            author="how intervals and tests were made",
            says=of_results.uncertainty,
            whole=True,
        ),
        Item(
            number="30", asks="robustness", author="sensitivity to what varies", says=of_results.robustness, whole=True
        ),
        Item(
            number="31",
            asks="explanation",
            author="how answers are explained, and how that was checked",
            says=of_results.explanation,
            whole=True,
        ),
        Item(
            number="32", asks="test on own data", author="on which held-out cases", says=of_results.internal, whole=True
        ),
        Item(
            number="33",
            asks="test on data from elsewhere",
            author="why no data from elsewhere were tested, or where they are from",
            says=of_results.external,
            whole=of_model.is_external,
        ),
        Item(
            number="34", asks="registration of a trial", author="the register and number, where it is a clinical trial"
        ),
        Item(
            number="35",
            asks="numbers taken and left out",
            author="a flow chart from the first patient looked at",
            says=of_data.numbers,
            whole=True,
        ),
        Item(
            number="36",
            asks="who the patients of each part are",
            author="age, sex and what else matters, of each part; the headers of these images say neither",
            says=of_data.demographics,
            whole=True,
        ),
        Item(
            number="37",
            asks="performance of the final model",
            author="figures on each part and group",
            says=of_results.performance,
            whole=True,
        ),
        Item(
            number="38",
            asks="estimates with their precision",
            author="figures with intervals",
            says=of_results.estimates,
            whole=True,
        ),
        Item(
            number="39",
            asks="failures",
            author="what went wrong, and what it would mean for a patient",
            says=of_results.failures,
            whole=True,
        ),
        Item(
            number="40",
            asks="limitations",
            author="what else limits the study",
            says=of_results.limitations,
            whole=True,
        ),
        Item(
            number="41",
            asks="implications",
            author="what the model would change in practice, and what stands against it",
        ),
        Item(number="42", asks="full protocol", author="where the protocol and further details are"),
        Item(
            number="43",
            asks="availability of software, model and data",
            author="where software, model and data can be had, and on which terms",
            says=of_model.availability,
        ),
        Item(number="44", asks="funding", author="who paid, and what they had a say in"),
    ),
)
