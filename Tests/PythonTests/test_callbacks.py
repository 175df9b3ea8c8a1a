"""The callbacks, with what frameworks call of them. `frameworks.py` has real trainings; this needs none installed."""

import pickle
import sys
import types

import support


class Trainer:
    """What the callbacks look at in the trainers of Lightning and Ultralytics."""

    is_global_zero, sanity_checking = True, False
    _logger_connector = types.SimpleNamespace(should_update_logs=True)
    callback_metrics = {"train_loss": 0.25}
    epochs, epoch, tloss, lr, metrics = 1, 0, None, {"lr/pg0": 0.01}, {"metrics/mAP50(B)": 0.75}

    def label_loss_items(self, losses, prefix):
        return {f"{prefix}/box_loss": 1.5}


class CallbackTests(support.ModuleTest):
    def setUp(self):
        super().setUp()
        self.m = self.load()
        self.m._after_fork_in_child()
        base = type("Callback", (), {"__init__": lambda self: None, "__module__": "transformers"})
        for name, content in {
            "transformers": {"TrainerCallback": base}, "keras": {"callbacks": types.SimpleNamespace(Callback=base)},
            "lightning": {}, "lightning.pytorch": {"Callback": base},
        }.items():  # fmt: skip
            module = types.ModuleType(name)
            module.__dict__.update(content)
            was = sys.modules.get(name)
            sys.modules[name] = module
            self.addCleanup(lambda name=name, was=was: sys.modules.pop(name) if was is None else None)

    def loss(self, run="first"):
        return self.m.loss.labels(run, "a")._value

    def test_each_callback_feeds_metrics(self):
        m, labels = self.m, {"run": "first", "model": "a", "unused": "x"}
        state = types.SimpleNamespace(is_world_process_zero=True)
        callback = m.TransformersCallback({"loss": m.loss, "grad_norm": "wait_seconds"}, labels)
        callback.on_log(None, state, None, logs={"loss": 0.5, "grad_norm": 2.0, "epoch": 1})
        state.is_world_process_zero = False
        callback.on_log(None, state, None, logs={"loss": 99})
        self.assertEqual((self.loss(), m.wait_seconds._sum), (0.5, 2.0))

        m.LightningCallback({"train_loss": m.loss.labels("second", "a")}).on_train_epoch_end(Trainer(), None)
        self.assertEqual(self.loss("second"), 0.25)

        m.KerasCallback({"loss": m.loss, "epoch": "level"}, labels).on_epoch_end(3, {"loss": 0.125})
        self.assertEqual((self.loss(), m.level._value), (0.125, 3))

        m.UltralyticsCallback({"train/box_loss": m.loss, "lr/pg0": m.level}, labels)(Trainer())
        self.assertEqual((self.loss(), m.level._value), (1.5, 0.01))

    def test_callbacks_can_be_pickled(self):
        for name in ["TransformersCallback", "LightningCallback", "KerasCallback", "UltralyticsCallback"]:
            callback = getattr(self.m, name)({"loss": self.m.loss, "level": self.m.level}, {"run": "r"})
            copy = pickle.loads(pickle.dumps(callback))
            self.assertIs(type(copy), type(callback))
            self.assertIs(copy.metrics["loss"], self.m.loss)

    def test_keys_that_never_came_are_named_with_those_that_came(self):
        callback = self.m.KerasCallback({"loss": "level", "val_loss": "level"})
        callback.on_epoch_end(1, {"loss": 1, "accuracy": 2})
        with self.assertLogs("training_exporter", "WARNING") as logs:
            callback.on_train_end()
        self.assertIn("never reported val_loss. It reported: accuracy, epoch, loss", logs.output[0])

    def test_a_training_goes_on_whatever_is_reported(self):
        with self.assertLogs("training_exporter", "WARNING") as logs:
            callback = self.m.KerasCallback({"loss": "nothing", "text": "level", "acc": self.m.loss})
            for _ in range(3):
                callback.on_epoch_end(1, {"loss": 1, "text": object(), "acc": 1})
            self.m.UltralyticsCallback({"a": "level"})(object())
        self.assertLessEqual(len(logs.output), 3)


if __name__ == "__main__":
    support.unittest.main()
