// Walks the node's pages in a real browser and writes what it saw as one JSON object.
// Argument: {"browser", "rpc", "buyer": {"address", "token"}, "seller": {…}, "asset", …}; a line on stdin says that the buyer's node is gone.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline/promises';
import { readWell } from './readable.mjs';
import { act, asked, browser, go, journey, must, open, passTime, seen } from './seeing.mjs';
import { trade } from './trading.mjs';

const began = Date.now();

await journey('without the key the pages say how to get it', async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`http://${asked.buyer.address}/`);
  await page.getByRole('heading', { name: 'Locked' }).waitFor();
  must((await page.textContent('main')).includes('thenar ui'), 'no way out is named');
});

const buyer = await open(asked.buyer);

await journey('the key leaves the address and the node says how it is', async () => {
  must(!buyer.url().includes(asked.buyer.token), 'the token is still in the address');
  await buyer.getByRole('heading', { name: 'The node is well' }).waitFor();
  must((await buyer.textContent('main')).includes('●'), 'no part is up');
});

await journey('captures are listed and narrowed by kind', async () => {
  await go(buyer, 'captures');
  const rows = buyer.getByRole('row');
  await rows.nth(2).waitFor();
  const everything = await rows.count();
  await buyer.getByLabel('Show').selectOption('model');
  await buyer.waitForFunction((count) => document.querySelectorAll('tr').length < count, everything);
  must((await buyer.locator('tbody tr').count()) === 1, 'not one model');
});

await journey('a preview is opened before anything is bought', async () => {
  await go(buyer, `asset/${asked.asset}`);
  await buyer.getByText('Look before you pay').click();
  await act(buyer, 'See a preview');
  await buyer.getByText(/1 of 1 chunks are open/).waitFor({ timeout: 90_000 });
});

await journey('a license is bought and its key comes', async () => {
  await go(buyer, `asset/${asked.asset}`);
  await act(buyer, /^Buy for/);
  await buyer.getByText('dispute window running').waitFor({ timeout: 90_000 });
  await passTime(asked.window);
  await buyer.getByText('The sale has settled').waitFor({ timeout: 90_000 });
});

await journey('the sale is among the settled ones', async () => {
  await go(buyer, 'money');
  await buyer.getByText('of 1 opened').waitFor();
  must((await buyer.getByRole('listitem').filter({ hasText: 'Sales settled' }).textContent()).includes('settled1'), 'not one settled');
});

await journey('shares of income are drawn', async () => {
  await go(buyer, `asset/${asked.model}`);
  await buyer.getByRole('img', { name: /shares of income/ }).waitFor();
});

await journey('the keyboard alone is enough', async () => {
  await go(buyer, 'home');
  await buyer.keyboard.press('Tab');
  await buyer.evaluate(() => document.querySelector('.skip').focus());
  for (let times = 0; times < 12; times += 1) {
    await buyer.keyboard.press('Tab');
    if (await buyer.evaluate(() => document.activeElement.getAttribute('href')) === '#/money') break;
  }
  await buyer.keyboard.press('Enter');
  await buyer.getByRole('heading', { level: 1, name: 'Money' }).waitFor();
});

await journey('a page from elsewhere changes nothing', async () => {
  const evil = createServer((_, answer) => { answer.setHeader('content-type', 'text/html'); answer.end('<title>evil</title>'); });
  await new Promise((done) => evil.listen(0, '127.0.0.1', done));
  const page = await (await browser.newContext()).newPage();
  await page.goto(`http://127.0.0.1:${evil.address().port}/`);
  const outcome = await page.evaluate(async ({ address, token }) => {
    const tries = [];
    for (const [path, options] of [
      ['/v1/commands/node.status', { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` } }],
      ['/v1/commands/node.status', { method: 'POST', body: '{}', mode: 'no-cors' }],
      ['/v1/assets', { headers: { authorization: `Bearer ${token}` } }],
      ['/', {}],
    ]) {
      try { tries.push((await fetch(`http://${address}${path}`, options)).type); } catch { tries.push('refused'); }
    }
    return tries;
  }, asked.buyer);
  evil.close();
  must(JSON.stringify(outcome) === '["refused","opaque","refused","refused"]', JSON.stringify(outcome));
});

const seller = await open(asked.seller);

await journey('a recording is contributed and offered at a price', async () => {
  await go(seller, 'market');
  await seller.getByLabel('Recording on this machine').fill(asked.recordings[0].path);
  await seller.getByLabel('Its description, if any').fill(asked.recordings[0].description);
  await seller.getByLabel('Layout of a skin, if any').fill(asked.recordings[0].layout);
  await seller.getByLabel('Price, if it is offered at once').fill('7.25');
  await act(seller, 'Contribute');
  await seller.getByText('It is an asset now').waitFor({ timeout: 90_000 });
  await go(seller, 'market');
  must((await seller.textContent('main')).includes('7.25'), 'it is not offered');
});

await journey('a job is posted and watched', async () => {
  await go(buyer, 'compute');
  await buyer.getByText('Post a job, or train a policy').click();
  await buyer.getByLabel('Job file on the node’s machine').fill(asked.job);
  await act(buyer, 'Post the job');
  await buyer.getByText('Posted:').waitFor({ timeout: 90_000 });
  await go(buyer, (await buyer.locator('.told a').first().getAttribute('href')).slice(2));
  await buyer.getByRole('heading', { level: 1, name: /job/i }).waitFor();
});

await trade(buyer);

await journey('an owner withdraws consent after being told what it means', async () => {
  await go(seller, `asset/${asked.other}`);
  await seller.getByRole('button', { name: 'Withdraw consent' }).click();
  await seller.getByText('cannot be undone').waitFor();
  await seller.getByRole('button', { name: /^Yes/ }).click();
  await seller.getByText(/^Withdrawn/).waitFor({ timeout: 90_000 });
});

seen.seconds = (Date.now() - began) / 1000;
await readWell();

const quiet = seen.console.length;
process.stdout.write('READY\n');
await createInterface({ input: process.stdin }).question('');
await journey('a node that is gone is missed in words', async () => {
  await go(buyer, 'captures');
  await buyer.getByText('the node does not answer').first().waitFor();
});
seen.console.length = quiet; // a refused connection is an error of the browser's, and here the point
await browser.close();
process.stdout.write(`${JSON.stringify(seen)}\n`);
process.exit(0);
