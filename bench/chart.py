# SPDX-License-Identifier: Apache-2.0
"""The pieces of bodies in the order in which they came, as SVG.

One lane for each stream, octets to the right: a bar is what came of that
stream there.  No measuring here.
"""

from html import escape

LANE, BAR = 14, 10
LEFT, TOP, WIDTH = 70, 84, 480
GAP = 24
COLOURS = {'image': '#7a9cc6', 'script': '#d1495b'}
GREY, INK = '#e4e4e4', '#333333'


def text(x, y, words, size=12, anchor='start', colour=INK, weight='normal'):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" '
            f'text-anchor="{anchor}" fill="{colour}" font-weight="{weight}">'
            f'{escape(words)}</text>')


def line(x, top, bottom, colour, dash=''):
    dash = f' stroke-dasharray="{dash}"' if dash else ''
    return (f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" '
            f'stroke="{colour}"{dash}/>')


def merge(pieces):
    """Those of one stream that follow each other, as one: fewer bars."""
    merged = []
    for stream, at, size in pieces:
        if merged and merged[-1][0] == stream and \
                merged[-1][1] + merged[-1][2] == at:
            merged[-1][2] += size
        else:
            merged.append([stream, at, size])
    return merged


def lanes(story, left):
    """The kind's bars, and the stripe that each lane is on."""
    out = []
    rows = {stream: row for row, stream in
            enumerate(story.scripts + story.images)}
    for row in range(0, len(rows), 2):
        out.append(f'<rect x="{left}" y="{TOP + row * LANE}" width="{WIDTH}" '
                   f'height="{LANE}" fill="#f6f6f6"/>')
    for stream, at, size in merge(story.pieces):
        kind = 'script' if stream in story.scripts else 'image'
        out.append(
            f'<rect x="{left + at * WIDTH / story.total:.1f}" '
            f'y="{TOP + rows[stream] * LANE + (LANE - BAR) / 2:.1f}" '
            f'width="{max(1.5, size * WIDTH / story.total):.1f}" '
            f'height="{BAR}" fill="{COLOURS[kind]}"/>')
    return out


def axis(story, left, bottom):
    """Every so many KB a line, ten of them at most."""
    step = next(s for s in (50, 100, 200, 500, 1000, 10 ** 9)
                if story.total / 1024 / s <= 10)
    out = []
    for kb in range(0, story.total // 1024 + 1, step):
        x = left + kb * 1024 * WIDTH / story.total
        out += [line(x, TOP, bottom, GREY),
                text(x, bottom + 16, str(kb), 11, 'middle')]
    out.append(text(left + WIDTH / 2, bottom + 34,
                    'KB of bodies received', 11, 'middle'))
    return out


def panel(title, story, left, bottom):
    asked = left + story.asked * WIDTH / story.total
    done = left + story.done * WIDTH / story.total
    near_end = done > left + WIDTH * .6
    words = (f'complete {(story.done - story.asked) // 1024} KB, '
             f'{story.seconds * 1000:.0f} ms later')
    return (axis(story, left, bottom) + lanes(story, left) + [
        text(left, TOP - 40, title, 13, weight='bold'),
        line(asked, TOP - 8, bottom, INK, '3,2'),
        text(asked - 2, TOP - 24, 'scripts asked for', 11),
        line(done, TOP - 8, bottom, COLOURS['script']),
        text(done + (-4 if near_end else 4), TOP - 10, words, 11,
             'end' if near_end else 'start', COLOURS['script'])])


def draw(name, panels):
    """panels: (title, Story), side by side; all of as many streams."""
    count = len(panels[0][1].scripts + panels[0][1].images)
    bottom = TOP + count * LANE
    width = LEFT + len(panels) * (WIDTH + GAP)
    scripts = len(panels[0][1].scripts)
    body = [text(LEFT, 24, name, 16, weight='bold'),
            text(LEFT - 8, TOP + scripts * LANE / 2 + 4, 'scripts', 12, 'end',
                 COLOURS['script']),
            text(LEFT - 8, TOP + (scripts + count) * LANE / 2 + 4, 'images',
                 12, 'end', COLOURS['image'])]
    for number, (title, story) in enumerate(panels):
        body += panel(title, story, LEFT + number * (WIDTH + GAP), bottom)
    return '\n'.join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" '
        f'height="{bottom + 48}" font-family="sans-serif">',
        '<rect width="100%" height="100%" fill="white"/>', *body, '</svg>',
        ''])
