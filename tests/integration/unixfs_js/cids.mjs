// Reads "size chunk" per line and prints "size chunk cid" for each: the pattern of bytes is the one in tests/support/patterns.py.
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { importByteStream } from 'ipfs-unixfs-importer'
import { fixedSize } from 'ipfs-unixfs-importer/chunker'
import { balanced } from 'ipfs-unixfs-importer/layout'

const CHUNK = 262144
const blocks = { async put (cid) { return cid }, async get () { throw new Error('nothing is kept') } }

// Each 256 KiB chunk repeats SHA-256 of its start offset in decimal.
async function * pattern (size) {
  const chunk = Buffer.alloc(CHUNK)
  for (let start = 0; start < size; start += CHUNK) {
    const word = createHash('sha256').update(Buffer.from(String(start))).digest()
    for (let at = 0; at < CHUNK; at += 32) word.copy(chunk, at)
    yield Uint8Array.from(chunk.subarray(0, Math.min(CHUNK, size - start)))
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [size, chunkSize] = line.split(' ').map(Number)
  const made = await importByteStream(pattern(size), blocks, {
    cidVersion: 1, rawLeaves: true, chunker: fixedSize({ chunkSize }), layout: balanced({ maxChildrenPerNode: 174 })
  })
  console.log(`${size} ${chunkSize} ${made.cid}`)
}
