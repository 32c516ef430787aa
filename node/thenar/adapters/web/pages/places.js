import { all, command, read } from './door.js';
import { card, code, el, moment } from './draw.js';
import { faded } from './faded.js';
import { keep } from './keep.js';
import { listing } from './rows.js';

const GOOD = 10000;
const WHAT = ['', 'spatial', 'tactile', 'trajectory', 'imu'];

export async function places({ query }) {
  const what = WHAT.includes(query.get('what')) ? query.get('what') : '';
  const [asks, { item }, { gaps }] = await Promise.all([all('asks'), read(`/v1/maps/${what || 'all'}`), command('bounty.gaps', {}, () => {})]);
  const open = asks.filter((item) => !item.closed && (!what || item.modality === what));
  const now = Date.now() / 1000;
  const shown = item.spots.map((row) => Object.fromEntries(row.map((value, at) => [item.columns[at], value])));
  for (const spot of shown) spot.now = faded(spot.amount_bp, now - spot.at, item.half_lives_s[spot.place_class]);
  const atlas = await keep('map', async () => (await import('./map.js')).coverageMap());
  requestAnimationFrame(() => atlas.put(best(shown), open.filter((item) => item.area)));
  const missing = new Map(gaps.map((gap) => [gap.bounty, gap]));
  return [
    el('h1', {}, 'What is missing'),
    el('p.lead', {}, 'Captures that somebody pays for, and what is covered. Places are classes and coarse cells: nobody’s home is ever on a map.'),
    el('ul.cards', {},
      card('Areas that are paid for', String(open.length), `${sum(open.map((item) => item.left))} left in their budgets`),
      card('Covered cells', shown.filter((spot) => spot.now > 0).length.toLocaleString(), `${shown.filter((spot) => spot.now >= GOOD / 2).length.toLocaleString()} of them by half a good capture or more`)),
    filter(what),
    atlas.figure,
    listing('Asked for', ['Ask', 'What', 'Where', 'Cell', 'Missing#', 'Price now#', 'Left of budget#', 'Quality from#', 'Until', 'On the map'], open, (item) => [
      String(item.ask), item.modality, item.place_class.replace('_', ' ') || missing.get(item.ask)?.wanted || 'anywhere', code(item.area), missing.get(item.ask)?.missing ?? '–',
      missing.get(item.ask)?.price ?? item.price, item.left, `${(item.min_quality / 100).toFixed(0)} %`, moment(item.deadline),
      item.area ? el('button.plain', { type: 'button', onclick: () => { atlas.go(item); atlas.figure.scrollIntoView({ block: 'nearest' }); } }, 'Show') : '']),
    el('h2', {}, 'Covered'),
    listing('What is left of it now', ['What', 'Where', 'Cell', 'Level#', 'Covered#', 'At its last capture#', 'Since'], shown, (item) => [
      item.modality, item.place_class.replace('_', ' ') || '–', code(item.cell), String(item.level), percent(item.now), percent(item.amount_bp), moment(item.at)]),
  ];
}

const percent = (bp) => `${(bp / 100).toFixed(0)} %`;
const sum = (amounts) => amounts.reduce((total, amount) => total + Number(amount), 0).toFixed(2);

// One entry for each cell: its best covered level.
function best(items) {
  const found = new Map();
  for (const item of items) {
    const share = Math.min(1, item.now / GOOD);
    if (share > (found.get(item.cell)?.share ?? -1)) found.set(item.cell, { cell: item.cell, share });
  }
  return [...found.values()];
}

function filter(what) {
  const pick = el('select', { id: 'what', onchange: (event) => { location.hash = `/places?what=${event.target.value}`; } },
    WHAT.map((name) => el('option', { value: name, selected: name === what }, name || 'everything')));
  return el('form', {}, el('label', { for: 'what' }, 'Show', pick));
}
