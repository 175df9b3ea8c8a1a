/// What has to be done in C before and around the Swift program: its arguments as the C library hands them over, the
/// signals that wait until somebody can act on them, and a trial of what the system will let it have. It decides
/// nothing, says nothing, and reads no file.
#pragma once

#include <stddef.h>

/// How many arguments the program was started with, its own name among them; -1: they were never handed over.
int claunch_argument_count(void);

/// One of them, which stays as long as the process does.
const char *claunch_argument(int index);

/// SIGHUP, SIGTERM and SIGINT wait from now on, in this thread and in those that it begins.
void claunch_hold_signals(void);

/// What has waited is delivered, and nothing waits any more in this thread.
void claunch_release_signals(void);

/// Takes SIGTERM or SIGINT where one waits, or comes within so many milliseconds; 0: none.
int claunch_take_end_signal(int milliseconds);

/// Begins so many threads at once and ends them, with `room` bytes of address space beside them.
///
/// - Returns: 0, `CLAUNCH_NO_THREAD`, or `CLAUNCH_NO_ROOM` where addresses are what is missing; `begun` says how many
///   threads there were.
int claunch_try_threads(int count, size_t room, int *begun);

enum { CLAUNCH_NO_THREAD = 1, CLAUNCH_NO_ROOM = 2 };

/// From now on memory comes from one place, which costs threads that wait for it, and not from one for each thread, which
/// costs 64 MiB of addresses each. Before any thread is begun.
void claunch_save_addresses(void);

/// Hands back to the system what is free. The C library does that by itself only where nothing lies behind it.
void claunch_give_memory_back(void);

/// Opens so many descriptors at once and closes them; returns how many there were.
int claunch_try_descriptors(int count);
