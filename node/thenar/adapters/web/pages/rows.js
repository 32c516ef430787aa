import { el, table } from './draw.js';

const FEW = 200;
const HEIGHT = 41;
const BEYOND = 12;

// A table of as many rows as there are: only those in sight are elements, so that ten thousand scroll like ten.
export function listing(caption, heads, items, cells) {
  if (items.length <= FEW) return table(caption, heads, items.map(cells));
  const head = el('tr', { 'aria-rowindex': '1' }, heads.map((title) => el(title.endsWith('#') ? 'th.number' : 'th', { scope: 'col' }, title.replace('#', ''))));
  const [above, below] = [gap(heads.length), gap(heads.length)];
  const body = el('tbody', {}, above, below);
  const made = el('table', { 'aria-rowcount': String(items.length + 1) }, el('caption', {}, caption), el('thead', {}, head), body);
  const pane = el('.scroll.long', { tabindex: '0', role: 'region', 'aria-label': caption }, made);
  const drawn = new Map();
  let [from, to, asked] = [0, 0, false];

  function draw() {
    asked = false;
    const first = Math.max(0, Math.floor(pane.scrollTop / HEIGHT) - BEYOND);
    const last = Math.min(items.length, first + Math.ceil((pane.clientHeight || 640) / HEIGHT) + 2 * BEYOND);
    if (first === from && last === to) return;
    [from, to] = [first, last];
    for (const [at, line] of drawn) {
      if (at < from || at >= to) {
        line.remove();
        drawn.delete(at);
      }
    }
    let after = above;
    for (let at = from; at < to; at += 1) {
      const line = drawn.get(at) ?? row(items[at], at, heads, cells);
      drawn.set(at, line);
      if (after.nextSibling !== line) after.after(line);
      after = line;
    }
    above.style.height = `${from * HEIGHT}px`;
    below.style.height = `${(items.length - to) * HEIGHT}px`;
  }

  pane.addEventListener('scroll', () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(draw);
  }, { passive: true });
  new ResizeObserver(draw).observe(pane);
  draw();
  return pane;
}

function row(item, at, heads, cells) {
  return el('tr', { 'aria-rowindex': String(at + 2) }, cells(item).map((cell, place) => el(heads[place].endsWith('#') ? 'td.number' : 'td', {}, cell ?? '–')));
}

const gap = (wide) => el('tr.gap', { 'aria-hidden': 'true' }, el('td', { colspan: String(wide) }));
