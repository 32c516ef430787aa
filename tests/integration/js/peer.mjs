// What the JavaScript peers share: a key from a seed, and one JSON object per line on standard output.
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'

export const keyFromSeed = hex => generateKeyPairFromSeed('Ed25519', Buffer.from(hex, 'hex'))
export const say = value => process.stdout.write(`${JSON.stringify(value)}\n`)
