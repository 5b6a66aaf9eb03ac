"""What a person is asked for on the way: folders, files, projects; and the view for the clipboard."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from viewer.ui.window.forgetting import Forgetting

if TYPE_CHECKING:
    from viewer.ui.flows.desk import Desk

IMAGE_FILES = (
    "Images (*.dcm *.dic *.ima DICOMDIR *.nii *.nii.gz *.hdr *.nrrd *.nhdr *.mha *.mhd *.png *.jpg *.jpeg *.tif *.tiff "
    "*.zip);;All files (*)"
)


class FileDialogs:
    """Dialogs of the File menu."""

    def __init__(self, session: "Desk", parent: QWidget) -> None:
        self._session, self._parent = session, parent
        self.forgetting = Forgetting(session, parent)

    def open_folder(self) -> None:
        """Ask for a folder and open it."""
        folder = QFileDialog.getExistingDirectory(self._parent, "Open folder", self._last())
        if folder:
            self._keep(Path(folder))
            self._session.open_paths([Path(folder)])

    def open_files(self) -> None:
        """Ask for files and open them."""
        names, _ = QFileDialog.getOpenFileNames(self._parent, "Open files", self._last(), IMAGE_FILES)
        if names:
            self._keep(Path(names[0]).parent)
            self._session.open_paths([Path(name) for name in names])

    def open_sample(self) -> None:
        """Make the sample study (once) and open it."""
        session = self._session

        def work() -> Path:
            from viewer.reading.phantom import sample_folder

            return sample_folder()

        def done(folder: Path) -> None:
            session.opening.places.of_program.add(folder)
            session.open_paths([folder])

        session.announced.emit("busy", "The sample study is being made on this computer, once: about ten seconds.")
        session.run_in_background(work, done, session.announce_failure)

    def open_project(self) -> None:
        """Ask for a project's folder, or for where a new one shall lie."""
        from viewer.ui.dialogs.open_project import OpenProjectDialog

        dialog = OpenProjectDialog(self._session, self._parent)
        if dialog.exec():
            self._session.projects.open_folder(dialog.folder, create=dialog.creates, case_unit=dialog.case_unit)

    def add_opened(self) -> None:
        """Say what would go into the project, and add it when a person agrees."""
        from viewer.ui.dialogs.add_images import AddImagesDialog

        dialog = AddImagesDialog(self._session, self._parent)
        if dialog.exec():
            self._session.members.add_to_project(dialog.series, cut_stacks=dialog.cut_stacks)

    def copy_view(self) -> None:
        """Put the active view on the clipboard, without patient text."""
        image = self._session.active_view.grab_view(without_patient_text=True)
        QGuiApplication.clipboard().setImage(image)
        self._session.said.emit("The view is on the clipboard, without patient text.")

    def _last(self) -> str:
        return self._session.settings.word("last_folder", str(Path.home()))

    def _keep(self, folder: Path) -> None:
        self._session.settings.set_word("last_folder", str(folder))
