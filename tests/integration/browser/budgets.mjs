// Measures what people feel: how soon there is something to read, how a long table scrolls, how soon a map is full.
// Argument: {"browser", "address", "rows", "cells", "tries", "scan", "touch"}; writes one JSON object.
import { chromium } from 'playwright-core';

const asked = JSON.parse(process.argv[2]);
const SOFTWARE = ['--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];
const browser = await chromium.launch({ executablePath: asked.browser, args: SOFTWARE });
const seen = { console: [], foreign: [], looked: [], first_paint_ms: Infinity, scroll_fps: 0, cells_ms: Infinity };

async function open() {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  page.setDefaultTimeout(120_000);
  page.on('console', (message) => { if (message.type() === 'error') seen.console.push(message.text()); });
  page.on('pageerror', (error) => seen.console.push(String(error)));
  page.on('request', (request) => { if (new URL(request.url()).hostname !== '127.0.0.1') seen.foreign.push(request.url()); });
  await page.goto(asked.address);
  await page.getByRole('heading', { level: 1, name: /node/ }).waitFor();
  return page;
}

// From the start of the navigation to the first text or picture, as the browser says it.
async function firstPaint() {
  const page = await open();
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length);
  const at = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime);
  seen.first_paint_ms = Math.min(seen.first_paint_ms, at);
  await page.context().close();
}

// Frames a second while a table of all assets is scrolled from one end to the other and back.
async function scrolling() {
  const page = await open();
  await page.evaluate(() => { location.hash = '/captures'; });
  await page.locator('.scroll.long').waitFor();
  seen.rows = await page.locator('.scroll.long table').evaluate((table) => Number(table.getAttribute('aria-rowcount')) - 1);
  const fps = await page.locator('.scroll.long').evaluate((pane) => new Promise((done) => {
    const [seconds, most] = [2, pane.scrollHeight - pane.clientHeight];
    let [frames, began] = [0, 0];
    const step = (now) => {
      began ||= now;
      const share = (now - began) / 1000 / seconds;
      if (share >= 1) { done(frames / seconds); return; }
      frames += 1;
      pane.scrollTop = most * (share < 0.5 ? 2 * share : 2 - 2 * share);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }));
  await page.locator('.scroll.long').evaluate((pane) => { pane.scrollTop = pane.scrollHeight; });
  await page.locator(`.scroll.long tr[aria-rowindex="${asked.rows + 1}"]`).waitFor();
  seen.elements = await page.locator('.scroll.long tr').count();
  seen.scroll_fps = Math.max(seen.scroll_fps, fps);
  await page.context().close();
}

// From asking for the page until every cell has been filled in, the node's answer and the modules' loading included.
async function mapping() {
  const page = await open();
  const took = await page.evaluate((cells) => new Promise((done) => {
    const began = performance.now();
    location.hash = '/places';
    const look = () => {
      const canvas = document.querySelector('canvas.map');
      if (canvas && Number(canvas.dataset.drawn) >= cells) done(performance.now() - began);
      else requestAnimationFrame(look);
    };
    look();
  }), asked.cells);
  seen.cells_ms = Math.min(seen.cells_ms, took);
  await page.context().close();
}

// The keyboard alone moves the map: nearer shows fewer cells, 0 all of them again.
async function keys() {
  const page = await open();
  await page.evaluate(() => { location.hash = '/places'; });
  const drawn = (test, than) => page.waitForFunction(([how, count]) => {
    const found = Number(document.querySelector('canvas.map')?.dataset.drawn);
    return how === 'all' ? found >= count : found < count;
  }, [test, than]);
  await drawn('all', asked.cells);
  await page.locator('canvas.map').focus();
  for (let times = 0; times < 6; times += 1) await page.keyboard.press('+');
  await drawn('fewer', asked.cells);
  await page.keyboard.press('0');
  await drawn('all', asked.cells);
  await page.context().close();
}

// A scan and a touch are looked at: what was published, then the recording.
async function looking() {
  const page = await open();
  for (const [asset, canvas, count] of [[asked.scan, 'canvas.space', 2], [asked.touch, 'canvas.heat', 1]]) {
    await page.evaluate((id) => { location.hash = `/asset/${id}`; }, asset);
    await page.getByRole('button', { name: 'Open the recording here' }).click();
    await page.waitForFunction(([kind, most]) => document.querySelectorAll(kind).length === most, [canvas, count]);
    const sizes = await page.locator(canvas).evaluateAll((all) => all.map((one) => [one.width, one.height]));
    seen.looked.push([canvas, sizes.every(([wide, high]) => wide > 300 && high > 100)]);
  }
  await page.context().close();
}

for (let times = 0; times < asked.tries; times += 1) {
  await firstPaint();
  await scrolling();
  await mapping();
}
await keys();
await looking();
await browser.close();
process.stdout.write(`${JSON.stringify(seen)}\n`);
