import { bars } from './chart.js';
import { el, facts } from './draw.js';
import { bytes, colour, ramp, redrawn, said, sheet } from './ink.js';

// One stream of a capture that is open here: sensors over time, and how even its clock is.
export function stream(made) {
  const { heat, timing } = made;
  const unit = made.units === "[arb'U]" ? '' : ` ${made.units}`;
  const title = `${made.name}: ${made.sensors} sensors, ${said(made.readings)} readings, ${said(heat.low)} to ${said(heat.high)}${unit}`;
  return el('section', {}, el('h3', {}, `${made.name} `, el('span.quiet', {}, made.kind.replaceAll('_', ' '))),
    heatMap(title, heat, timing ? `${said(timing.seconds)} s` : `reading ${said(made.readings)}`),
    timing ? el('.pair', {},
      bars('How far readings lie apart', timing.counts, ['0 ms', `${said(timing.top_ms)} ms and more`]),
      el('.card', {}, el('h4', {}, 'Timing'), facts([['Usual distance', `${said(timing.usual_ms)} ms`], ['Longest', `${said(timing.longest_ms)} ms`],
        ['Gaps of twice the usual', String(timing.late)], ['Length', `${said(timing.seconds)} s`]]))) : el('p.quiet', {}, 'Its readings carry no clock.'));
}

export function heatMap(title, { rows, columns, cells, low, high }, end) {
  const image = new ImageData(columns, rows);
  bytes(cells).forEach((step, at) => image.data.set([...ramp(step / 255), 255], at * 4));
  const still = new OffscreenCanvas(columns, rows);
  still.getContext('2d').putImageData(image, 0, 0);
  const canvas = el('canvas.heat', { role: 'img', 'aria-label': title });
  redrawn(canvas, () => {
    const found = sheet(canvas);
    if (!found) return;
    const { pen, width, height } = found;
    pen.imageSmoothingEnabled = false;
    pen.drawImage(still, 0, 0, width, height - 22);
    pen.fillStyle = colour('quiet');
    pen.fillText('0', 0, height - 6);
    pen.textAlign = 'right';
    pen.fillText(end, width, height - 6);
    pen.textAlign = 'left';
  });
  return el('figure.card', {}, el('figcaption', {}, title), canvas, scaleOf(said(low), said(high)));
}

export function scaleOf(from, to) {
  const canvas = el('canvas.scale', { 'aria-hidden': 'true' });
  redrawn(canvas, () => {
    const found = sheet(canvas);
    if (!found) return;
    for (let x = 0; x < found.width; x += 1) {
      found.pen.fillStyle = `rgb(${ramp(x / found.width).join(',')})`;
      found.pen.fillRect(x, 0, 1.5, found.height);
    }
  });
  return el('.legend', {}, from, canvas, to);
}

// What the published card of a tactile capture tells: regions without names, loads without time.
export function card(preview) {
  const known = facts([['Sensors', said(preview.sensors)], ['Live', `${preview.live} %`], ['Length', `${said(preview.seconds)} s, told in tens`],
    ['Rate', `${preview.rate_hz} Hz`], ['Bits in use', String(preview.bits)]]);
  const regions = preview.regions.map((region, at) => bars(`Region ${at + 1}: in contact ${region.contact} % of the time`, region.load, ['rest', 'greatest load']));
  const none = el('p.quiet', {}, 'Captures of less than a minute show no loads.');
  return el('section', {}, el('.card', {}, known), regions.length ? el('.regions', {}, regions) : none);
}
