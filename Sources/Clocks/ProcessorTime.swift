internal import Glibc

/// How long the processor has worked for somebody, however busy the machine is.
package enum ProcessorTime {
  /// Nanoseconds that the calling thread has used, in the kernel and out of it.
  package static var ofThisThread: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
