"""A training script with metrics. Where it was written for prometheus_client, only the imports are others."""

import math
import sys
import time

import metrics as pm
from metrics import start_metrics_server, start_system_metrics_collector


class Optimizer:
    """A stand-in for PyTorch's."""

    param_groups = [{"lr": 0.01}]


def train_one_epoch(epoch):
    time.sleep(0.05)
    Optimizer.param_groups[0]["lr"] *= 0.9
    return math.exp(-epoch / 10)


def validate(epoch):
    return 1 - math.exp(-(epoch + 1) / 5)


def train_model(config):
    # In the place of a server in this process: training-exporter serves what the module writes.
    start_metrics_server(port=8000)
    # The exporter reads the machine itself: see `collectors:` in metrics.yaml.
    start_system_metrics_collector(interval=15)

    model_name = config["model"]["variant"]
    optimizer, val_frequency = Optimizer(), 2
    for epoch in range(config["training"]["epochs"]):
        epoch_start = time.time()
        lr = optimizer.param_groups[0]["lr"]
        pm.learning_rate.labels(model=model_name).set(lr)

        train_loss = train_one_epoch(epoch)
        pm.training_loss.labels(model=model_name, epoch=str(epoch)).set(train_loss)

        epoch_duration = time.time() - epoch_start
        pm.training_duration.labels(model=model_name).observe(epoch_duration)

        if epoch % val_frequency == 0:
            map_50 = validate(epoch)
            pm.validation_map.labels(model=model_name, iou_threshold="0.5").set(map_50)

        # With PyTorch: torch.cuda.memory_allocated()
        pm.gpu_memory_allocated.labels(device_id="0").set(2 * 1024**3)


if __name__ == "__main__":
    epochs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    train_model({"model": {"variant": "yolov11m-obb"}, "training": {"epochs": epochs}})
