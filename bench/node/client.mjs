// Subscribers on WebSockets, told what to do by lines of JSON on stdin; each is answered by one on stdout.
//   {"open": {"url", "number", "documents", "token", "variables"}}  subscribers, each with the next document in turn
//   {"expect": number}                                              "counting" at once; when so many came, their times
//   {"close": true}
// Times are microseconds of the clock that all processes of the machine share (CLOCK_MONOTONIC).
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const AT_ONCE = 50;
const NEXT = Buffer.from('"type":"next"');
const now = () => Number(process.hrtime.bigint() / 1000n);
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

let sockets = [];
let expected = Infinity;
let times = [];
let bytes = 0;

function received(data) {
  if (data.indexOf(NEXT) < 0) return;
  bytes += data.length;
  times.push(now());
  if (times.length === expected) tell();
}

function tell() {
  say({ times, bytes });
  expected = Infinity;
}

// Subscribe where there is a document; without one a connection is all there is.
function subscriber(url, id, document, token, variables) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false, skipUTF8Validation: true });
    const send = (message) => socket.send(JSON.stringify(message));
    sockets.push(socket);
    socket.on('error', reject);
    socket.on('close', (code, reason) => reject(new Error(`closed with ${code} ${reason}`)));
    socket.on('open', () => {
      if (!document) return resolve();
      send({ type: 'connection_init', payload: { Authorization: `Bearer ${token}` } });
    });
    socket.once('message', () => {
      // The first message is the acknowledgement.
      socket.on('message', received);
      send({ type: 'subscribe', id: `subscription-${id}`, payload: { query: document, variables } });
      resolve();
    });
  });
}

async function open({ url, number, documents = [], token, variables }) {
  for (let start = 0; start < number; start += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, number - start) }, (_, index) => start + index);
    await Promise.all(some.map((id) => subscriber(url, id, documents[id % documents.length], token, variables)));
  }
  say({ opened: number });
}

function close() {
  for (const socket of sockets) {
    socket.removeAllListeners('close');
    socket.on('error', () => {});
    socket.terminate();
  }
  sockets = [];
  say({ closed: true });
}

createInterface({ input: process.stdin }).on('line', (line) => {
  const wanted = JSON.parse(line);
  if (wanted.open) open(wanted.open);
  else if (wanted.close) close();
  else {
    [expected, times, bytes] = [wanted.expect, [], 0];
    say({ counting: true });
  }
}).on('close', () => process.exit(0));
