internal import MetricModel

/// Memory errors that lasted, and the modes of one GPU.
extension NVMLReadings {
  static let health: [Group] = [
    Group(
      readings: [
        flag("ecc.enabled", "1: memory errors are corrected and counted", "nvmlDeviceGetEccMode"),
        flag("ecc.pending", "1: so it will be after the next restart", "nvmlDeviceGetEccMode"),
      ]
    ) { calls in
      let mode = calls.pair(.nvmlDeviceGetEccMode)
      return [mode?.0, mode?.1]
    },
    Group(
      readings: [
        counter(
          "retired_pages.single_bit",
          "Pages taken out of use after many errors of one bit (GPUs before Ampere)",
          "nvmlDeviceGetFieldValues(NVML_FI_DEV_RETIRED_SBE)",
          chapter: fieldChapter
        ),
        counter(
          "retired_pages.double_bit",
          "Pages taken out of use after an error of two bits (GPUs before Ampere)",
          "nvmlDeviceGetFieldValues(NVML_FI_DEV_RETIRED_DBE)",
          chapter: fieldChapter
        ),
        flag(
          "retired_pages.pending",
          "1: a restart is needed for pages to be taken out of use",
          "nvmlDeviceGetFieldValues(NVML_FI_DEV_RETIRED_PENDING)"
        ),
      ]
    ) { $0.fields([.init(id: 29), .init(id: 30), .init(id: 31)]) },
    Group(
      readings: [
        counter("remapped_rows.correctable", "Rows replaced after correctable errors", "nvmlDeviceGetRemappedRows"),
        counter("remapped_rows.uncorrectable", "Rows replaced after uncorrectable errors", "nvmlDeviceGetRemappedRows"),
        flag("remapped_rows.pending", "1: a reset is needed for rows to be replaced", "nvmlDeviceGetRemappedRows"),
        flag("remapped_rows.failure", "1: a row could not be replaced", "nvmlDeviceGetRemappedRows"),
      ]
    ) { calls in
      calls.four(.nvmlDeviceGetRemappedRows)?.map { Double($0) } ?? [nil, nil, nil, nil]
    },
  ]

  static let modes: [Group] = [
    Group(
      readings: [
        flag("mig.enabled", "1: the GPU is divided into instances", "nvmlDeviceGetMigMode"),
        flag("mig.pending", "1: so it will be after the next reset", "nvmlDeviceGetMigMode"),
      ]
    ) { calls in
      let mode = calls.pair(.nvmlDeviceGetMigMode)
      return [mode?.0, mode?.1]
    },
    Group(
      readings: [
        flag(
          "persistence.enabled",
          "1: the driver stays loaded while nobody uses the GPU",
          "nvmlDeviceGetPersistenceMode"
        ),
        level(
          "compute.mode",
          "Who may use the GPU: 0 everybody, 2 nobody, 3 one process",
          "nvmlDeviceGetComputeMode",
          joining: .maximum
        ),
      ]
    ) { [$0.number(.nvmlDeviceGetPersistenceMode), $0.number(.nvmlDeviceGetComputeMode)] },
  ]
}
