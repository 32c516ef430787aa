// The wallet page: pick one, see what it has, bring money in and out, and meet again what was on its way.
import { all } from './door.js';
import { card, deed, el, facts, field, short, table } from './draw.js';
import { amount, units } from './encode.js';
import { deposit } from './owning.js';
import { follow, forget, send, view, waiting } from './sending.js';
import { chainOf, connect, connected, leave, onChain, rpc, wallets } from './wallets.js';

export async function wallet({ me }) {
  const held = connected();
  return [
    el('h1', {}, 'Wallet'),
    el('p.lead', {}, held ? `${held.name} signs what you do here as ${held.account}.` : 'The node’s own account signs what its pages ask for, unless you connect a wallet of this browser.'),
    await (held ? holding(held) : picking(me)),
    underway(),
  ].flat();
}

function picking(me) {
  const found = wallets();
  const list = found.map((one) => el('li.card', {}, el('h2', {}, one.info.name), el('p.quiet', {}, one.info.rdns),
    deed(`Connect ${one.info.name}`, 'The wallet asks you which account this page may see. Nothing can be spent without asking you again.', async () => {
      await connect(one);
      return `Connected as ${connected().account}.`;
    })));
  const none = el('p.quiet', {}, 'No wallet is in this browser. With one that announces itself (EIP-6963) you can buy, offer and be paid in your own name; without, the node does it in its own.');
  return [found.length ? el('ul.cards', {}, list) : none, el('.card', {}, facts([['The node’s account', el('code', {}, me)]]))];
}

async function holding(held) {
  const chain = await chainOf();
  if (held.chain !== chain.chain_id) return [wrong(held, chain), away(held)];
  try {
    return [await purse(held, chain), away(held)];
  } catch (cause) {
    return [el('.told.bad', { role: 'alert' }, el('strong', {}, cause.message), cause.nextStep ? ` – ${cause.nextStep}` : '',
      el('p', {}, el('button.plain', { type: 'button', onclick: () => dispatchEvent(new Event('look-again')) }, 'Try again'))), away(held)];
  }
}

function wrong(held, chain) {
  const act = deed(`Switch to chain ${chain.chain_id}`, `${held.name} asks you whether to change; it learns of the chain if it does not know it.`, async () => {
    await onChain();
    return `${held.name} is on chain ${chain.chain_id} now.`;
  });
  return el('.card', {}, el('h2.bad', {}, '▲ Another chain'), el('p', {}, `${held.name} is on chain ${held.chain ?? 'unknown'}, and this node works on chain ${chain.chain_id}. Nothing can be signed until they agree.`), act);
}

async function purse(held, { decimals, chain_id: id }) {
  const [tokens, account, coin, income] = await Promise.all([view('token', 'balanceOf', [held.account]), view('Ledger', 'balanceOf', [held.account]),
    rpc('eth_getBalance', [held.account, 'latest']), all('income', { owner: held.account })]);
  const due = income.filter((one) => Number(one.own_due) > 0);
  return [
    el('ul.cards', {}, card('In the wallet', amount(tokens, decimals), 'settlement tokens'), card('In the Ledger', amount(account, decimals), 'income, bonds and refunds'),
      card('For fees', amount(BigInt(coin) / 10n ** 12n, 6), `ether on chain ${id}`), card('Due from assets', String(due.length), 'not claimed yet')),
    table('Income of your wallet’s assets', ['Asset', 'Received#', 'Due#'], income.map((one) => [el('a', { href: `#/asset/${one.asset}` }, short(one.asset)), one.received, one.own_due])),
    due.length || account > 0n ? deed('Bring everything in', 'Claims what your assets are due, one transaction each, and moves all of it from the Ledger to the wallet.', async (tell) => {
      for (const one of due) await send(`Claim ${one.own_due}`, 'RevenueGraph', 'takeOwn', [one.asset], tell);
      const all_of_it = await view('Ledger', 'balanceOf', [held.account]);
      await send('Take money out', 'Ledger', 'withdraw', [held.account, all_of_it], tell);
      return `${amount(all_of_it, decimals)} came into the wallet.`;
    }) : null,
    depositing(held, decimals),
  ];
}

function depositing(held, decimals) {
  const sum = el('input', { inputmode: 'decimal', placeholder: '20.00', required: true });
  const act = deed('Put money in', () => `${amount(units(sum.value, decimals), decimals)} move from the wallet to your account in the Ledger, where bonds of sales are locked from.`, async (tell) => {
    await deposit(held, units(sum.value, decimals), tell);
    return 'It is in your account.';
  });
  return el('.card', {}, el('h2', {}, 'Money for bonds'), el('form', { onsubmit: (event) => event.preventDefault() }, field('Amount', sum)), act);
}

function away(held) {
  return el('p', {}, el('button.plain', { type: 'button', onclick: () => { leave(); dispatchEvent(new Event('look-again')); } }, `Forget ${held.name}`));
}

// Transactions that were on their way when a page closed, or whose end is not known.
function underway() {
  const list = waiting();
  if (!list.length) return [];
  return [el('h2', {}, 'On its way'), el('ul.cards', {}, list.map((one) => el('li.card', {}, el('h2', {}, one.label), el('p.quiet', {}, new Date(one.at).toLocaleString()),
    one.hash ? deed('Look for it', `Transaction ${short(one.hash)} is looked for until the node has confirmed it.`, async (tell) => { await follow(one, tell); return 'It is done.'; })
      : el('p', {}, 'You may have signed this: the wallet’s answer never came. Look in the wallet before you do it again.'),
    el('button.plain', { type: 'button', onclick: () => { forget(one.id); dispatchEvent(new Event('look-again')); } }, 'Forget it'))))];
}
