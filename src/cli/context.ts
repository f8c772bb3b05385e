/** What every command gets. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  /** Aborted when the user asks to stop. */
  readonly signal: AbortSignal;
  /** The highest code given so far is the one that the process ends with. */
  readonly setExitCode: (code: number) => void;
}
