import { el } from './draw.js';
import { colour, ramp, redrawn, said, sheet } from './ink.js';

const SHADES = 12;
const DOT = 3;
const METRES = 40075016.686;
const STEP = 0.2;
const NEAREST = 2 ** 26;

// Longitude and latitude in degrees onto the unit square of Mercator's map.
const spot = ([lng, lat]) => [lng / 360 + 0.5, 0.5 - Math.log(Math.tan(Math.PI / 4 + (Math.max(-85, Math.min(85, lat)) * Math.PI) / 360)) / (2 * Math.PI)];
const latitude = (y) => (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI;

// A map of cells: what is covered is filled, what is paid for is outlined with its price. It asks no server for tiles.
export async function coverageMap() {
  const [h3, { rings }] = await Promise.all([import('./h3.js'), import('./land.js')]);
  const canvas = el('canvas.map', { tabindex: '0', role: 'application', 'aria-roledescription': 'map' });
  const outlines = new Map(); // worked out once: a block that changes one cell is no reason to ask for all again
  const outline = (item, cell) => ({ item, ...(outlines.get(cell) ?? outlines.set(cell, outlined(h3, cell)).get(cell)) });
  const state = { canvas, land: rings.map((ring) => ring.map(spot)), cells: [], asks: [], view: null, drawn: 0 };
  const draw = () => paint(state);
  redrawn(canvas, draw);
  moving(state, draw);
  const tool = (label, sign, run) => el('button.plain', { type: 'button', 'aria-label': label, title: label, onclick: run }, sign);
  const tools = el('.tools', {}, tool('Nearer', '+', () => zoom(state, 2, draw)), tool('Farther', '−', () => zoom(state, 0.5, draw)),
    tool('Show everything', '⤢', () => { state.view = null; draw(); }));
  const figure = el('figure.atlas', {}, canvas, tools, legend());
  return {
    figure,
    put(cells, asks) {
      state.cells = cells.map((item) => outline(item, item.cell));
      state.asks = asks.map((item) => outline(item, item.area));
      canvas.setAttribute('aria-label', `${said(cells.length)} covered cells and ${asks.length} areas that are paid for. Arrow keys move, plus and minus zoom, 0 shows everything.`);
      draw();
      return state.drawn;
    },
    go(item) { focus(state, [outline(item, item.area ?? item.cell)]); draw(); },
  };
}

function outlined(h3, cell) {
  const corners = h3.cellToBoundary(cell, true);
  const first = corners[0][0];
  const path = new Float64Array(corners.length * 2);
  corners.forEach(([lng, lat], at) => path.set(spot([lng - first > 180 ? lng - 360 : lng - first < -180 ? lng + 360 : lng, lat]), at * 2));
  return { path, x: path[0], y: path[1], wide: Math.abs(path[0] - path[path.length >> 1 & ~1]) };
}

function focus(state, things) {
  let [left, top, right, bottom] = [1, 1, 0, 0];
  for (const { path } of things) {
    for (let at = 0; at < path.length; at += 2) {
      [left, right] = [Math.min(left, path[at]), Math.max(right, path[at])];
      [top, bottom] = [Math.min(top, path[at + 1]), Math.max(bottom, path[at + 1])];
    }
  }
  const { clientWidth: width, clientHeight: height } = state.canvas;
  const scale = Math.min((width * 0.82) / Math.max(1e-9, right - left), (height * 0.82) / Math.max(1e-9, bottom - top), NEAREST);
  state.view = { x: (left + right) / 2, y: (top + bottom) / 2, scale };
}

function whereabouts(state, width) {
  if (state.view) return state.view;
  const things = [...state.cells, ...state.asks];
  if (things.length) focus(state, things);
  return state.view ?? { x: 0.5, y: 0.42, scale: width };
}

function paint(state) {
  const found = sheet(state.canvas);
  if (!found) return;
  const { pen, width, height } = found;
  const view = whereabouts(state, width);
  const at = { pen, width, height, scale: view.scale, x0: width / 2 - view.x * view.scale, y0: height / 2 - view.y * view.scale };
  pen.fillStyle = colour('sea');
  pen.fillRect(0, 0, width, height);
  coasts(at, state.land);
  lattice(at);
  state.drawn = covered(at, state.cells);
  state.canvas.dataset.drawn = state.drawn;
  wanted(at, state.asks);
  ruler(at);
}

function trace({ pen, scale, x0, y0 }, path) {
  pen.moveTo(path[0] * scale + x0, path[1] * scale + y0);
  for (let step = 2; step < path.length; step += 2) pen.lineTo(path[step] * scale + x0, path[step + 1] * scale + y0);
  pen.closePath();
}

function coasts(at, land) {
  const { pen, scale, x0, y0 } = at;
  pen.beginPath();
  for (const ring of land) {
    ring.forEach(([x, y], step) => (step ? pen.lineTo(x * scale + x0, y * scale + y0) : pen.moveTo(x * scale + x0, y * scale + y0)));
    pen.closePath();
  }
  pen.fillStyle = colour('land');
  pen.fill('evenodd');
}

// Lines of longitude and latitude, a few to a screen, with their degrees.
function lattice({ pen, width, height, scale, x0, y0 }) {
  const span = (width / scale) * 360;
  const gap = [90, 45, 30, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005].find((size) => span / size >= 3) ?? 0.0002;
  const digits = Math.max(0, Math.ceil(-Math.log10(gap)));
  pen.strokeStyle = colour('line');
  pen.fillStyle = colour('quiet');
  pen.lineWidth = 1;
  pen.beginPath();
  for (let lng = Math.ceil(((-x0 / scale - 0.5) * 360) / gap) * gap; lng <= ((width - x0) / scale - 0.5) * 360 && lng <= 180; lng += gap) {
    const x = spot([lng, 0])[0] * scale + x0;
    pen.moveTo(x, 0);
    pen.lineTo(x, height);
    pen.fillText(`${Math.abs(lng).toFixed(digits)}°${lng < 0 ? 'W' : 'E'}`, x + 4, 14);
  }
  for (let lat = Math.ceil(latitude((height - y0) / scale) / gap) * gap; lat <= latitude(-y0 / scale); lat += gap) {
    const y = spot([0, lat])[1] * scale + y0;
    pen.moveTo(0, y);
    pen.lineTo(width, y);
    if (y > 28) pen.fillText(`${Math.abs(lat).toFixed(digits)}°${lat < 0 ? 'S' : 'N'}`, 4, y - 4);
  }
  pen.stroke();
}

// Cells in as many shades as the eye tells apart, one path each; those smaller than a dot are dots.
function covered(at, cells) {
  const { pen, width, height, scale, x0, y0 } = at;
  const shades = Array.from({ length: SHADES }, () => []);
  for (const cell of cells) {
    const [x, y] = [cell.x * scale + x0, cell.y * scale + y0];
    const reach = cell.wide * scale + DOT;
    if (x > -reach && y > -reach && x < width + reach && y < height + reach) shades[Math.min(SHADES - 1, Math.floor(cell.item.share * SHADES))].push(cell);
  }
  let drawn = 0;
  pen.globalAlpha = 0.82;
  shades.forEach((group, shade) => {
    pen.fillStyle = `rgb(${ramp((shade + 0.5) / SHADES).join(',')})`;
    pen.beginPath();
    for (const cell of group) {
      if (cell.wide * scale < DOT) pen.rect(cell.x * scale + x0, cell.y * scale + y0, DOT, DOT);
      else trace(at, cell.path);
    }
    pen.fill();
    drawn += group.length;
  });
  pen.globalAlpha = 1;
  return drawn;
}

function wanted(at, asks) {
  const { pen, scale, x0, y0, width, height } = at;
  pen.lineWidth = 2.5;
  pen.strokeStyle = colour('wanted');
  pen.setLineDash([7, 4]);
  pen.beginPath();
  for (const { path } of asks) trace(at, path);
  pen.stroke();
  pen.setLineDash([]);
  pen.textAlign = 'center';
  pen.font = '600 13px system-ui, sans-serif';
  for (const { item, path } of asks) {
    let [x, y] = [0, 0];
    const corners = path.length - 2; // the last closes the ring and is the first again
    for (let step = 0; step < corners; step += 2) [x, y] = [x + path[step] * scale, y + path[step + 1] * scale];
    [x, y] = [(x * 2) / corners + x0, (y * 2) / corners + y0];
    if (x < 0 || y < 0 || x > width || y > height) continue;
    const wide = pen.measureText(item.price).width + 16;
    pen.fillStyle = colour('card');
    pen.beginPath();
    pen.roundRect(x - wide / 2, y - 12, wide, 24, 12);
    pen.fill();
    pen.stroke();
    pen.fillStyle = colour('ink');
    pen.fillText(item.price, x, y + 5);
  }
  pen.textAlign = 'left';
}

function ruler({ pen, width, height, scale, y0 }) {
  const metre = (scale / METRES) / Math.cos((latitude((height / 2 - y0) / scale) * Math.PI) / 180);
  const most = (width / 4) / metre;
  const round = 10 ** Math.floor(Math.log10(most));
  const long = [5, 2, 1].map((times) => times * round).find((size) => size <= most) ?? round;
  const wide = long * metre;
  pen.fillStyle = pen.strokeStyle = colour('ink');
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(width - 16 - wide, height - 18);
  pen.lineTo(width - 16 - wide, height - 12);
  pen.lineTo(width - 16, height - 12);
  pen.lineTo(width - 16, height - 18);
  pen.stroke();
  pen.textAlign = 'right';
  pen.fillText(long >= 1000 ? `${long / 1000} km` : `${long} m`, width - 16, height - 22);
  pen.textAlign = 'left';
}

function zoom(state, times, draw, [px, py] = [state.canvas.clientWidth / 2, state.canvas.clientHeight / 2]) {
  const { clientWidth: width, clientHeight: height } = state.canvas;
  const view = whereabouts(state, width);
  const scale = Math.max(width / 2, Math.min(NEAREST, view.scale * times));
  const [dx, dy] = [px - width / 2, py - height / 2];
  state.view = { x: view.x + dx / view.scale - dx / scale, y: view.y + dy / view.scale - dy / scale, scale };
  draw();
}

function pan(state, dx, dy, draw) {
  const view = whereabouts(state, state.canvas.clientWidth);
  state.view = { ...view, x: view.x + dx / view.scale, y: Math.max(0, Math.min(1, view.y + dy / view.scale)) };
  draw();
}

function moving(state, draw) {
  const { canvas } = state;
  let [held, asked] = [null, false];
  const soon = () => { if (!asked) { asked = true; requestAnimationFrame(() => { asked = false; draw(); }); } };
  canvas.addEventListener('pointerdown', (event) => { held = [event.clientX, event.clientY]; canvas.setPointerCapture(event.pointerId); });
  canvas.addEventListener('pointermove', (event) => {
    if (!held) return;
    pan(state, held[0] - event.clientX, held[1] - event.clientY, soon);
    held = [event.clientX, event.clientY];
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, () => { held = null; });
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    zoom(state, event.deltaY < 0 ? 1.25 : 0.8, soon, [event.offsetX, event.offsetY]);
  }, { passive: false });
  canvas.addEventListener('keydown', (event) => {
    const { clientWidth: width, clientHeight: height } = canvas;
    const ways = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    if (ways[event.key]) pan(state, ways[event.key][0] * width, ways[event.key][1] * height, draw);
    else if ('+='.includes(event.key)) zoom(state, 1.5, draw);
    else if (event.key === '-') zoom(state, 1 / 1.5, draw);
    else if (event.key === '0') { state.view = null; draw(); } else return;
    event.preventDefault();
  });
}

function legend() {
  const scale = el('canvas.scale', { 'aria-hidden': 'true' });
  redrawn(scale, () => {
    const found = sheet(scale);
    if (!found) return;
    for (let shade = 0; shade < SHADES; shade += 1) {
      found.pen.fillStyle = `rgb(${ramp((shade + 0.5) / SHADES).join(',')})`;
      found.pen.fillRect((shade * found.width) / SHADES, 0, found.width / SHADES + 1, found.height);
    }
  });
  return el('figcaption.legend', {}, 'hardly covered', scale, 'a good capture', el('span.wanted', {}, 'paid for'));
}
