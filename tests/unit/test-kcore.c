// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Reading kernel memory from a core file: a small made-up one with two ranges of
 * addresses, then the same one damaged in each way that the reader must notice.
 */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/kernel.h"

#define LOW	0xffff888000000000
#define TEXT	0xffffffff81000000
#define BYTES	16		/* in each range */

struct core {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr[3];
	char low[BYTES], text[BYTES];
};

static const struct core sound = {
	.ehdr = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB },
		.e_type = ET_CORE,
		.e_phoff = offsetof(struct core, phdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 3,
	},
	.phdr = {
		{ .p_type = PT_NOTE, .p_vaddr = TEXT, .p_filesz = BYTES },
		{ .p_type = PT_LOAD, .p_vaddr = LOW, .p_filesz = BYTES,
		  .p_offset = offsetof(struct core, low) },
		{ .p_type = PT_LOAD, .p_vaddr = TEXT, .p_filesz = BYTES,
		  .p_offset = offsetof(struct core, text) },
	},
	.low = "low memory here",
	.text = "kernel's text..",
};

/* Read @size bytes at @address from a file of the first @length bytes of @core. */
static int read_core(const struct core *core, size_t length, uint64_t address,
		     void *buf, int size)
{
	char path[] = "/tmp/test-kcore-XXXXXX";
	int fd = mkstemp(path);
	int err;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, core, length), length);
	close(fd);
	err = kcore_read(path, address, buf, size);
	unlink(path);
	return err;
}

static void an_address_leads_to_its_bytes(void **state)
{
	char buf[BYTES] = "";

	(void)state;
	assert_int_equal(read_core(&sound, sizeof(sound), TEXT + 9, buf, 4), 0);
	assert_memory_equal(buf, "text", 4);
	assert_int_equal(read_core(&sound, sizeof(sound), LOW, buf, BYTES), 0);
	assert_string_equal(buf, sound.low);
}

static void an_address_in_no_range_is_enxio(void **state)
{
	char buf[BYTES + 1];

	(void)state;
	assert_int_equal(read_core(&sound, sizeof(sound), LOW - 1, buf, 1), -ENXIO);
	assert_int_equal(read_core(&sound, sizeof(sound), TEXT + BYTES, buf, 1), -ENXIO);
	assert_int_equal(read_core(&sound, sizeof(sound), TEXT + BYTES - 2, buf, 4), -ENXIO);
	assert_int_equal(read_core(&sound, sizeof(sound), TEXT, buf, BYTES + 1), -ENXIO);
	assert_int_equal(read_core(&sound, sizeof(sound), UINT64_MAX, buf, 4), -ENXIO);
}

static void a_file_that_is_no_64_bit_core_is_enoexec(void **state)
{
	struct core core = sound;
	char buf[4];

	(void)state;
	core.ehdr.e_ident[EI_MAG0] = 'x';
	assert_int_equal(read_core(&core, sizeof(core), TEXT, buf, 4), -ENOEXEC);
	core = sound;
	core.ehdr.e_ident[EI_CLASS] = ELFCLASS32;
	assert_int_equal(read_core(&core, sizeof(core), TEXT, buf, 4), -ENOEXEC);
	core = sound;
	core.ehdr.e_type = ET_EXEC;
	assert_int_equal(read_core(&core, sizeof(core), TEXT, buf, 4), -ENOEXEC);
	core = sound;
	core.ehdr.e_phentsize = 1;
	assert_int_equal(read_core(&core, sizeof(core), TEXT, buf, 4), -ENOEXEC);
}

static void a_file_cut_anywhere_is_eio(void **state)
{
	char buf[BYTES];

	(void)state;
	for (size_t length = 0; length < sizeof(sound); length++)
		assert_int_equal(read_core(&sound, length, TEXT, buf, BYTES), -EIO);
}

static void offsets_beyond_every_file_are_einval(void **state)
{
	struct core core = sound;
	char buf[4];

	(void)state;
	core.ehdr.e_phoff = UINT64_MAX - 8;
	assert_int_equal(read_core(&core, sizeof(core), TEXT, buf, 4), -EINVAL);
	core = sound;
	core.phdr[2].p_offset = UINT64_MAX - 2;
	assert_int_equal(read_core(&core, sizeof(core), TEXT + 3, buf, 4), -EINVAL);
	assert_int_equal(read_core(&core, sizeof(core), TEXT + 1, buf, 4), -EINVAL);
}

static void a_size_that_is_not_positive_is_einval(void **state)
{
	char buf[1];

	(void)state;
	assert_int_equal(read_core(&sound, sizeof(sound), TEXT, buf, 0), -EINVAL);
	assert_int_equal(read_core(&sound, sizeof(sound), TEXT, buf, -4), -EINVAL);
}

static void a_kernel_without_kcore_is_enoent(void **state)
{
	char buf[4];

	(void)state;
	assert_int_equal(kcore_read("/nonexistent/kcore", TEXT, buf, 4), -ENOENT);
	assert_int_equal(kcore_read("/", TEXT, buf, 4), -EISDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_leads_to_its_bytes),
		cmocka_unit_test(an_address_in_no_range_is_enxio),
		cmocka_unit_test(a_file_that_is_no_64_bit_core_is_enoexec),
		cmocka_unit_test(a_file_cut_anywhere_is_eio),
		cmocka_unit_test(offsets_beyond_every_file_are_einval),
		cmocka_unit_test(a_size_that_is_not_positive_is_einval),
		cmocka_unit_test(a_kernel_without_kcore_is_enoent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
