// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The promises of a history's plots: no name gets out of its string in gnuplot's script,
 * axes have fitting units, and exactly what is not constant is drawn, gaps and all.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "render/figures.h"
#include "report/history-parts.h"

#define NR_NIGHTS	20
#define NR_SERIES	4
#define LONG_NAME	"7.2.0-rc1-custom-build-of-a-tree"

static char kernels[NR_NIGHTS][64];
static double values[NR_SERIES][NR_NIGHTS];
static struct history_night nights[NR_NIGHTS];
static struct history_series series[NR_SERIES];
static struct history_case one_case = { .series = series };
static struct history_line machine = { .nights = nights, .cases = &one_case, .nr_cases = 1 };
static const struct history history = { .lines = &machine, .nr_lines = 1 };
static struct change_point point = { .last = 9, .night = 10, .before = 100, .after = 200 };

/* Series 0 does not move, 1 scatters, 2 has a step, 3 was never measured; kernel a night. */
static int set_up(void **state)
{
	(void)state;
	for (int i = 0; i < NR_NIGHTS; i++) {
		snprintf(kernels[i], sizeof(kernels[i]), "7.2.%d", i / 10);
		nights[i] = (struct history_night){ .day = 20000 + i, .kernel = kernels[i] };
		values[0][i] = 7;
		values[1][i] = 5 + i % 3;
		values[2][i] = i < 10 ? 100 : 200;
		values[3][i] = NAN;
	}
	for (int i = 0; i < NR_SERIES; i++)
		series[i] = (struct history_series){
			.metric = { .id = METRIC_SYNC, .name = "sync" }, .night = values[i], .measured = NR_NIGHTS,
		};
	series[0].least = series[0].most = 7;
	series[1].least = 5;
	series[1].most = 7;
	series[2].least = 100;
	series[2].most = 200;
	series[2].points = &point;
	series[2].nr_points = 1;
	series[3].measured = 0;
	one_case.nr_series = NR_SERIES;
	machine.nr_nights = NR_NIGHTS;
	return 0;
}

static void assert_plot_text(const char *text, int longest, const char *expected)
{
	size_t size;
	char *script;
	FILE *out = open_memstream(&script, &size);

	plot_text(out, text, longest);
	fclose(out);
	assert_string_equal(script, expected);
	free(script);
}

static void a_name_stays_in_its_string(void **state)
{
	(void)state;
	assert_plot_text("", 16, "''");
	assert_plot_text("7.2.0-rc1+ a/b_C", 16, "'7.2.0-rc1+ a/b_C'");
	assert_plot_text("'; system 'x' #", 16, "'?? system ?x? ?'");
	assert_plot_text("`x`$(x)\"\\'", 16, "'?x???x???\?'");
	assert_plot_text("a\nplot\t\033{/b}@", 16, "'a?plot??\?/b?\?'");
	assert_plot_text("\xc3\xa9%d", 16, "'???d'");
}

static void a_long_name_is_cut(void **state)
{
	(void)state;
	assert_plot_text("0123456789abcdef", 16, "'0123456789abcdef'");
	assert_plot_text("0123456789abcdefg", 16, "'0123456789abcd..'");
	assert_plot_text("'''''''''''''''''", 16, "'??????????????..'");
}

static void assert_axis(enum unit unit, double most, double expected, const char *words)
{
	struct history_series s = { .metric = { .unit = unit }, .most = most };
	const char *name;

	assert_true(history_axis_unit(&s, &name) == expected);
	assert_string_equal(name, words);
}

static void an_axis_has_a_fitting_unit(void **state)
{
	(void)state;
	assert_axis(UNIT_NS, 0, 1, "ns");
	assert_axis(UNIT_NS, 999, 1, "ns");
	assert_axis(UNIT_NS, 1000, 1e3, "us");
	assert_axis(UNIT_NS, 2.5e6, 1e6, "ms");
	assert_axis(UNIT_NS, 3e12, 1e9, "s");
	assert_axis(UNIT_RATE, 5, 1000, "1000 ops/s");
	assert_axis(UNIT_COUNT, 1e9, 1, "per op");
}

/* The report's figures and constants; whoever calls frees it. */
static void figures_of(struct report *report)
{
	struct history_view view = { .history = &history };
	struct history_change *changes;

	view.nr_changes = history_changes(&history, &changes);
	assert_true(view.nr_changes >= 0);
	view.changes = changes;
	report_init(report, "history", "history");
	history_figures(report, &view);
	free(changes);
	assert_int_equal(report_finish(report), 0);
}

