import { el } from './draw.js';
import { colour, redrawn, said, sheet } from './ink.js';

const EDGE = { left: 58, right: 14, top: 12, bottom: 34 };

// A line over rounds: points are [x, y]; more can be added while it grows.
export function curve(title, across, points = []) {
  const canvas = el('canvas.chart', { role: 'img', 'aria-label': title });
  const draw = () => drawLine(canvas, points, across);
  redrawn(canvas, draw);
  const figure = el('figure.card', {}, el('figcaption', {}, title), canvas);
  return { figure, add(point) { points.push(point); canvas.setAttribute('aria-label', `${title}: ${points.length} points, last ${said(point[1])}`); draw(); } };
}

// Bars over equal steps; `ends` are the numbers below the first and behind the last.
export function bars(title, counts, ends) {
  const sum = counts.reduce((total, count) => total + count, 0);
  const canvas = el('canvas.bars', { role: 'img', 'aria-label': `${title}: ${counts.length} steps, ${said(sum)} in all` });
  redrawn(canvas, () => drawBars(canvas, counts, ends));
  return el('figure.card', {}, el('figcaption', {}, title), canvas);
}

function drawLine(canvas, points, across) {
  const found = sheet(canvas);
  if (!found) return;
  const { pen, width, height } = found;
  if (!points.length) {
    pen.fillStyle = colour('quiet');
    pen.fillText('nothing yet', EDGE.left, height / 2);
    return;
  }
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [x0, x1] = [Math.min(...xs), Math.max(...xs, Math.min(...xs) + 1)];
  let [y0, y1] = [Math.min(...ys), Math.max(...ys)];
  if (y0 === y1) [y0, y1] = [y0 - 1, y1 + 1];
  const px = (x) => EDGE.left + ((x - x0) / (x1 - x0)) * (width - EDGE.left - EDGE.right);
  const py = (y) => height - EDGE.bottom - ((y - y0) / (y1 - y0)) * (height - EDGE.top - EDGE.bottom);
  pen.strokeStyle = colour('line');
  pen.fillStyle = colour('quiet');
  pen.textAlign = 'right';
  for (let step = 0; step <= 3; step += 1) {
    const y = y0 + ((y1 - y0) * step) / 3;
    pen.beginPath();
    pen.moveTo(EDGE.left, py(y));
    pen.lineTo(width - EDGE.right, py(y));
    pen.stroke();
    pen.fillText(said(y), EDGE.left - 8, py(y) + 4);
  }
  pen.textAlign = 'left';
  pen.fillText(`${across} ${said(x0)}`, EDGE.left, height - 12);
  pen.textAlign = 'right';
  pen.fillText(said(x1), width - EDGE.right, height - 12);
  pen.strokeStyle = pen.fillStyle = colour('accent');
  pen.lineWidth = 2.5;
  pen.lineJoin = 'round';
  pen.beginPath();
  points.forEach(([x, y], at) => (at ? pen.lineTo(px(x), py(y)) : pen.moveTo(px(x), py(y))));
  pen.stroke();
  for (const [x, y] of points) {
    pen.beginPath();
    pen.arc(px(x), py(y), points.length > 60 ? 1.5 : 3.5, 0, 7);
    pen.fill();
  }
}

function drawBars(canvas, counts, [from, to]) {
  const found = sheet(canvas);
  if (!found) return;
  const { pen, width, height } = found;
  const [top, wide] = [Math.max(1, ...counts), width / counts.length];
  pen.fillStyle = colour('accent');
  counts.forEach((count, at) => {
    const tall = (count / top) * (height - 26);
    if (count) pen.fillRect(at * wide + 1, height - 20 - Math.max(1.5, tall), Math.max(1, wide - 2), Math.max(1.5, tall));
  });
  pen.fillStyle = colour('quiet');
  pen.fillText(from, 1, height - 5);
  pen.textAlign = 'right';
  pen.fillText(to, width - 1, height - 5);
  pen.textAlign = 'left';
}
