# Callbacks of training frameworks. A framework is imported only when its callback is used.

_Target = _t.Union[str, _Series, "_Family[_t.Any]"]


class _Feed:
    """Hands what a framework reports to metrics: `{"loss": m.training_loss, "lr": "learning_rate"}`.

    A metric is given as it is, by its name, or as a series with its labels. `labels` holds for all metrics that have
    them. It can be pickled: Ultralytics hands its callbacks to other processes.
    """

    def __init__(self, metrics: _t.Mapping[str, _Target], labels: _t.Mapping[str, object] | None = None) -> None:
        self.metrics, self.labels = dict(metrics), dict(labels or {})
        self.fed: set[str] = set()
        self.seen: set[str] = set()

    def take(self, values: _t.Mapping[str, object]) -> None:
        """Feeds each metric whose key is there."""
        for key, value in values.items():
            if len(self.seen) < 1_000:
                self.seen.add(str(key)[:200])
            if key in self.metrics and value is not None:
                self.fed.add(key)
                try:
                    self._feed(self.metrics[key], value)
                except Exception as error:
                    if _os.environ.get("TRAINING_EXPORTER_STRICT") == "1":
                        raise
                    _warn("callback", f"`{key}` cannot feed its metric: {error}")

    def _feed(self, target: _t.Any, value: _t.Any) -> None:
        if isinstance(target, str):
            target = metric(target)
        if isinstance(target, _Family):
            names = {label.name for label in target._definition.labels}
            labels = {name: label for name, label in self.labels.items() if name in names}
            target = _bound(target, labels) if names else target
        if isinstance(target, Gauge):
            target.set(value)
        elif isinstance(target, Counter):
            target.inc(value)
        elif isinstance(target, (Histogram, Summary)):
            target.observe(value)
        elif isinstance(target, StateSet):
            target.state(value)
        else:
            _refuse("not_a_number", target._definition.name, "", "a callback cannot feed facts")

    def say_what_is_missing(self) -> None:
        """At the end: what was never reported, and what was."""
        missing = sorted(set(self.metrics) - self.fed)
        if missing:
            seen = ", ".join(sorted(self.seen)) or "nothing"
            _warn("callback_keys", f"the training never reported {', '.join(missing)}. It reported: {seen}")


def _first_of(*modules: str) -> _t.Any:
    for name in modules:
        try:
            return _import_module(name)
        except ImportError:
            continue
    raise ImportError(f"{' or '.join(modules)} is not installed")


def _transformers() -> type:
    """`Trainer(…, callbacks=[m.TransformersCallback({"loss": m.training_loss})])`"""
    base: _t.Any = _first_of("transformers").TrainerCallback

    class TransformersCallback(_Feed, base):  # type: ignore[misc]
        def on_log(self, args: _t.Any, state: _t.Any, control: _t.Any, logs: _t.Any = None, **more: _t.Any) -> None:
            if state.is_world_process_zero:
                self.take(logs or {})

        def on_train_end(self, args: _t.Any, state: _t.Any, control: _t.Any, **more: _t.Any) -> None:
            if state.is_world_process_zero:
                self.say_what_is_missing()

    return TransformersCallback


def _lightning() -> type:
    """`Trainer(…, callbacks=[m.LightningCallback({"train_loss": m.training_loss})])`: whatever `self.log` logs."""
    base: _t.Any = _first_of("lightning.pytorch", "pytorch_lightning").Callback

    class LightningCallback(_Feed, base):  # type: ignore[misc]
        def _look(self, trainer: _t.Any) -> None:
            if trainer.is_global_zero and not trainer.sanity_checking:
                self.take(trainer.callback_metrics)

        def on_train_batch_end(self, trainer: _t.Any, *more: _t.Any, **others: _t.Any) -> None:
            # What was logged in a step is there only every `log_every_n_steps`.
            if trainer.is_global_zero and trainer._logger_connector.should_update_logs:
                self._look(trainer)

        def on_train_epoch_end(self, trainer: _t.Any, module: _t.Any) -> None:
            self._look(trainer)

        def on_validation_end(self, trainer: _t.Any, module: _t.Any) -> None:
            self._look(trainer)

        def on_test_end(self, trainer: _t.Any, module: _t.Any) -> None:
            self._look(trainer)

        def on_fit_end(self, trainer: _t.Any, module: _t.Any) -> None:
            if trainer.is_global_zero:
                self.say_what_is_missing()

    return LightningCallback


def _keras() -> type:
    """`model.fit(…, callbacks=[m.KerasCallback({"loss": m.training_loss})])`: the logs of each epoch."""
    base: _t.Any = _first_of("keras", "tensorflow.keras").callbacks.Callback

    class KerasCallback(_Feed, base):  # type: ignore[misc]
        def __init__(self, metrics: _t.Mapping[str, _Target], labels: _t.Mapping[str, object] | None = None) -> None:
            base.__init__(self)
            _Feed.__init__(self, metrics, labels)

        def on_epoch_end(self, epoch: int, logs: _t.Any = None) -> None:
            self.take({"epoch": epoch, **(logs or {})})

        def on_train_end(self, logs: _t.Any = None) -> None:
            self.say_what_is_missing()

    return KerasCallback


class UltralyticsCallback(_Feed):
    """`m.UltralyticsCallback({"train/box_loss": m.training_loss}).attach(model)`: the columns of results.csv."""

    def attach(self, model: _t.Any) -> None:
        """Has the model call it, in whichever process trains it."""
        model.add_callback("on_fit_epoch_end", self)
        model.add_callback("on_train_end", self.say_at_end)

    def __call__(self, trainer: _t.Any) -> None:
        """An epoch has ended, with its validation."""
        if _os.environ.get("RANK", "-1") in ("-1", "0"):
            try:
                # Behind the last epoch it is called once more, for the best model.
                if trainer.epoch >= trainer.epochs:
                    return
                losses = trainer.label_loss_items(trainer.tloss, prefix="train")
                self.take({"epoch": trainer.epoch + 1, **losses, **trainer.metrics, **trainer.lr})
            except Exception as error:
                _warn("callback", f"this version of Ultralytics reports otherwise: {error!r}")

    def say_at_end(self, trainer: _t.Any) -> None:
        if _os.environ.get("RANK", "-1") in ("-1", "0"):
            self.say_what_is_missing()


_callback_classes: dict[str, _t.Callable[[], type]] = {
    "TransformersCallback": _transformers,
    "LightningCallback": _lightning,
    "KerasCallback": _keras,
}


def _callback_class(name: str) -> type:
    """The class, made when it is first asked for. It can be pickled: it stands in the module under its name."""
    made = _callback_classes[name]()
    made.__qualname__ = name
    globals()[name] = made
    return made


if _t.TYPE_CHECKING:

    class TransformersCallback(_Feed):
        """For Hugging Face's Trainer."""

    class LightningCallback(_Feed):
        """For Lightning's Trainer."""

    class KerasCallback(_Feed):
        """For the `fit` of Keras."""
