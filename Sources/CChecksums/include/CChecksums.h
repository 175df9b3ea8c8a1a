// CRC-32C by the processor's own instruction, which C has a name for and Swift has not.
#ifndef TRAINING_EXPORTER_CCHECKSUMS_H
#define TRAINING_EXPORTER_CCHECKSUMS_H

#include <stddef.h>
#include <stdint.h>

/// Whether this processor has the instruction: 1 or 0.
int cchecksums_has_crc32c(void);

/// The CRC-32C of bytes that come behind others whose check is `before`, or 0 where there are none. Only for a processor
/// that has the instruction.
uint32_t cchecksums_crc32c(uint32_t before, const void *bytes, size_t count);

#endif
