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
 * broken    a word or a number is broken over two lines
 * align     figures in a table do not stand to the right
 * legend    a graph does not name what it draws
 * contents  a link leads nowhere, a heading has no id or is not linked, or what is jumped to
 *           is covered
 * height    it is too tall before anything is unfolded
 *
 * Most of it is looked at twice: folded as the page comes, and with all details opened.
 */
const [width, scheme, page] = arguments;
const LEAST_CONTRAST = 4.5, LEAST_LETTER = 8, LEAST_COLOUR = 40;
const MOST_HEIGHT = 12000, DESK = 1280;
const LONGEST_WORD = 32;	// a longer one may break, behind the marks of a list
const LEGEND_REACH = 40;	// px from the name of a series to its colour
const LEAST = { graph: { width: 100, height: 60 }, spark: { width: 40, height: 6 } };
const root = document.documentElement;
const faults = [];
let folding = "folded: ";
const fault = (kind, what) => faults.push([kind, folding + what]);

// "p.dim 'the first words'": for a reader to find it by
function name(element) {
	const words = element.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
	return `${element.localName}.${element.getAttribute("class") || ""} '${words}'`;
}

// Is it on the page, in the state in which the page is now?
function seen(element) {
	return element.checkVisibility() && element.getClientRects().length > 0;
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
	return [...svg.querySelectorAll(SHAPES)].some(shape => {
		const style = getComputedStyle(shape);

		return shape.getTotalLength() > 0 && shape.getClientRects().length &&
			(coloured(style.stroke) || coloured(style.fill));
	});
}

const SHAPES = "path, polyline, polygon, rect, circle";

// The shapes that have a colour, each with its colours and how to tell whether it covers a
// point of the screen.
function colouredShapes(svg) {
	const found = [];

	for (const shape of svg.querySelectorAll(SHAPES)) {
		const { stroke, fill } = getComputedStyle(shape);
		const back = shape.getScreenCTM().inverse();
		const add = (colour, covers) => coloured(colour) && found.push({
			shape, colour, covers: (x, y) => covers(new DOMPoint(x, y).matrixTransform(back)),
		});

		add(stroke, point => shape.isPointInStroke(point));
		add(fill, point => shape.isPointInFill(point));
	}
	return found;
}

// Is the colour seen beside the text, as far as a legend's sample may be?
function isBeside(box, { shape, covers }) {
	const around = shape.getBoundingClientRect(), middle = (box.top + box.bottom) / 2;

	if (around.bottom < middle - 8 || around.top > middle + 8 ||
	    around.right < box.left - LEGEND_REACH || around.left > box.right + LEGEND_REACH)
		return false;
	for (let away = 2; away <= LEGEND_REACH; away += 2)
		for (let y = middle - 6; y <= middle + 6; y += 0.5)
			if (covers(box.left - away, y) || covers(box.right + away, y))
				return true;
	return false;
}

