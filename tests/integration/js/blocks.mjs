// A Helia peer that holds blocks and fetches blocks. Usage: blocks.mjs SEED
// Reads one JSON command per line, {"put":base64} or {"dial":multiaddr} or {"get":cid} or "stop"; answers with one line.
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createHeliaLight } from 'helia'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { keyFromSeed, say } from './peer.mjs'

const collect = async block => {
  if (block instanceof Uint8Array) return Buffer.from(block)
  const parts = []
  for await (const part of block) parts.push(part)
  return Buffer.concat(parts)
}

const commands = {
  async put (text) {
    const bytes = Buffer.from(text, 'base64')
    const cid = CID.createV1(raw.code, await sha256.digest(bytes))
    await helia.blockstore.put(cid, bytes)
    return { cid: cid.toString() }
  },
  async dial (address) {
    const connection = await helia.libp2p.dial(multiaddr(address))
    return { peer: connection.remotePeer.toString() }
  },
  async get (text) {
    const block = await collect(await helia.blockstore.get(CID.parse(text), { signal: AbortSignal.timeout(20_000) }))
    return { size: block.length, sha256: createHash('sha256').update(block).digest('hex') }
  }
}

const libp2p = {
  privateKey: await keyFromSeed(process.argv[2]),
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify() }
}
const helia = await withBitswap(withLibp2pLight(createHeliaLight(), libp2p)).start()
say({ ready: helia.libp2p.peerId.toString(), addresses: helia.libp2p.getMultiaddrs().map(String) })
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'stop') break
  const [[name, value]] = Object.entries(JSON.parse(line))
  try {
    say(await commands[name](value))
  } catch (error) {
    say({ error: `${error.name}: ${error.message}` })
  }
}
process.exit(0)
