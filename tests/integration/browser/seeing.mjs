// A browser that writes down everything that is wrong with a page it looks at.
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

export const asked = JSON.parse(process.argv[2]);
export const seen = { journeys: [], console: [], foreign: [], policy: [], axe: [], wide: [], keyboard: [], looked: 0, seconds: 0 };
export const browser = await chromium.launch({ executablePath: asked.browser, args: ['--no-sandbox', '--disable-gpu'] });
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const LONG = 300_000; // a machine that does much else is slow, and a page that hangs is found all the same

export async function open(node, traits = {}, prepare = async () => {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...traits });
  await context.addInitScript(() => addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective}`)));
  await prepare(context);
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    (message.text().startsWith('policy: ') ? seen.policy : seen.console).push(`${message.text()} ${message.location().url ?? ''}`);
  });
  page.on('pageerror', (error) => seen.console.push(String(error)));
  page.on('request', (request) => {
    if (!['127.0.0.1', 'localhost'].includes(new URL(request.url()).hostname)) seen.foreign.push(request.url());
  });
  page.setDefaultTimeout(LONG);
  await page.goto(`http://${node.address}/#token=${node.token}`);
  await page.getByRole('heading', { level: 1, name: /node/ }).waitFor();
  return page;
}

export async function journey(name, run) {
  const began = Date.now();
  try {
    await run();
    seen.journeys.push({ name, well: true, seconds: (Date.now() - began) / 1000 });
  } catch (cause) {
    seen.journeys.push({ name, well: false, seconds: (Date.now() - began) / 1000, why: String(cause).slice(0, 900) });
  }
  process.stderr.write(`${JSON.stringify(seen.journeys.at(-1))}\n`);
}

// Those that are walked at full size only: what they show is shown by tests of parts, too.
export const further = async (name, run) => { if (asked.whole) await journey(name, run); };

export const must = (truth, why) => { if (!truth) throw new Error(why); };
export const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

// Has something happen to the buyer's node, and answers what came of it.
export async function happen(what) {
  tell({ happen: what });
  return JSON.parse((await answers.next()).value);
}

// Goes where the address says, and waits until that page stands there.
export async function go(page, where) {
  await page.evaluate((hash) => {
    document.getElementById('page').dataset.left = 'yes';
    document.querySelector('#page h1')?.setAttribute('data-left', 'yes');
    if (location.hash === `#/${hash}`) dispatchEvent(new Event('look-again')); else location.hash = `/${hash}`;
  }, where);
  await page.waitForFunction(() => document.querySelector('#page h1:not([data-left])'));
}

// Presses a deed's button and then its yes.
export async function act(page, name, within = page) {
  await within.getByRole('button', { name, exact: typeof name === 'string' }).first().click();
  await page.getByRole('button', { name: /^Yes, / }).first().click();
}

export const says = (page, words) => page.getByText(words).first().waitFor();

export async function rpc(method, params = []) {
  const answer = await fetch(asked.rpc, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
  const { result, error } = await answer.json();
  if (error) throw Object.assign(new Error(error.message), { code: error.code, data: error.data });
  return result;
}

export async function passTime(seconds) {
  await rpc('evm_increaseTime', [`0x${seconds.toString(16)}`]);
  await rpc('evm_mine');
}
