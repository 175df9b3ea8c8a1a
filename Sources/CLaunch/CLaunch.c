#define _GNU_SOURCE
#include "CLaunch.h"

#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static int argument_count = -1;
static char **arguments;

/// The C library hands constructors what it hands `main`. The Swift runtime has no other way to them than by
/// `/proc/self/cmdline`, or from where the environment began, and finds none where `/proc` is not there or a library
/// that was loaded before has moved the environment.
///
/// The strings are kept where they are and not copied: the kernel has put them on the first stack, which stays as long
/// as the process does, and a copy could fail.
__attribute__((constructor(101))) static void keep_arguments(int count, char **values, char **environment) {
  (void)environment;
  if (count < 1 || values == NULL || values[0] == NULL) return;
  argument_count = count;
  arguments = values;
}

int claunch_argument_count(void) { return argument_count; }

const char *claunch_argument(int index) {
  return index >= 0 && index < argument_count && arguments[index] != NULL ? arguments[index] : "";
}

static void end_signals(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGTERM);
  sigaddset(set, SIGINT);
}

void claunch_hold_signals(void) {
  sigset_t held;
  end_signals(&held);
  sigaddset(&held, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &held, NULL);
}

void claunch_release_signals(void) {
  sigset_t held;
  end_signals(&held);
  sigaddset(&held, SIGHUP);
  pthread_sigmask(SIG_UNBLOCK, &held, NULL);
}

int claunch_take_end_signal(int milliseconds) {
  sigset_t ends;
  end_signals(&ends);
  struct timespec limit = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  int signal = sigtimedwait(&ends, NULL, &limit);
  return signal > 0 ? signal : 0;
}

static void *wait_at(void *gate) {
  pthread_rwlock_rdlock(gate);
  pthread_rwlock_unlock(gate);
  return NULL;
}

/// Whether so many bytes of addresses can be had; no memory is used.
static int has_room(size_t bytes) {
  void *start = mmap(NULL, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (start == MAP_FAILED) return 0;
  munmap(start, bytes);
  return 1;
}

/// As large as the C library makes the stack of a thread that asks for nothing.
static size_t stack_bytes(void) {
  pthread_attr_t attributes;
  size_t bytes = 0;
  if (pthread_getattr_default_np(&attributes) != 0) return 0;
  pthread_attr_getstacksize(&attributes, &bytes);
  pthread_attr_destroy(&attributes);
  return bytes;
}

int claunch_try_threads(int count, size_t room, int *begun) {
  *begun = 0;
  // The stacks are mapped together, since one by one they take most of the time; the threads here need little of them.
  const size_t stack = stack_bytes();
  const size_t used = PTHREAD_STACK_MIN;
  pthread_t *threads = calloc((size_t)count, sizeof *threads);
  char *stacks = mmap(NULL, (size_t)count * stack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  // Else a first touch of a stack may clear 2 MiB.
  if (stacks != MAP_FAILED) madvise(stacks, (size_t)count * stack, MADV_NOHUGEPAGE);
  int failure = threads == NULL || stacks == MAP_FAILED || stack < used ? CLAUNCH_NO_ROOM : 0;
  pthread_rwlock_t gate = PTHREAD_RWLOCK_INITIALIZER;
  pthread_rwlock_wrlock(&gate);
  while (failure == 0 && *begun < count) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstack(&attributes, stacks + (size_t)*begun * stack, used);
    if (pthread_create(&threads[*begun], &attributes, wait_at, &gate) == 0) {
      *begun += 1;
    } else {
      failure = CLAUNCH_NO_THREAD;
    }
    pthread_attr_destroy(&attributes);
  }
  if (failure == 0 && !has_room(room)) failure = CLAUNCH_NO_ROOM;
  pthread_rwlock_unlock(&gate);
  for (int index = 0; index < *begun; index += 1) pthread_join(threads[index], NULL);
  if (stacks != MAP_FAILED) munmap(stacks, (size_t)count * stack);
  free(threads);
  return failure;
}

void claunch_save_addresses(void) { mallopt(M_ARENA_MAX, 1); }

void claunch_give_memory_back(void) { malloc_trim(0); }

int claunch_try_descriptors(int count) {
  int *opened = calloc((size_t)count, sizeof *opened);
  if (opened == NULL) return 0;
  int made = 0;
  while (made < count && (opened[made] = eventfd(0, EFD_CLOEXEC)) >= 0) made += 1;
  for (int index = 0; index < made; index += 1) close(opened[index]);
  free(opened);
  return made;
}
