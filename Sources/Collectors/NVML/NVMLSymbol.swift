/// The functions that the collector calls, by the names under which the library has them. A driver that lacks one has
/// what it gives left out.
package enum NVMLSymbol: String, CaseIterable, Hashable {
  case nvmlErrorString
  case nvmlInit_v2, nvmlInit, nvmlShutdown
  case nvmlSystemGetDriverVersion, nvmlSystemGetNVMLVersion
  case nvmlSystemGetCudaDriverVersion_v2, nvmlSystemGetCudaDriverVersion
  case nvmlDeviceGetCount_v2, nvmlDeviceGetCount
  case nvmlDeviceGetHandleByIndex_v2, nvmlDeviceGetHandleByIndex
  case nvmlDeviceGetUUID, nvmlDeviceGetName
  case nvmlDeviceGetPciInfo_v3, nvmlDeviceGetPciInfo_v2, nvmlDeviceGetPciInfo
  case nvmlDeviceGetUtilizationRates, nvmlDeviceGetEncoderUtilization, nvmlDeviceGetDecoderUtilization
  case nvmlDeviceGetJpgUtilization, nvmlDeviceGetOfaUtilization
  case nvmlDeviceGetMemoryInfo_v2, nvmlDeviceGetMemoryInfo, nvmlDeviceGetBAR1MemoryInfo
  case nvmlDeviceGetPowerUsage, nvmlDeviceGetEnforcedPowerLimit, nvmlDeviceGetPowerManagementDefaultLimit
  case nvmlDeviceGetPowerManagementLimitConstraints, nvmlDeviceGetTotalEnergyConsumption
  case nvmlDeviceGetTemperatureV, nvmlDeviceGetTemperature, nvmlDeviceGetTemperatureThreshold
  case nvmlDeviceGetMarginTemperature
  case nvmlDeviceGetClockInfo, nvmlDeviceGetMaxClockInfo
  case nvmlDeviceGetFanSpeed, nvmlDeviceGetPerformanceState
  case nvmlDeviceGetEccMode, nvmlDeviceGetTotalEccErrors, nvmlDeviceGetRemappedRows
  case nvmlDeviceGetCurrentClocksEventReasons, nvmlDeviceGetCurrentClocksThrottleReasons
  case nvmlDeviceGetSupportedClocksEventReasons, nvmlDeviceGetSupportedClocksThrottleReasons
  case nvmlDeviceGetViolationStatus
  case nvmlDeviceGetPcieThroughput, nvmlDeviceGetPcieReplayCounter
  case nvmlDeviceGetCurrPcieLinkGeneration, nvmlDeviceGetCurrPcieLinkWidth
  case nvmlDeviceGetMaxPcieLinkGeneration, nvmlDeviceGetMaxPcieLinkWidth
  case nvmlDeviceGetNvLinkState, nvmlDeviceGetNvLinkVersion, nvmlDeviceGetNvLinkErrorCounter
  case nvmlDeviceGetMigMode, nvmlDeviceGetMaxMigDeviceCount, nvmlDeviceGetMigDeviceHandleByIndex
  case nvmlDeviceGetGpuInstanceId, nvmlDeviceGetComputeInstanceId
  case nvmlDeviceGetComputeRunningProcesses_v3, nvmlDeviceGetComputeRunningProcesses_v2
  case nvmlDeviceGetComputeRunningProcesses
  case nvmlDeviceGetGraphicsRunningProcesses_v3, nvmlDeviceGetGraphicsRunningProcesses_v2
  case nvmlDeviceGetGraphicsRunningProcesses
  case nvmlDeviceGetMPSComputeRunningProcesses_v3, nvmlDeviceGetMPSComputeRunningProcesses_v2
  case nvmlDeviceGetMPSComputeRunningProcesses
  case nvmlDeviceGetPersistenceMode, nvmlDeviceGetComputeMode
  case nvmlDeviceGetFieldValues
  case nvmlEventSetCreate, nvmlDeviceRegisterEvents, nvmlEventSetWait_v2, nvmlEventSetWait, nvmlEventSetFree
}
