"""A made-up chest: CT volumes and projection radiographs of several patients, as valid DICOM, with the truth beside."""

from viewer.reading.phantom.dicom import MANUFACTURER
from viewer.reading.phantom.sample import sample_folder, write_radiographs, write_sample
from viewer.reading.phantom.truth import SampleStudy

__all__ = ["MANUFACTURER", "SampleStudy", "sample_folder", "write_radiographs", "write_sample"]
