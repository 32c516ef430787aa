#!/usr/bin/env node
// Speaks enough of solc's command line for py-solc-x, forge and slither, over the compiler that npm installs.
//   solc.cjs --version
//   solc.cjs [--base-path DIR] [--include-path DIR] [--allow-paths LIST] --standard-json [FILE]     (stdin by default)
//   solc.cjs [remap=path …] FILE… --combined-json LIST [--optimize] [--optimize-runs N] [--via-ir] [--evm-version V]
// What compiled without an error is kept in node_modules/.cache, by the compiler's version and every byte it read;
// THENAR_SOLC_CACHE=off compiles anew.
'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.dirname(path.dirname(fs.realpathSync(__filename)));
const compiler = require(require.resolve('solc', { paths: [root, process.cwd()] }));

const TAKES_VALUE = new Set(['--base-path', '--include-path', '--allow-paths', '--combined-json', '--evm-version', '--optimize-runs', '--metadata-hash']);
const SWITCHES = new Set(['--standard-json', '--optimize', '--via-ir', '--no-color']);

function parse(words) {
  const asked = { files: [], remappings: [], includes: [], flags: new Map() };
  const queue = [...words];
  while (queue.length > 0) {
    const word = queue.shift();
    if (!word.startsWith('-') || word === '-') {
      if (word !== '-') (word.includes('=') ? asked.remappings : asked.files).push(word);
      continue;
    }
    const [name, ...inline] = word === '-I' ? ['--include-path'] : word.split('=');
    if (TAKES_VALUE.has(name)) {
      const value = inline.length > 0 ? inline.join('=') : queue.shift();
      if (name === '--include-path') asked.includes.push(value);
      else asked.flags.set(name, value);
    } else if (SWITCHES.has(name)) {
      asked.flags.set(name, true);
    } else {
      fail(`option ${word} is not supported`);
    }
  }
  return asked;
}

function fail(reason) {
  process.stderr.write(`solc.cjs: ${reason}\n`);
  process.exit(1);
}

function importer(asked) {
  const folders = [asked.flags.get('--base-path') || process.cwd(), ...asked.includes];
  return (name) => {
    const wanted = name.startsWith('file://') ? name.slice('file://'.length) : name;
    for (const folder of folders) {
      const file = path.resolve(folder, wanted);
      if (fs.statSync(file, { throwIfNoEntry: false })?.isFile()) return { contents: fs.readFileSync(file, 'utf8') };
    }
    return { error: `${wanted} is in none of ${folders.join(', ')}` };
  };
}

const CACHE = path.join(root, 'node_modules', '.cache', 'solc');
const KEPT = 32;
const digest = (text) => crypto.createHash('sha256').update(text).digest('hex');

function compile(input, load) {
  if (process.env.THENAR_SOLC_CACHE === 'off') return compiler.compile(input, { import: load });
  const file = path.join(CACHE, `${digest(`${compiler.version()}\n${input}`)}.json`);
  const kept = recall(file, load);
  if (kept !== null) return kept;
  const read = {};
  const output = compiler.compile(input, {
    import: (name) => {
      const found = load(name);
      read[name] = found.contents === undefined ? null : digest(found.contents);
      return found;
    },
  });
  const clean = !(JSON.parse(output).errors || []).some((note) => note.severity === 'error');
  if (clean) remember(file, JSON.stringify({ read, digest: digest(output), output }));
  return output;
}

// What was kept, when every import still reads the same and the answer is whole; else null.
function recall(file, load) {
  try {
    const { read, digest: sum, output } = JSON.parse(fs.readFileSync(file, 'utf8'));
    const same = Object.entries(read).every(([name, was]) => {
      const { contents } = load(name);
      return was === (contents === undefined ? null : digest(contents));
    });
    return same && digest(output) === sum ? output : null;
  } catch {
    return null; // nothing kept, or a torn file: compiled anew
  }
}

// A cache that cannot be written costs time and nothing else.
function remember(file, text) {
  try {
    fs.mkdirSync(CACHE, { recursive: true });
    const temporary = `${file}.${process.pid}`;
    fs.writeFileSync(temporary, text);
    fs.renameSync(temporary, file);
    const aged = fs.readdirSync(CACHE).map((name) => path.join(CACHE, name)).sort((a, b) => fs.statSync(b).mtimeMs - fs.statSync(a).mtimeMs);
    for (const old of aged.slice(KEPT)) fs.unlinkSync(old);
  } catch (error) {
    if (error.code === undefined) throw error;
  }
}

// process.stdout.write to a pipe is asynchronous and would be cut off by exit: write everything, then leave.
function finish(text) {
  const bytes = Buffer.from(text);
  for (let sent = 0; sent < bytes.length; ) {
    try {
      sent += fs.writeSync(1, bytes, sent);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
  process.exit(0);
}

function combined(asked) {
  const sources = Object.fromEntries(asked.files.map((file) => [file, { content: fs.readFileSync(file, 'utf8') }]));
  const runs = Number(asked.flags.get('--optimize-runs') || 200);
  const settings = {
    remappings: asked.remappings,
    optimizer: { enabled: asked.flags.has('--optimize') || asked.flags.has('--optimize-runs'), runs },
    viaIR: asked.flags.has('--via-ir'),
    outputSelection: {
      '*': { '': ['ast'], '*': ['abi', 'userdoc', 'devdoc', 'evm.bytecode', 'evm.deployedBytecode', 'evm.methodIdentifiers'] },
    },
  };
  if (asked.flags.has('--evm-version')) settings.evmVersion = asked.flags.get('--evm-version');
  const result = JSON.parse(compiler.compile(JSON.stringify({ language: 'Solidity', sources, settings }), { import: importer(asked) }));
  for (const note of result.errors || []) process.stderr.write(note.formattedMessage);
  if ((result.errors || []).some((note) => note.severity === 'error')) process.exit(1);

  const answer = { version: compiler.version(), sourceList: [], sources: {}, contracts: {} };
  for (const [file, source] of Object.entries(result.sources)) {
    answer.sourceList[source.id] = file;
    answer.sources[file] = { AST: source.ast };
  }
  for (const [file, contracts] of Object.entries(result.contracts)) {
    for (const [name, made] of Object.entries(contracts)) {
      answer.contracts[`${file}:${name}`] = {
        abi: made.abi,
        userdoc: made.userdoc,
        devdoc: made.devdoc,
        hashes: made.evm.methodIdentifiers,
        bin: made.evm.bytecode.object,
        srcmap: made.evm.bytecode.sourceMap,
        'bin-runtime': made.evm.deployedBytecode.object,
        'srcmap-runtime': made.evm.deployedBytecode.sourceMap,
      };
    }
  }
  return JSON.stringify(answer);
}

const words = process.argv.slice(2);
if (words.includes('--version')) finish(`solc, the solidity compiler commandline interface\nVersion: ${compiler.version()}\n`);
const asked = parse(words);
if (asked.flags.has('--standard-json')) finish(compile(fs.readFileSync(asked.files[0] || 0, 'utf8'), importer(asked)));
if (asked.flags.has('--combined-json')) finish(combined(asked));
fail('say --version, --standard-json or --combined-json');
