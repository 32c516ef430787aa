// What a wallet does with an asset: buy and complain, or offer and withdraw. The node keeps keys, the wallet signs and pays.
import { best } from './captures.js';
import { all, command, read, Refused, until } from './door.js';
import { deed, el, moment } from './draw.js';
import { amount, Unfit, units } from './encode.js';
import { inAYear, mine, seconds } from './mine.js';
import { send, view } from './sending.js';
import { chainOf, forgetChain } from './wallets.js';

const NOTHING = `0x${'00'.repeat(32)}`;

export async function withWallet(item, sales, held) {
  if (item.owner === held.account) return mine(item, sales, await byWallet(held));
  const running = sales.find((sale) => sale.buyer === held.account && ['open', 'delivered'].includes(sale.stage));
  return running ? runs(running, held) : buying(item, held);
}

// Lets the Ledger pull what is needed from the wallet, and no more than that.
export async function allow(account, wanted, tell) {
  const { contracts, decimals } = await chainOf();
  const has = await view('token', 'balanceOf', [account]);
  if (has < wanted) throw new Refused(0, `the wallet holds ${amount(has, decimals)} and ${amount(wanted, decimals)} are needed`, 'bring settlement tokens to it first');
  if (await view('token', 'allowance', [account, contracts.Ledger]) >= wanted) return;
  await send(`Allow ${amount(wanted, decimals)}`, 'token', 'approve', [contracts.Ledger, wanted], tell);
}

function buying(item, held) {
  const offer = best(item);
  if (!offer) return null;
  const sentence = `${held.name} pays ${offer.price}${Number(offer.bond) ? ` and lays down a bond of ${offer.bond}` : ''}. This node makes the one-time key, checks what comes and opens it; a wrong key, or none, brings the money back.`;
  return deed(`Buy for ${offer.price} with ${held.name}`, sentence, async (tell) => {
    const made = await command('wallet.order', { asset: item.asset, terms: offer.terms, wallet: held.account, max_price: offer.price, request: crypto.randomUUID() }, tell);
    if (BigInt(made.units) > 0n) await allow(held.account, BigInt(made.units), tell);
    const { asset, terms, maxPrice, maxShare, minDuration } = made.order;
    if (made.keyless) {
      await send('Buy', 'LicenseDesk', 'buy', [asset, terms, maxPrice, maxShare, minDuration], tell);
      return 'The license is yours. It brings no key: what it allows runs where the data lies.';
    }
    await send('Buy', 'KeyExchange', 'open', [made.order], tell);
    const sale = await until(async () => (await all('sales', { asset: item.asset, buyer: held.account })).find((one) => one.stage === 'open' || one.stage === 'delivered'));
    return waitForKey(sale, held, tell);
  });
}

async function waitForKey(sale, held, tell) {
  let looked = null;
  for (;;) {
    const { item } = await read(`/v1/sales/${sale.deal}`);
    if (item.stage === 'settled') return settled(sale);
    if (item.stage === 'refunded') return `The money is back: ${item.reason}.`;
    if (item.stage === 'delivered' && !looked) {
      looked = await examine(sale, tell);
      if (looked.wrong) return complaint(sale, looked);
    }
    tell({ label: item.stage === 'open' ? 'waiting for the key' : 'the key is right; the sale settles when the dispute window has passed' });
    const before = item.stage;
    await until(async () => ((await read(`/v1/sales/${sale.deal}`)).item.stage === before ? null : true));
  }
}

async function settled(sale) {
  const held = await until(async () => ((await command('wallet.deal', { deal: sale.deal }, () => {})).key || null), 1000);
  return held ? 'The key has come and opens the file. The sale has settled.' : 'The sale has settled.';
}

// What is wrong with a delivery. A sale that ended meanwhile has nothing to be looked at.
async function examine(sale, tell) {
  tell({ label: 'a key has come; opening every leaf with it' });
  try {
    return await command('wallet.evidence', { deal: sale.deal }, tell);
  } catch (cause) {
    if ((await read(`/v1/sales/${sale.deal}`)).item.stage !== 'delivered') return { wrong: '' };
    throw cause;
  }
}

