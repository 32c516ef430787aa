import { read } from './door.js';
import { card, el, facts, table } from './draw.js';

const PARTS = { chain: 'Chain', store: 'Store', peers: 'Peers', wallet: 'Wallet', duties: 'Duties' };

export async function home() {
  const told = await read('/v1/status');
  const { parts, catalog } = told;
  const sentence = told.ready ? 'It follows the chain and keeps what it promised.' : told.reasons.join('; ');
  return [
    el('h1', {}, told.ready ? 'The node is well' : 'The node needs you'),
    el(told.ready ? 'p.lead' : 'p.lead.bad', {}, sentence),
    el('ul.cards', {},
      card('Wallet', parts.wallet.up ? parts.wallet.tokens : 'unknown', parts.wallet.up ? `${parts.wallet.account} on account` : parts.wallet.reason),
      card('Assets of mine', String(catalog.mine), `of ${catalog.assets} known`),
      card('Running sales', String(catalog.sales_open), 'waiting for a key or an end'),
      card('Peers', parts.peers.up ? String(parts.peers.connected.length) : 'unknown', 'connected now')),
    table('Parts of the node, each asked just now', ['Part', 'State', 'Answered in (ms)#', 'More'],
      Object.entries(PARTS).map(([name, title]) => [title, state(parts[name]), String(parts[name].answered_in_ms), more(name, parts[name])])),
    el('h2', {}, 'Who it is'),
    el('.card', {}, facts([['Account', el('code', {}, told.account)], ['Peer', el('code', {}, told.peer)],
      ['Version', told.version], ['As of', `block ${told.as_of.block}`], ['Registered', told.registered ? 'yes' : 'no – `thenar register`']])),
  ];
}

const state = (part) => (part.up ? el('span.good', {}, '● up') : el('span.bad', {}, `▲ ${part.reason}`));

function more(name, part) {
  if (!part.up) return '';
  if (name === 'chain') return `chain ${part.chain_id}, head ${part.head}, ${part.head_age_s} s old, ${part.behind} behind`;
  if (name === 'store') return `${part.kind}, ${(part.used / 2 ** 20).toFixed(1)} MiB in ${part.blocks} blocks`;
  if (name === 'duties') return `${part.open.length} open, ${part.failed.length} failed`;
  return '';
}
