// A mail server that keeps what it is sent.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { ok } from './expect.mjs';
import { until } from './until.mjs';

export class MailSink {
  #callers = new Set();
  #server = createServer((socket) => this.#talk(socket));

  // Oldest first: the headers by their names in small letters, and the rest as it came.
  letters = [];

  static async start() {
    const sink = new MailSink();
    sink.#server.listen(0, '127.0.0.1');
    await once(sink.#server, 'listening');
    return sink;
  }

  // From now on the tenant of `make` sends its mail here.
  async serve(make) {
    const emailConfiguration = {
      host: 'localhost',
      port: this.#server.address().port,
      defaultFromEmail: 'mods@example.com',
    };
    await ok(make.api.patchTenant(make.tenantId, { tenant: { emailConfiguration } }));
  }

  // The letters, as soon as there are this many.
  async waitFor(count) {
    await until(() => this.letters.length >= count, `letter number ${count}`);
    return this.letters;
  }

  stop() {
    this.#server.close();
    // The server under test keeps connections for the next letter.
    for (const socket of this.#callers) socket.destroy();
  }

  async #talk(socket) {
    const say = (answer) => socket.write(`${answer}\r\n`);
    this.#callers.add(socket);
    socket.on('error', () => socket.destroy());
    say('220 sink.example.com');
    let letter;
    for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
      const word = line.trim().toUpperCase().split(' ')[0];
      if (letter && line === '.') {
        this.letters.push(read(letter));
        letter = undefined;
        say('250 OK');
      } else if (letter) {
        letter.push(line.replace(/^\./, ''));
      } else if (word === 'DATA') {
        letter = [];
        say('354 End with a dot');
      } else if (word === 'QUIT') {
        say('221 Bye');
        socket.end();
        return;
      } else {
        say('250 OK');
      }
    }
  }
}

function read(lines) {
  const end = lines.indexOf('');
  const unfolded = lines.slice(0, end).join('\n').replace(/\n[ \t]+/g, ' ');
  const split = (line) => line.match(/^([^:]+):\s*(.*)$/).slice(1);
  const headers = unfolded.split('\n').map(split);
  return {
    ...Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
    text: lines.slice(end + 1).join('\n'),
  };
}
