// Reads numbers off the pages. Argument: {"browser", "address"}; each line on stdin asks for one look, and is answered with one line of JSON.
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const asked = JSON.parse(process.argv[2]);
const browser = await chromium.launch({ executablePath: asked.browser, args: ['--no-sandbox', '--disable-gpu'] });
const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
const errors = [];
page.on('pageerror', (error) => errors.push(String(error)));
page.setDefaultTimeout(120_000);
await page.goto(asked.address);

async function rows(hash, heading) {
  await page.evaluate((where) => { location.hash = where; }, hash);
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  return page.locator('main table').first().evaluate((table) => [...table.querySelectorAll('tbody tr')].map((row) => (
    [row.querySelector('a')?.getAttribute('href').split('/').at(-1), ...[...row.children].slice(1).map((cell) => cell.querySelector('[title]')?.title ?? cell.textContent)])));
}

for await (const line of createInterface({ input: process.stdin })) {
  const { block } = JSON.parse(line);
  await page.reload(); // what is shown was read as of this block or later
  await page.getByText(new RegExp(`as of block ${block}, \\d+ s ago`)).waitFor();
  const captures = await rows('/captures', 'Captures');
  const money = await rows('/money', 'Money');
  process.stdout.write(`${JSON.stringify({ captures, money, errors })}\n`);
}
await browser.close();
