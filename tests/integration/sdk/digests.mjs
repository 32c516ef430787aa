// Reads one signed message a line, writes its EIP-712 digest by viem.
import { createInterface } from 'node:readline';
import { hashTypedData } from 'viem';
import { typedData } from '@thenar/contracts/typed-data';

for await (const line of createInterface({ input: process.stdin })) {
  const { name, deployment, message } = JSON.parse(line);
  process.stdout.write(`${hashTypedData(typedData(name, deployment, message))}\n`);
}
