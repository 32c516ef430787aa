// Looks at every page, light and dark, narrow and wide: what an accessibility checker finds, what is too wide, what Tab cannot reach.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { made } from './reading.mjs';
import { asked, go, open, seen } from './seeing.mjs';
import { connect } from './trading.mjs';
import { Wallet } from './wallet.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PAGES = ['home', 'captures', 'market', 'money', 'earnings', 'compute', 'places', 'wallet', `asset/${asked.asset}`];
const HELD = ['market', 'wallet', `asset/${asked.asset}`];
const DRAWN = [360, 1440];

export async function readWell() {
  await Promise.all(Object.entries(asked.looks).map(([scheme, widths]) => inScheme(scheme, widths)));
}

// Without a wallet, then with one; a page's widths one after the other, for it need not be drawn again for them.
async function inScheme(colorScheme, widths) {
  const otto = new Wallet(asked.wallets[1]);
  const page = await open(asked.buyer, { colorScheme, viewport: { width: widths[0], height: 900 } }, (context) => otto.into(context));
  await page.evaluate(axe); // through the driver, which no policy of the page's can forbid
  for (const held of [false, true]) {
    if (held) await connect(page);
    for (const where of held ? HELD : [...PAGES, ...(made.job ? [made.job] : [])]) {
      await go(page, where);
      for (const width of widths) await lookAt(page, where.split('/')[0] + (held ? '-held' : ''), width, colorScheme);
      if (colorScheme === 'light') await tabbed(page, where);
    }
  }
  await page.context().close();
}

async function lookAt(page, name, width, scheme) {
  await page.setViewportSize({ width, height: width < 600 ? 780 : 900 });
  seen.looked += 1;
  if (asked.screens && DRAWN.includes(width)) await page.screenshot({ path: `${asked.screens}/${name}-${width}-${scheme}.png`, fullPage: true });
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (over > 0) seen.wide.push(`${name} at ${width}: ${over}`);
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
  seen.axe.push(...found.violations.map((one) => `${name} ${width} ${scheme}: ${one.id} (${one.nodes[0].html.slice(0, 120)})`));
}

// Tab alone must come by everything that can be pressed or filled in, and show where it is. The page may be drawn anew
// under the keys as the catalog moves on, so things are known by their place.
async function tabbed(page, where) {
  const place = () => page.evaluate(() => {
    const all = [...document.querySelectorAll('a[href], button, input, select, [tabindex="0"]')].filter((one) => !one.disabled && one.checkVisibility());
    return { all: all.length, at: all.indexOf(document.activeElement), shown: getComputedStyle(document.activeElement).outlineStyle !== 'none' };
  });
  await page.evaluate(() => document.querySelector('.skip').focus());
  const reached = new Set([(await place()).at]);
  const { all } = await place();
  for (let times = 0; times < all + 4 && reached.size < all; times += 1) {
    await page.keyboard.press('Tab');
    const { at, shown } = await place();
    if (at < 0) continue;
    reached.add(at);
    if (!shown) seen.keyboard.push(`${where}: focus is not shown at ${at}`);
  }
  if (reached.size < all) seen.keyboard.push(`${where}: ${reached.size} of ${all} are reached`);
}
