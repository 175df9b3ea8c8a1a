#ifndef TRAINING_EXPORTER_CZSTD_H
#define TRAINING_EXPORTER_CZSTD_H

#include <zstd.h>

#endif