static void what_is_not_constant_is_drawn(void **state)
{
	struct report report;

	(void)state;
	figures_of(&report);
	assert_int_equal(report.nr_figures, 2);
	assert_int_equal(report.figures[0].kind, FIGURE_NIGHTS);
	assert_true(report.figures[0].nights[0] == 100);
	assert_int_equal(report.figures[1].kind, FIGURE_SPARK);
	assert_true(report.figures[1].nights[0] == 5);
	assert_int_equal(report.tables[0].nr_rows, 2);	/* 0 and 3 */
	report_free(&report);
	series[1].measured = 1;
	figures_of(&report);
	assert_int_equal(report.nr_figures, 1);
	assert_int_equal(report.tables[0].nr_rows, 3);
	report_free(&report);
}

static bool gnuplot_is_here(void)
{
	return !system("command -v gnuplot >/dev/null");
}

/* The plot @index of those of the history, the caller's to free. */
static char *drawn(int index)
{
	char why[400] = "", *svg;
	struct report report;
	struct plots *plots;
	size_t size;
	FILE *out;

	figures_of(&report);
	if (figures_draw(&report, &plots, why, sizeof(why)))
		fail_msg("%s", why);
	report_free(&report);
	out = open_memstream(&svg, &size);
	plots_print(plots, index, "graph", "p99 \"<of>\"", out);
	fclose(out);
	plots_free(plots);
	return svg;
}

static void assert_one_svg(const char *svg)
{
	assert_memory_equal(svg, "<svg class=\"graph\" viewBox=\"0 0 ", 31);
	assert_non_null(strstr(svg, "aria-label=\"p99 &quot;&lt;of&gt;&quot;\">"));
	assert_string_equal(svg + strlen(svg) - strlen("</svg>"), "</svg>");
	assert_null(strstr(svg + 1, "<svg"));
	assert_null(strstr(svg, " id=\""));
	assert_null(strstr(svg, "<title>"));
	assert_null(strstr(svg, "<script"));
	assert_non_null(strstr(svg, "<path"));
}

/* What moved first, with its levels, change and kernels; then the small line. */
static void plots_come_in_the_order_of_the_figures(void **state)
{
	char *spark, *graph;

	(void)state;
	if (!gnuplot_is_here())
		skip();
	graph = drawn(0);
	spark = drawn(1);
	assert_one_svg(spark);
	assert_null(strstr(spark, "7.2.0"));
	assert_null(strstr(spark, "210,  73,  63"));	/* CHANGE_COLOUR */
	assert_one_svg(graph);
	assert_non_null(strstr(graph, "7.2.0"));
	assert_non_null(strstr(graph, "7.2.1"));
	assert_non_null(strstr(graph, "210,  73,  63"));
	free(spark);
	free(graph);
}

static void gaps_and_odd_kernels_are_drawn_too(void **state)
{
	char *graph;

	(void)state;
	if (!gnuplot_is_here())
		skip();
	for (int i = 1; i < 7; i += 2)
		values[2][i] = NAN;
	strcpy(kernels[0], "');system('touch owned')#");
	strcpy(kernels[5], "<script>\n'");
	strcpy(kernels[12], LONG_NAME);
	graph = drawn(0);
	assert_one_svg(graph);
	assert_non_null(strstr(graph, "???system??touch owned???"));
	assert_non_null(strstr(graph, "?script???"));
	assert_non_null(strstr(graph, "7.2.0-rc1-custom-build-of-.."));
	assert_int_equal(access("owned", F_OK), -1);
	free(graph);
}

/* With @path for PATH. */
static bool can_draw(const char *path, char *why, size_t size)
{
	char *old = strdup(getenv("PATH"));
	struct report report;
	struct plots *plots;
	int err;

	figures_of(&report);
	setenv("PATH", path, 1);
	err = figures_draw(&report, &plots, why, size);
	setenv("PATH", old, 1);
	free(old);
	plots_free(plots);
	report_free(&report);
	return !err;
}

static void only_plots_take_gnuplot(void **state)
{
	char why[400] = "";

	(void)state;
	assert_false(can_draw("/nowhere", why, sizeof(why)));
	assert_non_null(strstr(why, "gnuplot"));
	one_case.nr_series = 1;
	assert_true(can_draw("/nowhere", why, sizeof(why)));
	machine.nr_nights = one_case.nr_series = 0;
	assert_true(can_draw("/nowhere", why, sizeof(why)));
}

#define TEST(function)	cmocka_unit_test_setup(function, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_name_stays_in_its_string),
		TEST(a_long_name_is_cut),
		TEST(an_axis_has_a_fitting_unit),
		TEST(what_is_not_constant_is_drawn),
		TEST(plots_come_in_the_order_of_the_figures),
		TEST(gaps_and_odd_kernels_are_drawn_too),
		TEST(only_plots_take_gnuplot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
