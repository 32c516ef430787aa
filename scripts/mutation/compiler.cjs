#!/usr/bin/env node
// Compiles many versions of few files in one process: a JSON request a line in, a JSON answer a line out.
//   in:  {"sources": {path: text}, "wanted": {path: [contract]}, "optimize": bool, "ast": bool}
//   out: {"code": {path: {contract: hex}}, "ast": {path: tree}} or {"error": text}
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

const root = path.dirname(path.dirname(path.dirname(fs.realpathSync(__filename))));
const compiler = require(require.resolve('solc', { paths: [root] }));
const kept = new Map();

function read(name) {
  if (!kept.has(name)) {
    const file = path.resolve(root, name);
    kept.set(name, fs.existsSync(file) ? { contents: fs.readFileSync(file, 'utf8') } : { error: `there is no ${name}` });
  }
  return kept.get(name);
}

function answer(asked) {
  const outputSelection = {};
  for (const [file, names] of Object.entries(asked.wanted)) {
    outputSelection[file] = Object.fromEntries(names.map((name) => [name, ['evm.bytecode.object']]));
    if (asked.ast) outputSelection[file][''] = ['ast'];
  }
  const settings = {
    remappings: ['@openzeppelin=node_modules/@openzeppelin'],
    evmVersion: 'cancun',
    optimizer: asked.optimize ? { enabled: true, runs: 1000000 } : { enabled: false },
    metadata: { bytecodeHash: 'none' },
    outputSelection,
  };
  const sources = Object.fromEntries(Object.entries(asked.sources).map(([file, content]) => [file, { content }]));
  const callback = { import: (name) => (sources[name] ? { contents: sources[name].content } : read(name)) };
  const made = JSON.parse(compiler.compile(JSON.stringify({ language: 'Solidity', sources, settings }), callback));
  const wrong = (made.errors || []).filter((one) => one.severity === 'error');
  if (wrong.length > 0) return { error: wrong[0].formattedMessage };
  const result = { code: {}, ast: {} };
  for (const [file, names] of Object.entries(asked.wanted)) {
    result.code[file] = Object.fromEntries(names.map((name) => [name, made.contracts[file][name].evm.bytecode.object]));
    if (asked.ast) result.ast[file] = made.sources[file].ast;
  }
  return result;
}

// A pipe takes some bytes at a time: go on until all are gone.
function send(bytes) {
  for (let sent = 0; sent < bytes.length; ) {
    try {
      sent += fs.writeSync(1, bytes, sent);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  send(Buffer.from(`${JSON.stringify(answer(JSON.parse(line)))}\n`));
});
