// A wallet's transactions, from intent to a block that the node has confirmed. What is on its way is kept in the browser,
// so that a closed page, a lost endpoint or a reorganised chain loses nothing and asks nobody to pay twice.
import { newest, Refused } from './door.js';
import { calldata } from './encode.js';
import { chainOf, connected, onChain, rpc } from './wallets.js';

const KEPT = 'thenar.sends';
const EVERY = 700;
const PATIENCE = 45;
const NOT_LOST = 'nothing is lost: it is still on the Wallet page, and is looked for again';

export const waiting = () => { try { return JSON.parse(localStorage.getItem(KEPT)) ?? []; } catch { return []; } };
const keep = (list) => localStorage.setItem(KEPT, JSON.stringify(list));
const note = (one) => keep([...waiting().filter((other) => other.id !== one.id), one]);
export const forget = (id) => keep(waiting().filter((one) => one.id !== id));
const pause = () => new Promise((done) => { setTimeout(done, EVERY); });

// Asks a contract without sending anything; one word comes back.
export async function view(contract, name, values) {
  const { contracts, token } = await chainOf();
  const to = contract === 'token' ? token : contracts[contract];
  return BigInt(await rpc('eth_call', [{ to, data: calldata(contract, name, values) }, 'latest']));
}

// Tries a call, has the wallet sign and send it, and follows it. Answers the receipt.
export async function send(label, contract, name, values, tell) {
  await onChain();
  const { contracts, token, chain_id: chain } = await chainOf();
  const { account: from } = connected();
  const call = { from, to: contract === 'token' ? token : contracts[contract], data: calldata(contract, name, values) };
  tell({ label: `${label}: trying it without sending` });
  await rpc('eth_call', [call, 'latest']);
  const one = { id: crypto.randomUUID(), label, from, chain, at: Date.now(), hash: null };
  note(one);
  tell({ label: `${label}: the wallet asks you` });
  try {
    one.hash = await rpc('eth_sendTransaction', [call]);
  } catch (cause) {
    if (cause.status >= 4000 || cause.status === -32002) forget(one.id); // it was never signed
    throw cause;
  }
  note(one);
  return follow(one, tell);
}

export async function follow(one, tell) {
  const state = { seen: null, missing: 0, nonce: null };
  for (;;) {
    const receipt = await asked('eth_getTransactionReceipt', [one.hash], () => tell({ label: `${one.label}: the wallet cannot reach the chain; ${NOT_LOST}` }));
    if (receipt) {
      const again = receipt.blockHash === state.seen;
      state.seen = receipt.blockHash;
      state.missing = 0;
      const block = Number(receipt.blockNumber);
      if (newest() >= block && again) return ended(one, receipt);
      tell({ label: `${one.label}: in block ${block}, waiting until the node has confirmed it` });
    } else {
      await missed(one, state, tell);
    }
    await pause();
  }
}

// No receipt: not mined yet, or mined and put aside by a reorganisation, or replaced by another of the same number.
async function missed(one, state, tell) {
  const reorganised = state.seen !== null;
  tell({ label: reorganised ? `${one.label}: the chain was reorganised and put it aside; waiting until it is in a block again` : `${one.label}: sent, waiting for a block` });
  const known = await asked('eth_getTransactionByHash', [one.hash], () => {});
  if (known) { Object.assign(state, { nonce: Number(known.nonce), missing: 0 }); return; }
  const used = state.nonce === null ? 0 : Number(await asked('eth_getTransactionCount', [one.from, 'latest'], () => {}));
  if (state.nonce !== null && used > state.nonce) {
    forget(one.id);
    throw new Refused(0, 'the wallet replaced this transaction by another', 'look in the wallet at what took its place, and do it again if you still want it');
  }
  state.missing += 1;
  if (state.missing < PATIENCE) return;
  forget(one.id);
  throw new Refused(0, 'the transaction is in no block and nobody holds it any more', 'nothing was paid; do it again when you want it');
}

function ended(one, receipt) {
  forget(one.id);
  if (Number(receipt.status) !== 1) throw new Refused(0, 'the contract refused it when its turn came, and only the fee is gone', 'load the page again and look at what has changed');
  return receipt;
}

async function asked(method, params, lost) {
  for (;;) {
    try {
      return await rpc(method, params);
    } catch {
      lost();
      await pause();
    }
  }
}
