// Shows the thread sanitizer what it cannot see of Swift's `Mutex` on Linux: where two threads want one lock, it is taken
// and given back inside the standard library, which is not built with the sanitizer. Without this every value behind a
// contended lock is reported. `make tsan` loads it before the standard library.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

// Neither is there in a process without the sanitizer, such as `swift test` itself.
extern void __tsan_acquire(void *) __attribute__((weak));
extern void __tsan_release(void *) __attribute__((weak));

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *

// Synchronization._MutexHandle._lockSlow(UInt32) and _unlockSlow()
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock_slow(uint32_t thread, SELF handle) __asm__(LOCK_SLOW);
SWIFT void lock_slow(uint32_t thread, SELF handle) {
  ((SWIFT void (*)(uint32_t, SELF))dlsym(RTLD_NEXT, LOCK_SLOW))(thread, handle);
  if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT void unlock_slow(SELF handle) __asm__(UNLOCK_SLOW);
SWIFT void unlock_slow(SELF handle) {
  if (__tsan_release) __tsan_release(handle);
  ((SWIFT void (*)(SELF))dlsym(RTLD_NEXT, UNLOCK_SLOW))(handle);
}
