/* Says at the end how often a program allocated: to be preloaded. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t);
static atomic_ulong count;

void *malloc(size_t size) {
    atomic_fetch_add(&count, 1);
    return __libc_malloc(size);
}

__attribute__((destructor)) static void say(void) { fprintf(stderr, "%lu\n", (unsigned long)count); }
