import { el } from './draw.js';
import { colour, ramp, said, sheet, whole } from './ink.js';

const TURN = 0.12;

// Points or cubes in space, turned with the pointer or the arrow keys. The engine comes when there is something to turn.
export async function cloud(title, { places, edge_mm: edge }) {
  const at = whole(places);
  const canvas = el('canvas.space', { tabindex: '0', role: 'img', 'aria-label': `${title}. Arrow keys turn it, plus and minus bring it nearer.` });
  const note = el('p.quiet', {}, 'Drag or use the arrow keys to turn, wheel or + and − for nearer and farther.');
  if (document.createElement('canvas').getContext('webgl2')) {
    stage(await import('./three.js'), canvas, at, edge);
  } else {
    note.textContent = 'This browser draws nothing in three dimensions: here is the plan from above.';
    new ResizeObserver(() => plan(canvas, at)).observe(canvas);
  }
  return el('figure.card', {}, el('figcaption', {}, title), canvas, note);
}

function stage(three, canvas, at, edge) {
  const renderer = new three.WebGLRenderer({ canvas, antialias: true, alpha: true });
  const scene = new three.Scene();
  const camera = new three.PerspectiveCamera(45, 1, 0.05, 5000);
  const reach = edge ? cubes(three, scene, at, edge / 1000) : points(three, scene, at);
  camera.position.set(reach * 0.9, reach * 0.8, reach * 1.1);
  const around = new three.OrbitControls(camera, canvas);
  around.enableZoom = true;
  let asked = false;
  const draw = () => { asked = false; renderer.render(scene, camera); };
  const ask = () => { if (!asked) { asked = true; requestAnimationFrame(draw); } };
  around.addEventListener('change', ask);
  canvas.addEventListener('keydown', (event) => turned(event, camera, around, ask));
  new ResizeObserver(() => {
    if (!canvas.clientWidth) return;
    renderer.setPixelRatio(Math.min(2, devicePixelRatio));
    renderer.setSize(canvas.clientWidth, canvas.clientHeight, false);
    camera.aspect = canvas.clientWidth / canvas.clientHeight;
    camera.updateProjectionMatrix();
    draw();
  }).observe(canvas);
  around.update();
}

// Metres around the middle, z of the file upwards.
function metres(at, scale, put) {
  const high = [0, 0, 0];
  for (let place = 0; place < at.length; place += 1) high[place % 3] = Math.max(high[place % 3], at[place]);
  for (let place = 0; place < at.length; place += 3) {
    put(place / 3, (at[place] - high[0] / 2) * scale, (at[place + 2] - high[2] / 2) * scale, (high[1] / 2 - at[place + 1]) * scale, high[2] ? at[place + 2] / high[2] : 0);
  }
  return Math.max(1, Math.hypot(...high) * scale);
}

function points(three, scene, at) {
  const [where, shade] = [new Float32Array(at.length), new Float32Array(at.length)];
  const tint = new three.Color();
  const reach = metres(at, 1 / 1000, (point, x, y, z, height) => {
    where.set([x, y, z], point * 3);
    tint.setRGB(...ramp(0.15 + height * 0.85).map((band) => band / 255), 'srgb');
    shade.set([tint.r, tint.g, tint.b], point * 3);
  });
  const form = new three.BufferGeometry();
  form.setAttribute('position', new three.BufferAttribute(where, 3));
  form.setAttribute('color', new three.BufferAttribute(shade, 3));
  scene.add(new three.Points(form, new three.PointsMaterial({ size: reach / 180, vertexColors: true })));
  return reach;
}

function cubes(three, scene, at, edge) {
  scene.add(new three.HemisphereLight(0xffffff, 0x667788, 2.2));
  const sun = new three.DirectionalLight(0xffffff, 1.6);
  sun.position.set(2, 5, 3);
  scene.add(sun);
  const shell = new three.InstancedMesh(new three.BoxGeometry(edge * 0.92, edge * 0.92, edge * 0.92), new three.MeshLambertMaterial(), at.length / 3);
  const [spot, tint] = [new three.Matrix4(), new three.Color()];
  const reach = metres(at, edge, (cube, x, y, z, height) => {
    shell.setMatrixAt(cube, spot.makeTranslation(x, y, z));
    shell.setColorAt(cube, tint.setRGB(...ramp(0.15 + height * 0.85).map((band) => band / 255), 'srgb'));
  });
  scene.add(shell);
  return reach;
}

function turned(event, camera, around, ask) {
  const turn = { ArrowLeft: [TURN, 0], ArrowRight: [-TURN, 0], ArrowUp: [0, -TURN], ArrowDown: [0, TURN] }[event.key];
  const nearer = { '+': 0.85, '=': 0.85, '-': 1.18 }[event.key];
  if (!turn && !nearer) return;
  event.preventDefault();
  const from = camera.position.clone().sub(around.target);
  const [far, flat] = [from.length() * (nearer ?? 1), Math.atan2(from.x, from.z) + (turn?.[0] ?? 0)];
  const tilt = Math.min(3, Math.max(0.1, Math.acos(from.y / from.length()) + (turn?.[1] ?? 0)));
  camera.position.set(Math.sin(tilt) * Math.sin(flat), Math.cos(tilt), Math.sin(tilt) * Math.cos(flat)).multiplyScalar(far).add(around.target);
  around.update();
  ask();
}

function plan(canvas, at) {
  const found = sheet(canvas);
  if (!found) return;
  const { pen, width, height } = found;
  let [wide, deep] = [1, 1];
  for (let place = 0; place < at.length; place += 3) [wide, deep] = [Math.max(wide, at[place]), Math.max(deep, at[place + 1])];
  const scale = Math.min((width - 20) / wide, (height - 20) / deep);
  pen.fillStyle = colour('accent');
  pen.globalAlpha = 0.4;
  for (let place = 0; place < at.length; place += 3) pen.fillRect(10 + at[place] * scale, height - 10 - at[place + 1] * scale, 1.5, 1.5);
  pen.globalAlpha = 1;
  pen.fillText(said(at.length / 3), 4, 14);
}
