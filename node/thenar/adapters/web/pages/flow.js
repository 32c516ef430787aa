import { all, read } from './door.js';
import { code, el, short, svg, table } from './draw.js';

const WIDTH = 170;
const HEIGHT = 52;
const DEEPEST = 6;
const MOST = 60;

// Whose income a payment becomes: the asset at the left, its parents to the right, down to the captures, with the share
// each is due of its child's income and of all that comes in here.
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
  const parts = shares(id, [...seen], known);
  return el('section', {}, el('figure', {}, picture(levels.filter((level) => level.length), edges), el('figcaption.quiet', {}, sentence)),
    table('Of 100 that come in here', ['Who is paid', 'Owner', 'Comes to#', 'Received so far#', 'Waiting for its owner#'], [...parts].map(([asset, part]) => [
      el('a', { href: `#/asset/${asset}` }, asset === id ? 'this asset itself' : short(asset)), code(known.get(asset)?.owner), part.toFixed(4).replace(/\.?0+$/, ''),
      known.get(asset)?.received ?? '0', known.get(asset)?.own_due ?? '0'])), contributors(own));
}

// What each asset keeps of 100 that come in at the top. A parent was there before its child, so there is no way round.
function shares(top, all, known) {
  const due = new Map(all.map((asset) => [asset, 0]));
  const kept = new Map();
  due.set(top, 100);
  for (let left = all.length, queue = [top]; queue.length && left >= 0; left -= 1) {
    const next = new Set();
    for (const child of queue) {
      const parents = known.get(child)?.parents ?? [];
      const passed = due.get(child);
      due.set(child, 0);
      let own = passed;
      for (const parent of parents.filter((one) => due.has(one.asset))) {
        const part = (passed * parseFloat(parent.share)) / 100;
        due.set(parent.asset, due.get(parent.asset) + part);
        own -= part;
        next.add(parent.asset);
      }
      kept.set(child, (kept.get(child) ?? 0) + own);
    }
    queue = [...next];
  }
  return new Map([...kept].sort(([, one], [, other]) => other - one));
}

// Payouts share what the asset keeps among contributors, by weight, down to a single capture of a batch.
function contributors(own) {
  if (!own?.payouts.length) return el('p.quiet', {}, 'What it keeps is its owner’s: no payout shares it among contributors.');
  return table('What it keeps is shared by weight', ['Payout#', 'Sum of weights#', 'From income beyond#', 'List of shares'], own.payouts.map((one) => [
    String(one.payout), one.total_weight.toLocaleString(), one.start, code(one.tree)]));
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
