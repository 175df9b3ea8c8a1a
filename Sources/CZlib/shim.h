#ifndef TRAINING_EXPORTER_CZLIB_H
#define TRAINING_EXPORTER_CZLIB_H

#include <zlib.h>

#endif
