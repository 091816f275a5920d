// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/kallsyms from small fixture files: a patched kernel, a base one, and what
 * an unprivileged user sees, where every address is 0.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "machine/kernel.h"

static FILE *fixture(const char *name)
{
	const char *top = getenv("top_srcdir");
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/tests/fixtures/%s", top ? top : ".", name);
	file = fopen(path, "re");
	assert_non_null(file);
	return file;
}

static FILE *text_file(const char *text)
{
	FILE *file = tmpfile();

	assert_non_null(file);
	fputs(text, file);
	rewind(file);
	return file;
}

static void addresses_are_found_by_name(void **state)
{
	struct kernel_symbols sym;
	FILE *file = fixture("kallsyms-patched.txt");

	(void)state;
	assert_int_equal(kallsyms_parse(file, &sym), 0);
	assert_true(sym.readable);
	assert_true(sym.smp_sync == 0xffffffff815f3c60);
	assert_true(sym.key == 0xffffffff82e02040);
	assert_true(sym.pv_ops == 0xffffffff82e01000);
	assert_true(sym.kvm_flush == 0xffffffff81332690);
	assert_int_equal(sym.listed & SYM_KEY_INIT, SYM_KEY_INIT);
	assert_int_equal(sym.listed & SYM_HYPERV, 0);
	fclose(file);
}

static void a_module_s_namesake_is_not_the_kernel_s(void **state)
{
	struct kernel_symbols sym;
	FILE *file = fixture("kallsyms-patched.txt");

	(void)state;
	kallsyms_parse(file, &sym);
	assert_true(sym.flush_func == 0xffffffff813424a0);
	fclose(file);
	file = text_file("ffffffffc0201000 t flush_tlb_func\t[lookalike]\n");
	assert_int_equal(kallsyms_parse(file, &sym), 0);
	assert_true(sym.flush_func == 0);
	assert_int_equal(sym.listed, 0);
	fclose(file);
}

static void a_base_kernel_has_no_key(void **state)
{
	struct kernel_symbols sym;
	FILE *file = fixture("kallsyms-base.txt");

	(void)state;
	assert_int_equal(kallsyms_parse(file, &sym), 0);
	assert_true(sym.key == 0);
	assert_int_equal(sym.listed & (SYM_KEY | SYM_KEY_INIT | SYM_PT_RECLAIM), 0);
	assert_int_equal(sym.listed & SYM_FLUSH_FUNC, SYM_FLUSH_FUNC);
	fclose(file);
}

static void hidden_addresses_are_not_readable_but_names_are_known(void **state)
{
	struct kernel_symbols sym;
	FILE *file = fixture("kallsyms-hidden.txt");

	(void)state;
	assert_int_equal(kallsyms_parse(file, &sym), 0);
	assert_false(sym.readable);
	assert_true(sym.smp_sync == 0);
	assert_int_equal(sym.listed & SYM_KEY, SYM_KEY);
	fclose(file);
}

static struct kernel_symbols parsed(const char *text)
{
	struct kernel_symbols sym;
	FILE *file = text_file(text);

	assert_int_equal(kallsyms_parse(file, &sym), 0);
	fclose(file);
	return sym;
}

static void a_name_that_a_compiler_made_longer_is_found(void **state)
{
	struct kernel_symbols sym = parsed("0000000000001000 t flush_tlb_func.llvm.84\n"
					   "0000000000002000 t kvm_flush_tlb_multi.isra.0\n"
					   "0000000000003000 t tlb_remove_table_smp_sync.cold\n"
					   "0000000000004000 t native_flush_tlb_multi_x\n");

	(void)state;
	assert_int_equal(sym.flush_func, 0x1000);
	assert_int_equal(sym.kvm_flush, 0x2000);
	assert_int_equal(sym.listed, SYM_FLUSH_FUNC | SYM_KVM);
}

/* It may be what flushes here, without IPIs. */
static void the_flush_of_an_unknown_hypervisor_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(parsed("0000000000001000 t pvm_flush_tlb_multi\n").listed, SYM_OTHER_PV);
	assert_int_equal(parsed("0000000000001000 T flush_tlb_multi\n"
				"0000000000002000 t __pfx_pvm_flush_tlb_multi\n"
				"0000000000003000 t native_flush_tlb_multi\n").listed, SYM_NATIVE);
}

