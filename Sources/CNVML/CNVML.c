// Holds the declarations to the layout that NVML has on every 64-bit Linux. It has no code.
#include "CNVML.h"

#include <stddef.h>

#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type)
#define AT(type, member, offset) _Static_assert(offsetof(type, member) == (offset), #type "." #member)

SIZE(CNVMLUtilization, 8);
SIZE(CNVMLMemory, 24);
SIZE(CNVMLMemoryV2, 40);
AT(CNVMLMemoryV2, total, 8);
AT(CNVMLMemoryV2, used, 32);
SIZE(CNVMLBAR1Memory, 24);
SIZE(CNVMLPCIInfo, 68);
AT(CNVMLPCIInfo, busID, 36);
SIZE(CNVMLProcess, 16);
AT(CNVMLProcess, usedMemory, 8);
SIZE(CNVMLProcessV3, 24);
AT(CNVMLProcessV3, gpuInstance, 16);
SIZE(CNVMLViolationTime, 16);
SIZE(CNVMLFieldValue, 40);
AT(CNVMLFieldValue, type, 24);
AT(CNVMLFieldValue, bits, 32);
SIZE(CNVMLTemperature, 12);
SIZE(CNVMLMarginTemperature, 8);
SIZE(CNVMLEvent, 32);
AT(CNVMLEvent, gpuInstance, 24);
