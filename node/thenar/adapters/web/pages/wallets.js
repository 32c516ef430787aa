// Wallets of the browser's own: found by EIP-6963, spoken to by EIP-1193. None is asked for anything before a person picks it.
import { command, Refused } from './door.js';
import { refusal } from './encode.js';

const KEPT = 'thenar.wallet';
const found = new Map();
const watchers = new Set();
const now = { wallet: null, account: null, chain: null };
let node = null;

export const wallets = () => [...found.values()];
export const connected = () => (now.account ? { name: now.wallet.info.name, account: now.account, chain: now.chain } : null);
export const watch = (told) => { watchers.add(told); return () => watchers.delete(told); };
const changed = () => watchers.forEach((told) => told());

// Which chain and contracts the node is on; asked once, for they never change under a node's feet.
export const chainOf = async () => { node ??= await command('wallet.chain', {}, () => {}); return node; };
export const forgetChain = () => { node = null; };

// Listens for wallets, and goes on with the one of last time where it needs no asking.
export async function look() {
  addEventListener('eip6963:announceProvider', ({ detail }) => {
    if (!detail?.info?.uuid || typeof detail.provider?.request !== 'function') return;
    const known = [...found.values()].find((one) => one.info.rdns === detail.info.rdns && one.provider === detail.provider);
    if (known) return;
    found.set(detail.info.uuid, detail);
    if (!now.wallet && localStorage.getItem(KEPT) === detail.info.rdns) resume(detail);
    changed();
  });
  dispatchEvent(new Event('eip6963:requestProvider'));
  if (!found.size && typeof globalThis.ethereum?.request === 'function') {
    found.set('injected', { info: { uuid: 'injected', rdns: 'injected', name: 'Browser wallet' }, provider: globalThis.ethereum });
    changed();
  }
}

async function resume(wallet) {
  try {
    await take(wallet, await wallet.provider.request({ method: 'eth_accounts' }));
  } catch { /* it will be asked when it is picked */ }
}

export async function connect(wallet) {
  const accounts = await ask(wallet.provider, 'eth_requestAccounts');
  if (!accounts?.length) throw new Refused(4100, `${wallet.info.name} is locked or showed no account`, 'unlock it and connect again');
  await take(wallet, accounts);
}

async function take(wallet, accounts) {
  if (!accounts?.length) return;
  if (now.wallet !== wallet) {
    wallet.provider.on?.('accountsChanged', (list) => { if (now.wallet === wallet) { now.account = list[0]?.toLowerCase() ?? null; changed(); } });
    wallet.provider.on?.('chainChanged', (chain) => { if (now.wallet === wallet) { now.chain = Number(chain); changed(); } });
  }
  Object.assign(now, { wallet, account: accounts[0].toLowerCase() });
  localStorage.setItem(KEPT, wallet.info.rdns);
  try { now.chain = Number(await ask(wallet.provider, 'eth_chainId')); } catch { now.chain = null; }
  changed();
}

export function leave() {
  Object.assign(now, { wallet: null, account: null, chain: null });
  localStorage.removeItem(KEPT);
  changed();
}

export const rpc = (method, params = []) => {
  if (!now.wallet) throw new Refused(0, 'no wallet is connected', 'connect one on the Wallet page');
  return ask(now.wallet.provider, method, params);
};

// Sees to it that the wallet is on the node's chain; the wallet asks the person, and learns of a chain it does not know.
export async function onChain() {
  const { chain_id: wanted, rpc: endpoint } = await chainOf();
  now.chain = Number(await rpc('eth_chainId'));
  if (now.chain === wanted) return;
  const chainId = `0x${wanted.toString(16)}`;
  try {
    await rpc('wallet_switchEthereumChain', [{ chainId }]);
  } catch (cause) {
    if (cause.status !== 4902) throw cause;
    if (!endpoint) throw new Refused(4902, `${now.wallet.info.name} does not know chain ${wanted}`, 'add the chain in the wallet, with an endpoint you trust, and try again');
    const coin = { name: 'Ether', symbol: 'ETH', decimals: 18 };
    await rpc('wallet_addEthereumChain', [{ chainId, chainName: `Thenar ${wanted}`, rpcUrls: [endpoint], nativeCurrency: coin }]);
  }
  now.chain = Number(await rpc('eth_chainId'));
  changed();
  if (now.chain !== wanted) throw new Refused(4901, `the wallet is on chain ${now.chain} and the node on chain ${wanted}`, `choose chain ${wanted} in the wallet`);
}

const WORDS = {
  4001: ['you said no in the wallet, so nothing was sent', 'press the button again when you want it'],
  4100: ['the wallet is locked, or shows this page no account', 'unlock it, connect again, and press the button once more'],
  4200: ['the wallet cannot do that', 'use another wallet, or the node’s own account'],
  4902: ['the wallet does not know this chain', 'add the chain in the wallet and try again'],
  4900: ['the wallet has lost the chain', 'nothing is lost: try again when it is back'],
  4901: ['the wallet is not connected to this chain', 'choose the chain in the wallet and try again'],
  '-32002': ['the wallet is asking you something already', 'open the wallet, answer it, and come back'],
};

async function ask(provider, method, params = []) {
  try {
    return await provider.request({ method, params });
  } catch (cause) {
    const status = cause?.code ?? 0;
    throw new Refused(status, ...(WORDS[status] ?? refused(cause) ?? ['the wallet cannot reach the chain', 'nothing is lost: look at its connection and try again']));
  }
}

function refused(cause) {
  const said = String(cause?.message ?? cause).slice(0, 200);
  const why = refusal(dataOf(cause));
  if (!why && !/revert/i.test(said)) return null;
  return [`the contract would refuse this (${why ?? said})`, 'nothing was sent; load the page again and look at what has changed'];
}

// Wallets put a contract's own words in different places.
function dataOf(cause) {
  for (let at = cause, deep = 0; at && deep < 5; at = at.data ?? at.error ?? at.cause, deep += 1) {
    if (typeof at === 'string') return /^0x[0-9a-f]{8,}$/i.test(at) ? at : null;
    if (typeof at.data === 'string' && at.data.startsWith('0x')) return at.data;
  }
  return null;
}
