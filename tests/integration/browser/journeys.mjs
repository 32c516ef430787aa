// Walks the node's pages in a real browser and writes what it saw as one JSON object.
// Argument: {"browser", "buyer": {"address", "token"}, "seller": {…}, "asset", "screens"}; a line on stdin says that the buyer's node is gone.
import { createServer } from 'node:http';
import { createInterface } from 'node:readline/promises';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const asked = JSON.parse(process.argv[2]);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PAGES = ['home', 'captures', 'money', 'compute', 'places', `asset/${asked.asset}`];
const seen = { journeys: [], console: [], foreign: [], policy: [], axe: [], wide: [] };
const browser = await chromium.launch({ executablePath: asked.browser, args: ['--no-sandbox', '--disable-gpu'] });

async function open(node, traits = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...traits });
  await context.addInitScript(() => addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective}`)));
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    (message.text().startsWith('policy: ') ? seen.policy : seen.console).push(message.text());
  });
  page.on('pageerror', (error) => seen.console.push(String(error)));
  page.on('request', (request) => {
    if (!['127.0.0.1', 'localhost'].includes(new URL(request.url()).hostname)) seen.foreign.push(request.url());
  });
  page.setDefaultTimeout(60_000);
  await page.goto(`http://${node.address}/#token=${node.token}`);
  await page.getByRole('heading', { level: 1, name: /node/ }).waitFor();
  return page;
}

async function journey(name, run) {
  try {
    await run();
    seen.journeys.push({ name, well: true });
  } catch (cause) {
    seen.journeys.push({ name, well: false, why: String(cause).slice(0, 600) });
  }
}

const must = (truth, why) => { if (!truth) throw new Error(why); };
const go = async (page, where) => {
  await page.evaluate((hash) => { location.hash = hash; }, `/${where}`);
  await page.waitForFunction(() => !document.querySelector('main')?.textContent.includes('Reading this page'));
  await page.waitForTimeout(400);
};

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

await journey('a license is bought and its key comes', async () => {
  await go(buyer, `asset/${asked.asset}`);
  await buyer.getByRole('button', { name: /^Buy for/ }).click();
  await buyer.getByRole('button', { name: /^Yes, buy/ }).click();
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
  for (let times = 0; times < 3; times += 1) await buyer.keyboard.press('Tab');
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

await journey('an owner withdraws consent after being told what it means', async () => {
  const page = await open(asked.seller);
  await go(page, `asset/${asked.other}`);
  await page.getByRole('button', { name: 'Withdraw consent' }).click();
  await page.getByText('cannot be undone').waitFor();
  await page.getByRole('button', { name: /^Yes/ }).click();
  await page.getByText(/^Withdrawn/).waitFor({ timeout: 90_000 });
});

for (const colorScheme of ['light', 'dark']) {
  for (const [width, height] of [[360, 780], [1440, 900]]) {
    const page = await open(asked.buyer, { colorScheme, viewport: { width, height } });
    for (const where of PAGES) {
      await go(page, where);
      const name = where.split('/')[0];
      await page.screenshot({ path: `${asked.screens}/${name}-${width}-${colorScheme}.png`, fullPage: true });
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) seen.wide.push(`${name} at ${width}: ${over}`);
      await page.evaluate(axe); // through the driver, which no policy of the page's can forbid
      const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
      seen.axe.push(...found.violations.map((one) => `${name} ${width} ${colorScheme}: ${one.id} (${one.nodes[0].html.slice(0, 120)})`));
    }
    await page.context().close();
  }
}

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
