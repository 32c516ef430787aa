import { all, read } from './door.js';
import { el, short, svg } from './draw.js';

const WIDTH = 170;
const HEIGHT = 52;
const DEEPEST = 6;
const MOST = 60;

// Whose income a payment becomes: the asset at the left, its parents to the right, with the share each is due.
export async function flow(id) {
  const known = new Map((await all('income')).map((item) => [item.asset, item]));
  const levels = [[id]];
  const edges = [];
  const seen = new Set([id]);
  while (levels.length < DEEPEST && levels.at(-1).length && seen.size < MOST) {
    const next = [];
    for (const child of levels.at(-1)) {
      for (const parent of known.get(child)?.parents ?? []) {
        edges.push([child, parent.asset, parent.share]);
        if (!seen.has(parent.asset)) {
          seen.add(parent.asset);
          next.push(parent.asset);
        }
      }
    }
    levels.push(next);
  }
  const own = known.get(id);
  const sentence = own ? `Received ${own.received}, of which ${own.own} are its own.` : 'It has received nothing yet.';
  if (!edges.length) return el('p', {}, `${sentence} It is made of nothing else, so all of it is its owner’s.`);
  return el('figure', {}, picture(levels.filter((level) => level.length), edges), el('figcaption.quiet', {}, sentence));
}

function picture(levels, edges) {
  const rows = Math.max(...levels.map((level) => level.length));
  const at = new Map(levels.flatMap((level, x) => level.map((id, y) => [id, [x * (WIDTH + 90) + 10, (y + 0.5) * (rows / level.length) * (HEIGHT + 24) - HEIGHT / 2 + 6]])));
  const box = `0 0 ${levels.length * (WIDTH + 90) - 70} ${rows * (HEIGHT + 24) + 12}`;
  const lines = edges.filter(([, parent]) => at.has(parent)).map(([child, parent, share]) => {
    const [[x1, y1], [x2, y2]] = [at.get(child), at.get(parent)];
    const [from, to] = [x1 + WIDTH, x2];
    const path = `M${from} ${y1 + HEIGHT / 2} C${from + 45} ${y1 + HEIGHT / 2} ${to - 45} ${y2 + HEIGHT / 2} ${to} ${y2 + HEIGHT / 2}`;
    return [svg('path', { d: path }), svg('text.share', { x: (from + to) / 2, y: (y1 + y2 + HEIGHT) / 2 - 6, 'text-anchor': 'middle' }, share)];
  });
  const boxes = [...at].map(([id, [x, y]]) => svg('a', { href: `#/asset/${id}` },
    svg('rect', { x, y, width: WIDTH, height: HEIGHT, rx: 10 }),
    svg('text', { x: x + 14, y: y + 31 }, short(id))));
  return svg('svg.flow', { viewBox: box, role: 'img', 'aria-label': `${edges.length} shares of income between ${at.size} assets` }, lines.flat(), boxes);
}
