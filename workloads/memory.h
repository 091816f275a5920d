/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory for workloads: a window of address space that shares no page table with its
 * neighbours, and patterns that show whether memory still holds what was written.
 */
#ifndef TLBSYNC_WORKLOADS_MEMORY_H
#define TLBSYNC_WORKLOADS_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#define SIZE_4K		(4ul << 10)
#define SIZE_2M		(2ul << 20)
#define SIZE_1G		(1ul << 30)

/* A 1 GiB aligned gigabyte of address space between two reserved neighbours. */
struct window {
	char *base;
	char *reserved;		/* all three of them */
};

int window_reserve(struct window *window);
void window_release(struct window *window);

int small_pages_map(size_t size, char **memory);
void memory_unshare(void);

void pattern_write(void *memory, size_t size, uint64_t seed);
int pattern_check(const void *memory, size_t size, uint64_t seed);
int huge_bytes(const void *memory, uint64_t *bytes);

#endif
