// The world's coasts (Natural Earth, 1:110 million) as rings of [longitude, latitude]: enough to see where on earth one is.
import { arcs, objects, transform } from 'world-atlas/land-110m.json';

const { scale: [sx, sy], translate: [tx, ty] } = transform;

function line(arc) {
  let [x, y] = [0, 0];
  return arc.map(([dx, dy]) => { x += dx; y += dy; return [x * sx + tx, y * sy + ty]; });
}

const lines = arcs.map(line);
const joined = (ring) => ring.flatMap((at) => (at < 0 ? lines[~at].toReversed() : lines[at]));

// A coast that crosses the 180th meridian goes on beyond it and is there twice, a turn apart; one around a pole is closed along it.
function unwound(ring) {
  let [turn, before] = [0, ring[0][0]];
  const path = ring.map(([lng, lat]) => {
    if (Math.abs(lng - before) > 180) turn += lng < before ? 360 : -360;
    before = lng;
    return [lng + turn, lat];
  });
  const [[begin], [end, lat]] = [path[0], path.at(-1)];
  if (Math.abs(end - begin) > 180) path.push([end, Math.sign(lat) * 90], [begin, Math.sign(lat) * 90]);
  const beyond = path.find(([lng]) => Math.abs(lng) > 180);
  return beyond ? [path, path.map(([lng, one]) => [lng - Math.sign(beyond[0]) * 360, one])] : [path];
}

export const rings = objects.land.geometries.flatMap((land) => land.arcs.flatMap((polygon) => polygon.flatMap((ring) => unwound(joined(ring)))));
