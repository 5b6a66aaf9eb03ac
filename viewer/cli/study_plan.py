"""What the study trains: one row of the README's table each, and where its images lie."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import into a set's project. path: relative to the data folder's cxr/. column_map: as --map."""

    format: str
    path: str
    column_map: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyRow:
    """One row: a task, its folds and its recipe.

    source: a key of SOURCES; its project is shared by its rows. fold_column: of folds.csv beside the set.
    init_row: the row whose model of fold 0 it starts from. baseline: the published figure it is compared with.
    settings: KEY=VALUE over the kind's defaults; 128 px unless said there.
    """

    name: str
    title: str
    source: str
    task: str
    kind: str
    labels: tuple[str, ...]
    exclusive: bool
    fold_file: str
    fold_column: str
    model: str
    settings: tuple[str, ...]
    baseline: str
    figures: tuple[str, ...] = ("auc_fold_mean", "auc", "accuracy")
    init_row: str = ""
    against_row: str = ""


SOURCES: dict[str, tuple[Import, ...]] = {
    "kermany": (
        Import(
            format="csv",
            path="kermany/labels.csv",
            column_map="image=path,patient=patient_id,label=label,label=sublabel",
        ),
    ),
    "nih": (Import(format="csv", path="nih/labels.csv", column_map="image=path,patient=patient_id,label=finding"),),
    "lungs": (
        # group_id joins one woman's two patient ids; `label=` because the film's finding is another question.
        Import(
            format="csv",
            path="lungs/labels.csv",
            column_map="image=path,patient=group_id,mask=mask_path,mask_label=Lung,label=",
        ),
        Import(format="coco", path="lungs/boxes_coco.json", column_map="patient="),
    ),
}

PX = "input_px=128"

ROWS: tuple[StudyRow, ...] = (
    StudyRow(
        name="kermany-pneumonia",
        title="Kermany, normal or pneumonia",
        source="kermany",
        task="pneumonia",
        kind="classification",
        labels=("NORMAL", "PNEUMONIA"),
        exclusive=True,
        fold_file="kermany/folds.csv",
        fold_column="fold_label",
        model="resnet18",
        settings=(PX, "epochs=6"),
        baseline="AUC 0.981",
    ),
    StudyRow(
        name="kermany-cause",
        title="Kermany, bacteria or virus",
        source="kermany",
        task="cause",
        kind="classification",
        labels=("bacteria", "virus"),
        exclusive=True,
        fold_file="kermany/folds.csv",
        fold_column="fold_sublabel",
        model="simple_cnn",
        settings=(PX, "epochs=20"),
        baseline="AUC 0.706",
    ),
    StudyRow(
        name="nih-finding",
        title="NIH, finding or none",
        source="nih",
        task="finding",
        kind="classification",
        labels=("finding",),
        exclusive=False,
        fold_file="nih/folds.csv",
        fold_column="fold_finding",
        model="resnet18",
        settings=(PX, "epochs=5"),
        baseline="AUC 0.581 (view alone 0.604)",
    ),
    StudyRow(
        name="nih-finding-finetuned",
        title="NIH, finding or none, fine-tuned from Kermany",
        source="nih",
        task="finding",
        kind="classification",
        labels=("finding",),
        exclusive=False,
        fold_file="nih/folds.csv",
        fold_column="fold_finding",
        model="resnet18",
        settings=(PX, "epochs=5", "freeze_epochs=1", "learning_rate=0.0002"),
        baseline="AUC 0.581 (view alone 0.604)",
        init_row="kermany-pneumonia",
        against_row="nih-finding",
    ),
    StudyRow(
        name="lung-masks",
        title="Lungs, masks",
        source="lungs",
        task="lung",
        kind="segmentation",
        labels=("Lung",),
        exclusive=False,
        fold_file="lungs/folds.csv",
        fold_column="fold_mask",
        model="small_unet",
        settings=(PX, "epochs=25", "learning_rate=0.003"),
        baseline="mean mask: Dice 0.761",
        figures=("dice",),
    ),
    StudyRow(
        name="lung-boxes",
        title="Lungs, a box per side",
        source="lungs",
        task="side",
        kind="detection",
        labels=("Right Lung", "Left Lung"),
        exclusive=False,
        fold_file="lungs/folds.csv",
        fold_column="fold_box",
        model="center_point",
        settings=(PX, "epochs=120"),
        baseline="mean box: IoU 0.716, mAP@0.75 0.185",
        figures=("iou", "map75", "map50", "f1"),
    ),
)
