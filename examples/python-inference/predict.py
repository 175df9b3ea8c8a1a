"""Prediction with metrics: images, failures in a batch, and the time of non-maximum suppression.

Where it was written for prometheus_client, only the imports are others.
"""

import sys

import names as pm
from metrics import count_calls, track_time, track_time_context


class Box:
    def __init__(self, conf):
        self.conf = conf


class Result:
    def __init__(self, boxes):
        self.boxes = boxes


class Model:
    """A stand-in for a real one: an image is its number of detections."""

    def predict(self, image_path):
        if image_path == "broken.jpg":
            raise OSError("the image cannot be read")
        detections = [Box(number / 10) for number in range(10)]
        return [Result(apply_nms(detections, 0.5))]


@count_calls(pm.images_processed, labels={"stage": "inference", "status": "success"})
@track_time(pm.inference_time, labels={"model": "yolov11m", "use_sahi": "true"})
def predict_image(model, image_path):
    """Run inference on single image with metrics."""
    results = model.predict(image_path)

    num_detections = len(results[0].boxes)
    pm.detections_count.labels(model="yolov11m").observe(num_detections)

    for box in results[0].boxes:
        conf = float(box.conf)
        pm.confidence_scores.labels(model="yolov11m").observe(conf)

    return results


def predict_batch(model, image_paths):
    """Predict on batch of images."""
    for image_path in image_paths:
        try:
            predict_image(model, image_path)
        except Exception as e:
            pm.images_processed.labels(stage="inference", status="failed").inc()
            pm.errors_total.labels(error_type=type(e).__name__, stage="inference").inc()
            raise


def nms_filter(detections, iou_threshold):
    return [box for box in detections if box.conf >= iou_threshold]


def apply_nms(detections, iou_threshold):
    """Apply NMS with timing."""
    before_count = len(detections)
    pm.detections_before_nms.labels(image_id="current").set(before_count)

    with track_time_context(pm.nms_filtering_time):
        filtered = nms_filter(detections, iou_threshold)

    after_count = len(filtered)
    pm.detections_after_nms.labels(image_id="current").set(after_count)
    return filtered


if __name__ == "__main__":
    try:
        predict_batch(Model(), sys.argv[1:] or ["a.jpg", "b.jpg", "broken.jpg", "c.jpg"])
    except OSError as error:
        sys.exit(f"predict.py: {error}")
