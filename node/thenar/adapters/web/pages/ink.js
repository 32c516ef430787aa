// What every canvas shares: its size in device pixels, the colours of the page, a scale from little to much.
const STOPS = [[36, 22, 78], [59, 63, 138], [38, 111, 142], [31, 149, 136], [84, 190, 108], [190, 215, 60], [253, 231, 90]];

export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

// Red, green, blue of a share between 0 and 1.
export function ramp(share) {
  const at = Math.max(0, Math.min(1, share)) * (STOPS.length - 1);
  const low = Math.min(STOPS.length - 2, Math.floor(at));
  return STOPS[low].map((from, band) => Math.round(from + (STOPS[low + 1][band] - from) * (at - low)));
}

// A drawing area in CSS pixels, sharp on every screen; null while it has no size.
export function sheet(canvas) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (!width || !height) return null;
  const dense = Math.min(2, devicePixelRatio || 1);
  if (canvas.width !== Math.round(width * dense) || canvas.height !== Math.round(height * dense)) {
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
  }
  const pen = canvas.getContext('2d');
  pen.setTransform(dense, 0, 0, dense, 0, 0);
  pen.clearRect(0, 0, width, height);
  Object.assign(pen, { font: '12px system-ui, sans-serif', lineWidth: 1, globalAlpha: 1, textAlign: 'left' });
  return { pen, width, height };
}

// Draws now, whenever the size changes, and when the system turns light or dark.
export function redrawn(canvas, draw) {
  new ResizeObserver(draw).observe(canvas);
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const again = () => { if (canvas.isConnected) draw(); else dark.removeEventListener('change', again); };
  dark.addEventListener('change', again);
  return canvas;
}

export function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

export const whole = (text) => new Int32Array(bytes(text).buffer);
export const said = (number) => (Math.abs(number) >= 100 || Number.isInteger(number) ? Math.round(number).toLocaleString() : String(Number(number.toPrecision(3))));
