// What is offered and what this side has bought; and the way a recording of one's own gets there.
import { all, command } from './door.js';
import { code, deed, el, field, short, table } from './draw.js';
import { connected } from './wallets.js';

const PURPOSES = { train: 'train models', 'train,eval': 'train and test models', 'train,eval,sim': 'train, test and simulate', human_view: 'look at it', compute_only: 'compute over it where it lies, without a copy' };

export async function market({ me }) {
  const held = connected();
  const [assets, terms, sales, grants] = await Promise.all([all('assets'), all('terms'), all('sales'), all('grants')]);
  const known = new Map(terms.map((one) => [one.terms, one]));
  const own = [me, held?.account];
  const offers = assets.flatMap((item) => item.offers.map((offer) => ({ item, offer, terms: known.get(offer.terms) })));
  const bought = sales.filter((sale) => own.includes(sale.buyer));
  const given = grants.filter((one) => own.includes(one.licensee));
  const payer = (who) => (who === me ? 'the node' : held.name);
  return [
    el('h1', {}, 'Market'),
    el('p.lead', {}, 'Licenses of sealed recordings and of what was made of them. Key and money change hands together, or neither does.'),
    table(`${offers.length} offers`, ['Asset', 'Kind', 'Price#', 'Bond#', 'For', 'What it allows', 'Owner’s share#', 'Seller'], offers.map(({ item, offer, terms: one }) => [
      link(item.asset), item.kind, offer.price, offer.bond, offer.days ? `${offer.days} days` : 'no end', one?.purposes.replaceAll(',', ', '), one?.share,
      own.includes(item.owner) ? 'yours' : code(item.owner)])),
    el('h2', {}, 'What you bought'),
    table('Your purchases', ['Asset', 'Price#', 'Stage', 'Paid by'], [
      ...bought.map((sale) => [link(sale.asset), sale.price, sale.reason || sale.stage, payer(sale.buyer)]),
      ...given.map((one) => [link(one.asset), one.price, 'brings no key', payer(one.licensee)])]),
    el('h2', {}, 'Contribute a recording'),
    contribution(held),
  ];
}

const link = (asset) => el('a', { href: `#/asset/${asset}` }, short(asset));

function contribution(held) {
  const path = el('input', { required: true, placeholder: '/home/me/scan.pcd', autocomplete: 'off', spellcheck: 'false' });
  const description = el('input', { placeholder: 'scan.json', autocomplete: 'off', spellcheck: 'false' });
  const layout = el('input', { placeholder: 'hand.json', autocomplete: 'off', spellcheck: 'false' });
  const purposes = el('select', {}, Object.entries(PURPOSES).map(([value, words]) => el('option', { value }, words)));
  const price = el('input', { inputmode: 'decimal', placeholder: held ? 'offer it later' : '12.50' });
  const files = () => ({ path: path.value, purposes: purposes.value, ...(description.value ? { description: description.value } : {}), ...(layout.value ? { layout: layout.value } : {}) });
  const owner = held ? `${held.name} owns it and pays for the minting` : 'The node’s account owns it';
  const act = deed('Contribute', `The file stays on this machine: it is scrubbed of faces’ and places’ traces, sealed, described and made an asset. ${owner}.`, async (tell) => {
    const request = crypto.randomUUID();
    if (!held) {
      const done = await command('capture.add', { ...files(), ...(price.value ? { price: price.value } : {}), request }, tell);
      return el('', {}, 'It is an asset now: ', el('a', { href: `#/asset/${done.asset}` }, short(done.asset)), '.');
    }
    const ready = await command('wallet.prepare', { ...files(), wallet: held.account, request }, tell);
    if (!ready.minted) await (await import('./sending.js')).send('Mint', 'AssetRegistry', 'mint', [ready.commitment, ready.terms, 0, `0x${'00'.repeat(20)}`, '0x'], tell);
    return el('', {}, 'It is your wallet’s now: ', el('a', { href: `#/asset/${ready.asset}` }, short(ready.asset)), '. Offer it there.');
  });
  return el('.card', {}, el('form', { onsubmit: (event) => event.preventDefault() },
    field('Recording on this machine', path), field('Its description, if any', description), field('Layout of a skin, if any', layout),
    field('Licensees may', purposes), held ? null : field('Price, if it is offered at once', price)), act);
}
