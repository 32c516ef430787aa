// Journeys of people who sign with a wallet of the browser's own, and of all that can come between.
import { act, asked, go, journey, must, open, passTime, rpc, seen } from './seeing.mjs';
import { Wallet } from './wallet.mjs';

const connect = async (page) => {
  await go(page, 'wallet');
  await act(page, 'Connect Test Wallet');
  await page.getByText(/^Connected as/).waitFor();
};
const errors = (page) => page.getByRole('alert').first().textContent();

// The pages a browser shows while its wallet cannot reach the chain are meant to say so; nothing else is forgiven.
export async function trade(reader) {
  const wanda = new Wallet(asked.wallets[0]);
  const page = await open(asked.buyer, {}, (context) => wanda.into(context));

  await journey('no wallet in the browser is said in words', async () => {
    await go(reader, 'wallet');
    await reader.getByText('No wallet is in this browser').waitFor();
  });

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
    await page.getByText('▲ Another chain').waitFor();
    wanda.rejects = true;
    await act(page, /^Switch to chain/);
    must((await errors(page)).includes('you said no'), 'a no is not told');
    wanda.rejects = false;
    await go(page, 'wallet');
    await act(page, /^Switch to chain/);
    await page.getByText('is on chain 31337 now').waitFor();
    must(wanda.learned === asked.rpc, `it learned ${wanda.learned}`);
    await go(page, 'wallet');
    await page.getByText('settlement tokens').waitFor();
  });

  await journey('saying no in the middle sends nothing, and the next try buys', async () => {
    await go(page, `asset/${asked.asset}`);
    wanda.rejects = true;
    const before = wanda.sent.length;
    await act(page, /^Buy for .* with Test Wallet/);
    await page.getByText('you said no in the wallet').waitFor();
    must(wanda.sent.length === before, 'something was sent');
    wanda.rejects = false;
    await go(page, `asset/${asked.asset}`);
    await act(page, /^Buy for .* with Test Wallet/);
    await page.getByText('the key is right').waitFor({ timeout: 90_000 });
    await passTime(asked.window);
    await page.getByText('The sale has settled').waitFor({ timeout: 90_000 });
  });

  await journey('a wallet that loses the chain on the way loses nothing', async () => {
    await go(page, 'wallet');
    await page.getByLabel('Amount').fill('20');
    wanda.lost = true;
    await act(page, 'Put money in');
    must((await errors(page)).includes('cannot reach the chain'), 'the loss is not told');
    wanda.lost = false;
    await go(page, 'wallet');
    await page.getByLabel('Amount').fill('20');
    const before = wanda.sent.length;
    await act(page, 'Put money in');
    await page.waitForFunction(() => document.querySelector('.told')?.textContent.includes('sent, waiting') || document.querySelector('.told')?.textContent.includes('in block'));
    wanda.lost = true;
    await page.getByText('it is still on the Wallet page').waitFor();
    wanda.lost = false;
    await page.getByText('It is in your account').waitFor({ timeout: 90_000 });
    must(wanda.sent.length - before === 2, `${wanda.sent.length - before} transactions`);
  });

  await journey('a reorganised chain is told, waited for, and paid once', async () => {
    await go(page, 'wallet');
    await page.getByLabel('Amount').fill('5');
    const before = wanda.sent.length;
    await rpc('eth_chainId');
    wanda.reorganises = 'next';
    await act(page, 'Put money in');
    await page.getByText('the chain was reorganised').waitFor();
    await page.getByText('It is in your account').waitFor({ timeout: 90_000 });
    wanda.reorganises = null;
    must(wanda.sent.length - before === 2, `${wanda.sent.length - before} transactions`);
    await go(page, 'wallet');
    must((await page.getByRole('listitem').filter({ hasText: 'In the Ledger' }).textContent()).includes('25.00'), 'it was not paid once');
  });

  await journey('a wrong key is found, and the wallet has its money back', async () => {
    await go(page, `asset/${asked.bait}`);
    await act(page, /^Buy for .* with Test Wallet/);
    await page.getByText('not the one the asset committed to').waitFor({ timeout: 90_000 });
    await act(page, 'Complain and take the money back');
    await page.getByText('The money is back').waitFor({ timeout: 90_000 });
    await go(page, 'wallet');
    await act(page, 'Bring everything in');
    await page.getByText(/came into the wallet/).waitFor({ timeout: 90_000 });
  });
  await page.context().close();
  await sell();
  seen.sent = wanda.sent.length;
}

// On a phone, by the seller's own node: the whole of a seller's way.
async function sell() {
  const otto = new Wallet(asked.wallets[1]);
  const page = await open(asked.seller, { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true }, (context) => otto.into(context));
  const made = asked.recordings[1];
  let asset = null;

  await journey('on a phone’s width a wallet contributes a recording of its own', async () => {
    await connect(page);
    await go(page, 'market');
    await page.getByLabel('Recording on this machine').fill(made.path);
    await page.getByLabel('Its description, if any').fill(made.description);
    await page.getByLabel('Layout of a skin, if any').fill(made.layout);
    await act(page, 'Contribute');
    await page.getByText('your wallet’s now').waitFor({ timeout: 90_000 });
    asset = (await page.locator('.told a').first().getAttribute('href')).slice(2);
  });

  await journey('a wallet offers what it owns, takes it back, and withdraws consent', async () => {
    await go(page, asset);
    await page.getByLabel('Price', { exact: true }).fill('9.00');
    await act(page, 'Offer');
    await page.getByText('It is offered for 9.00').waitFor({ timeout: 90_000 });
    await go(page, asset);
    await act(page, /^Take the offer at 9.00 back/);
    await page.getByText('The offer is taken back').waitFor({ timeout: 90_000 });
    await go(page, asset);
    await act(page, 'Withdraw consent');
    await page.getByText(/^Withdrawn/).waitFor({ timeout: 90_000 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    must(over <= 0, `${over} px too wide`);
  });
  await page.context().close();
}