function complaint(sale, { wrong, evidence }) {
  const said = wrong === 'key' ? 'The key that came is not the one the asset committed to.' : 'The key opens a leaf to something else than was promised.';
  const act = deed('Complain and take the money back', `This shows the chain what came. ${sale.price}, and both bonds, come to your account there.`, async (tell) => {
    await send('Complain', 'KeyExchange', wrong === 'key' ? 'disputeKey' : 'disputeChunk', evidence, tell);
    const { item } = await until(async () => { const found = await read(`/v1/sales/${sale.deal}`); return found.item.stage === 'refunded' ? found : null; });
    return `The money is back: ${item.reason}. It is in your account in the Ledger; the Wallet page takes it out.`;
  });
  return el('', {}, el('strong.bad', {}, `▲ ${said}`), act);
}

function runs(sale, held) {
  const late = sale.stage === 'open' && sale.deadline * 1000 < Date.now();
  const told = sale.stage === 'open' ? `The seller delivers the key until ${moment(sale.deadline)}.` : `A key has come; only this wallet can complain, until ${moment(sale.deadline)}.`;
  const look = deed(sale.stage === 'open' ? 'Wait for the key' : 'Look at what came', told, (tell) => waitForKey(sale, held, tell));
  const back = deed('Take the money back', 'No key came in time: price and both bonds come to your account.', async (tell) => {
    const { signed } = await command('wallet.deal', { deal: sale.deal }, tell);
    await send('Take the money back', 'KeyExchange', 'timeoutRefund', [signed], tell);
    return 'The money is back, with the seller’s bond where there was one.';
  });
  return el('.card', {}, el('h2', {}, 'Your purchase runs'), el('p', {}, told), look, late ? back : null);
}

// How a wallet does what an owner does: it signs each call itself.
async function byWallet(held) {
  const { decimals } = await chainOf();
  const fits = ({ price, days, bond }) => {
    if (!/^\d{1,5}$/.test(days)) throw new Unfit('days are a whole number; 0 is without end');
    if (units(bond, 2) > 10000n) throw new Unfit('a bond is at most 100 % of the price');
    return amount(units(price, decimals), decimals);
  };
  return {
    purse: 'your wallet',
    withdraws: 'This ends every license and every offer of it at once and cannot be undone. Copies in other hands cannot be called back.',
    fits,
    async offer(item, wanted, tell) {
      const made = { price: units(wanted.price, decimals), duration: seconds(wanted.days), expiresAt: inAYear(), bondBps: units(wanted.bond, 2) };
      await appoint(held, tell);
      await cover(held, made.price * made.bondBps / 10000n, tell);
      await send('Offer', 'LicenseDesk', 'offer', [item.asset, wanted.terms, 0, made], tell);
      return amount(made.price, decimals);
    },
    close: (item, terms, tell) => send('Take the offer back', 'LicenseDesk', 'closeOffer', [item.asset, terms, 0], tell),
    async end(item, who, paid, tell) {
      await allow(held.account, paid.reduce((sum, one) => sum + units(one.price, decimals), 0n), tell);
      await send('End a license', 'LicenseDesk', 'revokeOne', [item.asset, 0, who], tell);
      return 'The license has ended.';
    },
    async withdraw(item, tell) {
      await send('Withdraw consent', 'AssetRegistry', 'revokeAll', [item.asset, NOTHING], tell);
      return 'Withdrawn: no license of it is good any more.';
    },
  };
}

// The node that sealed it delivers keys for the wallet: the contract is told so once.
async function appoint(held, tell) {
  forgetChain();
  const { keepers, node } = await chainOf();
  if (keepers[held.account] === node) return;
  await send('Let this node deliver keys', 'KeyExchange', 'appoint', [node], tell);
}

async function cover(held, bond, tell) {
  const has = await view('Ledger', 'balanceOf', [held.account]);
  if (has < bond) await deposit(held, bond - has, tell);
}

export async function deposit(held, wanted, tell) {
  await allow(held.account, wanted, tell);
  await send('Put money in the account', 'Ledger', 'deposit', [held.account, wanted], tell);
}
