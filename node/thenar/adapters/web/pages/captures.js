import { all, command, read } from './door.js';
import { code, deed, el, facts, field, short, table } from './draw.js';
import { flow } from './flow.js';
import { keep } from './keep.js';
import { look } from './look.js';
import { listing } from './rows.js';
import { connected } from './wallets.js';

const KEYLESS = 'compute_only';
const KINDS = ['', 'capture', 'batch', 'dataset', 'model', 'result'];

export async function captures({ query }) {
  const kind = KINDS.includes(query.get('kind')) ? query.get('kind') : '';
  const items = await all('assets', kind ? { kind } : {});
  const pick = el('select', { id: 'kind', onchange: (event) => { location.hash = `/captures?kind=${event.target.value}`; } },
    KINDS.map((name) => el('option', { value: name, selected: name === kind }, name || 'everything')));
  return [
    el('h1', {}, 'Captures and what was made of them'),
    el('p.lead', {}, 'Everything that is owned. Recordings are sealed: a page shows what their manifest says, never what is in them.'),
    el('form', {}, el('label', { for: 'kind' }, 'Show', pick)),
    listing(`${items.length.toLocaleString()} assets`, ['Asset', 'Kind', 'Owner', 'Received#', 'Price#', 'Block#'], items, (item) => [
      el('a', { href: `#/asset/${item.asset}` }, short(item.asset)), item.kind, code(item.owner), item.received,
      item.offers.length ? item.offers[0].price : '–', String(item.block)]),
  ];
}

export async function asset({ id, me }) {
  const { item } = await read(`/v1/assets/${encodeURIComponent(id)}`);
  const [sales, terms] = await Promise.all([all('sales', { asset: id }), all('terms')]);
  const held = connected();
  const mine = item.owner === me;
  const yours = mine ? 'This is yours.' : held?.account === item.owner ? `This is your wallet’s, ${held.name}.` : null;
  return [
    el('h1', {}, `${item.kind[0].toUpperCase()}${item.kind.slice(1)} ${short(item.asset)}`),
    el('p.lead', {}, yours ?? ['It belongs to ', code(item.owner), '.']),
    el('.card', {}, facts([['Asset', el('code', {}, item.asset)], ['Owner', el('code', {}, item.owner)], ['Author', el('code', {}, item.author)],
      ['Manifest', el('code', {}, item.manifest)], ['Terms', String(item.terms)], ['Consent epoch', String(item.consent_epoch)],
      ['Received', item.received], ['Minted in block', String(item.block)]])),
    el('h2', {}, 'What may be seen of it'),
    await keep(`look/${id}`, () => look(id)),
    el('h2', {}, 'Offers'),
    table('Standing offers of the owner', ['Terms', 'Price#', 'Days#', 'Seller’s bond#', 'Part'],
      item.offers.map((offer) => [String(offer.terms), offer.price, offer.days ? String(offer.days) : 'no end', offer.bond, offer.part])),
    held && !mine ? await (await import('./owning.js')).withWallet(item, sales, held) : null,
    mine ? await owned(item, sales) : held?.account === item.owner ? null : purchase(item, terms),
    mine ? null : preview(item),
    el('h2', {}, 'Sales'),
    table('Fair sales', ['Buyer', 'Price#', 'Stage', 'Part'], sales.map((sale) => [code(sale.buyer), sale.price, sale.reason || sale.stage, sale.part])),
    el('h2', {}, 'Where its income goes'),
    await flow(id),
  ];
}

// The cheapest offer of the whole file.
export const best = (item) => item.offers.filter((one) => one.part === 'whole').sort((one, other) => Number(one.price) - Number(other.price))[0];

// Terms that allow nothing but computing where the data lies bring no key, so there is nothing to wait for.
function purchase(item, terms) {
  const offer = best(item);
  if (!offer) return el('p.quiet', {}, 'Nothing of it is offered as a whole now.');
  const keyless = terms.find((one) => one.terms === offer.terms)?.purposes === KEYLESS;
  const sentence = keyless ? `${offer.price} are paid at once. The license brings no key: what it allows runs where the data lies.`
    : `${offer.price} are locked until the right key has come; a wrong key, or none, brings them back with the seller’s bond.`;
  const [how, kind] = connected() ? [' with the node’s account', '.plain'] : ['', ''];
  return deed(`Buy for ${offer.price}${how}`, sentence, async (tell) => {
    const body = { asset: item.asset, terms: offer.terms, max_price: offer.price, request: crypto.randomUUID() };
    const sale = await command('license.buy', { ...body, ...(keyless ? { no_key: true } : { wait: true }) }, tell);
    if (keyless) return 'The license is yours. It brings no key: what it allows runs where the data lies.';
    return sale.key ? 'The key has come and opens the file. The sale has settled.' : `The sale ended: ${sale.reason || sale.stage}.`;
  }, kind);
}

function preview(item) {
  const chunks = el('input', { inputmode: 'numeric', value: '1' });
  const fee = el('input', { inputmode: 'decimal', value: '0.50' });
  const sentence = () => `${chunks.value} chunks, drawn by lot, are opened to this node for ${fee.value} and held against what was promised. A false one brings the fee back with the seller’s bond; so does none in time. Most sellers open nothing for less than 0.50.`;
  const act = deed('See a preview', sentence, async (tell) => {
    const body = { asset: item.asset, chunks: Number(chunks.value), fee: fee.value, wait: true, patience: 300, request: crypto.randomUUID() };
    const seen = await command('preview.challenge', body, tell);
    return seen.stage === 'opened' ? `${seen.chunks} of ${seen.of} chunks are open here.` : `The seller opened nothing: ${seen.end || seen.stage}.`;
  }, '.plain');
  return el('details.card', {}, el('summary', {}, 'Look before you pay'),
    el('form', { onsubmit: (event) => event.preventDefault() }, field('Chunks', chunks), field('Fee', fee)), act);
}

async function owned(item, sales) {
  const { byNode, mine } = await import('./mine.js');
  return mine(item, sales, byNode);
}
