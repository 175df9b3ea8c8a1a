/// What NVML's functions write, as its API reference says it: our own declarations of the few structures that the
/// collector reads, so that no header and no library of NVIDIA's is needed to build. `CNVML.c` holds them to the sizes
/// of the 64-bit ABI. It declares no function: those are found at run time.
#pragma once

#include <stdint.h>

/// "NVML API reference, Device Queries": percent of the last sample period.
typedef struct {
  uint32_t gpu;
  uint32_t memory;
} CNVMLUtilization;

/// What nvmlDeviceGetMemoryInfo writes; `used` has the reserved memory in it.
typedef struct {
  uint64_t total;
  uint64_t free;
  uint64_t used;
} CNVMLMemory;

/// What nvmlDeviceGetMemoryInfo_v2 writes; `version` has to be set before.
typedef struct {
  uint32_t version;
  uint64_t total;
  uint64_t reserved;
  uint64_t free;
  uint64_t used;
} CNVMLMemoryV2;

typedef struct {
  uint64_t total;
  uint64_t free;
  uint64_t used;
} CNVMLBAR1Memory;

/// Of nvmlDeviceGetPciInfo_v3. The function's second version has the legacy text at the same place.
typedef struct {
  char busIDLegacy[16];
  uint32_t domain;
  uint32_t bus;
  uint32_t device;
  uint32_t deviceID;
  uint32_t subsystemID;
  char busID[32];
} CNVMLPCIInfo;

/// Of nvmlDeviceGetComputeRunningProcesses and its siblings.
typedef struct {
  uint32_t pid;
  uint64_t usedMemory;
} CNVMLProcess;

/// Of the same functions with _v2 and _v3.
typedef struct {
  uint32_t pid;
  uint64_t usedMemory;
  uint32_t gpuInstance;
  uint32_t computeInstance;
} CNVMLProcessV3;

/// `violationTime` is in nanoseconds.
typedef struct {
  uint64_t referenceTime;
  uint64_t violationTime;
} CNVMLViolationTime;

/// Of nvmlDeviceGetFieldValues; `field` and `scope` are set before. What `bits` holds, `type` says.
typedef struct {
  uint32_t field;
  uint32_t scope;
  int64_t timestamp;
  int64_t latency;
  uint32_t type;
  uint32_t result;
  uint64_t bits;
} CNVMLFieldValue;

/// `version` and `sensor` are set before.
typedef struct {
  uint32_t version;
  uint32_t sensor;
  int32_t celsius;
} CNVMLTemperature;

typedef struct {
  uint32_t version;
  int32_t celsius;
} CNVMLMarginTemperature;

/// Of nvmlEventSetWait_v2; the first version writes all but the instances.
typedef struct {
  void *device;
  uint64_t type;
  uint64_t data;
  uint32_t gpuInstance;
  uint32_t computeInstance;
} CNVMLEvent;
