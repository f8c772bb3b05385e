import { InvalidArgumentError } from 'commander';

/** Reads the name of a worker from the command line. */
export function workerNameArgument(text: string): string {
  if (/^[A-Za-z0-9._-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected 1 to 64 letters, digits, dots, dashes or underscores.');
}
