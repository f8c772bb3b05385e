import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, closeSync, constants, openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cephConfiguration } from './ceph-configuration.ts';

const PROGRAMS = ['ceph-mon', 'ceph-osd', 'radosgw', 'radosgw-admin', 'ceph', 'monmaptool', 'setpriv'];
const PACKAGES = 'ceph-mon ceph-osd radosgw ceph-common';
const START_DEADLINE_MS = 60_000;

/** A running S3 server with one user, all of it in memory and in one temporary folder. */
export interface S3Server {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Freezes the server: connections stay open, nothing is answered. */
  pause(): void;
  resume(): void;
  /** Ends what answers requests, as a crash would; what it holds stays. */
  crash(): Promise<void>;
  /** Starts it again on the same port. */
  startAgain(): Promise<void>;
  /** Ends the server as a crash would. What it held is gone. */
  stop(): Promise<void>;
}

/**
 * Whether a real S3 server can be started here; says so in one line where not. On the build server its absence is
 * an error, so that no suite is left out there.
 */
export function canStartS3Server(): boolean {
  const missing = PROGRAMS.filter((program) => !isOnPath(program));
  if (missing.length === 0) return true;
  const line = `Expected ${missing.join(', ')} for a real S3 server: apt-get install --no-install-recommends ${PACKAGES}`;
  if (process.env.CI === 'true') throw new Error(line);
  console.warn(`Left out the tests against S3. ${line}`);
  return false;
}

/** Starts Ceph's RADOS Gateway over one monitor and one object store in memory, on free loopback ports. */
export async function startS3Server(): Promise<S3Server> {
  // Unix sockets live in the folder: its path has to stay short.
  const folder = await mkdtemp(join(tmpdir(), 's3-'));
  const daemons: Daemon[] = [];
  const stop = async () => {
    await Promise.all(daemons.splice(0).map((daemon) => daemon.kill()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { ...(await startCluster(folder, daemons)), stop };
  } catch (error) {
    const logs = daemons.map((daemon) => daemon.lastLines()).join('\n');
    await stop();
    throw new Error(`Expected the S3 server to start.\n${logs}`, { cause: error });
  }
}

async function startCluster(folder: string, daemons: Daemon[]): Promise<Omit<S3Server, 'stop'>> {
  const [monitorPort, port] = await freePorts(2);
  const [clusterId, osdId] = [randomUUID(), randomUUID()];
  const user = { accessKeyId: `AK${randomBytes(9).toString('hex')}`, secretAccessKey: randomBytes(20).toString('hex') };
  const conf = join(folder, 'ceph.conf');
  await writeFile(
    conf,
    cephConfiguration({ folder, clusterId, monitorPort: monitorPort ?? 0, gatewayPort: port ?? 0 }),
  );
  for (const name of ['mon.a', 'osd.0', 'rgw']) await mkdir(join(folder, name));
  const call = (program: string, ...args: string[]) => run(program, [...args, '-c', conf]);
  const start = (name: string, program: string, ...args: string[]) => {
    const daemon = new Daemon(join(folder, `${name}.out`), program, ['-f', ...args, '-c', conf]);
    daemons.push(daemon);
    return daemon;
  };

  const address = `[v2:127.0.0.1:${monitorPort}]`;
  const features = ['--enable-all-features', '--set-min-mon-release', await cephRelease()];
  await run('monmaptool', [
    '--create',
    '--fsid',
    clusterId,
    '--addv',
    'a',
    address,
    ...features,
    join(folder, 'monmap'),
  ]);
  await call('ceph-mon', '--mkfs', '-i', 'a', '--monmap', join(folder, 'monmap'));
  start('mon', 'ceph-mon', '-i', 'a');
  await call('ceph', 'osd', 'new', osdId, '0');
  await call('ceph-osd', '--mkfs', '-i', '0', '--osd-uuid', osdId);
  await call('ceph', 'osd', 'crush', 'add', 'osd.0', '1.0', 'root=default', 'host=localhost');
  start('osd', 'ceph-osd', '-i', '0');
  const startGateway = () => start('rgw', 'radosgw', '-n', 'client.rgw.x');
  let gateway = startGateway();
  const keys = ['--access-key', user.accessKeyId, '--secret-key', user.secretAccessKey];
  const asGateway = ['-n', 'client.rgw.x'];
  await call('radosgw-admin', ...asGateway, 'user', 'create', '--uid', 'test', '--display-name', 'test', ...keys);
  await until(() => answers(port ?? 0), gateway);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    ...user,
    pause: () => gateway.signal('SIGSTOP'),
    resume: () => gateway.signal('SIGCONT'),
    crash: () => gateway.kill(),
    startAgain: async () => {
      gateway = startGateway();
      await until(() => answers(port ?? 0), gateway);
    },
  };
}

/** A program that runs until it is killed, and that the kernel kills when this process ends in whatever way. */
class Daemon {
  readonly #log: string;
  readonly #child: ChildProcess;

  constructor(log: string, program: string, args: readonly string[]) {
    this.#log = log;
    const output = openSync(log, 'a');
    this.#child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { stdio: ['ignore', output, output] });
    closeSync(output);
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.ended) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }

  lastLines(): string {
    return readFileSync(this.#log, 'utf8').split('\n').slice(-5).join('\n');
  }
}

async function run(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: START_DEADLINE_MS });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [exitCode] = await once(child, 'close');
  if (exitCode === 0) return stdout;
  throw new Error(`Expected ${program} ${args[0]} to end with 0, got ${exitCode}: ${stderr.slice(-500)}`);
}

async function cephRelease(): Promise<string> {
  return /version (\d+)\./.exec(await run('ceph-mon', ['--version']))?.[1] ?? '16';
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return once(socket, 'connect')
    .then(
      () => true,
      () => false,
    )
    .finally(() => socket.destroy());
}

async function until(question: () => Promise<boolean>, daemon: Daemon): Promise<void> {
  const deadline = performance.now() + START_DEADLINE_MS;
  while (!(await question())) {
    if (daemon.ended || performance.now() > deadline) throw new Error('Expected the gateway to listen');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
