// The node's door: reading, listening and asking. The token comes in the address once and stays in this tab.
const KEPT = 'thenar.token';

const given = () => new URLSearchParams(location.hash.slice(1)).get('token');
export const hasKey = () => given() !== null;

export function enter() {
  const token = given();
  if (token) {
    sessionStorage.setItem(KEPT, token);
    history.replaceState(null, '', location.pathname);
  }
  return sessionStorage.getItem(KEPT) !== null;
}

export class Refused extends Error {
  constructor(status, said, nextStep) {
    super(said);
    this.status = status;
    this.nextStep = nextStep;
  }
}

async function ask(path, options = {}) {
  const headers = { authorization: `Bearer ${sessionStorage.getItem(KEPT)}`, ...options.headers };
  let answer;
  try {
    answer = await fetch(path, { ...options, headers, credentials: 'omit', redirect: 'error' });
  } catch (cause) {
    if (cause.name === 'AbortError') throw cause;
    throw new Refused(0, 'the node does not answer', 'see that `thenar run` is running, then load this page again');
  }
  if (answer.status === 401) throw new Refused(401, 'this page has no key to the node', 'open the address that `thenar ui` prints');
  if (!answer.ok) {
    const said = await answer.json();
    throw new Refused(answer.status, said.error, said.next_step);
  }
  return answer;
}

export const read = async (path) => (await ask(path)).json();

// Every item of a collection, page by page; at most `most` of them.
export async function all(collection, filters = {}, most = 20_000) {
  const items = [];
  let after = null;
  do {
    const query = new URLSearchParams({ limit: '500', ...filters, ...(after ? { after } : {}) });
    const page = await read(`/v1/${collection}?${query}`);
    items.push(...page.items);
    after = page.next;
  } while (after && items.length < most);
  return items;
}

async function* lines(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split('\n');
    rest = parts.pop();
    yield* parts;
  }
}

// Runs a command of the command line; tells progress, answers the result, throws the error.
export async function command(name, body, tell) {
  const options = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  for await (const line of lines(await ask(`/v1/commands/${name}`, options))) {
    const said = JSON.parse(line);
    if (said.progress) tell(said.progress);
    if (said.error) throw new Refused(0, said.error.message, said.error.next_step);
    if (said.result) return said.result;
  }
  throw new Refused(0, 'the node stopped before it answered', 'look at the page again: what was sent is not lost');
}

let block = -1;
const waiters = new Set();

// The newest block that the node has confirmed and this page has heard of.
export const newest = () => block;

// What a question comes to once it comes to anything; asked again whenever the catalog moves on, and now and then.
export async function until(question, every = 3000) {
  for (;;) {
    const answer = await question();
    if (answer !== null && answer !== undefined) return answer;
    await new Promise((done) => {
      const wake = () => { waiters.delete(wake); clearTimeout(timer); done(); };
      const timer = setTimeout(wake, every);
      waiters.add(wake);
    });
  }
}

// Calls back whenever the catalog moved on; begins again when the node comes back.
export async function listen(moved, lost) {
  for (;;) {
    try {
      for await (const line of lines(await ask('/v1/changes'))) {
        if (!line.startsWith('data: ')) continue;
        const told = JSON.parse(line.slice(6));
        block = told.block;
        waiters.forEach((wake) => wake());
        moved(told);
      }
    } catch (cause) {
      lost(cause);
    }
    await new Promise((done) => setTimeout(done, 2000));
  }
}
