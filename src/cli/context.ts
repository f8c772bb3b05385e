/** What every command gets. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  /** Aborted when the user asks to stop. */
  readonly signal: AbortSignal;
  /** Being stopped is how this command ends: its own exit code counts, not that of a stop. */
  readonly endsByStop: () => void;
  /** The highest code given so far is the one that the process ends with. */
  readonly setExitCode: (code: number) => void;
}
