import { all } from './door.js';
import { code, el, moment, table } from './draw.js';

const GOOD = 10000;

export async function places() {
  const [asks, coverage] = await Promise.all([all('asks'), all('coverage')]);
  return [
    el('h1', {}, 'What is missing'),
    el('p.lead', {}, 'Captures that somebody pays for, and what is covered. Places are classes and coarse cells: nobody’s home is ever on a list.'),
    table('Asked for', ['Ask', 'What', 'Where', 'Cell', 'Quality at least#', 'Price#', 'Left of budget#', 'Until'], asks.filter((item) => !item.closed).map((item) => [
      String(item.ask), item.modality, item.place_class.replace('_', ' ') || 'anywhere', code(item.area), `${(item.min_quality / 100).toFixed(0)} %`, item.price, item.left, moment(item.deadline)])),
    el('h2', {}, 'Covered'),
    table('As of the last good capture', ['What', 'Where', 'Cell', 'Level#', 'Covered', 'Since'], coverage.map((item) => [
      item.modality, item.place_class.replace('_', ' ') || '–', code(item.cell), String(item.level),
      el('progress', { max: GOOD, value: Math.min(item.amount_bp, GOOD), 'aria-label': `${Math.round(item.amount_bp / 100)} % covered` }), moment(item.at)])),
  ];
}
