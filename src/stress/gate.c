// SPDX-License-Identifier: GPL-2.0-or-later
/* futex(2) between processes, and a spin for waits in which a microsecond matters. */
#include "stress/gate.h"

#include <linux/futex.h>
#include <limits.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "engine/clock.h"

#define SPINS	200
#define NAP_NS	50000000

/* Let every process through that waits for @to or less. */
void gate_raise(gate_t *gate, uint32_t to)
{
	atomic_store(gate, to);
	syscall(SYS_futex, gate, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

/* Wait until the gate is at @until: true. False if that takes longer than @patience_ms. */
bool gate_await(gate_t *gate, uint32_t until, uint32_t patience_ms)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	uint64_t end = clock_monotonic_ns() + patience_ms * 1000000ull;
	uint32_t now;

	for (int i = 0; i < SPINS && atomic_load(gate) < until; i++)
		__builtin_ia32_pause();
	while ((now = atomic_load(gate)) < until) {
		if (clock_monotonic_ns() >= end)
			return false;
		syscall(SYS_futex, gate, FUTEX_WAIT, now, &nap, NULL, 0);
	}
	return true;
}

/* The same without sleep, so that it returns at once; others get the CPU now and then. */
void gate_race(gate_t *gate, uint32_t until)
{
	for (int i = 0; atomic_load(gate) < until; i++) {
		__builtin_ia32_pause();
		if (i % SPINS == SPINS - 1)
			sched_yield();
	}
}
