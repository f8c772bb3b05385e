import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openWorkspace } from '../../src/fetch/workspace.ts';

/** Opens a workspace in the folder given, starts a job in it, says so, and waits to be killed. */
const [, , tempDir = ''] = process.argv;
const workspace = await openWorkspace({ temp: { maxBytes: 1_000_000, keepFreeBytes: 0 }, tempDir });
const job = await workspace.folder();
await writeFile(join(job.path, 'source'), 'video');
console.log(job.path);
setInterval(() => {}, 60_000);
