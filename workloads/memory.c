// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Why a window: free_pgtables() (mm/memory.c) frees a page table only if no
 * neighbouring mapping lies in its range. In an otherwise empty, aligned
 * gigabyte an unmap always frees the last PTE and PMD table, and the reserved
 * neighbours keep the PUD table, so every op frees the same tables.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "workloads/memory.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE	23
#endif

/*
 * Find room for a window, with its base aligned to 1 GiB. The window is reserved like
 * its neighbours until a workload maps something over it (MAP_FIXED). No memory is
 * committed. 0 or -errno; window_release() gives it back.
 */
int window_reserve(struct window *window)
{
	char *at = mmap(NULL, 3 * SIZE_1G, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		return -errno;
	window->reserved = at;
	window->base = (char *)(((uintptr_t)at + SIZE_1G) & -SIZE_1G);
	return 0;
}

/* Unmap the window, whatever lies in it, and its neighbours. */
void window_release(struct window *window)
{
	if (window->reserved)
		munmap(window->reserved, 3 * SIZE_1G);
	window->reserved = NULL;
}

/*
 * Map @size bytes of anonymous memory. Every fault in it gives one 4 KiB page, with
 * any THP setting. 0 with *@memory, which the caller unmaps; or -errno.
 */
int small_pages_map(size_t size, char **memory)
{
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return -errno;
	if (madvise(at, size, MADV_NOHUGEPAGE) && errno != EINVAL) {
		int error = -errno;	/* EINVAL: a kernel without huge pages */

		munmap(at, size);
		return error;
	}
	*memory = at;
	return 0;
}

/* Make the resident pages between @start and @end this process's own. */
static void unshare_range(uintptr_t start, uintptr_t end)
{
	for (uintptr_t at = start; at < end; at += SIZE_2M) {
		size_t size = end - at < SIZE_2M ? end - at : SIZE_2M;
		unsigned char resident[SIZE_2M / SIZE_4K];

		if (mincore((void *)at, size, resident))
			continue;
		for (size_t page = 0; page < size / SIZE_4K; page++)
			if (resident[page] & 1)
				madvise((char *)at + page * SIZE_4K, SIZE_4K, MADV_POPULATE_WRITE);
	}
}

/*
 * Copy now the pages that this process still shares with its parent and children.
 * The first write to such a page flushes it everywhere (mm/memory.c,
 * wp_page_copy()). If the tool wrote first to a page of its own while a probe counts
 * an op, that flush would be in the op's count. Mappings over 1 GiB are not the
 * tool's own: a sanitizer's shadow, say. Needs Linux 5.14.
 */
void memory_unshare(void)
{
	FILE *file = fopen("/proc/self/maps", "r");
	char line[512], mode[5];
	unsigned long start, end;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%lx-%lx %4s", &start, &end, mode) == 3 &&
		    mode[1] == 'w' && mode[3] == 'p' && end - start <= SIZE_1G)
			unshare_range(start, end);
	if (file)
		fclose(file);
}

static uint64_t pattern(uint64_t seed, size_t page)
{
	return (seed + 1) * 0x9e3779b97f4a7c15ull + page;
}

/* Touch every 4 KiB page of @memory and leave a word in it that only @seed gives. */
void pattern_write(void *memory, size_t size, uint64_t seed)
{
	for (size_t at = 0; at < size; at += SIZE_4K) {
		uint64_t word = pattern(seed, at / SIZE_4K);

		memcpy((char *)memory + at, &word, sizeof(word));
	}
}

/* 0 if every page still holds the word of pattern_write(); else -EBADMSG. */
int pattern_check(const void *memory, size_t size, uint64_t seed)
{
	for (size_t at = 0; at < size; at += SIZE_4K) {
		uint64_t want = pattern(seed, at / SIZE_4K), word;

		memcpy(&word, (const char *)memory + at, sizeof(word));
		if (word != want)
			return -EBADMSG;
	}
	return 0;
}

/*
 * How many bytes of the mapping that holds @memory are mapped as huge pages, of
 * anonymous memory or of shmem, from /proc/self/smaps (fs/proc/task_mmu.c,
 * __show_smap()). 0 or -errno.
 */
int huge_bytes(const void *memory, uint64_t *bytes)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	char line[512];
	unsigned long long start, end, kib;
	int inside = 0, error = -ENOENT;

	if (!file)
		return -errno;
	*bytes = 0;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%llx-%llx ", &start, &end) == 2)
			inside = (uintptr_t)memory >= start && (uintptr_t)memory < end;
		else if (inside && (sscanf(line, "AnonHugePages: %llu kB", &kib) == 1 ||
				    sscanf(line, "ShmemPmdMapped: %llu kB", &kib) == 1)) {
			*bytes += kib << 10;
			error = 0;
		}
	}
	fclose(file);
	return error;
}
