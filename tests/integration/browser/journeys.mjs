// Walks the node's pages in a real browser: people side by side, each in a window of their own, so that nobody waits for
// another's blocks. Argument: {"browser", "rpc", "buyer": {"address", "token"}, "seller": {…}, "asset", …}. Says on stdout,
// in lines of JSON, what shall happen to the buyer's node, and at last what it saw.
import { readWell } from './readable.mjs';
import { leaving, reader } from './reading.mjs';
import { asked, browser, passTime, seen, tell } from './seeing.mjs';
import { owner, seller } from './selling.mjs';
import { buyer, complainer } from './trading.mjs';

const began = Date.now();
const people = [reader(), buyer(), complainer(), ...(asked.whole ? [seller(), owner()] : [])];
// Each one's way has rests where others must have come as far: time passes for all of them at once.
const together = () => Promise.all(people.map((one) => one.next()));

await together(); // sales are delivered, none has settled
await passTime(asked.window);
await together(); // everything that runs on has ended
await passTime(asked.window);
await together(); // and nobody sends anything any more
const looking = readWell();
await together(); // the chain is reorganised
seen.seconds = (Date.now() - began) / 1000;
await looking;
await leaving();
await browser.close();
tell({ seen });
process.exit(0);