function lookAtLegend(svg) {
	const names = [...svg.querySelectorAll("text")]
		.filter(text => /[a-z]{2}/i.test(text.textContent) && text.getScreenCTM().b === 0)
		.map(text => text.getBoundingClientRect());
	const shapes = colouredShapes(svg), colours = new Set(shapes.map(shape => shape.colour));

	for (const colour of colours)
		if (!shapes.some(shape => shape.colour === colour &&
				 names.some(box => isBeside(box, shape))))
			fault("legend", `nothing says what is ${colour} in ${name(svg)}`);
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
	for (const svg of found) {
		lookAtGraph(svg, kind);
		if (kind === "graph")
			lookAtLegend(svg);
	}
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

function lookAtHeight() {
	if (width === DESK && root.scrollHeight > MOST_HEIGHT)
		fault("height", `${root.scrollHeight} px, not ${MOST_HEIGHT} at most`);
}

// ---- words -----------------------------------------------------------------

const WHOLE = "td, th, summary, figcaption, figure li, .headline p, .cpu";

function blockOf(node) {
	let element = node.parentElement;

	while (["inline", "contents"].includes(getComputedStyle(element).display))
		element = element.parentElement;
	return element;
}

// The letters of the element, each as its text node and place there; a space where a line
// ends because a block or <br> does.
function letters(element) {
	const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
	const found = [];
	let block = null;

	while (walker.nextNode()) {
		const node = walker.currentNode;

		if (node.nodeType === Node.ELEMENT_NODE) {
			if (node.localName === "br")
				found.push({ letter: " " });
			continue;
		}
		if (block && blockOf(node) !== block)
			found.push({ letter: " " });
		block = blockOf(node);
		for (let at = 0; at < node.data.length; at++)
			found.push({ letter: node.data[at], node, at });
	}
	return found;
}

// Do these letters stand on one line?
function isOnOneLine(part) {
	const range = document.createRange();

	range.setStart(part[0].node, part[0].at);
	range.setEnd(part.at(-1).node, part.at(-1).at + 1);
	const boxes = [...range.getClientRects()].filter(box => box.width > 0);
	return boxes.every(box => box.top < boxes[0].bottom - 2 && box.bottom > boxes[0].top + 2);
}

// Parts of a word that may not break: a long list may, behind its marks; a longer part
// than a line of a phone may anywhere.
function wholeParts(word) {
	if (word.length <= LONGEST_WORD)
		return [word];
	const parts = [[]];
	for (const letter of word) {
		if (",;=/".includes(parts.at(-1).at(-1)?.letter) && !",;=/".includes(letter.letter))
			parts.push([]);
		parts.at(-1).push(letter);
	}
	return parts.filter(part => part.length <= LONGEST_WORD);
}

function words(element) {
	const text = letters(element);

	if (element.matches("td.n"))	// "7 → 14" is one figure
		return [text.filter(letter => letter.node)];
	const found = [[]];
	for (const letter of text) {
		if (/\s/.test(letter.letter))
			found.push([]);
		else
			found.at(-1).push(letter);
	}
	return found;
}

function lookAtWords() {
	for (const element of document.querySelectorAll(WHOLE)) {
		if (!seen(element))
			continue;
		for (const word of words(element).filter(word => word.length > 1))
			for (const part of element.matches("td.n") ? [word] : wholeParts(word))
				if (!isOnOneLine(part))
					fault("broken", `${part.map(({ letter }) => letter).join("")} in ` +
						name(element));
	}
}

// ---- tables ----------------------------------------------------------------

const FIGURE = /^[~+-]?\d[\d.,]*( ?(%|[num]?s|[kMGT]?\/s))?$/;

// How far the text ends from the right end of its cell's room.
function roomBehind(cell) {
	const range = document.createRange();

	range.selectNodeContents(cell);
	return cell.getBoundingClientRect().right - range.getBoundingClientRect().right -
		parseFloat(getComputedStyle(cell).paddingRight);
}

function lookAtColumn(cells) {
	const words = cells.map(cell => cell.textContent.trim());

	if (!cells.some(cell => cell.classList.contains("n"))) {
		if (words.some(word => FIGURE.test(word)) &&
		    words.every(word => FIGURE.test(word) || word === "-"))
			fault("align", `figures, but not of class n: ${name(cells[0])}`);
		return;
	}
	for (const cell of cells)
		if (!cell.classList.contains("n") || Math.abs(roomBehind(cell)) > 1)
			fault("align", `not to the right: ${name(cell)}`);
}

function lookAtTables() {
	for (const table of document.querySelectorAll("table")) {
		const rows = [...table.tBodies].flatMap(body => [...body.rows]).filter(seen);

		for (let at = 0; at < Math.max(0, ...rows.map(row => row.cells.length)); at++) {
			const cells = rows.map(row => row.cells[at]).filter(cell => cell && seen(cell) &&
				getComputedStyle(cell).display === "table-cell");
			if (cells.length)
				lookAtColumn(cells);
		}
	}
}

// ---- contents --------------------------------------------------------------

// What is jumped to stands below what stays on top, or as near as the page's end lets it.
function lookAtJump(target) {
	const nav = document.querySelector("nav");

	target.scrollIntoView({ behavior: "instant" });
	const { top } = target.getBoundingClientRect();
	if (nav && getComputedStyle(nav).position === "sticky" &&
	    top < nav.getBoundingClientRect().bottom - 1)
		fault("contents", `covered after a jump: ${name(target)}`);
	if (top > innerHeight)
		fault("contents", `not seen after a jump: ${name(target)}`);
}

function lookAtContents() {
	const links = [...document.querySelectorAll("a[href^='#']")];
	const ids = [...document.querySelectorAll("[id]")].map(element => element.id);

	for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at)))
		fault("contents", `two of id ${id}`);
	for (const heading of document.querySelectorAll("h2")) {
		if (!heading.id)
			fault("contents", `no id: ${name(heading)}`);
		else if (!document.querySelector(`nav a[href='#${CSS.escape(heading.id)}']`))
			fault("contents", `not in the contents: ${name(heading)}`);
	}
	for (const link of links) {
		const target = document.getElementById(link.getAttribute("href").slice(1));

		if (target)
			lookAtJump(target);
		else
			fault("contents", `leads nowhere: ${name(link)}`);
	}
	scrollTo(0, 0);
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

// The backgrounds on which the element lies, the lowest first. An SVG file brings its own.
function behind(element, lowest) {
	const colours = [];

	for (; element; element = element.parentElement) {
		const ground = element.matches("svg") && element.querySelector(".ground");

		if (ground)
			colours.unshift(getComputedStyle(ground).fill);
		colours.unshift(getComputedStyle(element).backgroundColor);
	}
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

		if (!texts.currentNode.data.trim() || !seen(element))
			continue;
		const style = getComputedStyle(element), ground = behind(element, lowest);
		const ink = element instanceof SVGElement ? style.fill : style.color;
		const ratio = contrast(mix([...ground, ink]), mix(ground));
		if (ratio < LEAST_CONTRAST)
			fault("contrast", `${ratio.toFixed(2)} to 1: ${name(element)}`);
	}
}

function lookAtAll() {
	lookSideways();
	lookAtWords();
	lookAtTables();
	lookAtColours();
}

lookAtHeight();
lookAtAll();
folding = "";
for (const details of document.querySelectorAll("details"))
	details.open = true;
if (!document.body.innerText.includes(page.words))
	fault("words", `'${page.words}' is not seen`);
looksInert();
lookAtGraphs("graph", page.graphs);
lookAtGraphs("spark", page.sparks);
lookAtAll();
lookAtContents();
return faults;
