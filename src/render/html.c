// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The skeleton of a page and its style. The policy in its head forbids the browser to
 * fetch or run anything, should something slip through the escaping after all.
 */
#include "render/html.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "render/text.h"
#include "version.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	"style-src 'unsafe-inline'; img-src data:\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<link rel=\"icon\" href=\"data:,\">\n";

/* The rows of these tables are cards: a line of names, and figures with their heads. */
#define CARDS(tables) \
	"  " tables " thead { display: none; }\n" \
	"  " tables ", " tables " :is(tbody, tr, td) { display: block; }\n" \
	"  " tables " tr { padding: .4rem 0; border-bottom: 1px solid var(--line); }\n" \
	"  " tables " td { padding: 0; border: 0; text-align: left; }\n" \
	"  " tables " td:not([data-head]) { display: inline-block; margin-right: .6rem;\n" \
	"    font-weight: bold; }\n" \
	"  " tables " td[data-head] { display: inline-block; max-width: 100%; margin-right: .6rem; }\n" \
	"  " tables " td[data-head]::before { content: attr(data-head) \" \"; color: var(--dim); }\n"

/*
 * On a phone a row of a table is a card, on a tablet that of a table of many columns; other
 * tables leave out there what may be dropped. Figures stand to the right and never break;
 * words break at spaces only. Contents stay in sight: on a phone they are one line that
 * scrolls. What is jumped to stops below them.
 */
static const char style[] =
	"<style>\n"
	":root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --dim: #59636e;\n"
	"  --line: #d1d9e0; --soft: #f6f8fa; --bad: #c0262d; --good: #1a7f37;\n"
	"  --base: #8f5a0a; --patched: #2363ab; --shade: 76 141 214;\n"
	"  --nav: 6.2rem; }\n"
	"@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117;\n"
	"  --dim: #9198a1; --line: #3d444d; --soft: #151b23; --bad: #ff7b72; --good: #3fb950;\n"
	"  --base: #e3a24a; --patched: #79b0ec; } }\n"
	"* { box-sizing: border-box; }\n"
	"body { margin: 0 auto; padding: 1rem; max-width: 76rem; color: var(--ink);\n"
	"  background: var(--paper); font: 1rem/1.45 system-ui, sans-serif; }\n"
	"h1, h2, h3, p, li, figcaption, summary, dd { overflow-wrap: anywhere; }\n"
	"h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; } h3 { font-size: 1rem; }\n"
	"h2 { margin: 1.5rem 0 .5rem; border-bottom: 1px solid var(--line);\n"
	"  scroll-margin-top: var(--nav); }\n"
	"summary { cursor: pointer; } summary h2 { display: inline-block; width: calc(100% - 1.5rem);\n"
	"  margin: .4rem 0; }\n"
	"a { color: inherit; }\n"
	".headline { padding: .2rem 1rem; background: var(--soft);\n"
	"  border-left: .3rem solid var(--patched); border-radius: .3rem; }\n"
	".headline p { margin: .5rem 0; }\n"
	".headline p:first-child { font-size: 1.15rem; font-weight: bold; }\n"
	"nav { display: flex; flex-wrap: wrap; gap: .1rem 1rem; padding: .5rem 0;\n"
	"  position: sticky; top: 0; z-index: 1;\n"
	"  background: var(--paper); border-bottom: 1px solid var(--line); font-size: .9rem; }\n"
	".dim { color: var(--dim); } .bad { color: var(--bad); } .good { color: var(--good); }\n"
	".t, .n { white-space: nowrap; } .long { overflow-wrap: anywhere; }\n"
	"table { margin: .5rem 0; border-collapse: collapse; font-variant-numeric: tabular-nums; }\n"
	"th, td { padding: .2rem .5rem; text-align: left; vertical-align: top;\n"
	"  border-bottom: 1px solid var(--line); }\n"
	"th { color: var(--dim); font-weight: normal; } th.n, td.n { text-align: right; }\n"
	".graphs { display: grid; gap: 1rem;\n"
	"  grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); }\n"
	"figure { margin: 0; padding: .5rem; background: var(--soft);\n"
	"  border: 1px solid var(--line); border-radius: .4rem; scroll-margin-top: var(--nav); }\n"
	".graphs, .cpus { margin: .5rem 0; }\n"
	"figcaption { margin-bottom: .3rem; }\n"
	"figure ul { margin: .3rem 0; padding-left: 1.2rem; }\n"
	"figure.wide { width: 100%; max-width: 33rem; }\n"
	".cpus { display: grid; gap: 1rem; }\n"
	".base { color: var(--base); } .patched { color: var(--patched); }\n"
	"dl { display: grid; grid-template-columns: max-content minmax(0, 1fr);\n"
	"  gap: .1rem .8rem; }\n"
	"dt { color: var(--dim); } dd { margin: 0; }\n"
	"code { overflow-wrap: anywhere; }\n"
	".maps { display: grid; gap: .2rem 1.5rem; grid-template-columns: 1fr 1fr; }\n"
	".maps p { margin: .3rem 0; }\n"
	".map { display: flex; flex-wrap: wrap; gap: .3rem; }\n"
	".node { display: flex; flex-wrap: wrap; gap: .2rem; padding: .2rem;\n"
	"  border: 1px solid var(--line); border-radius: .3rem; }\n"
	".node b { width: 100%; font-size: .7rem; font-weight: normal; color: var(--dim); }\n"
	".cpu { min-width: 4.1rem; padding: 0 .1rem; text-align: center; font-style: normal;\n"
	"  white-space: nowrap; border-radius: .2rem; border: 1px solid var(--line); }\n"
	".cpu small { display: block; font-size: .6rem; }\n"
	".s1 { background: rgb(var(--shade) / .06); } .s2 { background: rgb(var(--shade) / .14); }\n"
	".s3 { background: rgb(var(--shade) / .28); } .s4 { background: rgb(var(--shade) / .42); }\n"
	".s5 { background: rgb(var(--shade) / .56); }\n"
	"svg { display: block; width: 100%; height: auto; }\n"
	".heat { overflow-x: auto; } .heat p { margin: .3rem 0; }\n"
	".heat text { font: 8px system-ui, sans-serif; fill: var(--dim); }\n"
	".heat .none { fill: none; stroke: var(--line); stroke-width: .5; }\n"
	".scale { margin: .3rem 0; font-size: .85rem; color: var(--dim); }\n"
	".scale i { display: inline-block; width: .8rem; height: .8rem; vertical-align: -.1rem; }\n"
	".h0 { --heat: .15; } .h1 { --heat: .3; } .h2 { --heat: .45; } .h3 { --heat: .6; }\n"
	".h4 { --heat: .78; } .h5 { --heat: 1; }\n"
	".heat rect[class^=h] { fill: rgb(var(--shade) / var(--heat)); }\n"
	".scale i { background: rgb(var(--shade) / var(--heat)); }\n"
	"svg.spark { width: 8rem; margin: .2rem 0; overflow: visible; }\n"
	"svg [color=\"black\"] { color: var(--dim); }\n"
	"svg [stroke=\"black\"] { stroke: var(--dim); }\n"
	"svg [fill=\"black\"] { fill: var(--ink); }\n"
	"@media (min-width: 48.01rem) and (max-width: 66rem) {\n"
	"  .drop { display: none; } th, td { padding: .2rem .35rem; }\n" CARDS("table.wide")
	"}\n"
	"@media (max-width: 48rem) {\n"
	"  :root { --nav: 3rem; }\n"
	"  nav { flex-wrap: nowrap; overflow-x: auto; white-space: nowrap; }\n"
	"  .maps { grid-template-columns: 1fr; }\n" CARDS("table")
	"}\n"
	"</style>\n";

