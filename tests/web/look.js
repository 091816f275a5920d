// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Looks at the page that is open: the body of a function that open-pages has the browser
 * run, given the width that the page should fit into, "light" or "dark", and the page's
 * line of the list. Returns its faults, each as its kind and what is wrong:
 *
 * words     the words that should be seen are not
 * inert     it holds what could run, fetch or lead away by itself
 * graphs    not as many graphs or sparks as there should be, or nothing is drawn in one
 * size      a graph is too small, its letters are, or it sticks out of the page
 * sideways  it is wider than its window
 * contrast  text is hard to tell from what is behind it: less than 4.5 to 1, as WCAG
 *           2.2 computes it
 * scheme    it is light in the dark, or dark in the light
 */
const [width, scheme, page] = arguments;
const LEAST_CONTRAST = 4.5, LEAST_LETTER = 8, LEAST_COLOUR = 40;
const LEAST = { graph: { width: 100, height: 60 }, spark: { width: 40, height: 6 } };
const root = document.documentElement;
const faults = [];
const fault = (kind, what) => faults.push([kind, what]);

// "p.dim 'the first words'": for a reader to find it by
function name(element) {
	const words = element.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
	return `${element.localName}.${element.getAttribute("class") || ""} '${words}'`;
}

function looksInert() {
	const active = "script, img:not([src^='data:']), iframe, frame, object, embed, form, base, " +
		"audio, video, image, foreignObject, link:not([href^='data:']), " +
		"meta[http-equiv='refresh' i]";

	for (const element of document.querySelectorAll(active))
		fault("inert", `there is a ${element.localName}`);
	for (const element of document.querySelectorAll("*"))
		for (const attribute of element.getAttributeNames())
			if (attribute.startsWith("on"))
				fault("inert", `there is a ${element.localName} with ${attribute}`);
}

// ---- graphs ----------------------------------------------------------------

// A canvas of one dot, on which the browser itself mixes colours.
const dot = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const mixed = new Map();

// The colour that is seen where these lie on each other, as red, green and blue.
function mix(colours) {
	const key = colours.join();

	if (!mixed.has(key)) {
		for (const colour of colours) {
			dot.fillStyle = colour;
			dot.fillRect(0, 0, 1, 1);
		}
		mixed.set(key, dot.getImageData(0, 0, 1, 1).data.slice(0, 3));
	}
	return mixed.get(key);
}

// Axes and frames are grey; what is drawn of the figures has a colour.
function coloured(colour) {
	const rgb = colour === "none" ? [0] : mix(["white", colour]);
	return Math.max(...rgb) - Math.min(...rgb) >= LEAST_COLOUR;
}

function drawn(svg) {
	return [...svg.querySelectorAll("path, polyline, polygon, rect, circle")].some(shape => {
		const style = getComputedStyle(shape);

		return shape.getTotalLength() > 0 && shape.getClientRects().length &&
			(coloured(style.stroke) || coloured(style.fill));
	});
}

// The height of a letter in CSS pixels, however the graph is scaled.
function letter(text) {
	const { c, d } = text.getScreenCTM();
	return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(c, d);
}

function lookAtGraph(svg, kind) {
	const box = svg.getBoundingClientRect(), least = LEAST[kind];
	const size = `${box.width.toFixed()} x ${box.height.toFixed()}`;

	if (!drawn(svg))
		fault("graphs", `nothing is drawn in ${name(svg)}`);
	if (box.width < least.width || box.height < least.height)
		fault("size", `${size} px: ${name(svg)}`);
	if (box.left < 0 || box.right > width + 0.5)
		fault("size", `sticks out, from ${box.left} to ${box.right}: ${name(svg)}`);
	for (const text of svg.querySelectorAll("text"))
		if (letter(text) < LEAST_LETTER)
			fault("size", `${letter(text).toFixed(1)} px letters: ${name(text)}`);
}

function lookAtGraphs(kind, number) {
	const found = document.querySelectorAll(`svg.${kind}`);

	if (number.endsWith("+") ? found.length < parseInt(number) : found.length !== +number)
		fault("graphs", `${found.length} of class ${kind}, not ${number}`);
	for (const svg of found)
		lookAtGraph(svg, kind);
}

// ---- the page's width ------------------------------------------------------

function lookSideways() {
	if (root.clientWidth > width)
		fault("sideways", `it is laid out for ${root.clientWidth} px`);
	if (root.scrollWidth <= root.clientWidth)
		return;
	fault("sideways", `${root.scrollWidth} px on ${root.clientWidth}`);
	for (const element of document.body.querySelectorAll("*"))
		if (element.getBoundingClientRect().right > root.clientWidth + 0.5)
			fault("sideways", `as far as ${element.getBoundingClientRect().right}: ` +
				name(element));
}

// ---- colours ---------------------------------------------------------------

function luminance(rgb) {
	const [red, green, blue] = [...rgb].map(level => {
		const part = level / 255;
		return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
	const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
	return (light + 0.05) / (dark + 0.05);
}

// What the browser paints where a page paints nothing, which the scheme decides.
function canvasColour() {
	const probe = document.body.appendChild(document.createElement("i"));

	probe.style.backgroundColor = "Canvas";
	const colour = getComputedStyle(probe).backgroundColor;
	probe.remove();
	return colour;
}

// The backgrounds on which the element lies, the lowest first.
function behind(element, lowest) {
	const colours = [];

	for (; element; element = element.parentElement)
		colours.unshift(getComputedStyle(element).backgroundColor);
	return [lowest, ...colours];
}

function lookAtColours() {
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const lowest = canvasColour();
	const paper = mix(behind(document.body, lowest));

	if (luminance(paper) > 0.18 !== (scheme === "light"))
		fault("scheme", `the page is rgb(${paper})`);
	while (texts.nextNode()) {
		const element = texts.currentNode.parentElement;

		if (!texts.currentNode.data.trim() || !element.getClientRects().length)
			continue;
		const style = getComputedStyle(element), ground = behind(element, lowest);
		const ink = element instanceof SVGElement ? style.fill : style.color;
		const ratio = contrast(mix([...ground, ink]), mix(ground));
		if (ratio < LEAST_CONTRAST)
			fault("contrast", `${ratio.toFixed(2)} to 1: ${name(element)}`);
	}
}

for (const details of document.querySelectorAll("details"))
	details.open = true;
if (!document.body.innerText.includes(page.words))
	fault("words", `'${page.words}' is not seen`);
looksInert();
lookAtGraphs("graph", page.graphs);
lookAtGraphs("spark", page.sparks);
lookSideways();
lookAtColours();
return faults;
