// The world's coasts (Natural Earth, 1:110 million) as rings of [longitude, latitude]: enough to see where on earth one is.
import { arcs, objects, transform } from 'world-atlas/land-110m.json';

const { scale: [sx, sy], translate: [tx, ty] } = transform;

function line(arc) {
  let [x, y] = [0, 0];
  return arc.map(([dx, dy]) => { x += dx; y += dy; return [x * sx + tx, y * sy + ty]; });
}

const lines = arcs.map(line);
const joined = (ring) => ring.flatMap((at) => (at < 0 ? lines[~at].toReversed() : lines[at]));
export const rings = objects.land.geometries.flatMap((land) => land.arcs.flatMap((polygon) => polygon.map(joined)));
