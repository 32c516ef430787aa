import { asset, captures } from './captures.js';
import { enter, hasKey, listen, read } from './door.js';
import { el, short, trouble } from './draw.js';
import { home } from './home.js';
import { forget } from './keep.js';
import { money } from './money.js';
import { connected, look, watch } from './wallets.js';

// Parts that few visits need come when they are asked for.
const compute = async (given) => (await import('./compute.js')).compute(given);
const job = async (given) => (await import('./compute.js')).job(given);
const market = async (given) => (await import('./market.js')).market(given);
const wallet = async (given) => (await import('./wallet.js')).wallet(given);
const places = async (given) => (await import('./places.js')).places(given);
const earnings = async (given) => (await import('./earnings.js')).earnings(given);
const PAGES = { home: ['Node', home], captures: ['Captures', captures], market: ['Market', market], money: ['Money', money], earnings: ['Earnings', earnings], compute: ['Computing', compute], places: ['Places', places], wallet: ['Wallet', wallet] };
const PARTS = { asset: ['captures', asset], job: ['compute', job] };
const CALM = 8;
const page = document.getElementById('page');
const asOf = document.getElementById('as-of');
let me = null;
let turn = 0;
let quiet = 0;
let heard = null;
let going = false;
let stale = false;
let navigated = null;
// A page in use: something was asked or opened, is filled in, or stands under the keys.
const filled = () => [...page.querySelectorAll('input')].some((one) => one.value !== one.defaultValue);
const acting = () => page.querySelector('.told, details[open]') !== null || filled() || page.contains(document.activeElement) && document.activeElement.matches('a, button, select, input, .scroll');

function route() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, id] = path.split('/');
  if (Object.hasOwn(PARTS, name) && id) return { name: PARTS[name][0], draw: PARTS[name][1], id: decodeURIComponent(id), query: new URLSearchParams(query) };
  const known = Object.hasOwn(PAGES, name) ? name : 'home';
  return { name: known, draw: PAGES[known][1], query: new URLSearchParams(query) };
}

function navigate(current) {
  const held = connected();
  const said = `${current} ${held?.account}`;
  if (said === navigated) return; // whoever stands on a link stays there
  navigated = said;
  const links = Object.entries(PAGES).map(([name, [title]]) => el('a', { href: `#/${name}`, 'aria-current': name === current ? 'page' : null }, title));
  if (held) links.at(-1).append(el('small.chip', {}, short(held.account)));
  document.getElementById('nav').replaceChildren(...links);
}

// Draws the page that the address names. When only the catalog moved on, a page in use or just being drawn is left alone;
// what is dear to draw is drawn again less often.
async function show(moved = false) {
  const began = performance.now();
  if (moved && began < quiet) return;
  if (moved && (going || acting())) { stale = going; return; }
  const mine = ++turn;
  going = true; // also for a block: on a slow machine the next one would come before this one is drawn
  const left = () => {
    if (mine === turn && moved && acting()) going = false;
    return mine !== turn || !going;
  };
  const { name, draw, ...rest } = route();
  navigate(name);
  try {
    me ??= (await read('/v1/status')).account;
    const made = await draw({ ...rest, me });
    if (left()) return;
    page.replaceChildren(...made.flat().filter(Boolean));
    page.dataset.block = heard?.block ?? '';
    quiet = performance.now() + CALM * (performance.now() - began);
  } catch (cause) {
    if (left()) return;
    page.replaceChildren(el('h1', {}, 'This page is not to be had'), trouble(cause));
  }
  document.title = `${page.querySelector('h1')?.textContent ?? 'Node'} · Thenar`;
  going = false;
  if (!moved) page.focus({ preventScroll: true });
  if (stale) { stale = false; show(true); }
}

function stamp() {
  if (!heard) return;
  const behind = page.dataset.block && Number(page.dataset.block) < heard.block ? ` · this page: block ${page.dataset.block}` : '';
  asOf.textContent = `as of block ${heard.block}, ${Math.round((performance.now() - heard.at) / 1000)} s ago${behind}`;
}

addEventListener('hashchange', () => {
  if (hasKey()) { enter(); location.reload(); return; } // the address of a node that was started anew
  forget();
  show();
});
addEventListener('look-again', () => show());
if (enter()) {
  watch(() => { quiet = 0; navigate(route().name); show(true); });
  look();
  show();
  setInterval(stamp, 1000);
  listen(({ block }) => { heard = { block, at: performance.now() }; stamp(); show(true); }, (cause) => { heard = null; asOf.textContent = cause.message; });
} else {
  navigate('home');
  page.replaceChildren(el('h1', {}, 'Locked'), el('p.lead', {}, 'This page has no key to the node. Run `thenar ui` and open the address it prints.'));
}
