"""Tiny trainings with the real frameworks, each with its callback. Those that are not installed are left out.

`make test` has Keras, and Lightning and Transformers where pip has a PyTorch for CPUs; `make judge-python` has them all.
"""

import importlib.util
import os
import pathlib
import subprocess
import sys
import textwrap
import unittest

import support

CATALOG = """
version: 1
labels: { run: { max_values: 10 } }
metrics:
  training_loss: { type: gauge, help: Loss, labels: [run] }
  validation_loss: { type: gauge, help: Loss, labels: [run] }
  learning_rate: { type: gauge, help: Rate }
  epochs: { type: gauge, help: Epoch }
  items_total: { type: counter, help: Items }
watchers:
  app: { files: "events/*", format: events }
"""


def installed(*names):
    return unittest.skipUnless(all(importlib.util.find_spec(name) for name in names), f"{' and '.join(names)} is missing")


class FrameworkTests(support.ModuleTest):
    catalog = CATALOG

    def expect(self, *metrics):
        (series,) = support.read(self.events)[0].values()
        found = {metric: line["value"] for (metric, _), line in series.items()}
        for metric in metrics:
            self.assertIsInstance(found[metric], float, found)
        return found

    def train(self, code, *launcher):
        pathlib.Path(self.folder.name, "program.py").write_text("import metrics as m\n" + textwrap.dedent(code))
        environment = {**os.environ, "KERAS_BACKEND": "jax", "CUDA_VISIBLE_DEVICES": "", "HF_HUB_OFFLINE": "1"}
        result = subprocess.run([sys.executable, "-W", "ignore", *launcher, "program.py"], cwd=self.folder.name, text=True,
                                env=environment, capture_output=True, timeout=600)  # fmt: skip
        self.assertEqual(result.returncode, 0, (result.stdout + result.stderr)[-3000:])
        return result.stderr

    @installed("keras", "jax")
    def test_keras(self):
        errors = self.train("""
            import keras, numpy
            model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
            model.compile("sgd", "mse")
            callback = m.KerasCallback({"loss": m.training_loss, "val_loss": m.validation_loss, "epoch": m.epochs,
                                        "accuracy": m.learning_rate}, {"run": "tiny"})
            x, y = numpy.random.rand(64, 4), numpy.random.rand(64, 1)
            model.fit(x, y, validation_split=0.25, epochs=3, callbacks=[callback], verbose=0)
        """)
        self.assertEqual(self.expect("training_loss", "validation_loss")["epochs"], 2)
        self.assertIn("never reported accuracy", errors)

    @installed("lightning", "torch")
    def test_lightning(self):
        self.train("""
            import lightning, torch
            class Tiny(lightning.LightningModule):
                def __init__(self):
                    super().__init__()
                    self.layer = torch.nn.Linear(4, 1)
                def loss(self, name, batch):
                    loss = self.layer(batch[0]).pow(2).mean()
                    self.log(name, loss)
                    return loss
                def training_step(self, batch, index): return self.loss("train_loss", batch)
                def validation_step(self, batch, index): return self.loss("val_loss", batch)
                def configure_optimizers(self): return torch.optim.SGD(self.parameters(), 0.1)
            data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.rand(64, 4)), 8)
            callback = m.LightningCallback({"train_loss": m.training_loss, "val_loss": m.validation_loss}, {"run": "tiny"})
            trainer = lightning.Trainer(max_epochs=2, callbacks=[callback], logger=False, enable_checkpointing=False,
                                        enable_progress_bar=False, accelerator="cpu")
            trainer.fit(Tiny(), data, data)
        """)
        self.expect("training_loss", "validation_loss")

    @installed("transformers", "torch", "accelerate")
    def test_transformers(self):
        self.train("""
            import torch, transformers
            class Tiny(torch.nn.Module):
                def __init__(self):
                    super().__init__()
                    self.layer = torch.nn.Linear(4, 1)
                def forward(self, x, labels=None): return {"loss": (self.layer(x) - labels).pow(2).mean()}
            data = [{"x": torch.rand(4), "labels": torch.rand(1)} for _ in range(64)]
            arguments = transformers.TrainingArguments("out", max_steps=10, logging_steps=2, report_to=[],
                                                       save_strategy="no", disable_tqdm=True)
            callback = m.TransformersCallback({"loss": m.training_loss, "learning_rate": "learning_rate"}, {"run": "tiny"})
            transformers.Trainer(model=Tiny(), args=arguments, train_dataset=data, callbacks=[callback]).train()
        """)
        self.expect("training_loss", "learning_rate")

    @installed("lightning", "torch")
    def test_ranks_of_torchrun_and_workers_of_data_loaders(self):
        self.train(
            """
            import torch
            class Items(torch.utils.data.Dataset):
                def __len__(self): return 40
                def __getitem__(self, index):
                    m.items_total.inc()
                    return torch.rand(4)
            for workers, method in [(0, None), (2, "fork"), (2, "spawn")]:
                if __name__ == "__main__":
                    for _ in torch.utils.data.DataLoader(Items(), 4, num_workers=workers, multiprocessing_context=method): pass
            m.epochs.inc()
            """,
            "-m", "torch.distributed.run", "--nproc-per-node", "2", "--master-port", "0",
        )  # fmt: skip
        self.assertEqual(support.totals(self.events, "items_total"), 2 * 3 * 40)
        processes, ended = support.read(self.events)
        self.assertEqual(set(processes), ended)

    @installed("ultralytics", "torch")
    def test_ultralytics(self):
        self.train("""
            import pathlib, pickle
            import cv2, numpy
            from ultralytics import YOLO
            for split in ["train", "val"]:
                for kind in ["images", "labels"]: pathlib.Path("data", kind, split).mkdir(parents=True)
                for number in range(4):
                    image = numpy.random.randint(0, 255, (64, 64, 3), dtype=numpy.uint8)
                    cv2.imwrite(f"data/images/{split}/{number}.png", image)
                    pathlib.Path(f"data/labels/{split}/{number}.txt").write_text("0 0.5 0.5 0.4 0.4")
            pathlib.Path("data.yaml").write_text(f"path: {pathlib.Path('data').absolute()}\\ntrain: images/train\\n"
                                                 "val: images/val\\nnames: {0: thing}\\n")
            callback = m.UltralyticsCallback({"train/box_loss": m.training_loss, "val/box_loss": m.validation_loss,
                                              "lr/pg0": m.learning_rate, "epoch": m.epochs}, {"run": "tiny"})
            pickle.loads(pickle.dumps(callback))
            model = YOLO("yolov8n.yaml")
            callback.attach(model)
            model.train(data="data.yaml", epochs=2, imgsz=64, batch=2, device="cpu", workers=0, plots=False, verbose=False)
        """)
        self.assertEqual(self.expect("training_loss", "validation_loss", "learning_rate")["epochs"], 2)


if __name__ == "__main__":
    unittest.main()