/* Opens the page and its body, with @title as its heading. */
void html_begin(FILE *out, const char *title)
{
	fputs(head, out);
	fputs("<title>", out);
	html_text(out, title);
	fputs("</title>\n", out);
	fputs(style, out);
	fputs("</head>\n<body>\n<h1>", out);
	html_text(out, title);
	fputs("</h1>\n", out);
}

void html_end(FILE *out)
{
	fputs("<p class=\"dim\">tlbsync ", out);
	html_text(out, TLBSYNC_VERSION);
	fputs("</p>\n</body>\n</html>\n", out);
}

/* @text as text or as the value of a quoted attribute; what cannot be printed is '?'. */
void html_text(FILE *out, const char *text)
{
	char *clean = strdup(text);

	if (!clean)
		return;
	text_clean(clean);
	for (const char *c = clean; *c; c++) {
		switch (*c) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			fputc(*c, out);
		}
	}
	free(clean);
}

/* Formats as printf() does, then as html_text(). */
void html_format(FILE *out, const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	if (len < 0)
		return;
	html_text(out, text);
	free(text);
}

enum { LONGEST_WHOLE = 32 };	/* letters of a part of a word that never breaks */

#define BREAKS ",;=/"	/* a long list may break behind these */

/* A part of a word: whole, unless no page has room for it. */
static void put_part(FILE *out, const char *part, int len)
{
	fprintf(out, "<span class=\"%s\">", len <= LONGEST_WHOLE ? "t" : "long");
	html_format(out, "%.*s", len, part);
	fputs("</span>", out);
}

/* A word that is too long for a line of a phone, with places to break it. */
static void put_long_word(FILE *out, const char *word, size_t len)
{
	for (size_t from = 0, to; from < len; from = to) {
		to = from + strcspn(word + from, BREAKS " ");
		to += strspn(word + to, BREAKS);
		if (from)
			fputs("<wbr>", out);
		put_part(out, word + from, (int)(to - from));
	}
}

/* Could a browser break it somewhere? Letters, digits and these marks stay together. */
static bool is_breakable(const char *word, size_t len)
{
	size_t plain = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "0123456789,.;:=_()@<>~");

	return plain < len && len > 1;
}

/* As html_text(), but words do not break, unless they are long lists. */
void html_words(FILE *out, const char *text)
{
	char *clean = strdup(text), *at = clean;

	if (!clean)
		return;
	text_clean(clean);
	while (*at) {
		size_t len = strcspn(at, " ");

		if (len > LONGEST_WHOLE)
			put_long_word(out, at, len);
		else if (is_breakable(at, len))
			put_part(out, at, (int)len);
		else
			html_format(out, "%.*s", (int)len, at);
		at += len;
		if (*at)
			fputc(*at++, out);
	}
	free(clean);
}

/*
 * Opens an SVG file of so many CSS pixels. Who shows it may be light or dark: it follows
 * them where they say so, and has a ground of its own.
 */
void svg_begin(FILE *out, int width, int height, const char *title)
{
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
		"viewBox=\"0 0 %d %d\">\n<title>", width, height, width, height);
	html_text(out, title);
	fputs("</title>\n<style>.ground { fill: #fff; }\n"
	      "@media (prefers-color-scheme: dark) { .ground { fill: #0d1117; }\n"
	      "[fill=\"black\"] { fill: #e6edf3; } [stroke=\"black\"] { stroke: #9198a1; }\n"
	      "[color=\"black\"] { color: #9198a1; } }</style>\n"
	      "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n", out);
}