static void a_file_without_symbols_is_an_error(void **state)
{
	static const char *const texts[] = {
		"", "\n", "no symbols at all\n", "ffffffff81000000\n",
		"ffffffff81000000 T\n", "ffffffff81000000 T \n", "xyz T name\n",
	};
	struct kernel_symbols sym;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		FILE *file = text_file(texts[i]);

		assert_int_equal(kallsyms_parse(file, &sym), -ENODATA);
		assert_int_equal(sym.listed, 0);
		fclose(file);
	}
}

static void malformed_and_overlong_lines_are_skipped(void **state)
{
	struct kernel_symbols sym;
	FILE *file = tmpfile();

	(void)state;
	assert_non_null(file);
	fputs("garbage\nffffffff81000000 T ", file);
	for (int i = 0; i < 5000; i++)
		fputc('x', file);
	fputs("\nffffffff82e02040 D tlb_ipi_broadcast_key", file);
	rewind(file);
	assert_int_equal(kallsyms_parse(file, &sym), 0);
	assert_true(sym.key == 0xffffffff82e02040);
	fclose(file);
}

static const char *name_of(const char *fixture_name, uint64_t address, char *buf, int size)
{
	FILE *file = fixture(fixture_name);
	const char *name = kallsyms_name(file, address, buf, size);

	fclose(file);
	return name;
}

static void an_address_has_the_name_of_the_function_before_it(void **state)
{
	char buf[64];

	(void)state;
	assert_string_equal(name_of("kallsyms-patched.txt", 0xffffffff813424a0, buf, 64),
			    "flush_tlb_func");
	assert_string_equal(name_of("kallsyms-patched.txt", 0xffffffff813424ff, buf, 64),
			    "flush_tlb_func");
	assert_string_equal(name_of("kallsyms-patched.txt", 0xffffffff815f3c60, buf, 64),
			    "tlb_remove_table_smp_sync");
	assert_string_equal(name_of("kallsyms-patched.txt", 0xffffffffc0202004, buf, 64),
			    "module_function");
}

static void data_symbols_name_no_function(void **state)
{
	char buf[64];

	(void)state;
	assert_null(name_of("kallsyms-patched.txt", 0xffffffff82e02044, buf, 64));
}

static void an_address_far_from_every_function_has_no_name(void **state)
{
	char buf[64];

	(void)state;
	assert_null(name_of("kallsyms-patched.txt", 0x1000, buf, 64));
	assert_null(name_of("kallsyms-patched.txt", 0xffffffffff000000, buf, 64));
	assert_null(name_of("kallsyms-hidden.txt", 0xffffffff813424a0, buf, 64));
}

static void a_long_name_is_cut_to_the_buffer(void **state)
{
	char buf[6];

	(void)state;
	assert_string_equal(name_of("kallsyms-patched.txt", 0xffffffff813424a0, buf, 6),
			    "flush");
	assert_null(name_of("kallsyms-patched.txt", 0xffffffff813424a0, buf, 0));
}

static void names_of_states_and_backends_parse_back(void **state)
{
	enum flush_backend backend = FLUSH_XEN;
	enum key_state key = KEY_ON;

	(void)state;
	for (int i = KEY_UNKNOWN; i <= KEY_ON; i++) {
		assert_int_equal(key_state_parse(key_state_name(i), &key), 0);
		assert_int_equal(key, i);
	}
	for (int i = FLUSH_UNKNOWN; i <= FLUSH_XEN; i++) {
		assert_int_equal(flush_backend_parse(flush_backend_name(i), &backend), 0);
		assert_int_equal(backend, i);
	}
	assert_int_equal(key_state_parse("On", &key), -EINVAL);
	assert_int_equal(flush_backend_parse("", &backend), -EINVAL);
	assert_int_equal(key, KEY_ON);
	assert_int_equal(backend, FLUSH_XEN);
	assert_string_equal(key_state_name(17), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_found_by_name),
		cmocka_unit_test(a_module_s_namesake_is_not_the_kernel_s),
		cmocka_unit_test(a_base_kernel_has_no_key),
		cmocka_unit_test(hidden_addresses_are_not_readable_but_names_are_known),
		cmocka_unit_test(a_name_that_a_compiler_made_longer_is_found),
		cmocka_unit_test(the_flush_of_an_unknown_hypervisor_is_noticed),
		cmocka_unit_test(a_file_without_symbols_is_an_error),
		cmocka_unit_test(malformed_and_overlong_lines_are_skipped),
		cmocka_unit_test(an_address_has_the_name_of_the_function_before_it),
		cmocka_unit_test(data_symbols_name_no_function),
		cmocka_unit_test(an_address_far_from_every_function_has_no_name),
		cmocka_unit_test(a_long_name_is_cut_to_the_buffer),
		cmocka_unit_test(names_of_states_and_backends_parse_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
