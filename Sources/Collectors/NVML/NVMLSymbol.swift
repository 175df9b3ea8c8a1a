/// The functions that the collector calls, by the names under which the library has them. A driver that lacks one has
/// what it gives left out.
package enum NVMLSymbol: String, CaseIterable, Hashable {
  case nvmlErrorString
  case nvmlInitV2 = "nvmlInit_v2"
  case nvmlInit, nvmlShutdown
  case nvmlSystemGetDriverVersion, nvmlSystemGetNVMLVersion
  case nvmlSystemGetCudaDriverVersionV2 = "nvmlSystemGetCudaDriverVersion_v2"
  case nvmlSystemGetCudaDriverVersion
  case nvmlDeviceGetCountV2 = "nvmlDeviceGetCount_v2"
  case nvmlDeviceGetCount
  case nvmlDeviceGetHandleByIndexV2 = "nvmlDeviceGetHandleByIndex_v2"
  case nvmlDeviceGetHandleByIndex
  case nvmlDeviceGetUUID, nvmlDeviceGetName
  case nvmlDeviceGetPciInfoV3 = "nvmlDeviceGetPciInfo_v3"
  case nvmlDeviceGetPciInfoV2 = "nvmlDeviceGetPciInfo_v2"
  case nvmlDeviceGetPciInfo
  case nvmlDeviceGetUtilizationRates, nvmlDeviceGetEncoderUtilization, nvmlDeviceGetDecoderUtilization
  case nvmlDeviceGetJpgUtilization, nvmlDeviceGetOfaUtilization
  case nvmlDeviceGetMemoryInfoV2 = "nvmlDeviceGetMemoryInfo_v2"
  case nvmlDeviceGetMemoryInfo, nvmlDeviceGetBAR1MemoryInfo
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
  case nvmlDeviceGetComputeRunningProcessesV3 = "nvmlDeviceGetComputeRunningProcesses_v3"
  case nvmlDeviceGetComputeRunningProcessesV2 = "nvmlDeviceGetComputeRunningProcesses_v2"
  case nvmlDeviceGetComputeRunningProcesses
  case nvmlDeviceGetGraphicsRunningProcessesV3 = "nvmlDeviceGetGraphicsRunningProcesses_v3"
  case nvmlDeviceGetGraphicsRunningProcessesV2 = "nvmlDeviceGetGraphicsRunningProcesses_v2"
  case nvmlDeviceGetGraphicsRunningProcesses
  case nvmlDeviceGetMPSComputeRunningProcessesV3 = "nvmlDeviceGetMPSComputeRunningProcesses_v3"
  case nvmlDeviceGetMPSComputeRunningProcessesV2 = "nvmlDeviceGetMPSComputeRunningProcesses_v2"
  case nvmlDeviceGetMPSComputeRunningProcesses
  case nvmlDeviceGetPersistenceMode, nvmlDeviceGetComputeMode
  case nvmlDeviceGetFieldValues
  case nvmlEventSetCreate, nvmlDeviceRegisterEvents
  case nvmlEventSetWaitV2 = "nvmlEventSetWait_v2"
  case nvmlEventSetWait, nvmlEventSetFree
}
