// A js-libp2p peer on the gossip topic. Usage: gossip.mjs TOPIC SEED MULTIADDR
// Publishes lines read from standard input (base64) and prints every message it hears as one JSON line.
import { createInterface } from 'node:readline'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { keyFromSeed, say } from './peer.mjs'

const [topic, seed, address] = process.argv.slice(2)
const node = await createLibp2p({
  privateKey: await keyFromSeed(seed),
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  services: { identify: identify(), pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }) }
})
const pubsub = node.services.pubsub
pubsub.addEventListener('message', ({ detail }) => {
  if (detail.topic === topic) {
    say({ heard: Buffer.from(detail.data).toString('base64'), type: detail.type, from: detail.from?.toString() })
  }
})
pubsub.subscribe(topic)
await node.dial(multiaddr(address))
while (pubsub.getMeshPeers(topic).length === 0) await new Promise(resolve => setTimeout(resolve, 50))
say({ ready: node.peerId.toString() })
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'stop') break
  await pubsub.publish(topic, Buffer.from(line, 'base64'))
}
await node.stop()
process.exit(0)
