"""A learning curve of a run: its recipe trained on growing parts of the training patients, judged on validation.

Its job's folder is RUN/learning_curve. Only `job.py` loads torch.
"""
