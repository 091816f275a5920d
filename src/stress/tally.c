// SPDX-License-Identifier: GPL-2.0-or-later
/* What tests count and find, from any of their threads and processes. */
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/clock.h"
#include "stress/stress.h"

/* Is the time up, or has something been found? One finding is enough. */
bool stress_over(const struct stress_ctx *ctx)
{
	return atomic_load(&ctx->tally->stop) || atomic_load(&ctx->tally->nr_findings) ||
	       clock_monotonic_ns() >= ctx->until_ns;
}

/* Reads of all kinds whose content was looked at. */
uint64_t stress_verified(const struct stress_tally *tally)
{
	uint64_t sum = 0;

	for (int way = 0; way < NR_READ_WAYS; way++)
		sum += atomic_load(&tally->read[way]);
	return sum;
}

/* The lock is held for a moment only. If it stays taken, its holder was killed. */
static void lock(struct stress_tally *tally)
{
	for (int i = 0; i < 10000 && atomic_exchange(&tally->lock, 1); i++)
		sched_yield();
}

static struct stress_count *find(const struct stress_tally *tally, const char *name)
{
	for (int i = 0; i < tally->nr_counts; i++)
		if (!strcmp(tally->count[i].name, name))
			return (struct stress_count *)&tally->count[i];
	return NULL;
}

/* Add @by to the test's own count @name; one name too many is dropped. */
void stress_count(struct stress_ctx *ctx, const char *name, uint64_t by)
{
	struct stress_tally *tally = ctx->tally;
	struct stress_count *count;

	lock(tally);
	count = find(tally, name);
	if (!count && tally->nr_counts < STRESS_MAX_COUNTS) {
		count = &tally->count[tally->nr_counts++];
		snprintf(count->name, sizeof(count->name), "%s", name);
	}
	if (count)
		atomic_fetch_add(&count->value, by);
	atomic_store(&tally->lock, 0);
}

/* The test's own count @name; 0 if there is none. */
uint64_t stress_counted(const struct stress_tally *tally, const char *name)
{
	const struct stress_count *count = find(tally, name);

	return count ? atomic_load(&count->value) : 0;
}

/* Something forbidden was seen: the test fails, and ends. */
void stress_find(struct stress_ctx *ctx, const char *format, ...)
{
	struct stress_tally *tally = ctx->tally;
	unsigned long long none = 0, at = clock_monotonic_ns() - ctx->began_ns;
	char text[sizeof(tally->finding[0])];
	va_list args;
	int nth;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	atomic_compare_exchange_strong(&tally->first_finding_ns, &none, at ? at : 1);
	nth = atomic_fetch_add(&tally->nr_findings, 1);
	if (nth < STRESS_MAX_FINDINGS)
		memcpy(tally->finding[nth], text, sizeof(text));
}

/* A note for the reader of this test's result. Only the first few are kept. */
void stress_note(struct stress_ctx *ctx, const char *format, ...)
{
	struct stress_tally *tally = ctx->tally;
	const int room = sizeof(tally->note) / sizeof(tally->note[0]);
	va_list args;

	lock(tally);
	if (tally->nr_notes < room) {
		char *note = tally->note[tally->nr_notes];

		va_start(args, format);
		vsnprintf(note, sizeof(tally->note[0]), format, args);
		va_end(args);
		for (int i = 0; i < tally->nr_notes && note; i++)
			if (!strcmp(tally->note[i], note))
				note = NULL;
		tally->nr_notes += note != NULL;
	}
	atomic_store(&tally->lock, 0);
}

/* Start @random for the @nr-th @what of a run with @seed. Nothing else has a part in it. */
void stress_reseed(struct random *random, uint64_t seed, const char *what, uint64_t nr)
{
	uint64_t hash = 0xcbf29ce484222325ull;	/* FNV-1a */

	for (; *what; what++)
		hash = (hash ^ (uint8_t)*what) * 0x100000001b3ull;
	random_seed(random, seed ^ hash ^ nr * 0x9e3779b97f4a7c15ull);
}

/* Pin this thread to the @nth CPU, counted round and round, unless that has gone. */
void stress_pin_to(const struct stress_ctx *ctx, int nth)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(ctx->cpu[nth % ctx->nr_cpus], &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

/* Sleep for about @us microseconds. */
void stress_pause_us(uint64_t us)
{
	struct timespec time = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	nanosleep(&time, NULL);
}
