// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/kallsyms: "address type name [module]" a line. Without privilege every address
 * is printed as 0, but the names are printed all the same (kernel/kallsyms.c,
 * s_show()). So nobody needs privilege to know that a name is absent, only to know an
 * address.
 */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "machine/kernel.h"

/* A name belongs to the nearest symbol before it, but not to one this far away. */
#define MAX_DISTANCE	(1u << 20)

static const struct wanted {
	const char *name;
	enum kernel_symbol bit;
	size_t offset;		/* of the address in struct kernel_symbols */
} wanted[] = {
#define WANTED(name, bit, field) { name, bit, offsetof(struct kernel_symbols, field) }
	WANTED("tlb_remove_table_smp_sync", SYM_SMP_SYNC, smp_sync),
	WANTED("flush_tlb_func", SYM_FLUSH_FUNC, flush_func),
	WANTED("do_flush_tlb_all", SYM_FLUSH_ALL, flush_all),
	WANTED("do_kernel_range_flush", SYM_FLUSH_RANGE, flush_range),
	WANTED("tlb_ipi_broadcast_key", SYM_KEY, key),
	WANTED("native_pv_tlb_init", SYM_KEY_INIT, key_init),
	WANTED("pv_ops", SYM_PV_OPS, pv_ops),
	WANTED("native_flush_tlb_multi", SYM_NATIVE, native_flush),
	WANTED("kvm_flush_tlb_multi", SYM_KVM, kvm_flush),
	WANTED("hyperv_flush_tlb_multi", SYM_HYPERV, hyperv_flush),
	WANTED("xen_flush_tlb_multi", SYM_XEN, xen_flush),
	WANTED("__tlb_remove_table_one_rcu", SYM_PT_RECLAIM, pt_reclaim),
#undef WANTED
};

struct line {
	char text[1024];
	uint64_t address;
	char type;
	const char *name;	/* in @text */
	bool module;
};

/*
 * Take a line apart in place; false if it is malformed. There are more than a
 * hundred thousand lines, and sscanf() would be too slow.
 */
static bool parse_line(struct line *line)
{
	char *at;

	line->address = strtoull(line->text, &at, 16);
	if (at == line->text || at[0] != ' ' || !at[1] || at[2] != ' ')
		return false;
	line->type = at[1];
	line->name = at + 3;
	at += 3 + strcspn(at + 3, " \t\n");
	line->module = *at && strchr(at, '[');
	*at = '\0';
	return *line->name;
}

/* The next well-formed line of @file; false at its end. Others are skipped. */
static bool next_line(FILE *file, struct line *line)
{
	while (fgets(line->text, sizeof(line->text), file))
		if (parse_line(line))
			return true;
	return false;
}

/*
 * The length of the name that the source has: compilers append .llvm.N, .isra.N,
 * .constprop.N. 0 for a .cold part, which is not where the function begins.
 */
static size_t source_length(const char *name)
{
	return strstr(name, ".cold") ? 0 : strcspn(name, ".");
}

/* Is it a flush backend (arch/x86/mm/tlb.c, flush_tlb_multi()) of some hypervisor? */
static bool is_backend(const char *name, size_t length)
{
	static const char suffix[] = "_flush_tlb_multi";
	size_t tail = sizeof(suffix) - 1;

	return length > tail && !strncmp(name + length - tail, suffix, tail) &&
	       strncmp(name, "__pfx_", 6);
}

static void take(struct kernel_symbols *sym, const struct line *line)
{
	size_t length = source_length(line->name);
	bool known = false;

	for (size_t i = 0; length && i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (strlen(wanted[i].name) != length ||
		    strncmp(line->name, wanted[i].name, length))
			continue;
		known = true;
		if (sym->listed & wanted[i].bit)
			continue;
		sym->listed |= wanted[i].bit;
		memcpy((char *)sym + wanted[i].offset, &line->address,
		       sizeof(line->address));
	}
	if (!known && is_backend(line->name, length))
		sym->listed |= SYM_OTHER_PV;
}

/*
 * Find the wanted symbols of the kernel itself, not of its modules, in @file.
 * Returns 0, or -ENODATA for a file without any symbol. Such a file says nothing; it
 * does not mean that the kernel lacks these names.
 */
int kallsyms_parse(FILE *file, struct kernel_symbols *sym)
{
	struct line line;
	int err = -ENODATA;

	memset(sym, 0, sizeof(*sym));
	while (next_line(file, &line)) {
		err = 0;
		if (line.address)
			sym->readable = 1;
		if (!line.module)
			take(sym, &line);
	}
	return err;
}

/*
 * The function that @address lies in: the nearest text symbol at or before it,
 * the first listed of several at one address. Copied to @buf, cut to @size.
 * Returns @buf, or NULL if addresses are hidden or no symbol is near.
 */
const char *kallsyms_name(FILE *file, uint64_t address, char *buf, int size)
{
	struct line line;
	uint64_t best = 0;

	if (size <= 0)
		return NULL;
	while (next_line(file, &line)) {
		if (!strchr("tTwW", line.type) || line.address > address ||
		    line.address <= best)
			continue;
		best = line.address;
		snprintf(buf, size, "%s", line.name);
	}
	return best && address - best <= MAX_DISTANCE ? buf : NULL;
}
