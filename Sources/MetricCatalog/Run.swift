public import MetricModel
public import PatternSyntax

extension Watcher {
  /// What a watcher's logs say of training runs: `run:`. Watchers whose runs have the same labels tell of the same runs.
  public struct Run: Sendable, Hashable {
    /// A label that tells runs apart.
    public struct Label: Sendable, Hashable {
      /// The label as `labels:` declares it: which values it may have holds for runs, too.
      public var descriptor: LabelDescriptor
      /// What gives the value: texts, and captures of the log's path. So the run is known before a record is read.
      public var text: LabelText

      /// The label's name.
      public var name: String { descriptor.name }

      /// Creates a label from its declaration and text.
      public init(descriptor: LabelDescriptor, text: LabelText) {
        self.descriptor = descriptor
        self.text = text
      }
    }

    /// How many steps or epochs are planned.
    public enum Planned: Sendable, Hashable {
      /// So many, above 0 and finite.
      case count(Double)
      /// As many as this field says, by its dotted name.
      case field(String)
    }

    /// Which of two scores is the better one: `better:`, whose words are the raw values.
    public enum Better: String, Sendable, Hashable, CaseIterable {
      /// The higher one, as with an accuracy.
      case higher
      /// The lower one, as with an error rate.
      case lower
    }

    /// The labels that tell runs apart, in the order of the catalog's `labels:`. Without any, all logs of the watcher are
    /// of one run.
    public var labels: [Label]
    /// The fields that say which step a run has reached; the first that a record has counts: `step:`.
    public var step: [String]
    /// The same of epochs: `epoch:`.
    public var epoch: [String]
    /// How many steps are planned: `steps:`. It is nil if the catalog does not say.
    public var steps: Planned?
    /// How many epochs are planned: `epochs:`. It is nil if the catalog does not say.
    public var epochs: Planned?
    /// The field with the training loss: `loss:`.
    public var loss: String?
    /// The field by which a run's best record is told: `score:`.
    public var score: String?
    /// Which score is the better one: `better:`, the higher one by default.
    public var better: Better
    /// The field that says when a record was made, as ISO 8601 or in seconds or milliseconds since 1970: `time:`. With
    /// nil it is what the format has for that, or else the modification time that the log had when the record was read.
    public var time: String?
    /// What has to hold for a record to say that its run has finished well: `finished:`. With several, all have to hold;
    /// with none, no record says so.
    public var finished: [Condition]
    /// What has to hold for a record to say that its run has failed: `failed:`.
    public var failed: [Condition]
    /// Which processes run a training: `process:`. Each entry settles all of `labels` and no others, by its captures and
    /// its own labels. Of several entries that match a process the first counts.
    public var processes: [Catalog.Collector.Match]
    /// Where a run's checkpoints are, files or folders: `checkpoints:`. These patterns and those below are as `files` of
    /// the watcher. Their captures are some of those that every pattern of `files` has, and stand for what the path of the
    /// run's log has there.
    public var checkpoints: [Pattern]
    /// Files that say that the run has finished well once they are there: `finished_file:`.
    public var finishedFiles: [Pattern]
    /// Files that say that the run has failed once they are there: `failed_file:`.
    public var failedFiles: [Pattern]

    /// Creates a run from its properties; without arguments, what `run: {}` means without labels.
    public init(
      labels: [Label] = [],
      step: [String] = [],
      epoch: [String] = [],
      steps: Planned? = nil,
      epochs: Planned? = nil,
      loss: String? = nil,
      score: String? = nil,
      better: Better = .higher,
      time: String? = nil,
      finished: [Condition] = [],
      failed: [Condition] = [],
      processes: [Catalog.Collector.Match] = [],
      checkpoints: [Pattern] = [],
      finishedFiles: [Pattern] = [],
      failedFiles: [Pattern] = []
    ) {
      self.labels = labels
      self.step = step
      self.epoch = epoch
      self.steps = steps
      self.epochs = epochs
      self.loss = loss
      self.score = score
      self.better = better
      self.time = time
      self.finished = finished
      self.failed = failed
      self.processes = processes
      self.checkpoints = checkpoints
      self.finishedFiles = finishedFiles
      self.failedFiles = failedFiles
    }
  }
}
