"""Catalogs for the generated logs."""

CSV = """\
version: 1
labels:
  component: { values: [box, cls, dfl] }
  score: { values: [precision, recall, mAP50, mAP50-95] }
metrics:
  log_lines_total: { type: counter, help: Lines }
  epoch: { type: gauge, help: Epoch }
  elapsed_seconds: { type: gauge, help: Time since the start }
  training_loss: { type: gauge, help: Training loss, labels: [component] }
  validation_loss: { type: gauge, help: Validation loss, labels: [component] }
  validation_score: { type: gauge, help: Validation score, labels: [score] }
watchers:
  log:
    files: results.csv
    format: csv
    each_record: log_lines_total
    fields:
      epoch: epoch
      time: elapsed_seconds
      train/{component}_loss: training_loss
      val/{component}_loss: validation_loss
      metrics/{score}(B): validation_score
"""

JSON_LINES = """\
version: 1
metrics:
  log_lines_total: { type: counter, help: Lines }
  step: { type: gauge, help: Step }
  loss: { type: gauge, help: Loss }
  lr: { type: gauge, help: Learning rate }
  epoch: { type: gauge, help: Epoch }
  grad_norm: { type: gauge, help: Norm of the gradients }
watchers:
  log:
    files: train.jsonl
    format: jsonl
    each_record: log_lines_total
    fields: { step: step, loss: loss, lr: lr, epoch: epoch, grad_norm: grad_norm }
"""

TEXT = """\
version: 1
metrics:
  log_lines_total: { type: counter, help: Lines }
  epoch: { type: gauge, help: Epoch }
  step: { type: gauge, help: Step }
  loss: { type: gauge, help: Loss }
  lr: { type: gauge, help: Learning rate }
  samples_per_second: { type: gauge, help: Speed }
  validation_loss: { type: gauge, help: Loss of the validation }
  accuracy: { type: gauge, help: Accuracy of the validation }
watchers:
  log:
    files: train.log
    format: text
    lines:
      - "train: epoch {epoch} step {step} | loss {loss} | lr {lr} | {samples_per_second} samples/s"
      - "val: epoch {epoch} | loss {validation_loss} | accuracy {accuracy}"
    each_record: log_lines_total
    fields:
      epoch: epoch
      step: step
      loss: loss
      lr: lr
      samples_per_second: samples_per_second
      validation_loss: validation_loss
      accuracy: accuracy
"""

PAIRS = JSON_LINES.replace("train.jsonl", "{file}").replace("format: jsonl", 'format: text\n    pairs: "{pair}"')
EQUALS = PAIRS.replace("{file}", "equals.log").replace("{pair}", "{key}={value}")
COLONS = PAIRS.replace("{file}", "colons.log").replace("{pair}", "{key}: {value}")

DICTS = """\
version: 1
metrics:
  log_lines_total: { type: counter, help: Lines }
  loss: { type: gauge, help: Loss }
  grad_norm: { type: gauge, help: Norm of the gradients }
  learning_rate: { type: gauge, help: Learning rate }
  epoch: { type: gauge, help: Epoch }
watchers:
  log:
    files: trainer.log
    format: pydict
    each_record: log_lines_total
    fields: { loss: loss, grad_norm: grad_norm, learning_rate: learning_rate, epoch: epoch }
"""

SERIES = """\
version: 1
limits: {{ series: 1000000, series_per_metric: 1000000 }}
labels:
  run: {{ max_values: 1000000 }}
  split: {{ values: [train, val] }}
  metric: {{ max_values: 10 }}
metrics:
  ml_train_value: {{ type: gauge, help: Last value., labels: [run, split, metric] }}
watchers:
  log:
    files: series_{count}.jsonl
    format: jsonl
    labels: {{ run: "{{.run}}", split: "{{.split}}", metric: "{{.metric}}" }}
    fields: {{ value: ml_train_value }}
"""

TENSORBOARD = """\
version: 1
labels:
  run: { max_values: 10 }
  part: { max_values: 100 }
metrics:
  log_scalars_total: { type: counter, help: Scalars }
  step: { type: gauge, help: Step, labels: [run] }
  loss: { type: gauge, help: Loss, labels: [run, part] }
watchers:
  log:
    files: "runs/{run}/events.out.tfevents.*"
    format: tensorboard
    each_record: log_scalars_total
    fields:
      step: step
      "train/loss_{part}": loss
"""

# The same series from many logs, as an mtail program without labels has them.
MANY_LOGS = JSON_LINES.replace("train.jsonl", "runs/*/*/train.jsonl")

# Each of many logs has series of its own.
MANY_RUNS = """\
version: 1
labels:
  run: { max_values: 10000 }
metrics:
  log_lines_total: { type: counter, help: Lines }
  step: { type: gauge, help: Step, labels: [run] }
  loss: { type: gauge, help: Loss, labels: [run] }
  lr: { type: gauge, help: Learning rate, labels: [run] }
  epoch: { type: gauge, help: Epoch, labels: [run] }
  grad_norm: { type: gauge, help: Norm of the gradients, labels: [run] }
watchers:
  log:
    files: "runs/{project}/{run}/train.jsonl"
    format: jsonl
    labels: { run: "{project}/{run}" }
    each_record: log_lines_total
    fields: { step: step, loss: loss, lr: lr, epoch: epoch, grad_norm: grad_norm }
"""

EVENTS = """version: 1
labels: {{ worker: {{ max_values: 1000 }} }}
metrics:
  images_processed_total: {{ type: counter, help: h, labels: [worker] }}
  training_loss: {{ type: gauge, help: h, labels: [worker] }}
  inference_time_seconds: {{ type: histogram, help: h, labels: [worker], buckets: {bounds} }}
watchers: {{ app: {{ files: "{files}", format: events }} }}
"""
