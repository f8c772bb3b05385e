// The captioner's thread from its TypeScript source, for tests and development: a thread doesn't inherit what turns
// TypeScript into JavaScript on the main thread.
import { register } from 'tsx/esm/api';

register();
await import('../src/caption/thread.ts');
