/// What machine and container run out of.
enum MachineAlerts {
  static func all(_ scene: RuleScene) -> [AlertRule] {
    [
      memoryLow(scene), outOfMemory(scene), containerMemory(scene), containerOutOfMemory(scene), fileSystem(scene),
      sharedMemory(scene),
    ].compactMap(\.self)
  }

  private static let memoryShare = Setting(
    "memoryLowRatio",
    "0.05",
    "The share of the machine's memory below which what is available counts as almost nothing"
  )
  private static let memoryHold = Setting("memoryLowFor", "5m", "How long the machine has had almost no memory")
  private static let containerShare = Setting(
    "containerMemoryHighRatio",
    "0.9",
    "The share of the limit that the working set of a container may have"
  )
  private static let containerHold = Setting("containerMemoryHighFor", "5m", "How long a container is near its limit")
  private static let fileSystemShare = Setting(
    "fileSystemFullRatio",
    "0.05",
    "The share of a file system below which what is available counts as almost nothing"
  )
  private static let fileSystemHold = Setting("fileSystemFullFor", "15m", "How long a file system is almost full")
  private static let sharedShare = Setting("sharedMemoryFullRatio", "0.9", "The share of /dev/shm that may be in use")
  private static let sharedHold = Setting("sharedMemoryFullFor", "5m", "How long /dev/shm is almost full")

  private typealias Share = (expression: OpenText, labels: [String])

  private static func memoryLow(_ scene: RuleScene) -> AlertRule? {
    guard let available = scene.reading("system", "memory.available_bytes") else { return nil }
    let share: Share?
    let rest: MeasuredSeries?
    if let total = scene.reading("system", "memory.total_bytes") {
      (share, rest) = (available.share(of: total), total)
    } else {
      // What is in use is the total less what is available.
      rest = scene.reading("system", "memory.used_bytes")
      share = rest.flatMap(available.share(with:))
    }
    guard let share, let rest else { return nil }
    return AlertRule(
      "TrainingMemoryLow",
      .warning,
      when: "\(share.expression) < \(setting: memoryShare)",
      for: memoryHold,
      summary: "\(RuleScene.subject("The machine", share.labels)) has \(value: .share) of its memory left",
      description: """
        Soon the kernel ends a process, mostly the training, or the machine stands still while it swaps. Data loaders with \
        many workers and caches in memory are the usual reasons.
        """,
      scenario: AlertScenario(
        after: 30,
        labels: available.exampleLabels(share.labels),
        value: "4%",
        [
          available.example(firing: .always(4), healthy: .always(50)),
          rest.reading.descriptor.name == "memory.used_bytes"
            ? rest.example(firing: .always(96), healthy: .always(50))
            : rest.example(firing: .always(100), healthy: .always(100)),
        ]
      )
    )
  }

  private static func kills(
    _ name: String,
    _ series: MeasuredSeries,
    of: String,
    _ description: AlertText
  ) -> AlertRule {
    AlertRule(
      name,
      .critical,
      when: "increase(\(series.selector)[15m]) > 0",
      summary: "\(RuleScene.subject(of, series.labels)) has had processes killed for want of memory",
      description: description,
      scenario: AlertScenario(
        after: 30,
        labels: series.exampleLabels,
        [series.example(firing: .changing(0, minutes: 25, 1), healthy: .always(0))]
      )
    )
  }

  private static func outOfMemory(_ scene: RuleScene) -> AlertRule? {
    guard let series = scene.reading("system", "memory.oom_kills") else { return nil }
    return kills(
      "TrainingOutOfMemoryKill",
      series,
      of: "The machine",
      """
      The kernel did that in the last 15 minutes, of the machine or of a container. Its log names them \
      (`journalctl -k | grep -i 'killed process'`). If it was a data loader, the training may hang.
      """
    )
  }

  private static func containerMemory(_ scene: RuleScene) -> AlertRule? {
    let share: Share
    let series: [AlertScenario.Series]
    let example: [String: String]
    if let ratio = scene.reading("cgroup", "memory.limit_usage_ratio") {
      share = (ratio.inUnit(ratio.selector), ratio.labels)
      series = [ratio.example(firing: .always(0.95), healthy: .always(0.5))]
      example = ratio.exampleLabels
    } else if let used = scene.reading("cgroup", "memory.working_set_bytes"),
      let limit = scene.reading("cgroup", "memory.limit_bytes")
    {
      share = used.share(of: limit)
      series = [
        used.example(firing: .always(95), healthy: .always(50)),
        limit.example(firing: .always(100), healthy: .always(100)),
      ]
      example = used.exampleLabels(share.labels)
    } else {
      return nil
    }
    return AlertRule(
      "TrainingContainerMemoryHigh",
      .warning,
      when: "\(share.expression) > \(setting: containerShare)",
      for: containerHold,
      summary: """
        \(RuleScene.subject("The container", share.labels)) uses \(value: .share) of the memory that it may have
        """,
      description: """
        At its limit the kernel ends one of its processes, or Kubernetes evicts it. What lies in /dev/shm counts too. Give \
        it more, or have fewer workers of the data loader.
        """,
      scenario: AlertScenario(after: 30, labels: example, value: "95%", series)
    )
  }

  private static func containerOutOfMemory(_ scene: RuleScene) -> AlertRule? {
    guard let series = scene.reading("cgroup", "memory.events.oom_kill") else { return nil }
    return kills(
      "TrainingContainerOutOfMemoryKill",
      series,
      of: "The container",
      """
      The kernel did that in the last 15 minutes at the limit of the container. If it was a data loader, the training may \
      hang. Give it more memory, or have fewer workers.
      """
    )
  }

  private static func fileSystem(_ scene: RuleScene) -> AlertRule? {
    guard let available = scene.reading("system", "file_system.available_bytes"),
      let size = scene.reading("system", "file_system.size_bytes")
    else { return nil }
    let share = available.share(of: size)
    return AlertRule(
      "TrainingFileSystemFull",
      .warning,
      when: "\(share.expression) < \(setting: fileSystemShare)",
      for: fileSystemHold,
      summary: "\(RuleScene.subject("The file system", share.labels)) has \(value: .share) left",
      description: """
        A training that cannot save a checkpoint or write its log fails. Old checkpoints, caches of data sets and core \
        dumps are what there mostly is to delete.
        """,
      scenario: AlertScenario(
        after: 30,
        labels: available.exampleLabels(share.labels),
        value: "4%",
        [
          available.example(firing: .always(4), healthy: .always(50)),
          size.example(firing: .always(100), healthy: .always(100)),
        ]
      )
    )
  }

  private static func sharedMemory(_ scene: RuleScene) -> AlertRule? {
    guard let used = scene.reading("system", "shared_memory.used_bytes"),
      let size = scene.reading("system", "shared_memory.size_bytes")
    else { return nil }
    let share = used.share(of: size)
    return AlertRule(
      "TrainingSharedMemoryFull",
      .warning,
      when: "\(share.expression) > \(setting: sharedShare)",
      for: sharedHold,
      summary: "\(RuleScene.subject("/dev/shm", share.labels)) is \(value: .share) full",
      description: """
        Data loaders pass batches through it, and end with a bus error where it is full. Give the container more \
        (`--shm-size`, or an `emptyDir` in memory), or have fewer workers.
        """,
      scenario: AlertScenario(
        after: 30,
        labels: used.exampleLabels(share.labels),
        value: "95%",
        [
          used.example(firing: .always(95), healthy: .always(10)),
          size.example(firing: .always(100), healthy: .always(100)),
        ]
      )
    )
  }
}
