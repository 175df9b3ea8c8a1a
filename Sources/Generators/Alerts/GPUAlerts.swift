/// What GPUs suffer from.
enum GPUAlerts {
  static func all(_ scene: RuleScene) -> [AlertRule] {
    [
      lost(scene), throttled(scene), xidErrors(scene), memoryErrors(scene), remappingFailed(scene), memoryFull(scene),
      idle(scene),
    ].compactMap(\.self)
  }

  private static let throttleHold = Setting("gpuThrottledFor", "10m", "How long a GPU is slowed down by heat or power")
  private static let throttleShare = Setting(
    "gpuThrottledRatio",
    "0.1",
    "The share of the time that a GPU may be slowed down by heat or power"
  )
  private static let memoryShare = Setting(
    "gpuMemoryFullRatio",
    "0.98",
    "The share of a GPU's memory that may be in use"
  )
  private static let memoryHold = Setting("gpuMemoryFullFor", "15m", "How long a GPU's memory is as good as full")
  private static let idleShare = Setting("gpuIdleRatio", "0.05", "The utilization below which a GPU counts as idle")
  private static let idleHold = Setting("gpuIdleFor", "30m", "How long all GPUs are idle while a run goes on")

  private static func lost(_ scene: RuleScene) -> AlertRule? {
    guard let up = scene.reading("nvml", "gpu.up") else { return nil }
    return AlertRule(
      "TrainingGPULost",
      .critical,
      when: "\(up.selector.acrossGaps) == 0",
      summary: "\(RuleScene.subject("GPU", up.labels)) does not answer any more",
      description: """
        The driver has lost it, or it needs a reset: whatever trained on it has ended or hangs. The kernel's log has the \
        XID error (`dmesg | grep -i xid`), `nvidia-smi` says whether it comes back.
        """,
      scenario: AlertScenario(
        after: 10,
        labels: up.exampleLabels,
        [up.example(firing: .changing(1, minutes: 5, 0), healthy: .always(1))]
      )
    )
  }

  /// What slows a GPU down and is no setting: a power cap and idleness are normal.
  static let harmful = [
    "hw_slowdown", "sw_thermal_slowdown", "hw_thermal_slowdown", "hw_power_brake_slowdown",
  ]
  static let harmless = [
    "gpu_idle", "applications_clocks_setting", "sw_power_cap", "sync_boost", "display_clock_setting",
  ]
  static let harmfulPolicies = [
    "thermal", "sw_thermal_slowdown", "hw_thermal_slowdown", "hw_power_brake_slowdown",
  ]
  static let harmlessPolicies = [
    "power", "sync_boost", "board_limit", "low_utilization", "reliability", "total_app_clocks", "total_base_clocks",
  ]

  private static func throttled(_ scene: RuleScene) -> AlertRule? {
    let seconds = scene.reading("nvml", "throttle.seconds")?.having("policy", harmfulPolicies, others: harmlessPolicies)
    let active = scene.reading("nvml", "throttle.active")?.having("reason", harmful, others: harmless)
    guard let series = seconds ?? active, let reason = series.label(of: seconds == nil ? "reason" : "policy") else {
      return nil
    }
    let others = series.labels.filter { $0 != reason }
    let share = series.inUnit("rate(\(series.selector)[5m])")
    return AlertRule(
      "TrainingGPUThrottled",
      .warning,
      when: seconds == nil ? "\(series.selector) > 0" : "\(share) > \(setting: throttleShare)",
      for: throttleHold,
      summary: "\(RuleScene.subject("GPU", others)) is slowed down: \(label: reason)",
      description: """
        Heat or the power supply holds its clocks down, and all other GPUs of the training wait for it. Look at its \
        temperature and fans, and at the power of the machine. A power cap and idleness are not counted.
        """,
      scenario: AlertScenario(
        after: 30,
        labels: series.exampleLabels,
        [
          seconds == nil
            ? series.example(firing: .always(1), healthy: .always(0))
            : series.example(firing: .growing(30), healthy: .always(0))
        ]
      )
    )
  }

  private static func xidErrors(_ scene: RuleScene) -> AlertRule? {
    let all = scene.reading("nvml", "xid.errors")
    guard let series = all ?? scene.reading("nvml", "xid.errors_by_code") else { return nil }
    let growth: OpenText = "increase(\(series.selector)[15m]) > 0"
    return AlertRule(
      "TrainingGPUXIDErrors",
      .warning,
      // What is counted by code begins with its first error, at 1.
      when: all == nil ? "\(growth) or (\(series.selector) unless \(series.selector) offset 15m)" : growth,
      summary: "\(RuleScene.subject("GPU", series.labels)) has had XID errors",
      description: """
        The driver told of them in the last 15 minutes. Some come from the program (13, 31, 43, 45), others from the GPU \
        (48, 63, 64, 79, 94, 95): the kernel's log has the number (`dmesg | grep -i xid`), NVIDIA's list what it means.
        """,
      scenario: AlertScenario(
        after: 30,
        labels: series.exampleLabels,
        [series.example(firing: .changing(0, minutes: 25, 1), healthy: all == nil ? .absent : .always(0))]
      )
    )
  }

