// What the pages use of h3-js: outlines of cells.
export { cellToBoundary, cellToChildren, cellToLatLng, cellToParent, getResolution, gridDisk, isValidCell, latLngToCell } from 'h3-js';
