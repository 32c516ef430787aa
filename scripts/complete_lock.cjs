// Adds to package-lock.json the optional packages of other platforms that the registry at hand did not offer.
// npm leaves them out of the lock and then refuses `npm ci` because they are missing from it. Their hashes are asked for.
'use strict';

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');

const CPU = { amd64: 'x64', arm64: 'arm64' };
const file = process.argv[2] || 'package-lock.json';
const lock = JSON.parse(fs.readFileSync(file, 'utf8'));

for (const [, held] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(held.optionalDependencies || {})) {
    const key = `node_modules/${name}`;
    const [os, cpu] = name.split('-').slice(-2);
    if (lock.packages[key] || !(cpu in CPU)) continue;
    lock.packages[key] = { version, cpu: [CPU[cpu]], dev: true, optional: true, os: [os] };
  }
}
for (const [key, held] of Object.entries(lock.packages)) {
  if (key === '' || held.integrity || held.link) continue;
  const asked = ['view', `${key.replace(/^.*node_modules\//, '')}@${held.version}`, 'dist.integrity'];
  held.integrity = execFileSync('npm', asked, { encoding: 'utf8' }).trim();
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
fs.writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