  private static func memoryErrors(_ scene: RuleScene) -> AlertRule? {
    guard var series = scene.reading("nvml", "ecc.errors")?.having("error_type", ["uncorrected"], others: ["corrected"])
    else { return nil }
    let volatile = series.having("counter_type", ["volatile"], others: ["aggregate"])
    series = volatile ?? series
    let hidden = ["error_type", "counter_type"].compactMap(series.label)
    return AlertRule(
      "TrainingGPUMemoryErrors",
      .critical,
      when: "increase(\(series.selector)[1h]) > 0",
      summary: "\(RuleScene.subject("GPU", series.labels.filter { !hidden.contains($0) })) has had memory errors",
      description: """
        ECC could not correct them. Programs on it were ended, or have computed with wrong numbers. Drain the machine, \
        reset the GPU, and have it replaced if that comes again.
        """,
      scenario: AlertScenario(
        after: 60,
        labels: series.exampleLabels,
        [series.example(firing: .changing(0, minutes: 40, 1), healthy: .always(0))]
      )
    )
  }

  private static func remappingFailed(_ scene: RuleScene) -> AlertRule? {
    guard let series = scene.reading("nvml", "remapped_rows.failure") else { return nil }
    return AlertRule(
      "TrainingGPURemappingFailed",
      .warning,
      when: "\(series.selector) > 0",
      summary: "\(RuleScene.subject("GPU", series.labels)) could not replace a row of its memory",
      description: "It has no spare rows where one is needed, so errors will come again. Have the GPU replaced.",
      scenario: AlertScenario(
        after: 10,
        labels: series.exampleLabels,
        [series.example(firing: .always(1), healthy: .always(0))]
      )
    )
  }

  private static func memoryFull(_ scene: RuleScene) -> AlertRule? {
    let used = scene.reading("nvml", "memory.used_bytes")
    let ratio = scene.reading("nvml", "memory.used_ratio")
    let query: (expression: OpenText, labels: [String])
    let series: [AlertScenario.Series]
    let example: [String: String]
    if let ratio {
      query = (ratio.inUnit(ratio.selector), ratio.labels)
      series = [ratio.example(firing: .always(0.99), healthy: .always(0.5))]
      example = ratio.exampleLabels
    } else if let used, let total = scene.reading("nvml", "memory.total_bytes") {
      query = used.share(of: total)
      series = [
        used.example(firing: .always(99), healthy: .always(50)),
        total.example(firing: .always(100), healthy: .always(100)),
      ]
      example = used.exampleLabels(query.labels)
    } else {
      return nil
    }
    return AlertRule(
      "TrainingGPUMemoryFull",
      .info,
      when: "\(query.expression) > \(setting: memoryShare)",
      for: memoryHold,
      summary: "\(RuleScene.subject("GPU", query.labels)) has \(value: .share) of its memory in use",
      description: """
        The next larger batch may not fit. It may also be as it should: frameworks keep what they once took, and JAX takes \
        most of the memory when it begins.
        """,
      scenario: AlertScenario(after: 30, labels: example, value: "99%", series)
    )
  }

  private static func idle(_ scene: RuleScene) -> AlertRule? {
    guard scene.feeds.hasRuns else { return nil }
    let ratio = scene.reading("nvml", "utilization.gpu_ratio")
    guard let series = ratio ?? scene.reading("nvml", "utilization.gpu_percent") else { return nil }
    let factor: Double = ratio == nil ? 100 : 1
    let told = series.labels + series.matched.map(\.label)
    let busiest: OpenText =
      told.isEmpty ? series.selector : "max without (\(told.joined(separator: ", "))) (\(series.selector))"
    let running = scene.runLabels.merging([RunAlerts.state: "running"]) { _, new in new }
    return AlertRule(
      "TrainingGPUIdle",
      .info,
      when: """
        \(series.inUnit(busiest, factor: factor)) < \(setting: idleShare)
          and on (job, instance) \(RunAlerts.runs(in: "running"))
        """,
      for: idleHold,
      summary: "A training goes on, and all GPUs on \(label: "instance") are idle",
      description: """
        It may wait for data, compile, evaluate on the CPU, or not use the GPU at all. Look at the load of the CPUs and \
        disks, and at `CUDA_VISIBLE_DEVICES` of its processes.
        """,
      scenario: AlertScenario(
        after: 60,
        [
          series.example(firing: .always(0), healthy: .always(0.9 * factor)),
          .init(RunAlerts.state, running, firing: .always(1), healthy: .always(1)),
        ]
      )
    )
  }
}
