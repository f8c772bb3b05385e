import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';

const LONG_AGO = new Date('2001-01-01T00:00:00Z');

/** A file that nobody may read: its time of last access tells whether somebody did. */
export class FileCanary {
  readonly #path: string;
  /** False on file systems that keep no access times: nothing can be told there. */
  readonly isTelling: boolean;

  constructor(path: string, content: string | Buffer) {
    this.#path = path;
    writeFileSync(path, content);
    this.#arm();
    readFileSync(path);
    this.isTelling = this.wasRead;
    if (!this.isTelling) console.warn(`Access times are off below ${path}: whether it is read isn't checked.`);
    this.#arm();
  }

  get wasRead(): boolean {
    return statSync(this.#path).atime > LONG_AGO;
  }

  remove(): void {
    rmSync(this.#path, { force: true });
  }

  #arm(): void {
    utimesSync(this.#path, LONG_AGO, LONG_AGO);
  }
}

/** A listener on loopback that nobody may contact. */
export class NetworkCanary {
  readonly #server: Server;
  contacts = 0;

  private constructor() {
    this.#server = createServer((socket) => {
      this.contacts++;
      socket.destroy();
    });
  }

  static async listen(port: number): Promise<NetworkCanary> {
    const canary = new NetworkCanary();
    await new Promise<void>((resolve, reject) => {
      canary.#server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return canary;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
