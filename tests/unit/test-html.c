// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A page's promises: no text gets out of its element or attribute, what cannot be printed
 * is '?', no word breaks but a long list, and the head forbids to fetch or run anything
 * before any text comes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/html.h"

/* What @print makes of @text, the caller's to free. */
static char *printed(void (*print)(FILE *out, const char *text), const char *text)
{
	size_t size;
	char *page;
	FILE *out = open_memstream(&page, &size);

	assert_non_null(out);
	print(out, text);
	assert_int_equal(fclose(out), 0);
	return page;
}

static void assert_printed(const char *text, const char *expected)
{
	char *page = printed(html_text, text);

	assert_string_equal(page, expected);
	free(page);
}

static int count(const char *text, const char *word)
{
	int nr = 0;

	while ((text = strstr(text, word))) {
		text += strlen(word);
		nr++;
	}
	return nr;
}

static void text_stays_in_its_element_and_attribute(void **state)
{
	(void)state;
	assert_printed("", "");
	assert_printed("munmap size=64K, all", "munmap size=64K, all");
	assert_printed("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
	assert_printed("\" onload=\"x", "&quot; onload=&quot;x");
	assert_printed("' onload='x", "&#39; onload=&#39;x");
	assert_printed("a && b; &lt;", "a &amp;&amp; b; &amp;lt;");
}

static void what_cannot_be_printed_is_replaced(void **state)
{
	(void)state;
	assert_printed("a\nb\tc\033[31m\177", "a?b?c?[31m?");
	assert_printed("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
	assert_printed("\xff\xfe", "??");
	assert_printed("\xc0\xbcscript>", "??script&gt;");	/* '<' in two bytes */
	assert_printed("\xed\xa0\x80", "???");			/* half of a pair */
	assert_printed("end \xe2\x82", "end ??");
	assert_printed("a\xe2\x80\xae" "b\xe2\x80\xa8" "c", "a?b?c");	/* turned round, new line */
	assert_printed("\xc2\x85", "?");
}

static void assert_words(const char *text, const char *expected)
{
	char *page = printed(html_words, text);

	assert_string_equal(page, expected);
	free(page);
}

static void words_do_not_break(void **state)
{
	(void)state;
	assert_words("munmap size=64K, all", "munmap size=64K, all");
	assert_words("a punch-hole", "a <span class=\"t\">punch-hole</span>");
	assert_words("7 -> 0", "7 <span class=\"t\">-&gt;</span> 0");
	assert_words("- <b/>", "- <span class=\"t\">&lt;b/&gt;</span>");
}

static void long_lists_break_behind_their_marks_only(void **state)
{
	(void)state;
	assert_words("initiator=0,responder=2-5,lazy=6-7",
		     "<span class=\"t\">initiator=</span><wbr><span class=\"t\">0,</span><wbr>"
		     "<span class=\"t\">responder=</span><wbr><span class=\"t\">2-5,</span><wbr>"
		     "<span class=\"t\">lazy=</span><wbr><span class=\"t\">6-7</span>");
	assert_words("a=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		     "<span class=\"t\">a=</span><wbr>"
		     "<span class=\"long\">aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</span>");
}

static void print_formatted(FILE *out, const char *text)
{
	html_format(out, "%s <%d> %s", text, 7, text);
}

static void what_is_formatted_is_escaped_as_a_whole(void **state)
{
	char *page = printed(print_formatted, "<b>\n");

	(void)state;
	assert_string_equal(page, "&lt;b&gt;? &lt;7&gt; &lt;b&gt;?");
	free(page);
}

static void print_page(FILE *out, const char *title)
{
	html_begin(out, title);
	html_end(out);
}

static void a_page_fetches_and_runs_nothing(void **state)
{
	char *page = printed(print_page, "</title></h1><script>x</script>");
	const char *policy = strstr(page, "content=\"default-src 'none'; ");
	const char *title = strstr(page, "<title>&lt;/title&gt;&lt;/h1&gt;&lt;script&gt;");

	(void)state;
	assert_non_null(policy);
	assert_non_null(title);
	assert_true(policy < title);
	assert_non_null(strstr(page, "<h1>&lt;/title&gt;&lt;/h1&gt;&lt;script&gt;"));
	assert_int_equal(count(page, "<script"), 0);
	assert_int_equal(count(page, "</title>"), 1);
	assert_int_equal(count(page, "</h1>"), 1);
	assert_int_equal(count(page, "http://") + count(page, "https://") + count(page, "url("), 0);
	assert_int_equal(count(page, "href="), 1);
	assert_int_equal(count(page, "href=\"data:,\""), 1);
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_stays_in_its_element_and_attribute),
		cmocka_unit_test(what_cannot_be_printed_is_replaced),
		cmocka_unit_test(words_do_not_break),
		cmocka_unit_test(long_lists_break_behind_their_marks_only),
		cmocka_unit_test(what_is_formatted_is_escaped_as_a_whole),
		cmocka_unit_test(a_page_fetches_and_runs_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
