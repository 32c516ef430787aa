import { asset, captures } from './captures.js';
import { compute } from './compute.js';
import { enter, listen, read } from './door.js';
import { el, trouble } from './draw.js';
import { home } from './home.js';
import { money } from './money.js';
import { places } from './places.js';

const PAGES = { home: ['Node', home], captures: ['Captures', captures], money: ['Money', money], compute: ['Computing', compute], places: ['Places', places] };
const page = document.getElementById('page');
const asOf = document.getElementById('as-of');
let me = null;
let turn = 0;
let acting = () => page.querySelector('.told') !== null || page.contains(document.activeElement) && document.activeElement.matches('button, select, input');

function route() {
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const [name, id] = path.split('/');
  if (name === 'asset' && id) return { name: 'captures', draw: asset, id: decodeURIComponent(id), query: new URLSearchParams(query) };
  const known = Object.hasOwn(PAGES, name) ? name : 'home';
  return { name: known, draw: PAGES[known][1], query: new URLSearchParams(query) };
}

function navigate(current) {
  const links = Object.entries(PAGES).map(([name, [title]]) => el('a', { href: `#/${name}`, 'aria-current': name === current ? 'page' : null }, title));
  document.getElementById('nav').replaceChildren(...links);
}

async function show(moved = false) {
  const mine = ++turn;
  const { name, draw, ...rest } = route();
  navigate(name);
  try {
    me ??= (await read('/v1/status')).account;
    const made = await draw({ ...rest, me });
    if (mine !== turn || (moved && acting())) return;
    page.replaceChildren(...made);
  } catch (cause) {
    if (mine === turn && !(moved && acting())) page.replaceChildren(el('h1', {}, 'This page is not to be had'), trouble(cause));
  }
  document.title = `${page.querySelector('h1').textContent} · Thenar`;
  if (!moved) page.focus({ preventScroll: true });
}

addEventListener('hashchange', () => show());
if (enter()) {
  show();
  listen(({ block }) => { asOf.textContent = `as of block ${block}`; show(true); }, (cause) => { asOf.textContent = cause.message; });
} else {
  navigate('home');
  page.replaceChildren(el('h1', {}, 'Locked'), el('p.lead', {}, 'This page has no key to the node. Run `thenar ui` and open the address it prints.'));
}
