"""The metrics under the names that the program has for them."""

from metrics import *  # noqa: F403
from metrics import detections_per_image as detections_count  # noqa: F401
