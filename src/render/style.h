/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Colour, and nothing that a reader without colour would miss.
 */
#ifndef TLBSYNC_RENDER_STYLE_H
#define TLBSYNC_RENDER_STYLE_H

#include "render/render.h"
#include "render/table.h"

bool style_can_redraw(FILE *out);
int style_width(FILE *out);
const char *style_start(const struct style *style, enum tint tint);
const char *style_end(const struct style *style, enum tint tint);

#endif
