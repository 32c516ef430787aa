import { read } from './door.js';
import { brief, card, el, facts } from './draw.js';

const MIB = 2 ** 20;
const PARTS = [['chain', 'Chain', chain], ['store', 'Store', store], ['peers', 'Peers', peers], ['reach', 'Reached', reach], ['wallet', 'Wallet', wallet],
  ['duties', 'Duties', duties], ['registry', 'Registry', registry], ['disk', 'Disk', disk]];

export async function home() {
  const told = await read('/v1/status');
  const { parts, catalog } = told;
  const sentence = told.ready ? 'It follows the chain and keeps what it promised.' : told.reasons.join('; ');
  return [
    el('h1', {}, told.ready ? 'The node is well' : 'The node needs you'),
    el(told.ready ? 'p.lead' : 'p.lead.bad', {}, sentence),
    el('ul.cards', {},
      card('Wallet', parts.wallet.up ? parts.wallet.tokens : 'unknown', parts.wallet.up ? `${parts.wallet.account} on account` : parts.wallet.reason),
      card('Assets of mine', catalog.mine.toLocaleString(), `of ${catalog.assets.toLocaleString()} known`),
      card('Running sales', String(catalog.sales_open), 'waiting for a key or an end'),
      card('Open jobs', String(catalog.bounties_open), `${catalog.claims_running} claims of mine run`)),
    el('h2', {}, 'Its parts, each asked just now'),
    el('.parts', {}, PARTS.filter(([name]) => parts[name]).map(([name, title, lines]) => section(title, parts[name], lines))),
    el('h2', {}, 'Who it is'),
    el('.card', {}, facts([['Account', el('code', {}, told.account)], ['Peer', el('code', {}, told.peer)], ['Version', told.version],
      ['As of', `block ${told.as_of.block}, ${told.as_of.age_s} s ago`], ['Up for', span(told.up_seconds)], ['Facts', catalog.facts.toLocaleString()],
      ['Registered', told.registered ? 'yes' : 'no – `thenar register`']])),
  ];
}

function section(title, part, lines) {
  const state = part.up ? el('span.good', {}, '● up') : el('span.bad', {}, '▲ down');
  const known = part.up ? lines(part) : [['Why', part.reason]];
  return el('section.card', {}, el('h3', {}, title, ' ', state), facts([...known, ['Answered in', `${part.answered_in_ms ?? '–'} ms`]]));
}

function chain(part) {
  return [['Chain', String(part.chain_id)], ['Head', `block ${part.head}, ${part.head_age_s} s old`], ['Behind', `${part.behind} blocks`]];
}

function store(part) {
  return [['Kind', part.kind], ['Used', bar(part.used, part.quota)], ['On disk', `${(part.on_disk / MIB).toFixed(1)} MiB`],
    ['Blocks', `${part.blocks.toLocaleString()}, ${part.pins.toLocaleString()} pinned`]];
}

function peers(part) {
  return [['Connected', String(part.connected.length)], ['Heard', part.heard.toLocaleString()], ['Refused', part.refused.toLocaleString()]];
}

function reach(part) {
  return [['Peers asked', String(part.asked)], ['They get through at', part.through.join(', ') || '–'], ['Got a block', String(part.served)], ['They see it at', part.seen_at.join(', ') || '–']];
}

function wallet(part) {
  return [['Tokens', part.tokens], ['On account', part.account], ['For gas', `${(Number(part.gas_wei) / 1e18).toFixed(4)} coins`]];
}

function duties(part) {
  return [['Open', String(part.open.length)], ['Being sent', String(part.sending)], ['Given up', part.given_up ? el('span.bad', {}, `▲ ${part.given_up}`) : '0'],
    ...part.failed.slice(-2).map(([key, why]) => ['Lately', brief(`${key}: ${why}`)])];
}

function registry(part) {
  return [['Registered', part.registered ? 'yes' : 'no'], ['Ever was', part.was ? 'yes' : 'no']];
}

function disk(part) {
  return [['Free', bar(part.total - part.free, part.total, `${(part.free / 1e9).toFixed(1)} of ${(part.total / 1e9).toFixed(1)} GB`)]];
}

function bar(used, whole, words = `${(used / MIB).toFixed(1)} MiB${whole ? ` of ${(whole / MIB).toFixed(0)}` : ''}`) {
  return el('span', {}, words, whole ? el('progress', { max: whole, value: Math.min(used, whole), 'aria-label': words }) : null);
}

function span(seconds) {
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  return days ? `${days} d ${hours} h` : hours ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}
