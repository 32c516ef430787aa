// What an owner does with an asset, whoever signs: offer, take an offer back, end one license, withdraw consent.
import { all, command } from './door.js';
import { code, deed, el, field } from './draw.js';

const DAY = 86400;
const KEPT_BY = 'Copies in other hands cannot be called back.';

// How the node's own account does it: every deed is a command with a request of its own.
export const byNode = {
  purse: 'the node’s wallet',
  withdraws: `This ends every license of it, pays back what was not used, destroys the key here, and cannot be undone. ${KEPT_BY}`,
  fits: ({ price, days, bond }) => {
    if (!/^\d+(\.\d+)?$/.test(price)) throw new Error('a price is an amount such as 12.50');
    if (!/^\d{1,5}$/.test(days)) throw new Error('days are a whole number; 0 is without end');
    if (!/^\d{1,3}(\.\d+)?$/.test(bond)) throw new Error('a bond is a share of the price, at most 100 %');
    return price;
  },
  async offer(item, { price, days, bond, terms }, tell) {
    const made = await command('license.offer', { asset: item.asset, terms: Number(terms), price, days: Number(days), bond: `${bond}%`, request: crypto.randomUUID() }, tell);
    return made.price;
  },
  close: (item, terms, tell) => command('license.close', { asset: item.asset, terms, request: crypto.randomUUID() }, tell),
  async end(item, who, _, tell) {
    const done = await command('license.revoke', { asset: item.asset, who, request: crypto.randomUUID() }, tell);
    return `The license has ended. ${done.paid_back} went back.`;
  },
  async withdraw(item, tell) {
    const done = await command('capture.withdraw', { asset: item.asset, yes: true, request: crypto.randomUUID() }, tell);
    return `Withdrawn. ${done.refunded} went back to licensees.`;
  },
};

export async function mine(item, sales, by) {
  const [terms, grants] = await Promise.all([all('terms'), all('grants', { asset: item.asset })]);
  return [
    offering(item, terms, by),
    ...item.offers.filter((one) => one.part === 'whole').map((one) => deed(`Take the offer at ${one.price} back`, 'Nobody can buy at it any more. Licenses that were sold run on.', async (tell) => {
      await by.close(item, one.terms, tell);
      return 'The offer is taken back.';
    }, '.plain')),
    licensees(item, sales, grants, by),
    deed('Withdraw consent', by.withdraws, (tell) => by.withdraw(item, tell), '.plain'),
  ];
}

function offering(item, terms, by) {
  const price = el('input', { inputmode: 'decimal', required: true, value: item.offers[0]?.price ?? '' });
  const days = el('input', { inputmode: 'numeric', value: '0' });
  const bond = el('input', { inputmode: 'decimal', value: '0' });
  const under = el('select', {}, terms.map((one) => el('option', { value: one.terms, selected: one.terms === item.terms }, `${one.terms}: ${one.purposes.replaceAll(',', ', ')}; ${one.share} of what is made with it`)));
  const wanted = () => ({ price: price.value.trim(), days: days.value.trim(), bond: bond.value.trim(), terms: under.value });
  const sentence = () => `Anybody may buy a license for ${by.fits(wanted())} under terms ${under.value}, for a year. This node delivers the key, so leave it running.`;
  const act = deed('Offer', sentence, async (tell) => `It is offered for ${await by.offer(item, wanted(), tell)}.`);
  return el('.card', {}, el('h2', {}, 'Offer licenses'), el('form', { onsubmit: (event) => event.preventDefault() },
    field('Price', price), field('Days (0: without end)', days), field('Bond, % of the price', bond), field('Terms', under)), act);
}

// Those whose license of the whole runs: by a sale that has settled, or without a key.
function licensees(item, sales, grants, by) {
  const now = Date.now() / 1000;
  const sold = sales.filter((one) => one.stage === 'settled' && one.part === 'whole' && one.until > now);
  const given = grants.filter((one) => one.consent_epoch === item.consent_epoch && one.until > now);
  const found = [...new Set([...sold.map((one) => one.buyer), ...given.map((one) => one.licensee)])];
  if (!found.length) return null;
  return el('.card', {}, el('h2', {}, 'Who holds a license'), el('ul.people', {}, found.map((who) => el('li.row', {}, code(who),
    deed('End this license', `It ends this second. What was paid for time without end is paid back from ${by.purse} in the same transaction.`,
      (tell) => by.end(item, who, [...sold.filter((one) => one.buyer === who), ...given.filter((one) => one.licensee === who)], tell), '.plain')))));
}

export const seconds = (days) => BigInt(days) * BigInt(DAY);
export const inAYear = () => BigInt(Math.floor(Date.now() / 1000) + 365 * DAY);
