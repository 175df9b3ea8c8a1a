#include "CPage.h"

// `#embed` is of C23, and clang has it for all versions of the language.
#pragma clang diagnostic ignored "-Wc23-extensions"

#if !__has_embed("/usr/share/javascript/dygraphs/dygraph.min.js")
#error "dygraphs, which draws the curves, is missing: `make deps-build` or `apt-get install libjs-dygraphs`"
#endif

static const unsigned char document[] = {
#embed "../Page/web/index.html"
};

static const unsigned char script[] = {
#embed "../Page/web/page.js"
};

static const unsigned char style[] = {
#embed "../Page/web/page.css"
};

static const unsigned char curves_script[] = {
#embed "/usr/share/javascript/dygraphs/dygraph.min.js"
};

static const unsigned char curves_style[] = {
#embed "/usr/share/javascript/dygraphs/dygraph.min.css"
};

struct cpage_file cpage_document(void) { return (struct cpage_file){document, sizeof document}; }
struct cpage_file cpage_script(void) { return (struct cpage_file){script, sizeof script}; }
struct cpage_file cpage_style(void) { return (struct cpage_file){style, sizeof style}; }
struct cpage_file cpage_curves_script(void) { return (struct cpage_file){curves_script, sizeof curves_script}; }
struct cpage_file cpage_curves_style(void) { return (struct cpage_file){curves_style, sizeof curves_style}; }
