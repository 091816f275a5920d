// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two events on each reader. Page faults are a software event: every kernel counts them,
 * also under emulation. The walk comes right at the fault, on the faulting address, with
 * interrupts off. Precisely sampled loads need a PMU that reports addresses. They come
 * by NMI, at any moment.
 */
#include "stress/perf-walk.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "machine/sysfs.h"
#include "stress/reader.h"

#define DATA_PAGES	8		/* of a ring, besides its first */
#define RING_BYTES	((1 + DATA_PAGES) * 4096ul)
#define AMD_IBS_TYPE	"/sys/bus/event_source/devices/ibs_op/type"

#ifndef PERF_SAMPLE_DATA_PAGE_SIZE		/* since 5.11 */
#define PERF_SAMPLE_DATA_PAGE_SIZE	(1u << 22)
#endif

/* A sample, with the two fields that sample_type below asks for (linux/perf_event.h). */
struct sample {
	struct perf_event_header header;
	uint64_t address, page_size;
};

static int open_event(struct perf_event_attr *attr)
{
	attr->size = sizeof(*attr);
	attr->sample_type = PERF_SAMPLE_ADDR | PERF_SAMPLE_DATA_PAGE_SIZE;
	attr->wakeup_events = UINT32_MAX;
	return syscall(SYS_perf_event_open, attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* Every fault: of a reader, and of the kernel on its behalf if that may be watched. */
static int open_faults(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_PAGE_FAULTS,
		.sample_period = 1,
	};

	return open_event(&attr);
}

/*
 * MEM_INST_RETIRED.ALL_LOADS with PEBS on Intel since Skylake (SDM vol. 3, "Processor
 * Event Based Sampling"), IBS on AMD (arch/x86/events/amd/ibs.c).
 */
static int open_loads(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_RAW, .config = 0x81d0, .sample_period = 1009,
		.precise_ip = 2,
	};
	uint64_t type;

	if (!sysfs_read_u64(AMD_IBS_TYPE, &type))
		attr = (struct perf_event_attr){
			.type = type, .sample_period = 10007, .precise_ip = 2,
		};
	return open_event(&attr);
}

/*
 * Can readers be sampled here, and @by_nmi? Returns -errno with the reason in @why; or a
 * descriptor that the caller closes at the end, and then @why says what stands in the way
 * of NMIs, or is "". While the descriptor is open, the kernel patches no code (static
 * keys) when a reader opens its events. Some emulators fail if code is patched while
 * other CPUs run it.
 */
int perf_walk_prepare(bool *by_nmi, char *why, size_t size)
{
	int loads = open_loads(), faults;

	*by_nmi = loads >= 0;
	if (loads < 0)
		snprintf(why, size, "no walks from NMI: the PMU samples no addresses here (%s)",
			 strerror(errno));
	else
		close(loads);
	faults = open_faults();
	if (faults >= 0)
		return faults;
	snprintf(why, size, "perf samples no page sizes here (%s); run as root, or write 1 to "
		 "/proc/sys/kernel/perf_event_paranoid", strerror(errno));
	return -EOPNOTSUPP;
}

static void add_event(struct perf_walk *walk, int fd)
{
	void *ring;

	if (fd < 0)
		return;
	ring = mmap(NULL, RING_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring == MAP_FAILED) {
		close(fd);
		return;
	}
	walk->fd[walk->nr] = fd;
	walk->ring[walk->nr++] = ring;
}

/* Sample this thread from now on, as well as it can be. */
void perf_walk_open(struct perf_walk *walk, struct stress_ctx *ctx)
{
	walk->nr = 0;
	add_event(walk, open_faults());
	add_event(walk, open_loads());
	if (!walk->nr)
		stress_note(ctx, "a reader is not sampled: no memory for perf's ring "
			    "(kernel.perf_event_mlock_kb)");
}

/*
 * If @address lies in @target, count the page size that the walker reported for it, and
 * report a size that no mapping there has. True if all is right. Size 0: the walker found
 * nothing there.
 */
bool perf_walk_judge(struct stress_ctx *ctx, const struct target *target,
		     uint64_t address, uint64_t page_size)
{
	if (address - (uintptr_t)target->base >= target->size)
		return true;
	atomic_fetch_add_explicit(&ctx->tally->walks, 1, memory_order_relaxed);
	if (!page_size || page_size & target->page_sizes)
		return true;
	stress_find(ctx, "perf's walker found a page of %llu bytes at 0x%llx, where none is",
		    (unsigned long long)page_size, (unsigned long long)address);
	return false;
}

static void copy_out(const struct perf_event_mmap_page *ring, uint64_t at,
		     void *to, size_t size)
{
	const char *data = (const char *)ring + ring->data_offset;

	for (size_t i = 0; i < size; i++)
		((char *)to)[i] = data[(at + i) % ring->data_size];
}

/* Look at all samples since the last time. */
void perf_walk_drain(struct perf_walk *walk, struct stress_ctx *ctx,
		     const struct target *target)
{
	for (int i = 0; i < walk->nr; i++) {
		struct perf_event_mmap_page *ring = walk->ring[i];
		uint64_t head = __atomic_load_n(&ring->data_head, __ATOMIC_ACQUIRE);
		uint64_t tail = ring->data_tail;

		while (tail < head) {
			struct sample sample;

			copy_out(ring, tail, &sample.header, sizeof(sample.header));
			if (sample.header.type == PERF_RECORD_SAMPLE &&
			    sample.header.size == sizeof(sample)) {
				copy_out(ring, tail, &sample, sizeof(sample));
				perf_walk_judge(ctx, target, sample.address, sample.page_size);
			}
			tail += sample.header.size;
		}
		__atomic_store_n(&ring->data_tail, tail, __ATOMIC_RELEASE);
	}
}

/* No more samples. */
void perf_walk_close(struct perf_walk *walk)
{
	while (walk->nr) {
		walk->nr--;
		munmap(walk->ring[walk->nr], RING_BYTES);
		close(walk->fd[walk->nr]);
	}
}
