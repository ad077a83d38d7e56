// The peer: npm graphql-ws over ws on Node.js, with the gateway's schema. Each line on stdin is told to all subscribers:
// {"payload": the gateway's own payload, "times": how often}. What is told is only put into queues, as in the gateway.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

class Queue {
  static all = new Set();
  waiting = [];

  constructor() {
    Queue.all.add(this);
  }

  push(value) {
    if (!this.wake) return this.waiting.push(value);
    this.wake({ value, done: false });
    this.wake = null;
  }

  next() {
    if (this.waiting.length) return Promise.resolve({ value: this.waiting.shift(), done: false });
    return new Promise((resolve) => (this.wake = resolve));
  }

  return() {
    Queue.all.delete(this);
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

const schema = buildSchema(readFileSync(process.env.SCHEMA, 'utf8'));
schema.getSubscriptionType().getFields().activity.subscribe = () => new Queue();

const server = createServer();
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));

createInterface({ input: process.stdin }).on('line', (line) => {
  const { payload, times } = JSON.parse(line);
  if (!payload) return console.log(JSON.stringify({ subscribers: Queue.all.size }));
  for (let time = 0; time < times; time += 1) for (const queue of Queue.all) queue.push(payload);
}).on('close', () => process.exit(0));
