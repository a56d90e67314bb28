/* SPDX-License-Identifier: Apache-2.0
 *
 * app.js - the demo page: what the browser knows of its connection, the
 * picture in tiles with its timing, the fields of a response, the echo.
 * Everything is asked of the server the page came from.
 */
'use strict';

const COLUMNS = 16;
const ROWS = 9;
const TILES = COLUMNS * ROWS;
const PROTOCOLS = {'h2': 'HTTP/2', 'http/1.1': 'HTTP/1.1', 'h3': 'HTTP/3'};

const by_id = (id) => document.getElementById(id);

/* nextHopProtocol is ALPN's name, "h2" say; '' where the browser hides it. */
function protocol_text(entry)
{
    const name = entry ? entry.nextHopProtocol : '';
    return name ? (PROTOCOLS[name] || name) : 'not told';
}

function say_next_hop()
{
    const [page] = performance.getEntriesByType('navigation');
    by_id('next-hop').textContent = protocol_text(page);
}

/* ---- the picture -------------------------------------------------------- */

let round = 0;

function make_grid()
{
    const grid = by_id('grid');
    grid.replaceChildren();
    for (let i = 0; i < TILES; i++)
        grid.append(document.createElement('span'));
    return [...grid.children];
}

async function load_tile(place, url)
{
    const response = await fetch(url);
    if (!response.ok)
        throw new Error(`${url}: status ${response.status}`);
    const blob = await response.blob();
    const img = document.createElement('img');
    const stream = response.headers.get('demo-stream');
    img.alt = '';
    if (stream)
        img.title = `stream ${stream}`;
    img.src = URL.createObjectURL(blob);
    img.onload = () => URL.revokeObjectURL(img.src);
    place.replaceChildren(img);
    return {octets: blob.size,
            connection: response.headers.get('demo-connection')};
}

function tile_url(i)
{
    return `/tiles/${String(i).padStart(3, '0')}.svg?round=${round}`;
}

/* The browser's own record of each tile's request, in order.  It is written
 * a moment after the response's last octet was given to us. */
async function tile_entries()
{
    const mark = `round=${round}`;
    let entries = [];

    for (let tries = 0; tries < 20 && entries.length < TILES; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        entries = performance.getEntriesByType('resource')
            .filter((e) => e.name.endsWith(mark) && e.responseEnd > 0);
    }
    return entries.sort((a, b) => a.requestStart - b.requestStart);
}

function draw_bar(svg, kind, from, to, y, height)
{
    const bar = document.createElementNS(svg.namespaceURI, 'rect');
    bar.setAttribute('class', kind);
    bar.setAttribute('x', from.toFixed(2));
    bar.setAttribute('width', Math.max(to - from, 1.5).toFixed(2));
    bar.setAttribute('y', y.toFixed(2));
    bar.setAttribute('height', height.toFixed(2));
    svg.append(bar);
}

/* Answers the milliseconds from the first start to the last octet. */
function draw_waterfall(entries)
{
    const svg = by_id('waterfall');
    const start = Math.min(...entries.map((e) => e.startTime));
    const end = Math.max(...entries.map((e) => e.responseEnd));
    const x = (t) => 1000 * (t - start) / Math.max(end - start, 1);
    const pitch = 150 / entries.length;

    svg.replaceChildren();
    entries.forEach((e, i) => {
        const y = i * pitch;
        draw_bar(svg, 'queue', x(e.startTime), x(e.requestStart), y,
                 pitch * 0.8);
        draw_bar(svg, 'wait', x(e.requestStart), x(e.responseStart), y,
                 pitch * 0.8);
        draw_bar(svg, 'recv', x(e.responseStart), x(e.responseEnd), y,
                 pitch * 0.8);
    });
    by_id('axis').textContent = `0 to ${Math.round(end - start)} ms`;
    return end - start;
}

async function say_figures(tiles, ms)
{
    const entries = await tile_entries();
    const octets = tiles.reduce((sum, t) => sum + t.octets, 0);
    const connections = new Set(tiles.map((t) => t.connection)).size;
    const protocols = new Set(entries.map(protocol_text));

    by_id('fig-conns').textContent = connections;
    by_id('fig-conns-label').textContent =
        connections === 1 ? 'connection' : 'connections';
    by_id('fig-proto').textContent = [...protocols].join(', ') || 'not told';
    by_id('fig-octets').textContent = octets.toLocaleString('en');
    if (entries.length > 0)
        ms = draw_waterfall(entries);
    by_id('fig-time').textContent = `${Math.round(ms)} ms`;
}

async function load_picture()
{
    const button = by_id('again');
    const places = make_grid();
    let arrived = 0;

    round++;
    button.disabled = true;
    performance.clearResourceTimings();
    performance.setResourceTimingBufferSize(4 * TILES);
    try {
        const start = performance.now();
        const tiles = await Promise.all(places.map(async (place, i) => {
            const tile = await load_tile(place, tile_url(i));
            by_id('fig-tiles').textContent = ++arrived;
            return tile;
        }));
        await say_figures(tiles, performance.now() - start);
    } catch (error) {
        by_id('fig-time').textContent = `failed: ${error.message}`;
    } finally {
        button.disabled = false;
    }
}

/* ---- the fields of a response ------------------------------------------- */

function add_row(body, name, value)
{
    const row = body.insertRow();
    const head = document.createElement('th');
    head.scope = 'row';
    head.textContent = name;
    row.append(head);
    row.insertCell().textContent = value;
}

async function show_answer(button)
{
    const body = by_id('answer').tBodies[0];

    for (const other of by_id('choices').children)
        other.setAttribute('aria-pressed', String(other === button));
    try {
        const response = await fetch(button.dataset.path,
                                     {cache: 'no-store'});
        await response.arrayBuffer();
        body.replaceChildren();
        add_row(body, 'GET', button.dataset.path);
        add_row(body, ':status', response.status);
        for (const [name, value] of response.headers)
            add_row(body, name, value);
    } catch (error) {
        body.replaceChildren();
        add_row(body, 'failed', error.message);
    }
}

/* ---- the echo ----------------------------------------------------------- */

async function send_form(event)
{
    const file = by_id('file').files[0];
    const out = by_id('echo');

    event.preventDefault();
    out.textContent = 'sending\u2026';
    try {
        const response = await fetch('/cgi/echo', {
            method: 'POST',
            body: file || by_id('text').value,
            headers: file ? {} : {'Content-Type':
                                  'text/plain; charset=utf-8'},
        });
        out.textContent = await response.text();
    } catch (error) {
        out.textContent = `failed: ${error.message}`;
    }
}

say_next_hop();
by_id('again').addEventListener('click', load_picture);
by_id('form').addEventListener('submit', send_form);
by_id('choices').addEventListener('click', (event) => {
    if (event.target.matches('button'))
        show_answer(event.target);
});
load_picture().then(() => show_answer(by_id('choices').firstElementChild));
