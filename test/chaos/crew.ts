import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childrenOf, until } from '../integration/queue-site.ts';
import { processesWith } from '../media/processes.ts';

const COMMAND = 'dist/src/cli/main.js';
const READY_MS = 60_000;
const STOP_MS = 40_000;

/** A line of a worker's log. */
export interface LogLine {
  readonly event?: string;
  readonly type?: string;
  readonly job?: string;
  readonly attempt?: number;
  readonly code?: string;
  readonly msg?: string;
}

/** A place for one worker process at a time: who dies in it is followed by another, with the same temporary folder. */
export class Berth {
  readonly temp: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #smallDiskBytes: number;
  #child: ReturnType<typeof spawn> | null = null;
  #said = '';

  /** @param smallDiskBytes of a disk of its own for temporary files; 0 for the machine's disk. */
  constructor(temp: string, env: NodeJS.ProcessEnv, smallDiskBytes: number) {
    this.temp = temp;
    this.#env = env;
    this.#smallDiskBytes = smallDiskBytes;
  }

  async start(): Promise<void> {
    await mkdir(this.temp, { recursive: true });
    const node = [process.execPath, COMMAND, 'worker'];
    const [program = '', ...args] =
      this.#smallDiskBytes > 0 ? onSmallDisk(this.temp, this.#smallDiskBytes, node) : node;
    const env = { ...process.env, ...this.#env, FRAMESCRIBE_TEMP_DIR: this.temp };
    const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      this.#said += text;
    });
    this.#child = child;
    await until(() => said.includes('ready') || child.exitCode !== null, READY_MS);
    if (child.exitCode !== null) throw new Error(`Expected a worker to start:\n${said}`);
  }

  /** The worker and all that it has started. */
  get pids(): readonly number[] {
    const own = this.#child?.pid;
    return own === undefined ? [] : [own, ...descendantsOf(own)];
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Ends the worker as a crash would; what it started is left to itself. */
  async kill(): Promise<void> {
    if (this.#child === null || this.#child.exitCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** Tells the worker to stop. Returns its exit code; null where it had to be killed. */
  async stop(): Promise<number | null> {
    if (this.#child === null) return 0;
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    const closed = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_MS);
    const [exitCode] = await closed;
    clearTimeout(timer);
    return exitCode;
  }

  /** What every worker in it has logged. */
  get log(): readonly LogLine[] {
    return this.#said.split('\n').flatMap((line) => {
      try {
        return [JSON.parse(line) as LogLine];
      } catch {
        return [];
      }
    });
  }

  /** All that was said, for a look at what went wrong. */
  get said(): string {
    return this.#said;
  }

  /** Fills the small disk until it takes nothing more. */
  async fill(): Promise<void> {
    const piece = Buffer.alloc(1 << 16, 1);
    for (let bytes = piece.length; bytes >= 1; bytes >>= 1) {
      while (await this.#append(piece.subarray(0, bytes)));
    }
  }

  async empty(): Promise<void> {
    await rm(this.#ballast, { force: true });
  }

  /** FFmpegs that work on its files, and what lies in its temporary folder. */
  async leftovers(): Promise<readonly string[]> {
    const files = await readdir(this.temp, { recursive: true });
    return [...processesWith(`${this.temp}/`), ...files];
  }

  get #ballast(): string {
    return `/proc/${this.pid}/root${join(this.temp, 'ballast')}`;
  }

  async #append(bytes: Buffer): Promise<boolean> {
    return writeFile(this.#ballast, bytes, { flag: 'a' }).then(
      () => true,
      () => false,
    );
  }
}

/** Whether a small disk can be made here: by root, or by anybody where the kernel gives users a name space. */
export function canMakeSmallDisk(folder: string): boolean {
  const [program = '', ...args] = onSmallDisk(folder, 1 << 20, ['true']);
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A command, with a disk in memory mounted at a folder that it alone sees. It keeps its process id. */
function onSmallDisk(folder: string, bytes: number, command: readonly string[]): readonly string[] {
  const script = 'mount -t tmpfs -o "size=$1" tmpfs "$2" && shift 2 && exec "$@"';
  return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', script, 'sh', `${bytes}`, folder, ...command];
}

function descendantsOf(pid: number): readonly number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}
