# SPDX-License-Identifier: Apache-2.0
"""Figures as text, Markdown or tab-separated lines.

No measuring here: tests/style/bench.sh calls this with figures of its own.
"""

import sys

STYLES = ('text', 'md', 'tsv')


def markdown_row(cells):
    return '| ' + ' | '.join(cells) + ' |'


def number(value, unit):
    """As many digits as mean something."""
    if value is None:
        return '-'
    if unit == 'req/s' or value >= 200:
        return f'{value:.0f}'
    return f'{value:.1f}'


class Comparison:
    """One line per workload: ours, and by peer its figure and the ratio.

    In TSV one line per workload and peer, the peer's name last unless there
    is but one, and no line for a figure that is missing.  `name`: whose our
    figures are.
    """

    def __init__(self, style, peers, out=None, name='mod_h2x',
                 against=True):
        self.name = name
        self.against = against
        self.style = style
        self.peers = peers
        self.out = out or sys.stdout

    def put(self, text):
        print(text, file=self.out, flush=True)

    def header(self):
        if self.style == 'tsv':
            self.put('\t'.join(('name', 'ours', 'peer', 'unit', 'ratio')
                               + ('against',) * self.against))
            return
        if self.style == 'md':
            cells = ['', self.name]
            for peer in self.peers:
                cells += [peer, 'ratio']
            self.put(markdown_row(cells))
            self.put(markdown_row(['---'] + ['---:'] * (len(cells) - 1)))
            return
        self.put(f'{"name":21} {"ours":>9}' + ''.join(
            f' {peer:>12} {"ratio":>6}' for peer in self.peers)
            + '  unit')

    def line(self, name, ours, values, unit):
        """values: the figures of the peers, in their order."""
        ratios = [None if value is None else ours / value
                  for value in values]
        if self.style == 'tsv':
            for peer, value, ratio in zip(self.peers, values, ratios):
                if value is not None:
                    self.put('\t'.join((name, f'{ours:.2f}', f'{value:.2f}',
                                        unit, f'{ratio:.3f}')
                                       + (peer,) * self.against))
            return
        texts = ['-' if ratio is None else f'{ratio:.2f}'
                 for ratio in ratios]
        if self.style == 'md':
            short = 'us' if unit == 'us/request' else unit
            cells = [name, f'{number(ours, unit)} {short}']
            for value, ratio in zip(values, texts):
                cells += [number(value, unit) if value is None else
                          f'{number(value, unit)} {short}', ratio]
            self.put(markdown_row(cells))
            return
        cells = ''.join(f' {"-" if value is None else f"{value:.2f}":>12} '
                        f'{ratio:>6}'
                        for value, ratio in zip(values, texts))
        self.put(f'{name:21} {ours:9.2f}{cells}  {unit}')


class Table:
    """Rows of texts; all columns but the first are numbers."""

    def __init__(self, *heads):
        self.rows = [list(heads)]

    def add(self, *cells):
        self.rows.append(list(cells))

    def lines(self, style):
        if style == 'tsv':
            return ['\t'.join(row) for row in self.rows]
        if style == 'md':
            count = len(self.rows[0])
            rows = [markdown_row(row) for row in self.rows]
            rows.insert(1, markdown_row(['---'] + ['---:'] * (count - 1)))
            return rows
        widths = [max(len(row[i]) for row in self.rows)
                  for i in range(len(self.rows[0]))]
        return ['  '.join([row[0].ljust(widths[0])] + [
            cell.rjust(width) for cell, width in zip(row[1:], widths[1:])])
            for row in self.rows]
