// Journeys of somebody who uses the node's own account.
import { createServer } from 'node:http';
import { act, asked, browser, further, go, happen, journey, must, open, says, seen } from './seeing.mjs';

export const made = { byWallet: null }; // what others publish on the way
let page;

export async function* reader() {
  await journey('without the key the pages say how to get it', async () => {
    const locked = await (await browser.newContext()).newPage();
    await locked.goto(`http://${asked.buyer.address}/`);
    await locked.getByRole('heading', { name: 'Locked' }).waitFor();
    must((await locked.textContent('main')).includes('thenar ui'), 'no way out is named');
    await locked.context().close();
  });
  page = await open(asked.buyer);
  await journey('the key leaves the address and the node says how it is', async () => {
    must(!page.url().includes(asked.buyer.token), 'the token is still in the address');
    await page.getByRole('heading', { name: 'The node is well' }).waitFor();
    must((await page.textContent('main')).includes('●'), 'no part is up');
  });
  await journey('captures are listed and narrowed by kind', async () => {
    await go(page, 'captures');
    const rows = page.getByRole('row');
    await rows.nth(2).waitFor();
    const everything = await rows.count();
    await page.getByLabel('Show').selectOption('capture');
    await page.waitForFunction((count) => document.querySelectorAll('tr').length < count, everything);
    must((await page.locator('tbody td:nth-child(2)').allTextContents()).every((kind) => kind === 'capture'), 'others are listed too');
  });
  await further('no wallet in the browser is said in words', async () => {
    await go(page, 'wallet');
    await says(page, 'No wallet is in this browser');
  });
  await further('a preview is opened before anything is bought', async () => {
    await go(page, `asset/${asked.asset}`);
    await page.getByText('Look before you pay').click();
    await act(page, 'See a preview');
    await says(page, /1 of 1 chunks are open/);
  });
  await journey('a license is bought and its key comes', async () => {
    await go(page, `asset/${asked.asset}`);
    await act(page, /^Buy for/);
    await says(page, 'dispute window running');
  });
  yield;

  await journey('when nobody complains the sale settles, and is counted', async () => {
    await says(page, 'The sale has settled');
    await go(page, 'money');
    await says(page, /of \d opened/);
    must(/settled[1-9]/.test(await page.getByRole('listitem').filter({ hasText: 'Sales settled' }).textContent()), 'not one settled');
  });
  await further('shares of income are drawn', async () => {
    await go(page, `asset/${asked.model}`);
    await page.getByRole('img', { name: /shares of income/ }).waitFor();
  });
  await keyboard();
  await journey('a page from elsewhere changes nothing', foreign);
  await furtherReading();
  yield;

  await further('work that was audited is paid when its window has passed', async () => {
    await go(page, made.job);
    await says(page, '● finalized');
    await says(page, '2 / 2');
  });
  yield;
}

async function keyboard() {
  await further('the keyboard alone is enough', async () => {
    await go(page, 'home');
    await page.keyboard.press('Tab');
    await page.evaluate(() => document.querySelector('.skip').focus());
    for (let times = 0; times < 12; times += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(() => document.activeElement.getAttribute('href')) === '#/money') break;
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Money' }).waitFor();
  });
}

async function foreign() {
  const evil = createServer((_, answer) => { answer.setHeader('content-type', 'text/html'); answer.end('<title>evil</title>'); });
  await new Promise((done) => evil.listen(0, '127.0.0.1', done));
  const other = await (await browser.newContext()).newPage();
  await other.goto(`http://127.0.0.1:${evil.address().port}/`);
  const outcome = await other.evaluate(async ({ address, token }) => {
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
  await other.context().close();
  evil.close();
  must(JSON.stringify(outcome) === '["refused","opaque","refused","refused"]', JSON.stringify(outcome));
}

async function furtherReading() {
  await further('a license without a key is bought and listed', async () => {
    await go(page, `asset/${asked.keyless}`);
    await act(page, /^Buy for/);
    await says(page, 'The license is yours');
    await go(page, 'market');
    await says(page, 'brings no key');
  });
  await further('a job is posted, and its audit is watched', async () => {
    await go(page, 'compute');
    await page.getByText('Post a job, or train a policy').click();
    await page.getByLabel('Job file on the node’s machine').fill(asked.job);
    await page.getByLabel('Units', { exact: true }).fill('2');
    await act(page, 'Post the job');
    await says(page, 'Posted:');
    made.job = (await page.locator('.told a').first().getAttribute('href')).slice(2);
    await go(page, made.job);
    await page.locator('tbody td:nth-child(5)', { hasText: 'revealed' }).waitFor();
    must((await page.getByRole('listitem').filter({ hasText: 'Segments a unit' }).textContent()).includes('40'), 'segments are not told');
  });
  await further('what a wallet offers is bought by the node', async () => {
    await go(page, made.byWallet);
    await act(page, /^Buy for/);
    await says(page, 'dispute window running');
  });
}

// The last of all: the node goes, cannot open its keys, and comes back.
export async function leaving() {
  const quiet = seen.console.length;
  await happen('stop');
  await journey('a node that is gone is missed in words', async () => {
    await go(page, 'captures');
    await says(page, 'the node does not answer');
  });
  await further('a node whose keys do not open says how, and one that is back is opened anew', async () => {
    const { code, said } = await happen('locked');
    must(code === 9 && said.includes('password'), `code ${code}: ${said}`);
    const door = await happen('start');
    await page.waitForFunction(() => document.getElementById('as-of').textContent.includes('no key to the node'));
    await go(page, 'captures');
    await says(page, 'open the address that');
    await page.goto(`http://${door.address}/#token=${door.token}`);
    await page.getByRole('heading', { name: 'The node is well' }).waitFor();
  });
  seen.console.length = quiet; // a refused connection is an error of the browser's, and here the point
}
