/** What an application imports to run back catalogues: `import { openBackfills } from 'framescribe/backfill'`. */
export { loadConfig } from '../pipeline/load-config.ts';
export { type Backfills, openBackfills } from './backfills.ts';
export type { Watcher } from './drive-run.ts';
export { type DryRun, type DryRunOptions, dryRun } from './dry-run.ts';
export type { RunChoices } from './make-spec.ts';
export type { FailedVideo } from './run-state.ts';
export type { RunView } from './view.ts';
