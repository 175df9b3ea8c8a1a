internal import MetricModel

/// What the collector offers: its records, their labels, and the readings that stand in no table of calls.
enum NVMLRecord: Int, CaseIterable {
  case driver, gpu, ecc, throttle, throttleTime, link, instance, process, xid
}

extension NVMLReadings {
  static let descriptor = CollectorDescriptor(
    name: "nvml",
    help: "NVIDIA GPUs, as the driver's management library (NVML) says.",
    keys: [
      .init("sample", .duration, help: "how often to look between two collections, such as 100ms; without it never")
    ],
    records: NVMLRecord.allCases.map(record)
  )

  private static func record(_ record: NVMLRecord) -> RecordDescriptor {
    switch record {
    case .driver: driver
    case .gpu:
      RecordDescriptor("gpu", help: "GPU", labels: gpuLabels, readings: own + groups.flatMap(\.readings) + sampled)
    case .ecc: ecc
    case .throttle: throttle
    case .throttleTime: throttleTime
    case .link: link
    case .instance: instance
    case .process: process
    case .xid: xid
    }
  }

  typealias Label = RecordDescriptor.Label

  private static let gpuLabels = [
    Label("device_id", "Number of the GPU, from 0; it may be another one after a restart", identifies: false),
    Label("uuid", "What the GPU is known by for ever"),
    Label("name", "Product", identifies: false),
    Label("pci_bus_id", "Where it is, such as `00000000:3B:00.0`", identifies: false),
  ]

  private static let driver = RecordDescriptor(
    "driver",
    help: "Driver of the GPUs",
    labels: [
      Label("driver_version", "Version of the driver"),
      Label("cuda_version", "Highest version of CUDA that the driver runs"),
      Label("nvml_version", "Version of the library"),
    ],
    readings: [
      level(
        "driver.info",
        "1; the versions are its labels",
        "nvmlSystemGetDriverVersion, nvmlSystemGetCudaDriverVersion_v2, nvmlSystemGetNVMLVersion",
        joining: .maximum,
        chapter: "System Queries"
      ),
      amount("device.count", "GPUs that the driver counts, lost ones too", "nvmlDeviceGetCount_v2"),
    ]
  )

  /// Before those of the groups.
  private static let own = [
    level("gpu.up", "1: the GPU answers; 0: it is lost", "all calls", joining: .minimum),
    counter(
      "xid.errors",
      "XID errors that the driver told of since the exporter was started",
      "nvmlEventSetWait_v2",
      chapter: "Event Handling Methods"
    ),
  ]

  /// After those of the groups, where `sample:` is set; in the order of `NVMLSamples.report`.
  static let sampled = [
    counter("sample.count", "Looks at the GPU between collections", "nvmlDeviceGetUtilizationRates"),
    counter(
      "utilization.busy_seconds",
      unit: "seconds",
      "Time in which any kernel ran: the utilisation, summed up over samples",
      "nvmlDeviceGetUtilizationRates"
    ),
    counter(
      "energy.sampled_joules",
      unit: "joules",
      "Energy: the power draw, summed up over samples; for GPUs without `energy.joules`",
      "nvmlDeviceGetPowerUsage"
    ),
    level(
      "utilization.gpu_maximum_ratio",
      unit: "ratio",
      "Highest utilisation of all samples since the last collection",
      "nvmlDeviceGetUtilizationRates",
      joining: .maximum
    ),
    level(
      "power.maximum_watts",
      unit: "watts",
      "Highest power draw of all samples since the last collection",
      "nvmlDeviceGetPowerUsage",
      joining: .maximum
    ),
    level(
      "memory.used_maximum_bytes",
      unit: "bytes",
      "Most device memory in use of all samples since the last collection",
      memoryFunctions,
      joining: .maximum
    ),
  ]

  private static let ecc = RecordDescriptor(
    "gpu.ecc",
    help: "Memory errors of a GPU",
    labels: gpuLabels + [
      Label("error_type", "`corrected` or `uncorrected`"),
      Label("counter_type", "`volatile`: since the driver was loaded; `aggregate`: of the GPU's whole life"),
    ],
    readings: [counter("ecc.errors", "Memory errors that ECC found", "nvmlDeviceGetTotalEccErrors")]
  )

  private static let throttle = RecordDescriptor(
    "gpu.throttle",
    help: "Reason for lower clocks",
    labels: gpuLabels + [Label("reason", reasons.map { "`\($0.name)`" }.joined(separator: ", "))],
    readings: [
      level(
        "throttle.active",
        "1: clocks are lower for this reason",
        "nvmlDeviceGetCurrentClocksEventReasons, else nvmlDeviceGetCurrentClocksThrottleReasons",
        joining: .maximum
      )
    ]
  )

  private static let throttleTime = RecordDescriptor(
    "gpu.throttle_time",
    help: "Limit that kept clocks low",
    labels: gpuLabels + [Label("policy", policies.map { "`\($0.name)`" }.joined(separator: ", "))],
    readings: [
      counter(
        "throttle.seconds",
        unit: "seconds",
        "Time in which this limit kept clocks low",
        "nvmlDeviceGetViolationStatus, nvmlDeviceGetFieldValues"
      )
    ]
  )

  private static let link = RecordDescriptor(
    "gpu.nvlink",
    help: "NVLink of a GPU",
    labels: gpuLabels + [Label("link", "Number of the link, from 0")],
    readings: linkReadings
  )

  private static let instance = RecordDescriptor(
    "mig",
    help: "Instance of a divided GPU",
    labels: gpuLabels + [
      Label("mig_uuid", "What the instance is known by, as in `CUDA_VISIBLE_DEVICES`"),
      Label("gpu_instance_id", "GPU instance"),
      Label("compute_instance_id", "Compute instance in it"),
      Label("profile", "Its size, such as `3g.40gb`"),
    ],
    readings: ["used", "free", "total", "reserved"].map {
      amount(
        "mig.memory_\($0)_bytes",
        unit: "bytes",
        "Memory of the GPU instance: \($0). Compute instances of one GPU instance share it",
        memoryFunctions
      )
    }
  )

  private static let process = RecordDescriptor(
    "gpu.process",
    help: "Process that uses a GPU",
    labels: gpuLabels + [
      Label("mig_uuid", "Instance of a divided GPU, or `none`"),
      Label("pid", "Process, as the machine counts"),
      Label("type", "`compute`, `graphics`, `mps`, or several with `+`"),
      Label("process", "Its name, or `unknown`", identifies: false),
    ],
    readings: [
      amount(
        "process.memory_used_bytes",
        unit: "bytes",
        "Device memory that the process has",
        "nvmlDeviceGetComputeRunningProcesses_v3 and its siblings"
      ),
      amount(
        "process.count",
        "1 for each process, also where its memory is not known",
        "nvmlDeviceGetComputeRunningProcesses_v3 and its siblings"
      ),
    ]
  )

  private static let xid = RecordDescriptor(
    "gpu.xid",
    help: "Kind of XID error",
    labels: gpuLabels + [Label("xid", "Number of the error in NVIDIA's list, or `other`")],
    readings: [
      counter(
        "xid.errors_by_code",
        "XID errors of this number since the exporter was started",
        "nvmlEventSetWait_v2",
        chapter: "Event Handling Methods"
      )
    ]
  )
}
