// A page from elsewhere, in a real browser, tries everything it can think of at a node's door.
// Argument: {"browser", "page", "door", "token", "rebound"}; writes what it could read and what it was told.
import { chromium } from 'playwright-core';

const asked = JSON.parse(process.argv[2]);
const map = `MAP evil.example 127.0.0.1`;
const browser = await chromium.launch({ executablePath: asked.browser, args: ['--no-sandbox', `--host-resolver-rules=${map}`] });
const seen = { tried: 0, read: [], framed: [] };

// Runs in the page: every way to ask; what could be read comes back.
async function attack({ door, token }) {
  const read = [];
  let tried = 0;
  const soon = (promise) => Promise.race([promise, new Promise((done) => setTimeout(done, 8_000, 'nothing'))]);
  const keys = [{}, { authorization: `Bearer ${token}` }];
  const kinds = ['application/json', 'text/plain', 'application/x-www-form-urlencoded'];
  for (const mode of ['cors', 'no-cors', 'same-origin']) {
    for (const key of keys) {
      for (const kind of kinds) {
        tried += 1;
        const options = { method: 'POST', mode, credentials: 'include', body: '{"amount":1}', headers: { ...key, 'content-type': kind } };
        const answer = await soon(fetch(`${door}/v1/commands/spend`, options).then((said) => said.text(), () => ''));
        if (answer && answer !== 'nothing') read.push([mode, kind, answer]);
      }
      tried += 1;
      const told = await soon(fetch(`${door}/v1/status`, { mode, credentials: 'include', headers: key }).then((said) => said.text(), () => ''));
      if (told && told !== 'nothing') read.push([mode, 'status', told]);
    }
  }
  for (const method of ['PUT', 'DELETE', 'OPTIONS']) {
    tried += 1;
    await soon(fetch(`${door}/v1/commands/spend`, { method, body: '{}' }).catch(() => ''));
  }
  for (const kind of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
    tried += 1;
    const [frame, form, field] = ['iframe', 'form', 'input'].map((name) => document.createElement(name));
    frame.name = `frame ${kind}`;
    Object.assign(form, { method: 'POST', enctype: kind, action: `${door}/v1/commands/spend`, target: frame.name });
    Object.assign(field, { name: '{"amount":1,"x":"', value: '"}' });
    form.append(field);
    document.body.append(frame, form);
    const loaded = new Promise((done) => { frame.onload = done; });
    form.submit();
    await soon(loaded);
  }
  for (const [name, path] of [['img', '/v1/status'], ['script', '/pages/door.js'], ['script', '/v1/status'], ['iframe', '/'], ['object', '/']]) {
    tried += 1;
    const element = document.createElement(name);
    element[name === 'object' ? 'data' : 'src'] = door + path;
    const ended = new Promise((done) => { element.onload = () => done('loaded'); element.onerror = () => done('refused'); });
    document.body.append(element);
    if ((await soon(ended)) === 'loaded' && ['img', 'script'].includes(name)) read.push([name, path, 'loaded']);
  }
  tried += 3;
  await soon(new Promise((done) => { const stream = new EventSource(`${door}/v1/changes`); stream.onmessage = () => { read.push(['events']); done(); }; stream.onerror = () => { stream.close(); done(); }; }));
  await soon(new Promise((done) => { const socket = new WebSocket(`${door.replace('http', 'ws')}/v1/changes`); socket.onopen = () => { read.push(['socket']); done(); }; socket.onerror = done; }));
  navigator.sendBeacon(`${door}/v1/commands/spend`, new Blob(['{"amount":1}'], { type: 'text/plain' }));
  return { tried, read };
}

// A page of another origin; and the door itself under a name of the attacker's, as after DNS rebinding.
for (const address of [asked.page, asked.rebound]) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(address);
  const door = address === asked.rebound ? asked.rebound : asked.door;
  const found = await page.evaluate(attack, { door, token: asked.token });
  seen.tried += found.tried;
  seen.read.push(...found.read.map((one) => [address, ...one]));
  for (const frame of page.frames().slice(1)) {
    const text = await frame.evaluate(() => document.body?.innerText ?? '').catch(() => '');
    seen.framed.push(text.slice(0, 200));
  }
}
await browser.close();
process.stdout.write(JSON.stringify(seen));
