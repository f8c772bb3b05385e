import { SourceCache } from '../../src/fetch/source-cache.ts';
import { openWorkspace } from '../../src/fetch/workspace.ts';
import { settingsWith } from './fetching.ts';

/** Opens a source as a describer does, with temporary files in the folder given, and waits to be killed over it. */
const [, , url = '', tempDir = ''] = process.argv;
const settings = { ...settingsWith({ stallTimeoutMs: 60_000 }), tempDir };
const sources = new SourceCache(await openWorkspace(settings), settings);
await sources.open(url, null, new AbortController().signal);
