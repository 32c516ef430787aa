// Journeys of people who buy with a wallet of the browser's own, and of all that can come between.
import { act, asked, further, go, journey, must, open, rpc, says, seen } from './seeing.mjs';
import { Wallet } from './wallet.mjs';

export const connect = async (page) => {
  await go(page, 'wallet');
  await act(page, 'Connect Test Wallet');
  await page.getByText(/^Connected as/).waitFor();
};
const errors = (page) => page.getByRole('alert').first().textContent();

export async function* buyer() {
  const wanda = new Wallet(asked.wallets[0]);
  const page = await open(asked.buyer, {}, (context) => wanda.into(context));
  await acquainted(wanda, page);
  await journey('saying no in the middle sends nothing, and the next try buys', async () => {
    await go(page, `asset/${asked.asset}`);
    wanda.rejects = true;
    const before = wanda.sent.length;
    await act(page, /^Buy for .* with Test Wallet/);
    await says(page, 'you said no in the wallet');
    must(wanda.sent.length === before, 'something was sent');
    wanda.rejects = false;
    await go(page, `asset/${asked.asset}`);
    await act(page, /^Buy for .* with Test Wallet/);
    await says(page, 'the key is right');
  });
  yield;

  await journey('what a wallet bought settles, and the node has its key', async () => {
    await says(page, 'The sale has settled');
    must((await page.textContent('main')).includes('The key has come and opens the file'), 'the key is not told');
  });
  await lost(wanda, page);
  yield;
  yield; // until nobody else sends anything

  await journey('a reorganised chain is told, waited for, and paid once', async () => {
    await go(page, 'wallet');
    const had = await inLedger(page);
    await page.getByLabel('Amount').fill('5');
    const before = wanda.sent.length;
    wanda.reorganises = 'next';
    await act(page, 'Put money in');
    await says(page, 'the chain was reorganised');
    await says(page, 'It is in your account');
    wanda.reorganises = null;
    must(wanda.sent.length - before === 2, `${wanda.sent.length - before} transactions`);
    await go(page, 'wallet');
    must(await inLedger(page) === had + 5, 'it was not paid once');
  });
  seen.sent = wanda.sent.length;
  await page.context().close();
}

const inLedger = async (page) => Number(await page.getByRole('listitem').filter({ hasText: 'In the Ledger' }).locator('.big').textContent());

async function acquainted(wanda, page) {
  await journey('a wallet that is locked or says no is met kindly', async () => {
    wanda.rejects = true;
    await go(page, 'wallet');
    await act(page, 'Connect Test Wallet');
    must((await errors(page)).includes('you said no in the wallet'), 'a no is not told');
    Object.assign(wanda, { rejects: false, locked: true });
    await go(page, 'wallet');
    await act(page, 'Connect Test Wallet');
    must((await errors(page)).includes('unlock it'), 'no way out is told');
    wanda.locked = false;
    await connect(page);
    must((await page.textContent('nav')).includes(asked.wallets[0].slice(0, 8)), 'the account is not shown');
  });
  await journey('a wallet on another chain learns of this one', async () => {
    Object.assign(wanda, { chain: 1, known: [1] });
    await page.evaluate(() => globalThis.__emit('chainChanged', '0x1'));
    await go(page, 'wallet');
    await says(page, '▲ Another chain');
    wanda.rejects = true;
    await act(page, /^Switch to chain/);
    must((await errors(page)).includes('you said no'), 'a no is not told');
    wanda.rejects = false;
    await go(page, 'wallet');
    await act(page, /^Switch to chain/);
    await says(page, 'is on chain 31337 now');
    must(wanda.learned === asked.rpc, `it learned ${wanda.learned}`);
    await go(page, 'wallet');
    await says(page, 'settlement tokens');
  });
}

// The pages a browser shows while its wallet cannot reach the chain are meant to say so; nothing else is forgiven.
async function lost(wanda, page) {
  await further('a wallet that loses the chain on the way loses nothing', async () => {
    await go(page, 'wallet');
    await page.getByLabel('Amount').fill('20');
    wanda.lost = true;
    await act(page, 'Put money in');
    must((await errors(page)).includes('cannot reach the chain'), 'the loss is not told');
    wanda.lost = false;
    await go(page, 'wallet');
    await page.getByLabel('Amount').fill('20');
    const before = wanda.sent.length;
    wanda.losesNext = true; // what was just sent is on its way
    await act(page, 'Put money in');
    await says(page, 'it is still on the Wallet page');
    wanda.lost = false;
    await says(page, 'It is in your account');
    must(wanda.sent.length - before === 2, `${wanda.sent.length - before} transactions`);
  });
}

// Somebody whom every seller cheats.
export async function* complainer() {
  const vera = new Wallet(asked.wallets[2]);
  const page = await open(asked.buyer, {}, (context) => vera.into(context));
  await connect(page);
  await journey('a wrong key is found, and the wallet has its money back', async () => {
    await complained(page, asked.bait, 'not the one the asset committed to');
  });
  await further('a right key over garbage is shown by one leaf, and the wallet has its money back', async () => {
    await complained(page, asked.garbled, 'opens a leaf to something else');
  });
  await further('a seller who keeps the key is waited for', async () => {
    await go(page, `asset/${asked.silent}`);
    await act(page, /^Buy for .* with Test Wallet/);
    await says(page, 'waiting for the key');
  });
  yield;

  await further('a key that never comes costs nothing', async () => {
    await says(page, /The money is back/);
  });
  await journey('what came back is brought into the wallet', async () => {
    const before = BigInt(await held(vera));
    await go(page, 'wallet');
    await act(page, 'Bring everything in');
    await says(page, /came into the wallet/);
    must(BigInt(await held(vera)) - before === BigInt(asked.whole ? 30 : 10) * 10n ** 6n, 'it is another sum');
  });
  await page.context().close();
}

// What a wallet holds of the settlement token, as the chain says it.
async function held(wallet) {
  return rpc('eth_call', [{ to: asked.token, data: `0x70a08231${wallet.account.slice(2).padStart(64, '0')}` }, 'latest']);
}

async function complained(page, asset, why) {
  await go(page, `asset/${asset}`);
  await act(page, /^Buy for .* with Test Wallet/);
  await says(page, why);
  await act(page, 'Complain and take the money back');
  await says(page, 'The money is back');
}
