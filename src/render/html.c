// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The skeleton of a page and its style. The policy in its head forbids the browser to
 * fetch or run anything, should something slip through the escaping after all.
 */
#include "render/html.h"

#include <stdarg.h>
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

/* On a phone a row of a wide table is a card; plots are as wide as there is room. */
static const char style[] =
	"<style>\n"
	":root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --dim: #59636e;\n"
	"  --line: #d1d9e0; --soft: #f6f8fa; --bad: #c0262d; --good: #1a7f37;\n"
	"  --base: #8f5a0a; --patched: #2363ab; }\n"
	"@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #0d1117;\n"
	"  --dim: #9198a1; --line: #3d444d; --soft: #151b23; --bad: #ff7b72; --good: #3fb950;\n"
	"  --base: #e3a24a; --patched: #79b0ec; } }\n"
	"* { box-sizing: border-box; }\n"
	"body { margin: 0 auto; padding: 1rem; max-width: 76rem; color: var(--ink);\n"
	"  background: var(--paper); font: 1rem/1.45 system-ui, sans-serif; }\n"
	"h1, h2, h3, p, li, figcaption, td, summary { overflow-wrap: anywhere; }\n"
	"h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; } h3 { font-size: 1rem; }\n"
	"h2 { margin-top: 2rem; border-bottom: 1px solid var(--line); }\n"
	"a { color: inherit; }\n"
	".dim { color: var(--dim); } .bad { color: var(--bad); } .good { color: var(--good); }\n"
	".value { white-space: nowrap; }\n"
	"table { margin: .5rem 0; border-collapse: collapse; font-variant-numeric: tabular-nums; }\n"
	"th, td { padding: .2rem .5rem; text-align: left; vertical-align: top;\n"
	"  border-bottom: 1px solid var(--line); }\n"
	"th { color: var(--dim); font-weight: normal; }\n"
	".graphs { display: grid; gap: 1rem;\n"
	"  grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); }\n"
	"figure { margin: 0; padding: .5rem; background: var(--soft);\n"
	"  border: 1px solid var(--line); border-radius: .4rem; }\n"
	"figure ul { margin: .3rem 0; padding-left: 1.2rem; }\n"
	".base { color: var(--base); } .patched { color: var(--patched); }\n"
	"dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .8rem; }\n"
	"dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; }\n"
	"code { overflow-wrap: anywhere; }\n"
	"figure.wide { max-width: 36rem; }\n"
	".maps { display: grid; gap: .2rem 1.5rem; grid-template-columns: 1fr 1fr; }\n"
	".maps p { margin: .3rem 0; }\n"
	".map { display: flex; flex-wrap: wrap; gap: .3rem; }\n"
	".node { display: flex; flex-wrap: wrap; gap: .2rem; padding: .2rem;\n"
	"  border: 1px solid var(--line); border-radius: .3rem; }\n"
	".node b { width: 100%; font-size: .7rem; font-weight: normal; color: var(--dim); }\n"
	".cpu { width: 3.6rem; text-align: center; font-style: normal; border-radius: .2rem;\n"
	"  border: 1px solid var(--line); }\n"
	".cpu small { display: block; font-size: .65rem; }\n"
	"svg { display: block; width: 100%; height: auto; }\n"
	"svg.spark { width: 8rem; margin: .2rem 0; overflow: visible; }\n"
	"svg [color=\"black\"] { color: var(--dim); }\n"
	"svg [stroke=\"black\"] { stroke: var(--dim); }\n"
	"svg [fill=\"black\"] { fill: var(--ink); }\n"
	"@media (max-width: 48rem) {\n"
	"  .maps { grid-template-columns: 1fr; }\n"
	"  table.cards thead { display: none; }\n"
	"  table.cards, table.cards tbody, table.cards tr, table.cards td { display: block; }\n"
	"  table.cards tr { padding: .4rem 0; border-bottom: 1px solid var(--line); }\n"
	"  table.cards td { padding: 0; border: 0; }\n"
	"  table.cards td[data-head] { display: inline-block; max-width: 100%;\n"
	"    margin-right: .6rem; }\n"
	"  table.cards td[data-head]::before { content: attr(data-head) \" \";\n"
	"    color: var(--dim); }\n"
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
