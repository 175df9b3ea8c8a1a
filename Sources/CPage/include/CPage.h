/// The files of the page as they stand on the disk when this is compiled: ours, and the library that draws curves, of
/// which nothing is copied here. It decides nothing.
#pragma once

#include <stddef.h>

/// A file's bytes, which stay as long as the process does.
struct cpage_file {
  const unsigned char *bytes;
  size_t count;
};

struct cpage_file cpage_document(void);
struct cpage_file cpage_script(void);
struct cpage_file cpage_style(void);
/// dygraphs, of Debian's package libjs-dygraphs.
struct cpage_file cpage_curves_script(void);
struct cpage_file cpage_curves_style(void);
