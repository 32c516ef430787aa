// What the pages use of three.js: points and cubes in space, and a way around them. Nothing else gets into the bundle.
export {
  BoxGeometry, BufferAttribute, BufferGeometry, Color, DirectionalLight, HemisphereLight, InstancedMesh, Matrix4, MeshLambertMaterial,
  PerspectiveCamera, Points, PointsMaterial, Scene, WebGLRenderer,
} from 'three';
export { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
