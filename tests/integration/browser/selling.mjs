// Journeys of those who own something: with a wallet on a phone, and with the node's own account.
import { made } from './reading.mjs';
import { act, asked, further, go, must, open, says } from './seeing.mjs';
import { connect } from './trading.mjs';
import { Wallet } from './wallet.mjs';

const PHONE = { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true };

// On a phone, by the seller's own node: the whole of a seller's way.
export async function* seller() {
  const otto = new Wallet(asked.wallets[1]);
  const page = await open(asked.seller, PHONE, (context) => otto.into(context));
  await further('on a phone’s width a wallet contributes a recording of its own', async () => {
    await connect(page);
    await contribute(page, asked.recordings[1]);
    await says(page, 'your wallet’s now');
    made.byWallet = (await page.locator('.told a').first().getAttribute('href')).slice(2);
  });
  await further('a wallet offers what it owns', async () => {
    await go(page, made.byWallet);
    await page.getByLabel('Price', { exact: true }).fill('9.00');
    await act(page, 'Offer');
    await says(page, 'It is offered for 9.00');
  });
  yield; // somebody buys it, and time passes
  yield;

  await further('a wallet ends one license and pays it back', async () => {
    await go(page, made.byWallet);
    await act(page, 'End this license');
    await says(page, 'The license has ended');
  });
  await further('a wallet takes its offer back and withdraws consent', async () => {
    await go(page, made.byWallet);
    await act(page, /^Take the offer at 9.00 back/);
    await says(page, 'The offer is taken back');
    await go(page, made.byWallet);
    await act(page, 'Withdraw consent');
    await page.getByText(/^Withdrawn/).waitFor();
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    must(over <= 0, `${over} px too wide`);
  });
  await page.context().close();
}

export async function* owner() {
  const page = await open(asked.seller);
  await further('a recording is contributed and offered at a price', async () => {
    await contribute(page, asked.recordings[0], '7.25');
    await says(page, 'It is an asset now');
    await go(page, 'market');
    must((await page.textContent('main')).includes('7.25'), 'it is not offered');
  });
  await further('an owner offers at another price and takes it back', async () => {
    await go(page, `asset/${asked.other}`);
    await page.getByLabel('Price', { exact: true }).fill('9.75');
    await act(page, 'Offer');
    await says(page, 'It is offered for 9.75');
    await go(page, `asset/${asked.other}`);
    await act(page, /^Take the offer at 9.75 back/);
    await says(page, 'The offer is taken back');
  });
  yield;

  await further('an owner ends one license of those who bought', async () => {
    await go(page, `asset/${asked.asset}`);
    const licensees = page.locator('.people li');
    await licensees.nth(1).waitFor(); // both sales have settled
    await act(page, 'End this license', licensees.first());
    await says(page, 'The license has ended');
    await go(page, `asset/${asked.asset}`);
    await page.waitForFunction(() => document.querySelectorAll('.people li').length === 1);
  });
  yield;

  await further('a worker’s own page says what it did and earned', async () => {
    await go(page, 'compute');
    await says(page, /2 units done/);
  });
  await further('an owner withdraws consent after being told what it means', async () => {
    await go(page, `asset/${asked.other}`);
    await page.getByRole('button', { name: 'Withdraw consent' }).click();
    await says(page, 'cannot be undone');
    await page.getByRole('button', { name: /^Yes/ }).click();
    await page.getByText(/^Withdrawn/).waitFor();
  });
  await page.context().close();
}

async function contribute(page, { path, description, layout }, price) {
  await go(page, 'market');
  await page.getByLabel('Recording on this machine').fill(path);
  await page.getByLabel('Its description, if any').fill(description);
  await page.getByLabel('Layout of a skin, if any').fill(layout);
  if (price) await page.getByLabel('Price, if it is offered at once').fill(price);
  await act(page, 'Contribute');
}
